"""Tiles that a build writes once to a PMTiles file beside the map.

At small zooms a tile contains much of the map, and at large zooms it needs the outlines of whole territories. Cutting
one tile takes up to seconds where there are hundreds of thousands of features. Beyond `LAST_ZOOM` the browser enlarges
the tiles. For a map with few features the archive is not worth the build time, and the server cuts each tile on
request.
"""

import gzip
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import lru_cache
from pathlib import Path

from pmtiles.reader import Reader
from pmtiles.tile import Compression, Entry, TileType, deserialize_directory, find_tile, zxy_to_tileid
from pmtiles.writer import Writer

from lindero.layers.database import map_database, map_writer
from lindero.layers.database.map_database import Connection
from lindero.layers.database.queries import map_queries
from lindero.layers.disk import checksums
from lindero.layers.disk.checksums import CheckedFile
from lindero.layers.tiles import pyramid
from lindero.layers.tiles.clip import FINE_ZOOM
from lindero.layers.tiles.tile_content import header_bounds
from lindero.layers.tiles.tile_query import FIRST_FEATURE_ZOOM

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
    con = map_database.connect(map_file, spatial=True, threads=threads, memory=memory)
    try:
        with archive.open("wb") as file, ThreadPoolExecutor(threads) as pool:
            writer = Writer(file)
            for zooms_done, tiles in enumerate(pyramid.build_tiles(con, LAST_ZOOM)):
                progress("tiles", zooms_done, LAST_ZOOM + 1)
                ids = sorted(tiles)
                for tile_id, data in zip(ids, pool.map(compress, map(tiles.__getitem__, ids)), strict=True):
                    writer.write_tile(tile_id, data)
            writer.finalize(_header(con), {"format": FORMAT, "vector_layers": []})
        checksums.append_checksums(archive)  # after the part that readers of PMTiles use
        return True
    finally:
        con.close()


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
