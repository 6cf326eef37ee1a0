"""
Layers too large to be prepared in memory: part by part, onto the disk, where they are looked at from then on.

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

from lindero.app.overlays import prepared_cache
from lindero.geo import Ground
from lindero.geo.geometry.chunks import parts
from lindero.geo.geometry.projection import Ints
from lindero.geo.kernels import numba_jit
from lindero.geo.overlay.outlines import DrawnOutlines
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Connection
from lindero.layers.disk.memmap import Growing
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


def is_large(sizes: pd.DataFrame) -> bool:
    """Tell by `store.read_sizes` whether a layer is to be prepared part by part; without numba there are no trees."""
    return numba_jit.AVAILABLE and len(parts(_areas(sizes)["corners"].to_numpy())) > 1


def read_by_parts(con: Connection, layer: Layer, rows: pd.DataFrame) -> Iterator[gpd.GeoDataFrame]:
    """Read some rows (of `store.read_sizes`) of a layer, so many at a time as there is room for."""
    for part in parts(rows["corners"].to_numpy()):
        yield map_database.read_rows(con, layer, rows["row"].iloc[part].tolist())


@dataclass(frozen=True)
class Spread:
    """A large layer as it was prepared: any choice of it is the same trees."""

    all: Ground
    is_fresh: npt.NDArray[np.bool_]  # of the features of `all`

    @classmethod
    def of(cls, con: Connection, layer: Layer, rows: pd.DataFrame, before: Ground | None, *, folder: Path) -> Self:
        """
        Prepare a layer of the map that `con` writes.

        Parameters
        ----------
        rows
            As `store.read_sizes` gives them, with `is_fresh` (read anew).
        known
            The layer as it was prepared for the last map: what is not fresh is not prepared again.
        folder
            Where there is room for it.

        Raises
        ------
        InvalidGeometryError
            As `Ground.of` does.
        """
        ground = _prepared(con, layer, rows, before, folder)
        return cls(ground, ground.among(rows.loc[rows["is_fresh"], "id"]))

    @cached_property
    def fresh(self) -> Ground:
        """Features of sources that were read anew."""
        return self.all.some(np.flatnonzero(self.is_fresh))

    @cached_property
    def kept(self) -> Ground:
        """Features of sources that were taken over."""
        return self.all.some(np.flatnonzero(~self.is_fresh))


def _prepared(con: Connection, layer: Layer, rows: pd.DataFrame, before: Ground | None, folder: Path) -> Ground:
    rows, grown = _areas(rows), _Grown(folder)
    if before is not None:
        at = np.where(rows["is_fresh"], -1, before.positions(rows["id"]))
        kept, rows = _along_the_file(before.some(at[at >= 0])), rows[at < 0]
        if rows.empty:
            return kept
        for part in parts(_corners(kept)):
            grown.add(_drawn(kept, np.arange(part.start, part.stop)))
            kept.outlines.let_go()
    for read in read_by_parts(con, layer, rows):
        grown.add(Ground.of(read))
    return grown.whole()


def _areas(rows: pd.DataFrame) -> pd.DataFrame:
    """Leave out what can cover no ground."""
    return rows[rows["corners"] >= _FEWEST]


class _Grown:
    """A ground to which others are added."""

    def __init__(self, folder: Path) -> None:
        self._arrays: defaultdict[str, Growing] = defaultdict(partial(Growing, folder))

    def add(self, ground: Ground) -> None:
        """Add what has no id in common with what is here."""
        before = {name: len(self._arrays[of]) for name, of in _COUNTED_BY.items()}
        for name, array in prepared_cache.arrays_of(ground).items():
            grown = self._arrays[name]
            piece = array[1:] if name in _ENDED and len(grown) else array
            grown.add(piece + before[name] if name in before else piece)

    def whole(self) -> Ground:
        """Give all of it."""
        return prepared_cache.ground_of_arrays({name: grown.mapped() for name, grown in self._arrays.items()})


def _along_the_file(kept: Ground) -> Ground:
    return kept.some(np.argsort(kept.trees.root))


def _corners(kept: Ground) -> Ints:
    trees = kept.trees
    return np.asarray(trees.ring_start[trees.rings[:, 1]] - trees.ring_start[trees.rings[:, 0]])


def _drawn(kept: Ground, at: Ints) -> Ground:
    """Draw some of the shapes again: their trees stand among those of others."""
    return Ground(kept.ids.iloc[at], DrawnOutlines(kept.drawn(at)), kept.area_m2[at], kept.accuracy_m[at])
