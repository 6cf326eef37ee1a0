"""A packed tree of bounding boxes, to find the pairs of boxes that meet.

Boxes are sorted along a Z curve by their centres. Every `FAN` consecutive boxes have a box around them on the next
level, up to a single one. The tree is a flat array without objects, so it is built in a tenth of the time of an STR
tree of GEOS geometries.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from lindero.geo.geometry.projection import Floats, Ints
from lindero.geo.kernels.numba_jit import jit, jit_inline

FAN = 8
_STEPS = 65_535  # cells of the curve along each axis
_DEPTH = 256  # stack size: FAN nodes for each level

Keys = npt.NDArray[np.uint32]


class BoxTree(NamedTuple):
    """A tree of boxes (x_low, y_low, x_high, y_high), from the boxes themselves to the box around all."""

    positions: Ints  # (n): where each sorted box was received
    boxes: Floats  # (nodes, 4): level after level, the sorted boxes first
    level_start: Ints  # (levels + 1): where in `boxes` each level begins

    @classmethod
    def from_boxes(cls, boxes: Floats) -> "BoxTree":
        """Build the tree of (n, 4) boxes."""
        positions = np.argsort(_curve_keys(boxes))
        sizes = [len(boxes)]
        while sizes[-1] > 1:
            sizes.append(-(-sizes[-1] // FAN))
        level_start = np.concatenate((np.zeros(1, np.int64), np.cumsum(sizes)))
        nodes = np.empty((level_start[-1], 4))
        nodes[: len(boxes)] = boxes[positions]
        _enclose_levels(nodes, level_start)
        return cls(positions, nodes, level_start)

    def query(self, boxes: Floats) -> tuple[Ints, Ints]:
        """Find the boxes of the tree that meet each of some boxes: positions in `boxes`, sorted, and in the tree."""
        return _find_pairs(self.positions, self.boxes, self.level_start, boxes)


@jit
def _curve_keys(boxes: Floats) -> Keys:
    """Compute the place of the centre of each box on a Z curve: the bits of its cell's column and row by turns."""
    keys = np.zeros(len(boxes), np.uint32)
    for axis in range(2):
        low, high = np.inf, -np.inf
        for i in range(len(boxes)):
            centre = boxes[i, axis] + boxes[i, axis + 2]
            low, high = min(low, centre), max(high, centre)
        scale = _STEPS / (high - low) if high > low else 0.0
        for i in range(len(boxes)):
            bits = np.uint32((boxes[i, axis] + boxes[i, axis + 2] - low) * scale)
            bits = (bits | bits << np.uint32(8)) & np.uint32(0x00FF00FF)
            bits = (bits | bits << np.uint32(4)) & np.uint32(0x0F0F0F0F)
            bits = (bits | bits << np.uint32(2)) & np.uint32(0x33333333)
            bits = (bits | bits << np.uint32(1)) & np.uint32(0x55555555)
            keys[i] |= bits << np.uint32(axis)
    return keys


@jit
def _enclose_levels(nodes: Floats, level_start: Ints) -> None:
    """Compute the boxes of all levels above the first."""
    for level in range(1, len(level_start) - 1):
        for node in range(level_start[level], level_start[level + 1]):
            begin = level_start[level - 1] + (node - level_start[level]) * FAN
            nodes[node] = nodes[begin]
            for child in range(begin + 1, min(begin + FAN, level_start[level])):
                for axis in range(2):
                    nodes[node, axis] = min(nodes[node, axis], nodes[child, axis])
                    nodes[node, axis + 2] = max(nodes[node, axis + 2], nodes[child, axis + 2])


@jit
def _find_pairs(positions: Ints, nodes: Floats, level_start: Ints, boxes: Floats) -> tuple[Ints, Ints]:
    at_box, at_tree, count = np.empty(len(boxes), np.int64), np.empty(len(boxes), np.int64), 0
    waiting, levels = np.empty(_DEPTH, np.int64), np.empty(_DEPTH, np.int64)
    for box in range(len(boxes) if len(positions) else 0):
        waiting[0], levels[0] = level_start[-1] - 1, len(level_start) - 2
        depth = int(_meets(nodes, waiting[0], boxes, box))
        while depth > 0:
            depth -= 1
            node, level = waiting[depth], levels[depth]
            if level == 0:
                if count == len(at_box):
                    at_box, at_tree = np.append(at_box, at_box), np.append(at_tree, at_tree)
                at_box[count], at_tree[count] = box, positions[node]
                count += 1
                continue
            begin = level_start[level - 1] + (node - level_start[level]) * FAN
            for child in range(begin, min(begin + FAN, level_start[level])):
                if _meets(nodes, child, boxes, box):
                    waiting[depth], levels[depth] = child, level - 1
                    depth += 1
    return at_box[:count].copy(), at_tree[:count].copy()


@jit_inline
def _meets(nodes: Floats, node: int, boxes: Floats, box: int) -> bool:
    return bool(
        nodes[node, 0] <= boxes[box, 2]
        and boxes[box, 0] <= nodes[node, 2]
        and nodes[node, 1] <= boxes[box, 3]
        and boxes[box, 1] <= nodes[node, 3]
    )
