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
    is_repeat: npt.NDArray[np.bool_]  # for each feature of `all`

    @classmethod
    def from_map(cls, con: Connection, layer: Layer, repeats: frozenset[str]) -> Self:
        """Prepare a layer of the map that `con` writes."""
        ground = PolygonLayer.from_frame(read_all_snapshots(con, layer))
        return cls(ground, ground.has_id(pd.Series(sorted(repeats), dtype=str)))

    @cached_property
    def distinct(self) -> PolygonLayer:
        """The features that repeat no other."""
        return self.all.select_part(np.flatnonzero(~self.is_repeat)) if self.is_repeat.any() else self.all


def read_all_snapshots(con: Connection, layer: Layer) -> gpd.GeoDataFrame:
    """Read all snapshots of a layer, sorted by id. The ids are those of row versions."""
    frame = map_database.read_layer(con, layer, every_snapshot=True)
    frame = frame.sort_values(["id", "snapshot_on"], ignore_index=True)
    return frame.assign(id=build_versions(frame))
