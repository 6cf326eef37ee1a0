"""Points from the coordinate columns of a table, in the notations that people use."""

import re
from collections.abc import Iterable
from dataclasses import replace

import geopandas as gpd
import pandas as pd
import pyproj
import shapely

from lindero.geo.positions.notation import PositionError, Reading, parse_angle, readings
from lindero.layers.errors import N_, CRSError
from lindero.layers.model.parse_values import detect_decimal_sign, is_missing, parse_number
from lindero.layers.read.reader import ReceivedLayer
from lindero.layers.sources.field_proposals import Proposal
from lindero.layers.sources.mapping import POSITION, FieldMapping, coordinates, normalise_text, position

_COLUMNS = ["row", "finding", "column_name", "detail"]
NO_FINDINGS = pd.DataFrame({name: pd.Series(dtype="int64" if name == "row" else "object") for name in _COLUMNS})
_ZONES = frozenset({"zona", "zone", "huso", "fuso", "faja"})
_UTM_WITH_ZONE = re.compile(r"(?=.*\butm)(?=.*(?:zona|zone|huso|fuso))")
_ZONE = re.compile(r"(?<!\d)\d{1,2}(?!\d)")
_MOST_DEGREES, _LAST_ZONE = 180, 60
_MINUTES = re.compile(r"\bmin(?:uto|ute)?s?\b")
_SHORT = re.compile(r"-?(?:1[0-7]\d|180|\d{1,2}),\d+")  # an angle with a decimal comma; thousands of metres are longer
POSITION_EVIDENCE = N_("its cells contain positions")
_SAMPLE = 200
_MOST = 0.8  # of the non-empty cells
_FEWEST_LETTERS = 6
_ROOM = 1.0  # degrees around a country in which a doubtful reading is accepted


def read_points(
    mapping: FieldMapping, received: ReceivedLayer, country: gpd.GeoDataFrame
) -> tuple[gpd.GeoSeries, pd.DataFrame]:
    """Return the point of each row, in the CRS of its columns. It is None for rows without coordinates.

    If there are no coordinate columns, a column of complete positions is parsed; ambiguous cells are resolved with
    `country`. Signed decimal numbers, and degrees with minutes and seconds, are accepted. Any other value is a finding
    (`row`, `finding`, `column_name`, `detail`), and the row has no point.
    """
    columns = coordinates(mapping, received)
    whole = position(mapping, received)
    if columns is None and whole is not None:
        shapes, odd_cells = parse_positions(whole, country)
        return shapes, pd.DataFrame(odd_cells, columns=_COLUMNS) if odd_cells else NO_FINDINGS
    if columns is None:
        return gpd.GeoSeries(pd.Series(None, index=received.rows.index, dtype=object)), NO_FINDINGS
    _require_one_zone(received)
    (longitude, odd_cells), (latitude, odd_latitudes) = (_parse_angles(column) for column in columns)
    _require_whole_angles(received, longitude, latitude)
    is_complete = longitude.notna() & latitude.notna()
    shapes = gpd.GeoSeries(
        gpd.points_from_xy(longitude[is_complete], latitude[is_complete]), index=longitude.index[is_complete]
    )
    findings = (
        pd.DataFrame([*odd_cells, *odd_latitudes], columns=_COLUMNS) if odd_cells or odd_latitudes else NO_FINDINGS
    )
    return gpd.GeoSeries(shapes.reindex(received.rows.index)), findings


def state_crs(mapping: FieldMapping, received: ReceivedLayer) -> ReceivedLayer:
    """Return a table with the CRS that its mapping knows for the UTM zone of its rows; any other file as it is."""
    name = mapping.systems.get("field")
    if received.crs is not None or name not in received.rows:
        return received
    crs = mapping.systems["crs"].get(_find_zone(str(name), received.rows[name]))
    return replace(received, crs=pyproj.CRS(crs)) if crs else received


def _parse_angles(values: pd.Series) -> tuple[pd.Series, list[tuple[object, str, str, str]]]:
    cell_texts = [str(value).strip() for value in values.dropna() if isinstance(value, str)]
    short = bool(cell_texts) and all("," not in text or _SHORT.fullmatch(text) for text in cell_texts)
    sign = detect_decimal_sign(values) or ("," if short and any("," in text for text in cell_texts) else None)
    read: list[float | None] = []
    odd: list[tuple[object, str, str, str]] = []
    for row, value in values.items():
        read.append(None)
        if is_missing(value):
            continue
        try:
            read[-1] = parse_number(value, decimal=sign)
        except ValueError:
            try:
                read[-1] = parse_angle(str(value))
            except PositionError:
                odd.append((row, "not_readable", str(values.name), str(value)[:200]))
    return pd.Series(read, index=values.index, dtype="float64"), odd


