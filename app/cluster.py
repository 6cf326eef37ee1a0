"""
Overlaps on a Dask cluster: the same rows as in one process, in any number of workers.

Features are cut into parts along a Hilbert curve, by their number and their corners, not by the number of workers. Each
part is a task that holds it as GeoParquet, so that a lost worker's parts are made again and no folder needs to be
shared. A pair of features belongs to exactly one pair of parts, and is measured there as it would be here.
"""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from app.laying import Engine, Here, agree
from geo import Ground, compiled, distrust, in_order, overlap
from geo.plane import is_polygonal
from geo.trust import SAMPLE
from layers.errors import N_, BuildError

if TYPE_CHECKING:
    from distributed import Future

FEATURES = 5_000  # in a part, at most
CORNERS = 500_000  # in a part, about
WAIT = "30s"
_COLUMNS = ["id", "boundary_accuracy_m", "geometry"]
_WORLD = (-180.0, -90.0, 180.0, 90.0)


@dataclass(frozen=True)
class Part:
    """Neighbouring features: where they are, and the task that lays them on the plane."""

    bounds: "Future[Any]"  # of the box that holds them, on the plane
    ground: "Future[Any]"


class Cluster:
    """
    A Dask cluster, by the address of its scheduler (`tcp://host:8786`).

    Raises
    ------
    BuildError
        If nobody answers there, or `distributed` is not installed.
    """

    def __init__(self, address: str) -> None:
        try:
            from distributed import Client  # noqa: PLC0415  the extra `cluster`
        except ImportError as error:
            raise BuildError(N_("a cluster needs the package distributed: install lindero[cluster]")) from error
        try:
            self.client: Client = Client(address, timeout=WAIT, set_as_default=False)
        except (OSError, ValueError) as error:
            raise BuildError(N_("no Dask scheduler answers at {address}"), address=address) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.client.close()

    def prepare(self, frame: gpd.GeoDataFrame) -> list[Part]:
        """Cut a layer into parts and send them off."""
        parts = _cut(frame[[name for name in _COLUMNS if name in frame.columns]])
        grounds = [self._send(part) for part in parts]
        return [Part(self.client.submit(_bounds, ground, pure=False), ground) for ground in grounds]

    def overlap(self, left: Sequence[Part], right: Sequence[Part]) -> pd.DataFrame:
        """
        Give the pairs as `geo.overlap` does, once a sample of each pair of parts agrees with GEOS.

        Raises
        ------
        BuildError
            If it does not.
        """
        boxes = [self.client.gather([part.bounds for part in side]) for side in (left, right)]
        met = [
            (ours, theirs)
            for ours, our_box in zip(left, boxes[0], strict=True)
            for theirs, their_box in zip(right, boxes[1], strict=True)
            if _meet(our_box, their_box)
        ]
        sample = -(-SAMPLE // max(len(met), 1))
        tasks = [self.client.submit(_measured, ours.ground, theirs.ground, sample, pure=False) for ours, theirs in met]
        tables = []
        for task in tasks:
            pairs, wrong = self.client.gather(task)
            agree(pd.read_parquet(BytesIO(wrong)))
            tables.append(pd.read_parquet(BytesIO(pairs)))
        return in_order(pd.concat(tables, ignore_index=True)) if tables else overlap(_nothing(), _nothing())

    def _send(self, part: gpd.GeoDataFrame) -> "Future[Any]":
        file = BytesIO()
        part.to_parquet(file, index=False)
        return self.client.submit(_ground, file.getvalue(), pure=False)


@contextmanager
def engine_at(scheduler: str | None) -> Generator[Engine[Any]]:
    """
    Choose the cluster at an address, or this process if there is none.

    Raises
    ------
    BuildError
        If no cluster answers there.
    """
    if scheduler is None:
        yield Here()
        return
    with Cluster(scheduler) as cluster:
        yield cluster


def _cut(frame: gpd.GeoDataFrame) -> list[gpd.GeoDataFrame]:
    """Cut a layer into parts of neighbours; what has no area has no part in overlaps."""
    shapes = frame.geometry.to_numpy()
    placed = frame[is_polygonal(shapes) & ~shapely.is_empty(shapes)]
    if placed.empty:
        return []
    placed = placed.iloc[np.argsort(placed.geometry.hilbert_distance(total_bounds=_WORLD), kind="stable")]
    corners = np.cumsum(shapely.get_num_coordinates(placed.geometry.to_numpy()))
    number = np.arange(len(placed)) // FEATURES + corners // CORNERS
    starts = np.flatnonzero(np.diff(number, prepend=-1))
    return [placed.iloc[begin:end] for begin, end in zip(starts, [*starts[1:], len(placed)], strict=True)]


def _meet(one: Sequence[float], other: Sequence[float]) -> bool:
    return bool(one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3])


def _ground(part: bytes) -> Ground:
    return Ground.of(gpd.read_parquet(BytesIO(part)))  # type: ignore[arg-type] # it reads buffers, too


def _bounds(ground: Ground) -> list[float]:
    """Give the box (metres on the plane) that holds everything; edges may bulge out of a box in degrees."""
    return list(map(float, shapely.total_bounds(ground.shapes)))


def _measured(left: Ground, right: Ground, sample: int) -> tuple[bytes, bytes]:
    """Measure one pair of parts on a worker: the pairs, and those on which GEOS disagrees, as Parquet."""
    wrong = distrust(left, right, sample=sample) if compiled.AVAILABLE else distrust(left, right, sample=0)
    return _parquet(overlap(left, right)), _parquet(wrong)


def _parquet(table: pd.DataFrame) -> bytes:
    file = BytesIO()
    table.to_parquet(file, index=False)
    return file.getvalue()


def _nothing() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"id": []}, geometry=[], crs="OGC:CRS84")
