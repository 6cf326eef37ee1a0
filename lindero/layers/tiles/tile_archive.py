"""Tiles that a build writes once to a PMTiles file beside the map.

At small zooms a tile contains much of the map, and at large zooms it needs the outlines of whole territories. Cutting
one tile takes up to seconds where there are hundreds of thousands of features. Beyond `LAST_ZOOM` the browser enlarges
the tiles. For a map with few features the archive is not worth the build time, and the server cuts each tile on
request.
"""

import gzip
import shutil
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

import duckdb
import pandas as pd
from pmtiles.reader import Reader
from pmtiles.tile import Compression, Entry, TileType, deserialize_directory, find_tile, zxy_to_tileid
from pmtiles.writer import Writer

from lindero.layers.database import map_database, map_writer
from lindero.layers.database.map_database import Connection
from lindero.layers.database.queries import map_queries
from lindero.layers.disk import checksums
from lindero.layers.disk.checksums import CheckedFile
from lindero.layers.tiles import pyramid, tile_query
from lindero.layers.tiles.clip import FINE_ZOOM
from lindero.layers.tiles.tile_content import header_bounds, split_layers
from lindero.layers.tiles.tile_query import FIRST_FEATURE_ZOOM, TILE_LAYERS

FEWEST_FEATURES = 50_000
LAST_ZOOM = FINE_ZOOM
KEPT_DIRECTORIES = 32  # reading one takes milliseconds, and the package's own reader repeats it for every tile
FORMAT = "2"  # of the tile content; an archive of another format is not served
COMPRESSION_LEVEL = 6

Progress = Callable[[str, int, int], None]


def write_archive(
    map_file: Path,
    archive: Path,
    *,
    previous: Path | None = None,
    progress: Progress = lambda *_: None,
    features: int | None = None,
    fewest: int = FEWEST_FEATURES,
    threads: int | None = None,
    memory: str = map_writer.MEMORY,
) -> bool:
    """Write the tiles of zooms 0 to `LAST_ZOOM` of a finished map to `archive`. The same map gives the same bytes.

    `threads`, `memory`: the resources to use; by default those of the machine. `memory` ("512MB") is the limit of the
    database.
    """
    if features is None:
        with closing(map_database.connect(map_file)) as con:
            features = count_features(con)
    if features < max(fewest, 1):
        return False  # loading the spatial functions takes longer than building a small map
    earlier = None if previous is None else _EarlierTiles.from_map(previous, map_file, archive.suffix)
    if earlier is not None and not earlier.changed:
        shutil.copyfile(earlier.path, archive)
        return True
    con = map_database.connect(map_file, spatial=True, threads=threads, memory=memory)
    try:
        with archive.open("wb") as file, ThreadPoolExecutor(threads) as pool:
            writer = Writer(file)
            zooms = pyramid.build_tiles(con, LAST_ZOOM, earlier.changed if earlier else None)
            for zooms_done, tiles in enumerate(zooms):
                progress("tiles", zooms_done, LAST_ZOOM + 1)
                merged = earlier.merge(LAST_ZOOM - zooms_done, tiles) if earlier else _compress_later(tiles)
                for tile_id, data in zip(merged, pool.map(lambda make: make(), merged.values()), strict=True):
                    if data:
                        writer.write_tile(tile_id, data)
            writer.finalize(_header(con), {"format": FORMAT, "vector_layers": []})
        checksums.append_checksums(archive)  # after the part that readers of PMTiles use
        return True
    finally:
        con.close()


