"""
The edges of a map's layers, kept beside the map: what lies near a place is told without an outline being read.

The file is opened for one answer and let go of: what is looked at in it does not stay in the memory of a server. If it
is absent or stale, which is no error, or damaged, which is told, the rows round the place are read and their edges
indexed anew. All that is short of it is held to its checksums once in the life of a process, as long as the file is the
same, and before each answer what it needs of the long arrays.
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
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from lindero.app.overlays import damage
from lindero.geo import near
from lindero.geo.geometry.chunks import parts_of
from lindero.geo.geometry.projection import Ints
from lindero.geo.machine import machine
from lindero.geo.near.edge_index import BoxIndex, EdgeIndex
from lindero.geo.near.nearest import nearest
from lindero.geo.near.window import window
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Connection
from lindero.layers.database.queries import outlines
from lindero.layers.database.queries.outlines import Snapshot
from lindero.layers.disk import builds, memmap
from lindero.layers.disk.checksums import Stamp
from lindero.layers.disk.memmap import Held
from lindero.layers.errors import DamagedMapError
from lindero.layers.model.identity import apart, versions
from lindero.layers.model.layer import Layer
from lindero.layers.model.schema import LAYERS

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    import pyarrow as pa

VERSION = 2  # of `geo.near.edge_index.EdgeIndex`, and of what its rows are called
AT_ONCE = 1_024  # rows read together: of long outlines half a million corners

_LAYERS = sorted(layer.name for layer in LAYERS.values() if layer.has_geometry)
_LONG = ("ball", "corner")
_looked_at: deque[tuple[Stamp, frozenset[str]]] = deque(maxlen=4)  # files, and what of them was left out
_OF_INDEX = ("rank", "is_area", "holds_pole", "first_run", "first_corner", "ball", "corner")


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

    ids: npt.NDArray[np.uint8]  # the letters of those of versions, one after the other
    ids_at: npt.NDArray[np.int64]  # (n + 1): where each begins
    layer: npt.NDArray[np.uint8]  # positions in `_LAYERS`
    is_current: npt.NDArray[np.bool_]
    index: EdgeIndex
    held: Held

    def near(
        self, layers: Sequence[Layer], *, lat: float, lon: float, within_km: float, every_snapshot: bool
    ) -> list[Near]:
        """
        Do as `near_rows` does.

        Raises
        ------
        DamagedMapError
            If what has to be looked at is damaged.
        """
        wanted = np.isin(_LAYERS, [layer.name for layer in layers])

        def among(at: Ints) -> npt.NDArray[np.bool_]:
            chosen = np.asarray(wanted[self.layer[at]] & (every_snapshot | self.is_current[at]))
            self._hold(at[chosen])
            return chosen

        found = nearest(lon, lat, self.index, within_km=within_km, among=among)
        ids = [self.ids[self.ids_at[at] : self.ids_at[at + 1]].tobytes().decode() for at in found.at]
        names = [_LAYERS[code] for code in self.layer[found.at]]
        return _rows(names, ids, found.distance_m.tolist(), found.bearing.tolist(), found.directions())

    def _hold(self, at: Ints) -> None:
        begin, end = self.index.first_run[at], self.index.first_run[at + 1]
        self.held.hold_rows("ball", begin, end)
        self.held.hold_rows("corner", self.index.first_corner[begin], self.index.first_corner[end])


def write(
    map_file: Path, *, digest: str, previous: Path | None = None, fresh: Collection[Snapshot] = frozenset()
) -> Path:
    """
    Keep the edges of all layers of a finished map beside it, by its digest; returns the file.

    Parameters
    ----------
    previous
        The last map, of whose kept edges those are taken over that are of no `fresh` snapshot: source and day.
    """
    with closing(map_database.connect(map_file, memory=f"{machine().database_mb}MB")) as con:
        return write_of(con, map_file, digest=digest, previous=previous, fresh=fresh)


def write_of(
    con: Connection, map_file: Path, *, digest: str, previous: Path | None, fresh: Collection[Snapshot]
) -> Path:
    """Do as `write` does, by a connection that reads the map already: to open one takes as long as small maps do."""
    edges = map_file.with_suffix(builds.EDGES)
    same = _Same() if previous is None else _Same.of(con, previous, fresh)
    memmap.write(edges, _taken(con, map_file.parent, same), about=_about(digest))
    return edges


def cached_edges(con: Connection) -> KeptEdges | None:
    """Give what is kept of the edges of the map that a connection reads."""
    file = map_database.file_of(con)
    return None if file is None else _kept(file, besides=_LONG)


def _kept(map_file: Path, *, besides: Collection[str] = ()) -> KeptEdges | None:
    """Give what is kept of a map's edges, held to its checksums `besides` some arrays."""
    try:
        arrays = memmap.read(map_file.with_suffix(builds.EDGES), about=_about(map_file.stem.rpartition("-")[2]))
        if arrays is None:
            return None
        _hold(arrays, frozenset(besides))
    except DamagedMapError as error:
        damage.notice(error)
        return None
    index = EdgeIndex(BoxIndex(arrays["boxes"], arrays["around"]), **{name: arrays[name] for name in _OF_INDEX})
    return KeptEdges(arrays["ids"], arrays["ids_at"], arrays["layer"], arrays["is_current"], index, arrays)


