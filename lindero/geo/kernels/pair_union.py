"""The area of the union of the intersections of many pairs of polygons.

The plane is divided into cells with few pairs each. In each cell a line sweeps over the edges of both sides
(`geo.kernels.sweep_line`). Area is counted while the line is inside both polygons of at least one pair.
"""

from typing import NamedTuple

import numpy as np

from lindero.geo.geometry.projection import Floats, Ints
from lindero.geo.geometry.rings import Flags
from lindero.geo.kernels.chain_tree import HIGH_X, HIGH_Y, LOW_X, LOW_Y, ChainTrees
from lindero.geo.kernels.inner_distance import is_inside
from lindero.geo.kernels.numba_jit import jit, jit_inline
from lindero.geo.kernels.sweep_line import (
    CLOSING_BIT,
    FLOOR,
    Edges,
    allocate_edges,
    collect_edges,
    find_stops,
    sort_edges,
    update_active,
)
from lindero.machine.threads import map_weighted_chunks

PAIRS = 64  # maximum pairs of a cell, unless they lie on top of each other
CELLS = 256  # maximum cells per thread task
_GROWTH = 1.5  # maximum growth in pairs when a cell is halved; beyond it a split gains nothing
_EDGES_PER_STRIP = 512  # approximate edges per strip


class Cell(NamedTuple):
    """A cell of the plane, with the pairs that may share area in it."""

    box: Floats  # columns as of `ChainTrees.box`
    pairs: Ints  # positions of pairs


def pair_boxes(left: ChainTrees, right: ChainTrees, at_left: Ints, at_right: Ints) -> Floats:
    """Return the intersection of the two bounding boxes of each pair, in the order of `ChainTrees.box`."""
    left_boxes, right_boxes = left.box[left.root[at_left]], right.box[right.root[at_right]]
    shared = np.empty_like(left_boxes)
    for low, high in ((LOW_X, HIGH_X), (LOW_Y, HIGH_Y)):
        shared[:, low] = np.maximum(left_boxes[:, low], right_boxes[:, low])
        shared[:, high] = np.minimum(left_boxes[:, high], right_boxes[:, high])
    return shared


@jit
def find_enclosed_pairs(outer: ChainTrees, inner: ChainTrees, at_outer: Ints, at_inner: Ints, margin: Floats) -> Flags:
    """Return a mask of the pairs whose inner polygon's box, expanded by a margin, is inside the outer polygon."""
    enclosed, box = np.empty(len(at_outer), np.bool_), np.empty(4)
    for pair in range(len(at_outer)):
        root = outer.root[at_outer[pair]]
        box[:] = inner.box[inner.root[at_inner[pair]]]
        x, y = (box[LOW_X] + box[HIGH_X]) / 2, (box[LOW_Y] + box[HIGH_Y]) / 2
        box[LOW_X], box[LOW_Y] = box[LOW_X] - margin[pair], box[LOW_Y] - margin[pair]
        box[HIGH_X], box[HIGH_Y] = box[HIGH_X] + margin[pair], box[HIGH_Y] + margin[pair]
        enclosed[pair] = not _is_edge_near(outer, root, box) and is_inside(outer, root, x, y)
    return enclosed


@jit_inline
def _is_edge_near(trees: ChainTrees, root: int, box: Floats) -> bool:
    """Return whether the bounding box of one of a polygon's edges meets a box."""
    node = root
    while node < trees.skip[root]:
        low, high = trees.box[node, LOW_X], trees.box[node, HIGH_X]
        bottom, top = trees.box[node, LOW_Y], trees.box[node, HIGH_Y]
        if low > box[HIGH_X] or high < box[LOW_X] or bottom > box[HIGH_Y] or top < box[LOW_Y]:
            node = trees.skip[node]
            continue
        if trees.skip[node] == node + 1:
            for i in range(trees.first[node], trees.last[node]):
                low, high = min(trees.x[i], trees.x[i + 1]), max(trees.x[i], trees.x[i + 1])
                bottom, top = min(trees.y[i], trees.y[i + 1]), max(trees.y[i], trees.y[i + 1])
                if low <= box[HIGH_X] and high >= box[LOW_X] and bottom <= box[HIGH_Y] and top >= box[LOW_Y]:
                    return True
        node += 1
    return False


def split_into_cells(boxes: Floats, bounds: Floats | None = None, *, max_pairs: int = PAIRS) -> list[Cell]:
    """Divide the plane, or a box of it, into cells with about `max_pairs` pairs each. The cells cover all of it."""
    whole = np.array([-np.inf, np.inf, -np.inf, np.inf]) if bounds is None else bounds
    cells, queue = [], [Cell(whole, np.arange(len(boxes)))]
    while queue:
        cell = queue.pop()
        halves = _split_cell(cell, boxes) if len(cell.pairs) > max_pairs else []
        sizes = [len(half.pairs) for half in halves]
        if halves and sum(sizes) <= _GROWTH * len(cell.pairs) and max(sizes) < len(cell.pairs):
            queue += halves
        elif len(cell.pairs):
            cells.append(cell)
    return cells


