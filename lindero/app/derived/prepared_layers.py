"""
Layers prepared for overlaps: in memory, or part by part on the disk where they are too large for it.

What is prepared of each part is added to files of numbers that are mapped into memory
(`layers.disk.memmap.Growing`), and let go. Positions run along these files: neighbours in the map's table, which
are neighbours in space, are neighbours here, so that one look at many pairs reads few places.
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

from lindero.geo import Ground
from lindero.geo.geometry.chunks import parts
from lindero.geo.kernels import numba_jit
from lindero.geo.overlay.outlines import KeptOutlines
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Connection
from lindero.layers.disk import memmap
from lindero.layers.disk.memmap import Arrays, Growing
from lindero.layers.model.identity import versions
from lindero.layers.model.layer import Layer

_FEWEST = 4  # corners of an area

_COUNTED_BY: Mapping[str, str] = {  # what each of these arrays holds positions in
    "ids_at": "ids",
    "ring_start": "x",
    "rings": "is_hole",
    "root": "skip",
    "first": "x",
    "last": "x",
    "skip": "skip",
}
_ENDED = frozenset({"ids_at", "ring_start"})  # they also say where the last one ends: where the next piece begins
_OF_GROUND = ("area_m2", "accuracy_m", "perimeter_m")


@dataclass(frozen=True)
class PreparedLayer:
    """A layer of a map that is being built, prepared once, however many others it is laid over."""

    all: Ground
    is_fresh: npt.NDArray[np.bool_]  # of the features of `all`

    @classmethod
    def of(cls, con: Connection, layer: Layer, fresh: set[tuple[str, str]]) -> Self:
        """
        Prepare a layer of the map that `con` writes.

        Parameters
        ----------
        fresh
            (source_id, snapshot_on) of what was read anew.

        Raises
        ------
        InvalidGeometryError
            As `Ground.of` does.
        """
        file, rows = map_database.file_of(con), map_database.read_sizes(con, layer)
        if file is not None and is_large(rows):
            ground = _prepared_by_parts(con, layer, rows, file.parent)
        else:
            rows = read_whole(con, layer)
            ground = Ground.of(rows)
        return cls(ground, ground.among(rows.loc[is_of(rows, fresh), "id"]))

    @cached_property
    def fresh(self) -> Ground:
        """Features of sources that were read anew."""
        return self.all if self.is_fresh.all() else self.all.some(np.flatnonzero(self.is_fresh))

    @cached_property
    def kept(self) -> Ground:
        """Features of sources that were taken over."""
        return self.all.some(np.flatnonzero(~self.is_fresh)) if self.is_fresh.any() else self.all


def is_of(rows: pd.DataFrame, snapshots: set[tuple[str, str]]) -> pd.Series:
    """Return which rows are of some snapshots of sources: (source_id, snapshot_on)."""
    keys = pd.Series(zip(rows["source_id"], rows["snapshot_on"].astype(str), strict=True), index=rows.index)
    return keys.isin(list(snapshots)).astype(bool)


def read_whole(con: Connection, layer: Layer) -> gpd.GeoDataFrame:
    """Read all snapshots of a layer, in the order of their ids, which are those of versions."""
    frame = map_database.read_layer(con, layer, every_snapshot=True)
    frame = frame.sort_values(["id", "snapshot_on"], ignore_index=True)
    return frame.assign(id=versions(frame))


def is_large(sizes: pd.DataFrame) -> bool:
    """Return by `map_database.read_sizes` whether a layer is prepared by parts; without numba there are no trees."""
    return numba_jit.AVAILABLE and len(parts(_areas(sizes)["corners"].to_numpy())) > 1


def read_by_parts(con: Connection, layer: Layer, rows: pd.DataFrame) -> Iterator[gpd.GeoDataFrame]:
    """Read some rows (of `map_database.read_sizes`) of a layer, so many at a time as there is room for."""
    for part in parts(rows["corners"].to_numpy()):
        yield map_database.read_rows(con, layer, rows["row"].iloc[part].tolist())


def _prepared_by_parts(con: Connection, layer: Layer, sizes: pd.DataFrame, folder: Path) -> Ground:
    grown: defaultdict[str, Growing] = defaultdict(partial(Growing, folder))
    for read in read_by_parts(con, layer, _areas(sizes)):
        _add(Ground.of(read), grown)
    return _ground_of({name: array.mapped() for name, array in grown.items()})


def _areas(sizes: pd.DataFrame) -> pd.DataFrame:
    """Leave out what can cover no ground."""
    return sizes[sizes["corners"] >= _FEWEST]


def _add(ground: Ground, grown: Mapping[str, Growing]) -> None:
    """Add what has no id in common with what was added before."""
    coded = [id_.encode() for id_ in ground.ids]
    ids = {
        "ids": np.frombuffer(b"".join(coded), np.uint8),
        "ids_at": np.cumsum([0, *map(len, coded)], dtype=np.int64),
    }
    numbers = {name: getattr(ground, name) for name in _OF_GROUND}
    before = {name: len(grown[of]) for name, of in _COUNTED_BY.items()}
    for name, array in {**ids, **numbers, **ground.trees._asdict()}.items():
        piece = array[1:] if name in _ENDED and len(grown[name]) else array
        grown[name].add(piece + before[name] if name in before else piece)


def _ground_of(arrays: Arrays) -> Ground:
    """Put a ground together of arrays that are mapped into memory."""
    from lindero.geo.kernels.chain_tree import ChainTrees  # needs numba

    trees = ChainTrees(**{name: arrays[name] for name in ChainTrees._fields})
    outlines = KeptOutlines(trees, arrays["perimeter_m"], partial(memmap.let_go, list(arrays.values())))
    buffers = (pa.py_buffer(arrays[name].tobytes()) for name in ("ids_at", "ids"))  # copied: answers hold ids
    ids = pa.LargeStringArray.from_buffers(len(arrays["ids_at"]) - 1, *buffers)
    return Ground(pd.Series(ids.to_pandas(), dtype=str), outlines, arrays["area_m2"], arrays["accuracy_m"])
