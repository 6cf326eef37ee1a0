"""
Layers prepared for overlaps, kept beside the map that they were prepared for.

To prepare a layer is to check it, lay it on the equal-area plane and build the trees of its outlines: most of what an
overlap takes. A file that is absent or stale is no error: the layer is prepared anew. So it is where one is damaged,
which is told. With them stands what all pairs of two layers come to (`app.overlays.engine.all_totals`).
"""

from collections.abc import Mapping
from dataclasses import astuple, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import shapely

from lindero.app.overlays import damage
from lindero.app.overlays.trees_file import Pair, about, name_of_totals, read
from lindero.geo import Ground, Totals
from lindero.geo.geometry.projection import is_polygonal
from lindero.geo.kernels import numba_jit
from lindero.geo.machine import machine
from lindero.geo.overlay.outlines import KeptOutlines
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Connection
from lindero.layers.disk import memmap
from lindero.layers.disk.memmap import Arrays
from lindero.layers.errors import DamagedMapError
from lindero.layers.model.identity import of_versions, versions

_AT_EASE = machine().at_ease_bytes  # of a layer that may stay in memory: to read them again takes a while


def write(
    path: Path,
    grounds: Mapping[str, Ground],
    *,
    digest: str,
    sums: Mapping[Pair, Totals] = MappingProxyType({}),
    previous: Path | None = None,
    same: frozenset[str] = frozenset(),
) -> bool:
    """
    Keep the grounds of a map's layers, by the map's digest; without numba there are no trees to keep.

    Parameters
    ----------
    grounds
        By layer.
    sums
        What all pairs of two layers of the map come to, with their range.
    previous
        The last map, from beside which the grounds of the `same` layers are taken over as they were written.
    """
    if not numba_jit.AVAILABLE or not grounds:
        return False
    before = {} if previous is None else {layer: _arrays(previous, layer) for layer in grounds if layer in same}
    taken = {layer: before.get(layer) or _taken(grounds[layer]) for layer in grounds}
    content = {f"{layer}/{name}": array for layer, arrays in taken.items() for name, array in arrays.items()}
    content |= {name_of_totals(*pair): np.array(astuple(told), np.float64) for pair, told in sums.items()}
    memmap.write(path, content, about=about(digest))
    return True


def cached_layer(map_file: Path, layer: str) -> Ground | None:
    """Give the ground that is kept of a map's layer, held to its checksums."""
    arrays = _arrays(map_file, layer)
    return None if arrays is None else ground_of_arrays(arrays)


def _arrays(map_file: Path, layer: str) -> Arrays | None:
    arrays = read(map_file)
    if arrays is None or f"{layer}/{_NAMES[0]}" not in arrays:
        return None
    names = [f"{layer}/{name}" for name in _NAMES]
    try:
        arrays.hold(*names)
    except DamagedMapError as error:
        damage.notice(error)
        return None
    return {name: arrays[full] for name, full in zip(_NAMES, names, strict=True)}


def ground_of(con: Connection, layer: str, frame: gpd.GeoDataFrame) -> Ground | gpd.GeoDataFrame:
    """Give what is kept of some rows of a layer, each of one snapshot; the rows themselves if it is not."""
    file = map_database.file_of(con)
    ground = None if file is None else cached_layer(file, layer)
    areas = areas_of(frame)
    current = None if ground is None else ground.named(versions(areas))
    return frame if current is None else replace(current, ids=areas["id"].reset_index(drop=True))


def areas_of(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Leave out the rows that cover no ground."""
    shapes = frame.geometry.to_numpy()
    return frame[is_polygonal(shapes) & ~shapely.is_empty(shapes)]


_OF_TREES = (
    "x",
    "y",
    "ring_start",
    "is_hole",
    "rings",
    "root",
    "first",
    "last",
    "skip",
    "box",
    "start",
    "end",
    "under",
)
_OF_BOXES = ("position", "box", "level")
_NAMES = (
    "ids",
    "ids_at",
    "area_m2",
    "accuracy_m",
    "perimeter_m",
    *_OF_TREES,
    *(f"boxes_{name}" for name in _OF_BOXES),
)


def arrays_of(ground: Ground) -> Arrays:
    """Take a ground apart; without the tree of its boxes, which does not grow."""
    trees = ground.trees
    return {
        **_ids_taken(ground.ids),
        "area_m2": ground.area_m2,
        "accuracy_m": ground.accuracy_m,
        "perimeter_m": ground.perimeter_m,
        **{name: getattr(trees, name) for name in _OF_TREES},
    }


def ground_of_arrays(arrays: Arrays) -> Ground:
    """Put a ground together, of arrays that are mapped into memory, perhaps with the tree of its boxes."""
    from lindero.geo.kernels.chain_tree import ChainTrees  # noqa: PLC0415
    from lindero.geo.kernels.rtree import BoxTree  # noqa: PLC0415  needs numba

    trees = ChainTrees(**{name: arrays[name] for name in _OF_TREES})
    boxes = {name: arrays[f"boxes_{name}"] for name in _OF_BOXES if f"boxes_{name}" in arrays}
    outlines = KeptOutlines(trees, arrays["perimeter_m"], BoxTree(**boxes) if boxes else None)
    if sum(array.nbytes for array in arrays.values()) > _AT_EASE:
        outlines = replace(outlines, let_go=partial(memmap.let_go, list(arrays.values())))
    return Ground(_ids(arrays), outlines, arrays["area_m2"], arrays["accuracy_m"])


def _taken(ground: Ground) -> Arrays:
    in_order = _by_id(ground)
    boxes = in_order.outlines.box_tree
    return {**arrays_of(in_order), **{f"boxes_{name}": getattr(boxes, name) for name in _OF_BOXES}}


def _by_id(ground: Ground) -> Ground:
    """Put trees that lie in a file in the order in which layers are read, so that a whole one is found as it is."""
    if not isinstance(ground.outlines, KeptOutlines):
        return ground
    order = of_versions(pd.DataFrame({"id": ground.ids})).sort_values(["id", "snapshot_on"]).index
    return ground.named(ground.ids[order]) or ground


def _ids_taken(ids: pd.Series) -> Arrays:
    """Take ids apart: all in a row, in UTF-8, and where each begins (and the last ends)."""
    coded = [id_.encode() for id_ in ids]
    return {
        "ids": np.frombuffer(b"".join(coded), np.uint8),
        "ids_at": np.cumsum([0, *map(len, coded)], dtype=np.int64),
    }


def _ids(arrays: Arrays) -> pd.Series:
    # copied: answers hold ids, and may outlive the file
    buffers = (pa.py_buffer(arrays[name].tobytes()) for name in ("ids_at", "ids"))
    ids = pa.LargeStringArray.from_buffers(len(arrays["ids_at"]) - 1, *buffers)
    return pd.Series(ids.to_pandas(), dtype=str)
