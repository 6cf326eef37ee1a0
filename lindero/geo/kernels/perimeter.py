"""
How long outlines are on the ground: of polygons, and of the ground that two of them share, without drawing it.

The line of `geo.kernels.sweep_line` goes over the edges of both. Where it is in both polygons, what bounds its
stretches above, below and, from stop to stop, at the sides is the outline of what they share.
"""

import numpy as np

from lindero.geo.geometry import scale_factor
from lindero.geo.geometry.projection import Floats, Ints
from lindero.geo.kernels.chain_tree import HIGH_X, HIGH_Y, LOW_X, LOW_Y, ChainTrees
from lindero.geo.kernels.numba_jit import compiled, inlined
from lindero.geo.kernels.sweep_line import (
    Edges,
    edges_within,
    height_at,
    in_order,
    keep_active,
    room_for,
    spans_of,
    stops_of,
)
from lindero.machine.threads import in_threads

_metres_per_plane = compiled(scale_factor.metres_per_plane)

_NOTHING_M = 1e-6  # thinner ground is rounding


def perimeters_m(trees: ChainTrees) -> Floats:
    """Measure the outline of each polygon, holes too."""

    def measure(chunk: slice, perimeters: Floats) -> None:
        _measure_perimeters(trees, trees.rings[chunk], perimeters)

    return in_threads(measure, len(trees.rings), chunk=256)


def shared_outlines_m(left: ChainTrees, right: ChainTrees, at_left: Ints, at_right: Ints) -> Floats:
    """Measure the outline of what pairs of polygons, given by position, share."""

    def measure(chunk: slice, outlines: Floats) -> None:
        _measure_shared(left, right, at_left[chunk], at_right[chunk], outlines)

    return in_threads(measure, len(at_left), chunk=256)


@compiled
def _measure_perimeters(trees: ChainTrees, rings: Ints, perimeters: Floats) -> None:
    lengths = np.empty(64)
    for polygon in range(len(perimeters)):
        perimeters[polygon] = 0.0
        for ring in range(rings[polygon, 0], rings[polygon, 1]):
            begin, end = trees.ring_start[ring], trees.ring_start[ring + 1]
            if end - begin > len(lengths):
                lengths = np.empty(end - begin)
            _measure_edges(trees.x[begin:end], trees.y[begin:end], lengths)
            for i in range(end - begin - 1):
                perimeters[polygon] += lengths[i]


@compiled
def _measure_edges(x: Floats, y: Floats, lengths: Floats) -> None:
    """Measure the edges between corners, several at once: by themselves, for they are added up one after the other."""
    for i in range(len(x) - 1):
        lengths[i] = _length_m(x[i + 1] - x[i], y[i + 1] - y[i], (y[i] + y[i + 1]) / 2)


@compiled
def _measure_shared(left: ChainTrees, right: ChainTrees, at_left: Ints, at_right: Ints, outlines: Floats) -> None:
    box, edges = np.empty(4), room_for(64)
    for pair in range(len(outlines)):
        p, q = left.root[at_left[pair]], right.root[at_right[pair]]
        for low, high in ((LOW_X, HIGH_X), (LOW_Y, HIGH_Y)):
            box[low] = max(left.box[p, low], right.box[q, low])
            box[high] = min(left.box[p, high], right.box[q, high])
        edges, known = edges_within(box, left, at_left[pair : pair + 1], right, at_right[pair : pair + 1], edges)
        outlines[pair] = _sweep(in_order(edges, known))


@compiled
def _sweep(edges: Edges) -> float:
    known, stops = len(edges.left), stops_of(edges)
    active, height, alive, entered = np.empty(known, np.int64), np.empty(known), 0, 0
    spans, before, count, count_before = np.empty((known, 2), np.int64), np.empty((known, 2), np.int64), 0, 0
    outline = 0.0
    for stop in range(len(stops) - 1):
        left, right = stops[stop], stops[stop + 1]
        alive, entered = keep_active(edges, active, height, alive, entered, left, right)
        count = spans_of(edges, active[:alive], 2, left, right, _NOTHING_M, spans)
        outline += _sides_m(edges, before[:count_before], spans[:count], left)
        for k in range(2 * count):
            edge = spans[k // 2, k % 2]
            at_left, at_right = height_at(edges, edge, left), height_at(edges, edge, right)
            outline += _length_m(right - left, at_right - at_left, (at_left + at_right) / 2)
        spans, before, count_before = before, spans, count
    return outline + _sides_m(edges, before[:count_before], spans[:0], stops[-1])


@compiled
def _sides_m(edges: Edges, one: Ints, other: Ints, x: float) -> float:
    """Measure where, along the line at x, there is shared ground on one side alone."""
    length, i, j = 0.0, 0, 0
    for spans in (one, other):
        for k in range(len(spans)):
            low, high = height_at(edges, spans[k, 0], x), height_at(edges, spans[k, 1], x)
            length += _length_m(0.0, high - low, (low + high) / 2)
    while i < len(one) and j < len(other):
        top_one, top_other = height_at(edges, one[i, 1], x), height_at(edges, other[j, 1], x)
        low = max(height_at(edges, one[i, 0], x), height_at(edges, other[j, 0], x))
        high = min(top_one, top_other)
        if high > low:
            length -= 2 * _length_m(0.0, high - low, (low + high) / 2)
        if top_one <= top_other:
            i += 1
        else:
            j += 1
    return length


@inlined
def _length_m(east: float, north: float, y: float) -> float:
    """Measure a step on the plane at height y in metres on the ground."""
    per_east, per_north = _metres_per_plane(y)
    east, north = east * per_east, north * per_north
    return float(np.sqrt(east * east + north * north))
