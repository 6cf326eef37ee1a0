"""Polygons that are hard to overlay: on integer grids, with shared borders, holes, thousands of needles, far away."""

import numpy as np
import shapely
from shapely import Polygon, box

POOLS = ["grids", "mosaics", "stars", "dense"]


def pool(name, size, seed):
    """Give valid polygons and multipolygons within 0 to 30."""
    rng = np.random.default_rng(seed)
    make = {"grids": _grid, "mosaics": _mosaic, "stars": _star, "dense": _dense}[name]
    shapes = []
    while len(shapes) < size:
        shape = make(rng)
        if shape.geom_type in ("Polygon", "MultiPolygon") and shape.area > 0 and shape.is_valid:
            shapes.append(shape)
    return np.array(shapes, dtype=object)


def turned(shapes, way):
    """Move shapes where floating point is coarse, or turn them so that edges are vertical or cross at an angle."""
    turns = {
        "as drawn": lambda xy: xy,
        "far away": lambda xy: xy * 1_000 + (1e7, -2e6),
        "on its side": lambda xy: np.column_stack((-xy[:, 1], xy[:, 0])),
        "askew": lambda xy: xy @ np.array([[np.cos(0.5), np.sin(0.5)], [-np.sin(0.5), np.cos(0.5)]]),
    }
    return shapely.transform(shapes, turns[way])


def true_areas(left, right, claimed):
    """What GEOS says; where it contradicts `claimed`, whichever of its three ways is nearest, for now and then it errs."""
    ways = [shapely.area(shapely.intersection(left, right))]
    doubtful = np.flatnonzero(np.abs(ways[0] - claimed) > 1e-9 * np.minimum(shapely.area(left), shapely.area(right)))
    some_left, some_right = left[doubtful], right[doubtful]
    others = np.array(
        [
            ways[0][doubtful],
            shapely.area(shapely.intersection(some_right, some_left)),
            shapely.area(some_left) + shapely.area(some_right) - shapely.area(shapely.union(some_left, some_right)),
        ]
    )
    true = ways[0].copy()
    true[doubtful] = np.take_along_axis(others, np.abs(others - claimed[doubtful]).argmin(axis=0)[None], axis=0)[0]
    return true


def _grid(rng):
    """Rectangles on an integer grid, united: holes, corners that touch, edges that coincide."""
    wide = int(rng.integers(4, 30))
    vertices = rng.integers(0, wide, (int(rng.integers(1, 30)), 2))
    sides = rng.integers(1, max(2, wide // 3), vertices.shape)
    return shapely.union_all([box(x, y, x + w, y + h) for (x, y), (w, h) in zip(vertices, sides, strict=True)])


_CELLS = np.array(
    shapely.intersection(
        shapely.get_parts(
            shapely.voronoi_polygons(shapely.MultiPoint(np.random.default_rng(1).uniform(0, 30, (400, 2))))
        ),
        box(0, 0, 30, 30),
    ),
    dtype=object,
)


def _mosaic(rng):
    """Cells of one mosaic, most of those round a place: borders shared to the last digit, islands, holes."""
    place = shapely.Point(*rng.uniform(0, 30, 2))
    near = np.argsort(shapely.distance(shapely.centroid(_CELLS), place))[: int(rng.integers(1, 60))]
    return shapely.coverage_union_all(_CELLS[near[rng.random(len(near)) < 0.85]])


def _star(rng):
    """Up to hundreds of needles round the middle."""
    angle = np.sort(rng.uniform(0, 2 * np.pi, int(rng.integers(5, 300))))
    radius = rng.uniform(2, 12, len(angle))
    return Polygon(np.column_stack((15 + radius * np.cos(angle), 15 + radius * np.sin(angle))))


def _dense(rng):
    """Grids with many corners in a row on each edge."""
    return shapely.segmentize(_grid(rng), 0.3)
