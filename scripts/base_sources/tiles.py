"""Vector tiles of a few layers in one PMTiles file, encoded by DuckDB."""

import gzip
import itertools
from collections import defaultdict
from pathlib import Path

import duckdb
import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer

from lindero.geo.geometry.crs import WEB_MERCATOR
from lindero.layers.database.extensions import load_extension

Tile = tuple[int, int, int]  # zoom, column, row

LAST_ZOOM = 8  # clients draw deeper zooms from these tiles
WORLD_M = 2 * 20_037_508.342789244  # the world's width in Web Mercator
PIXELS = 256  # a tile's width on the screen
DETAIL_PIXELS = 0.25  # largest shift by simplification
SMALLEST_PIXELS = 1  # areas and lines shorter than this on the screen are left out
GRID = 4096  # steps of a coordinate in a tile
E7 = 10_000_000  # PMTiles counts degrees in ten-millionths
CENTRE = (-75, -10, 5)  # Peru: longitude, latitude, zoom
MARGIN = 64  # steps drawn beyond the tile's edge, so that outlines do not show it

ENCODE = """
    WITH drawn AS (
        SELECT x, y, number, {fields} ST_AsMVTGeom(
            ST_GeomFromWKB(wkb), ST_Extent(ST_TileEnvelope($zoom, x::INTEGER, y::INTEGER)), {grid}, {margin}, true
        ) AS geom
        FROM piece
    )
    SELECT x, y, ST_AsMVT({{{pairs} 'geom': geom}}, $layer, {grid}, 'geom' ORDER BY number)
    FROM drawn WHERE geom IS NOT NULL GROUP BY x, y
"""


def select_for_zoom(features: gpd.GeoDataFrame, zoom: int) -> gpd.GeoDataFrame:
    """Return the features, in Web Mercator, that are shown at `zoom`, simplified to the resolution of the screen."""
    pixel_m = WORLD_M / 2**zoom / PIXELS
    selected = features if zoom == LAST_ZOOM else features[features["min_zoom"] <= zoom]
    selected = selected.assign(geometry=shapely.simplify(selected.geometry.array, pixel_m * DETAIL_PIXELS))
    extent = selected.geometry.bounds
    size = (extent["maxx"] - extent["minx"]) + (extent["maxy"] - extent["miny"])
    return selected[(size > pixel_m * SMALLEST_PIXELS) | (selected.geom_type == "Point")].reset_index(drop=True)


def split_into_tiles(shapes: np.ndarray, zoom: int) -> pd.DataFrame:
    """Split geometries, in Web Mercator, into the tiles of one zoom, by quartering, so that each clip is cheap.

    Columns: `x`, `y`, `number` (the position of the geometry) and `shape` (its part within the tile), one row per part.
    """
    tiles = {(0, 0): (np.arange(len(shapes)), shapes)}
    for level in range(1, zoom + 1):
        size = WORLD_M / 2**level
        margin = size * MARGIN / GRID
        quarters = {}
        for (x, y), (numbers, geometries) in tiles.items():
            for column, row in itertools.product((2 * x, 2 * x + 1), (2 * y, 2 * y + 1)):
                west, north = column * size - WORLD_M / 2, WORLD_M / 2 - row * size
                bounds = west - margin, north - size - margin, west + size + margin, north + margin
                clipped = shapely.clip_by_rect(geometries, *bounds)
                has_rest = ~shapely.is_empty(clipped)
                if has_rest.any():
                    quarters[column, row] = numbers[has_rest], clipped[has_rest]
        tiles = quarters
    pieces = [pd.DataFrame({"x": x, "y": y, "number": n, "shape": s}) for (x, y), (n, s) in tiles.items()]
    return pd.concat(pieces, ignore_index=True)


def encode_layer(
    con: duckdb.DuckDBPyConnection, layer: str, features: gpd.GeoDataFrame, zoom: int
) -> dict[Tile, bytes]:
    """Encode one layer, in Web Mercator, as vector tiles of one zoom. Empty tiles are left out."""
    if features.empty:
        return {}
    fields = features.columns.drop("geometry")
    pieces = split_into_tiles(features.geometry.to_numpy(), zoom).join(features[fields], on="number")
    con.register("piece", pieces.drop(columns="shape").assign(wkb=shapely.to_wkb(pieces["shape"].to_numpy())))
    query = ENCODE.format(
        fields="".join(f"{name}, " for name in fields),
        pairs="".join(f"'{name}': {name}, " for name in fields),
        grid=GRID,
        margin=MARGIN,
    )
    tiles = con.execute(query, {"zoom": zoom, "layer": layer}).fetchall()
    return {(zoom, x, y): bytes(tile) for x, y, tile in tiles}


def write_tiles(layers: dict[str, gpd.GeoDataFrame], path: Path, *, name: str, attribution: str) -> None:
    """Write layers as a PMTiles file with gzipped vector tiles of zooms 0 to 8.

    Every layer has the column `min_zoom`: the lowest zoom with the feature in its tiles, or, above the last zoom, the
    one at which it is to be drawn. This column and the layer's other columns become the fields of the features.
    """
    tiles: dict[Tile, bytes] = defaultdict(bytes)
    with duckdb.connect(config={"threads": 1}) as con:  # one thread, so that the same input gives the same bytes
        load_extension(con, "spatial")
        projected = {layer: features.to_crs(WEB_MERCATOR) for layer, features in layers.items()}
        for (layer, features), zoom in itertools.product(projected.items(), range(LAST_ZOOM + 1)):
            for tile, encoded in encode_layer(con, layer, select_for_zoom(features, zoom), zoom).items():
                tiles[tile] += encoded  # the layers of a vector tile simply follow each other
    save_archive(tiles, path, layers, {"name": name, "attribution": attribution})


def build_header(bounds: npt.NDArray[np.float64], kind: TileType, compression: Compression) -> dict[str, object]:
    """Return the PMTiles header for tiles within some bounds (west, south, east, north in degrees)."""
    west, south, east, north = (round(degrees * E7) for degrees in bounds)
    longitude, latitude, zoom = CENTRE
    return {
        "tile_type": kind,
        "tile_compression": compression,
        "min_lon_e7": west,
        "min_lat_e7": south,
        "max_lon_e7": east,
        "max_lat_e7": north,
        "center_lon_e7": longitude * E7,
        "center_lat_e7": latitude * E7,
        "center_zoom": zoom,
    }


def save_archive(
    tiles: dict[Tile, bytes], path: Path, layers: dict[str, gpd.GeoDataFrame], metadata: dict[str, object]
) -> None:
    """Write encoded tiles as a PMTiles file, with metadata on their layers."""
    header = build_header(layers["land"].total_bounds, TileType.MVT, Compression.GZIP)
    layer_metadata = [
        {
            "id": layer,
            "minzoom": min(int(features["min_zoom"].min()), LAST_ZOOM),
            "maxzoom": LAST_ZOOM,
            "fields": {
                name: "String" if dtype == "str" else "Number"
                for name, dtype in features.drop(columns="geometry").dtypes.items()
            },
        }
        for layer, features in layers.items()
    ]
    with path.open("wb") as file:
        writer = Writer(file)
        for tile in sorted(tiles, key=lambda tile: zxy_to_tileid(*tile)):
            writer.write_tile(zxy_to_tileid(*tile), gzip.compress(tiles[tile], mtime=0))
        writer.finalize(header, metadata | {"vector_layers": layer_metadata})
