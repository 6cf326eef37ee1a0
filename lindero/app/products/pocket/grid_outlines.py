"""Outlines as whole steps of a grid: small in a file, and exact to less than the step."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from lindero.layers.database.map_database import Bounds

Frame = Bounds
"""West, south, east, north, in degrees."""

FINE = 1e-6  # degrees: a decimetre
COARSE = 1e-5  # a metre
_CORNERS = 3


def encode_outline(shape: BaseGeometry | None, frame: Frame, step: float) -> dict[str, Any] | None:
    """
    Write an outline: `a` its areas, ring by ring, `l` its lines, `p` its points; nothing for a shape that is nowhere.

    Every place but the first of a path is told by its steps from the one before, longitude before latitude; the first
    by its steps from the frame's south-western corner. A ring's last corner, which is its first, is left out.
    """
    if shape is None or shape.is_empty:
        return None
    parts = list(_simple(shape))
    areas = [[_steps(ring.coords, frame, step, is_ring=True) for ring in _rings(one)] for one in _polygons(parts)]
    areas = [[ring for ring in rings if len(ring) >= 2 * _CORNERS] for rings in areas if len(rings[0]) >= 2 * _CORNERS]
    lines = [_steps(one.coords, frame, step) for one in parts if one.geom_type in {"LineString", "LinearRing"}]
    points = [_steps(one.coords, frame, step) for one in parts if one.geom_type == "Point"]
    shapes = {"a": areas, "l": [line for line in lines if len(line) > 2], "p": points}  # noqa: PLR2004  two numbers
    return {kind: some for kind, some in shapes.items() if some} or None


def clip(shape: shapely.Geometry | None, frame: Frame) -> BaseGeometry | None:
    """Cut a shape to a frame; None where nothing of it is inside."""
    if shape is None:
        return None
    inside = shapely.intersection(shape, shapely.box(*frame))
    return None if inside.is_empty else inside


def _simple(shape: BaseGeometry) -> Iterable[BaseGeometry]:
    for part in shapely.get_parts(shape):
        if hasattr(part, "geoms"):
            yield from _simple(part)
        else:
            yield part


def _polygons(parts: Iterable[BaseGeometry]) -> list[shapely.Polygon]:
    return [part for part in parts if isinstance(part, shapely.Polygon)]


def _rings(polygon: shapely.Polygon) -> list[shapely.LinearRing]:
    return [polygon.exterior, *polygon.interiors]


def _steps(coordinates: Any, frame: Frame, step: float, *, is_ring: bool = False) -> list[int]:
    degrees: npt.NDArray[np.float64] = np.asarray(coordinates, dtype=float)[:, :2]
    grid = np.rint((degrees - frame[:2]) / step).astype(np.int64)
    moved = np.any(np.diff(grid, axis=0) != 0, axis=1)
    grid = grid[np.concatenate(([True], moved))]
    if is_ring and len(grid) > 1 and (grid[0] == grid[-1]).all():
        grid = grid[:-1]
    grid[1:] -= grid[:-1].copy()
    return [int(value) for value in grid.ravel()]
