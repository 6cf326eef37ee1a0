"""The corners of areas as the browser gets them: steps of whole numbers, a third of what GeoJSON takes on the line."""

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
    """How finely areas are drawn: what a corner may lie off, in degrees, and how many steps a degree has."""

    coarse_degrees: float
    scale: int


FINE = Detail(0.0002, 100_000)  # some 20 m: finer than an outline's width at the zooms at which many are seen
LIGHT = Detail(0.0005, 10_000)  # some 50 m: for what has to be there at once


def steps(shapes: gpd.GeoSeries, detail: Detail) -> Iterator[dict[str, list[object]]]:
    """
    Write shapes as steps from corner to corner, the first from 0, 0: longitude and latitude in turn.

    Parameters
    ----------
    shapes
        In OGC:CRS84.

    Yields
    ------
    dict
        Of each shape its polygons as `rings` (a list of rings each, the outer first, not closed), or else its `lines`,
        or else its `points`. app/static/areas.js reads it.
    """
    simple = shapes.simplify(detail.coarse_degrees).to_numpy()
    parts, of = shapely.get_parts(simple, return_index=True)
    parts, within = shapely.get_parts(parts, return_index=True)  # of a collection its parts, too
    of, kinds = of[within], shapely.get_type_id(parts)
    is_area = kinds == GeometryType.POLYGON
    polygons: list[list[list[list[int]]]] = [[] for _shape in simple]
    rings, ring_of = shapely.get_rings(parts[is_area], return_index=True)
    begun = -1
    for at, of_polygon, ring in zip(
        of[is_area][ring_of].tolist(), ring_of.tolist(), _stepped(rings, detail.scale), strict=True
    ):
        if of_polygon != begun:
            polygons[at].append([])
            begun = of_polygon
        polygons[at][-1].append(ring[:-2])
    lines: list[list[list[int]]] = [[] for _shape in simple]
    is_line = kinds == GeometryType.LINESTRING
    for at, line in zip(of[is_line].tolist(), _stepped(parts[is_line], detail.scale), strict=True):
        lines[at].append(line)
    for area, drawn, points in zip(polygons, lines, simple, strict=True):
        if area:
            yield {"rings": [*area]}
        elif drawn:
            yield {"lines": [*drawn]}
        else:
            yield {"points": [*_stepped(np.array([points]), detail.scale)[0]]}


def _stepped(shapes: npt.NDArray[np.object_], scale: int) -> list[list[int]]:
    """Give the steps of each shape, all of them by one array: of thousands of rings one by one takes long."""
    corners, of = shapely.get_coordinates(shapes, return_index=True)
    whole = np.rint(corners * scale).astype(np.int64)
    begins = np.searchsorted(of, np.arange(len(shapes) + 1))
    stepped = np.diff(whole, axis=0, prepend=[[0, 0]])
    first = begins[:-1][np.diff(begins) > 0]
    stepped[first] = whole[first]
    flat, ends = stepped.ravel().tolist(), (begins * 2).tolist()
    return [flat[begin:end] for begin, end in pairwise(ends)]
