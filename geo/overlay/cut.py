"""
The ground that polygons cover, counted once and cut by places, so that what lies on it can be measured by place.

Few corners are drawn where the polygons are simple, as titles are; what they lie on, whatever its outline, is not cut.
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lindero.geo.geometry.crs import DEGREES
from lindero.geo.geometry.projection import Geometries, polygons_of, unproject
from lindero.geo.kernels.threads import shared_out
from lindero.geo.overlay.intersection import shared_ground
from lindero.geo.overlay.prepared_layer import Ground

_NEIGHBOURS = 2_000  # polygons that a thread unites, before all that comes of it is united
GRID_M = 1e-4  # corners are laid on it: closer ones would fall together, or change sides, on their way to degrees


def united(polygons: gpd.GeoDataFrame) -> Geometries:
    """Draw the ground that polygons (`id`) cover together, in parts that share none, on the equal-area plane."""
    shapes = Ground.of(polygons).shapes
    if not len(shapes):
        return shapes
    neighbours = shapes[np.argsort(gpd.GeoSeries(shapes).hilbert_distance().to_numpy(), kind="stable")]
    parts = shared_out(lambda some: _united(neighbours[some]), len(shapes), chunk=_NEIGHBOURS)
    return _united(np.concatenate(parts))


def _united(shapes: Geometries) -> Geometries:
    return np.asarray(shapely.get_parts(shapely.disjoint_subset_union_all(shapes)))


def cut(ground: Geometries, *kinds: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """
    Cut polygons on the equal-area plane by places of one kind, or of several one after the other.

    Parameters
    ----------
    kinds
        Places (`id`, valid polygons). What lies in no place of a kind is left out; what lies in several, is there for
        each.

    Returns
    -------
    GeoDataFrame
        The pieces, neighbours together: `id` (a number), `in_0`, `in_1`, … (the `id` of the place of each kind),
        `geometry` in OGC:CRS84.
    """
    shapes, told = ground, pd.DataFrame(index=range(len(ground)))
    for kind, places in enumerate(kinds):
        over = Ground.of(places)
        at_shape, at_place = shapely.STRtree(over.shapes).query(shapes, predicate="intersects")
        shapes = shared_ground(shapes[at_shape], over.shapes[at_place])
        told = told.iloc[at_shape].assign(**{f"in_{kind}": over.ids.iloc[at_place].to_numpy()})
    polygons, owner = polygons_of(shapes)
    parts, polygon = polygons_of(shapely.set_precision(polygons, GRID_M))
    thick = shapely.area(parts) > 0
    shapes, told = shapely.transform(parts[thick], unproject), told.iloc[owner[polygon[thick]]]
    if len(shapes):
        along = np.argsort(gpd.GeoSeries(shapes).hilbert_distance().to_numpy(), kind="stable")
        shapes, told = shapes[along], told.iloc[along]
    return gpd.GeoDataFrame(
        told.assign(id=[str(number) for number in range(len(shapes))]), geometry=shapes, crs=DEGREES
    )
