"""Which points lie in which polygons: all that a point can say of ground is where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import shapely

from lindero.geo.geometry.projection import Geometries, Ints, is_polygonal

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd


def points_inside(left: gpd.GeoDataFrame, right: gpd.GeoDataFrame) -> pd.DataFrame:
    """
    Pair the points of either side with the polygons of the other in which they lie, or on whose edge.

    Parameters
    ----------
    left, right
        Points and polygons with a unique `id`, in one CRS of degrees; other geometries have no part in it.

    Returns
    -------
    DataFrame
        `left_id`, `right_id`, `point` (`left` or `right`: which of the two is the point), in this order.
    """
    import pandas as pd

    pairs = positions(*(frame.geometry.to_numpy() for frame in (left, right)))
    tables = [
        pd.DataFrame({"left_id": left["id"].to_numpy()[at], "right_id": right["id"].to_numpy()[to], "point": side})
        for side, (at, to) in pairs.items()
    ]
    found = pd.concat(tables, ignore_index=True)
    return found.sort_values(["left_id", "right_id"], kind="stable", ignore_index=True)


def positions(left: Geometries, right: Geometries) -> dict[str, tuple[Ints, Ints]]:
    """Do as `points_inside` does with shapes: positions in `left` and `right`, by which of the two is the point."""
    return {"left": _pairs(left, right), "right": _pairs(right, left)[::-1]}


def is_point(frame: gpd.GeoDataFrame) -> pd.Series[bool]:
    """Tell which rows are known by a point."""
    import pandas as pd

    return pd.Series(are_points(frame.geometry.to_numpy()), index=frame.index)


def are_points(shapes: Geometries) -> npt.NDArray[np.bool_]:
    """Tell which shapes are points, or several."""
    return np.isin(shapely.get_type_id(shapes), _POINTS)


def _pairs(points: Geometries, areas: Geometries) -> tuple[Ints, Ints]:
    """Give positions of points, and of the areas that each lies in."""
    dots = np.flatnonzero(are_points(points))
    grounds = np.flatnonzero(is_polygonal(areas))
    at, to = shapely.STRtree(areas[grounds]).query(points[dots], predicate="intersects")
    return dots[at], grounds[to]


_POINTS = (shapely.GeometryType.POINT, shapely.GeometryType.MULTIPOINT)
