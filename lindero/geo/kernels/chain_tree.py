"""Trees of chains of polygon edges, with which distant parts of a boundary are processed as one.

A chain is a run of edges along a ring. It stores its bounding box, its start and end, and the area between it and the
bottom of its box. Chains of up to `LEAF_EDGES` edges are the leaves. Up to `FAN` consecutive chains form the next
longer one, up to the whole ring. Rings are grouped in the same way, up to the whole (multi)polygon. The nodes of a tree
are in pre-order: the first child of a node follows it directly, and `skip` is the position after all its descendants.
"""

from typing import NamedTuple

import numpy as np

from lindero.geo.geometry.projection import Floats, Ints
from lindero.geo.geometry.rings import Flags, Rings
from lindero.geo.kernels.numba_jit import jit, jit_inline
from lindero.machine.threads import map_chunks, map_weighted_chunks

LEAF_EDGES = 8
FAN = 4

LOW_X, HIGH_X, LOW_Y, HIGH_Y = range(4)  # columns of ChainTrees.box

_POLYGONS, _VERTICES = 4_096, 100_000  # approximate maxima per thread task
_DEEPEST = 256  # stack size of nodes still to be laid out: FAN for each level


class ChainTrees(NamedTuple):
    """The chain trees of the polygons of a layer, as flat arrays. Shells run counterclockwise, holes clockwise."""

    x: Floats  # vertices, ring after ring; each ring repeats its first vertex at its end
    y: Floats
    ring_start: Ints  # (rings + 1): where in the vertices each ring begins
    is_hole: Flags  # (rings)
    rings: Ints  # (polygons, 2): the first ring of each, and the one after its last
    root: Ints  # (polygons): where in the nodes each polygon's tree begins
    first: Ints  # (nodes): first vertex of the chain
    last: Ints  # (nodes): last vertex of the chain
    skip: Ints  # (nodes): the next node that is not below this one
    box: Floats  # (nodes, 4): columns LOW_X, HIGH_X, LOW_Y, HIGH_Y
    start: Floats  # (nodes): x where the chain starts
    end: Floats  # (nodes): x where the chain ends; equal to `start` for a whole ring or a bundle of rings
    under: Floats  # (nodes): ∫ (y - y_low) dx along the chain, negative where it runs to the left

    @property
    def hole_counts(self) -> Floats:
        """The number of holes of each polygon."""
        before = np.concatenate((np.zeros(1, np.int64), np.cumsum(self.is_hole, dtype=np.int64)))
        return np.asarray(before[self.rings[:, 1]] - before[self.rings[:, 0]], dtype=np.float64)

    def node_counts(self, positions: Ints) -> Ints:
        """Return the number of nodes in the trees of some polygons, given by position."""
        root = self.root[positions]
        return np.asarray(self.skip[root] - root)


class _NodeMeasures(NamedTuple):
    """The values computed for each node from its vertices, as in `ChainTrees`."""

    skip: Ints
    box: Floats
    start: Floats
    end: Floats
    under: Floats


class _Spans(NamedTuple):
    """The first and last vertex of each node, in pre-order."""

    root: Ints
    first: Ints
    last: Ints
    is_chain: Flags  # False for a bundle of rings


def build_chain_trees(rings: Rings) -> ChainTrees:
    """Build the chain trees of valid plane polygons. Rings in the wrong direction are reversed in place."""
    x, y, ring_start, first_ring, is_hole = rings
    map_chunks(
        lambda chunk: _orient_rings(x, y, ring_start[chunk.start : chunk.stop + 1], is_hole[chunk]), len(is_hole)
    )
    vertex_counts = np.diff(ring_start[first_ring])

    def divide(chunk: slice) -> _Spans:
        return _divide_polygons(ring_start, first_ring[chunk.start : chunk.stop + 1])

    parts = map_weighted_chunks(divide, vertex_counts, max_features=_POLYGONS, max_weight=_VERTICES)
    spans = _concatenate_spans(parts or [divide(slice(0, 0))])
    nodes = len(spans.first)
    measured = _NodeMeasures(
        np.empty(nodes, np.int64), np.empty((nodes, 4)), np.empty(nodes), np.empty(nodes), np.zeros(nodes)
    )
    map_weighted_chunks(
        lambda chunk: _measure_nodes(x, y, spans, measured, chunk.start, chunk.stop),
        vertex_counts,
        max_features=_POLYGONS,
        max_weight=_VERTICES,
    )
    ring_ranges = np.column_stack((first_ring[:-1], first_ring[1:]))
    return ChainTrees(x, y, ring_start, is_hole, ring_ranges, spans.root[:-1], spans.first, spans.last, *measured)


@jit
def _orient_rings(x: Floats, y: Floats, ring_start: Ints, is_hole: Flags) -> None:
    """Orient shells counterclockwise and holes clockwise."""
    for ring in range(len(ring_start) - 1):
        begin, end = ring_start[ring], ring_start[ring + 1]
        twice = 0.0
        for i in range(begin, end - 1):
            twice += (x[i + 1] - x[i]) * (y[i] - y[begin] + y[i + 1] - y[begin])
        clockwise = twice > 0
        if clockwise != is_hole[ring]:
            x[begin:end] = x[begin:end][::-1].copy()
            y[begin:end] = y[begin:end][::-1].copy()


