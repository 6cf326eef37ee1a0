"""
How much of each polygon others cover, ground counted once.

The areas of pairs, where covers do not overlap; where they do, the areas shared with the trapezoids that they make.
"""

import numpy as np

from geo.area_kernel import in_threads, measure_pairs
from geo.chains import ChainTrees, trees_of_rings
from geo.plane import Floats, Ints
from geo.trapezoids import CORNERS, clusters, covered

GROUPS = 64  # that a thread takes at a time: a park may have thousands of titles, and a village two


def covered_areas(own: ChainTrees, other: ChainTrees, at: Ints, starts: Ints, members: Ints) -> Floats:
    """
    Measure what the members of each group (positions in `other`) cover of the group's polygon (position in `own`).

    Arguments as in `geo.shared.Groups`; in the square of the unit of the coordinates, as exact as the areas of pairs.
    """

    def measure(chunk: slice, areas: Floats) -> None:
        some = starts[chunk.start : chunk.stop + 1]
        areas[:] = _cover(own, other, at[chunk], some - some[0], members[some[0] : some[-1]])

    return in_threads(measure, len(at), chunk=GROUPS)


def _cover(own: ChainTrees, other: ChainTrees, at: Ints, starts: Ints, members: Ints) -> Floats:
    group = np.repeat(np.arange(len(at)), np.diff(starts))
    found = clusters(own, other, at, starts, members)
    alone = found.size == 1
    areas = np.zeros(len(at))
    np.add.at(areas, group[alone], _measured(own, other, at[group[alone]], members[alone]))

    bundled = np.flatnonzero(~alone)
    bundled = bundled[np.lexsort((found.cluster[bundled], group[bundled]))]
    first = np.searchsorted(group[bundled], np.arange(len(at) + 1))
    pieces = covered(own, other, at, first, members[bundled], found.cluster[bundled])
    some = np.flatnonzero(np.diff(pieces.first))
    rings = np.arange(len(pieces.x) // CORNERS + 1) * CORNERS
    first = np.append(pieces.first[some], pieces.first[-1])
    trees = trees_of_rings(pieces.x, pieces.y, rings, first, np.zeros(len(rings) - 1, dtype=bool))
    areas[some] += _measured(own, trees, at[some], np.arange(len(some)))
    return areas


def _measured(left: ChainTrees, right: ChainTrees, at_left: Ints, at_right: Ints) -> Floats:
    areas = np.empty(len(at_left))
    measure_pairs(left, right, at_left, at_right, areas)
    return areas
