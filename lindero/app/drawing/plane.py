"""Ground on paper: which part of it a drawing shows, where a place lies on it, and shapes as paths of SVG."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from lindero.layers.database.map_database import Bounds

M_PER_DEGREE = 111_320.0  # of latitude
_LEAST_SHRINK = 0.05  # near the poles

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Plane:
    """A flat drawing: a degree of longitude is as long as it is in the middle, which is given in degrees."""

    longitude: float
    latitude: float
    width: float
    height: float
    per_north: float  # units of the drawing in a degree of latitude

    @classmethod
    def fit(cls, bounds: Bounds, width: float, height: float, *, margin: float, least: float) -> "Plane":
        """
        Return the drawing that shows bounds (west, south, east, north in degrees) with a margin.

        `margin` is a share of the longer side, `least` the degrees that the width shows at least, without the margin.
        """
        west, south, east, north = map(float, bounds)
        latitude = (south + north) / 2
        longest = max((east - west) * _shrink(latitude), (north - south) * width / height, least) * (1 + 2 * margin)
        return cls((west + east) / 2, latitude, width, height, width / longest)

    @property
    def bounds(self) -> Bounds:
        """West, south, east and north of the drawing, in degrees."""
        east, north = self.width / 2 / self._per_east, self.height / 2 / self.per_north
        return self.longitude - east, self.latitude - north, self.longitude + east, self.latitude + north

    @property
    def unit_m(self) -> float:
        """The metres that a unit of the drawing is long."""
        return M_PER_DEGREE / self.per_north

    @property
    def _per_east(self) -> float:
        return self.per_north * _shrink(self.latitude)

    def place(self, shapes: Any) -> Any:
        """Return shapes in degrees in units of the drawing, from its upper left corner."""
        return shapely.transform(shapes, self._placed)

    def cut(self, shapes: Any, beyond: float, fine: float) -> Any:
        """Return placed shapes cut so many units beyond the edges, where no line is seen, and simplified."""
        sheet = shapely.box(-beyond, -beyond, self.width + beyond, self.height + beyond)
        return shapely.simplify(shapely.intersection(shapes, sheet), fine)

    def _placed(self, degrees: Floats) -> Floats:
        x = self.width / 2 + (degrees[:, 0] - self.longitude) * self._per_east
        y = self.height / 2 - (degrees[:, 1] - self.latitude) * self.per_north
        return np.column_stack((x, y))


def path(shape: Any, *kinds: str, digits: int = 1) -> str:
    """Write the polygons of a shape, or its parts of these kinds, as a path; rings are closed."""
    return "".join(_steps(line, digits) for part in shapely.get_parts(shape) for line in _lines(part, kinds))


def _lines(part: Any, kinds: tuple[str, ...]) -> Iterator[Any]:
    if part.geom_type not in (kinds or ("Polygon",)) or part.is_empty:
        return
    yield from shapely.get_rings(part) if part.geom_type == "Polygon" else [part]


def _steps(line: Any, digits: int) -> str:
    steps = "L".join(f"{x:.{digits}f} {y:.{digits}f}" for x, y in shapely.get_coordinates(line))
    return f"M{steps}{'Z' if line.geom_type == 'LinearRing' else ''}"


def _shrink(latitude: float) -> float:
    return max(math.cos(math.radians(latitude)), _LEAST_SHRINK)
