"""Events that are only known to an area, spread over it: drawn again and again, each time at another point of it."""

import geopandas as gpd
import numpy as np
import shapely

from lindero.geo.errors import N_, FrameError
from lindero.geo.geometry.crs import DEGREES
from lindero.geo.geometry.projection import Floats, Geometries, is_polygonal, project, to_plane


def spread(supports: gpd.GeoSeries, *, draws: int, seed: int) -> Floats:
    """
    Place events by chance: a point where the point is known, else any point of the area, all ground equally likely.

    Parameters
    ----------
    supports
        For each event the point, or the polygon of what is known of its place (valid, in any CRS).
    draws, seed
        How often, and the seed of the chance.

    Returns
    -------
    ndarray
        (draws, events, 2): x, y on the equal-area plane; not a number where there is no geometry.

    Raises
    ------
    FrameError
        If a geometry is neither point nor polygon. A `ValueError`.
    """
    shapes = supports.to_crs(DEGREES).to_numpy()
    kinds = shapely.get_type_id(shapes)
    areal = is_polygonal(shapes) & ~shapely.is_empty(shapes)
    point = (kinds == shapely.GeometryType.POINT) & ~shapely.is_empty(shapes)
    if (~(areal | point | shapely.is_missing(shapes) | shapely.is_empty(shapes))).any():
        raise FrameError(N_("the geometries are neither points nor polygons"))
    placed = np.full((draws, len(shapes), 2), np.nan)
    placed[:, point] = project(shapely.get_coordinates(shapes[point]))
    rng = np.random.default_rng(seed)
    alike: dict[bytes, list[int]] = {}
    for event in np.flatnonzero(areal):
        alike.setdefault(shapely.to_wkb(shapes[event]), []).append(int(event))
    for events in alike.values():
        plane = to_plane(np.array([shapes[events[0]]], dtype=object))
        placed[:, events] = _within(plane, draws * len(events), rng).reshape(draws, len(events), 2)
    return placed


def _within(area: Geometries, count: int, rng: np.random.Generator) -> Floats:
    """Draw points of one plane polygon: of its bounding box, until enough of them lie in it."""
    west, south, east, north = shapely.bounds(area)[0]
    shapely.prepare(area)
    found = np.empty((0, 2))
    while len(found) < count:
        tries = rng.uniform((west, south), (east, north), (2 * (count - len(found)) + 20, 2))
        found = np.concatenate((found, tries[shapely.contains_xy(area[0], tries)]))
    return found[:count]
