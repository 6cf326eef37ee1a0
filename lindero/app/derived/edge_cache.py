"""The edges of a map's layers in an Arrow file beside the map.

Features near a place are found without reading polygons.

The file stays mapped into memory. Its checksum is in the map, and is verified once per process as long as the file does
not change. If the file is missing or does not match, the rows around the place are read and their edges
are indexed again. A damaged file is logged.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import chain
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from lindero.app.derived import damage
from lindero.geo import find_nearby
from lindero.geo.geometry.chunks import split_geometries
from lindero.geo.geometry.projection import Ints
from lindero.geo.near.edge_index import BoxIndex, EdgeIndex
from lindero.geo.near.nearest import find_nearest
from lindero.geo.near.window import window
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Connection
from lindero.layers.database.queries import snapshot_rows
from lindero.layers.database.queries.snapshot_rows import Snapshot
from lindero.layers.disk import builds, checksums, memmap
from lindero.layers.disk.checksums import Stamp
from lindero.layers.errors import N_, DamagedMapError
from lindero.layers.model.identity import build_versions, split_version
from lindero.layers.model.layer import Layer
from lindero.layers.model.schema import LAYERS
from lindero.machine.resources import machine

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

Kind = TypeVar("Kind", bound=np.generic)
BATCH_ROWS = 1_024  # rows read together: with long outlines, half a million vertices

_LAYERS = sorted(layer.name for layer in LAYERS.values() if layer.has_geometry)
_VERTICES = pa.large_list(pa.list_(pa.int32(), 3))
_SCHEMA = pa.schema(
    {
        "id": pa.large_string(),  # versions: ID@YYYY-MM-DD
        "layer": pa.uint8(),  # position in `_LAYERS`
        "is_current": pa.uint8(),
        "rank": pa.int64(),
        "is_area": pa.uint8(),
        "holds_pole": pa.uint8(),
        "box": pa.list_(pa.float64(), 4),
        "runs": pa.large_list(pa.struct({"ball": pa.list_(pa.int32(), 4), "corners": _VERTICES})),
    },
    metadata={"layers": " ".join(_LAYERS), "version": "1"},
)
"""One row for each row of a map; the fields after `is_current` are those of `geo.near.edge_index.EdgeIndex`."""


class NearbyRow(NamedTuple):
    """A row of a map near a point."""

    layer: str
    id: str
    distance_m: float | None
    bearing: float | None  # degrees; None where the distance is 0
    direction: str | None  # one of `geo.near.nearest.DIRECTIONS`, or `here`
    snapshot_on: str


@dataclass(frozen=True)
class MappedEdges:
    """The edges of a map's rows, of every layer that has geometry and of every snapshot."""

    ids: pa.LargeStringArray  # versions: ID@YYYY-MM-DD
    layer: npt.NDArray[np.uint8]  # positions in `_LAYERS`
    is_current: npt.NDArray[np.bool_]
    index: EdgeIndex

    def find_nearby(
        self, layers: Sequence[Layer], *, lat: float, lon: float, within_km: float, every_snapshot: bool
    ) -> list[NearbyRow]:
        """Return the rows of layers within a distance of a point, nearest first."""
        is_wanted_layer = np.isin(_LAYERS, [layer.name for layer in layers])

        def among(at: Ints) -> npt.NDArray[np.bool_]:
            return np.asarray(is_wanted_layer[self.layer[at]] & (every_snapshot | self.is_current[at]))

        nearest_rows = find_nearest(lon, lat, self.index, within_km=within_km, among=among)
        ids = [self.ids[at].as_py() for at in nearest_rows.positions.tolist()]
        names = [_LAYERS[code] for code in self.layer[nearest_rows.positions]]
        return _build_rows(
            names, ids, nearest_rows.distance_m.tolist(), nearest_rows.bearing.tolist(), nearest_rows.directions()
        )


_opened: dict[tuple[Stamp, int], MappedEdges] = {}  # files whose checksum was right
_MOST_OPENED = 2  # the current map, and the previous one of answers under way