def _split_cell(cell: Cell, boxes: Floats) -> list[Cell]:
    """Split a cell in two at the median of its pairs, across the longer side."""
    pair_bounds = boxes[cell.pairs]
    low, high = (
        np.maximum(pair_bounds[:, [LOW_X, LOW_Y]], cell.box[[LOW_X, LOW_Y]]),
        np.minimum(pair_bounds[:, [HIGH_X, HIGH_Y]], cell.box[[HIGH_X, HIGH_Y]]),
    )
    side = int(np.argmax(high.max(axis=0) - low.min(axis=0)))
    position = float(np.median((low[:, side] + high[:, side]) / 2))
    below, above = cell.box.copy(), cell.box.copy()
    below[(HIGH_X, HIGH_Y)[side]] = above[(LOW_X, LOW_Y)[side]] = position
    return [Cell(below, cell.pairs[low[:, side] < position]), Cell(above, cell.pairs[high[:, side] > position])]


def union_area(
    left: ChainTrees, right: ChainTrees, at_left: Ints, at_right: Ints, bounds: Floats | None = None
) -> float:
    """Compute the area of the union of the intersections of pairs, given by position.

    The area is limited to `bounds` (in the order of `ChainTrees.box`), if given. Its unit is the square of the unit of
    the coordinates.
    """
    boxes = pair_boxes(left, right, at_left, at_right)
    cells = split_into_cells(boxes, bounds)
    if not cells:
        return 0.0
    frames = np.array([cell.box for cell in cells])
    sizes = np.array([len(cell.pairs) for cell in cells])
    starts, pairs = np.cumsum([0, *sizes]), np.concatenate([cell.pairs for cell in cells])

    def measure(chunk: slice) -> float:
        offsets = starts[chunk.start : chunk.stop + 1]
        rows = pairs[offsets[0] : offsets[-1]]
        return _measure_cells(
            left, right, at_left[rows], at_right[rows], boxes[rows], offsets - offsets[0], frames[chunk]
        )

    return sum(map_weighted_chunks(measure, sizes, max_features=CELLS, max_weight=CELLS * PAIRS))


@jit
def _measure_cells(  # noqa: PLR0917  compiled code knows no keywords
    left: ChainTrees, right: ChainTrees, at_left: Ints, at_right: Ints, boxes: Floats, starts: Ints, frames: Floats
) -> float:
    edges, strip, area = allocate_edges(64), np.empty(4), 0.0
    for cell in range(len(frames)):
        begin, end = starts[cell], starts[cell + 1]
        frame = frames[cell].copy()  # clipped to the extent of the pairs' boxes
        for low, high in ((LOW_X, HIGH_X), (LOW_Y, HIGH_Y)):
            frame[low] = max(frame[low], boxes[begin:end, low].min())
            frame[high] = min(frame[high], boxes[begin:end, high].max())
        if frame[LOW_X] >= frame[HIGH_X] or frame[LOW_Y] >= frame[HIGH_Y]:
            continue
        left_polygons, right_polygons = np.unique(at_left[begin:end]), np.unique(at_right[begin:end])
        left_index, right_index = (
            np.searchsorted(left_polygons, at_left[begin:end]),
            np.searchsorted(right_polygons, at_right[begin:end]),
        )
        order = np.argsort(right_index)
        partner, first = left_index[order], np.searchsorted(right_index[order], np.arange(len(right_polygons) + 1))
        edges, edge_count = collect_edges(frame, left, left_polygons, right, right_polygons, edges)
        strips = edge_count // _EDGES_PER_STRIP + 1
        for k in range(strips):
            strip[:] = frame
            strip[LOW_Y] = frame[LOW_Y] + (frame[HIGH_Y] - frame[LOW_Y]) * (k / strips)
            if k < strips - 1:
                strip[HIGH_Y] = frame[LOW_Y] + (frame[HIGH_Y] - frame[LOW_Y]) * ((k + 1) / strips)
            edges, edge_count = collect_edges(strip, left, left_polygons, right, right_polygons, edges)
            area += _sweep_pairs(sort_edges(edges, edge_count), len(left_polygons), partner, first)
    return area


@jit
def _sweep_pairs(edges: Edges, left_count: int, partner: Ints, first: Ints) -> float:
    """Sum the area between floor and lid that is inside both polygons of at least one pair."""
    edge_count, stops = len(edges.left), find_stops(edges)
    active, height, alive, entered = np.empty(edge_count, np.int64), np.empty(edge_count), 0, 0
    inside, covers = np.zeros(left_count, np.int64), np.zeros(left_count, np.int64)
    area = 0.0
    for stop in range(len(stops) - 1):
        left, right = stops[stop], stops[stop + 1]
        alive, entered = update_active(edges, active, height, alive, entered, left, right)
        inside[:], covers[:] = 0, 0
        pairs, is_above, tall = 0, False, 0.0  # pairs with both polygons around the current height
        for k in range(alive):
            if is_above and pairs > 0:
                tall += height[k] - height[k - 1]
            sign, polygon = edges.sign[active[k]], edges.polygon[active[k]]
            if sign == -CLOSING_BIT:
                break
            if sign == FLOOR:
                is_above = True
            elif polygon < left_count:
                pairs -= int(inside[polygon] > 0 and covers[polygon] > 0)
                inside[polygon] += sign
                pairs += int(inside[polygon] > 0 and covers[polygon] > 0)
            else:
                for i in range(first[polygon - left_count], first[polygon - left_count + 1]):
                    left_polygon = partner[i]
                    pairs -= int(inside[left_polygon] > 0 and covers[left_polygon] > 0)
                    covers[left_polygon] += sign
                    pairs += int(inside[left_polygon] > 0 and covers[left_polygon] > 0)
        area += tall * (right - left)
    return area
