"""The compact encoding of geometry for the browser: integer steps, a third of the size of GeoJSON."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from shapely import GeometryType


@dataclass(frozen=True)
class Detail:
    """The resolution of areas on a map: the simplification tolerance in degrees, and the steps per degree."""

    coarse_degrees: float
    scale: int


FINE_DETAIL = Detail(0.0002, 100_000)  # about 20 m: less than the width of an outline at zooms with many shapes
LIGHT = Detail(0.0005, 10_000)  # about 50 m: for shapes that must be there at once


def encode_shapes(shapes: gpd.GeoSeries, detail: Detail) -> Iterator[dict[str, list[object]]]:
    """Yield shapes as integer steps from vertex to vertex, from 0, 0 on: longitude and latitude in turn.

    `shapes`: in OGC:CRS84. Yields: for each shape its polygons as `rings` (a list of rings per polygon, the outer ring
    first, not closed), or else its `lines`, or else its `points`. app/static/areas.js decodes it.
    """
    simple = shapes.simplify(detail.coarse_degrees).to_numpy()
    parts, shape_of = shapely.get_parts(simple, return_index=True)
    parts, within = shapely.get_parts(parts, return_index=True)  # also the parts of a collection
    shape_of, kinds = shape_of[within], shapely.get_type_id(parts)
    is_area = kinds == GeometryType.POLYGON
    polygons: list[list[list[list[int]]]] = [[] for _shape in simple]
    rings, ring_of = shapely.get_rings(parts[is_area], return_index=True)
    last_polygon = -1
    for position, of_polygon, ring in zip(
        shape_of[is_area][ring_of].tolist(), ring_of.tolist(), _encode_coordinates(rings, detail.scale), strict=True
    ):
        if of_polygon != last_polygon:
            polygons[position].append([])
            last_polygon = of_polygon
        polygons[position][-1].append(ring[:-2])
    lines: list[list[list[int]]] = [[] for _shape in simple]
    is_line = kinds == GeometryType.LINESTRING
    for position, line in zip(
        shape_of[is_line].tolist(), _encode_coordinates(parts[is_line], detail.scale), strict=True
    ):
        lines[position].append(line)
    for area, encoded_lines, points in zip(polygons, lines, simple, strict=True):
        if area:
            yield {"rings": [*area]}
        elif encoded_lines:
            yield {"lines": [*encoded_lines]}
        else:
            yield {"points": [*_encode_coordinates(np.array([points]), detail.scale)[0]]}


def _encode_coordinates(shapes: npt.NDArray[np.object_], scale: int) -> list[list[int]]:
    """Return the steps of each shape. All are computed in one array, because a loop over thousands of rings is slow."""
    vertices, shape_of = shapely.get_coordinates(shapes, return_index=True)
    whole = np.rint(vertices * scale).astype(np.int64)
    begins = np.searchsorted(shape_of, np.arange(len(shapes) + 1))
    differences = np.diff(whole, axis=0, prepend=[[0, 0]])
    first = begins[:-1][np.diff(begins) > 0]
    differences[first] = whole[first]
    flat, ends = differences.ravel().tolist(), (begins * 2).tolist()
    return [flat[begin:end] for begin, end in pairwise(ends)]
