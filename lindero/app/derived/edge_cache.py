"""
The edges of a map's layers in an Arrow file beside the map, so that what is near a place is found without outlines.

The file is mapped into memory for one answer. Its checksum is in the map, and is compared once in the life of a
process, as long as the file is the same. Without the file, or with one that does not fit, the rows round the place are
read and their edges indexed anew; that a file is damaged is logged.
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
from lindero.geo import near
from lindero.geo.geometry.chunks import parts_of
from lindero.geo.geometry.projection import Floats, Ints
from lindero.geo.near.edge_index import BoxIndex, EdgeIndex
from lindero.geo.near.nearest import nearest
from lindero.geo.near.window import window
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Connection
from lindero.layers.database.queries import snapshot_rows
from lindero.layers.database.queries.snapshot_rows import Snapshot
from lindero.layers.disk import builds, checksums, memmap
from lindero.layers.disk.checksums import Stamp
from lindero.layers.errors import N_, DamagedMapError
from lindero.layers.model.identity import apart, versions
from lindero.layers.model.layer import Layer
from lindero.layers.model.schema import LAYERS
from lindero.machine.resources import machine

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

Kind = TypeVar("Kind", bound=np.generic)
AT_ONCE = 1_024  # rows read together: of long outlines half a million vertices

_LAYERS = sorted(layer.name for layer in LAYERS.values() if layer.has_geometry)
_CORNERS = pa.large_list(pa.list_(pa.int32(), 3))
_SCHEMA = pa.schema(
    {
        "id": pa.large_string(),  # of versions
        "layer": pa.uint8(),  # position in `_LAYERS`
        "is_current": pa.uint8(),
        "rank": pa.int64(),
        "is_area": pa.uint8(),
        "holds_pole": pa.uint8(),
        "box": pa.list_(pa.float64(), 4),
        "runs": pa.large_list(pa.struct({"ball": pa.list_(pa.int32(), 4), "corners": _CORNERS})),
    },
    metadata={"layers": " ".join(_LAYERS), "version": "1"},
)
"""One row for each row of a map; the fields after `is_current` are those of `geo.near.edge_index.EdgeIndex`."""
_compared: dict[tuple[Stamp, int], Floats] = {}  # files whose checksum was right, and the boxes around neighbours
_MOST_COMPARED = 4


class Near(NamedTuple):
    """A row of a map near a point."""

    layer: str
    id: str
    distance_m: float | None
    bearing: float | None  # degrees; None where the distance is 0
    direction: str | None  # one of `geo.near.nearest.DIRECTIONS`, or `here`
    snapshot_on: str


@dataclass(frozen=True)
class KeptEdges:
    """The edges of a map's rows: of every layer that has geometry, and of every snapshot."""

    ids: pa.LargeStringArray  # those of versions
    layer: npt.NDArray[np.uint8]  # positions in `_LAYERS`
    is_current: npt.NDArray[np.bool_]
    index: EdgeIndex

    def near(
        self, layers: Sequence[Layer], *, lat: float, lon: float, within_km: float, every_snapshot: bool
    ) -> list[Near]:
        """List rows as `near_rows` does."""
        wanted = np.isin(_LAYERS, [layer.name for layer in layers])

        def among(at: Ints) -> npt.NDArray[np.bool_]:
            return np.asarray(wanted[self.layer[at]] & (every_snapshot | self.is_current[at]))

        found = nearest(lon, lat, self.index, within_km=within_km, among=among)
        ids = [self.ids[at].as_py() for at in found.at.tolist()]
        names = [_LAYERS[code] for code in self.layer[found.at]]
        return _rows(names, ids, found.distance_m.tolist(), found.bearing.tolist(), found.directions())


def write(
    con: Connection, map_file: Path, *, previous: Path | None = None, fresh: Collection[Snapshot] = frozenset()
) -> Path:
    """
    Write the edges of all layers of a map beside it, and their checksum into the map; returns the file.

    Parameters
    ----------
    con
        A connection that writes the map.
    previous
        The last map. Its edges are taken over for all but the `fresh` snapshots.
    """
    file = map_file.with_suffix(builds.EDGES)
    same = _Same() if previous is None else _Same.of(con, previous, fresh)
    batch = _batch(con, map_file.parent, same)
    file.unlink(missing_ok=True)  # a process that has mapped the old file keeps it
    with pa.OSFile(str(file), "wb") as sink, pa.ipc.new_file(sink, _SCHEMA) as writer:
        writer.write_batch(batch)
    snapshot_rows.write_index_checksum(con, checksums.crc32(file))
    return file


def cached_edges(con: Connection) -> KeptEdges | None:
    """Open the edges beside the map that a connection reads; None where there are none that fit."""
    map_file, checksum = map_database.file_of(con), snapshot_rows.read_index_checksum(con)
    if map_file is None or checksum is None:
        return None
    file = map_file.with_suffix(builds.EDGES)
    try:
        state = checksums.stamp(file), checksum
        around = _compared.get(state)
        if around is None and checksums.crc32(file) != checksum:
            damaged = N_("{file}, which belongs to the map, is damaged on the disk")
            damage.notice(DamagedMapError(damaged, file=file.name))
            return None
        with pa.ipc.open_file(pa.memory_map(str(file))) as reader:
            if not reader.schema.equals(_SCHEMA, check_metadata=True):
                return None
            kept = _kept(reader.get_batch(0), around)
    except (OSError, pa.ArrowInvalid):
        return None
    if len(_compared) >= _MOST_COMPARED:
        _compared.clear()
    _compared[state] = kept.index.bounds.around
    return kept


