"""
Which attacks and conflicts are near a place: the one list of every page, brief, pocket map, dossier and command.

An incident is near if the area that is published of it comes within the distance: a cell of a fixed grid, some 11 km
wide or more (`app.record.coarse_places`). It is certain if all of that area is within, else possible. What leaves the
machine so lists what a screen lists, and gives no place away. Records known by their region or country alone are not
listed but counted (`app.record.unplaced`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely

from lindero.app.text.i18n import _, number
from lindero.geo.geometry.projection import Floats, Geometries
from lindero.geo.near.edge_index import EdgeIndex
from lindero.geo.near.nearest import nearest
from lindero.layers.database.definitions import CELL_DEGREES
from lindero.layers.database.map_database import Connection
from lindero.layers.database.queries import record_queries

if TYPE_CHECKING:
    from lindero.app.answers.place.spot import Spot

CERTAIN, POSSIBLE = "certain", "possible"
KM_PER_DEGREE = 111.0
REACH_KM = 160  # from corner to corner of the largest cell
_CORNERS = 4
_DECIMALS = 6  # of a cell's corners, as `geo.positions.generalise` has them


class Nearness(NamedTuple):
    """How near the area is that is published of an incident."""

    nearness: str  # `CERTAIN` or `POSSIBLE`
    area_m: float  # to the area; 0 where it meets the place
    side_km: float  # of the area


def near_incidents(con: Connection, spot: Spot, ids: Sequence[str], *, within_km: float) -> dict[str, Nearness]:
    """
    Return which of some incidents are near a place, the nearest first.

    `ids` are those whose own geometry comes within `REACH_KM` more than the distance.
    """
    places = [place for place in record_queries.places_of(con, ids) if (place.precision or "") in CELL_DEGREES]
    if not places:
        return {}
    sides = np.array([CELL_DEGREES[place.precision or ""] for place in places])
    points = shapely.get_coordinates(shapely.point_on_surface(np.array([place.shape for place in places])))
    corner = np.round(np.floor(points / sides[:, None]) * sides[:, None], _DECIMALS)
    cells, at_cell = np.unique(np.column_stack((corner, sides)), axis=0, return_inverse=True)
    west, south, side = cells.T
    east, north = np.round(west + side, _DECIMALS), np.round(south + side, _DECIMALS)
    corners = np.column_stack((west, south, east, south, east, north, west, north)).reshape(-1, 2)
    shapes = np.concatenate((shapely.box(west, south, east, north), np.array(shapely.points(corners))))
    away_m = _metres(spot, shapes, within_km)
    metres = away_m[: len(cells)][at_cell.ravel()]
    is_certain = (away_m[len(cells) :].reshape(-1, _CORNERS).max(axis=1) < np.inf)[at_cell.ravel()]
    found = [
        (place.id, Nearness(CERTAIN if certain else POSSIBLE, float(away), float(side * KM_PER_DEGREE)))
        for place, away, certain, side in zip(places, metres, is_certain, sides, strict=True)
        if away < np.inf
    ]
    return dict(sorted(found, key=lambda one: (one[1].area_m, one[0])))


def summary(rows: Sequence[Mapping[Any, Any]], within_km: float) -> str:
    """Say how many of a list of incidents are within a distance for certain, and how many may be; nothing of none."""
    if not rows:
        return ""
    certain = sum(row["nearness"] == CERTAIN for row in rows)
    text = _(
        "{certain} within {km} km for certain; {possible} perhaps: the area that is published of them, some 11 km wide "
        "or more, only reaches into it."
    )
    if certain == len(rows):
        text = _("{certain} within {km} km for certain.")
    elif not certain:
        text = _(
            "{possible} may be within {km} km: the area that is published of them, some 11 km wide or more, only "
            "reaches into it."
        )
    return text.format(certain=number(certain), possible=number(len(rows) - certain), km=number(within_km))


def _metres(spot: Spot, shapes: Geometries, within_km: float) -> Floats:
    """Return the distance of each shape from a place, infinite beyond `within_km`."""
    metres = np.full(len(shapes), np.inf)
    if spot.shape is None:
        found = nearest(spot.longitude, spot.latitude, EdgeIndex.of(shapes), within_km=within_km)
        metres[found.at] = found.distance_m
        return metres
    from lindero.geo.near.within_distance import near_area

    at, distance_m = near_area(spot.shape, shapes, within_km=within_km)
    metres[at] = distance_m
    return metres
