"""
What lies behind a pocket map.

Land, borders, waters and places of the data that Lindero brings along; or an operator's own background: tiles of what
lies round its place, as deep as there is room for.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import shapely
from pmtiles.tile import zxy_to_tileid

from lindero.app.answers.place.spot import BASE
from lindero.app.output.formats.map_package import tiles_of
from lindero.app.products.pocket.grid_outlines import COARSE, Frame, clip, encode_outline
from lindero.app.products.pocket.site_parts import deflate, inflate, pack
from lindero.layers.errors import DamagedError
from lindero.layers.reference import base_data
from lindero.layers.reference.known_projects import KIND, PROJECTS
from lindero.layers.tiles.background_archive import Background
from lindero.layers.tiles.tile_content import MEDIA_TYPES, hold_sound, unpack

if TYPE_CHECKING:
    import pandas as pd

FEWER = {"land": 0.0005, "borders": 0.0005, "rivers": 0.0003, "lakes": 0.0003}  # degrees; data good to kilometres
COARSER = (1, 4, 10, 20, 40, 80)  # times
MOST_PLACES = 4_000  # of a region; the largest
KEYS = {"title", "attribution", "form", "first", "last", "is_cut", "tiles"}
ALL_ROUND = 0.5  # of the room, for levels of the whole frame; what is left is for the place's own ground
GIVEN_BY_PAGE = 1.04  # times: what a tile's text takes once the page is packed around it
MOST_TILES = 3_000  # of a level: more have no room
Tiles = dict[int, tuple[int, str]]


def drawn_within(frame: Frame, most: int) -> dict[str, Any]:
    """Give the finest background that takes no more than so many bytes in a page; the coarsest, if none is so small."""
    for times in COARSER:
        found = background_areas(frame, times=times)
        if len(pack(found)[1]) <= most:
            break
    return found


def background_areas(frame: Frame, *, times: int = 1) -> dict[str, Any]:
    """Give land and lakes as areas, borders of departments and rivers as lines, on the grid of a metre."""
    shapes = {
        "land": base_data.countries().geometry,
        "borders": base_data.regions().geometry.boundary,
        "rivers": base_data.rivers().geometry,
        "lakes": base_data.lakes().geometry,
    }
    return {name: _written(some, frame, FEWER[name] * times) for name, some in shapes.items()}


def places(frame: Frame, *, most: int | None = MOST_PLACES) -> list[dict[str, Any]]:
    """Give the places in a frame, the largest first: `name`, `kind`, `around` (what it lies in), `at`, `size`."""
    countries = base_data.countries().set_index("code")[["name", "name_es"]].agg(", ".join, axis=1)
    towns, provinces = (
        rows.cx[frame[0] : frame[2], frame[1] : frame[3]].reset_index(drop=True)
        for rows in (base_data.places(), base_data.provinces())
    )
    return [
        *_named(towns.head(most or len(towns)), "locality", ["province", "region"], countries),
        *_named(provinces, "province", ["region"], countries),
    ]


def regions_in(frame: Frame) -> Iterator[dict[str, Any]]:
    """Yield the regions that share ground with a frame, as the client looks for them by name."""
    every = base_data.regions()
    rows = every[shapely.intersects(every.geometry.to_numpy(), shapely.box(*frame))]
    points = shapely.get_coordinates(shapely.point_on_surface(rows.geometry.to_numpy())).tolist()
    for code, name, (lon, lat) in zip(rows["code"], rows["name"], points, strict=True):
        yield _of_name(str(name), "region", lon, lat) | {"layer": BASE, "id": str(code)}


def projects_in(frame: Frame) -> Iterator[dict[str, Any]]:
    """Yield the mining projects that are known by a name and lie in a frame."""
    for project in PROJECTS:
        lon, lat = project.longitude, project.latitude
        if frame[0] <= lon <= frame[2] and frame[1] <= lat <= frame[3]:
            around = {"around": f"{project.province}, {project.region}", "also": list(project.other_names)}
            yield _of_name(project.name, KIND, lon, lat) | around


def _of_name(name: str, kind: str, lon: float, lat: float) -> dict[str, Any]:
    return {"name": name, "kind": kind, "around": "", "at": [round(lon, 4), round(lat, 4)], "size": 0}


def _written(shapes: gpd.GeoSeries, frame: Frame, fewer: float) -> dict[str, Any] | None:
    inside = gpd.GeoSeries(shapes[shapes.intersects(shapely.box(*frame))])
    near = shapely.simplify(inside.to_numpy(), fewer)
    return encode_outline(shapely.GeometryCollection([cut for one in near if (cut := clip(one, frame))]), frame, COARSE)


def _named(rows: gpd.GeoDataFrame, kind: str, within: list[str], countries: "pd.Series[str]") -> list[dict[str, Any]]:
    around = [rows[column].fillna("").astype(str) for column in within]
    around.append(rows["country"].map(countries).fillna("").astype(str))
    sizes = rows["population"] if "population" in rows else [0] * len(rows)
    points = shapely.get_coordinates(rows.geometry.to_numpy()).round(4).tolist()
    return [
        {"name": str(name), "kind": kind, "around": ", ".join(filter(None, parts)), "at": at, "size": int(size)}
        for name, at, size, *parts in zip(rows["name"], points, sizes, *around, strict=True)
    ]


@dataclass(frozen=True)
class Chosen:
    """A background of a workspace that is to be in a pocket map: its tiles, what it is called, and whose it is."""

    tiles: Background
    title: str
    attribution: str


@dataclass(frozen=True)
class Cut:
    """What was cut out: zooms of the whole frame, the last one of the place's own ground, and the last of the file."""

    of: Chosen
    first: int
    all_round: int
    last: int
    tiles: Tiles

    @property
    def file_last(self) -> int:
        """The last zoom of the file, which may be finer than what had room."""
        return self.of.tiles.about.last_zoom

    def written(self) -> dict[str, Any]:
        """Give what a page holds of it: each tile by its number, its size in bytes and its bytes deflated in base64."""
        return {
            "title": self.of.title,
            "attribution": self.of.attribution,
            "form": self.of.tiles.about.form,
            "first": self.first,
            "last": self.last,
            "is_cut": self.all_round < self.file_last,
            "tiles": {str(number): list(tile) for number, tile in self.tiles.items()},
        }