def _kept(batch: pa.RecordBatch, around: Floats | None) -> KeptEdges:
    """Return the columns of a file as arrays, without a copy."""
    boxes = _numbers(batch["box"].flatten(), np.float64).reshape(-1, 4).T
    runs = batch["runs"]
    ball, corners = (runs.flatten().field(name) for name in ("ball", "corners"))
    index = EdgeIndex(
        BoxIndex.of(boxes.T) if around is None else BoxIndex(boxes, around),
        rank=_numbers(batch["rank"], np.int64),
        is_area=_numbers(batch["is_area"], np.bool_),
        holds_pole=_numbers(batch["holds_pole"], np.bool_),
        first_run=_numbers(runs.offsets, np.int64),
        first_corner=_numbers(corners.offsets, np.int64),
        ball=_numbers(ball.flatten(), np.int32).reshape(-1, 4),
        corner=_numbers(corners.flatten().flatten(), np.int32).reshape(-1, 3),
    )
    layer, is_current = _numbers(batch["layer"], np.uint8), _numbers(batch["is_current"], np.bool_)
    return KeptEdges(batch["id"], layer, is_current, index)


def _numbers(column: pa.Array, kind: type[Kind]) -> npt.NDArray[Kind]:
    """Return the numbers of a column without a copy; `to_numpy` would load pandas."""
    return np.frombuffer(column.buffers()[1] or b"", kind)[: len(column)]


def near_on(
    con: Connection,
    layers: Sequence[Layer],
    *,
    lat: float,
    lon: float,
    within_km: float,
    every_snapshot: bool = False,
) -> pd.DataFrame:
    """Do as `near_rows` does, and give a frame: columns named as the fields of `Near`."""
    return near_frame(near_rows(con, layers, lat=lat, lon=lon, within_km=within_km, every_snapshot=every_snapshot))


def near_frame(rows: Sequence[Near]) -> pd.DataFrame:
    """Give rows as a frame; a distance or bearing that there is not is not a number."""
    import pandas as pd

    columns = dict(zip(Near._fields, zip(*rows, strict=True) if rows else [()] * len(Near._fields), strict=True))
    numbers = {"distance_m", "bearing"}
    kinds = {name: float if name in numbers else str for name in columns}
    return pd.DataFrame({name: pd.Series(told, dtype=kinds[name]) for name, told in columns.items()})


def near_rows(
    con: Connection,
    layers: Sequence[Layer],
    *,
    lat: float,
    lon: float,
    within_km: float,
    every_snapshot: bool = False,
) -> list[Near]:
    """
    List the rows of layers of a map within a distance of a point, the nearest first.

    Equally near ones in the order of layer and id.
    """
    at = {"lat": lat, "lon": lon, "within_km": within_km}
    edges = cached_edges(con)
    if edges is not None:
        return edges.near(layers, **at, every_snapshot=every_snapshot)
    import pandas as pd

    bounds = window(lon, lat, within_km)
    rows = [map_database.read_layer(con, layer, bounds=bounds, every_snapshot=every_snapshot) for layer in layers]
    parts = [near(lon, lat, some.assign(id=versions(some)), within_km=within_km) for some in rows]
    named = [part.assign(layer=layer.name) for layer, part in zip(layers, parts, strict=True)]
    every = pd.concat(named).sort_values(["distance_m", "layer", "id"], ignore_index=True)
    return _rows(*(every[name].tolist() for name in ("layer", "id", "distance_m", "bearing", "direction")))


def _rows(
    layers: Iterable[str],
    ids: Iterable[str],
    distances_m: Iterable[float],
    bearings: Iterable[float],
    directions: Iterable[str],
) -> list[Near]:
    """Give rows whose ids are those of versions."""
    told = zip(layers, map(apart, ids), distances_m, bearings, directions, strict=True)
    return [
        Near(layer, id_, distance_m, None if isnan(bearing) else bearing, direction, day)
        for layer, (id_, day), distance_m, bearing, direction in told
    ]


class _Part(NamedTuple):
    """Some rows of a layer, by its position in `_LAYERS`, and their edges."""

    code: int
    ids: pa.ChunkedArray
    is_current: npt.NDArray[np.bool_]
    edges: EdgeIndex


