"""
Where a source can be taken to have data, as far as its rows show.

A region (a department, a state) that holds any row is one that the source may cover; what lies between its rows there
is taken as covered. A file that ends in the middle of a region is so not taken for one of all of it, and a country is
never taken as covered because of some rows.
"""

from functools import reduce

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lindero.geo.geometry.prepared import prepared_copy
from lindero.geo.geometry.projection import Floats, Geometries, Ints

LEAST = 3  # rows in a region, away from its borders, below which nothing is between them
BORDER_DEGREES = 0.05  # some 5 km: by how much two drawings of one border differ
AT_ONCE = 16  # boxes that are looked at before it is asked whether enough were found
SHORE_DEGREES = 0.1  # some 11 km: the base data are accurate to some kilometres
BOX = ["xmin", "ymin", "xmax", "ymax"]
COLUMNS = ["code", "name", "rows", "region", "geometry"]


class Regions:
    """
    Regions that the rows of any number of sources are looked for in.

    Parameters
    ----------
    frame
        `code`, `name` and polygons in degrees.
    """

    def __init__(self, frame: gpd.GeoDataFrame) -> None:
        self.crs = frame.crs
        self.codes, self.names = frame["code"].tolist(), frame["name"].tolist()
        self.polygons: Geometries = frame.geometry.to_numpy()
        self.tree = shapely.STRtree(self.polygons)

    def of_points(self, points: Geometries) -> tuple[Ints, Ints]:
        """Find the points that lie in regions: which point, and in which region."""
        at_point, at_region = self.tree.query(points)
        inside = shapely.contains(prepared_copy(self.polygons[at_region]), points[at_point])
        return at_point[inside], at_region[inside]

    def well_within(self, boxes: Floats, region: int) -> bool:
        """
        Tell whether the middles of `LEAST` boxes lie well within a region.

        That is farther from every other region than borders are drawn apart. `boxes` (n, 4) are in degrees, their
        middles in the region.
        """
        found = 0
        for first in range(0, len(boxes), AT_ONCE):
            some = boxes[first : first + AT_ONCE]
            points = shapely.points((some[:, 0] + some[:, 2]) / 2, (some[:, 1] + some[:, 3]) / 2)
            at_row, at_region = self.tree.query(points, predicate="dwithin", distance=BORDER_DEGREES)
            found += len(some) - len(np.unique(at_row[at_region != region]))
            if found >= LEAST:
                return True
        return False


def regions_of_rows(boxes: pd.DataFrame, regions: Regions) -> gpd.GeoDataFrame:
    """
    Give the regions that hold any row, and what of each lies between its rows.

    Parameters
    ----------
    boxes
        Of each row `xmin`, `ymin`, `xmax`, `ymax` in degrees; a row lies in the region of the middle of its box.

    Returns
    -------
    GeoDataFrame
        `code`, `name`, `rows`, `region` (its polygon) and `geometry`: the convex hull of the boxes of its rows, within
        the region; None where the middles of fewer than `LEAST` lie farther from every other region than borders are
        drawn apart: rows of a neighbour that reach over a border do not show that a source covers this side of it.
    """
    edges = boxes[BOX].to_numpy(dtype=float)
    edges = edges[np.isfinite(edges).all(axis=1)]
    middles = shapely.points((edges[:, 0] + edges[:, 2]) / 2, (edges[:, 1] + edges[:, 3]) / 2)
    at_row, at_region = regions.of_points(middles)
    found = []
    for region in np.unique(at_region):
        own = edges[at_row[at_region == region]]
        polygon = regions.polygons[region]
        hull = _hull(own, polygon) if regions.well_within(own, region) else None
        found.append((regions.codes[region], regions.names[region], len(own), polygon, hull))
    return gpd.GeoDataFrame(pd.DataFrame(found, columns=COLUMNS), geometry="geometry", crs=regions.crs)


def with_its_shore(shape: shapely.Geometry, others: Geometries) -> shapely.Geometry:
    """
    Give a country or region with what lies by it and in no other: coarse coasts run inland of the real ones.

    `others` are the polygons of all others; all in degrees.
    """
    wide = shapely.buffer(shape, SHORE_DEGREES)
    near = others[shapely.intersects(others, wide)]
    if not len(near):
        return wide
    belt = shapely.difference(wide, shape)  # narrow: what is taken from it costs a fifth of what a union of all does
    return shapely.union(shape, reduce(shapely.difference, near, belt))


def _hull(boxes: Floats, region: shapely.Geometry) -> shapely.Geometry | None:
    corners = np.concatenate([boxes[:, [0, 1]], boxes[:, [0, 3]], boxes[:, [2, 1]], boxes[:, [2, 3]]])
    hull = shapely.intersection(shapely.convex_hull(shapely.multipoints(corners)), region)
    parts = [part for part in shapely.get_parts(hull) if part.geom_type == "Polygon"]
    return shapely.union_all(parts) if parts else None
