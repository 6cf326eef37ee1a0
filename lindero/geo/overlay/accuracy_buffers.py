"""Boundaries buffered by their accuracy: inward for the smallest possible area, outward for the largest.

Each feature is buffered once, in metres on the ground around its own centre, and projected back to the equal-area
plane.
"""

from dataclasses import dataclass
from functools import partial
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from lindero.geo.geometry import scale_factor
from lindero.geo.geometry.projection import EQUATOR_M, Floats, Geometries, Ints, polygonal_part
from lindero.geo.geometry.rings import Rings
from lindero.geo.overlay.intersection import ROUNDING_M2, Groups, covered_area_m2, shared_area_m2
from lindero.geo.overlay.outlines import build_outlines
from lindero.geo.overlay.prepared_layer import PolygonLayer
from lindero.machine.threads import map_weighted_chunks

Way = Literal[-1, 1]
INWARD: Way = -1
OUTWARD: Way = 1

QUARTER = 8  # segments per quarter circle: the buffer falls short by at most 1 % of the accuracy
FINE_SHARE = 0.2  # share of the accuracy: outlines with a smaller mean distance between vertices are simplified first
THINNING_SHARE = 0.04  # share of the accuracy: the tolerance of that simplification
EDGE = EQUATOR_M * np.pi  # x of the antimeridian
_CHUNK_SHAPES = 512  # maximum shapes that a thread buffers in one task
_VERTICES = 10_000  # approximate maximum vertices of these
_NEAR_M = 0.001  # metres: rounding gap between the two sides of the antimeridian


@dataclass(frozen=True)
class BufferedLayer:
    """Buffered features of a layer: those that are not empty, and their positions in the original layer."""

    ground: PolygonLayer
    new_positions: Ints  # by position in the layer; -1 if nothing is left or the feature was not requested

    @classmethod
    def from_positions(cls, ground: PolygonLayer, positions: Ints, direction: Way) -> "BufferedLayer":
        """Buffer the features at some positions. Features that were buffered before come from the layer's cache."""
        positions = np.unique(positions)
        is_cached, rings = ground.buffer_cache.get(positions, direction)
        fresh = positions[~is_cached]
        if len(fresh):
            buffered = buffer_boundaries(ground.shapes[fresh], direction * ground.accuracy_m[fresh])
            ground.buffer_cache.store(fresh, direction, buffered)
            rings = Rings.concatenate([buffered, rings])
        positions = np.concatenate([fresh, positions[is_cached]])[~rings.is_empty]
        new_positions = np.full(len(ground.ids), -1, dtype=np.int64)
        new_positions[positions] = np.arange(len(positions))
        outlines = build_outlines(rings.drop_empty())
        ids, accuracy_m = ground.ids.iloc[positions], ground.accuracy_m[positions]
        return cls(PolygonLayer(ids, outlines, outlines.area_m2, accuracy_m), new_positions)


def buffered_shared_area_m2(
    left: PolygonLayer, right: PolygonLayer, at_left: Ints, at_right: Ints, direction: Way
) -> Floats:
    """Compute the area that pairs, given by position, share after all boundaries are buffered."""
    buffered_left, buffered_right = (
        BufferedLayer.from_positions(left, at_left, direction),
        BufferedLayer.from_positions(right, at_right, direction),
    )
    left_positions, right_positions = buffered_left.new_positions[at_left], buffered_right.new_positions[at_right]
    area, both_left = np.zeros(len(at_left)), (left_positions >= 0) & (right_positions >= 0)
    area[both_left] = shared_area_m2(
        buffered_left.ground, buffered_right.ground, left_positions[both_left], right_positions[both_left]
    )
    return area


