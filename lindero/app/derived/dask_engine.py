"""
Overlaps and footprints on a Dask cluster: the same rows as in one process, in any number of workers.

Features are cut into parts along a Hilbert curve, by their number and their corners, not by the number of workers. Each
part is a task that holds it as GeoParquet, so that a lost worker's parts are made again and no folder needs to be
shared. A pair of features belongs to exactly one pair of parts, and is measured where the part of its right side lies,
to which the few parts of the left that it meets are sent; the ground of a feature is counted where its own part lies.
What comes back is Parquet, too.
"""

import platform
from collections.abc import Generator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from io import BytesIO
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import shapely

from lindero.app.derived.engine import HERE, By, Engine, agree
from lindero.app.derived.prepared_layers import is_of, read_whole
from lindero.geo import Ground, distrust, footprint, in_order, overlap
from lindero.geo.geometry.projection import Ints, is_polygonal
from lindero.geo.geometry.units import MIN_HA
from lindero.geo.kernels import numba_jit
from lindero.geo.overlay.cross_check import SAMPLE
from lindero.layers.database.map_database import WORLD, Connection
from lindero.layers.errors import N_, ClusterError
from lindero.layers.model.layer import Layer
from lindero.layers.model.schema import CRS
from lindero.machine.threads import on_one_core, runs

if TYPE_CHECKING:
    from distributed import Future


FEATURES = 5_000  # in a part, at most
CORNERS = 250_000  # in a part, about
GROUP = 8  # parts that one task lays over another, which lies where the task is done
WAIT_S = 30.0
_COLUMNS = ["id", "boundary_accuracy_m", "geometry"]
_STEEPEST = 89.0  # degrees: a tangent of 57, which is the world for all but the smallest parts
_DECISIVE = ("numpy", "shapely", "pyproj", *(["numba"] if numba_jit.AVAILABLE else []))


@dataclass(frozen=True)
class Part:
    """Neighbouring features: which, where they are, and the task that lays them on the plane."""

    ids: pd.Index
    at: Ints  # positions in the layer, by which what lies on a feature is put together in the same order as here
    box: tuple[float, float, float, float]  # west, south, east, north (degrees) of what holds them
    ground: "Future[Any]"


