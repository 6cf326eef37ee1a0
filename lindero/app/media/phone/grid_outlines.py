"""Outlines as integer steps of a grid: small in a file, and exact to less than one step."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from lindero.layers.database.map_database import Bounds

Frame = Bounds
"""West, south, east, north, in degrees."""

FINE_DEGREES = 1e-6  # degrees: 0.1 m
COARSE_DEGREES = 1e-5  # degrees: 1 m
_VERTICES = 3


def encode_outline(shape: BaseGeometry | None, frame: Frame, step: float) -> dict[str, Any] | None:
    """Encode an outline: `a` its areas as lists of rings, `l` its lines, `p` its points; None for an empty shape.

    Each vertex of a path is encoded as the steps from the previous one, longitude first. The first vertex is encoded as
    the steps from the south-west of the frame. The last vertex of a ring is left out, because it is equal to the first.
    """
    if shape is None or shape.is_empty:
        return None
    parts = list(_iter_parts(shape))
    areas = [
        [_encode_path(ring.coords, frame, step, is_ring=True) for ring in _polygon_rings(part)]
        for part in _filter_polygons(parts)
    ]
    areas = [
        [ring for ring in rings if len(ring) >= 2 * _VERTICES] for rings in areas if len(rings[0]) >= 2 * _VERTICES
    ]
    lines = [_encode_path(part.coords, frame, step) for part in parts if part.geom_type in {"LineString", "LinearRing"}]
    points = [_encode_path(part.coords, frame, step) for part in parts if part.geom_type == "Point"]
    shapes = {"a": areas, "l": [line for line in lines if len(line) > 2], "p": points}  # noqa: PLR2004  two numbers
    return {kind: paths for kind, paths in shapes.items() if paths} or None


def clip_to_frame(shape: shapely.Geometry | None, frame: Frame) -> BaseGeometry | None:
    """Clip a shape to a frame; None if nothing of it is inside."""
    if shape is None:
        return None
    inside = shapely.intersection(shape, shapely.box(*frame))
    return None if inside.is_empty else inside


def _iter_parts(shape: BaseGeometry) -> Iterable[BaseGeometry]:
    for part in shapely.get_parts(shape):
        if hasattr(part, "geoms"):
            yield from _iter_parts(part)
        else:
            yield part


def _filter_polygons(parts: Iterable[BaseGeometry]) -> list[shapely.Polygon]:
    return [part for part in parts if isinstance(part, shapely.Polygon)]


def _polygon_rings(polygon: shapely.Polygon) -> list[shapely.LinearRing]:
    return [polygon.exterior, *polygon.interiors]


def _encode_path(coordinates: Any, frame: Frame, step: float, *, is_ring: bool = False) -> list[int]:
    degrees: npt.NDArray[np.float64] = np.asarray(coordinates, dtype=float)[:, :2]
    grid = np.rint((degrees - frame[:2]) / step).astype(np.int64)
    moved = np.any(np.diff(grid, axis=0) != 0, axis=1)
    grid = grid[np.concatenate(([True], moved))]
    if is_ring and len(grid) > 1 and (grid[0] == grid[-1]).all():
        grid = grid[:-1]
    grid[1:] -= grid[:-1].copy()
    return [int(value) for value in grid.ravel()]
