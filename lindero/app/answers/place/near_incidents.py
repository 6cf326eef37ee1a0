"""Attacks and conflicts near a place: the same list for every page, brief, pocket map, dossier and command.

The area of an incident is the district or province that it is known by, if the map has that
(`app.answers.record.extents`); otherwise a cell of a fixed grid, about 11 km wide or more
(`app.answers.record.coarse_places`). An incident is near if its area comes within the distance. It is certain if the
whole area is within the distance, otherwise possible. A cell is only the surroundings of the centre of a district, so
an incident there is never certain. Published lists therefore match the screen and do not reveal exact places. Records
known only by their region or country are counted, not listed (`app.answers.record.unplaced`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely

from lindero.app.text.i18n import _, format_number
from lindero.geo.geometry.crs import ELLIPSOID
from lindero.geo.geometry.projection import Floats, Geometries
from lindero.geo.geometry.units import M_PER_KM
from lindero.geo.near.edge_index import EdgeIndex
from lindero.geo.near.nearest import find_nearest
from lindero.layers.database.definitions import CELL_DEGREES, KNOWN_PLACE
from lindero.layers.database.map_database import Connection
from lindero.layers.database.queries import record_queries

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from lindero.app.answers.place.spot import Spot
    from lindero.app.answers.record.extents import Extent
    from lindero.layers.database.queries.record_queries import IncidentPlace

CERTAIN, POSSIBLE = "certain", "possible"
REACH_KM = 160  # from vertex to opposite vertex of the largest cell
_EARTH_KM = 20_004.0  # no place is farther than half the circumference
_DECIMALS = 6  # of the vertices of a cell, as in `geo.positions.generalise`


class Nearness(NamedTuple):
    """The distance from a place to the area of an incident."""

    nearness: str  # `CERTAIN` or `POSSIBLE`
    area_m: float  # to the nearest point of the area; 0 if the area touches the place
    area_far_m: float  # to its farthest point
    area_name: str | None  # of the district or province; None if the map does not have its extent


def near_incidents(
    con: Connection, spot: Spot, ids: Sequence[str], extents: Mapping[str, Extent], *, within_km: float
) -> dict[str, Nearness]:
    """Return the distance of each incident near a place, by id, nearest first.

    Candidates are the incidents `ids`, with a geometry closer than `within_km` plus `REACH_KM`, and those in `extents`.
    """
    places = [
        place
        for place in record_queries.read_places(con, list(dict.fromkeys([*ids, *extents])))
        if (place.precision or "") in CELL_DEGREES
    ]
    if not places:
        return {}
    cells = zip(places, _cells(places), strict=True)
    areas = [extents[place.id].shape if place.id in extents else cell for place, cell in cells]
    outlines, at_outline = np.unique(shapely.to_wkb(areas), return_inverse=True)
    shapes = shapely.from_wkb(outlines)
    away_m = _distances_m(spot, shapes, within_km)
    far_m = np.full(len(shapes), np.inf)
    far_m[away_m < np.inf] = [_farthest_m(spot, shape) for shape in shapes[away_m < np.inf]]
    matches = []
    for place, row in zip(places, at_outline.ravel().tolist(), strict=True):
        if away_m[row] < np.inf:
            has_extent = place.id in extents or place.precision in KNOWN_PLACE
            nearness = CERTAIN if has_extent and far_m[row] <= within_km * M_PER_KM else POSSIBLE
            name = extents[place.id].name if place.id in extents else None
            matches.append((place.id, Nearness(nearness, float(away_m[row]), float(far_m[row]), name)))
    return dict(sorted(matches, key=lambda match: (match[1].area_m, match[0])))


def find_near_lands(
    lands: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, extents: Mapping[str, Extent], *, within_km: float
) -> pd.DataFrame:
    """Return the pairs of lands and incidents near them, by the rule of `near_incidents`.

    The columns are `place_id`, `id`, `distance_m`, `is_certain`. `areas` has `id`, `location_precision` and the areas
    of `app.answers.record.coarse_places.known_areas`.
    """
    import geopandas as gpd

    from lindero.geo.near.within_distance import find_within_distance

    near = find_within_distance(lands, areas, within_km=within_km)
    has_extent = areas["id"].isin(list(extents)) | areas["location_precision"].isin(KNOWN_PLACE)
    measured = areas[has_extent & areas["id"].isin(near["id"])]
    vertices, rows = shapely.get_coordinates(measured.geometry.to_numpy(), return_index=True)
    points = gpd.GeoDataFrame({"id": np.arange(len(rows))}, geometry=shapely.points(vertices), crs=areas.crs)
    inside = find_within_distance(lands, points, within_km=within_km)
    incident_ids = measured["id"].to_numpy()[rows]
    counts = inside.groupby(["place_id", incident_ids[inside["id"].to_numpy(dtype=int)]]).size()
    pairs = zip(near["place_id"], near["id"], strict=True)
    sizes = dict(zip(*np.unique(incident_ids, return_counts=True), strict=True))
    is_certain = [counts.get((land, id_), 0) == sizes.get(id_) for land, id_ in pairs]
    return near.assign(is_certain=is_certain)


def _cells(places: Sequence[IncidentPlace]) -> Geometries:
    """Return the cell of the grid that contains each place."""
    sides = np.array([CELL_DEGREES[place.precision or ""] for place in places])
    points = shapely.get_coordinates(shapely.point_on_surface(np.array([place.shape for place in places])))
    west, south = np.round(np.floor(points / sides[:, None]) * sides[:, None], _DECIMALS).T
    return np.array(shapely.box(west, south, np.round(west + sides, _DECIMALS), np.round(south + sides, _DECIMALS)))


def summarize_incidents(rows: Sequence[Mapping[Any, Any]], within_km: float) -> str:
    """Return how many incidents of a list are certainly within a distance, and how many possibly; empty for no rows."""
    if not rows:
        return ""
    certain = sum(row["nearness"] == CERTAIN for row in rows)
    text = _(
        "{certain} certainly within {km} km; {possible} possibly: only an area is known or published of them, "
        "and not all of it is within that distance."
    )
    if certain == len(rows):
        text = _("{certain} certainly within {km} km.")
    elif not certain:
        text = _(
            "{possible} possibly within {km} km: only an area is known or published of them, and not all of it is "
            "within that distance."
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


def _farthest_m(spot: Spot, shape: shapely.Geometry) -> float:
    """Return the distance in metres from a place to the farthest vertex of a shape."""
    vertices = shapely.get_coordinates(shape)
    if spot.shape is None:
        here = np.broadcast_to([spot.longitude, spot.latitude], vertices.shape)
        return float(np.max(ELLIPSOID.inv(*here.T, *vertices.T)[2]))
    from lindero.geo.near.within_distance import near_area

    _positions, distances_m = near_area(spot.shape, np.array(shapely.points(vertices)), within_km=_EARTH_KM)
    return float(np.max(distances_m))
