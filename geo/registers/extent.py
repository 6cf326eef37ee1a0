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

from lindero.geo.geometry.projection import Floats, Geometries

LEAST = 3  # rows in a region, away from its borders, below which nothing is between them
BORDER_DEGREES = 0.05  # some 5 km: by how much two drawings of one border differ
SIMPLE_DEGREES = 0.005
SHORE_DEGREES = 0.1  # some 11 km: the base data are accurate to some kilometres
BOX = ["xmin", "ymin", "xmax", "ymax"]
COLUMNS = ["code", "name", "rows", "region", "geometry"]


class Regions:
    """
    Regions that the rows of any number of sources are looked for in: what of each lies well within is drawn once.

    Parameters
    ----------
    frame
        `code`, `name` and polygons in degrees.
    """

    def __init__(self, frame: gpd.GeoDataFrame) -> None:
        self.frame = frame
        self.polygons: Geometries = frame.geometry.to_numpy()
        self.tree = shapely.STRtree(self.polygons)
        self._inner: dict[int, shapely.Geometry] = {}

    def inner(self, region: int) -> shapely.Geometry:
        """Give what of a region lies farther from each other one than borders are drawn apart, prepared."""
        if region not in self._inner:
            own, others = self.polygons[region], np.delete(self.polygons, region)
            near = others[shapely.dwithin(shapely.envelope(others), shapely.envelope(own), BORDER_DEGREES)]
            wide = shapely.buffer(shapely.union_all(shapely.simplify(near, SIMPLE_DEGREES)), BORDER_DEGREES)
            self._inner[region] = shapely.difference(own, wide)
            shapely.prepare(self._inner[region])
        return self._inner[region]


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
    at_row, at_region = regions.tree.query(middles, predicate="within")
    found = []
    for region in np.unique(at_region):
        own = edges[at_row[at_region == region]]
        polygon = regions.polygons[region]
        hull = _hull(own, polygon) if _well_within(own, regions, region) >= LEAST else None
        about = regions.frame.iloc[region]
        found.append((about["code"], about["name"], len(own), polygon, hull))
    return gpd.GeoDataFrame(pd.DataFrame(found, columns=COLUMNS), geometry="geometry", crs=regions.frame.crs)


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


def _well_within(boxes: Floats, regions: Regions, region: int) -> int:
    """Count the boxes whose middle lies well within a region; of fewer than are asked for, all."""
    if len(boxes) < LEAST:
        return len(boxes)
    inner = regions.inner(region)
    return int(shapely.contains_xy(inner, (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2).sum())


def _hull(boxes: Floats, region: shapely.Geometry) -> shapely.Geometry | None:
    corners = np.concatenate([boxes[:, [0, 1]], boxes[:, [0, 3]], boxes[:, [2, 1]], boxes[:, [2, 3]]])
    hull = shapely.intersection(shapely.convex_hull(shapely.multipoints(corners)), region)
    parts = [part for part in shapely.get_parts(hull) if part.geom_type == "Polygon"]
    return shapely.union_all(parts) if parts else None
