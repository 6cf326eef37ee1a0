"""
Polygons as trees of chains, so that far-away stretches of a boundary can be dealt with as one.

A chain is a run of edges along a ring. It knows the box that holds it, where it starts and ends, and the area between
it and the bottom of its box. Chains of up to `LEAF` edges are the leaves; up to `FAN` chains in a row make the next
longer one, up to the whole ring; rings are bundled likewise, up to the whole (multi)polygon. The nodes of a tree stand
in pre-order: the first child of a node comes right after it, and `skip` leads past all that is below it.
"""

from typing import NamedTuple

import numpy as np

from lindero.geo.geometry.projection import Floats, Ints
from lindero.geo.geometry.rings import Flags, Rings
from lindero.geo.kernels.numba_jit import compiled
from lindero.machine.threads import shared_by_weight, shared_out

LEAF = 8
FAN = 4

LOW_X, HIGH_X, LOW_Y, HIGH_Y = range(4)  # of ChainTrees.box

_POLYGONS, _CORNERS = 4_096, 100_000  # that a thread takes at a time, about
_DEEPEST = 256  # nodes waiting to be laid out: FAN for each level


class ChainTrees(NamedTuple):
    """The trees of a layer, as flat arrays. Shells run counterclockwise, holes clockwise."""

    x: Floats  # corners, ring after ring, the first corner of a ring again at its end
    y: Floats
    ring_start: Ints  # (rings + 1): where in the corners each ring begins
    is_hole: Flags  # (rings)
    rings: Ints  # (polygons, 2): the first ring of each, and the one after its last
    root: Ints  # (polygons): where in the nodes each polygon's tree begins
    first: Ints  # (nodes): first corner of the chain
    last: Ints  # (nodes): last corner of the chain
    skip: Ints  # (nodes): the next node that is not below this one
    box: Floats  # (nodes, 4): by LOW_X, HIGH_X, LOW_Y, HIGH_Y
    start: Floats  # (nodes): x where the chain starts
    end: Floats  # (nodes): x where it ends; where it starts, for a whole ring or a bundle of rings
    under: Floats  # (nodes): ∫ (y - y_low) dx along the chain, negative where it runs to the left

    @property
    def holes(self) -> Floats:
        """How many holes each polygon has."""
        before = np.concatenate((np.zeros(1, np.int64), np.cumsum(self.is_hole, dtype=np.int64)))
        return np.asarray(before[self.rings[:, 1]] - before[self.rings[:, 0]], dtype=np.float64)

    def nodes(self, at: Ints) -> Ints:
        """How many nodes the trees of some polygons have."""
        root = self.root[at]
        return np.asarray(self.skip[root] - root)


class _Measured(NamedTuple):
    """What is known of each node from its corners, as in `ChainTrees`."""

    skip: Ints
    box: Floats
    start: Floats
    end: Floats
    under: Floats


class _Spans(NamedTuple):
    """Which corners each node spans, in pre-order."""

    root: Ints
    first: Ints
    last: Ints
    is_chain: Flags  # or a bundle of rings


def chain_trees(rings: Rings) -> ChainTrees:
    """Build the trees of valid plane polygons. Their rings are turned round, in place, if they run the other way."""
    x, y, ring_start, first_ring, is_hole = rings
    shared_out(lambda some: _orient(x, y, ring_start[some.start : some.stop + 1], is_hole[some]), len(is_hole))
    corners = np.diff(ring_start[first_ring])

    def lay_out(some: slice) -> _Spans:
        return _lay_out(ring_start, first_ring[some.start : some.stop + 1])

    parts = shared_by_weight(lay_out, corners, features=_POLYGONS, most=_CORNERS)
    spans = _one_after_another(parts or [lay_out(slice(0, 0))])
    nodes = len(spans.first)
    measured = _Measured(
        np.empty(nodes, np.int64), np.empty((nodes, 4)), np.empty(nodes), np.empty(nodes), np.zeros(nodes)
    )
    shared_by_weight(
        lambda some: _measure(x, y, spans, measured, some.start, some.stop), corners, features=_POLYGONS, most=_CORNERS
    )
    of_polygon = np.column_stack((first_ring[:-1], first_ring[1:]))
    return ChainTrees(x, y, ring_start, is_hole, of_polygon, spans.root[:-1], spans.first, spans.last, *measured)


