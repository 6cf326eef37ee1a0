"""An index of the edges of many features as chords through the Earth, for searches of nearby features.

The bounding boxes of features are tested first, and exclude most features.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

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
    densify_to_ragged,
    is_on_earth,
    to_geocentric,
)

RUN = 16  # edges per run
MAX_PIECE_M = 2_000.0  # a chord of this length runs at most 8 cm below the ground

Flags = npt.NDArray[np.bool_]


def _search_boxes(lon: float, lat: float, distance_m: float) -> list[tuple[float, float, float, float]]:
    """Return boxes that contain everything within a distance of a point.

    The first and last are shifted by a turn to the west and to the east.
    """
    reach = distance_m / ELLIPSOID.b * 1.01
    south, north = lat - np.degrees(reach), lat + np.degrees(reach)
    narrowing = np.sin(reach) / max(np.cos(np.radians(lat)), 1e-12)
    is_polar = north >= 90 or south <= -90 or narrowing >= 1  # noqa: PLR2004  the poles
    width_degrees = 180.0 if is_polar else float(np.degrees(np.arcsin(narrowing)))
    return [(lon - width_degrees + turn, south, lon + width_degrees + turn, north) for turn in (-360, 0, 360)]


def _intersect_any(boxes: Floats, windows: list[tuple[float, float, float, float]]) -> Flags:
    is_met = np.zeros(boxes.shape[1], dtype=bool)
    for west, south, east, north in windows:
        is_met |= (boxes[0] <= east) & (boxes[2] >= west) & (boxes[1] <= north) & (boxes[3] >= south)
    return is_met


@dataclass(frozen=True)
class EdgeIndex:
    """An index of the edges of many features. Feature n is the n-th shape of the input.

    Chords of short edges are as accurate as the edges, need no map projection, and have no special cases at the poles
    and the antimeridian. The edges of a feature are divided into runs of up to `RUN`. Each run has a bounding ball, so
    that distant runs are skipped.
    """

    boxes: Floats  # (4, n): west, south, east, north in degrees; NaN without geometry, which is near nothing
    is_area: Flags  # (n)
    holds_pole: Flags  # (n): whether the feature contains the North Pole
    first_run: Ints  # (n + 1): where in the runs each feature begins
    first_vertex: Ints  # (runs + 1): where in the vertices each run begins
    ball: Units  # (runs, 4): x, y, z of the centre, and the radius
    vertex: Units  # (vertices, 3): x, y, z; a run has one more than it has edges, and a point has two

    @classmethod
    def from_shapes(cls, shapes: Geometries) -> "EdgeIndex":
        """Build the index of points, lines and polygons in degrees."""
        if not is_on_earth(shapes).all() or (shapely.get_type_id(shapes) > shapely.GeometryType.MULTIPOLYGON).any():
            raise InvalidGeometryError(
                N_("a feature is a geometry collection or has coordinates that are not on Earth; repair it")
            )
        shapes = _split_antimeridian(shapes)
        is_area = shapely.get_dimensions(shapes) == 2  # noqa: PLR2004  an area
        paths = _extract_paths(shapes)
        vertex, first_vertex, first_run = _split_into_runs(paths, len(shapes))
        boxes, no_pole = _path_bounds(paths, len(shapes)).T, np.zeros_like(is_area)
        balls = _bounding_balls(vertex, first_vertex)
        index = cls(boxes, is_area, no_pole, first_run, first_vertex, balls, vertex)
        return replace(index, holds_pole=_contains_pole(index, shapes))

    def query(self, lon: float, lat: float, distance_m: float) -> Ints:
        """Return the positions of features with boxes within a distance of a point, or slightly more."""
        return np.flatnonzero(_intersect_any(self.boxes, _search_boxes(lon, lat, distance_m)))

    def find_runs(self, positions: Ints) -> tuple[Ints, Ints]:
        """Return the runs of the features at some positions, and each run's index into the positions."""
        return expand_ranges(self.first_run[positions], self.first_run[positions + 1])

    def contains(self, positions: Ints, lon: float, lat: float) -> Flags:
        """Return a mask of the features at some positions that contain a point.

        The meridian from the point to the North Pole crosses the outline an odd number of times if the feature contains
        one of the two and not the other. A point on an outline may count as inside or outside.
        """
        lon = (lon + 180) % 360 - 180
        west, south, east, north = self.boxes[:, positions]
        is_in_box = self.is_area[positions] & (west <= lon) & (lon <= east) & (south <= lat) & (lat <= north)
        inside = np.zeros(len(positions), dtype=bool)
        candidates = positions[is_in_box]
        inside[is_in_box] = self.holds_pole[candidates] ^ (_count_crossings(self, candidates, lon, lat) % 2 == 1)
        return inside


def expand_ranges(begin: Ints, end: Ints) -> tuple[Ints, Ints]:
    """Return the numbers of half-open ranges, range after range, and the index of each number's range."""
    counts = end - begin
    owner = np.repeat(np.arange(len(counts)), counts)
    return np.arange(len(owner)) + (begin - np.cumsum(counts) + counts)[owner], owner


class _Paths(NamedTuple):
    """Rings, lines and points, with the feature of each."""

    degrees: Floats  # vertices, including those added along long edges
    begin: Ints  # where in the vertices each path begins
    end: Ints
    owner: Ints


def _split_antimeridian(shapes: Geometries) -> Geometries:
    """Split shapes that cross the antimeridian, and replace empty ones by None."""
    shapes = shapes.copy()
    shapes[shapely.is_empty(shapes)] = None
    is_across = (shapely.get_dimensions(shapes) == 2) & antimeridian.crosses(shapes)  # noqa: PLR2004  an area
    shapes[is_across] = [antimeridian.split_polygon(antimeridian.unwrap_polygon(shape)) for shape in shapes[is_across]]
    return shapes


