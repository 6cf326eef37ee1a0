"""A register of concessions as it stood on two days: titles, who held them, and what became of them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from lindero.data.demo_parts import words
from lindero.data.demo_parts.grounds import KINDS, claims
from lindero.data.demo_parts.shapes import Blocks
from lindero.data.demo_parts.territories import TERRITORIES, Territory
from lindero.data.demo_parts.words import Company

BEFORE, NOW = date(2024, 6, 30), date(2026, 6, 30)
OPENED = date(1993, 1, 4)

STATUSES = {"granted": 66, "applied": 20, "expired": 6, "suspended": 5, "unknown": 3}
FATES = {"same": 66, "decided": 11, "sold": 8, "gone": 7, "reduced": 4, "respelt": 4}
"""What happens to a concession in two years, in percent."""


@dataclass(frozen=True)
class Concession:
    """One concession as the register has it on a day."""

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

    def record(self) -> dict[str, object]:
        """Return the row of the file, with its polygon in degrees."""
        return {
            "code": self.code,
            "name": self.name + words.INVENTED_F,
            "holder": self.holder,
            "kind": self.kind,
            "substance": self.substance,
            "status": self.status,
            **self.terms,
            "area_official_ha": self.area_official_ha,
            "boundary_accuracy_m": self.boundary_accuracy_m,
            "invented": True,
            "geometry": self.territory.in_degrees(self.ground.polygon()),
        }


def snapshots(rng: Random) -> tuple[list[Concession], list[Concession]]:
    """Invent the register as of `BEFORE` and as of `NOW`."""
    before, now = [], []
    for territory in TERRITORIES:
        for kind, count in territory.concessions.items():
            stock = _invent(rng, territory, kind, count + max(1, count // 9))
            held, later = stock[:count], stock[count:]
            before += held
            now += [aged for concession in held if (aged := _two_years_on(rng, concession))]
            now += [_applied_since(rng, concession) for concession in later]
    return before, now


def _invent(rng: Random, territory: Territory, kind: str, count: int) -> list[Concession]:
    statuses = words.deal(rng, STATUSES, count) if count >= len(STATUSES) else ["granted"] * count
    drawn = zip(range(1, count + 1), words.place_names(rng), statuses, claims(rng, territory, kind), strict=False)
    return [
        Concession(
            territory=territory,
            code=f"INV-{territory.code}-{KINDS[kind].code}-{number:04}",
            name=f"{place} {rng.choice(('I', 'II', 'III', 'IV', '2', '7', '2008', '2015'))}",
            kind=kind,
            company=company,
            holder=words.spelling(rng, company),
            substance=rng.choice(KINDS[kind].substances),
            status=status,
            terms=_dates(rng, status, KINDS[kind].years),
            ground=ground,
            area_official_ha=_written_area(rng, ground),
            boundary_accuracy_m=rng.choice(KINDS[kind].accuracy_m),
        )
        for number, place, status, (ground, company) in drawn
    ]


def _dates(rng: Random, status: str, years: int | None) -> dict[str, date | None]:
    """Give the dates that a status on the day `BEFORE` implies."""
    if status == "applied":
        return _terms(words.a_day(rng, BEFORE - timedelta(days=1_200), BEFORE))
    # What has a term and is in force must not have come to its end by now.
    earliest = max(OPENED, BEFORE - timedelta(days=365 * (years - 3))) if years else OPENED
    applied = words.a_day(rng, earliest, BEFORE - timedelta(days=1_500))
    if status == "unknown":
        return _terms(applied)
    granted = applied + timedelta(days=rng.randint(150, 900))
    if status == "expired":
        return _terms(applied, granted, words.a_day(rng, granted + timedelta(days=365), BEFORE))
    return _terms(applied, granted, _end(granted, years))


def _terms(applied: date, granted: date | None = None, expires: date | None = None) -> dict[str, date | None]:
    return {"applied_on": applied, "granted_on": granted, "expires_on": expires}


def _end(granted: date, years: int | None) -> date | None:
    return date(granted.year + years, granted.month, 1) if years else None


def _written_area(rng: Random, ground: Blocks) -> float:
    """Give the hectares of the title deed: the grid's own, though one deed in eight is off by up to 3 %."""
    off = rng.uniform(0.97, 1.03) if words.happens(rng, 1 / 8) else 1.0
    return round(ground.area_ha * off, 2)


def _two_years_on(rng: Random, concession: Concession) -> Concession | None:
    """Tell what became of a concession between the two days: mostly nothing; None if it is gone."""
    fate = rng.choices(list(FATES), weights=list(FATES.values()))[0]
    if fate == "gone":
        return None
    if fate == "sold":
        buyer = rng.choice([each for each in words.COMPANIES[concession.kind] if each != concession.company])
        return replace(concession, company=buyer, holder=words.spelling(rng, buyer))
    if fate == "decided":
        return _decided(rng, concession)
    if fate == "reduced" and len(concession.ground.columns) > 1:
        ground = replace(concession.ground, columns=concession.ground.columns[:-1])
        return replace(concession, ground=ground, area_official_ha=_written_area(rng, ground))
    if fate == "respelt":
        return replace(concession, holder=words.spelling(rng, concession.company))
    return concession


def _decided(rng: Random, concession: Concession) -> Concession:
    day = words.a_day(rng, BEFORE + timedelta(days=1), NOW)
    if concession.status == "applied":
        terms = {**concession.terms, "granted_on": day, "expires_on": _end(day, KINDS[concession.kind].years)}
        return replace(concession, status="granted", terms=terms)
    if concession.status == "suspended":
        return replace(concession, status="granted")
    if concession.status == "granted":
        expired = replace(concession, status="expired", terms={**concession.terms, "expires_on": day})
        return rng.choice((expired, replace(concession, status="suspended")))
    return concession


def _applied_since(rng: Random, concession: Concession) -> Concession:
    applied = words.a_day(rng, BEFORE + timedelta(days=1), NOW)
    granted = applied + timedelta(days=rng.randint(150, 500))
    if granted > NOW:
        return replace(concession, status="applied", terms=_terms(applied))
    terms = _terms(applied, granted, _end(granted, KINDS[concession.kind].years))
    return replace(concession, status="granted", terms=terms)
