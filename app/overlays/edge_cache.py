"""
The edges of a map's layers, kept beside the map: what lies near a place is told without an outline being read.

The file is opened for one answer and let go of: what is looked at in it does not stay in the memory of a server. If it
is absent or stale, which is no error, or damaged, which is told, the rows round the place are read and their edges
indexed anew. Before an answer, all that is short of it is held to its checksums, and of the long arrays what the answer
needs.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from lindero.app.overlays import damage
from lindero.geo import near
from lindero.geo.geometry.chunks import parts_of
from lindero.geo.geometry.projection import Ints
from lindero.geo.machine import machine
from lindero.geo.near.box_index import BoxIndex
from lindero.geo.near.edge_index import EdgeIndex
from lindero.geo.near.nearest import nearest
from lindero.geo.near.window import window
from lindero.layers.database import map_database, memmap
from lindero.layers.database.map_database import Connection
from lindero.layers.database.memmap import Held
from lindero.layers.errors import DamagedMapError
from lindero.layers.model.identity import of_versions, versions
from lindero.layers.model.layer import Layer
from lindero.layers.model.schema import LAYERS

VERSION = 2  # of `geo.near.edge_index.EdgeIndex`, and of what its rows are called
AT_ONCE = 1_024  # rows read together: of long outlines half a million corners

_LAYERS = sorted(layer.name for layer in LAYERS.values() if layer.has_geometry)
_NAMES = pd.Series(_LAYERS, dtype=str).array
_LONG = ("ball", "corner")
_OF_INDEX = ("rank", "is_area", "holds_pole", "first_run", "first_corner", "ball", "corner")


@dataclass(frozen=True)
class KeptEdges:
    """The edges of a map's rows: of every layer that has geometry, and of every snapshot."""

    ids: pa.LargeStringArray  # of versions
    layer: npt.NDArray[np.uint8]  # positions in `_LAYERS`
    is_current: npt.NDArray[np.bool_]
    index: EdgeIndex
    held: Held

    def near(
        self, layers: Sequence[Layer], *, lat: float, lon: float, within_km: float, every_snapshot: bool
    ) -> pd.DataFrame:
        """
        Do as `near_on` does.

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
        layer, ids = _NAMES.take(self.layer[found.at]), self.ids.take(pa.array(found.at)).to_pandas().array
        return of_versions(found.table(layer=layer, id=ids))

    def _hold(self, at: Ints) -> None:
        begin, end = self.index.first_run[at], self.index.first_run[at + 1]
        self.held.hold_rows("ball", begin, end)
        self.held.hold_rows("corner", self.index.first_corner[begin], self.index.first_corner[end])


def beside(map_file: Path) -> Path:
    """Path of what is kept of the edges of a map."""
    return map_file.with_suffix(".edges")


def write(map_file: Path, *, digest: str) -> Path:
    """Keep the edges of all layers of a finished map beside it, by its digest; returns the file."""
    con = map_database.connect(map_file, memory=f"{machine().database_mb}MB")
    try:
        memmap.write(beside(map_file), _taken(con, map_file.parent), about=_about(digest))
    finally:
        con.close()
    return beside(map_file)


def kept(con: Connection) -> KeptEdges | None:
    """Give what is kept of the edges of the map that a connection reads."""
    file = map_database.file_of(con)
    try:
        held = None if file is None else memmap.read(beside(file), about=_about(file.stem.rpartition("-")[2]))
        if held is None:
            return None
        held.hold(*(name for name in held if name not in _LONG))
    except DamagedMapError as error:
        damage.notice(error)
        return None
    # What is taken of the ids is copied: answers may outlive the file.
    buffers = (pa.py_buffer(held[name]) for name in ("ids_at", "ids"))
    ids = pa.LargeStringArray.from_buffers(len(held["layer"]), *buffers)
    index = EdgeIndex(BoxIndex(held["boxes"], held["around"]), **{name: held[name] for name in _OF_INDEX})
    return KeptEdges(ids, held["layer"], held["is_current"], index, held)


def near_on(
    con: Connection,
    layers: Sequence[Layer],
    *,
    lat: float,
    lon: float,
    within_km: float,
    every_snapshot: bool = False,
) -> pd.DataFrame:
    """
    List the rows of layers of a map within a distance of a point, the nearest first.

    Columns: `layer`, those of `geo.near`, and `snapshot_on`. Equally near ones in the order of layer and id.
    """
    at = {"lat": lat, "lon": lon, "within_km": within_km}
    edges = kept(con)
    if edges is not None:
        try:
            return edges.near(layers, **at, every_snapshot=every_snapshot)
        except DamagedMapError as error:
            damage.notice(error)
    bounds = window(lon, lat, within_km)
    rows = [map_database.read_layer(con, layer, bounds=bounds, every_snapshot=every_snapshot) for layer in layers]
    parts = [near(lon, lat, some.assign(id=versions(some)), within_km=within_km) for some in rows]
    named = [part.assign(layer=layer.name) for layer, part in zip(layers, parts, strict=True)]
    return of_versions(pd.concat(named).sort_values(["distance_m", "layer", "id"], ignore_index=True))


def _about(digest: str) -> dict[str, object]:
    return {"what": "lindero edges", "version": VERSION, "layers": _LAYERS, "map": digest[:12]}


def _taken(con: Connection, folder: Path) -> dict[str, npt.NDArray[np.generic]]:
    """Index all rows, part by part, of which the long arrays go to the disk as they come."""
    ids, layer, is_current = [pa.array([], pa.large_string())], [np.empty(0, np.uint8)], [np.empty(0, dtype=bool)]
    nothing = EdgeIndex.of(np.empty(0, dtype=object))
    short, ball, corner = [nothing], memmap.Growing(folder), memmap.Growing(folder)
    ball.add(nothing.ball)
    corner.add(nothing.corner)
    for code, rows, index in _indexed(con):
        ids.append(pa.array(rows["id"], pa.large_string()))
        layer.append(np.full(len(rows), code, np.uint8))
        is_current.append(rows["is_current"].to_numpy(dtype=bool))
        ball.add(index.ball)
        corner.add(index.corner)
        short.append(replace(index, ball=nothing.ball, corner=nothing.corner))
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


def _indexed(con: Connection) -> Iterator[tuple[int, gpd.GeoDataFrame, EdgeIndex]]:
    """Give all rows in parts, each with its layer's position in `_LAYERS` and its edges; few are under way at once."""
    threads = machine().cores
    begun: deque[tuple[int, gpd.GeoDataFrame, Future[EdgeIndex]]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        for code, rows in _read(con):
            begun.append((code, rows, pool.submit(EdgeIndex.of, rows.geometry.to_numpy())))
            if len(begun) > threads:
                yield _ended(*begun.popleft())
        yield from (_ended(*one) for one in begun)


def _read(con: Connection) -> Iterator[tuple[int, gpd.GeoDataFrame]]:
    for code, name in enumerate(_LAYERS):
        for rows in map_database.read_shapes(con, LAYERS[name], at_once=AT_ONCE):
            for part in parts_of(rows.geometry.to_numpy()):
                yield code, rows.iloc[part]


def _ended(code: int, rows: gpd.GeoDataFrame, begun: "Future[EdgeIndex]") -> tuple[int, gpd.GeoDataFrame, EdgeIndex]:
    return code, rows, begun.result()