def _extract_paths(shapes: Geometries) -> _Paths:
    dimension = shapely.get_dimensions(shapes)
    positions = np.flatnonzero(dimension == 0)
    degrees, point = shapely.get_coordinates(shapes[positions], return_index=True)
    parts = [(degrees, np.ones(len(point), np.int64), positions[point])]
    for positions in (np.flatnonzero(dimension == dimensions_or_arrays) for dimensions_or_arrays in (1, 2)):
        if len(positions):
            _kind, degrees, (begins, *outer) = densify_to_ragged(shapes[positions], max_piece_m=MAX_PIECE_M)
            *within, first = outer or [np.arange(len(begins))]
            for offsets in reversed(within):
                first = offsets[first]
            parts.append((degrees, np.diff(begins), np.repeat(positions, np.diff(first))))
    degrees, counts, owner = (np.concatenate(dimensions_or_arrays) for dimensions_or_arrays in zip(*parts, strict=True))
    order, end = np.argsort(owner, kind="stable"), np.cumsum(counts)
    return _Paths(degrees, (end - counts)[order], end[order], owner[order])


def _path_bounds(paths: _Paths, features: int) -> Floats:
    """Return the bounds of features, (n, 4): west, south, east, north; NaN for features without geometry."""
    bounds = np.full((features, 4), np.nan)
    if len(paths.owner):
        begins, path = np.unique(paths.begin, return_inverse=True)
        low, high = (ufunc.reduceat(paths.degrees, begins)[path] for ufunc in (np.minimum, np.maximum))
        first = np.flatnonzero(np.diff(paths.owner, prepend=-1))
        edges = np.minimum.reduceat(low, first), np.maximum.reduceat(high, first)
        bounds[paths.owner[first]] = np.concatenate(edges, axis=1)
    return bounds


def _split_into_runs(paths: _Paths, features: int) -> tuple[Units, Ints, Ints]:
    """Return the vertices in runs, the offset of each run in them, and the offset of each feature in the runs."""
    is_point = paths.end - paths.begin == 1
    count = np.where(is_point, 1, -(-(paths.end - paths.begin - 1) // RUN))
    nth, path = expand_ranges(np.zeros_like(count), count)
    first = paths.begin[path] + nth * RUN
    last = np.where(is_point[path], first, np.minimum(first + RUN, paths.end[path] - 1))
    vertex_rows, run = expand_ranges(first, last + 1)
    if is_point.any():
        vertex_rows, run = (np.repeat(array, 1 + is_point[path[run]]) for array in (vertex_rows, run))
    vertices = np.rint(to_geocentric(paths.degrees) * PER_M).astype(np.int32)[vertex_rows]
    begin = np.searchsorted(run, np.arange(len(first) + 1))
    return vertices, begin, np.searchsorted(paths.owner[path], np.arange(features + 1))


def _bounding_balls(vertex: Units, first_vertex: Ints) -> Units:
    if not len(vertex):
        return np.empty((0, 4), np.int32)
    begins = first_vertex[:-1]
    low, high = (np.asarray(ufunc.reduceat(vertex, begins), np.int64) for ufunc in (np.minimum, np.maximum))
    centre = (low + high) // 2
    offset = (vertex - np.repeat(centre, np.diff(first_vertex), axis=0)).astype(np.float64)
    radius = np.sqrt(np.maximum.reduceat(np.einsum("ij,ij->i", offset, offset), begins))
    return np.column_stack((centre, np.ceil(radius))).astype(np.int32)


def _contains_pole(index: EdgeIndex, shapes: Geometries) -> Flags:
    """Return a mask of the features that contain the North Pole.

    A point inside each feature decides. Only features that surround the world or reach a pole are tested.
    """
    west, south, east, north = index.boxes
    has_pole = np.zeros(len(shapes), dtype=bool)
    for position in np.flatnonzero(index.is_area & ((east - west >= 180) | (south <= -90) | (north >= 90))):  # noqa: PLR2004
        inside = shapely.point_on_surface(shapes[position])
        has_pole[position] = _count_crossings(index, np.array([position]), inside.x, inside.y)[0] % 2 == 0
    return has_pole


def _count_crossings(index: EdgeIndex, positions: Ints, lon: float, lat: float) -> Ints:
    """Count the crossings of each feature's outline with the meridian from a point to the North Pole."""
    up, _, north = to_geocentric(np.array([[0, lat]]))[0]
    sine, cosine = np.sin(np.radians(lon)), np.cos(np.radians(lon))
    run, owner = index.find_runs(positions)
    east = index.ball[run, 1] * cosine - index.ball[run, 0] * sine
    is_near_meridian = np.abs(east) <= index.ball[run, 3] + 1
    vertex, run_of_vertex = expand_ranges(
        index.first_vertex[run[is_near_meridian]], index.first_vertex[run[is_near_meridian] + 1]
    )
    x, y, z = index.vertex[vertex].T.astype(np.float64)
    # A vertex that two edges share gives the same numbers, so the meridian passes it on the same side for both.
    east, outward = y * cosine - x * sine, x * cosine + y * sine
    is_east = east >= 0
    first = np.flatnonzero((run_of_vertex[1:] == run_of_vertex[:-1]) & (is_east[1:] != is_east[:-1]))
    along = east[first] / (east[first] - east[first + 1])
    outward = outward[first] + along * (outward[first + 1] - outward[first])
    z = z[first] + along * (z[first + 1] - z[first])
    is_north = (outward >= 0) & (up * z > north * outward)
    return np.bincount(owner[is_near_meridian][run_of_vertex[first[is_north]]], minlength=len(positions))