class Cluster(Engine):
    """
    A Dask cluster, by the address of its scheduler (`tcp://host:8786`).

    Raises
    ------
    ClusterError
        If nobody answers there, no worker is there, one computes with other versions than this process, so that the
        last digits might differ, or `distributed` is not installed.
    """

    is_here = False

    def __init__(self, address: str) -> None:
        try:
            from distributed import Client  # the extra `cluster`
        except ImportError as error:
            raise ClusterError(N_("a cluster needs the package distributed: install lindero[cluster]")) from error
        try:
            self.client: Client = Client(address, timeout=WAIT_S, set_as_default=False)
        except (OSError, ValueError) as error:
            raise ClusterError(N_("no Dask scheduler answers at {address}"), address=address) from error
        try:
            self._check_workers(address)
        except BaseException:
            self.client.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.client.close()

    def prepare(self, frame: gpd.GeoDataFrame) -> list[Part]:
        """Cut a layer into parts and send them off."""
        parts = _cut(frame[[name for name in _COLUMNS if name in frame.columns]].reset_index(drop=True))
        grounds = self._sent(parts)
        return [
            Part(pd.Index(part["id"]), part.index.to_numpy(), _box(part), ground)
            for part, ground in zip(parts, grounds, strict=True)
        ]

    def prepare_layer(self, con: Connection, layer: Layer, fresh: set[tuple[str, str]]) -> "_SentLayer":
        """Read a layer of the map that `con` writes; its parts are sent off when they are needed."""
        frame = read_whole(con, layer)
        return _SentLayer(frame, is_of(frame, fresh), self)

    def overlap(
        self, left: Sequence[Part], right: Sequence[Part], *, min_ha: float = MIN_HA, with_range: bool = False
    ) -> pd.DataFrame:
        """
        Give the pairs as `geo.overlay.overlap` does, once a sample of each pair of parts agrees with GEOS.

        Raises
        ------
        BuildError
            If it does not.
        """
        met = [(theirs, [ours for ours in left if _meet(ours.box, theirs.box)]) for theirs in right]
        groups = [(theirs, some[i : i + GROUP]) for theirs, some in met for i in range(0, len(some), GROUP)]
        how = (-(-SAMPLE // max(sum(len(some) for _theirs, some in groups), 1)), min_ha)
        sent = [
            self.client.submit(
                measured, [ours.ground for ours in some], theirs.ground, *how, with_range=with_range, pure=False
            )
            for theirs, some in groups
        ]
        tables = []
        for task in sent:
            pairs, wrong = self._gathered(task)
            agree(pd.read_parquet(BytesIO(wrong)))
            tables.append(pd.read_parquet(BytesIO(pairs)))
        if not tables:
            return overlap(_nothing(), _nothing(), with_range=with_range)
        return in_order(pd.concat(tables, ignore_index=True))

    def footprint(
        self,
        pairs: pd.DataFrame,
        left: Sequence[Part],
        right: Sequence[Part],
        *,
        by: By,
        with_range: bool = False,
    ) -> pd.DataFrame:
        """Count ground once, each feature's in the one part that holds it."""
        if pairs.empty:
            return footprint(pairs, _nothing(), _nothing(), by=by, with_range=with_range)
        own, other, other_by = (left, right, "right_id") if by == "left_id" else (right, left, "left_id")
        at_other = _part_of(other, pairs[other_by])
        rows_of = pairs.groupby(_part_of(own, pairs[by])).indices
        sent = []
        for number, part in enumerate(own):
            rows = rows_of.get(number, np.empty(0, dtype=np.int64))
            if not len(rows):
                continue
            on_it = [other[i] for i in np.unique(at_other[rows])]
            grounds, at = [lying.ground for lying in on_it], [lying.at for lying in on_it]
            told = (parquet(pairs.iloc[rows]), part.ground, grounds, at, by)
            sent.append(self.client.submit(footprints, *told, with_range=with_range, pure=False))
        tables = [pd.read_parquet(BytesIO(self._gathered(task))) for task in sent]
        table = pd.concat(tables, ignore_index=True)
        return table.sort_values(["footprint_ha", "id"], ascending=[False, True], ignore_index=True, kind="stable")

    def _check_workers(self, address: str) -> None:
        try:
            self.client.wait_for_workers(1, timeout=WAIT_S)
        except TimeoutError as error:
            raise ClusterError(N_("the scheduler at {address} has no workers"), address=address) from error
        try:
            self.client.run(version, "lindero")
        except PackageNotFoundError as error:
            raise ClusterError(N_("workers at {address} lack Lindero: install it there"), address=address) from error
        theirs = self.client.run(made_with)
        for worker, versions in theirs.items():
            if versions != made_with():
                told = {"worker": worker, "theirs": versions, "ours": made_with()}
                raise ClusterError(N_("the worker {worker} computes with {theirs}, this machine with {ours}"), **told)

    def _gathered(self, task: Any) -> Any:
        """
        Wait for a task, or a list of them.

        Raises
        ------
        ClusterError
            If the cluster gives it up: its scheduler ended, or workers died of it again and again.
        """
        from distributed import KilledWorker

        try:
            return self.client.gather(task)
        except (KilledWorker, CancelledError, OSError) as error:
            raise ClusterError(N_("the cluster gave up: {why}"), why=str(error)) from error

    def _sent(self, parts: Sequence[gpd.GeoDataFrame]) -> "list[Future[Any]]":
        """
        Send parts off to be laid on the plane, neighbours to the same worker, so that what meets is mostly there.

        Each worker gets its share of the corners, a part at a time by turns. It is advice: the scheduler may do
        otherwise, and does when a worker is lost.
        """
        workers = sorted(self.client.nthreads())
        corners = np.cumsum([shapely.get_num_coordinates(part.geometry.to_numpy()).sum() for part in parts])
        owner = (corners - 1) * len(workers) // corners[-1:]
        turn = pd.Series(owner).groupby(owner).cumcount().to_numpy()
        sent: dict[int, Future[Any]] = {}
        for number in np.lexsort((owner, turn)):
            near = workers[owner[number] :][:1] or None  # the last worker may have left by now
            told = {"workers": near, "allow_other_workers": near is not None}
            sent[number] = self.client.submit(ground, parquet(parts[number]), pure=False, **told)
        return [sent[number] for number in range(len(parts))]


@dataclass(frozen=True)
class _SentLayer:
    """A layer of a map that is being built, whose features are sent off once, however many others it is laid over."""

    frame: gpd.GeoDataFrame
    is_fresh: pd.Series
    cluster: Cluster

    @cached_property
    def all(self) -> list[Part]:
        """Every feature."""
        if self.is_fresh.all():
            return self.fresh
        return self.cluster.prepare(self.frame) if self.is_fresh.any() else self.kept

    @cached_property
    def fresh(self) -> list[Part]:
        """Features of sources that were read anew."""
        return self.cluster.prepare(self.frame[self.is_fresh])

    @cached_property
    def kept(self) -> list[Part]:
        """Features of sources that were taken over."""
        return self.cluster.prepare(self.frame[~self.is_fresh])


@contextmanager
def engine_at(scheduler: str | None) -> Generator[Engine]:
    """
    Choose the cluster at an address, or this process if there is none.

    Raises
    ------
    ClusterError
        If no cluster answers there.
    """
    if scheduler is None:
        yield HERE
        return
    with Cluster(scheduler) as cluster:
        yield cluster


def _cut(frame: gpd.GeoDataFrame) -> list[gpd.GeoDataFrame]:
    """Cut a layer into parts of neighbours; what has no area has no part in overlaps."""
    shapes = frame.geometry.to_numpy()
    placed = frame[is_polygonal(shapes) & ~shapely.is_empty(shapes)]
    if placed.empty:
        return []
    placed = placed.iloc[np.argsort(placed.geometry.hilbert_distance(total_bounds=WORLD), kind="stable")]
    corners = np.asarray(shapely.get_num_coordinates(placed.geometry.to_numpy()), dtype=np.int64)
    return [placed.iloc[part] for part in runs(corners, max_features=FEATURES, max_weight=CORNERS)]


def _part_of(parts: Sequence[Part], ids: "pd.Series[str]") -> Ints:
    """Tell which part holds each feature."""
    numbers = np.repeat(np.arange(len(parts)), [len(part.ids) for part in parts])
    numbers_by_id = pd.Series(numbers, index=np.concatenate([part.ids for part in parts]))
    return numbers_by_id.loc[ids].to_numpy()


def _box(part: gpd.GeoDataFrame) -> tuple[float, float, float, float]:
    """
    Give a box (degrees) that surely holds the ground of a part.

    An edge is a geodesic, and runs up to d² tan φ / 8 R poleward of its ends, d apart (the sagitta of the great circle
    over the parallel). No edge is longer than the box of the corners; the answer is taken twice.
    """
    west, south, east, north = part.total_bounds
    far = min(np.radians(np.hypot(east - west, north - south)), np.pi)
    steep = np.tan(np.radians(min(max(abs(south), abs(north)), _STEEPEST)))
    bulge = np.degrees(2 * far**2 * steep / 8)
    return west, max(south - bulge, -90.0), east, min(north + bulge, 90.0)


def _meet(one: Sequence[float], other: Sequence[float]) -> bool:
    return bool(one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3])


def _nothing() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"id": []}, geometry=[], crs="OGC:CRS84")


# What workers of a cluster do with parts of layers. Tables go in and out as (Geo)Parquet: nothing is shared.
#
# There is a worker for each core (docs/scaling.md), so none shares its work out over threads.


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
    pair_rows = pd.read_parquet(BytesIO(pairs))
    if by == "left_id":
        return parquet(
            footprint(pair_rows, own, _together(others, at, pair_rows["right_id"]), by=by, with_range=with_range)
        )
    return parquet(footprint(pair_rows, _together(others, at, pair_rows["left_id"]), own, by=by, with_range=with_range))


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