@dataclass(frozen=True)
class _Same:
    """The rows of some snapshots, whose edges were kept beside the last map: `parts` gives them again."""

    snapshots: frozenset[Snapshot] = frozenset()
    of_layers: Mapping[int, tuple[pa.Table, EdgeIndex, Ints]] = field(default_factory=dict)  # rows, all edges, where

    @classmethod
    def of(cls, con: Connection, previous: Path, fresh: Collection[Snapshot]) -> _Same:
        """Find the rows that are of no `fresh` snapshot; a layer of which one is not there is none of it."""
        import pyarrow.compute as pc

        with closing(map_database.connect(previous)) as last:
            edges = cached_edges(last)
        if edges is None:
            return cls()
        snapshots = {(one.source_id, one.snapshot_on.isoformat()) for one in map_database.read_sources(con)}
        same = frozenset(snapshots - set(fresh))
        of_layers = {}
        for code, name in enumerate(_LAYERS):
            rows, own = snapshot_rows.read_versions(con, LAYERS[name], same), np.flatnonzero(edges.layer == code)
            at = pc.index_in(rows["id"].cast(pa.large_string()), value_set=edges.ids.take(pa.array(own)))
            if not at.null_count:
                of_layers[code] = rows, edges.index, own[at.to_numpy()]
        return cls(same, of_layers)

    def of_layer(self, code: int) -> frozenset[Snapshot]:
        """Name the snapshots of a layer whose edges are given again."""
        return self.snapshots if code in self.of_layers else frozenset()

    def parts(self) -> Iterator[_Part]:
        """Give their edges."""
        for code, (rows, index, at) in self.of_layers.items():
            for begin in range(0, len(at), AT_ONCE):
                some = rows.slice(begin, AT_ONCE)
                own = index.some(at[begin : begin + AT_ONCE])
                yield _Part(code, some["id"], some["is_current"].to_numpy(), own)


def _batch(con: Connection, folder: Path, same: _Same) -> pa.RecordBatch:
    """Index all rows, part by part; the long arrays go to the disk as they come."""
    import pyarrow.compute as pc

    ids, layer, is_current = [pa.array([], pa.large_string())], [np.empty(0, np.uint8)], [np.empty(0, dtype=bool)]
    nothing = EdgeIndex.of(np.empty(0, dtype=object))
    short, ball, corner = [nothing], memmap.Growing(folder), memmap.Growing(folder)
    ball.add(nothing.ball)
    corner.add(nothing.corner)
    for part in chain(same.parts(), _indexed(con, same)):
        ids += part.ids.cast(pa.large_string()).chunks
        layer.append(np.full(len(part.ids), part.code, np.uint8))
        is_current.append(part.is_current)
        ball.add(part.edges.ball)
        corner.add(part.edges.corner)
        short.append(replace(part.edges, ball=nothing.ball, corner=nothing.corner))
    rows = pa.table({"layer": np.concatenate(layer), "id": pa.concat_arrays(ids)})
    order = pc.sort_indices(rows, [("layer", "ascending"), ("id", "ascending")]).to_numpy()
    index = replace(EdgeIndex.together(short), ball=ball.mapped(), corner=corner.mapped())
    index.rank[order] = np.arange(len(order))
    corners = pa.LargeListArray.from_arrays(index.first_corner, _rows_of(index.corner))
    runs = pa.StructArray.from_arrays([_rows_of(index.ball), corners], ["ball", "corners"])
    flags = (np.concatenate(is_current), index.is_area, index.holds_pole)
    current, is_area, holds_pole = (pa.array(flag.view(np.uint8)) for flag in flags)
    of_edges = [_rows_of(index.bounds.boxes.T), pa.LargeListArray.from_arrays(index.first_run, runs)]
    columns = [rows["id"].combine_chunks(), rows["layer"].combine_chunks(), current, pa.array(index.rank)]
    return pa.RecordBatch.from_arrays([*columns, is_area, holds_pole, *of_edges], schema=_SCHEMA)


def _rows_of(numbers: npt.NDArray[np.generic]) -> pa.FixedSizeListArray:
    """Return the rows of an array as lists; nothing is copied."""
    return pa.FixedSizeListArray.from_arrays(pa.array(np.ascontiguousarray(numbers).reshape(-1)), numbers.shape[1])


def _indexed(con: Connection, same: _Same) -> Iterator[_Part]:
    """Give the rows that are not the same, with their edges; few are under way at once."""
    threads = machine().cores
    begun: deque[tuple[int, gpd.GeoDataFrame, Future[EdgeIndex]]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        for code, rows in _read(con, same):
            begun.append((code, rows, pool.submit(EdgeIndex.of, rows.geometry.to_numpy())))
            if len(begun) > threads:
                yield _ended(*begun.popleft())
        yield from (_ended(*one) for one in begun)


def _read(con: Connection, same: _Same) -> Iterator[tuple[int, gpd.GeoDataFrame]]:
    for code, name in enumerate(_LAYERS):
        for rows in snapshot_rows.read_shapes(con, LAYERS[name], batch_size=AT_ONCE, excluded=same.of_layer(code)):
            for part in parts_of(rows.geometry.to_numpy()):
                yield code, rows.iloc[part]


def _ended(code: int, rows: gpd.GeoDataFrame, begun: Future[EdgeIndex]) -> _Part:
    ids = pa.chunked_array([pa.array(rows["id"], pa.large_string())])
    return _Part(code, ids, rows["is_current"].to_numpy(dtype=bool), begun.result())
