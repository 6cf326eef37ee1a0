"""Overlaps and footprints on a Dask cluster, with the same rows as in one process, for any number of workers.

Features are split into parts along a Hilbert curve, by their number and their vertices, not by the number of workers.
Each part is a task that contains it as GeoParquet. The parts of a lost worker are therefore computed again, and no
shared folder is needed.

A pair of features belongs to exactly one pair of parts. It is measured on the worker that has the part of its right
side, to which the few intersecting left parts are sent. The footprint of a feature is computed where its own part is.
Results are returned as Parquet, too.
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

from lindero.app.answers.engine import LOCAL_ENGINE, Engine, SideColumn, check_agreement
from lindero.app.answers.prepared_layers import read_all_snapshots
from lindero.geo import PolygonLayer, find_disagreements, footprint, overlap, sort_pairs
from lindero.geo.geometry.projection import Ints, is_polygonal
from lindero.geo.geometry.units import MIN_HA
from lindero.geo.kernels import numba_jit
from lindero.geo.overlay.cross_check import SAMPLE
from lindero.layers.database.map_database import WORLD, Connection
from lindero.layers.errors import N_, ClusterError
from lindero.layers.model.layer import Layer
from lindero.layers.model.schema import CRS
from lindero.machine.threads import split_by_weight, use_one_core

if TYPE_CHECKING:
    from distributed import Future


FEATURES = 5_000  # features per part, at most
VERTICES = 250_000  # vertices per part, about
GROUP = 8  # parts per task; the task runs on the worker that has the part of the other layer
WAIT_S = 30.0
_COLUMNS = ["id", "boundary_accuracy_m", "geometry"]
_STEEPEST = 89.0  # degrees: with its tangent of 57 the box is the world for all but the smallest parts
_DECISIVE = ("numpy", "shapely", "pyproj", *(["numba"] if numba_jit.HAS_NUMBA else []))


@dataclass(frozen=True)
class Part:
    """A part of a layer: neighbouring features, their positions and bounds, and the task that projects them."""

    ids: pd.Index
    positions: Ints  # positions in the layer, so that results are merged in the same order as in this process
    box: tuple[float, float, float, float]  # west, south, east, north (degrees) of the features
    ground: "Future[Any]"


class Cluster(Engine):
    """A Dask cluster, by the address of its scheduler (`tcp://host:8786`)."""

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
        """Split a layer into parts and send them to the workers."""
        parts = _split_layer(frame[[name for name in _COLUMNS if name in frame.columns]].reset_index(drop=True))
        grounds = self._send_parts(parts)
        return [
            Part(pd.Index(part["id"]), part.index.to_numpy(), _safe_bounds(part), ground)
            for part, ground in zip(parts, grounds, strict=True)
        ]

    def prepare_layer(self, con: Connection, layer: Layer, repeats: frozenset[str]) -> "_SentLayer":
        """Read a layer of the map that `con` writes. Its parts are sent to the workers when they are needed."""
        frame = read_all_snapshots(con, layer)
        return _SentLayer(frame, frame["id"].isin(repeats), self)

    def overlap(
        self, left: Sequence[Part], right: Sequence[Part], *, min_ha: float = MIN_HA, with_range: bool = False
    ) -> pd.DataFrame:
        """Compute the overlap pairs of two layers, and check a sample of each pair of parts against GEOS."""
        intersecting = [
            (right_part, [left_part for left_part in left if _boxes_intersect(left_part.box, right_part.box)])
            for right_part in right
        ]
        groups = [
            (right_part, left_parts[i : i + GROUP])
            for right_part, left_parts in intersecting
            for i in range(0, len(left_parts), GROUP)
        ]
        sample_and_limit = (-(-SAMPLE // max(sum(len(left_parts) for _theirs, left_parts in groups), 1)), min_ha)
        tasks = [
            self.client.submit(
                measure_overlaps,
                [left_part.ground for left_part in left_parts],
                right_part.ground,
                *sample_and_limit,
                with_range=with_range,
                pure=False,
            )
            for right_part, left_parts in groups
        ]
        tables = []
        for task in tasks:
            pairs, wrong = self._gather(task)
            check_agreement(pd.read_parquet(BytesIO(wrong)))
            tables.append(pd.read_parquet(BytesIO(pairs)))
        if not tables:
            return overlap(_empty_frame(), _empty_frame(), with_range=with_range)
        return sort_pairs(pd.concat(tables, ignore_index=True))

    def footprint(
        self,
        pairs: pd.DataFrame,
        left: Sequence[Part],
        right: Sequence[Part],
        *,
        by: SideColumn,
        with_range: bool = False,
    ) -> pd.DataFrame:
        """Compute footprints, those of a feature on the worker that has its part."""
        if pairs.empty:
            return footprint(pairs, _empty_frame(), _empty_frame(), by=by, with_range=with_range)
        parts, other_parts, other_id = (left, right, "right_id") if by == "left_id" else (right, left, "left_id")
        other_part_numbers = _find_parts(other_parts, pairs[other_id])
        rows_of = pairs.groupby(_find_parts(parts, pairs[by])).indices
        tasks = []
        for number, part in enumerate(parts):
            rows = rows_of.get(number, np.empty(0, dtype=np.int64))
            if not len(rows):
                continue
            overlapping_parts = [other_parts[i] for i in np.unique(other_part_numbers[rows])]
            grounds, positions = (
                [overlapping.ground for overlapping in overlapping_parts],
                [overlapping.positions for overlapping in overlapping_parts],
            )
            arguments = (to_parquet_bytes(pairs.iloc[rows]), part.ground, grounds, positions, by)
            tasks.append(self.client.submit(measure_footprints, *arguments, with_range=with_range, pure=False))
        tables = [pd.read_parquet(BytesIO(self._gather(task))) for task in tasks]
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
            raise ClusterError(
                N_("some workers at {address} do not have Lindero; install it there"), address=address
            ) from error
        worker_versions = self.client.run(computation_versions)
        for worker, versions in worker_versions.items():
            if versions != computation_versions():
                details = {"worker": worker, "theirs": versions, "ours": computation_versions()}
                raise ClusterError(
                    N_("the worker {worker} has other versions ({theirs}) than this computer ({ours})"), **details
                )

    def _gather(self, task: Any) -> Any:
        """Wait for the result of a task, or of a list of tasks."""
        from distributed import KilledWorker

        try:
            return self.client.gather(task)
        except (KilledWorker, CancelledError, OSError) as error:
            raise ClusterError(N_("the cluster abandoned the task: {why}"), why=str(error)) from error

    def _send_parts(self, parts: Sequence[gpd.GeoDataFrame]) -> "list[Future[Any]]":
        """Send parts to workers to be projected; neighbours to the same one, so intersecting parts are mostly together.

        Each worker gets an equal share of the vertices, and the workers take turns part by part. The assignment is a
        hint: the scheduler may choose otherwise, and does so when a worker is lost.
        """
        workers = sorted(self.client.nthreads())
        vertices = np.cumsum([shapely.get_num_coordinates(part.geometry.to_numpy()).sum() for part in parts])
        owner = (vertices - 1) * len(workers) // vertices[-1:]
        turn = pd.Series(owner).groupby(owner).cumcount().to_numpy()
        tasks: dict[int, Future[Any]] = {}
        for number in np.lexsort((owner, turn)):
            preferred_workers = workers[owner[number] :][:1] or None  # the last worker may have left by now
            options = {"workers": preferred_workers, "allow_other_workers": preferred_workers is not None}
            tasks[number] = self.client.submit(prepare_part, to_parquet_bytes(parts[number]), pure=False, **options)
        return [tasks[number] for number in range(len(parts))]


@dataclass(frozen=True)
class _SentLayer:
    """A layer of a map that is being built. Its features are sent to workers once, for all of its overlays."""

    frame: gpd.GeoDataFrame
    is_repeat: pd.Series
    cluster: Cluster

    @cached_property
    def all(self) -> list[Part]:
        """All features."""
        return self.cluster.prepare(self.frame)

    @cached_property
    def distinct(self) -> list[Part]:
        """The features that repeat no other."""
        return self.cluster.prepare(self.frame[~self.is_repeat]) if self.is_repeat.any() else self.all


@contextmanager
def open_engine(scheduler: str | None) -> Generator[Engine]:
    """Open the cluster at an address, or use this process if there is no address."""
    if scheduler is None:
        yield LOCAL_ENGINE
        return
    with Cluster(scheduler) as cluster:
        yield cluster


def _split_layer(frame: gpd.GeoDataFrame) -> list[gpd.GeoDataFrame]:
    """Split a layer into parts of neighbouring features, without those that have no area: they overlap nothing."""
    shapes = frame.geometry.to_numpy()
    polygons = frame[is_polygonal(shapes) & ~shapely.is_empty(shapes)]
    if polygons.empty:
        return []
    polygons = polygons.iloc[np.argsort(polygons.geometry.hilbert_distance(total_bounds=WORLD), kind="stable")]
    vertices = np.asarray(shapely.get_num_coordinates(polygons.geometry.to_numpy()), dtype=np.int64)
    return [polygons.iloc[part] for part in split_by_weight(vertices, max_features=FEATURES, max_weight=VERTICES)]


def _find_parts(parts: Sequence[Part], ids: "pd.Series[str]") -> Ints:
    """Return the number of the part that contains each feature."""
    numbers = np.repeat(np.arange(len(parts)), [len(part.ids) for part in parts])
    numbers_by_id = pd.Series(numbers, index=np.concatenate([part.ids for part in parts]))
    return numbers_by_id.loc[ids].to_numpy()


def _safe_bounds(part: gpd.GeoDataFrame) -> tuple[float, float, float, float]:
    """Return a bounding box (degrees) that contains the area of a part.

    An edge is a geodesic. It runs up to d² tan φ / 8 R poleward of its ends, which are d apart: the sagitta of the
    great circle over the parallel. No edge is longer than the box of the vertices. The value is doubled for safety.
    """
    west, south, east, north = part.total_bounds
    diagonal = min(np.radians(np.hypot(east - west, north - south)), np.pi)
    tangent = np.tan(np.radians(min(max(abs(south), abs(north)), _STEEPEST)))
    margin = np.degrees(2 * diagonal**2 * tangent / 8)
    return west, max(south - margin, -90.0), east, min(north + margin, 90.0)


def _boxes_intersect(left_box: Sequence[float], right_box: Sequence[float]) -> bool:
    return bool(
        left_box[0] <= right_box[2]
        and right_box[0] <= left_box[2]
        and left_box[1] <= right_box[3]
        and right_box[1] <= left_box[3]
    )


def _empty_frame() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"id": []}, geometry=[], crs="OGC:CRS84")


# Tasks of cluster workers on parts of layers. Tables are sent as (Geo)Parquet: no memory is shared.
# There is a worker for each core (docs/scaling.md), so no worker uses more than one thread.


def computation_versions() -> str:
    """Return the factors that the last digits of an area depend on: the machine type and the library versions."""
    packages = [f"{name} {version(name)}" for name in _DECISIVE]
    return ", ".join([platform.machine(), f"GEOS {shapely.geos_version_string}", *packages])


@use_one_core()
def prepare_part(part: bytes) -> PolygonLayer:
    """Project a part, given as GeoParquet, to the equal-area plane."""
    table = pq.read_table(BytesIO(part))
    shapes = shapely.from_wkb(table["geometry"].to_numpy())
    # The CRS is known: building it from the file's metadata takes as long as reading all the rest.
    frame = gpd.GeoDataFrame(table.drop_columns("geometry").to_pandas(), geometry=shapes, crs=CRS)
    return PolygonLayer.from_frame(frame)


@use_one_core()
def measure_overlaps(
    lefts: Sequence[PolygonLayer], right: PolygonLayer, sample: int, min_ha: float, *, with_range: bool
) -> tuple[bytes, bytes]:
    """Measure overlaps of parts with another part, on a worker: pairs, and those GEOS disagrees on, as Parquet."""
    sample_size = sample if numba_jit.HAS_NUMBA else 0
    wrong = [find_disagreements(left, right, sample=sample_size) for left in lefts]
    pairs = [overlap(left, right, min_ha=min_ha, with_range=with_range) for left in lefts]
    return to_parquet_bytes(pd.concat(pairs, ignore_index=True)), to_parquet_bytes(pd.concat(wrong, ignore_index=True))


@use_one_core()
def measure_footprints(
    pairs: bytes,
    part: PolygonLayer,
    other_parts: Sequence[PolygonLayer],
    positions: Sequence[Ints],
    by: SideColumn,
    *,
    with_range: bool,
) -> bytes:
    """Compute footprints on a part's features, on a worker, as Parquet. `other_parts` have what overlaps them."""
    pair_rows = pd.read_parquet(BytesIO(pairs))
    if by == "left_id":
        return to_parquet_bytes(
            footprint(
                pair_rows,
                part,
                _combine_parts(other_parts, positions, pair_rows["right_id"]),
                by=by,
                with_range=with_range,
            )
        )
    return to_parquet_bytes(
        footprint(
            pair_rows, _combine_parts(other_parts, positions, pair_rows["left_id"]), part, by=by, with_range=with_range
        )
    )


def _combine_parts(layers: Sequence[PolygonLayer], positions: Sequence[Ints], ids: pd.Series) -> PolygonLayer:
    """Combine the selected features (by id) of several parts in the order of their layer."""
    combined = PolygonLayer.concatenate(layers)
    order = np.argsort(np.concatenate(positions), kind="stable")
    return combined.select(order[combined.has_id(ids)[order]])


def to_parquet_bytes(table: pd.DataFrame) -> bytes:
    """Encode a table, with or without geometry, as Parquet for the transfer between processes."""
    file = BytesIO()
    table.to_parquet(file, index=False)
    return file.getvalue()