@dataclass(frozen=True)
class _EarlierTiles:
    """The tiles of an earlier map, and the bounds of the features that differ from it, by tile layer."""

    path: Path
    archive: "Archive"
    changed: pyramid.ChangedBoxes

    @classmethod
    def from_map(cls, previous: Path, map_file: Path, suffix: str) -> "_EarlierTiles | None":
        """Compare two maps. None if no tiles of the earlier one can be used."""
        path = previous.with_suffix(suffix)
        if not path.is_file() or (archive := Archive(path)).last_zoom != LAST_ZOOM:
            return None
        try:
            before, now = (_hash_features(map_) for map_ in (previous, map_file))
        except (duckdb.BinderException, duckdb.CatalogException):  # the earlier map lacks a column or a table
            return None
        rows = {name: pd.concat([before[name], now[name]]).drop_duplicates(keep=False) for name in now}
        boxes = {name: differing.iloc[:, 1:].to_numpy() for name, differing in rows.items() if len(differing)}
        return cls(path, archive, boxes)

    def merge(self, z: int, tiles: pyramid.Tiles) -> "PackedTiles":
        """Replace the changed layers of changed tiles by those of `tiles`, and copy everything else."""
        if z < FIRST_FEATURE_ZOOM:
            return _compress_later(tiles)
        changed = {zxy_to_tileid(z, x, y) for x, y in pyramid.find_changed_tiles(self.changed, z).tolist()}
        stored = self.archive.list_tiles(zxy_to_tileid(z, 0, 0), zxy_to_tileid(z + 1, 0, 0))
        return {
            tile_id: partial(self._merge_tile, tile_id, tiles.get(tile_id, b""))
            if tile_id in changed
            else partial(self.archive.read_tile, tile_id)
            for tile_id in sorted({*stored, *tiles})
        }

    def _merge_tile(self, tile_id: int, data: bytes) -> bytes:
        packed = self.archive.read_tile(tile_id)
        stored = split_layers(gzip.decompress(packed)) if packed else {}
        kept = {name: layer for name, layer in stored.items() if name not in self.changed}
        layers = kept | split_layers(data)
        merged = b"".join(layers[layer.name] for layer in TILE_LAYERS if layer.name in layers)
        return compress(merged) if merged else b""


PackedTiles = Mapping[int, Callable[[], bytes | None]]
"""For each tile, by id in ascending order, a function that returns it as it is stored; empty if there is none."""


def _compress_later(tiles: pyramid.Tiles) -> PackedTiles:
    return {tile_id: partial(compress, tiles[tile_id]) for tile_id in sorted(tiles)}


def _hash_features(map_file: Path) -> dict[str, pd.DataFrame]:
    with closing(map_database.connect(map_file)) as con:
        return tile_query.hash_features(con)


def count_features(con: Connection) -> int:
    """Count the features of the layers that a map draws, also without a place, to decide on an archive of tiles."""
    return sum(map_queries.count_features(con).values())


def compress(data: bytes) -> bytes:
    """Compress a tile with gzip; equal tiles give equal bytes."""
    return gzip.compress(data, compresslevel=COMPRESSION_LEVEL, mtime=0)


class TileReader:
    """A PMTiles archive with a cache of its directories, because parsing one takes 10 ms."""

    def __init__(self, read: Callable[[int, int], bytes]) -> None:
        """Initialize with `read`, which returns bytes of the archive by offset and length."""
        self._bytes = read
        self._header = Reader(read).header()
        self._directory = lru_cache(KEPT_DIRECTORIES)(self._read_directory)

    def tile(self, z: int, x: int, y: int) -> bytes | None:
        """Return a tile as it is stored; None if there is no such tile."""
        return self.read_tile(zxy_to_tileid(z, x, y))

    def read_tile(self, tile_id: int) -> bytes | None:
        """Return a tile by its PMTiles id."""
        offset, length = self._header["root_offset"], self._header["root_length"]
        while (entry := find_tile(self._directory(offset, length), tile_id)) is not None:
            if entry.run_length:
                return self._bytes(self._header["tile_data_offset"] + entry.offset, entry.length)
            offset, length = self._header["leaf_directory_offset"] + entry.offset, entry.length
        return None

    def list_tiles(self, first: int, end: int) -> Iterator[int]:
        """Yield the PMTiles ids of the tiles from `first` to before `end`."""
        directories = [(self._header["root_offset"], self._header["root_length"])]
        for offset, length in directories:
            entries = self._directory(offset, length)
            for entry, following in zip(entries, [*entries[1:], None], strict=True):
                if entry.run_length:
                    yield from range(max(entry.tile_id, first), min(entry.tile_id + entry.run_length, end))
                elif entry.tile_id < end and (following is None or following.tile_id > first):
                    directories.append((self._header["leaf_directory_offset"] + entry.offset, entry.length))

    def _read_directory(self, offset: int, length: int) -> list[Entry]:
        return list(deserialize_directory(self._bytes(offset, length)))


class Archive(TileReader):
    """The gzip-compressed tiles of a map, readable by many threads."""

    def __init__(self, path: Path) -> None:
        # Read, not memory-mapped: mapped pages that were read count as memory of the process, in the end all of them.
        super().__init__(CheckedFile(path).read)
        self.last_zoom = LAST_ZOOM if Reader(self._bytes).metadata().get("format") == FORMAT else -1


def _header(con: Connection) -> dict[str, object]:
    return {
        "tile_type": TileType.MVT,
        "tile_compression": Compression.GZIP,
        "center_zoom": FIRST_FEATURE_ZOOM,
        **header_bounds(map_queries.extent(con) or map_database.WORLD),
    }
