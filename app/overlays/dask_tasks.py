"""
What workers of a cluster do with parts of layers. Tables go in and out as (Geo)Parquet: nothing is shared.

There is a worker for each core (docs/scaling.md), so none shares its work out over threads.
"""

import platform
from collections.abc import Sequence
from importlib.metadata import version
from io import BytesIO

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import shapely

from lindero.app.overlays.engine import By
from lindero.geo import Ground, distrust, footprint, overlap
from lindero.geo.geometry.projection import Ints
from lindero.geo.kernels import numba_jit
from lindero.geo.kernels.threads import on_one_core
from lindero.layers.model.schema import CRS

_DECISIVE = ("numpy", "shapely", "pyproj", *(["numba"] if numba_jit.AVAILABLE else []))


def made_with() -> str:
    """Tell what the last digits of an area depend on: the machine's kind and the versions of what computes."""
    packages = [f"{name} {version(name)}" for name in _DECISIVE]
    return ", ".join([platform.machine(), f"GEOS {shapely.geos_version_string}", *packages])


@on_one_core()
def ground(part: bytes) -> Ground:
    """Lay a part, as GeoParquet, on the plane."""
    table = pq.read_table(BytesIO(part))
    shapes = shapely.from_wkb(table["geometry"].to_numpy())
    # The reference system is known: to have it made from what the file says takes as long as to read all the rest.
    frame = gpd.GeoDataFrame(table.drop_columns("geometry").to_pandas(), geometry=shapes, crs=CRS)
    return Ground.of(frame)


@on_one_core()
def measured(
    lefts: Sequence[Ground], right: Ground, sample: int, min_ha: float, *, with_range: bool
) -> tuple[bytes, bytes]:
    """Measure some parts laid over another on a worker: the pairs, and those on which GEOS disagrees, as Parquet."""
    checked = sample if numba_jit.AVAILABLE else 0
    wrong = [distrust(left, right, sample=checked) for left in lefts]
    pairs = [overlap(left, right, min_ha=min_ha, with_range=with_range) for left in lefts]
    return parquet(pd.concat(pairs, ignore_index=True)), parquet(pd.concat(wrong, ignore_index=True))


@on_one_core()
def footprints(
    pairs: bytes, own: Ground, others: Sequence[Ground], at: Sequence[Ints], by: By, *, with_range: bool
) -> bytes:
    """Count the ground of a part's features on a worker, as Parquet; what lies on them may be in several parts."""
    known = pd.read_parquet(BytesIO(pairs))
    if by == "left_id":
        return parquet(footprint(known, own, _together(others, at, known["right_id"]), by=by, with_range=with_range))
    return parquet(footprint(known, _together(others, at, known["left_id"]), own, by=by, with_range=with_range))


def _together(grounds: Sequence[Ground], at: Sequence[Ints], wanted: pd.Series) -> Ground:
    """Put the wanted features (by id) of several parts into the order of their layer."""
    together = Ground.together(grounds)
    order = np.argsort(np.concatenate(at), kind="stable")
    return together.some(order[together.among(wanted)[order]])


def parquet(table: pd.DataFrame) -> bytes:
    """Write a table, with or without geometry, as it travels."""
    file = BytesIO()
    table.to_parquet(file, index=False)
    return file.getvalue()
