"""Points from a table's columns of coordinates, in the forms that people write them."""

import re

import geopandas as gpd
import pandas as pd
import shapely

from lindero.geo.positions.notation import PositionError, Reading, angle, readings
from lindero.layers.errors import N_, CRSError
from lindero.layers.model.parse_values import decimal_sign, is_missing, number
from lindero.layers.read.reader import Received
from lindero.layers.sources.field_proposals import Proposal
from lindero.layers.sources.mapping import POSITION, FieldMapping, coordinates, plain, position

_COLUMNS = ["row", "finding", "column_name", "detail"]
NO_FINDINGS = pd.DataFrame({name: pd.Series(dtype="int64" if name == "row" else "object") for name in _COLUMNS})
_ZONES = frozenset({"zona", "zone", "huso", "fuso", "faja"})
_OF_UTM = re.compile(r"(?=.*\butm)(?=.*(?:zona|zone|huso|fuso))")
_ZONE = re.compile(r"(?<!\d)\d{1,2}(?!\d)")
_MOST_DEGREES, _LAST_ZONE = 180, 60
_MINUTES = re.compile(r"\bmin(?:uto|ute)?s?\b")
_SHORT = re.compile(r"-?(?:1[0-7]\d|180|\d{1,2}),\d+")  # an angle with a decimal comma; thousands of metres are longer
HELD = N_("its cells are positions")
_SAMPLE = 200
_MOST = 0.8  # of the cells that hold anything
_FEWEST_LETTERS = 6
_ROOM = 1.0  # degrees round a country in which a doubtful reading is still believed


def points(mapping: FieldMapping, received: Received, country: gpd.GeoDataFrame) -> tuple[gpd.GeoSeries, pd.DataFrame]:
    """
    Give the point of each row (None where it has no coordinates) as its columns hold it, in whatever system.

    Where there are none, a column of whole positions is read, each as it is written, else as `country` tells.
    Decimal numbers with either sign, and degrees with minutes and seconds, are read; what is neither is a finding
    (`row`, `finding`, `column_name`, `detail`), and the row has no point.

    Raises
    ------
    CRSError
        If the rows name several UTM zones, so that one reference system cannot hold them; or if the columns hold whole
        degrees alone, and others the minutes.
    """
    columns = coordinates(mapping, received)
    whole = position(mapping, received)
    if columns is None and whole is not None:
        found, odd = positions(whole, country)
        return found, pd.DataFrame(odd, columns=_COLUMNS) if odd else NO_FINDINGS
    if columns is None:
        return gpd.GeoSeries(pd.Series(None, index=received.rows.index, dtype=object)), NO_FINDINGS
    _hold_to_one_zone(received)
    (longitude, odd), (latitude, other) = (_angles(column) for column in columns)
    _hold_to_whole_angles(received, longitude, latitude)
    given = longitude.notna() & latitude.notna()
    found = gpd.GeoSeries(gpd.points_from_xy(longitude[given], latitude[given]), index=longitude.index[given])
    findings = pd.DataFrame([*odd, *other], columns=_COLUMNS) if odd or other else NO_FINDINGS
    return gpd.GeoSeries(found.reindex(received.rows.index)), findings


def _angles(values: pd.Series) -> tuple[pd.Series, list[tuple[object, str, str, str]]]:
    written = [str(value).strip() for value in values.dropna() if isinstance(value, str)]
    short = bool(written) and all("," not in text or _SHORT.fullmatch(text) for text in written)
    sign = decimal_sign(values) or ("," if short and any("," in text for text in written) else None)
    read: list[float | None] = []
    odd: list[tuple[object, str, str, str]] = []
    for row, value in values.items():
        read.append(None)
        if is_missing(value):
            continue
        try:
            read[-1] = number(value, decimal=sign)
        except ValueError:
            try:
                read[-1] = angle(str(value))
            except PositionError:
                odd.append((row, "not_readable", str(values.name), str(value)[:200]))
    return pd.Series(read, index=values.index, dtype="float64"), odd


