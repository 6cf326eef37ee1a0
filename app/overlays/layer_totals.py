"""The step of a build that adds up all pairs of two layers: whoever asks for them whole waits for no ground counted."""

from collections.abc import Mapping
from pathlib import Path

from lindero.app.overlays.engine import pairs_of_versions
from lindero.app.overlays.trees_file import Pair, cached_totals
from lindero.geo import Ground, Totals, totals
from lindero.geo.kernels import numba_jit
from lindero.layers.database.map_database import Connection
from lindero.layers.model.schema import OVERLAP_PAIRS

MOST = 20_000  # pairs that a build adds up: it would take longer, for more, than most of those who build wait


def all_totals(
    con: Connection, laid: Mapping[str, Ground], previous: Path | None, *, same: frozenset[str]
) -> dict[Pair, Totals]:
    """
    Add up the pairs of the current rows of layers, with their range.

    Parameters
    ----------
    laid
        Layers as they were prepared in this process.
    previous
        The last map, of which the totals of two of the `same` layers are taken over.
    """
    if not numba_jit.AVAILABLE:  # there is no file to keep them in
        return {}
    found = {}
    for left, right in OVERLAP_PAIRS:
        sums = cached_totals(previous, left, right) if previous is not None and {left, right} <= same else None
        if sums is None and {left, right} <= laid.keys():
            pairs = pairs_of_versions(con, left, right)
            sums = totals(pairs, laid[left], laid[right], with_range=True) if 0 < len(pairs) <= MOST else None
        if sums is not None:
            found[left, right] = sums
    return found
