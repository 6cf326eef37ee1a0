"""
Tiles of the low zooms, cut once by a build into a PMTiles file beside the map.

Far out a tile holds much of the map: cutting it takes seconds where there are hundreds of thousands of features. For a
map of fewer it is not worth a build's time, and the server cuts every tile when it is asked for.
"""

import gzip
import mmap
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import local

from pmtiles.reader import Reader
from pmtiles.tile import Compression, TileType, tileid_to_zxy, zxy_to_tileid
from pmtiles.writer import Writer

from layers import questions, store, tile_store
from layers.store import Connection
from layers.tile_store import EXTENT, FIRST_FEATURE_ZOOM, MARGIN, TILE_LAYERS

FEWEST_FEATURES = 100_000
LAST_ZOOM = 8
FORMAT = "1"  # of what a tile says: an archive of another format is not served
COMPRESSION_LEVEL = 6

Progress = Callable[[str, int, int], None]


def write(
    map_file: Path, archive: Path, *, progress: Progress = lambda *_: None, fewest: int = FEWEST_FEATURES
) -> bool:
    """
    Cut the tiles of zooms 0 to `LAST_ZOOM` of a finished map into `archive`: the same bytes for the same map.

    Parameters
    ----------
    fewest
        Features that a map must have; for one of fewer nothing is written.

    Returns
    -------
    bool
        Whether there is an archive.
    """
    con = store.connect(map_file, spatial=True, threads=1)  # by one thread each, so that features keep their order
    try:
        if sum(questions.counts(con).values()) < fewest:
            return False
        ids = _occupied(con)
        if not ids:
            return False
        with archive.open("wb") as file:
            writer = Writer(file)
            for done, (tile_id, data) in enumerate(_cut(con, ids)):
                progress("tiles", done, len(ids))
                if data:
                    writer.write_tile(tile_id, data)
            writer.finalize(_header(con), {"format": FORMAT, "vector_layers": []})
        return True
    finally:
        con.close()


def compressed(data: bytes) -> bytes:
    """Compress a tile, the same way every time."""
    return gzip.compress(data, compresslevel=COMPRESSION_LEVEL, mtime=0)


class Archive:
    """An archive of tiles, to be read by many threads."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            self._mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._reader = Reader(lambda offset, length: self._mapped[offset : offset + length])
        self.last_zoom = LAST_ZOOM if self._reader.metadata().get("format") == FORMAT else -1

    def tile(self, z: int, x: int, y: int) -> bytes | None:
        """Give a tile, compressed by gzip; None if nothing is there."""
        found: bytes | None = self._reader.get(z, x, y)
        return found


def beside(map_file: Path) -> Path:
    """Give the path of a map's archive, which a map of few features does not have."""
    return map_file.with_suffix(".pmtiles")


def _cut(con: Connection, ids: list[int]) -> Iterator[tuple[int, bytes]]:
    """Cut tiles in order, as many at once as the machine has cores."""
    of_thread = local()

    def one(tile_id: int) -> tuple[int, bytes]:
        if not hasattr(of_thread, "cursor"):
            of_thread.cursor = store.cursor(con)
        data = tile_store.tile(of_thread.cursor, *tileid_to_zxy(tile_id))
        return tile_id, compressed(data) if data else b""

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield from pool.map(one, ids)


def _occupied(con: Connection) -> list[int]:
    """Ids of the tiles that features may lie in, in the archive's order."""
    boxes = " UNION ALL ".join(
        f"SELECT xmin, ymin, xmax, ymax FROM {layer.name}"
        f" WHERE xmin IS NOT NULL AND {questions.CURRENT} AND {layer.only}"
        for layer in TILE_LAYERS
    )
    ids: set[int] = set()
    for z in range(LAST_ZOOM + 1):
        margin = MARGIN / EXTENT if z >= FIRST_FEATURE_ZOOM else 0.0
        found = con.execute(
            f"""
            WITH spans AS (
                SELECT DISTINCT
                    greatest(floor((xmin + 180) / 360 * $side - $margin), 0)::INTEGER AS west,
                    least(floor((xmax + 180) / 360 * $side + $margin), $side - 1)::INTEGER AS east,
                    greatest(floor({_row("ymax")} * $side - $margin), 0)::INTEGER AS north,
                    least(floor({_row("ymin")} * $side + $margin), $side - 1)::INTEGER AS south
                FROM ({boxes})
            ), columns AS (SELECT unnest(range(west, east + 1)) AS x, north, south FROM spans)
            SELECT DISTINCT x, unnest(range(north, south + 1)) AS y FROM columns
            """,
            {"side": 2**z, "margin": margin},
        ).fetchall()
        ids.update(zxy_to_tileid(z, x, y) for x, y in found)
    return sorted(ids)


def _row(latitude: str) -> str:
    """Give the row on Web Mercator as SQL, from 0 in the north to 1 in the south."""
    return f"(1 - asinh(tan(radians(least(greatest({latitude}, -85.05), 85.05)))) / pi()) / 2"


def _header(con: Connection) -> dict[str, object]:
    west, south, east, north = questions.extent(con) or store.WORLD
    edges = {"min_lon_e7": west, "min_lat_e7": south, "max_lon_e7": east, "max_lat_e7": north}
    middle = {"center_lon_e7": (west + east) / 2, "center_lat_e7": (south + north) / 2}
    return {
        "tile_type": TileType.MVT,
        "tile_compression": Compression.GZIP,
        "center_zoom": FIRST_FEATURE_ZOOM,
        **{name: round(degrees * 1e7) for name, degrees in {**edges, **middle}.items()},
    }
