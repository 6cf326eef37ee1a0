"""Shaded relief of the background map: how much lighter or darker each point is than the ground around it.

The source image also shows elevation colours and water. Only light and shadow are kept, in grey, so that pages can lay
the relief over ground of any colour.
"""

import io
import itertools
from pathlib import Path

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer
from scipy.ndimage import gaussian_filter, map_coordinates
from shapely import get_coordinates, get_exterior_ring, get_interior_ring, get_num_interior_rings, get_parts

from scripts.base_sources.tiles import PIXELS, Tile, build_header

Grey = NDArray[np.float32]

FIRST_ZOOM, LAST_ZOOM = 3, 6  # closer in, a pixel of the image would be too large
AROUND_PX = 12  # pixels of the image: the surroundings that a pixel is compared with
STRENGTH = 1.6
NEUTRAL = 128  # grey that leaves the map below unchanged
QUALITY = 55
Image.MAX_IMAGE_PIXELS = 200_000_000  # the world at two minutes of arc


def build_relief_tiles(image: Path, land: gpd.GeoSeries) -> dict[Tile, bytes]:
    """Split the relief of some land into WebP tiles of Web Mercator.

    `image`: shaded relief of the whole world in degrees, north up, in a file that Pillow can read. `land`: polygons in
    OGC:CRS84. There is no relief outside them.
    """
    with Image.open(image) as opened:
        lightness = np.asarray(opened.convert("L"), dtype=np.float32)
    mask = _rasterize(land, lightness.shape[1], lightness.shape[0])
    shade = _shade_relief(lightness, mask)
    west, south, east, north = land.total_bounds
    images = {}
    for zoom in range(FIRST_ZOOM, LAST_ZOOM + 1):
        (first_x, first_y), (last_x, last_y) = _tile_address(west, north, zoom), _tile_address(east, south, zoom)
        for x, y in itertools.product(range(first_x, last_x + 1), range(first_y, last_y + 1)):
            grey = _sample_tile(shade, zoom, x, y)
            if (grey != NEUTRAL).any():
                images[zoom, x, y] = _encode_webp(grey)
    return images


def write_relief(images: dict[Tile, bytes], path: Path, land: gpd.GeoSeries, *, attribution: str) -> None:
    """Write the relief tiles of some land as a PMTiles file."""
    header = build_header(land.total_bounds, TileType.WEBP, Compression.NONE)
    with path.open("wb") as file:
        writer = Writer(file)
        for number, tile in sorted((zxy_to_tileid(*tile), tile) for tile in images):
            writer.write_tile(number, images[tile])
        writer.finalize(header, {"name": "Lindero relief", "attribution": attribution})


def _rasterize(land: gpd.GeoSeries, wide: int, high: int) -> Grey:
    """Draw polygons as 1 on an image of the world."""
    raster = Image.new("1", (wide, high))
    pen = ImageDraw.Draw(raster)
    for part in get_parts(land.to_numpy()):
        rings = [
            get_exterior_ring(part),
            *(get_interior_ring(part, number) for number in range(get_num_interior_rings(part))),
        ]
        for number, ring in enumerate(rings):
            pixels = (get_coordinates(ring) * (1, -1) + (180, 90)) * wide / 360
            pen.polygon([tuple(pixel) for pixel in pixels.tolist()], fill=number == 0)
    return np.asarray(raster, dtype=np.float32)


def _shade_relief(lightness: Grey, mask: Grey) -> Grey:
    """Compare each point with the land around it.

    The result is grey around `NEUTRAL`, and `NEUTRAL` outside the land.
    """
    around = gaussian_filter(lightness * mask, AROUND_PX) / np.maximum(gaussian_filter(mask, AROUND_PX), 1e-3)
    contrast = (lightness / np.maximum(around, 1) - 1) * STRENGTH
    return np.where(mask > 0, np.clip(NEUTRAL * (1 + contrast), 0, 255), NEUTRAL).astype(np.float32)


def _tile_address(longitude: float, latitude: float, zoom: int) -> tuple[int, int]:
    """Return column and row of the tile that contains a position."""
    tangent = np.tan(np.pi / 4 + np.radians(latitude) / 2)
    return int((longitude + 180) / 360 * 2**zoom), int((1 - np.log(tangent) / np.pi) / 2 * 2**zoom)


def _sample_tile(shade: Grey, zoom: int, x: int, y: int) -> NDArray[np.uint8]:
    """Sample one tile from the image, point by point."""
    steps = (np.arange(PIXELS) + 0.5) / PIXELS
    longitudes = (x + steps) / 2**zoom * 360 - 180
    latitudes = np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * (y + steps) / 2**zoom))))
    scale = shade.shape[1] / 360
    rows, columns = (90 - latitudes) * scale - 0.5, (longitudes + 180) * scale - 0.5
    places = np.meshgrid(rows, columns, indexing="ij")
    sampled = map_coordinates(shade, places, order=1, mode="constant", cval=NEUTRAL)
    return np.asarray(np.rint(sampled), dtype=np.uint8)


def _encode_webp(grey: NDArray[np.uint8]) -> bytes:
    file = io.BytesIO()
    Image.fromarray(grey).convert("RGB").save(file, "WEBP", quality=QUALITY, method=6)
    return file.getvalue()
