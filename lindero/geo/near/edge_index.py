"""
The edges of many features as chords through the Earth: what is looked through to tell which of them lie near.

Their bounding boxes, by neighbourhoods, come first: a look at a place passes over most of them.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from lindero.geo.errors import N_, InvalidGeometryError
from lindero.geo.geometry import antimeridian
from lindero.geo.geometry.crs import ELLIPSOID
from lindero.geo.geometry.projection import (
    PER_M,
    Floats,
    Geometries,
    Ints,
    Units,
    geocentric,
    on_earth,
    with_more_corners,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

NEIGHBOURS = 128
RUN = 16  # edges
MAX_PIECE_M = 2_000.0  # a chord that long runs at most 8 cm below the ground

Flags = npt.NDArray[np.bool_]


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


def _meet(boxes: Floats, windows: list[tuple[float, float, float, float]]) -> Flags:
    met = np.zeros(boxes.shape[1], dtype=bool)
    for west, south, east, north in windows:
        met |= (boxes[0] <= east) & (boxes[2] >= west) & (boxes[1] <= north) & (boxes[3] >= south)
    return met


@dataclass(frozen=True)
class EdgeIndex:
    """
    The edges of many features, to be asked again and again; the n-th feature is the n-th shape that it was made of.

    Chords of short edges are as good as the edges, need no map projection, and know neither poles nor antimeridian.
    The edges of a feature are in runs of up to `RUN`, each with a ball that holds it, so that far ones are passed over.
    """

    bounds: BoxIndex  # degrees; of a feature without geometry not a number, so that it is near to nothing
    rank: Ints  # (n): the order in which equally near ones are told
    is_area: Flags  # (n)
    holds_pole: Flags  # (n): whether the North Pole lies inside
    first_run: Ints  # (n + 1): where in the runs each feature begins
    first_corner: Ints  # (runs + 1): where in the corners each run begins
    ball: Units  # (runs, 4): x, y, z of its centre and its radius
    corner: Units  # (corners, 3): x, y, z; one more than there are edges in every run, and two for a point

    @classmethod
    def of(cls, shapes: Geometries) -> "EdgeIndex":
        """
        Index points, lines and polygons in degrees, best in an order in which neighbours come together.

        Their rank is their position.

        Raises
        ------
        InvalidGeometryError
            If a geometry lies outside the world or is a collection.
        """
        if not on_earth(shapes).all() or (shapely.get_type_id(shapes) > shapely.GeometryType.MULTIPOLYGON).any():
            raise InvalidGeometryError(N_("a feature is a collection or lies outside the world: repair it"))
        shapes = _within_the_world(shapes)
        is_area = shapely.get_dimensions(shapes) == 2  # noqa: PLR2004  an area
        paths = _paths(shapes)
        corner, first_corner, first_run = _runs(paths, len(shapes))
        bounds, rank, unknown = BoxIndex.of(_bounds(paths, len(shapes))), np.arange(len(shapes)), np.zeros_like(is_area)
        balls = _balls(corner, first_corner)
        index = cls(bounds, rank, is_area, unknown, first_run, first_corner, balls, corner)
        return replace(index, holds_pole=_holds_pole(index, shapes))

    @classmethod
    def together(cls, parts: "Sequence[EdgeIndex]") -> "EdgeIndex":
        """Put indexes of features one after the other; their rank is their position."""
        boxes = np.concatenate([part.bounds.boxes for part in parts], axis=1)
        is_area, holds_pole, ball, corner = (
            np.concatenate([getattr(part, name) for part in parts])
            for name in ("is_area", "holds_pole", "ball", "corner")
        )
        first_run, first_corner = (
            np.concatenate(([0], *(np.diff(getattr(part, name)) for part in parts))).cumsum()
            for name in ("first_run", "first_corner")
        )
        rank = np.arange(len(is_area))
        return cls(BoxIndex.of(boxes.T), rank, is_area, holds_pole, first_run, first_corner, ball, corner)

    def some(self, at: Ints) -> "EdgeIndex":
        """Give the index of some features; their rank is their position."""
        run, _ = self.runs(at)
        corner, _ = spread(self.first_corner[run], self.first_corner[run + 1])
        first_run, first_corner = (
            np.concatenate(([0], np.cumsum(first[each + 1] - first[each])))
            for first, each in ((self.first_run, at), (self.first_corner, run))
        )
        boxes, rank = BoxIndex.of(self.bounds.boxes[:, at].T), np.arange(len(at))
        of_features = boxes, rank, self.is_area[at], self.holds_pole[at]
        return EdgeIndex(*of_features, first_run, first_corner, self.ball[run], self.corner[corner])

    def runs(self, at: Ints) -> tuple[Ints, Ints]:
        """Give the runs of some features, and which of these features each is of."""
        return spread(self.first_run[at], self.first_run[at + 1])

    def contains(self, at: Ints, lon: float, lat: float) -> Flags:
        """
        Tell which of some features a place lies inside.

        The meridian from the place to the North Pole crosses the outline of what holds one of them and not the other
        an odd number of times. A place on an outline may be told either way.
        """
        lon = (lon + 180) % 360 - 180
        west, south, east, north = self.bounds.boxes[:, at]
        boxed = self.is_area[at] & (west <= lon) & (lon <= east) & (south <= lat) & (lat <= north)
        inside = np.zeros(len(at), dtype=bool)
        some = at[boxed]
        inside[boxed] = self.holds_pole[some] ^ (_crossings(self, some, lon, lat) % 2 == 1)
        return inside


def spread(begin: Ints, end: Ints) -> tuple[Ints, Ints]:
    """Give the numbers of half-open ranges, one range after the other, and which range each is of."""
    counts = end - begin
    owner = np.repeat(np.arange(len(counts)), counts)
    return np.arange(len(owner)) + (begin - np.cumsum(counts) + counts)[owner], owner


class _Paths(NamedTuple):
    """Rings, lines and points, by the feature that each is of."""

    degrees: Floats  # corners, with more of them along long edges
    begin: Ints  # where in the corners each path begins
    end: Ints
    owner: Ints


def _within_the_world(shapes: Geometries) -> Geometries:
    """Cut at the antimeridian what crosses it, and leave out what is empty."""
    shapes = shapes.copy()
    shapes[shapely.is_empty(shapes)] = None
    across = (shapely.get_dimensions(shapes) == 2) & antimeridian.crosses(shapes)  # noqa: PLR2004  an area
    shapes[across] = [antimeridian.split(antimeridian.run_on(shape)) for shape in shapes[across]]
    return shapes


def _paths(shapes: Geometries) -> _Paths:
    dimension = shapely.get_dimensions(shapes)
    at = np.flatnonzero(dimension == 0)
    degrees, point = shapely.get_coordinates(shapes[at], return_index=True)
    parts = [(degrees, np.ones(len(point), np.int64), at[point])]
    for at in (np.flatnonzero(dimension == each) for each in (1, 2)):
        if len(at):
            _kind, degrees, (begins, *outer) = with_more_corners(shapes[at], max_piece_m=MAX_PIECE_M)
            *within, first = outer or [np.arange(len(begins))]
            for offsets in reversed(within):
                first = offsets[first]
            parts.append((degrees, np.diff(begins), np.repeat(at, np.diff(first))))
    degrees, counts, owner = (np.concatenate(each) for each in zip(*parts, strict=True))
    order, end = np.argsort(owner, kind="stable"), np.cumsum(counts)
    return _Paths(degrees, (end - counts)[order], end[order], owner[order])


def _bounds(paths: _Paths, features: int) -> Floats:
    """Give (n, 4) west, south, east, north; not numbers where there is nothing."""
    bounds = np.full((features, 4), np.nan)
    if len(paths.owner):
        begins, path = np.unique(paths.begin, return_inverse=True)
        low, high = (each.reduceat(paths.degrees, begins)[path] for each in (np.minimum, np.maximum))
        first = np.flatnonzero(np.diff(paths.owner, prepend=-1))
        edges = np.minimum.reduceat(low, first), np.maximum.reduceat(high, first)
        bounds[paths.owner[first]] = np.concatenate(edges, axis=1)
    return bounds


def _runs(paths: _Paths, features: int) -> tuple[Units, Ints, Ints]:
    """Give corners in runs, where each run begins in them, and where in the runs each feature begins."""
    is_point = paths.end - paths.begin == 1
    count = np.where(is_point, 1, -(-(paths.end - paths.begin - 1) // RUN))
    nth, path = spread(np.zeros_like(count), count)
    first = paths.begin[path] + nth * RUN
    last = np.where(is_point[path], first, np.minimum(first + RUN, paths.end[path] - 1))
    taken, run = spread(first, last + 1)
    if is_point.any():
        taken, run = (np.repeat(each, 1 + is_point[path[run]]) for each in (taken, run))
    corner = np.rint(geocentric(paths.degrees) * PER_M).astype(np.int32)[taken]
    begin = np.searchsorted(run, np.arange(len(first) + 1))
    return corner, begin, np.searchsorted(paths.owner[path], np.arange(features + 1))


def _balls(corner: Units, first_corner: Ints) -> Units:
    if not len(corner):
        return np.empty((0, 4), np.int32)
    begins = first_corner[:-1]
    low, high = (np.asarray(each.reduceat(corner, begins), np.int64) for each in (np.minimum, np.maximum))
    centre = (low + high) // 2
    away = (corner - np.repeat(centre, np.diff(first_corner), axis=0)).astype(np.float64)
    radius = np.sqrt(np.maximum.reduceat(np.einsum("ij,ij->i", away, away), begins))
    return np.column_stack((centre, np.ceil(radius))).astype(np.int32)


def _holds_pole(index: EdgeIndex, shapes: Geometries) -> Flags:
    """Tell by a place inside each feature, where it may be so at all: what goes round the world, or ends at a pole."""
    west, south, east, north = index.bounds.boxes
    holds = np.zeros(len(shapes), dtype=bool)
    for at in np.flatnonzero(index.is_area & ((east - west >= 180) | (south <= -90) | (north >= 90))):  # noqa: PLR2004
        inside = shapely.point_on_surface(shapes[at])
        holds[at] = _crossings(index, np.array([at]), inside.x, inside.y)[0] % 2 == 0
    return holds


def _crossings(index: EdgeIndex, at: Ints, lon: float, lat: float) -> Ints:
    """Count how often the outline of each of some features crosses the meridian from a place to the North Pole."""
    up, _, north = geocentric(np.array([[0, lat]]))[0]
    sine, cosine = np.sin(np.radians(lon)), np.cos(np.radians(lon))
    run, owner = index.runs(at)
    east = index.ball[run, 1] * cosine - index.ball[run, 0] * sine
    meets = np.abs(east) <= index.ball[run, 3] + 1
    corner, of = spread(index.first_corner[run[meets]], index.first_corner[run[meets] + 1])
    x, y, z = index.corner[corner].T.astype(np.float64)
    # The same corner of two edges gives the same numbers, so that the meridian passes it on one side of both.
    east, out = y * cosine - x * sine, x * cosine + y * sine
    is_east = east >= 0
    first = np.flatnonzero((of[1:] == of[:-1]) & (is_east[1:] != is_east[:-1]))
    along = east[first] / (east[first] - east[first + 1])
    out = out[first] + along * (out[first + 1] - out[first])
    z = z[first] + along * (z[first + 1] - z[first])
    is_north = (out >= 0) & (up * z > north * out)
    return np.bincount(owner[meets][of[first[is_north]]], minlength=len(at))
