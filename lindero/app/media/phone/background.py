"""The background of a pocket map.

It shows land, borders, waters and places of the built-in base data. It can also show tiles of the operator's own
background around the place, up to the zoom that fits.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import shapely
from pmtiles.tile import zxy_to_tileid

from lindero.app.answers.place.spot import BASE
from lindero.app.media.files.formats.map_package import tile_range
from lindero.app.media.phone.grid_outlines import COARSE_DEGREES, Frame, clip_to_frame, encode_outline
from lindero.app.media.phone.site_parts import deflate, encode_json, inflate
from lindero.layers.errors import DamagedError
from lindero.layers.reference import base_data
from lindero.layers.reference.known_projects import KIND, load_projects
from lindero.layers.tiles.background_archive import Background
from lindero.layers.tiles.tile_content import MEDIA_TYPES, check_tile, unpack

if TYPE_CHECKING:
    import pandas as pd

SIMPLIFY_TOLERANCES = {
    "land": 0.0005,
    "borders": 0.0005,
    "rivers": 0.0003,
    "lakes": 0.0003,
}  # degrees; the data: kilometres
TOLERANCE_FACTORS = (1, 4, 10, 20, 40, 80)  # factors of simplification
MOST_PLACES = 4_000  # of a region, the largest first
KEYS = {"title", "attribution", "form", "first", "last", "is_cut", "tiles"}
FRAME_SHARE = 0.5  # of the room, for levels of the whole frame; the rest is for the ground of the place
PACKING_FACTOR = 1.04  # size of a tile in the packed page, relative to its text
MOST_TILES = 3_000  # of a level; larger levels have no room
Tiles = dict[int, tuple[int, str]]


def fit_background(frame: Frame, max_bytes: int) -> dict[str, Any]:
    """Return the finest background that takes at most `max_bytes` bytes in a page; the coarsest if none is so small."""
    for times in TOLERANCE_FACTORS:
        areas = background_areas(frame, times=times)
        if len(encode_json(areas)[1]) <= max_bytes:
            break
    return areas


def background_areas(frame: Frame, *, times: int = 1) -> dict[str, Any]:
    """Encode land and lakes as areas, and department borders and rivers as lines, on a grid of one metre."""
    shapes = {
        "land": base_data.load_countries().geometry,
        "borders": base_data.load_regions().geometry.boundary,
        "rivers": base_data.load_rivers().geometry,
        "lakes": base_data.load_lakes().geometry,
    }
    return {
        name: _encode_shapes(geometries, frame, SIMPLIFY_TOLERANCES[name] * times)
        for name, geometries in shapes.items()
    }


def list_places(frame: Frame, *, max_places: int | None = MOST_PLACES) -> list[dict[str, Any]]:
    """List the places in a frame, the largest first.

    Columns: `name`, `kind`, `around` (the areas that contain it), `at`, `size`.
    """
    countries = base_data.load_countries().set_index("code")[["name", "name_es"]].agg(", ".join, axis=1)
    towns, provinces = (
        rows.cx[frame[0] : frame[2], frame[1] : frame[3]].reset_index(drop=True)
        for rows in (base_data.load_places(), base_data.load_provinces())
    )
    return [
        *_place_entries(towns.head(max_places or len(towns)), "locality", ["province", "region"], countries),
        *_place_entries(provinces, "province", ["region"], countries),
    ]


def iter_regions(frame: Frame) -> Iterator[dict[str, Any]]:
    """Yield the regions that intersect a frame, as entries for the client's name search."""
    regions = base_data.load_regions()
    rows = regions[shapely.intersects(regions.geometry.to_numpy(), shapely.box(*frame))]
    points = shapely.get_coordinates(shapely.point_on_surface(rows.geometry.to_numpy())).tolist()
    for code, name, (lon, lat) in zip(rows["code"], rows["name"], points, strict=True):
        yield _name_entry(str(name), "region", lon, lat) | {"layer": BASE, "id": str(code)}


def iter_projects(frame: Frame) -> Iterator[dict[str, Any]]:
    """Yield the mining projects in a frame that are known by a name."""
    for project in load_projects():
        lon, lat = project.longitude, project.latitude
        if frame[0] <= lon <= frame[2] and frame[1] <= lat <= frame[3]:
            around = {"around": f"{project.province}, {project.region}", "also": list(project.other_names)}
            yield _name_entry(project.name, KIND, lon, lat) | around


def _name_entry(name: str, kind: str, lon: float, lat: float) -> dict[str, Any]:
    return {"name": name, "kind": kind, "around": "", "at": [round(lon, 4), round(lat, 4)], "size": 0}


def _encode_shapes(shapes: gpd.GeoSeries, frame: Frame, tolerance: float) -> dict[str, Any] | None:
    inside = gpd.GeoSeries(shapes[shapes.intersects(shapely.box(*frame))])
    simplified = shapely.simplify(inside.to_numpy(), tolerance)
    return encode_outline(
        shapely.GeometryCollection([clipped for shape in simplified if (clipped := clip_to_frame(shape, frame))]),
        frame,
        COARSE_DEGREES,
    )


