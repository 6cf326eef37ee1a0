"""The corners of areas as the browser gets them: steps of whole numbers, a third of what GeoJSON takes on the line."""

from collections.abc import Iterator
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry


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
    for shape in shapes.simplify(detail.coarse_degrees):
        yield _steps(shape, detail.scale)


def _steps(shape: BaseGeometry, scale: int) -> dict[str, list[object]]:
    parts = shapely.get_parts(shapely.get_parts(shape))  # of a collection its parts, too
    polygons, lines = ([part for part in parts if part.geom_type == kind] for kind in ("Polygon", "LineString"))
    if polygons:
        return {"rings": [[_stepped(ring, scale)[:-2] for ring in (one.exterior, *one.interiors)] for one in polygons]}
    if lines:
        return {"lines": [_stepped(line, scale) for line in lines]}
    return {"points": [*_stepped(shape, scale)]}


def _stepped(shape: BaseGeometry, scale: int) -> list[int]:
    corners = np.rint(shapely.get_coordinates(shape) * scale).astype(np.int64)
    stepped: list[int] = np.diff(corners, axis=0, prepend=[[0, 0]]).ravel().tolist()
    return stepped
