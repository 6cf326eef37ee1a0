"""Layers prepared for overlaps, in memory, or in parts on the disk if they are too large.

The prepared arrays of each part are appended to files that are mapped into memory (`layers.disk.memmap.GrowingArray`),
and then released. The order of rows is that of the map's table, in which neighbours in space are close to each other. A
query on many pairs therefore reads few places of the files.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Self

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from lindero.geo import PolygonLayer
from lindero.geo.geometry.chunks import split_by_vertices
from lindero.geo.kernels import numba_jit
from lindero.geo.overlay.outlines import MappedOutlines
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Connection
from lindero.layers.disk import memmap
from lindero.layers.disk.memmap import Arrays, GrowingArray
from lindero.layers.model.identity import build_versions
from lindero.layers.model.layer import Layer

_FEWEST = 4  # vertices of a ring, at least

_TARGET_ARRAYS: Mapping[str, str] = {  # key: an array of positions; value: the array that they point into
    "ids_at": "ids",
    "ring_start": "x",
    "rings": "is_hole",
    "root": "skip",
    "first": "x",
    "last": "x",
    "skip": "skip",
}
_ARRAYS_WITH_END = frozenset(
    {"ids_at", "ring_start"}
)  # their last entry is an end, from which the next piece continues
_MEASURE_ARRAYS = ("area_m2", "accuracy_m", "perimeter_m")


@dataclass(frozen=True)
class PreparedLayer:
    """A layer of a map that is being built, prepared once for all of its overlays."""

    all: PolygonLayer
    is_new: npt.NDArray[np.bool_]  # for each feature of `all`
    is_repeat: npt.NDArray[np.bool_]  # for each feature of `all`

    @classmethod
    def from_map(cls, con: Connection, layer: Layer, fresh: set[tuple[str, str]], repeats: frozenset[str]) -> Self:
        """Prepare a layer of the map that `con` writes."""
        file, rows = map_database.database_file(con), map_database.read_sizes(con, layer)
        if file is not None and is_large(rows):
            ground = _prepare_in_chunks(con, layer, rows, file.parent)
        else:
            rows = read_all_snapshots(con, layer)
            ground = PolygonLayer.from_frame(rows)
        is_fresh = ground.has_id(rows.loc[is_in_snapshots(rows, fresh), "id"])
        is_repeat = ground.has_id(pd.Series(sorted(repeats), dtype=str))
        return cls(ground, is_fresh & ~is_repeat, is_repeat)

    @cached_property
    def new(self) -> PolygonLayer:
        """The features that were read in this build, and repeat no other."""
        return self._select(self.is_new)

    @cached_property
    def copied(self) -> PolygonLayer:
        """The features of sources that were copied from the last map."""
        return self._select(~self.is_new & ~self.is_repeat)

    @cached_property
    def distinct(self) -> PolygonLayer:
        """The features that repeat no other."""
        return self._select(~self.is_repeat)

    def _select(self, selected: npt.NDArray[np.bool_]) -> PolygonLayer:
        return self.all if selected.all() else self.all.select_part(np.flatnonzero(selected))


def is_in_snapshots(rows: pd.DataFrame, snapshots: set[tuple[str, str]]) -> pd.Series:
    """Return a mask of the rows that belong to some snapshots of sources: (source_id, snapshot_on)."""
    keys = pd.Series(zip(rows["source_id"], rows["snapshot_on"].astype(str), strict=True), index=rows.index)
    return keys.isin(list(snapshots)).astype(bool)


def read_all_snapshots(con: Connection, layer: Layer) -> gpd.GeoDataFrame:
    """Read all snapshots of a layer, sorted by id. The ids are those of row versions."""
    frame = map_database.read_layer(con, layer, every_snapshot=True)
    frame = frame.sort_values(["id", "snapshot_on"], ignore_index=True)
    return frame.assign(id=build_versions(frame))


def is_large(sizes: pd.DataFrame) -> bool:
    """Return whether a layer is prepared in parts, from `map_database.read_sizes`.

    It never is without numba, because then there are no trees.
    """
    return numba_jit.HAS_NUMBA and len(split_by_vertices(_filter_areas(sizes)["vertices"].to_numpy())) > 1


def read_in_chunks(con: Connection, layer: Layer, rows: pd.DataFrame) -> Iterator[gpd.GeoDataFrame]:
    """Read some rows of a layer (of `map_database.read_sizes`) in chunks that fit into memory."""
    for part in split_by_vertices(rows["vertices"].to_numpy()):
        yield map_database.read_rows(con, layer, rows["row"].iloc[part].tolist())


def _prepare_in_chunks(con: Connection, layer: Layer, sizes: pd.DataFrame, folder: Path) -> PolygonLayer:
    grown: defaultdict[str, GrowingArray] = defaultdict(partial(GrowingArray, folder))
    for read in read_in_chunks(con, layer, _filter_areas(sizes)):
        _append_part(PolygonLayer.from_frame(read), grown)
    return _build_layer({name: array.to_memmap() for name, array in grown.items()})


def _filter_areas(sizes: pd.DataFrame) -> pd.DataFrame:
    """Remove rows with too few vertices to be an area."""
    return sizes[sizes["vertices"] >= _FEWEST]


def _append_part(ground: PolygonLayer, grown: Mapping[str, GrowingArray]) -> None:
    """Append a part. It must have no id in common with the parts added before."""
    coded = [id_.encode() for id_ in ground.ids]
    ids = {
        "ids": np.frombuffer(b"".join(coded), np.uint8),
        "ids_at": np.cumsum([0, *map(len, coded)], dtype=np.int64),
    }
    numbers = {name: getattr(ground, name) for name in _MEASURE_ARRAYS}
    offsets = {name: len(grown[counted]) for name, counted in _TARGET_ARRAYS.items()}
    for name, array in {**ids, **numbers, **ground.trees._asdict()}.items():
        piece = array[1:] if name in _ARRAYS_WITH_END and len(grown[name]) else array
        grown[name].append(piece + offsets[name] if name in offsets else piece)


def _build_layer(arrays: Arrays) -> PolygonLayer:
    """Build a layer from arrays that are mapped into memory."""
    from lindero.geo.kernels.chain_tree import ChainTrees  # needs numba

    trees = ChainTrees(**{name: arrays[name] for name in ChainTrees._fields})
    outlines = MappedOutlines(trees, arrays["perimeter_m"], partial(memmap.release_memory, list(arrays.values())))
    buffers = (pa.py_buffer(arrays[name].tobytes()) for name in ("ids_at", "ids"))  # copied: answers keep the ids
    ids = pa.LargeStringArray.from_buffers(len(arrays["ids_at"]) - 1, *buffers)
    return PolygonLayer(pd.Series(ids.to_pandas(), dtype=str), outlines, arrays["area_m2"], arrays["accuracy_m"])