def _place_entries(
    rows: gpd.GeoDataFrame, kind: str, within: list[str], countries: "pd.Series[str]"
) -> list[dict[str, Any]]:
    around = [rows[column].fillna("").astype(str) for column in within]
    around.append(rows["country"].map(countries).fillna("").astype(str))
    sizes = rows["population"] if "population" in rows else [0] * len(rows)
    points = shapely.get_coordinates(rows.geometry.to_numpy()).round(4).tolist()
    return [
        {"name": str(name), "kind": kind, "around": ", ".join(filter(None, parts)), "at": position, "size": int(size)}
        for name, position, size, *parts in zip(rows["name"], points, sizes, *around, strict=True)
    ]


@dataclass(frozen=True)
class ChosenBackground:
    """A background of the workspace to include in a pocket map, with its title and attribution."""

    tiles: Background
    title: str
    attribution: str


@dataclass(frozen=True)
class BackgroundExtract:
    """The tiles that were extracted from a background.

    `first` to `frame_last` are the zooms of the whole frame, and up to `last` those of the subject's own ground.
    """

    background: ChosenBackground
    first: int
    frame_last: int
    last: int
    tiles: Tiles

    @property
    def file_last(self) -> int:
        """The last zoom of the file. It may be higher than the last zoom that fits."""
        return self.background.tiles.about.last_zoom

    def to_dict(self) -> dict[str, Any]:
        """Return the tiles for a page: by tile number, the size in bytes and the content, deflated and in base64."""
        return {
            "title": self.background.title,
            "attribution": self.background.attribution,
            "form": self.background.tiles.about.form,
            "first": self.first,
            "last": self.last,
            "is_cut": self.frame_last < self.file_last,
            "tiles": {str(number): list(tile) for number, tile in self.tiles.items()},
        }


def extract_tiles(chosen: ChosenBackground, frame: Frame, ground: Frame, room: int) -> BackgroundExtract | None:
    """Extract tiles from a background: first the zooms of the whole frame, then higher zooms of the subject itself.

    `room`: the number of bytes of the page that are available.
    """
    metadata = chosen.tiles.about
    first = min(max(metadata.first_zoom, _framing_zoom(frame)), metadata.last_zoom)
    tiles: Tiles = {}
    used_bytes, has_room = 0.0, True
    frame_zooms, ground_zooms = list[int](), list[int]()
    for zoom in range(first, metadata.last_zoom + 1):
        level = _extract_level(chosen.tiles, frame, zoom, room * FRAME_SHARE - used_bytes) if has_room else None
        has_room = level is not None
        if level is None:
            level = _extract_level(chosen.tiles, ground, zoom, room - used_bytes)
        if level is None:
            break
        if level:
            tiles, used_bytes = tiles | level, used_bytes + _page_bytes(level)
            (frame_zooms if has_room else ground_zooms).append(zoom)
    if not tiles:
        return None
    zooms = [*frame_zooms, *ground_zooms]
    return BackgroundExtract(chosen, zooms[0], frame_zooms[-1] if frame_zooms else zooms[0] - 1, zooms[-1], tiles)


def find_faults(content: object) -> Iterator[str]:
    """Yield the parts of a page's background that are not as `extract_tiles` writes them, or not valid tiles."""
    if not isinstance(content, Mapping) or content.keys() != KEYS or content["form"] not in MEDIA_TYPES:
        yield "background"
        return
    if not content["attribution"] or not isinstance(content["tiles"], Mapping):
        yield "background.attribution"
        return
    for number, tile in content["tiles"].items():
        try:
            size, text = tile
            data = inflate(text)
            check_tile(data, content["form"], is_packed=False)
            if len(data) != size:
                yield f"background.tiles.{number}"
        except (DamagedError, ValueError, TypeError):
            yield f"background.tiles.{number}"


def _framing_zoom(frame: Frame) -> int:
    """Return the highest zoom at which one tile is at least as wide as the frame.

    A lower zoom would show too little.
    """
    return max(math.floor(math.log2(360 / (frame[2] - frame[0]))), 0)


def _extract_level(tiles: Background, box: Frame, zoom: int, max_bytes: float) -> Tiles | None:
    """Return the tiles of a zoom that a box intersects; None if they take more than `max_bytes` bytes."""
    west, south, east, north = tiles.about.bounds
    box = (max(box[0], west), max(box[1], south), min(box[2], east), min(box[3], north))
    if box[0] > box[2] or box[1] > box[3]:
        return {}
    left, top, right, bottom = tile_range(box, zoom)
    if (right - left + 1) * (bottom - top + 1) > MOST_TILES:
        return None
    extracted: Tiles = {}
    used_bytes = 0.0
    for x in range(left, right + 1):
        for y in range(top, bottom + 1):
            data = tiles.tile(zoom, x, y)
            if data is None:
                continue
            tile = deflate(unpack(data) if tiles.is_packed else data)
            extracted[zxy_to_tileid(zoom, x, y)] = tile
            used_bytes += _page_bytes({0: tile})
            if used_bytes > max_bytes:
                return None
    return extracted


def _page_bytes(tiles: Tiles) -> float:
    return sum(PACKING_FACTOR * (len(text) + len('"1234567890":[12345,""],')) for _size, text in tiles.values())
