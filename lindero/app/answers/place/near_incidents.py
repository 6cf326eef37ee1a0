"""
Attacks and conflicts near a place: the same list for every page, brief, pocket map, dossier and command.

The published area of an incident is a cell of a fixed grid, about 11 km wide or more (`app.record.coarse_places`). An
incident is near if that area comes within the distance. It is certain if the whole area is within the distance,
otherwise possible. Published lists therefore match the screen and do not reveal exact places. Records known only by
their region or country are counted, not listed (`app.record.unplaced`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely

from lindero.app.text.i18n import _, format_number
from lindero.geo.geometry.projection import Floats, Geometries
from lindero.geo.near.edge_index import EdgeIndex
from lindero.geo.near.nearest import find_nearest
from lindero.layers.database.definitions import CELL_DEGREES
from lindero.layers.database.map_database import Connection
from lindero.layers.database.queries import record_queries

if TYPE_CHECKING:
    from lindero.app.answers.place.spot import Spot

CERTAIN, POSSIBLE = "certain", "possible"
KM_PER_DEGREE = 111.0
REACH_KM = 160  # from vertex to opposite vertex of the largest cell
_VERTICES = 4
_DECIMALS = 6  # of the vertices of a cell, as in `geo.positions.generalise`


class Nearness(NamedTuple):
    """The distance from a place to the published area of an incident."""

    nearness: str  # `CERTAIN` or `POSSIBLE`
    area_m: float  # to the area; 0 if the area touches the place
    side_km: float  # of the published area


def near_incidents(con: Connection, spot: Spot, ids: Sequence[str], *, within_km: float) -> dict[str, Nearness]:
    """
    Return the distance of each incident near a place, by id, nearest first.

    Parameters
    ----------
    ids
        Candidate incidents: those with a geometry closer than `within_km` plus `REACH_KM`.
    """
    if not ids:
        return {}
    places = [place for place in record_queries.read_places(con, ids) if (place.precision or "") in CELL_DEGREES]
    if not places:
        return {}
    sides = np.array([CELL_DEGREES[place.precision or ""] for place in places])
    points = shapely.get_coordinates(shapely.point_on_surface(np.array([place.shape for place in places])))
    south_west = np.round(np.floor(points / sides[:, None]) * sides[:, None], _DECIMALS)
    cells, at_cell = np.unique(np.column_stack((south_west, sides)), axis=0, return_inverse=True)
    west, south, side = cells.T
    east, north = np.round(west + side, _DECIMALS), np.round(south + side, _DECIMALS)
    vertices = np.column_stack((west, south, east, south, east, north, west, north)).reshape(-1, 2)
    shapes = np.concatenate((shapely.box(west, south, east, north), np.array(shapely.points(vertices))))
    away_m = _distances_m(spot, shapes, within_km)
    metres = away_m[: len(cells)][at_cell.ravel()]
    is_certain = (away_m[len(cells) :].reshape(-1, _VERTICES).max(axis=1) < np.inf)[at_cell.ravel()]
    matches = [
        (place.id, Nearness(CERTAIN if certain else POSSIBLE, float(away), float(side * KM_PER_DEGREE)))
        for place, away, certain, side in zip(places, metres, is_certain, sides, strict=True)
        if away < np.inf
    ]
    return dict(sorted(matches, key=lambda match: (match[1].area_m, match[0])))


def summarize_incidents(rows: Sequence[Mapping[Any, Any]], within_km: float) -> str:
    """Return how many incidents of a list are certainly within a distance, and how many possibly; empty for no rows."""
    if not rows:
        return ""
    certain = sum(row["nearness"] == CERTAIN for row in rows)
    text = _(
        "{certain} certainly within {km} km; {possible} possibly. The latter are published only as areas "
        "about 11 km wide or more, partly within that distance."
    )
    if certain == len(rows):
        text = _("{certain} certainly within {km} km.")
    elif not certain:
        text = _(
            "{possible} possibly within {km} km: these are published only as areas about 11 km wide or "
            "more, partly within that distance."
        )
    return text.format(
        certain=format_number(certain), possible=format_number(len(rows) - certain), km=format_number(within_km)
    )


def _distances_m(spot: Spot, shapes: Geometries, within_km: float) -> Floats:
    """Return the distance in metres from a place to each shape; infinite beyond `within_km`."""
    metres = np.full(len(shapes), np.inf)
    if spot.shape is None:
        neighbours = find_nearest(spot.longitude, spot.latitude, EdgeIndex.from_shapes(shapes), within_km=within_km)
        metres[neighbours.positions] = neighbours.distance_m
        return metres
    from lindero.geo.near.within_distance import near_area

    positions, distance_m = near_area(spot.shape, shapes, within_km=within_km)
    metres[positions] = distance_m
    return metres
