"""Building of all tiles of a map, zoom by zoom from the closest.

The map is read once, in strips of columns. Each zoom is built from the simplified geometry of the closer zoom, which
then releases it strip by strip.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import replace

import numpy as np
import pyarrow as pa
import shapely
from pmtiles.tile import zxy_to_tileid

from lindero.layers.database.map_database import CURRENT, Connection
from lindero.layers.tiles import clip, tile_query
from lindero.layers.tiles.clip import MARGIN, GridValues
from lindero.layers.tiles.tile_query import FIRST_FEATURE_ZOOM, TILE_LAYERS, TileFeatures

VERTICES_AT_ONCE = 2_000_000  # vertices read or clipped at once: each takes about two hundred bytes
_LEAST = 40  # minimum vertices counted for a shape, because small shapes take memory, too

Tiles = dict[int, bytes]
"""The tiles of one zoom by their ids in PMTiles' order; none is empty."""


def build_tiles(con: Connection, last_zoom: int) -> Iterator[Tiles]:
    """Yield the tiles of every zoom from `last_zoom` to 0, equal to those of `layers.tiles.tile_query.build_tile`."""
    tiles, strips = _build_closest_zoom(con, last_zoom)
    yield tiles
    for z in range(last_zoom - 1, FIRST_FEATURE_ZOOM - 1, -1):
        for strip in strips:
            strip[:] = [shown.simplify_for_zoom(z) for shown in strip]
        yield _build_layers(con, _join_strips(strips), z, (0, 2**z - 1))
    for z in range(FIRST_FEATURE_ZOOM - 1, -1, -1):
        yield {zxy_to_tileid(z, x, y): data for x, y, data in tile_query.build_count_tiles(con, z, ())}


def build_zooms(con: Connection, layers: list[TileFeatures], zooms: range) -> Iterator[Tiles]:
    """Yield the tiles of features that are already in memory, zoom by zoom from the closest.

    Features are shown at every zoom; there are no tiles of counts.
    """
    simplified = layers
    for z in reversed(zooms):
        simplified = [shown.simplify_for_zoom(z) for shown in simplified]
        yield _build_layers(con, simplified, z, (0, 2**z - 1))


def build_zoom(con: Connection, layers: list[TileFeatures], z: int, left_out: Collection[str]) -> Tiles:
    """Build the tiles of one zoom from layers in memory, equal to those of `layers.tiles.tile_query.build_tile`.

    `layers`: the features of all layers in `TILE_LAYERS`, from `tile_query.read_features`, not simplified. They are not
    changed. `z`: the zoom. Below `FIRST_FEATURE_ZOOM` the tiles contain counts, which are read from the map.
    """
    if z < FIRST_FEATURE_ZOOM:
        return {zxy_to_tileid(z, x, y): data for x, y, data in tile_query.build_count_tiles(con, z, left_out)}
    return _build_layers(con, [shown.simplify_for_zoom(z) for shown in layers], z, (0, 2**z - 1))


def _build_closest_zoom(con: Connection, z: int) -> tuple[Tiles, list[list[TileFeatures]]]:
    """Build the tiles of the closest zoom.

    The features of each strip are returned too, layer by layer, simplified for the next zoom.
    """
    tiles: Tiles = {}
    strips: list[list[TileFeatures]] = []
    for columns in _column_strips(con, z):
        west, east = ((column / 2**z) * 360 - 180 for column in (columns[0] - MARGIN, columns[1] + 1 + MARGIN))
        layers = [tile_query.read_features(con, layer, (west, -90, east, 90)) for layer in TILE_LAYERS]
        tiles |= _build_layers(con, layers, z, columns)
        strips.append([_starting_features(shown, z, columns).simplify_for_zoom(z - 1) for shown in layers])
    return tiles, strips


def _starting_features(features: TileFeatures, z: int, columns: tuple[int, int]) -> TileFeatures:
    """Return the features that start in a strip of columns. Others belong to an earlier strip."""
    start_column = np.floor((features.table["xmin"].to_numpy() + 180) / 360 * 2**z)
    return features.take(np.flatnonzero((start_column >= columns[0]) & (start_column <= columns[1])))


def _join_strips(strips: list[list[TileFeatures]]) -> list[TileFeatures]:
    return [
        replace(
            parts[0],
            table=pa.concat_tables([part.table for part in parts]),
            shapes=np.concatenate([part.shapes for part in parts]),
        )
        for parts in zip(*strips, strict=True)
    ]


def _build_layers(con: Connection, layers: list[TileFeatures], z: int, columns: tuple[int, int]) -> Tiles:
    tiles: defaultdict[int, bytes] = defaultdict(bytes)
    for shown in layers:
        position, x, y = clip.pair_with_tiles(shown.shapes, z, columns)
        ends = _chunk_ends(x, y, np.asarray(shapely.get_num_coordinates(shown.shapes), dtype=np.int64)[position])
        for begin, end in zip([0, *ends], ends, strict=False):
            chunk = slice(begin, end)
            for at_x, at_y, data in tile_query.encode_features(con, shown, z, (position[chunk], x[chunk], y[chunk])):
                tiles[zxy_to_tileid(z, at_x, at_y)] += data
    return dict(tiles)


def _chunk_ends(x: GridValues, y: GridValues, vertex_counts: GridValues) -> list[int]:
    """Return where to split pairs of geometry and tile into chunks with a limited number of vertices.

    Pairs are only split between tiles.
    """
    if not len(x):
        return []
    begins = np.flatnonzero((np.diff(x, prepend=-1) != 0) | (np.diff(y, prepend=-1) != 0))
    number = np.cumsum(np.maximum(vertex_counts, _LEAST))[begins] // VERTICES_AT_ONCE
    return [*begins[np.flatnonzero(np.diff(number)) + 1].tolist(), len(x)]


def _column_strips(con: Connection, z: int) -> list[tuple[int, int]]:
    """Split the tile columns into strips (first and last column), so that each has a limited number of vertices."""
    vertex_sql = f"greatest(octet_length(ST_AsWKB(geometry)) // 16, {_LEAST})"  # 16 bytes per vertex
    boxes = " UNION ALL ".join(
        f"SELECT xmin, {vertex_sql} AS vertices FROM {layer.name} WHERE {CURRENT} AND {layer.only}"
        for layer in TILE_LAYERS
    )
    counted = con.execute(f"""
        SELECT floor((xmin + 180) / 360 * {2**z})::INTEGER AS x, sum(vertices)::BIGINT FROM ({boxes})
        WHERE xmin IS NOT NULL GROUP BY x ORDER BY x
    """).fetchall()
    begins, vertices = [0], 0
    for x, count in counted:
        if vertices and vertices + count > VERTICES_AT_ONCE:
            begins.append(x)
            vertices = 0
        vertices += count
    return [(begin, end - 1) for begin, end in zip(begins, [*begins[1:], 2**z], strict=True)]
