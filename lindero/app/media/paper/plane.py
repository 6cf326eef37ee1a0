"""The projection of a drawing: its extent on the ground, positions of places on it, and shapes as SVG paths."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from lindero.layers.database.map_database import Bounds

M_PER_DEGREE = 111_320.0  # of latitude
_LEAST_SHRINK = 0.05  # lower limit, near the poles

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Plane:
    """A plane drawing of an extent in degrees, in an equirectangular projection.

    A degree of longitude is drawn at its true length relative to latitude at the centre (`longitude`, `latitude`).
    """

    longitude: float
    latitude: float
    width: float
    height: float
    per_north: float  # units per degree of latitude

    @classmethod
    def from_bounds(cls, bounds: Bounds, width: float, height: float, *, margin: float, least: float) -> "Plane":
        """Return the drawing that shows a bounding box (west, south, east, north in degrees) with a margin.

        `margin` is a share of the longer side. `least` is the smallest width in degrees that is shown, without the
        margin.
        """
        west, south, east, north = map(float, bounds)
        latitude = (south + north) / 2
        longest = max((east - west) * _longitude_scale(latitude), (north - south) * width / height, least) * (
            1 + 2 * margin
        )
        return cls((west + east) / 2, latitude, width, height, width / longest)

    @property
    def bounds(self) -> Bounds:
        """The bounding box of the drawing: west, south, east, north in degrees."""
        east, north = self.width / 2 / self._units_per_longitude, self.height / 2 / self.per_north
        return self.longitude - east, self.latitude - north, self.longitude + east, self.latitude + north

    @property
    def unit_m(self) -> float:
        """The length of a drawing unit in metres."""
        return M_PER_DEGREE / self.per_north

    @property
    def _units_per_longitude(self) -> float:
        return self.per_north * _longitude_scale(self.latitude)

    def project(self, shapes: Any) -> Any:
        """Project shapes in degrees to drawing units, measured from the upper left."""
        return shapely.transform(shapes, self._to_drawing_units)

    def clip(self, shapes: Any, beyond: float, fine: float) -> Any:
        """Clip projected shapes to the drawing and simplify them.

        They are clipped `beyond` units outside the edges, so that no line is drawn along the edge. `fine` is the
        tolerance in units.
        """
        sheet = shapely.box(-beyond, -beyond, self.width + beyond, self.height + beyond)
        return shapely.simplify(shapely.intersection(shapes, sheet), fine)

    def _to_drawing_units(self, degrees: Floats) -> Floats:
        x = self.width / 2 + (degrees[:, 0] - self.longitude) * self._units_per_longitude
        y = self.height / 2 - (degrees[:, 1] - self.latitude) * self.per_north
        return np.column_stack((x, y))


def to_svg_path(shape: Any, *kinds: str, digits: int = 1) -> str:
    """Return the polygons of a shape as an SVG path, or its parts of the given kinds. Rings are closed."""
    return "".join(
        _path_commands(line, digits) for part in shapely.get_parts(shape) for line in _iter_lines(part, kinds)
    )


def _iter_lines(part: Any, kinds: tuple[str, ...]) -> Iterator[Any]:
    if part.geom_type not in (kinds or ("Polygon",)) or part.is_empty:
        return
    yield from shapely.get_rings(part) if part.geom_type == "Polygon" else [part]


def _path_commands(line: Any, digits: int) -> str:
    steps = "L".join(f"{x:.{digits}f} {y:.{digits}f}" for x, y in shapely.get_coordinates(line))
    return f"M{steps}{'Z' if line.geom_type == 'LinearRing' else ''}"


def _longitude_scale(latitude: float) -> float:
    return max(math.cos(math.radians(latitude)), _LEAST_SHRINK)
