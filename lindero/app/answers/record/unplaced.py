"""Records that may lie in an area because their location is not known exactly: only a region or country is named.

This is the only definition of the rule. No answer says "none on record" for an area that may contain such a record.
Every answer without results states their number. Attacks are counted separately from conflicts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache, reduce

import shapely

from lindero.app.text.countries import country_name
from lindero.app.text.i18n import _, format_number, join_texts, ngettext
from lindero.layers.database.map_database import Connection
from lindero.layers.database.queries import record_queries
from lindero.layers.database.queries.record_queries import UnplacedGroup
from lindero.layers.reference import base_data
from lindero.layers.reference.base_data import load_region_codes

ATTACKS, CONFLICTS = "attacks", "conflicts"
REGION, COUNTRY, NOWHERE = "region", "country", "nowhere"  # the levels to which a record's place is known


@dataclass(frozen=True)
class Count:
    """The number of attacks and conflicts. `killings` are the attacks in which a person was killed."""

    attacks: int = 0
    killings: int = 0
    conflicts: int = 0

    def __bool__(self) -> bool:
        """Return whether the count is not zero."""
        return bool(self.attacks or self.conflicts)

    def to_dict(self) -> dict[str, int]:
        """Return the counts as a dict for JSON."""
        return dict(self.__dict__)


@dataclass(frozen=True)
class UnplacedCounts:
    """The number of records that may lie in an area, by the precision of their location.

    `regions` (ISO 3166-2) and `countries` (ISO 3166-1 alpha-2) are those that intersect the area. `in_region` counts
    the records known only by one of these regions, `in_country` those known only by one of these countries, and
    `nowhere` those known by neither.
    """

    regions: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    in_region: Count = Count()
    in_country: Count = Count()
    nowhere: Count = Count()

    def __bool__(self) -> bool:
        """Return whether any record is counted."""
        return bool(self.in_region or self.in_country or self.nowhere)

    def filter_kind(self, kind: str) -> UnplacedCounts:
        """Return the counts of one kind: `ATTACKS` or `CONFLICTS`."""
        none = {"conflicts": 0} if kind == ATTACKS else {"attacks": 0, "killings": 0}
        parts = {name: replace(getattr(self, name), **none) for name in ("in_region", "in_country", "nowhere")}
        return replace(self, **parts)

    def to_dict(self) -> dict[str, object]:
        """Return the counts as a dict for JSON."""
        return {
            "regions": list(self.regions),
            "countries": list(self.countries),
            "known_by_region": self.in_region.to_dict(),
            "known_by_country": self.in_country.to_dict(),
            "without_any_place": self.nowhere.to_dict(),
        }


@dataclass(frozen=True)
class UnplacedRecords:
    """All records of a map without a location more precise than a region, to be counted for any area."""

    groups: tuple[tuple[str | None, str | None, Count], ...] = ()  # region, country, counts

    def count_at_position(self, lat: float, lon: float) -> UnplacedCounts:
        """Count the records that may lie at a position in degrees."""
        return self.count_in_area(shapely.Point(lon, lat))

    def count_in_area(self, area: shapely.Geometry) -> UnplacedCounts:
        """Count the records that may lie in an area in degrees."""
        if not self.groups:
            return UnplacedCounts()
        regions = _find_codes("regions", area)
        countries = _find_codes("countries", area) or tuple(sorted({_region_names(code)[0] for code in regions}))
        return self._count(regions, countries)

    def count_in_region(self, code: str) -> UnplacedCounts:
        """Count the records that may lie in a part of a region (ISO 3166-2).

        Records known by the region itself certainly lie in it.
        """
        return self._count((code,), (_region_names(code)[0],))

    def count_in_country(self, code: str) -> UnplacedCounts:
        """Count the records known only by a country (ISO 3166-1 alpha-2)."""
        return self._count((), (code,))

    def count_by_place(self) -> list[tuple[str, str, Count]]:
        """Count the records by the known place: its kind (`REGION` …) and code."""
        totals: dict[tuple[str, str], Count] = {}
        for region, country, count in self.groups:
            place = (REGION, region) if region else (COUNTRY, country) if country else (NOWHERE, "")
            totals[place] = _add_counts(totals.get(place, Count()), count)
        return [(known_by, code, count) for (known_by, code), count in sorted(totals.items())]

    def _count(self, regions: tuple[str, ...], countries: tuple[str, ...]) -> UnplacedCounts:
        return UnplacedCounts(
            regions,
            countries,
            self._sum(lambda region, _country: region in regions),
            self._sum(lambda region, country: region is None and country in countries),
            self._sum(lambda region, country: region is None and country is None),
        )

    def _sum(self, is_meant: Callable[[str | None, str | None], bool]) -> Count:
        return reduce(
            _add_counts, (count for region, country, count in self.groups if is_meant(region, country)), Count()
        )


NO_UNPLACED = UnplacedCounts()
NO_RECORDS = UnplacedRecords()


def read_unplaced_records(con: Connection) -> UnplacedRecords:
    """Read the records of a map that are known only by region or country, or by neither."""
    return UnplacedRecords(
        tuple(
            (_region_code(group), group.country, Count(group.attacks, group.killings, group.conflicts))
            for group in record_queries.count_unplaced_events(con)
        )
    )


def unplaced_text(unplaced: UnplacedCounts) -> str:
    """Return the number of records without an exact location that may lie in an area, as text; empty if none."""
    parts = _count_texts(unplaced)
    if not parts:
        return ""
    return _("Recorded without an exact place; they may have happened here: {records}.").format(
        records="; ".join(parts)
    )


def count_unplaced_regions(unplaced: UnplacedCounts) -> list[tuple[str, int]]:
    """Return the records known only by their region as texts for an SMS, each with the length of the names in it."""
    names = [name for _country, name in map(_region_names, unplaced.regions) if name]
    text = _("{records} somewhere in {place}")
    records = _iter_kind_texts(unplaced.in_region) if names else ()
    return [(text.format(records=count, place=" / ".join(names)), len(" / ".join(names))) for count in records]


def _count_texts(unplaced: UnplacedCounts) -> list[str]:
    regions = join_texts([name for _country, name in map(_region_names, unplaced.regions) if name], style="or")
    countries = join_texts(list(map(country_name, unplaced.countries)), style="or")
    places = (
        (unplaced.in_region, _("{records} somewhere in {place}"), regions),
        (unplaced.in_country, _("{records} in {place}, region not known"), countries),
        (unplaced.nowhere, _("{records}, place not known"), ""),
    )
    return [
        text.format(records=records, place=place)
        for count, text, place in places
        for records in _iter_kind_texts(count)
    ]


def _iter_kind_texts(count: Count) -> Iterable[str]:
    if count.attacks and count.attacks == count.killings:
        yield ngettext("{n} killing", "{n} killings", count.attacks).format(n=format_number(count.attacks))
    elif count.attacks:
        yield ngettext("{n} attack", "{n} attacks", count.attacks).format(n=format_number(count.attacks))
    if count.conflicts:
        yield ngettext("{n} conflict", "{n} conflicts", count.conflicts).format(n=format_number(count.conflicts))


def place_outline(known_by: str, code: str) -> shapely.Geometry | None:
    """Return the outline of a region or country in degrees; None if the place is unknown."""
    if known_by == NOWHERE:
        return None
    codes, tree = _load_area_index("regions" if known_by == REGION else "countries")
    return tree.geometries[codes.index(code)] if code in codes else None


def place_name(known_by: str, code: str) -> str:
    """Return the name of a region or country by its code, in the reader's language."""
    return (_region_names(code)[1] or code) if known_by == REGION else country_name(code) if code else ""