def _hold_to_one_zone(received: Received) -> None:
    for name in received.rows:
        words = plain(name).replace("_", " ")
        if words in _ZONES or _OF_UTM.match(words):
            told = ([*map(int, _ZONE.findall(str(value)))] for value in received.rows[name])
            zones = {
                str(max(given)) for numbers in told if (given := [one for one in numbers if 1 <= one <= _LAST_ZONE])
            }
            if len(zones) > 1:
                raise CRSError(
                    N_("the rows lie in several UTM zones ({zones}, by {column}): split the file by zone"),
                    zones=", ".join(sorted(zones)),
                    column=name,
                )


def _hold_to_whole_angles(received: Received, longitude: pd.Series, latitude: pd.Series) -> None:
    """Refuse degrees whose minutes stand in other columns: each place would be up to a degree away."""
    columns = [column.dropna() for column in (longitude, latitude)]
    if any(column.empty or (column % 1 != 0).any() or (column.abs() > _MOST_DEGREES).any() for column in columns):
        return
    if minutes := [str(name) for name in received.rows if _MINUTES.search(re.sub(r"[\W_]+", " ", plain(name)))]:
        raise CRSError(
            N_(
                "longitude and latitude hold whole degrees alone, and the minutes stand in {columns}: write each "
                "position into one cell, such as 75°29'42\"W, and name the cells with --field longitude=… --field "
                "latitude=…"
            ),
            columns=", ".join(minutes),
        )


# Points from a table's cells that hold a whole position each: two angles, MGRS, UTM with its zone, a plus code.


def positions(cells: pd.Series, country: gpd.GeoDataFrame) -> tuple[gpd.GeoSeries, list[tuple[object, str, str, str]]]:
    """
    Give the point of each cell in degrees (None where it holds none), and what cannot be read as findings.

    A cell is read as it is written. Where something has to be supposed for that (the zone of an easting, its half of
    the Earth), it is read only if just one reading lies in `country`; what stays open is a finding, and no place.
    """
    found: list[shapely.Point | None] = []
    odd: list[tuple[object, str, str, str]] = []
    for row, cell in cells.items():
        reading = None if is_missing(cell) else _read(str(cell), country)
        found.append(shapely.Point(reading.longitude, reading.latitude) if reading else None)
        if reading is None and not is_missing(cell):
            odd.append((row, "not_readable", str(cells.name), str(cell)[:200]))
    return gpd.GeoSeries(pd.Series(found, index=cells.index, dtype=object)), odd


def proposed_position(rows: pd.DataFrame, taken: set[str]) -> list[Proposal]:
    """Propose a field as that of positions if most of its cells are such: one that is not taken for a column."""
    for name in rows:
        cells = [str(cell) for cell in rows[name].dropna().head(_SAMPLE) if isinstance(cell, str) and cell.strip()]
        if str(name) in taken or not cells or min(map(len, cells)) < _FEWEST_LETTERS:
            continue
        if sum(_is_one(cell) for cell in cells) >= _MOST * len(cells):
            samples = tuple(cell[:40] for cell in dict.fromkeys(cells))[:3]
            return [Proposal(POSITION, str(name), HELD, 95, samples, is_sure=True)]
    return []


def _is_one(text: str) -> bool:
    try:
        return bool(readings(text))
    except PositionError:
        return False


def _read(text: str, country: gpd.GeoDataFrame) -> Reading | None:
    try:
        found = readings(text)
    except PositionError:
        return None
    if found and not found[0].doubts:
        return found[0]
    inside = [one for one in found if _lies_in(one, country)]
    return inside[0] if len(inside) == 1 else None


def _lies_in(reading: Reading, country: gpd.GeoDataFrame) -> bool:
    if country.empty:
        return False
    west, south, east, north = country.total_bounds
    return bool(
        west - _ROOM <= reading.longitude <= east + _ROOM and south - _ROOM <= reading.latitude <= north + _ROOM
    )
