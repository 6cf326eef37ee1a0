"""Points in polygons: a point has no area, so only its position can be compared with a polygon."""

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
    """Find the points of each side that are inside a polygon of the other side, or on its edge.

    `left`, `right`: frames of points and polygons with a unique `id`, in one CRS of degrees. Other geometries are
    ignored. Returns: `left_id`, `right_id`, `point` (`left` or `right`: the side of the point), sorted by both ids.
    """
    import pandas as pd

    pairs = find_pairs(*(frame.geometry.to_numpy() for frame in (left, right)))
    tables = [
        pd.DataFrame(
            {"left_id": left["id"].to_numpy()[left_rows], "right_id": right["id"].to_numpy()[right_rows], "point": side}
        )
        for side, (left_rows, right_rows) in pairs.items()
    ]
    table = pd.concat(tables, ignore_index=True)
    return table.sort_values(["left_id", "right_id"], kind="stable", ignore_index=True)


def find_pairs(left: Geometries, right: Geometries) -> dict[str, tuple[Ints, Ints]]:
    """Find the points of each side that are inside a polygon of the other side.

    `left`, `right`: geometries in one CRS of degrees. Returns: positions in `left` and in `right`, under the side of
    the point: `left` or `right`.
    """
    return {"left": _match_points(left, right), "right": _match_points(right, left)[::-1]}


def is_point(frame: gpd.GeoDataFrame) -> pd.Series[bool]:
    """Return a mask of the rows with a point geometry.

    `frame`: frame in any CRS.
    """
    import pandas as pd

    return pd.Series(are_points(frame.geometry.to_numpy()), index=frame.index)


def are_points(shapes: Geometries) -> npt.NDArray[np.bool_]:
    """Return a mask of the shapes that are points or multipoints.

    `shapes`: geometries in any CRS.
    """
    return np.isin(shapely.get_type_id(shapes), _POINTS)


def _match_points(points: Geometries, areas: Geometries) -> tuple[Ints, Ints]:
    """Return the positions of points, and of the polygons that contain them."""
    point_positions = np.flatnonzero(are_points(points))
    area_positions = np.flatnonzero(is_polygonal(areas))
    tree = shapely.STRtree(points[point_positions])  # of the points: mostly there are few, or none
    area_rows, point_rows = tree.query(areas[area_positions], predicate="intersects")
    order = np.lexsort((area_rows, point_rows))
    return point_positions[point_rows[order]], area_positions[area_rows[order]]


_POINTS = (shapely.GeometryType.POINT, shapely.GeometryType.MULTIPOINT)
