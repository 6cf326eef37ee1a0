"""Perimeters on the ground: of polygons, and of the intersections of pairs, without building the intersections.

The sweep line of `geo.kernels.sweep_line` passes over the edges of both polygons. Where it is in both polygons, the
boundary of the intersection consists of the edges above and below its spans, and of the changes of the spans at its
stops.
"""

import numpy as np

from lindero.geo.geometry import scale_factor
from lindero.geo.geometry.projection import Floats, Ints
from lindero.geo.kernels.chain_tree import HIGH_X, HIGH_Y, LOW_X, LOW_Y, ChainTrees
from lindero.geo.kernels.numba_jit import jit, jit_inline
from lindero.geo.kernels.sweep_line import (
    Edges,
    allocate_edges,
    collect_edges,
    edge_height,
    find_spans,
    find_stops,
    sort_edges,
    update_active,
)
from lindero.machine.threads import fill_array

_metres_per_plane = jit(scale_factor.metres_per_plane)

_NOTHING_M = 1e-6  # metres; thinner pieces are rounding errors


def perimeters_m(trees: ChainTrees) -> Floats:
    """Compute the perimeter of each polygon in metres, holes included."""

    def measure(chunk: slice, perimeters: Floats) -> None:
        _measure_perimeters(trees, trees.rings[chunk], perimeters)

    return fill_array(measure, len(trees.rings), chunk=256)


def shared_perimeters_m(left: ChainTrees, right: ChainTrees, at_left: Ints, at_right: Ints) -> Floats:
    """Compute the perimeter in metres of the intersection of each pair of polygons, given by position."""

    def measure(chunk: slice, outlines: Floats) -> None:
        _measure_intersections(left, right, at_left[chunk], at_right[chunk], outlines)

    return fill_array(measure, len(at_left), chunk=256)


@jit
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


@jit
def _measure_edges(x: Floats, y: Floats, lengths: Floats) -> None:
    """Compute the lengths of the edges of a ring. They are not summed here, so that several are computed at once."""
    for i in range(len(x) - 1):
        lengths[i] = _length_m(x[i + 1] - x[i], y[i + 1] - y[i], (y[i] + y[i + 1]) / 2)


@jit
def _measure_intersections(
    left: ChainTrees, right: ChainTrees, at_left: Ints, at_right: Ints, outlines: Floats
) -> None:
    box, edges = np.empty(4), allocate_edges(64)
    for pair in range(len(outlines)):
        p, q = left.root[at_left[pair]], right.root[at_right[pair]]
        for low, high in ((LOW_X, HIGH_X), (LOW_Y, HIGH_Y)):
            box[low] = max(left.box[p, low], right.box[q, low])
            box[high] = min(left.box[p, high], right.box[q, high])
        edges, edge_count = collect_edges(box, left, at_left[pair : pair + 1], right, at_right[pair : pair + 1], edges)
        outlines[pair] = _sweep_perimeter(sort_edges(edges, edge_count))


@jit
def _sweep_perimeter(edges: Edges) -> float:
    edge_count, stops = len(edges.left), find_stops(edges)
    active, height, alive, entered = np.empty(edge_count, np.int64), np.empty(edge_count), 0, 0
    spans, previous, count, count_before = (
        np.empty((edge_count, 2), np.int64),
        np.empty((edge_count, 2), np.int64),
        0,
        0,
    )
    outline = 0.0
    for stop in range(len(stops) - 1):
        left, right = stops[stop], stops[stop + 1]
        alive, entered = update_active(edges, active, height, alive, entered, left, right)
        count = find_spans(edges, active[:alive], 2, left, right, _NOTHING_M, spans)
        outline += _sides_m(edges, previous[:count_before], spans[:count], left)
        for k in range(2 * count):
            edge = spans[k // 2, k % 2]
            at_left, at_right = edge_height(edges, edge, left), edge_height(edges, edge, right)
            outline += _length_m(right - left, at_right - at_left, (at_left + at_right) / 2)
        spans, previous, count_before = previous, spans, count
    return outline + _sides_m(edges, previous[:count_before], spans[:0], stops[-1])


@jit
def _sides_m(edges: Edges, left_spans: Ints, right_spans: Ints, x: float) -> float:
    """Compute the length along the line at x where only one side has shared area."""
    length, i, j = 0.0, 0, 0
    for spans in (left_spans, right_spans):
        for k in range(len(spans)):
            low, high = edge_height(edges, spans[k, 0], x), edge_height(edges, spans[k, 1], x)
            length += _length_m(0.0, high - low, (low + high) / 2)
    while i < len(left_spans) and j < len(right_spans):
        top_left, top_right = edge_height(edges, left_spans[i, 1], x), edge_height(edges, right_spans[j, 1], x)
        low = max(edge_height(edges, left_spans[i, 0], x), edge_height(edges, right_spans[j, 0], x))
        high = min(top_left, top_right)
        if high > low:
            length -= 2 * _length_m(0.0, high - low, (low + high) / 2)
        if top_left <= top_right:
            i += 1
        else:
            j += 1
    return length


@jit_inline
def _length_m(east: float, north: float, y: float) -> float:
    """Compute the length on the ground, in metres, of a step on the plane at height y."""
    per_east, per_north = _metres_per_plane(y)
    east, north = east * per_east, north * per_north
    return float(np.sqrt(east * east + north * north))
