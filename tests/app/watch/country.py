"""
An invented mining cadastre with the fields of INGEMMET's, and the changes that are planted in it month by month.

Ten camps, one in each of ten regions, in four groups: a group is watched by region, by community, by holder or by
polygon. All names, codes and boundaries are invented. The same seed always gives the same country and changes.
"""

import datetime as dt
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

import pyproj
import shapely

from lindero.geo.registers import name_matching
from lindero.layers.reference import base_data

REGION, COMMUNITY, HOLDER, POLYGON = "region", "community", "holder", "polygon"
GROUPS = {
    "PE-ANC": REGION,
    "PE-APU": REGION,
    "PE-AYA": REGION,
    "PE-CAJ": REGION,
    "PE-CUS": COMMUNITY,
    "PE-JUN": COMMUNITY,
    "PE-LIM": COMMUNITY,
    "PE-PUN": HOLDER,
    "PE-ARE": POLYGON,
    "PE-MDD": POLYGON,
}
"""The watched group of the camp in each region."""
LAND_CAMPS = (*(region for region, group in GROUPS.items() if group == COMMUNITY), "PE-AYA")
SIDE = 12  # slots along one side of a camp
SLOT_KM, LAND_SLOTS = 4, 3  # a slot holds one concession; a community covers 3 × 3 slots
FILLED = 0.86
KINDS = {"new": 60, "holder": 60, "status": 60, "boundary": 50, "gone": 45, "renumbered": 35, "expired": 30, "case": 30}
"""Changes in a year. `deadline` has its own 30, which come from the dates of `expired` and of later ones."""
DEADLINE_DAYS, DEADLINES = 90, 30
MONTHS = 12
GRANTED, APPLIED = "D.M. Titulado D.L. 708", "D.M. en Trámite D.L. 708"
STEPS = ("complaint", "investigation", "trial", "appeal", "archived")
_WORDS = [
    "Peña",
    "Ñandú",
    "Quishuar",
    "Lúcumo",
    "Tornasol",
    "Vizcacha",
    "Retama",
    "Caliche",
    "Zorzal",
    "Ámbar",
    "Higuerón",
    "Molle",
    "Guanábana",
    "Cárcava",
    "Totora",
    "Yareta",
    "Jilguero",
    "Obsidiana",
    "Palisandro",
    "Curmi",
]
_GIVEN = [
    "Aquilino",
    "Benedicta",
    "Casimiro",
    "Domitila",
    "Eleuterio",
    "Fortunata",
    "Gumercindo",
    "Hermelinda",
    "Isidoro",
    "Jesusa",
]
_FAMILY = [
    "Quispialaya",
    "Huarcayauri",
    "Mamanchura",
    "Condorpusa",
    "Ñaupatumi",
    "Yupanquiri",
    "Pachacutez",
    "Chuquimán",
    "Tintayacu",
]
WATCHED_HOLDERS = (
    "COMPAÑÍA MINERA ÁMBAR VIEJO S.A.C.",
    "INVERSIONES TORNASOL DEL SUR S.A.",
    "DOMITILA CHUQUIMÁN ÑAUPATUMI",
)
_TO_DEGREES = pyproj.Transformer.from_crs("EPSG:32718", "EPSG:4326", always_xy=True).transform
to_metres = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:32718", always_xy=True).transform


@dataclass(frozen=True)
class Title:
    """One concession of the invented register. `cells` are its west, south, width and height in kilometres of UTM."""

    number: int
    code: str
    name: str
    holder: str
    status: str
    applied_on: dt.date
    expires_on: dt.date | None
    region: str
    slot: tuple[int, int]
    cells: tuple[int, int, int, int]

    @property
    def outline(self) -> list[tuple[float, float]]:
        """The ring of its vertices in metres of UTM."""
        west, south, width, height = (1_000.0 * value for value in self.cells)
        east, north = west + width, south + height
        return [(west, south), (east, south), (east, north), (west, north), (west, south)]


