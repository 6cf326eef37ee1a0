"""
Which boxes of two layers meet: a tree of boxes, packed, in compiled code and threads.

Boxes are sorted into tiles (sort-tile-recursive: Leutenegger et al., "STR: a simple and efficient algorithm for R-tree
packing", 1997), and `FAN` in a row share a box one level up. It finds the pairs that shapely's STRtree finds.
"""

from typing import NamedTuple

import numpy as np

from lindero.geo.geometry.projection import Floats, Ints
from lindero.geo.kernels.numba_jit import compiled
from lindero.geo.threads import shared_out

FAN = 8

_CHUNK = 512  # boxes that a thread looks up at a time
_DEEPEST = 256  # nodes waiting: at most FAN for each level


class BoxTree(NamedTuple):
    """Boxes (x_low, y_low, x_high, y_high), level by level: first those of the layer, at the end the one around all."""

    position: Ints  # (n): of each of the first n boxes in the layer
    box: Floats  # (nodes, 4)
    level: Ints  # (levels + 1): where in the boxes each level begins

    @classmethod
    def of(cls, bounds: Floats) -> "BoxTree":
        """Sort boxes, (n, 4) x_low, y_low, x_high, y_high, into a tree."""
        position = _tiled(bounds)
        levels = [bounds[position]]
        while len(levels[-1]) > 1:
            levels.append(_around(levels[-1]))
        begins = np.cumsum([0, *(len(level) for level in levels)])
        return cls(position, np.concatenate(levels), begins)


def meeting(tree: BoxTree, bounds: Floats) -> tuple[Ints, Ints]:
    """Pair the boxes of a tree with those, (n, 4), that they meet or touch: positions in its layer, and in these."""
    if not len(tree.position) or not len(bounds):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    bounds = np.ascontiguousarray(bounds)  # or they would be compiled for once more
    found = shared_out(lambda some: _look_up(tree, bounds[some], some.start), len(bounds), chunk=_CHUNK)
    return np.concatenate([mine for mine, _ in found]), np.concatenate([theirs for _, theirs in found])


def _tiled(bounds: Floats) -> Ints:
    """Order boxes so that those in a row lie together: in upright strips, and within a strip from the south up."""
    x, y = (bounds[:, :2] + bounds[:, 2:]).T
    strips = max(1, round(np.sqrt(len(bounds) / FAN)))
    strip = _ranks(x) * strips // max(len(bounds), 1)
    return np.argsort(strip * len(bounds) + _ranks(y))


def _ranks(numbers: Floats) -> Ints:
    ranks = np.empty(len(numbers), np.int64)
    ranks[np.argsort(numbers)] = np.arange(len(numbers))
    return ranks


def _around(boxes: Floats) -> Floats:
    starts = np.arange(0, len(boxes), FAN)
    low, high = np.minimum.reduceat(boxes[:, :2], starts), np.maximum.reduceat(boxes[:, 2:], starts)
    return np.concatenate((low, high), axis=1)


@compiled
def _look_up(tree: BoxTree, bounds: Floats, first: int) -> tuple[Ints, Ints]:
    """Find what each box meets; `first` is the position of the first of them."""
    mine, theirs, count = np.empty(4 * len(bounds), np.int64), np.empty(4 * len(bounds), np.int64), 0
    waiting, height = np.empty((_DEEPEST, 2), np.int64), len(tree.level) - 2
    for i in range(len(bounds)):
        low_x, low_y, high_x, high_y = bounds[i]
        waiting[0, 0], waiting[0, 1] = len(tree.box) - 1, height
        depth = 1
        while depth > 0:
            depth -= 1
            node, level = waiting[depth]
            box = tree.box[node]
            if box[0] > high_x or box[2] < low_x or box[1] > high_y or box[3] < low_y:
                continue
            if level == 0:
                if count == len(mine):
                    mine, theirs = np.concatenate((mine, mine)), np.concatenate((theirs, theirs))
                mine[count], theirs[count] = tree.position[node], first + i
                count += 1
                continue
            begin = tree.level[level - 1] + (node - tree.level[level]) * FAN
            for child in range(begin, min(begin + FAN, tree.level[level])):
                waiting[depth, 0], waiting[depth, 1] = child, level - 1
                depth += 1
    return mine[:count].copy(), theirs[:count].copy()