def write_edges(
    con: Connection, map_file: Path, *, previous: Path | None = None, fresh: Collection[Snapshot] = frozenset()
) -> Path:
    """Write the edges of all layers to a file beside the map, and its checksum to the map. Return the file.

    `previous`: the last map. Its edges are copied for all snapshots except the `fresh` ones.
    """
    file = map_file.with_suffix(builds.EDGES)
    unchanged = _UnchangedRows() if previous is None else _UnchangedRows.from_previous_map(con, previous, fresh)
    batch = _build_batch(con, map_file.parent, unchanged)
    file.unlink(missing_ok=True)  # a process that has mapped the old file keeps it
    with pa.OSFile(str(file), "wb") as sink, pa.ipc.new_file(sink, _SCHEMA) as writer:
        writer.write_batch(batch)
    snapshot_rows.write_index_checksum(con, checksums.crc32(file))
    return file


class EdgeFile(NamedTuple):
    """The file of edges that belongs to a map, whether it exists or not, and its checksum in the map."""

    path: Path
    checksum: int


def find_edge_file(con: Connection) -> EdgeFile | None:
    """Return the file of edges of the map that a connection reads, or None if the map has none."""
    map_file, checksum = map_database.database_file(con), snapshot_rows.read_index_checksum(con)
    return None if map_file is None or checksum is None else EdgeFile(map_file.with_suffix(builds.EDGES), checksum)


def open_edges(con: Connection) -> MappedEdges | None:
    """Open the edges beside the map that a connection reads, or return None if no matching file exists."""
    return _open_edge_file(find_edge_file(con))


def _open_edge_file(edge_file: EdgeFile | None) -> MappedEdges | None:
    if edge_file is None:
        return None
    file, checksum = edge_file
    try:
        file_state = checksums.file_stamp(file), checksum
        if file_state in _opened:
            return _opened[file_state]
        if checksums.crc32(file) != checksum:
            damaged = N_("the map's file {file} is damaged on the disk")
            damage.log_damage(DamagedMapError(damaged, file=file.name))
            return None
        with pa.ipc.open_file(pa.memory_map(str(file))) as reader:
            if not reader.schema.equals(_SCHEMA, check_metadata=True):
                return None
            edges = _from_batch(reader.get_batch(0))
    except (OSError, pa.ArrowInvalid):
        return None
    if len(_opened) >= _MOST_OPENED:
        _opened.clear()
    _opened[file_state] = edges
    return edges


def _from_batch(batch: pa.RecordBatch) -> MappedEdges:
    """Return the columns of a file as arrays, without a copy."""
    boxes = _to_numpy(batch["box"].flatten(), np.float64).reshape(-1, 4).T
    runs = batch["runs"]
    ball, vertices = (runs.flatten().field(name) for name in ("ball", "corners"))
    index = EdgeIndex(
        BoxIndex.from_bounds(boxes.T),
        rank=_to_numpy(batch["rank"], np.int64),
        is_area=_to_numpy(batch["is_area"], np.bool_),
        holds_pole=_to_numpy(batch["holds_pole"], np.bool_),
        first_run=_to_numpy(runs.offsets, np.int64),
        first_vertex=_to_numpy(vertices.offsets, np.int64),
        ball=_to_numpy(ball.flatten(), np.int32).reshape(-1, 4),
        vertex=_to_numpy(vertices.flatten().flatten(), np.int32).reshape(-1, 3),
    )
    layer, is_current = _to_numpy(batch["layer"], np.uint8), _to_numpy(batch["is_current"], np.bool_)
    return MappedEdges(batch["id"], layer, is_current, index)


def _to_numpy(column: pa.Array, kind: type[Kind]) -> npt.NDArray[Kind]:
    """Return the numbers of a column without a copy. `to_numpy` is not used, because it would load pandas."""
    return np.frombuffer(column.buffers()[1] or b"", kind)[: len(column)]


def find_nearby_frame(
    con: Connection,
    layers: Sequence[Layer],
    *,
    lat: float,
    lon: float,
    within_km: float,
    every_snapshot: bool = False,
) -> pd.DataFrame:
    """Return the rows of layers within a distance of a point as a frame, nearest first.

    The columns are named as the fields of `NearbyRow`.
    """
    return rows_to_frame(
        find_nearby_rows(
            con, find_edge_file(con), layers, lat=lat, lon=lon, within_km=within_km, every_snapshot=every_snapshot
        )
    )