def cut(chosen: Chosen, frame: Frame, ground: Frame, room: int) -> Cut | None:
    """
    Cut tiles out of a background: levels of all that lies round first, then finer ones of the place itself.

    Parameters
    ----------
    frame
        Of the pocket map.
    ground
        The box of what it is of.
    room
        Bytes of the page that may be taken.

    Returns
    -------
    Cut
        None if there is no tile here, or no room for the first level.
    """
    about = chosen.tiles.about
    first = min(max(about.first_zoom, _whole_in_one(frame)), about.last_zoom)
    tiles: Tiles = {}
    spent, has_room = 0.0, True
    all_round, own = list[int](), list[int]()
    for zoom in range(first, about.last_zoom + 1):
        level = _level(chosen.tiles, frame, zoom, room * ALL_ROUND - spent) if has_room else None
        has_room = level is not None
        if level is None:
            level = _level(chosen.tiles, ground, zoom, room - spent)
        if level is None:
            break
        if level:
            tiles, spent = tiles | level, spent + _size(level)
            (all_round if has_room else own).append(zoom)
    if not tiles:
        return None
    zooms = [*all_round, *own]
    return Cut(chosen, zooms[0], all_round[-1] if all_round else zooms[0] - 1, zooms[-1], tiles)


def faults(content: object) -> Iterator[str]:
    """Name what of a page's background is not what `Cut.written` writes, or no tile of the form that it names."""
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
            hold_sound(data, content["form"], is_packed=False)
            if len(data) != size:
                yield f"background.tiles.{number}"
        except (DamagedError, ValueError, TypeError):
            yield f"background.tiles.{number}"


def _whole_in_one(frame: Frame) -> int:
    """Give the last zoom of which a tile is as wide as a frame: of a coarser one little would be seen."""
    return max(math.floor(math.log2(360 / (frame[2] - frame[0]))), 0)


def _level(tiles: Background, box: Frame, zoom: int, most: float) -> Tiles | None:
    """Give the tiles of a zoom that a box meets; None if they take more than so many bytes."""
    west, south, east, north = tiles.about.bounds
    box = (max(box[0], west), max(box[1], south), min(box[2], east), min(box[3], north))
    if box[0] > box[2] or box[1] > box[3]:
        return {}
    left, top, right, bottom = tiles_of(box, zoom)
    if (right - left + 1) * (bottom - top + 1) > MOST_TILES:
        return None
    found: Tiles = {}
    spent = 0.0
    for x in range(left, right + 1):
        for y in range(top, bottom + 1):
            data = tiles.tile(zoom, x, y)
            if data is None:
                continue
            tile = deflate(unpack(data) if tiles.is_packed else data)
            found[zxy_to_tileid(zoom, x, y)] = tile
            spent += _size({0: tile})
            if spent > most:
                return None
    return found


def _size(tiles: Tiles) -> float:
    return sum(GIVEN_BY_PAGE * (len(text) + len('"1234567890":[12345,""],')) for _size, text in tiles.values())
