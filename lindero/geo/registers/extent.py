"""The area in which a source has data, as estimated from its rows.

A source may cover a region (a department, a state) if any of its rows is in it. The area between its rows in the region
counts as covered. A file that ends in the middle of a region therefore does not count as covering all of it, and a
country never counts as covered because of some rows.
"""

from functools import reduce

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lindero.geo.geometry.prepared import prepared_copy
from lindero.geo.geometry.projection import Floats, Geometries, Ints

MIN_ROWS = 3  # minimum rows well inside a region; with fewer, no area is proposed in it
BORDER_DEGREES = 0.05  # about 5 km: two digitisations of the same border differ by this much
CHUNK_BOXES = 16  # boxes tested before their count is checked
SHORE_DEGREES = 0.1  # about 11 km: the base data are accurate to a few kilometres
BOX = ["xmin", "ymin", "xmax", "ymax"]
COLUMNS = ["code", "name", "rows", "region", "geometry"]


class Regions:
    """Regions in which the rows of any number of sources are located.

    `frame`: `code`, `name` and polygons in degrees.
    """

    def __init__(self, frame: gpd.GeoDataFrame) -> None:
        self.crs = frame.crs
        self.codes, self.names = frame["code"].tolist(), frame["name"].tolist()
        self.polygons: Geometries = frame.geometry.to_numpy()
        self.tree = shapely.STRtree(self.polygons)

    def locate_points(self, points: Geometries) -> tuple[Ints, Ints]:
        """Return the positions of the points that are inside regions, and the regions that contain them."""
        at_point, at_region = self.tree.query(points)
        inside = shapely.contains(prepared_copy(self.polygons[at_region]), points[at_point])
        return at_point[inside], at_region[inside]

    def has_rows_inside(self, boxes: Floats, region: int) -> bool:
        """Return whether the centres of at least `MIN_ROWS` boxes are well inside a region.

        A centre is well inside if its distance to every other region exceeds the difference between two drawings of a
        border. `boxes` (n, 4) are in degrees, with centres in the region.
        """
        count = 0
        for first in range(0, len(boxes), CHUNK_BOXES):
            chunk = boxes[first : first + CHUNK_BOXES]
            points = shapely.points((chunk[:, 0] + chunk[:, 2]) / 2, (chunk[:, 1] + chunk[:, 3]) / 2)
            at_row, at_region = self.tree.query(points, predicate="dwithin", distance=BORDER_DEGREES)
            count += len(chunk) - len(np.unique(at_row[at_region != region]))
            if count >= MIN_ROWS:
                return True
        return False


def find_regions(boxes: pd.DataFrame, regions: Regions) -> gpd.GeoDataFrame:
    """Find the regions that contain any row, and the area between the rows in each region.

    `boxes`: `xmin`, `ymin`, `xmax`, `ymax` of each row in degrees. A row is in the region that contains the centre of
    its box. Returns: `code`, `name`, `rows`, `region` (its polygon) and `geometry`, in the CRS of the regions. The
    geometry is the convex hull of the boxes, clipped to the region. It is None if fewer than `MIN_ROWS` centres are
    well inside the region: rows of a neighbour that extend over a border do not show that the source covers this side.
    """
    edges = boxes[BOX].to_numpy(dtype=float)
    edges = edges[np.isfinite(edges).all(axis=1)]
    centres = shapely.points((edges[:, 0] + edges[:, 2]) / 2, (edges[:, 1] + edges[:, 3]) / 2)
    at_row, at_region = regions.locate_points(centres)
    rows = []
    for region in np.unique(at_region):
        region_boxes = edges[at_row[at_region == region]]
        polygon = regions.polygons[region]
        hull = _clipped_hull(region_boxes, polygon) if regions.has_rows_inside(region_boxes, region) else None
        rows.append((regions.codes[region], regions.names[region], len(region_boxes), polygon, hull))
    return gpd.GeoDataFrame(pd.DataFrame(rows, columns=COLUMNS), geometry="geometry", crs=regions.crs)


def add_shore(shape: shapely.Geometry, other_areas: Geometries) -> shapely.Geometry:
    """Extend a country or region by the shore next to it that belongs to no other.

    This is needed because generalized coastlines are often too far inland.

    `shape`: polygon of the country or region in degrees. `other_areas`: polygons of all others in degrees. Returns: the
    polygon with a belt of 0.1 degrees, without the other areas.
    """
    expanded = shapely.buffer(shape, SHORE_DEGREES)
    nearby = other_areas[shapely.intersects(other_areas, expanded)]
    if not len(nearby):
        return expanded
    belt = shapely.difference(
        expanded, shape
    )  # the belt is narrow: subtracting from it takes a fifth of the time of a union of all areas
    return shapely.union(shape, reduce(shapely.difference, nearby, belt))


def _clipped_hull(boxes: Floats, region: shapely.Geometry) -> shapely.Geometry | None:
    vertices = np.concatenate([boxes[:, [0, 1]], boxes[:, [0, 3]], boxes[:, [2, 1]], boxes[:, [2, 3]]])
    hull = shapely.intersection(shapely.convex_hull(shapely.multipoints(vertices)), region)
    parts = [part for part in shapely.get_parts(hull) if part.geom_type == "Polygon"]
    return shapely.union_all(parts) if parts else None