def rows_to_frame(rows: Sequence[NearbyRow]) -> pd.DataFrame:
    """Convert rows to a frame. A missing distance or bearing is NaN."""
    import pandas as pd

    columns = dict(
        zip(NearbyRow._fields, zip(*rows, strict=True) if rows else [()] * len(NearbyRow._fields), strict=True)
    )
    numbers = {"distance_m", "bearing"}
    kinds = {name: float if name in numbers else str for name in columns}
    return pd.DataFrame({name: pd.Series(values, dtype=kinds[name]) for name, values in columns.items()})


def find_nearby_rows(
    con: Connection,
    edge_file: EdgeFile | None,
    layers: Sequence[Layer],
    *,
    lat: float,
    lon: float,
    within_km: float,
    every_snapshot: bool = False,
) -> list[NearbyRow]:
    """Return the rows of layers of a map within a distance of a point, nearest first.

    `edge_file` is the result of `find_edge_file` for the map. Rows at the same distance are sorted by layer and id.
    """
    circle = {"lat": lat, "lon": lon, "within_km": within_km}
    edges = _open_edge_file(edge_file)
    if edges is not None:
        return edges.find_nearby(layers, **circle, every_snapshot=every_snapshot)
    import pandas as pd

    bounds = window(lon, lat, within_km)
    rows = [map_database.read_layer(con, layer, bounds=bounds, every_snapshot=every_snapshot) for layer in layers]
    parts = [find_nearby(lon, lat, frame.assign(id=build_versions(frame)), within_km=within_km) for frame in rows]
    named = [part.assign(layer=layer.name) for layer, part in zip(layers, parts, strict=True)]
    combined = pd.concat(named).sort_values(["distance_m", "layer", "id"], ignore_index=True)
    return _build_rows(*(combined[name].tolist() for name in ("layer", "id", "distance_m", "bearing", "direction")))


def _build_rows(
    layers: Iterable[str],
    ids: Iterable[str],
    distances_m: Iterable[float],
    bearings: Iterable[float],
    directions: Iterable[str],
) -> list[NearbyRow]:
    """Build rows from columns, in which ids are those of row versions."""
    columns = zip(layers, map(split_version, ids), distances_m, bearings, directions, strict=True)
    return [
        NearbyRow(layer, id_, distance_m, None if isnan(bearing) else bearing, direction, snapshot_on)
        for layer, (id_, snapshot_on), distance_m, bearing, direction in columns
    ]


class _Part(NamedTuple):
    """Some rows of a layer, by its position in `_LAYERS`, and their edges."""

    code: int
    ids: pa.ChunkedArray
    is_current: npt.NDArray[np.bool_]
    edges: EdgeIndex


@dataclass(frozen=True)
class _UnchangedRows:
    """The rows of unchanged snapshots, with edges that are copied from the file beside the last map."""

    snapshots: frozenset[Snapshot] = frozenset()
    rows_by_layer: Mapping[int, tuple[pa.Table, EdgeIndex, Ints]] = field(
        default_factory=dict
    )  # rows, edges, positions

    @classmethod
    def from_previous_map(cls, con: Connection, previous: Path, fresh: Collection[Snapshot]) -> _UnchangedRows:
        """Find the rows of snapshots that are not `fresh`.

        A layer is left out if any of its rows has no stored edges.
        """
        import pyarrow.compute as pc

        with closing(map_database.connect(previous)) as last:
            edges = open_edges(last)
        if edges is None:
            return cls()
        snapshots = {(source.source_id, source.snapshot_on.isoformat()) for source in map_database.read_sources(con)}
        unchanged = frozenset(snapshots - set(fresh))
        of_layers = {}
        for code, name in enumerate(_LAYERS):
            rows, layer_positions = (
                snapshot_rows.read_versions(con, LAYERS[name], unchanged),
                np.flatnonzero(edges.layer == code),
            )
            indices = pc.index_in(
                rows["id"].cast(pa.large_string()), value_set=edges.ids.take(pa.array(layer_positions))
            )
            if not indices.null_count:
                of_layers[code] = rows, edges.index, layer_positions[indices.to_numpy()]
        return cls(unchanged, of_layers)

    def layer_snapshots(self, code: int) -> frozenset[Snapshot]:
        """Return the snapshots of a layer with edges that are copied."""
        return self.snapshots if code in self.rows_by_layer else frozenset()

    def iter_parts(self) -> Iterator[_Part]:
        """Yield the copied edges in parts."""
        for code, (rows, index, positions) in self.rows_by_layer.items():
            for begin in range(0, len(positions), BATCH_ROWS):
                part_rows = rows.slice(begin, BATCH_ROWS)
                edges = index.select(positions[begin : begin + BATCH_ROWS])
                yield _Part(code, part_rows["id"], part_rows["is_current"].to_numpy(), edges)


