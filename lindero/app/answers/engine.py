"""The engine that computes overlaps of layers in this process. A cluster has another one (`dask_engine`)."""

from collections.abc import Callable
from typing import Any, Literal

import geopandas as gpd
import pandas as pd

from lindero.app.answers.prepared_layers import PreparedLayer
from lindero.geo import PolygonLayer, find_disagreements, footprint, overlap
from lindero.geo.geometry.units import MIN_HA
from lindero.geo.kernels import numba_jit
from lindero.layers.database.map_database import Connection
from lindero.layers.errors import N_, BuildError
from lindero.layers.model.layer import Layer

Progress = Callable[[str, int, int], None]
"""Is told a step's name, how many of its parts are done, and how many there are."""

SideColumn = Literal["left_id", "right_id"]


class Engine:
    """The engine that computes overlaps in this process, with threads. A cluster returns identical rows."""

    is_here = True

    def prepare(self, frame: gpd.GeoDataFrame) -> Any:
        """Prepare a layer (OGC:CRS84; `id`, `boundary_accuracy_m`) to be overlaid on several other layers."""
        return PolygonLayer.from_frame(frame)

    def prepare_layer(self, con: Connection, layer: Layer, repeats: frozenset[str]) -> Any:
        """Prepare a layer of the map that `con` writes.

        The result has `all` rows, and `distinct` ones: without `repeats`, which have the ground of an earlier row.
        """
        return PreparedLayer.from_map(con, layer, repeats)

    def overlap(self, left: Any, right: Any, *, min_ha: float = MIN_HA, with_range: bool = False) -> pd.DataFrame:
        """Compute the overlap pairs of two prepared layers."""
        if numba_jit.HAS_NUMBA and len(left.ids) and len(right.ids):  # without numba, GEOS computes the areas
            check_agreement(find_disagreements(left, right))
        return overlap(left, right, min_ha=min_ha, with_range=with_range)

    def footprint(
        self, pairs: pd.DataFrame, left: Any, right: Any, *, by: SideColumn, with_range: bool = False
    ) -> pd.DataFrame:
        """Compute the footprints in any selection of the pairs of `overlap(left, right)` (`geo.overlay.footprint`)."""
        return footprint(pairs, left, right, by=by, with_range=with_range)


LOCAL_ENGINE = Engine()


def check_agreement(wrong: pd.DataFrame) -> None:
    """Stop a build if areas do not agree with GEOS (`geo.find_disagreements`)."""
    if not wrong.empty:
        raise BuildError(
            N_("the computed overlap areas differ from those of GEOS: {pairs}"), pairs=wrong.head(3).to_dict("records")
        )


def load_kernels() -> None:
    """Load the modules that measure overlaps while the program waits for something else."""
    if numba_jit.HAS_NUMBA:
        from lindero.geo.kernels import shared_area, union_area  # noqa: F401