def _add_counts(left: Count, right: Count) -> Count:
    return Count(left.attacks + right.attacks, left.killings + right.killings, left.conflicts + right.conflicts)


def _region_code(group: UnplacedGroup) -> str | None:
    """Return the code of the region that records name, else of the one that contains their point."""
    if code := load_region_codes().get((group.country or "", group.region or "")):
        return code
    if group.x is None or group.y is None or group.region is None:
        return None
    codes = _find_codes("regions", shapely.Point(group.x, group.y))
    return codes[0] if codes else None


def _find_codes(name: str, area: shapely.Geometry) -> tuple[str, ...]:
    codes, tree = _load_area_index(name)
    return tuple(sorted({codes[position] for position in tree.query(area, predicate="intersects")}))


@cache
def _load_area_index(name: str) -> tuple[Sequence[str], shapely.STRtree]:
    columns = base_data.read_columns(name, "code", "geometry")
    return columns["code"], shapely.STRtree(columns["geometry"])


@cache
def _regions_by_code() -> dict[str, tuple[str, str]]:
    return {code: names for names, code in load_region_codes().items()}


def _region_names(region: str) -> tuple[str, str]:
    """Return the country and the name of a region by its code; empty texts if the code is unknown."""
    return _regions_by_code().get(region, ("", ""))