@dataclass(frozen=True)
class Change:
    """
    A planted change. A watch that covers it must tell it once, after `due_on` and never before.

    `holders` are those before and after; `land` is the number of its community in the region's camp, -1 for none;
    `detail` tells the steps of one case apart.
    """

    month: int
    kind: str
    name: str
    due_on: dt.date
    region: str
    holders: tuple[str, ...] = ()
    land: int = -1
    detail: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """What tells it apart from every other change."""
        return self.kind, self.name, self.detail

    @property
    def group(self) -> str:
        """The group of its camp."""
        return GROUPS[self.region]


@dataclass(frozen=True)
class Incident:
    """An incident of the operator's own record. Steps of its case are events only if it is public."""

    code: str
    title: str
    region: str
    visibility: str
    occurred_on: dt.date


class Country:
    """
    The register and the record as they are now; `advance` lets a month pass, and returns what was planted in it.

    Parameters
    ----------
    seed
        The number that decides everything.
    start
        The first date. The planned time is two years: one before the watch, and the one that is watched.
    """

    def __init__(self, seed: int, start: dt.date) -> None:
        self._random = random.Random(seed)
        self.start = start
        self.months = 0
        self._next = 0
        slots = [(region, (i, j)) for region in GROUPS for i in range(SIDE) for j in range(SIDE)]
        self._random.shuffle(slots)
        filled = int(len(slots) * FILLED)
        self._free = slots[filled:]
        self.titles: dict[int, Title] = {}
        for region, slot in sorted(slots[:filled]):
            self._add_title(region, slot, applied_on=start - dt.timedelta(self._random.randint(200, 9_000)))
        self._untouched = sorted(self.titles)
        self._random.shuffle(self._untouched)
        self._let_some_expire()
        self.incidents = [self._invent_incident(number) for number in range(50)]
        self.steps: list[tuple[str, str, dt.date]] = [
            (one.code, "complaint", one.occurred_on) for one in self.incidents
        ]

    def advance(self) -> list[Change]:
        """Let one month pass; return the changes that the register and the record show at its end."""
        month, self.months = self.months, self.months + 1
        changes: list[Change] = []
        for kind, plant in self._planters().items():
            planned, past = KINDS[kind], month % MONTHS
            share = planned * (past + 1) // MONTHS - planned * past // MONTHS
            changes.extend(plant(month) for _ in range(share))
        self._step_private_case(month)
        return [*changes, *self._dated_changes(month)]

    def month_end(self, month: int) -> dt.date:
        """Return the date of the register at the end of a month: the third day of the next."""
        count = self.start.year * 12 + self.start.month - 1 + month + 1
        return dt.date(count // 12, count % 12 + 1, 3)

    def _planters(self) -> dict[str, Callable[[int], Change]]:
        return {
            "gone": self._plant_gone,
            "new": self._plant_new,
            "holder": self._plant_holder,
            "status": self._plant_status,
            "boundary": self._plant_boundary,
            "renumbered": self._plant_renumbered,
            "case": self._plant_case,
        }

    def _change(self, month: int, kind: str, *states: Title, due_on: dt.date | None = None) -> Change:
        title = states[-1]
        holders = tuple(dict.fromkeys(state.holder for state in states))
        land = land_number(title.slot) if title.region in LAND_CAMPS else -1
        return Change(month, kind, title.name, due_on or self.month_end(month), title.region, holders, land)

    def _replace(self, month: int, kind: str, before: Title, **values: object) -> Change:
        after = replace(before, **values)  # type: ignore[arg-type]
        self.titles[before.number] = after
        return self._change(month, kind, before, after)

    def _take(self, fits: Callable[[Title], bool] = lambda _title: True) -> Title:
        """Return a title that has not changed before."""
        number = next(number for number in self._untouched if fits(self.titles[number]))
        self._untouched.remove(number)
        return self.titles[number]

    def _plant_gone(self, month: int) -> Change:
        title = self._take()
        del self.titles[title.number]
        self._free.insert(self._random.choice((0, len(self._free))), (title.region, title.slot))
        return self._change(month, "gone", title)

    def _plant_new(self, month: int) -> Change:
        region, slot = self._free.pop(0)  # some are where a title of another name and holder has just gone
        applied_on = self.month_end(month) - dt.timedelta(self._random.randint(1, 25))
        return self._change(month, "new", self._add_title(region, slot, applied_on=applied_on, status=APPLIED))

    def _plant_holder(self, month: int) -> Change:
        title = self._take()
        return self._replace(month, "holder", title, holder=self._invent_holder(title.region, other_than=title.holder))

    def _plant_status(self, month: int) -> Change:
        return self._replace(month, "status", self._take(lambda title: title.status == APPLIED), status=GRANTED)

    def _plant_boundary(self, month: int) -> Change:
        title = self._take()
        west, south, width, height = title.cells
        return self._replace(month, "boundary", title, cells=(west, south, 3 - width, height))

    def _plant_renumbered(self, month: int) -> Change:
        title = self._take()
        return self._replace(month, "renumbered", title, code=f"99{title.code[2:]}")

    def _plant_case(self, month: int) -> Change:
        incident = self._random.choice([one for one in self.incidents if one.visibility == "public_record"])
        dated_on = self.month_end(month) - dt.timedelta(self._random.randint(1, 20))
        taken = {step for code, step, _on in self.steps if code == incident.code}
        step = next((step for step in STEPS if step not in taken), f"{self._random.choice(STEPS)}")
        self.steps.append((incident.code, step, dated_on))
        return Change(
            month, "case", incident.title, self.month_end(month), incident.region, detail=f"{step} {dated_on}"
        )

    def _step_private_case(self, month: int) -> None:
        """Add a step that no digest may contain."""
        incident = self._random.choice([one for one in self.incidents if one.visibility == "confidential"])
        self.steps.append((incident.code, "trial", self.month_end(month) - dt.timedelta(5)))

    def _let_some_expire(self) -> None:
        """Give an expiry date to some titles: in each year as many expire, and as many come near it."""
        dates = [
            self.start + dt.timedelta((number + 0.5) * 365.25 / KINDS["expired"])
            for number in range(2 * KINDS["expired"] + DEADLINE_DAYS * KINDS["expired"] // 365 + 4)
        ]
        for date in dates:
            title = self._take(lambda title: title.status == GRANTED)
            self.titles[title.number] = replace(title, expires_on=date)

    def _dated_changes(self, month: int) -> Iterator[Change]:
        first = self.start if month == 0 else self.month_end(month - 1)
        for title in list(self.titles.values()):
            if title.expires_on is None:
                continue
            for kind, date in (
                ("expired", title.expires_on),
                ("deadline", title.expires_on - dt.timedelta(DEADLINE_DAYS)),
            ):
                if first < date <= self.month_end(month):
                    yield self._change(month, kind, title, due_on=date)

    def _add_title(self, region: str, slot: tuple[int, int], *, applied_on: dt.date, status: str = "") -> Title:
        number, self._next = self._next, self._next + 1
        draw = self._random
        west, south = camp_corner(region)
        cells = (
            west + SLOT_KM * slot[0] + 1,
            south + SLOT_KM * slot[1] + 1,
            draw.randint(1, 2),
            draw.randint(1, 2),
        )
        words = " ".join(draw.sample(_WORDS, 2)).upper()
        title = Title(
            number=number,
            code=f"01{number:05}{applied_on.year % 100:02}",
            name=f"{words} {number}",
            holder=self._invent_holder(region),
            status=status or draw.choices((GRANTED, APPLIED), (6, 4))[0],
            applied_on=applied_on,
            expires_on=None,
            region=region,
            slot=slot,
            cells=cells,
        )
        self.titles[number] = title
        return title

    def _invent_holder(self, region: str, other_than: str = "") -> str:
        draw = self._random
        if GROUPS[region] == HOLDER:
            return draw.choice([name for name in WATCHED_HOLDERS if name != other_than])
        while True:
            if draw.random() < 0.5:
                name = f"COMPAÑÍA MINERA {' '.join(draw.sample(_WORDS, 2)).upper()} S.A.C."
            else:
                name = f"{draw.choice(_GIVEN)} {' '.join(draw.sample(_FAMILY, 2))}".upper()
            if not any(_is_same_name(name, other) for other in {other_than, *WATCHED_HOLDERS}):
                return name

    def _invent_incident(self, number: int) -> Incident:
        regions = [region for region, group in GROUPS.items() if group == REGION]
        return Incident(
            code=f"i-{number}",
            title=f"Incidente inventado I{number:02}",
            region=self._random.choice(regions),
            visibility="confidential" if number % 5 == 0 else "public_record",
            occurred_on=self.start - dt.timedelta(self._random.randint(100, 2_000)),
        )


def _is_same_name(first: str, second: str) -> bool:
    return name_matching.is_respelling(name_matching.key(first), name_matching.key(second))


def land_number(slot: tuple[int, int]) -> int:
    """Return the number of the community in a camp that covers a slot."""
    return slot[0] // LAND_SLOTS * (SIDE // LAND_SLOTS) + slot[1] // LAND_SLOTS


@lru_cache
def camp_corner(region: str) -> tuple[int, int]:
    """Return the south-western corner of a region's camp in kilometres of UTM; the camp is inside the region."""
    regions = base_data.load_regions()
    shape = regions.set_index("code").geometry[region]
    middle = shapely.maximum_inscribed_circle(shape, tolerance=0.01).coords[0]
    east, north = to_metres(*middle)
    corner = (round(east / 1_000) - SIDE * SLOT_KM // 2, round(north / 1_000) - SIDE * SLOT_KM // 2)
    assert shape.contains(shapely.box(*camp_box(corner).bounds)), f"the camp leaves {region}"
    return corner


def camp_box(corner: tuple[int, int]) -> shapely.Polygon:
    """Return the outline of a camp in degrees."""
    west, south = corner
    return polygon_in_degrees(_ring(west, south, SIDE * SLOT_KM, SIDE * SLOT_KM))


def list_communities() -> list[tuple[str, str, int, shapely.Polygon]]:
    """Return code, region, number and outline of the communities, which touch each other without a gap."""
    draw = random.Random(60)
    size = SLOT_KM * LAND_SLOTS
    shift = {
        (region, i, j): (draw.uniform(-0.4, 0.4), draw.uniform(-0.4, 0.4))
        for region in LAND_CAMPS
        for i in range(2 * SIDE + 1)
        for j in range(2 * SIDE + 1)
    }
    communities = []
    for region in LAND_CAMPS:
        west, south = camp_corner(region)
        for number in range((SIDE // LAND_SLOTS) ** 2):
            i, j = (2 * value for value in divmod(number, SIDE // LAND_SLOTS))
            around = [(0, 0), (1, 0), (2, 0), (2, 1), (2, 2), (1, 2), (0, 2), (0, 1), (0, 0)]
            ring = [
                (
                    1_000 * (west + (i + x) * size / 2 + shift[region, i + x, j + y][0]),
                    1_000 * (south + (j + y) * size / 2 + shift[region, i + x, j + y][1]),
                )
                for x, y in around
            ]
            communities.append((f"CC-{region[3:]}-{number}", region, number, polygon_in_degrees(ring)))
    return communities


def polygon_in_degrees(ring: list[tuple[float, float]]) -> shapely.Polygon:
    """Convert a ring in metres of UTM to a polygon in degrees."""
    return shapely.Polygon([_TO_DEGREES(x, y) for x, y in ring])


def _ring(west: float, south: float, width: float, height: float) -> list[tuple[float, float]]:
    box = shapely.box(west, south, west + width, south + height)
    return [(1_000 * x, 1_000 * y) for x, y in box.exterior.coords]