def _require_one_zone(received: ReceivedLayer) -> None:
    for name in received.rows:
        words = normalise_text(name).replace("_", " ")
        if words in _ZONES or _UTM_WITH_ZONE.match(words):
            _find_zone(str(name), received.rows[name])


def _find_zone(name: str, cells: Iterable[object]) -> str:
    """Return the UTM zone in the cells of a field; empty if they name none."""
    number_lists = ([*map(int, _ZONE.findall(str(value)))] for value in cells)
    zones = {
        str(max(valid)) for numbers in number_lists if (valid := [zone for zone in numbers if 1 <= zone <= _LAST_ZONE])
    }
    if len(zones) > 1:
        raise CRSError(
            N_("the rows are in several UTM zones ({zones}, by the field {column}); split the file by zone"),
            zones=", ".join(sorted(zones)),
            column=name,
        )
    return next(iter(zones), "")


def _require_whole_angles(received: ReceivedLayer, longitude: pd.Series, latitude: pd.Series) -> None:
    """Check that the minutes of degrees are not in other columns."""
    columns = [column.dropna() for column in (longitude, latitude)]
    if any(column.empty or (column % 1 != 0).any() or (column.abs() > _MOST_DEGREES).any() for column in columns):
        return
    if minutes := [
        str(name) for name in received.rows if _MINUTES.search(re.sub(r"[\W_]+", " ", normalise_text(name)))
    ]:
        raise CRSError(
            N_(
                "longitude and latitude contain whole degrees only; the minutes are in {columns}. Write "
                "each angle in one cell, for example 75°29'42\"W, and give the fields with --field "
                "longitude=… --field latitude=…"
            ),
            columns=", ".join(minutes),
        )


# Points from table cells with a complete position: two angles, MGRS, UTM with its zone, or a plus code.


def parse_positions(
    cells: pd.Series, country: gpd.GeoDataFrame
) -> tuple[gpd.GeoSeries, list[tuple[object, str, str, str]]]:
    """Return the point of each cell in degrees, and findings about unreadable cells.

    A cell without a position has no point. If the zone of an easting or its hemisphere must be guessed, the cell is
    accepted only if exactly one reading lies in `country`. Otherwise it is a finding and has no point.
    """
    shapes: list[shapely.Point | None] = []
    odd: list[tuple[object, str, str, str]] = []
    for row, cell in cells.items():
        reading = None if is_missing(cell) else _parse_cell(str(cell), country)
        shapes.append(shapely.Point(reading.longitude, reading.latitude) if reading else None)
        if reading is None and not is_missing(cell):
            odd.append((row, "not_readable", str(cells.name), str(cell)[:200]))
    return gpd.GeoSeries(pd.Series(shapes, index=cells.index, dtype=object)), odd


def propose_position(rows: pd.DataFrame, used_fields: set[str]) -> list[Proposal]:
    """Propose a field as the column of positions if most of its cells are positions and it is not used yet."""
    for name in rows:
        cells = [str(cell) for cell in rows[name].dropna().head(_SAMPLE) if isinstance(cell, str) and cell.strip()]
        if str(name) in used_fields or not cells or min(map(len, cells)) < _FEWEST_LETTERS:
            continue
        if sum(_is_position(cell) for cell in cells) >= _MOST * len(cells):
            samples = tuple(cell[:40] for cell in dict.fromkeys(cells))[:3]
            return [Proposal(POSITION, str(name), POSITION_EVIDENCE, 95, samples, is_sure=True)]
    return []


def _is_position(text: str) -> bool:
    try:
        return bool(readings(text))
    except PositionError:
        return False


def _parse_cell(text: str, country: gpd.GeoDataFrame) -> Reading | None:
    try:
        candidates = readings(text)
    except PositionError:
        return None
    if candidates and not candidates[0].doubts:
        return candidates[0]
    inside = [reading for reading in candidates if _is_near_country(reading, country)]
    return inside[0] if len(inside) == 1 else None


def _is_near_country(reading: Reading, country: gpd.GeoDataFrame) -> bool:
    if country.empty:
        return False
    west, south, east, north = country.total_bounds
    return bool(
        west - _ROOM <= reading.longitude <= east + _ROOM and south - _ROOM <= reading.latitude <= north + _ROOM
    )