class BufferedGroups(NamedTuple):
    """Groups of features after all boundaries are buffered. Groups that share no area are left out."""

    base: PolygonLayer
    cover: PolygonLayer
    groups: Groups  # positions in `own` and `other`
    number: Ints  # position of each group before buffering

    @classmethod
    def from_groups(cls, base: PolygonLayer, cover: PolygonLayer, groups: Groups, direction: Way) -> "BufferedGroups":
        """Buffer the features of some groups, and group them again."""
        buffered_base, buffered_cover = (
            BufferedLayer.from_positions(base, groups.base_positions, direction),
            BufferedLayer.from_positions(cover, groups.members, direction),
        )
        number = np.repeat(np.arange(len(groups.base_positions)), np.diff(groups.starts))
        at_base, at_cover = (
            buffered_base.new_positions[groups.base_positions][number],
            buffered_cover.new_positions[groups.members],
        )
        is_kept = (at_base >= 0) & (at_cover >= 0)
        number, at_cover = number[is_kept], at_cover[is_kept]
        shared = shared_area_m2(buffered_base.ground, buffered_cover.ground, at_base[is_kept], at_cover)
        is_shared = shared > ROUNDING_M2
        new_groups = Groups.from_pairs(number[is_shared], at_cover[is_shared], shared[is_shared])
        moved_groups = new_groups._replace(
            base_positions=buffered_base.new_positions[groups.base_positions[new_groups.base_positions]]
        )
        return cls(buffered_base.ground, buffered_cover.ground, moved_groups, new_groups.base_positions)


def buffered_covered_area_m2(base: PolygonLayer, cover: PolygonLayer, groups: Groups, direction: Way) -> Floats:
    """Compute the area of each base feature that its group covers after all boundaries are buffered."""
    area, done = np.zeros(len(groups.base_positions)), 0
    for chunk in groups.iter_chunks():
        buffered = BufferedGroups.from_groups(base, cover, chunk, direction)
        area[done + buffered.number] = covered_area_m2(buffered.base, buffered.cover, buffered.groups)
        done += len(chunk.base_positions)
    return area


def buffer_boundaries(shapes: Geometries, distance_m: Floats) -> Rings:
    """Buffer plane polygons by distances in metres on the ground; negative distances shrink them.

    `distance_m`: distances in metres on the ground.
    """
    parts = map_weighted_chunks(
        lambda chunk: Rings.from_polygons(_buffer_shapes(shapes[chunk], distance_m[chunk])),
        np.asarray(shapely.get_num_coordinates(shapes), dtype=np.int64),
        max_features=_CHUNK_SHAPES,
        max_weight=_VERTICES,
    )
    return Rings.concatenate(parts)


def _buffer_shapes(shapes: Geometries, distance_m: Floats) -> Geometries:
    across = np.flatnonzero(np.ptp(shapely.bounds(shapes)[:, [0, 2]], axis=1) > EDGE)
    shapes = shapes.copy()
    shapes[across] = [shapely.transform(shape, _unwrap_x) for shape in shapes[across]]
    centres = scale_factor.bbox_centres(shapes)
    local = scale_factor.to_local_metres(shapes, centres)
    local[across] = [shapely.union_all(shapely.get_parts(shape), grid_size=_NEAR_M) for shape in local[across]]
    reach = np.abs(distance_m)
    dense = np.flatnonzero(shapely.length(local) < FINE_SHARE * reach * shapely.get_num_coordinates(local))
    local[dense] = shapely.simplify(local[dense], THINNING_SHARE * reach[dense])
    buffered = scale_factor.from_local_metres(shapely.buffer(local, distance_m, quad_segs=QUARTER), centres)
    invalid = np.flatnonzero(~shapely.is_valid(buffered))
    buffered[invalid] = [polygonal_part(shapely.make_valid(shape, method="structure")) for shape in buffered[invalid]]
    bounds = shapely.bounds(buffered)
    for i in np.flatnonzero((bounds[:, 0] < -EDGE) | (bounds[:, 2] > EDGE)):
        buffered[i] = _split_antimeridian(buffered[i])
    return buffered


def _unwrap_x(xy: Floats) -> Floats:
    """Shift vertices with negative x by one turn of the Earth, to join the parts of a shape at the antimeridian."""
    return np.column_stack((np.where(xy[:, 0] < 0, xy[:, 0] + 2 * EDGE, xy[:, 0]), xy[:, 1]))


def _split_antimeridian(shape: shapely.Geometry) -> shapely.Geometry:
    """Split a shape that extends beyond the antimeridian, and shift both parts onto the plane."""
    parts = []
    for turn in (-1, 0, 1):
        world = shapely.box((2 * turn - 1) * EDGE, -EDGE, (2 * turn + 1) * EDGE, EDGE)
        part = polygonal_part(shapely.intersection(shape, world))
        parts.append(shapely.transform(part, partial(_shift_x, offset=-2 * turn * EDGE)))
    return polygonal_part(shapely.union_all(parts))


def _shift_x(xy: Floats, *, offset: float) -> npt.NDArray[np.float64]:
    return np.asarray(xy + np.array([offset, 0.0]))