@compiled
def _orient(x: Floats, y: Floats, ring_start: Ints, is_hole: Flags) -> None:
    """Turn shells counterclockwise and holes clockwise."""
    for ring in range(len(ring_start) - 1):
        begin, end = ring_start[ring], ring_start[ring + 1]
        twice = 0.0
        for i in range(begin, end - 1):
            twice += (x[i + 1] - x[i]) * (y[i] - y[begin] + y[i + 1] - y[begin])
        clockwise = twice > 0
        if clockwise != is_hole[ring]:
            x[begin:end] = x[begin:end][::-1].copy()
            y[begin:end] = y[begin:end][::-1].copy()


def _one_after_another(several: list[_Spans]) -> _Spans:
    """Put the nodes of some polygons behind those of others."""
    before = np.cumsum([0, *(len(spans.first) for spans in several)])
    root = [spans.root[:-1] + start for spans, start in zip(several, before[:-1], strict=True)]
    _roots, first, last, is_chain = zip(*several, strict=True)
    return _Spans(np.concatenate([*root, before[-1:]]), *map(np.concatenate, (first, last, is_chain)))


@compiled
def _lay_out(ring_start: Ints, first_ring: Ints) -> _Spans:
    """Divide every polygon into its rings, and every ring into its chains, from the top down."""
    rings, corners = first_ring[-1] - first_ring[0], ring_start[first_ring[-1]] - ring_start[first_ring[0]]
    most = 2 * (corners // LEAF) + 4 * (rings + 1) + 2 * len(first_ring)
    root = np.zeros(len(first_ring), np.int64)
    first, last, is_chain = np.empty(most, np.int64), np.empty(most, np.int64), np.empty(most, np.bool_)
    begins, ends, of_rings = np.empty(_DEEPEST, np.int64), np.empty(_DEEPEST, np.int64), np.empty(_DEEPEST, np.bool_)
    count = 0
    for polygon in range(len(first_ring) - 1):
        root[polygon] = count
        begins[0], ends[0], of_rings[0] = first_ring[polygon], first_ring[polygon + 1], True
        depth = 1
        while depth > 0:
            depth -= 1
            begin, end, bundle = begins[depth], ends[depth], of_rings[depth]
            if bundle and end - begin == 1:  # one ring: go on with its corners
                begin, end, bundle = ring_start[begin], ring_start[begin + 1] - 1, False
            first[count] = ring_start[begin] if bundle else begin
            last[count] = ring_start[end] - 1 if bundle else end
            is_chain[count] = not bundle
            count += 1
            step = 1 if bundle else LEAF
            if end - begin <= step:
                continue
            while step * FAN < end - begin:
                step *= FAN
            for child in range((end - begin - 1) // step, -1, -1):  # the first on top of the stack
                begins[depth] = begin + child * step
                ends[depth] = min(begin + (child + 1) * step, end)
                of_rings[depth] = bundle
                depth += 1
    root[-1] = count
    return _Spans(root, first[:count].copy(), last[:count].copy(), is_chain[:count].copy())


@compiled
def _measure(x: Floats, y: Floats, spans: _Spans, measured: _Measured, begin: int, stop: int) -> None:  # noqa: PLR0917
    """Measure the nodes of some polygons, the last first, so that those below come before those above."""
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
                _box_corners(x, y, first[node], last[node], box[node])
                for i in range(first[node], last[node]):
                    under[node] += ((y[i] - box[node, 2]) + (y[i + 1] - box[node, 2])) / 2 * (x[i + 1] - x[i])
                continue
            box[node] = box[node + 1]
            child = node + 1
            while child < skip[node]:
                _extend(box[node], box[child])
                child = skip[child]
            child = node + 1
            while child < skip[node]:
                under[node] += under[child] + (box[child, 2] - box[node, 2]) * (end[child] - start[child])
                child = skip[child]


@compiled
def _box_corners(x: Floats, y: Floats, first: int, last: int, box: Floats) -> None:
    box[0], box[1], box[2], box[3] = x[first], x[first], y[first], y[first]
    for i in range(first + 1, last + 1):
        box[0], box[1] = min(box[0], x[i]), max(box[1], x[i])
        box[2], box[3] = min(box[2], y[i]), max(box[3], y[i])


@compiled
def _extend(box: Floats, other: Floats) -> None:
    box[0], box[1] = min(box[0], other[0]), max(box[1], other[1])
    box[2], box[3] = min(box[2], other[2]), max(box[3], other[3])