def _concatenate_spans(parts: list[_Spans]) -> _Spans:
    """Concatenate the node spans of several sets of polygons."""
    shifts = np.cumsum([0, *(len(spans.first) for spans in parts)])
    root = [spans.root[:-1] + start for spans, start in zip(parts, shifts[:-1], strict=True)]
    _roots, first, last, is_chain = zip(*parts, strict=True)
    return _Spans(np.concatenate([*root, shifts[-1:]]), *map(np.concatenate, (first, last, is_chain)))


@jit
def _divide_polygons(ring_start: Ints, first_ring: Ints) -> _Spans:
    """Divide every polygon into rings and every ring into chains, from the top down."""
    rings, vertices = first_ring[-1] - first_ring[0], ring_start[first_ring[-1]] - ring_start[first_ring[0]]
    max_nodes = 2 * (vertices // LEAF_EDGES) + 4 * (rings + 1) + 2 * len(first_ring)
    root = np.zeros(len(first_ring), np.int64)
    first, last, is_chain = np.empty(max_nodes, np.int64), np.empty(max_nodes, np.int64), np.empty(max_nodes, np.bool_)
    begins, ends, are_rings = np.empty(_DEEPEST, np.int64), np.empty(_DEEPEST, np.int64), np.empty(_DEEPEST, np.bool_)
    count = 0
    for polygon in range(len(first_ring) - 1):
        root[polygon] = count
        begins[0], ends[0], are_rings[0] = first_ring[polygon], first_ring[polygon + 1], True
        depth = 1
        while depth > 0:
            depth -= 1
            begin, end, is_bundle = begins[depth], ends[depth], are_rings[depth]
            if is_bundle and end - begin == 1:  # a single ring: continue with its vertices
                begin, end, is_bundle = ring_start[begin], ring_start[begin + 1] - 1, False
            first[count] = ring_start[begin] if is_bundle else begin
            last[count] = ring_start[end] - 1 if is_bundle else end
            is_chain[count] = not is_bundle
            count += 1
            step = 1 if is_bundle else LEAF_EDGES
            if end - begin <= step:
                continue
            while step * FAN < end - begin:
                step *= FAN
            for child in range((end - begin - 1) // step, -1, -1):  # so that the first child is on top of the stack
                begins[depth] = begin + child * step
                ends[depth] = min(begin + (child + 1) * step, end)
                are_rings[depth] = is_bundle
                depth += 1
    root[-1] = count
    return _Spans(root, first[:count].copy(), last[:count].copy(), is_chain[:count].copy())


@jit
def _measure_nodes(x: Floats, y: Floats, spans: _Spans, measured: _NodeMeasures, begin: int, stop: int) -> None:  # noqa: PLR0917
    """Compute the values of the nodes of some polygons, in reverse order: children before parents."""
    root, first, last, is_chain = spans
    skip, box, start, end, under = measured
    for polygon in range(stop - 1, begin - 1, -1):
        for node in range(root[polygon + 1] - 1, root[polygon] - 1, -1):
            start[node] = x[first[node]]
            end[node] = x[last[node]] if is_chain[node] else x[first[node]]
            child = node + 1
            while child < root[polygon + 1] and last[child] <= last[node]:
                child = skip[child]
            skip[node] = child
            if child == node + 1:
                under[node] = _measure_chain(x, y, first[node], last[node], box[node])
                continue
            box[node] = box[node + 1]
            child = node + 1
            while child < skip[node]:
                _extend_box(box[node], box[child])
                child = skip[child]
            child = node + 1
            while child < skip[node]:
                under[node] += under[child] + (box[child, 2] - box[node, 2]) * (end[child] - start[child])
                child = skip[child]


@jit_inline
def _measure_chain(x: Floats, y: Floats, first: int, last: int, box: Floats) -> float:
    """Set the bounding box of a chain of edges, and return the area between the chain and the bottom of its box."""
    low_x, high_x, low_y, high_y = x[first], x[first], y[first], y[first]
    for i in range(first + 1, last + 1):
        low_x, high_x = min(low_x, x[i]), max(high_x, x[i])
        low_y, high_y = min(low_y, y[i]), max(high_y, y[i])
    box[LOW_X], box[HIGH_X], box[LOW_Y], box[HIGH_Y] = low_x, high_x, low_y, high_y
    area = 0.0
    for i in range(first, last):
        area += ((y[i] - low_y) + (y[i + 1] - low_y)) / 2 * (x[i + 1] - x[i])
    return area


@jit
def _extend_box(box: Floats, added_box: Floats) -> None:
    box[0], box[1] = min(box[0], added_box[0]), max(box[1], added_box[1])
    box[2], box[3] = min(box[2], added_box[2]), max(box[3], added_box[3])