def _hold(arrays: Held, besides: frozenset[str]) -> None:
    """Hold arrays to their checksums, but for some: 40 MB of half a million features, which each answer would read."""
    looked_at = (arrays.stamp, besides)
    if looked_at not in _looked_at:
        arrays.hold(*(name for name in arrays if name not in besides))
        _looked_at.append(looked_at)


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
        try:
            return edges.near(layers, **at, every_snapshot=every_snapshot)
        except DamagedMapError as error:
            damage.notice(error)
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


def _about(digest: str) -> dict[str, object]:
    return {"what": "lindero edges", "version": VERSION, "layers": _LAYERS, "map": digest[:12]}


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
        import pyarrow as pa
        import pyarrow.compute as pc

        edges = _kept(previous)
        if edges is None:
            return cls()
        snapshots = {(one.source_id, one.snapshot_on.isoformat()) for one in map_database.read_sources(con)}
        same = frozenset(snapshots - set(fresh))
        every = pa.LargeStringArray.from_buffers(len(edges.layer), *map(pa.py_buffer, (edges.ids_at, edges.ids)))
        of_layers = {}
        for code, name in enumerate(_LAYERS):
            rows, own = outlines.read_versions(con, LAYERS[name], same), np.flatnonzero(edges.layer == code)
            at = pc.index_in(rows["id"].cast(pa.large_string()), value_set=every.take(pa.array(own)))
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


def _taken(con: Connection, folder: Path, same: _Same) -> dict[str, npt.NDArray[np.generic]]:
    """Index all rows, part by part, of which the long arrays go to the disk as they come."""
    import pyarrow as pa
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
    every = pa.table({"layer": np.concatenate(layer), "id": pa.concat_arrays(ids)})
    order = pc.sort_indices(every, [("layer", "ascending"), ("id", "ascending")]).to_numpy()
    index = replace(EdgeIndex.together(short), ball=ball.mapped(), corner=corner.mapped())
    index.rank[order] = np.arange(len(order))
    _, ids_at, texts = every["id"].chunk(0).buffers()
    return {
        "ids_at": np.frombuffer(ids_at, np.int64),
        "ids": np.frombuffer(texts or b"", np.uint8),
        "layer": every["layer"].to_numpy(),
        "is_current": np.concatenate(is_current),
        "boxes": index.bounds.boxes,
        "around": index.bounds.around,
        **{name: getattr(index, name) for name in _OF_INDEX},
    }


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
        for rows in outlines.read_shapes(con, LAYERS[name], at_once=AT_ONCE, besides=same.of_layer(code)):
            for part in parts_of(rows.geometry.to_numpy()):
                yield code, rows.iloc[part]


def _ended(code: int, rows: gpd.GeoDataFrame, begun: Future[EdgeIndex]) -> _Part:
    import pyarrow as pa

    ids = pa.chunked_array([pa.array(rows["id"], pa.large_string())])
    return _Part(code, ids, rows["is_current"].to_numpy(dtype=bool), begun.result())
