"""The country and region of an incident, from the words of its record.

Names are looked up in the offline gazetteer and never guessed. If no region is found, only the country is known.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from functools import cache

import pandas as pd

from lindero.layers.model.parse_values import is_missing, parse_text
from lindero.layers.reference import base_data
from lindero.layers.reference.base_data import load_region_codes
from lindero.layers.reference.country_names import find_country_code
from lindero.layers.reference.gazetteer import find_region
from lindero.layers.reference.packs import load_country

UNKNOWN_COUNTRY, UNKNOWN_REGION, NEAR_NAME = "country_not_known", "region_not_known", "region_by_near_name"
COUNTRY, REGION = "country", "region"
_TEXT_PRECISIONS = frozenset({"region", "province", "district", "locality", "exact"})


@dataclass(frozen=True)
class LocatedIncidents:
    """Incidents with country and region in the gazetteer's spelling, and `findings` (row, finding, column, detail)."""

    rows: pd.DataFrame
    findings: pd.DataFrame


def locate_incidents(
    incidents: pd.DataFrame, *, placed: pd.Series, country: str, unstated: pd.Series | None = None
) -> LocatedIncidents:
    """Add the country (ISO 3166-1 alpha-2) and region of incidents.

    Regions are named as in `layers.reference.base_data.regions`. A record without geometry and with an unknown region
    gets the precision `country`. `place_text` stays as received.

    `unstated`: whether the file states no precision for a row, with the same index. Such rows get the precision
    `region` if the region was found. None: all are stated.
    """
    findings_list: list[dict[str, object]] = []
    stated = incidents.reindex(columns=["country", "region", "place_text", "location_precision"])
    rows = []
    for (row, *values), has_place in zip(stated.itertuples(name=None), placed, strict=True):
        named, region, place, precision = map(parse_text, values)
        place_stated = _StatedPlace(named, region, place, precision, has_place=bool(has_place))
        rows.append(_locate_row(row, place_stated, home=country, findings=findings_list))
    located_columns = pd.DataFrame(
        rows, columns=["country", "region", "location_precision"], index=incidents.index, dtype=object
    )
    if unstated is not None:
        is_known = pd.MultiIndex.from_frame(located_columns[["country", "region"]]).isin(load_region_codes().keys())
        located_columns["location_precision"] = located_columns["location_precision"].mask(unstated & is_known, REGION)
    findings = pd.DataFrame(findings_list, columns=["row", "finding", "column_name", "detail"])
    return LocatedIncidents(
        incidents.assign(**{str(name): located_columns[name] for name in located_columns}), findings
    )


@dataclass(frozen=True)
class _StatedPlace:
    """The place of an incident as its record states it."""

    country: str | None
    region: str | None
    place: str | None
    precision: str | None
    has_place: bool


def _locate_row(
    row: Hashable, stated: _StatedPlace, *, home: str, findings: list[dict[str, object]]
) -> tuple[str | None, str | None, str | None]:
    """Return the country, region and precision of a row, and note an unknown country and an uncertain region."""
    known_code = _find_country(stated.country) if stated.country else home
    if known_code is None:
        findings.append({"row": row, "finding": UNKNOWN_COUNTRY, "column_name": "country", "detail": stated.country})
    code = known_code or stated.country or ""
    words = stated.region or stated.place or ""
    name, is_near = _find_region(words, code)
    kind = UNKNOWN_REGION if name is None and stated.region else NEAR_NAME if is_near else None
    if kind:
        findings.append({"row": row, "finding": kind, "column_name": "region", "detail": words})
    unknown = not stated.has_place and name is None and stated.precision in _TEXT_PRECISIONS
    country = code if stated.country or name else None
    return country, name or stated.region, COUNTRY if unknown else stated.precision


@cache
def _find_country(country: str) -> str | None:
    """Return a country's code; None for what is not a country."""
    return country if country in _country_codes() else find_country_code(country)


@cache
def _find_numbered_region(number: str, country: str) -> str | None:
    """Return the name of a region by the country's own number of it or of an area in it, such as a UBIGEO."""
    numbers = load_country(country).region_numbers
    length = next((length for length in numbers.get("lengths", ()) if length >= len(number)), None)
    if length is None:
        return None
    full_number = number.zfill(length)  # spreadsheets drop the first 0
    code = numbers.get(full_number[: numbers["lengths"][0]])
    return next((name for (_, name), known in load_region_codes().items() if known == code), None)


@cache
def _country_codes() -> frozenset[str]:
    return frozenset(base_data.read_columns("countries", "code")["code"])


@cache
def _find_region(words: str, country: str) -> tuple[str | None, bool]:
    """Return the region that words name, and whether its name is only similar to them."""
    if is_missing(words):
        return None, False
    if words.isdecimal() and load_country(country).region_numbers:
        return _find_numbered_region(words, country), False
    match = find_region(words, country)
    if match is None or (country, match.place.region) not in load_region_codes():
        return None, False
    return match.place.region, match.matched != "exact"
