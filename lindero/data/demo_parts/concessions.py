"""An invented register of concessions at two dates: the concessions, their holders, and their changes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from typing import Any

from lindero.data.demo_parts import words
from lindero.data.demo_parts.shapes import Blocks, Cell, draw_corridor, draw_staircase
from lindero.data.demo_parts.territories import Setting, Territory
from lindero.data.demo_parts.words import Company


@dataclass(frozen=True, kw_only=True)
class Kind:
    """The size, clustering and terms of concessions of one kind."""

    code: str
    step_m: int  # side of a grid square
    width: tuple[int, int]  # squares from west to east, least and most
    height: tuple[int, int]  # squares from south to north
    most: int  # squares in total, at most
    bites: int  # steps removed from its rectangle, at most
    cluster: int  # concessions around one centre
    spread_m: int
    accuracy_m: tuple[int, ...]
    years: int | None = None  # length of the term, if it has one
    is_corridor: bool = False


KINDS = {
    # 100 to 1,000 ha, in squares of 1 km on the UTM grid, as some mining laws ask.
    "mining": Kind(
        code="MIN", step_m=1_000, width=(1, 5), height=(1, 5), most=10, bites=1, cluster=14, spread_m=5_000,
        accuracy_m=(1, 1, 5, 10),
    ),
    "hydrocarbons": Kind(
        code="HID", step_m=5_000, width=(5, 9), height=(4, 8), most=72, bites=5, cluster=4, spread_m=32_000,
        accuracy_m=(100, 250), years=30,
    ),
    "forestry": Kind(
        code="FOR", step_m=2_500, width=(3, 6), height=(3, 6), most=36, bites=4, cluster=9, spread_m=17_000,
        accuracy_m=(30, 50), years=40,
    ),
    "agro_industry": Kind(
        code="AGR", step_m=1_000, width=(2, 6), height=(2, 5), most=30, bites=2, cluster=3, spread_m=8_000,
        accuracy_m=(10, 30),
    ),
    "hydropower": Kind(
        code="ELE", step_m=250, width=(16, 32), height=(4, 6), most=192, bites=0, cluster=1, spread_m=15_000,
        accuracy_m=(20,), years=30, is_corridor=True,
    ),
    "infrastructure": Kind(
        code="VIA", step_m=250, width=(80, 140), height=(2, 2), most=280, bites=0, cluster=1, spread_m=18_000,
        accuracy_m=(20, 50), years=25, is_corridor=True,
    ),
    "other": Kind(
        code="OTR", step_m=500, width=(4, 9), height=(4, 9), most=81, bites=3, cluster=2, spread_m=10_000,
        accuracy_m=(30,), years=40,
    ),
}  # fmt: skip


def iter_claims(
    rng: Random, territory: Territory, kind: str, companies: Sequence[Company]
) -> Iterator[tuple[Blocks, Company]]:
    """Yield free polygons and their holders. Most of a cluster goes to one company.

    The iterator ends when the territory is full.
    """
    taken: set[Cell] = set()
    for _ in range(1_000):
        middle = [rng.uniform(-0.65, 0.65) * territory.radius_m + centre for centre in territory.centre]
        company = words.draw_company(rng, companies)
        for _ in range(KINDS[kind].cluster):
            ground = _find_free_ground(rng, territory, KINDS[kind], middle, taken=taken)
            if ground:
                taken |= ground.squares()
                yield ground, company if words.happens(rng, 0.6) else words.draw_company(rng, companies)


def _find_free_ground(
    rng: Random, territory: Territory, kind: Kind, middle: list[float], *, taken: set[Cell]
) -> Blocks | None:
    for _ in range(40):
        x, y = (round(rng.gauss(coordinate, kind.spread_m) / kind.step_m) * kind.step_m for coordinate in middle)
        ground = Blocks(x, y, kind.step_m, _draw_columns(rng, kind))
        squares = ground.squares()
        inside = all(_is_inside(square, kind.step_m, territory) for square in squares)
        if len(squares) <= kind.most and inside and not squares & taken:
            return ground
    return None


def _draw_columns(rng: Random, kind: Kind) -> tuple[tuple[int, int], ...]:
    width, height = rng.randint(*kind.width), rng.randint(*kind.height)
    if kind.is_corridor:
        return draw_corridor(rng, width, width=height)
    return draw_staircase(rng, width, height, bites=rng.randint(0, kind.bites))


def _is_inside(square: Cell, step_m: int, territory: Territory) -> bool:
    distances = [
        abs(cell_number * step_m - centre) for cell_number, centre in zip(square, territory.centre, strict=True)
    ]
    return max(distances) < territory.radius_m


BEFORE, NOW = date(2024, 6, 30), date(2026, 6, 30)
OPENED = date(1993, 1, 4)

STATUSES = {"granted": 66, "applied": 20, "expired": 6, "suspended": 5, "unknown": 3}
FATES = {"same": 66, "decided": 11, "sold": 8, "gone": 7, "reduced": 4, "respelt": 4}
"""What happens to a concession in two years, in percent."""
PLANTS = {50: "processing_plant", 100: "tailings"}
"""The kinds of the mining concessions of a territory with these numbers, in a register that also has its plants."""


@dataclass(frozen=True)
class Concession:
    """A concession as the register has it at a date."""

    territory: Territory
    code: str
    name: str
    kind: str
    company: Company
    holder: str
    substance: str
    status: str
    terms: Mapping[str, date | None]  # applied_on, granted_on, expires_on
    ground: Blocks
    area_official_ha: float
    boundary_accuracy_m: int

    @property
    def industry(self) -> str:
        """The kind of concession that its companies, its ground and its term are those of."""
        return "mining" if self.kind in PLANTS.values() else self.kind

    def to_record(self) -> dict[str, object]:
        """Return the row of the file, with its polygon in degrees."""
        return {
            "code": self.code,
            "name": self.name,
            "holder": self.holder,
            "kind": self.kind,
            "substance": self.substance,
            "status": self.status,
            **self.terms,
            "area_official_ha": self.area_official_ha,
            "boundary_accuracy_m": self.boundary_accuracy_m,
            "invented": True,
            "geometry": self.territory.to_degrees(self.ground.to_polygon()),
        }


def invent_snapshots(rng: Random, setting: Setting) -> tuple[list[Concession], list[Concession]]:
    """Generate the register as of `BEFORE` and as of `NOW`."""
    before, now = [], []
    for territory in setting.territories:
        for kind, count in territory.concessions.items():
            stock = _invent_concessions(rng, territory, kind, count + max(1, count // 9), setting.words)
            earlier, later = stock[:count], stock[count:]
            before += earlier
            now += [aged for concession in earlier if (aged := _age_two_years(rng, concession, setting.words))]
            now += [_set_later_dates(rng, concession) for concession in later]
    return before, now


def _invent_concessions(
    rng: Random, territory: Territory, kind: str, count: int, demo: Mapping[str, Any]
) -> list[Concession]:
    statuses = words.draw_codes(rng, STATUSES, count) if count >= len(STATUSES) else ["granted"] * count
    attributes = zip(
        range(1, count + 1),
        words.place_names(rng, demo["names"]),
        statuses,
        iter_claims(rng, territory, kind, demo["companies"][kind]),
        strict=False,
    )
    return [
        Concession(
            territory=territory,
            code=f"INV-{territory.code}-{KINDS[kind].code}-{number:04}",
            name=f"{place} {rng.choice(('I', 'II', 'III', 'IV', '2', '7', '2008', '2015'))}",
            kind=PLANTS.get(number, kind) if kind == "mining" else kind,
            company=company,
            holder=words.draw_spelling(rng, company, demo["abbreviations"]),
            substance=rng.choice(demo["substances"][kind]),
            status=status,
            terms=_draw_dates(rng, status, KINDS[kind].years),
            ground=ground,
            area_official_ha=_official_area_ha(rng, ground),
            boundary_accuracy_m=rng.choice(KINDS[kind].accuracy_m),
        )
        for number, place, status, (ground, company) in attributes
    ]


def _draw_dates(rng: Random, status: str, years: int | None) -> dict[str, date | None]:
    """Draw the dates that fit a status on the date `BEFORE`."""
    if status == "applied":
        return _build_terms(words.draw_date(rng, BEFORE - timedelta(days=1_200), BEFORE))
    # A concession with a term that is in force must not have ended by now.
    earliest = max(OPENED, BEFORE - timedelta(days=365 * (years - 3))) if years else OPENED
    applied = words.draw_date(rng, earliest, BEFORE - timedelta(days=1_500))
    if status == "unknown":
        return _build_terms(applied)
    granted = applied + timedelta(days=rng.randint(150, 900))
    if status == "expired":
        return _build_terms(applied, granted, words.draw_date(rng, granted + timedelta(days=365), BEFORE))
    return _build_terms(applied, granted, _expiry_date(granted, years))


def _build_terms(applied: date, granted: date | None = None, expires: date | None = None) -> dict[str, date | None]:
    return {"applied_on": applied, "granted_on": granted, "expires_on": expires}


def _expiry_date(granted: date, years: int | None) -> date | None:
    return date(granted.year + years, granted.month, 1) if years else None


def _official_area_ha(rng: Random, ground: Blocks) -> float:
    """Return the area in the title deed in hectares: that of the grid, but in one deed of eight off by up to 3 %."""
    factor = rng.uniform(0.97, 1.03) if words.happens(rng, 1 / 8) else 1.0
    return round(ground.area_ha * factor, 2)


def _age_two_years(rng: Random, concession: Concession, demo: Mapping[str, Any]) -> Concession | None:
    """Return a concession as it is two years later, in most cases unchanged. The result is None if it is gone."""
    fate = rng.choices(list(FATES), weights=list(FATES.values()))[0]
    if fate == "gone":
        return None
    if fate == "sold":
        companies = demo["companies"][concession.industry]
        buyer = rng.choice([company for company in companies if company != concession.company])
        return replace(concession, company=buyer, holder=words.draw_spelling(rng, buyer, demo["abbreviations"]))
    if fate == "decided":
        return _change_status(rng, concession)
    if fate == "reduced" and len(concession.ground.columns) > 1:
        ground = replace(concession.ground, columns=concession.ground.columns[:-1])
        return replace(concession, ground=ground, area_official_ha=_official_area_ha(rng, ground))
    if fate == "respelt":
        return replace(concession, holder=words.draw_spelling(rng, concession.company, demo["abbreviations"]))
    return concession


def _change_status(rng: Random, concession: Concession) -> Concession:
    decided_on = words.draw_date(rng, BEFORE + timedelta(days=1), NOW)
    if concession.status == "applied":
        terms = {
            **concession.terms,
            "granted_on": decided_on,
            "expires_on": _expiry_date(decided_on, KINDS[concession.industry].years),
        }
        return replace(concession, status="granted", terms=terms)
    if concession.status == "suspended":
        return replace(concession, status="granted")
    if concession.status == "granted":
        expired = replace(concession, status="expired", terms={**concession.terms, "expires_on": decided_on})
        return rng.choice((expired, replace(concession, status="suspended")))
    return concession


def _set_later_dates(rng: Random, concession: Concession) -> Concession:
    applied = words.draw_date(rng, BEFORE + timedelta(days=1), NOW)
    granted = applied + timedelta(days=rng.randint(150, 500))
    if granted > NOW:
        return replace(concession, status="applied", terms=_build_terms(applied))
    terms = _build_terms(applied, granted, _expiry_date(granted, KINDS[concession.industry].years))
    return replace(concession, status="granted", terms=terms)
