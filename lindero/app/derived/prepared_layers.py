"""Layers prepared for overlaps."""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from lindero.geo import PolygonLayer
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Connection
from lindero.layers.model.identity import build_versions
from lindero.layers.model.layer import Layer


@dataclass(frozen=True)
class PreparedLayer:
    """A layer of a map that is being built, prepared once for all of its overlays."""

    all: PolygonLayer
    is_new: npt.NDArray[np.bool_]  # for each feature of `all`
    is_repeat: npt.NDArray[np.bool_]  # for each feature of `all`

    @classmethod
    def from_map(cls, con: Connection, layer: Layer, fresh: set[tuple[str, str]], repeats: frozenset[str]) -> Self:
        """Prepare a layer of the map that `con` writes."""
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
