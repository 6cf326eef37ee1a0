"""What lies within a distance of many places at once."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lindero.geo.errors import N_, FrameError
from lindero.geo.geometry import scale_factor
from lindero.geo.geometry.crs import DEGREES
from lindero.geo.geometry.projection import Floats, Geometries, Ints, project
from lindero.geo.overlay.prepared_layer import Ground

SLACK = 1.01  # distances on the local plane are true to 1 %
PAIRS_AT_ONCE = 20_000


def within(places: gpd.GeoDataFrame, features: gpd.GeoDataFrame, *, within_km: float) -> pd.DataFrame:
    """
    Pair places with the features that come within a distance of their edge.

    Parameters
    ----------
    places, features
        Points or valid polygons, each with a unique `id`; rows without geometry are left out. Any CRS.
    within_km
        Distance from edge to edge, kilometres on the ground. Not across the antimeridian.

    Returns
    -------
    DataFrame
        `place_id`, `id`, `distance_m` (to 1 %; 0 where they meet), by place and distance.

    Raises
    ------
    GeoError
        As `geo.overlay.overlap`. A `ValueError`.
    """
    (place_ids, own), (ids, others) = on_plane(places), on_plane(features)
    if not len(own) or not len(others):
        return pd.DataFrame({"place_id": [], "id": [], "distance_m": []}).astype({"place_id": object, "id": object})
    height = np.abs(shapely.bounds(own)[:, [1, 3]]).max(axis=1)
    reach = within_km * 1000 * scale_factor.plane_per_m(height) * SLACK
    at, to = shapely.STRtree(others).query(own, predicate="dwithin", distance=reach)
    distance_m = _distances(own, others, at, to)
    pairs = pd.DataFrame({"place_id": place_ids[at], "id": ids[to], "distance_m": distance_m})
    pairs = pairs[pairs["distance_m"] <= within_km * 1000]
    return pairs.sort_values(["place_id", "distance_m", "id"], ignore_index=True)


def _distances(own: Geometries, others: Geometries, at: Ints, to: Ints) -> Floats:
    """Measure each pair in metres round its place; some at a time, for a feature is redrawn for every place near it."""
    centres = scale_factor.middles(own)
    drawn = scale_factor.around(own, centres)
    some = (slice(i, i + PAIRS_AT_ONCE) for i in range(0, len(at), PAIRS_AT_ONCE))
    parts = [shapely.distance(drawn[at[k]], scale_factor.around(others[to[k]], centres[at[k]])) for k in some]
    return np.concatenate([np.empty(0), *parts])


def on_plane(frame: gpd.GeoDataFrame) -> tuple[Geometries, Geometries]:
    """Give ids and shapes on the equal-area plane, of polygons and of points."""
    ground = Ground.of(frame)
    shapes = frame.geometry.to_crs(DEGREES).to_numpy()
    is_point = shapely.get_type_id(shapes) == shapely.GeometryType.POINT
    if len(ground.ids) + is_point.sum() < (~(shapely.is_missing(shapes) | shapely.is_empty(shapes))).sum():
        raise FrameError(N_("the geometries are neither points nor polygons"))
    points = shapely.transform(shapes[is_point], project)
    ids = np.concatenate((ground.ids.to_numpy(dtype=object), frame["id"].to_numpy(dtype=object)[is_point]))
    return ids, np.concatenate((ground.shapes, points))