def _build_batch(con: Connection, folder: Path, unchanged: _UnchangedRows) -> pa.RecordBatch:
    """Index all rows, part by part. Long arrays are written to the disk as they grow."""
    import pyarrow.compute as pc

    ids, layer, is_current = [pa.array([], pa.large_string())], [np.empty(0, np.uint8)], [np.empty(0, dtype=bool)]
    no_edges = EdgeIndex.from_shapes(np.empty(0, dtype=object))
    short, ball, vertex = [no_edges], memmap.GrowingArray(folder), memmap.GrowingArray(folder)
    ball.append(no_edges.ball)
    vertex.append(no_edges.vertex)
    for part in chain(unchanged.iter_parts(), _index_changed_rows(con, unchanged)):
        ids += part.ids.cast(pa.large_string()).chunks
        layer.append(np.full(len(part.ids), part.code, np.uint8))
        is_current.append(part.is_current)
        ball.append(part.edges.ball)
        vertex.append(part.edges.vertex)
        short.append(replace(part.edges, ball=no_edges.ball, vertex=no_edges.vertex))
    rows = pa.table({"layer": np.concatenate(layer), "id": pa.concat_arrays(ids)})
    order = pc.sort_indices(rows, [("layer", "ascending"), ("id", "ascending")]).to_numpy()
    index = replace(EdgeIndex.concatenate(short), ball=ball.to_memmap(), vertex=vertex.to_memmap())
    index.rank[order] = np.arange(len(order))
    vertices = pa.LargeListArray.from_arrays(index.first_vertex, _to_list_array(index.vertex))
    runs = pa.StructArray.from_arrays([_to_list_array(index.ball), vertices], ["ball", "corners"])
    flags = (np.concatenate(is_current), index.is_area, index.holds_pole)
    current, is_area, holds_pole = (pa.array(flag.view(np.uint8)) for flag in flags)
    edge_columns = [_to_list_array(index.bounds.boxes.T), pa.LargeListArray.from_arrays(index.first_run, runs)]
    columns = [rows["id"].combine_chunks(), rows["layer"].combine_chunks(), current, pa.array(index.rank)]
    return pa.RecordBatch.from_arrays([*columns, is_area, holds_pole, *edge_columns], schema=_SCHEMA)


def _to_list_array(numbers: npt.NDArray[np.generic]) -> pa.FixedSizeListArray:
    """Return the rows of an array as lists, without a copy."""
    return pa.FixedSizeListArray.from_arrays(pa.array(np.ascontiguousarray(numbers).reshape(-1)), numbers.shape[1])


def _index_changed_rows(con: Connection, unchanged: _UnchangedRows) -> Iterator[_Part]:
    """Yield the rows of changed snapshots with their edges. A limited number of parts is indexed at once."""
    threads = machine().cores
    pending: deque[tuple[int, gpd.GeoDataFrame, Future[EdgeIndex]]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        for code, rows in _read_changed_rows(con, unchanged):
            pending.append((code, rows, pool.submit(EdgeIndex.from_shapes, rows.geometry.to_numpy())))
            if len(pending) > threads:
                yield _finish_part(*pending.popleft())
        yield from (_finish_part(*job) for job in pending)


def _read_changed_rows(con: Connection, unchanged: _UnchangedRows) -> Iterator[tuple[int, gpd.GeoDataFrame]]:
    for code, name in enumerate(_LAYERS):
        for rows in snapshot_rows.read_shapes(
            con, LAYERS[name], batch_size=BATCH_ROWS, excluded=unchanged.layer_snapshots(code)
        ):
            for part in split_geometries(rows.geometry.to_numpy()):
                yield code, rows.iloc[part]


def _finish_part(code: int, rows: gpd.GeoDataFrame, future: Future[EdgeIndex]) -> _Part:
    ids = pa.chunked_array([pa.array(rows["id"], pa.large_string())])
    return _Part(code, ids, rows["is_current"].to_numpy(dtype=bool), future.result())
