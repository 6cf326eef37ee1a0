"""
How much of each polygon others cover, ground counted once.

The areas of pairs, where covers do not overlap; where they do, the areas shared with the trapezoids that they make.
"""

import numpy as np

from lindero.geo.geometry.chunks import runs
from lindero.geo.geometry.projection import Floats, Ints
from lindero.geo.geometry.rings import Rings
from lindero.geo.kernels.chain_tree import ChainTrees, chain_trees
from lindero.geo.kernels.shared_area import measure_pairs
from lindero.geo.kernels.threads import shared_out
from lindero.geo.kernels.trapezoids import CORNERS, clusters, covered

GROUPS = 512  # that a thread takes at a time, at most
MEMBERS = 3_000  # that these have, about: a park may have thousands of titles, and a village two


def covered_areas(  # noqa: PLR0917  groups, taken apart
    own: ChainTrees, other: ChainTrees, at: Ints, starts: Ints, members: Ints, shared: Floats
) -> Floats:
    """
    Measure what the members of each group (positions in `other`) cover of the group's polygon (position in `own`).

    Arguments as in `geo.overlay.intersection.Groups`. In the square of the unit of the coordinates, as `shared` is; as
    exact as the areas of pairs.
    """
    areas = np.empty(len(at))
    chunks = runs(np.diff(starts), features=GROUPS, most=MEMBERS)

    def measure(number: slice) -> None:
        chunk = chunks[number.start]
        some = starts[chunk.start : chunk.stop + 1]
        within = slice(some[0], some[-1])
        areas[chunk] = _cover(own, other, at[chunk], some - some[0], members[within], shared[within])

    shared_out(measure, len(chunks), chunk=1)
    return areas


def _cover(  # noqa: PLR0917
    own: ChainTrees, other: ChainTrees, at: Ints, starts: Ints, members: Ints, shared: Floats
) -> Floats:
    group = np.repeat(np.arange(len(at)), np.diff(starts))
    found = clusters(own, other, at, starts, members)
    alone = found.size == 1
    areas = np.zeros(len(at))
    np.add.at(areas, group[alone], shared[alone])

    bundled = np.flatnonzero(~alone)
    bundled = bundled[np.lexsort((found.cluster[bundled], group[bundled]))]
    first = np.searchsorted(group[bundled], np.arange(len(at) + 1))
    pieces = covered(own, other, at, first, members[bundled], found.cluster[bundled])
    some = np.flatnonzero(np.diff(pieces.first))
    rings = np.arange(len(pieces.x) // CORNERS + 1) * CORNERS
    first = np.append(pieces.first[some], pieces.first[-1])
    trees = chain_trees(Rings(pieces.x, pieces.y, rings, first, np.zeros(len(rings) - 1, dtype=bool)))
    covered_by_bundles = np.empty(len(some))
    measure_pairs(own, trees, at[some], np.arange(len(some)), covered_by_bundles)
    areas[some] += covered_by_bundles
    return areas
