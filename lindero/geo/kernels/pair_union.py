"""
How much ground many pairs of polygons share together, ground counted once.

The plane is cut into cells with few pairs each. In a cell a line sweeps over the edges of both sides
(`geo.kernels.sweep_line`); ground counts while the line is inside both polygons of at least one pair.
"""

from typing import NamedTuple

import numpy as np

from lindero.geo.geometry.projection import Floats, Ints
from lindero.geo.kernels.chain_tree import HIGH_X, HIGH_Y, LOW_X, LOW_Y, ChainTrees
from lindero.geo.kernels.numba_jit import compiled
from lindero.geo.kernels.sweep_line import FLOOR, LID, Edges, edges_within, in_order, keep_active, room_for, stops_of
from lindero.machine.threads import shared_by_weight

PAIRS = 64  # of a cell, at most, unless they lie on top of each other
CELLS = 256  # that a thread takes at a time, at most
_GROWTH = 1.5  # times as many pairs in both halves of a cell as in the cell: cutting it gains nothing
_IN_A_STRIP = 512  # edges, or so


class Cell(NamedTuple):
    """A part of the plane, and the pairs that may share ground in it."""

    box: Floats  # as of `ChainTrees.box`
    pairs: Ints  # positions in the rows of pairs


def pair_boxes(left: ChainTrees, right: ChainTrees, at_left: Ints, at_right: Ints) -> Floats:
    """Return the box that the two boxes of each pair share, in the order of `ChainTrees.box`."""
    one, other = left.box[left.root[at_left]], right.box[right.root[at_right]]
    shared = np.empty_like(one)
    for low, high in ((LOW_X, HIGH_X), (LOW_Y, HIGH_Y)):
        shared[:, low] = np.maximum(one[:, low], other[:, low])
        shared[:, high] = np.minimum(one[:, high], other[:, high])
    return shared


def cut_into_cells(boxes: Floats, within: Floats | None = None, *, most: int = PAIRS) -> list[Cell]:
    """Cut the plane, or a box of it, into cells of about `most` pairs with these boxes; together they cover all."""
    whole = np.array([-np.inf, np.inf, -np.inf, np.inf]) if within is None else within
    cells, waiting = [], [Cell(whole, np.arange(len(boxes)))]
    while waiting:
        cell = waiting.pop()
        halves = _halves(cell, boxes) if len(cell.pairs) > most else []
        sizes = [len(half.pairs) for half in halves]
        if halves and sum(sizes) <= _GROWTH * len(cell.pairs) and max(sizes) < len(cell.pairs):
            waiting += halves
        elif len(cell.pairs):
            cells.append(cell)
    return cells


def _halves(cell: Cell, boxes: Floats) -> list[Cell]:
    """Cut a cell in two at the median of its pairs, across the longer side."""
    own = boxes[cell.pairs]
    low, high = (
        np.maximum(own[:, [LOW_X, LOW_Y]], cell.box[[LOW_X, LOW_Y]]),
        np.minimum(own[:, [HIGH_X, HIGH_Y]], cell.box[[HIGH_X, HIGH_Y]]),
    )
    side = int(np.argmax(high.max(axis=0) - low.min(axis=0)))
    at = float(np.median((low[:, side] + high[:, side]) / 2))
    below, above = cell.box.copy(), cell.box.copy()
    below[(HIGH_X, HIGH_Y)[side]] = above[(LOW_X, LOW_Y)[side]] = at
    return [Cell(below, cell.pairs[low[:, side] < at]), Cell(above, cell.pairs[high[:, side] > at])]


def union_area(
    left: ChainTrees, right: ChainTrees, at_left: Ints, at_right: Ints, within: Floats | None = None
) -> float:
    """
    Measure the union of what pairs, given by position, share; within a box (as of `ChainTrees.box`), if one is given.

    In the square of the unit of the coordinates.
    """
    boxes = pair_boxes(left, right, at_left, at_right)
    cells = cut_into_cells(boxes, within)
    if not cells:
        return 0.0
    frames = np.array([cell.box for cell in cells])
    sizes = np.array([len(cell.pairs) for cell in cells])
    starts, pairs = np.cumsum([0, *sizes]), np.concatenate([cell.pairs for cell in cells])

    def measure(chunk: slice) -> float:
        some = starts[chunk.start : chunk.stop + 1]
        rows = pairs[some[0] : some[-1]]
        return _measure_cells(left, right, at_left[rows], at_right[rows], boxes[rows], some - some[0], frames[chunk])

    return sum(shared_by_weight(measure, sizes, features=CELLS, most=CELLS * PAIRS))


