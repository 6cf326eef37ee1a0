"""An upper bound on the outline that two polygons' shared ground can have, from their trees of chains."""

from typing import NamedTuple

import numpy as np

from geo import local
from geo.chains import ChainTrees
from geo.compiled import compiled
from geo.plane import Floats, Ints
from geo.threads import in_threads

_metres_per_plane = compiled(local.metres_per_plane)


class WalkedTrees(NamedTuple):
    """The trees of a layer, and how far it is along them."""

    trees: ChainTrees
    walked_m: Floats  # (corners): metres on the ground from the first corner of the layer, along edges

    @property
    def perimeter_m(self) -> Floats:
        """The length of each outline, holes too, in metres on the ground."""
        roots = self.trees.root
        return np.asarray(self.walked_m[self.trees.last[roots]] - self.walked_m[self.trees.first[roots]])


def walked(trees: ChainTrees) -> WalkedTrees:
    """Add up the lengths of edges."""
    return WalkedTrees(trees, _walk(trees))


def edges_in_both_boxes_m(left: WalkedTrees, right: WalkedTrees, at_left: Ints, at_right: Ints) -> Floats:
    """Bound from above the length of all edges within the bounding boxes of both polygons of a pair."""

    def measure(chunk: slice, lengths: Floats) -> None:
        _measure_pairs(left, right, at_left[chunk], at_right[chunk], lengths)

    return in_threads(measure, len(at_left))


@compiled
def _walk(trees: ChainTrees) -> Floats:
    walked_m = np.zeros(len(trees.x))
    for node in range(len(trees.skip)):
        if trees.skip[node] == node + 1:
            for i in range(trees.first[node], trees.last[node]):
                per_east, per_north = _metres_per_plane((trees.y[i] + trees.y[i + 1]) / 2)
                east, north = (trees.x[i + 1] - trees.x[i]) * per_east, (trees.y[i + 1] - trees.y[i]) * per_north
                walked_m[i + 1] = np.sqrt(east * east + north * north)
    return np.cumsum(walked_m)


@compiled
def _measure_pairs(left: WalkedTrees, right: WalkedTrees, at_left: Ints, at_right: Ints, lengths: Floats) -> None:
    box = np.empty(4)
    for pair in range(len(lengths)):
        p, q = left.trees.root[at_left[pair]], right.trees.root[at_right[pair]]
        for low, high in ((0, 1), (2, 3)):
            box[low] = max(left.trees.box[p, low], right.trees.box[q, low])
            box[high] = min(left.trees.box[p, high], right.trees.box[q, high])
        lengths[pair] = _within(left, p, box) + _within(right, q, box)


@compiled
def _within(layer: WalkedTrees, root: int, box: Floats) -> float:
    """Add up the chains inside a box, and of the edges that reach out of it the share that may be inside."""
    trees, walked_m = layer
    length = 0.0
    node = root
    while node < trees.skip[root]:
        low_x, high_x, low_y, high_y = trees.box[node]
        if low_x > box[1] or high_x < box[0] or low_y > box[3] or high_y < box[2]:
            node = trees.skip[node]
        elif box[0] <= low_x and high_x <= box[1] and box[2] <= low_y and high_y <= box[3]:
            length += walked_m[trees.last[node]] - walked_m[trees.first[node]]
            node = trees.skip[node]
        else:
            if trees.skip[node] == node + 1:
                for i in range(trees.first[node], trees.last[node]):
                    share = min(
                        _share(trees.x[i], trees.x[i + 1], box[0], box[1]),
                        _share(trees.y[i], trees.y[i + 1], box[2], box[3]),
                    )
                    length += share * (walked_m[i + 1] - walked_m[i])
            node += 1
    return length


@compiled
def _share(start: float, end: float, low: float, high: float) -> float:
    """Give the share of the way from `start` to `end` that is between `low` and `high`."""
    least, most = min(start, end), max(start, end)
    if least >= low and most <= high:
        return 1.0
    if least > high or most < low:
        return 0.0
    return (min(most, high) - max(least, low)) / (most - least)
