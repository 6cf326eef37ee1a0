"""
Records that may lie in an area because nobody knows exactly where they do: they name a region or a country alone.

The one home of the rule: no answer says "none on record" of an area that such a record may lie in, and every answer
that found nothing says how many there are. Attacks are counted apart from conflicts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache, reduce

import shapely

from lindero.app.text.countries import country_name
from lindero.app.text.i18n import _, ngettext, number
from lindero.layers.database.map_database import Connection
from lindero.layers.database.queries import record_queries
from lindero.layers.database.queries.record_queries import UnplacedGroup
from lindero.layers.reference import base_data
from lindero.layers.reference.base_data import region_codes

ATTACKS, CONFLICTS = "attacks", "conflicts"
REGION, COUNTRY, NOWHERE = "region", "country", "nowhere"  # what is known of a record's place


@dataclass(frozen=True)
class Count:
    """How many attacks and conflicts there are; `killings` are those of the attacks in which somebody was killed."""

    attacks: int = 0
    killings: int = 0
    conflicts: int = 0

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self.attacks or self.conflicts)

    def as_dict(self) -> dict[str, int]:
        """Return the counts as JSON holds them."""
        return dict(self.__dict__)


@dataclass(frozen=True)
class Unplaced:
    """
    Records that may lie in an area, by the place that is known of them.

    `regions` (ISO 3166-2) and `countries` (ISO 3166-1 alpha-2) are those that hold the area. `in_region` counts records
    known only to lie in these regions, `in_country` those known only to lie in these countries, `nowhere` those without
    either.
    """

    regions: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    in_region: Count = Count()
    in_country: Count = Count()
    nowhere: Count = Count()

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self.in_region or self.in_country or self.nowhere)

    def only(self, kind: str) -> Unplaced:
        """Return the counts of one kind: `ATTACKS` or `CONFLICTS`."""
        none = {"conflicts": 0} if kind == ATTACKS else {"attacks": 0, "killings": 0}
        parts = {name: replace(getattr(self, name), **none) for name in ("in_region", "in_country", "nowhere")}
        return replace(self, **parts)

    def as_dict(self) -> dict[str, object]:
        """Return the counts as JSON holds them."""
        return {
            "regions": list(self.regions),
            "countries": list(self.countries),
            "known_by_region": self.in_region.as_dict(),
            "known_by_country": self.in_country.as_dict(),
            "without_any_place": self.nowhere.as_dict(),
        }


@dataclass(frozen=True)
class UnplacedRecords:
    """All records of a map without a place finer than a region, to be counted for any place, region or country."""

    groups: tuple[tuple[str | None, str | None, Count], ...] = ()  # region, country, how many

    def at(self, lat: float, lon: float) -> Unplaced:
        """Count the records that may lie at a place, in degrees."""
        return self.over(shapely.Point(lon, lat))

    def over(self, area: shapely.Geometry) -> Unplaced:
        """Count the records that may lie in an area, in degrees."""
        if not self.groups:
            return Unplaced()
        regions = _codes_met("regions", area)
        countries = _codes_met("countries", area) or tuple(sorted({_names_of(code)[0] for code in regions}))
        return self._counted(regions, countries)

    def in_region(self, code: str) -> Unplaced:
        """Count the records that may lie in a part of a region (ISO 3166-2); those known by it surely lie in it."""
        return self._counted((code,), (_names_of(code)[0],))

    def in_country(self, code: str) -> Unplaced:
        """Count the records known only to lie in a country (ISO 3166-1 alpha-2)."""
        return self._counted((), (code,))

    def by_place(self) -> list[tuple[str, str, Count]]:
        """Return how many records name a place alone, by what is known of it (`REGION` …) and its code."""
        totals: dict[tuple[str, str], Count] = {}
        for region, country, count in self.groups:
            place = (REGION, region) if region else (COUNTRY, country) if country else (NOWHERE, "")
            totals[place] = _add(totals.get(place, Count()), count)
        return [(known_by, code, count) for (known_by, code), count in sorted(totals.items())]

    def _counted(self, regions: tuple[str, ...], countries: tuple[str, ...]) -> Unplaced:
        return Unplaced(
            regions,
            countries,
            self._sum(lambda region, _country: region in regions),
            self._sum(lambda region, country: region is None and country in countries),
            self._sum(lambda region, country: region is None and country is None),
        )

    def _sum(self, is_meant: Callable[[str | None, str | None], bool]) -> Count:
        return reduce(_add, (count for region, country, count in self.groups if is_meant(region, country)), Count())


NO_UNPLACED = Unplaced()
NO_RECORDS = UnplacedRecords()


def unplaced_records(con: Connection) -> UnplacedRecords:
    """Read the records of a map that are known only by their region or country, or by neither."""
    return UnplacedRecords(
        tuple(
            (_region_code(group), group.country, Count(group.attacks, group.killings, group.conflicts))
            for group in record_queries.unplaced(con)
        )
    )


def unplaced_text(found: Unplaced) -> str:
    """Return in words how many records without an exact place may lie in an area; nothing if there are none."""
    parts = _parts(found)
    if not parts:
        return ""
    return _("On record without an exact place, so they may have been here: {records}.").format(
        records="; ".join(parts)
    )


def unplaced_text_short(found: Unplaced) -> str:
    """Return the same for an SMS; nothing if there are none."""
    parts = _parts(found)
    return _("without exact place: {records}").format(records=", ".join(parts)) if parts else ""


def _parts(found: Unplaced) -> list[str]:
    regions = ", ".join(name for _country, name in map(_names_of, found.regions) if name)
    countries = ", ".join(map(country_name, found.countries))
    places = (
        (found.in_region, _("{records} in {place}"), regions),
        (found.in_country, _("{records} in {place}, region not known"), countries),
        (found.nowhere, _("{records}, place not known"), ""),
    )
    return [text.format(records=records, place=place) for count, text, place in places for records in _records(count)]


def _records(count: Count) -> Iterable[str]:
    if count.attacks and count.attacks == count.killings:
        yield ngettext("{n} killing", "{n} killings", count.attacks).format(n=number(count.attacks))
    elif count.attacks:
        yield ngettext("{n} attack", "{n} attacks", count.attacks).format(n=number(count.attacks))
    if count.conflicts:
        yield ngettext("{n} conflict", "{n} conflicts", count.conflicts).format(n=number(count.conflicts))


def place_outline(known_by: str, code: str) -> shapely.Geometry | None:
    """Return the ground of a region or country in degrees; None where no place is known."""
    if known_by == NOWHERE:
        return None
    codes, tree = _areas("regions" if known_by == REGION else "countries")
    return tree.geometries[codes.index(code)] if code in codes else None


def place_name(known_by: str, code: str) -> str:
    """Return the name of a region or country by its code in the language spoken."""
    return (_names_of(code)[1] or code) if known_by == REGION else country_name(code) if code else ""


def _add(one: Count, other: Count) -> Count:
    return Count(one.attacks + other.attacks, one.killings + other.killings, one.conflicts + other.conflicts)


def _region_code(group: UnplacedGroup) -> str | None:
    """Return the code of the region that records name, else of the one that their point lies in."""
    if code := region_codes().get((group.country or "", group.region or "")):
        return code
    if group.x is None or group.y is None or group.region is None:
        return None
    met = _codes_met("regions", shapely.Point(group.x, group.y))
    return met[0] if met else None


def _codes_met(name: str, area: shapely.Geometry) -> tuple[str, ...]:
    codes, tree = _areas(name)
    return tuple(sorted({codes[at] for at in tree.query(area, predicate="intersects")}))


@cache
def _areas(name: str) -> tuple[Sequence[str], shapely.STRtree]:
    read = base_data.columns(name, "code", "geometry")
    return read["code"], shapely.STRtree(read["geometry"])


@cache
def _regions_by_code() -> dict[str, tuple[str, str]]:
    return {code: names for names, code in region_codes().items()}


def _names_of(region: str) -> tuple[str, str]:
    """Return the country of a region and its name, by its code; empty where the code is not known."""
    return _regions_by_code().get(region, ("", ""))