@compiled
def _measure_cells(  # noqa: PLR0917  compiled code knows no keywords
    left: ChainTrees, right: ChainTrees, at_left: Ints, at_right: Ints, boxes: Floats, starts: Ints, frames: Floats
) -> float:
    edges, strip, area = room_for(64), np.empty(4), 0.0
    for cell in range(len(frames)):
        begin, end = starts[cell], starts[cell + 1]
        frame = frames[cell].copy()  # no larger than what the pairs share
        for low, high in ((LOW_X, HIGH_X), (LOW_Y, HIGH_Y)):
            frame[low] = max(frame[low], boxes[begin:end, low].min())
            frame[high] = min(frame[high], boxes[begin:end, high].max())
        if frame[LOW_X] >= frame[HIGH_X] or frame[LOW_Y] >= frame[HIGH_Y]:
            continue
        ours, theirs = np.unique(at_left[begin:end]), np.unique(at_right[begin:end])
        one, other = np.searchsorted(ours, at_left[begin:end]), np.searchsorted(theirs, at_right[begin:end])
        order = np.argsort(other)
        partner, first = one[order], np.searchsorted(other[order], np.arange(len(theirs) + 1))
        edges, known = edges_within(frame, left, ours, right, theirs, edges)
        strips = known // _IN_A_STRIP + 1
        for k in range(strips):
            strip[:] = frame
            strip[LOW_Y] = frame[LOW_Y] + (frame[HIGH_Y] - frame[LOW_Y]) * (k / strips)
            if k < strips - 1:
                strip[HIGH_Y] = frame[LOW_Y] + (frame[HIGH_Y] - frame[LOW_Y]) * ((k + 1) / strips)
            edges, known = edges_within(strip, left, ours, right, theirs, edges)
            area += _sweep(in_order(edges, known), len(ours), partner, first)
    return area


@compiled
def _sweep(edges: Edges, ours: int, partner: Ints, first: Ints) -> float:
    """
    Add up the ground between floor and lid that is inside both polygons of a pair.

    Parameters
    ----------
    ours
        How many polygons the left side has: the edges of the right side count from there.
    partner, first
        The left polygons that each right polygon is paired with, and where in them each one's begin.
    """
    known, stops = len(edges.left), stops_of(edges)
    active, height, alive, entered = np.empty(known, np.int64), np.empty(known), 0, 0
    inside, covers = np.zeros(ours, np.int64), np.zeros(ours, np.int64)
    area = 0.0
    for stop in range(len(stops) - 1):
        left, right = stops[stop], stops[stop + 1]
        alive, entered = keep_active(edges, active, height, alive, entered, left, right)
        inside[:], covers[:] = 0, 0
        pairs, is_above, tall = 0, False, 0.0  # pairs that the line is inside of
        for k in range(alive):
            if is_above and pairs > 0:
                tall += height[k] - height[k - 1]
            sign, polygon = edges.sign[active[k]], edges.polygon[active[k]]
            if sign == -LID:
                break
            if sign == FLOOR:
                is_above = True
            elif polygon < ours:
                pairs -= int(inside[polygon] > 0 and covers[polygon] > 0)
                inside[polygon] += sign
                pairs += int(inside[polygon] > 0 and covers[polygon] > 0)
            else:
                for i in range(first[polygon - ours], first[polygon - ours + 1]):
                    own = partner[i]
                    pairs -= int(inside[own] > 0 and covers[own] > 0)
                    covers[own] += sign
                    pairs += int(inside[own] > 0 and covers[own] > 0)
        area += tall * (right - left)
    return area
