"""Polygons as flat arrays of ring vertices."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from lindero.geo.geometry.projection import Floats, Geometries, Ints, Offsets, to_ragged

Flags = npt.NDArray[np.bool_]


class Rings(NamedTuple):
    """The rings of (multi)polygons: the shell of each part, followed by its holes. An empty polygon has none."""

    x: Floats  # vertices, ring after ring; each ring repeats its first vertex at its end
    y: Floats
    ring_start: Ints  # (rings + 1): where in the vertices each ring begins
    first_ring: Ints  # (polygons + 1): where in the rings each polygon begins
    is_hole: Flags  # (rings)

    @classmethod
    def from_polygons(cls, polygons: Geometries) -> "Rings":
        """Build the rings from an array of polygons."""
        if not len(polygons):
            nothing = np.zeros(1, np.int64)
            return cls(np.empty(0), np.empty(0), nothing, nothing, np.empty(0, dtype=bool))
        _kind, vertices, offsets = to_ragged(polygons)
        return cls.from_ragged(vertices, offsets)

    @classmethod
    def from_ragged(cls, vertices: Floats, offsets: Offsets) -> "Rings":
        """Build the rings from (n, 2) vertices and the offsets of `shapely.to_ragged_array`."""
        x, y = vertices.T.copy()
        ring_start, first_ring = (np.asarray(starts, dtype=np.int64) for starts in offsets[:2])
        is_hole = np.ones(len(ring_start) - 1, dtype=bool)
        shells = first_ring[:-1]  # the first ring of each part
        is_hole[shells[shells < len(is_hole)]] = False  # an empty part at the end has none
        if len(offsets) > 2:  # noqa: PLR2004  rings, parts, multipolygons
            first_ring = first_ring[np.asarray(offsets[2], dtype=np.int64)]
        return cls(x, y, ring_start, first_ring, is_hole)

    @classmethod
    def from_sizes(cls, x: Floats, y: Floats, vertex_counts: Ints, ring_counts: Ints, is_hole: Flags) -> "Rings":
        """Build the rings from the number of vertices of each ring, and the number of rings of each polygon."""
        return cls(x, y, _sizes_to_offsets(vertex_counts), _sizes_to_offsets(ring_counts), is_hole)

    @classmethod
    def concatenate(cls, parts: Sequence["Rings"]) -> "Rings":
        """Concatenate the rings of several sets of polygons; at least one is required."""
        xs, ys, ring_starts, first_rings, are_holes = zip(*parts, strict=True)
        x, y, is_hole = map(np.concatenate, (xs, ys, are_holes))
        return cls(x, y, _concatenate_offsets(ring_starts), _concatenate_offsets(first_rings), is_hole)

    @property
    def is_empty(self) -> Flags:
        """A mask of the polygons without rings."""
        return np.asarray(self.first_ring[1:] == self.first_ring[:-1])

    def drop_empty(self) -> "Rings":
        """Return the rings without the empty polygons."""
        return self._replace(first_ring=self.first_ring[np.append(~self.is_empty, True)])

    def to_polygons(self) -> Geometries:
        """Build the polygons. Those of several parts are multipolygons, and those without rings are empty."""
        first_of_part = np.append(np.flatnonzero(~self.is_hole), len(self.is_hole))
        part = np.searchsorted(first_of_part, self.first_ring)
        vertices = np.column_stack([self.x, self.y])
        polygons = np.asarray(
            shapely.from_ragged_array(shapely.GeometryType.POLYGON, vertices, (self.ring_start, first_of_part))
        )
        parts = np.diff(part)
        shapes, single, multipart = np.full(len(parts), shapely.Polygon()), parts == 1, np.flatnonzero(parts > 1)
        shapes[single] = polygons[part[:-1][single]]
        member, starts = expand_ranges(part[multipart], part[multipart + 1])
        owner = np.repeat(np.arange(len(multipart)), np.diff(starts))
        shapes[multipart] = shapely.multipolygons(polygons[member], indices=owner)
        return shapes


def expand_ranges(begin: Ints, end: Ints) -> tuple[Ints, Ints]:
    """Return the numbers of half-open ranges, range after range, and the offset of each range in them, with the end."""
    length = end - begin
    starts = _sizes_to_offsets(length)
    return np.arange(starts[-1]) + np.repeat(begin - starts[:-1], length), starts


def _sizes_to_offsets(sizes: Ints) -> Ints:
    return np.concatenate((np.zeros(1, np.int64), np.cumsum(sizes)))


def _concatenate_offsets(parts: Sequence[Ints]) -> Ints:
    """Concatenate offset arrays. Each starts at 0 and includes its end."""
    shifts = np.cumsum([0, *(count[-1] for count in parts)])
    begins = [count[:-1] + start for count, start in zip(parts, shifts[:-1], strict=True)]
    return np.concatenate([*begins, shifts[-1:]])
