"""Points from a table's cells that hold a whole position each: two angles, MGRS, UTM with its zone, a plus code."""

import geopandas as gpd
import pandas as pd
import shapely

from lindero.geo.positions.notation import PositionError, Reading, readings
from lindero.layers.errors import N_
from lindero.layers.model.parse_values import is_missing
from lindero.layers.sources.mapping import POSITION
from lindero.layers.sources.proposals import Proposal

HELD = N_("its cells are positions")
_SAMPLE = 200
_MOST = 0.8  # of the cells that hold anything
_FEWEST_LETTERS = 6
_ROOM = 1.0  # degrees round a country in which a doubtful reading is still believed


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
