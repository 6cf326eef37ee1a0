"""
The file that is kept beside a map of its layers prepared for overlaps: what is short in it.

What all pairs of two layers come to stands there with the trees (`app.overlays.prepared_cache`), and is read without
what they need.
"""

from pathlib import Path

from lindero.app.overlays import damage
from lindero.geo.geometry.projection import Floats
from lindero.geo.kernels import numba_jit
from lindero.geo.overlay.totals import Totals
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Connection
from lindero.layers.disk import builds, memmap
from lindero.layers.disk.memmap import Held
from lindero.layers.errors import DamagedMapError

VERSION = (
    4  # of `geo.kernels.chain_tree.ChainTrees`, `geo.kernels.rtree.BoxTree` and `geo.overlay.prepared_layer.Ground`
)

Pair = tuple[str, str]
"""The layers on the left and on the right."""


def cached_totals(map_file: Path, left: str, right: str) -> Totals | None:
    """Give what all pairs of two layers of a map come to; nothing if it is not kept, or damaged, which is told."""
    arrays, name = read(map_file), name_of_totals(left, right)
    if arrays is None or name not in arrays:
        return None
    try:
        arrays.hold(name)
    except DamagedMapError as error:
        damage.notice(error)
        return None
    pairs, left_features, right_features, *hectares = arrays[name].tolist()
    return Totals(int(pairs), int(left_features), int(right_features), *hectares)


def totals_of(con: Connection, left: str, right: str, areas_ha: Floats) -> Totals | None:
    """Give what is kept of all pairs of two layers, if pairs of these areas are all: so many, and as many hectares."""
    file = map_database.file_of(con)
    told = None if file is None else cached_totals(file, left, right)
    return told if told is not None and (told.pairs, told.gross_ha) == (len(areas_ha), float(areas_ha.sum())) else None


def name_of_totals(left: str, right: str) -> str:
    """Name what all pairs of two layers come to, in the file."""
    return f"totals/{left}/{right}"


def read(map_file: Path) -> Held | None:
    """Open what is kept beside a map; nothing if it is not there, or damaged, which is told."""
    try:
        file, digest = map_file.with_suffix(builds.TREES), map_file.stem.rpartition("-")[2]
        return memmap.read(file, about=about(digest)) if numba_jit.AVAILABLE else None
    except DamagedMapError as error:
        damage.notice(error)
        return None


def about(digest: str) -> dict[str, object]:
    """Say of what the file is: one of another map, or of another form, is not read."""
    return {"what": "lindero trees", "version": VERSION, "map": digest[:12]}
