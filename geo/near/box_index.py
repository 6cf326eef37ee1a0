"""Bounding boxes of many features, by neighbourhoods, so that a look at a place passes over most of them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lindero.geo.geometry.crs import ELLIPSOID
from lindero.geo.geometry.projection import Floats, Ints

NEIGHBOURS = 128


@dataclass(frozen=True)
class BoxIndex:
    """Boxes of features in degrees, and the boxes that hold `NEIGHBOURS` features in a row."""

    boxes: Floats  # (4, n): west, south, east, north
    around: Floats  # (4, ceil(n / NEIGHBOURS))

    @classmethod
    def of(cls, bounds: Floats) -> "BoxIndex":
        """Index (n, 4) bounds: west, south, east, north, of features in an order in which neighbours come together."""
        boxes = np.ascontiguousarray(bounds.T)
        starts = np.arange(0, boxes.shape[1], NEIGHBOURS)
        if not len(starts):
            return cls(boxes, boxes)
        low, high = np.fmin.reduceat(boxes[:2], starts, axis=1), np.fmax.reduceat(boxes[2:], starts, axis=1)
        return cls(boxes, np.concatenate((low, high)))

    def within(self, lon: float, lat: float, distance_m: float) -> Ints:
        """Find the features, in their order, whose boxes come within a distance of a place, or a little more."""
        windows = _windows(lon, lat, distance_m)
        near = np.flatnonzero(_meet(self.around, windows))
        places = (near[:, None] * NEIGHBOURS + np.arange(NEIGHBOURS)).ravel()
        some = places[places < self.boxes.shape[1]]
        return np.asarray(some[_meet(self.boxes[:, some], windows)])


def _windows(lon: float, lat: float, distance_m: float) -> list[tuple[float, float, float, float]]:
    """Give boxes that hold everything within a distance: where the place is, and a turn to the west and to the east."""
    reach = distance_m / ELLIPSOID.b * 1.01
    south, north = lat - np.degrees(reach), lat + np.degrees(reach)
    narrowing = np.sin(reach) / max(np.cos(np.radians(lat)), 1e-12)
    everywhere = north >= 90 or south <= -90 or narrowing >= 1  # noqa: PLR2004  the poles
    wide = 180.0 if everywhere else float(np.degrees(np.arcsin(narrowing)))
    return [(lon - wide + turn, south, lon + wide + turn, north) for turn in (-360, 0, 360)]


def _meet(boxes: Floats, windows: list[tuple[float, float, float, float]]) -> npt.NDArray[np.bool_]:
    met = np.zeros(boxes.shape[1], dtype=bool)
    for west, south, east, north in windows:
        met |= (boxes[0] <= east) & (boxes[2] >= west) & (boxes[1] <= north) & (boxes[3] >= south)
    return met
