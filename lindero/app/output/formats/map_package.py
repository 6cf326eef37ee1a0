"""
Styled map packages (`.smp`, version 1.0): a map for phones that draw vector tiles without a network, such as CoMapeo.

An archive of a style, of tiles of the layers and of the ground below them, and of the letters of their names:
https://github.com/digidem/styled-map-package/tree/main/spec/1.0
"""

import json
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from functools import partial
from math import asinh, floor, pi, radians, tan
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyarrow as pa
from pmtiles.reader import MmapSource, Reader
from pmtiles.tile import tileid_to_zxy

from lindero.app.output.design import MAP_LIGHT
from lindero.app.output.files import new_file
from lindero.app.output.symbols import STYLES, Style
from lindero.app.text import i18n
from lindero.layers.database import extensions, map_database
from lindero.layers.database.definitions import OF_PERSONS
from lindero.layers.database.map_database import Bounds
from lindero.layers.errors import N_, AnswerError
from lindero.layers.model.parse_values import is_null
from lindero.layers.model.schema import CRS
from lindero.layers.reference import base_data
from lindero.layers.tiles import clip, pyramid, tile_archive
from lindero.layers.tiles.clip import MOST_NORTH
from lindero.layers.tiles.tile_query import FIRST_FEATURE_ZOOM, Shown, TileLayer

LAYERS = tuple(dict.fromkeys(style.layer for style in STYLES if style.layer not in OF_PERSONS))
URI = "smp://maps.v1/"
VERSION = "1.0"
MOST_TILES = 20_000  # of all zooms: an archive of more opens slowly on a phone
AROUND_DEGREES = 0.5  # of ground to be seen beside the features
_FONT = Path(__file__).parents[1] / "fonts" / "dejavu-sans.zip"
_TOLD = ("name", "code", "kind", "status", "holder")
_EMPTY = tile_archive.compress(b"")
_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the day of every entry: the same map gives the same bytes

Entry = tuple[str, bytes]
FONT = "DejaVu Sans"
GROUND, FEATURES = "ground", "features"  # the sources
_LAND, _WATER, _RIVER, _BORDER, _REGION, _HALO = (
    MAP_LIGHT[name] for name in ("land", "water", "river", "border", "region", "halo")
)
_INK = "#26221b"
_NAMES_FROM = 9  # zoom, from which features are named
_DASHES = {"level": [4.0, 2.0], "dotted": [1.0, 2.0]}  # of outlines, by hatching: to be told apart without colour
_Drawn = dict[str, object]


_FORMS: dict[str, list[object]] = {
    "fill": ["!", ["has", "tiny"]],
    "line": ["!", ["has", "tiny"]],
    "circle": ["has", "tiny"],
}


def write(
    layers: Mapping[str, gpd.GeoDataFrame],
    output: Path,
    *,
    title: str,
    terms: Sequence[str] = (),
    within: Bounds | None = None,
) -> int:
    """
    Write layers (of `LAYERS`) as one package, whole or not at all.

    Parameters
    ----------
    layers
        Rows by the name of their layer, in degrees; those without a place are left out.
    terms
        Whose the rows are, a line each: the map shows them as its attribution.
    within
        The box that the package shows; without it, all that has a place.

    Returns
    -------
    int
        The closest zoom that has tiles of its own.

    Raises
    ------
    AnswerError
        If nothing has a place, or the file cannot be written.
    """
    drawn = {name: rows[rows.geometry.notna() & ~rows.geometry.is_empty] for name, rows in layers.items()}
    drawn = {name: rows for name, rows in drawn.items() if len(rows)}
    if not drawn:
        raise AnswerError(N_("none of these rows has a place to be drawn"))
    bounds = within or _extent(drawn.values())
    last = closest_zoom(bounds)
    zooms = range(min(FIRST_FEATURE_ZOOM, last), last + 1)
    style = map_style(
        title, _sources(bounds, zooms, terms), [style for style in STYLES if style.layer in drawn], bounds
    )
    with new_file(output) as written:
        _archive(written, _entries(style, drawn, bounds, zooms))
    return last


def _sources(bounds: Bounds, zooms: range, terms: Sequence[str]) -> dict[str, dict[str, object]]:
    with closing(_Ground()) as ground:
        below = _source(GROUND, _around(bounds), ground.zooms, ground.credit)
    return {GROUND: below, FEATURES: _source(FEATURES, bounds, zooms, " · ".join(terms))}


def closest_zoom(bounds: Bounds) -> int:
    """Give the closest zoom at which a package of this extent needs no more than `MOST_TILES` tiles."""
    needed = 0
    for z in range(clip.FINE_ZOOM + 1):
        west, north, east, south = tiles_of(bounds, z)
        needed += (east - west + 1) * (south - north + 1)
        if needed > MOST_TILES:
            return z - 1
    return clip.FINE_ZOOM


def tiles_of(bounds: Bounds, z: int) -> tuple[int, int, int, int]:
    """Give the first column and row, and the last, of the tiles of a zoom that an extent meets."""
    west, south, east, north = bounds
    left, right = (_part((longitude + 180) / 360, z) for longitude in (west, east))
    top, bottom = (_part((1 - asinh(tan(radians(latitude))) / pi) / 2, z) for latitude in (north, south))
    return left, top, right, bottom


def _part(share: float, z: int) -> int:
    return min(max(floor(share * (1 << z)), 0), (1 << z) - 1)


def _extent(layers: Iterable[gpd.GeoDataFrame]) -> Bounds:
    west, south, east, north = np.array([rows.total_bounds for rows in layers]).T
    low, high = np.clip((south.min(), north.max()), -MOST_NORTH, MOST_NORTH)
    return float(west.min()), float(low), float(east.max()), float(high)


def _around(bounds: Bounds) -> Bounds:
    """Widen an extent by the ground that is to be seen beside it."""
    west, south, east, north = bounds
    low = max(west - AROUND_DEGREES, -180.0), max(south - AROUND_DEGREES, -MOST_NORTH)
    return *low, min(east + AROUND_DEGREES, 180.0), min(north + AROUND_DEGREES, MOST_NORTH)


def _source(name: str, bounds: Bounds, zooms: range, credit: str) -> dict[str, object]:
    return {
        "type": "vector",
        "tiles": [f"{URI}s/{name}/{{z}}/{{x}}/{{y}}.mvt.gz"],
        "bounds": [*bounds],
        "minzoom": zooms.start,
        "maxzoom": zooms.stop - 1,
        "attribution": credit,
    }


def _entries(
    style: Mapping[str, object], layers: Mapping[str, gpd.GeoDataFrame], bounds: Bounds, zooms: range
) -> Iterator[Entry]:
    """Give the entries of an archive in the order in which a phone wants them: tiles from far to close."""
    yield "VERSION", VERSION.encode()
    yield "style.json", json.dumps(style, ensure_ascii=False, indent=1).encode()
    first, *others = _letters()
    yield first
    found = _features(layers, zooms)
    with closing(_Ground()) as ground:
        for z in range(max(zooms.stop, ground.zooms.stop)):
            if z in ground.zooms:
                yield from _tiles(GROUND, z, _around(bounds), partial(ground.tile, z))
            if z in zooms:
                yield from _tiles(FEATURES, z, bounds, partial(_of, found, z))
    yield from others


def _tiles(source: str, z: int, bounds: Bounds, tile: Callable[[int, int], bytes | None]) -> Iterator[Entry]:
    """Give every tile of a zoom, for none may be missing: one that shows nothing is empty."""
    left, top, right, bottom = tiles_of(bounds, z)
    for x in range(left, right + 1):
        for y in range(top, bottom + 1):
            yield f"s/{source}/{z}/{x}/{y}.mvt.gz", tile(x, y) or _EMPTY


def _of(found: Mapping[tuple[int, int, int], bytes], z: int, x: int, y: int) -> bytes | None:
    return found.get((z, x, y))


def _features(layers: Mapping[str, gpd.GeoDataFrame], zooms: range) -> dict[tuple[int, int, int], bytes]:
    """Cut the tiles of rows, by zoom, column and row."""
    shown = [_shown(name, rows) for name, rows in layers.items()]
    with closing(map_database.in_memory()) as con:
        extensions.load_extension(con, "spatial")
        return {
            tileid_to_zxy(number): tile_archive.compress(data)
            for tiles in pyramid.of_rows(con, shown, zooms)
            for number, data in tiles.items()
        }


def _shown(name: str, rows: gpd.GeoDataFrame) -> Shown:
    there = [column for column in _TOLD if column in rows]
    columns = {column: [None if is_null(value) else str(value) for value in rows[column]] for column in ("id", *there)}
    table = pa.table({column: pa.array(values, pa.string()) for column, values in columns.items()})
    shapes = np.asarray(rows.geometry.to_crs(CRS).to_numpy(), dtype=object)
    return Shown(TileLayer(name, {column: column for column in there}), table, clip.to_tile_plane(shapes))


def _letters() -> list[Entry]:
    """Give a file for every range of characters, the first first; one that the font has none of is empty."""
    with zipfile.ZipFile(_FONT) as archive:
        glyphs = {name: archive.read(name) for name in archive.namelist()}
    names = [f"{first}-{first + 255}.pbf.gz" for first in range(0, 65_536, 256)]
    return [(f"fonts/{FONT}/{name}", glyphs.get(name, _EMPTY)) for name in names]


class _Ground:
    """The tiles of the ground below a map, out of the program's own archive."""

    def __init__(self) -> None:
        self._file = base_data.BASEMAP.open("rb")
        self._reader = Reader(MmapSource(self._file))
        header = self._reader.header()
        self.zooms = range(int(header["min_zoom"]), int(header["max_zoom"]) + 1)
        self.credit = str(self._reader.metadata()["attribution"])

    def tile(self, z: int, x: int, y: int) -> bytes | None:
        found: bytes | None = self._reader.get(z, x, y)
        return found

    def close(self) -> None:
        self._file.close()


def _archive(output: Path, entries: Iterable[Entry]) -> None:
    with zipfile.ZipFile(output, "w") as archive:
        for name, data in entries:
            member = zipfile.ZipInfo(name, _LONG_AGO)
            member.compress_type = zipfile.ZIP_STORED if name.endswith(".gz") else zipfile.ZIP_DEFLATED
            archive.writestr(member, data)


# How a styled map package is drawn: the ground, the layers in their colours, names on top (MapLibre style 8).


def map_style(
    title: str, sources: Mapping[str, Mapping[str, object]], styles: Sequence[Style], bounds: Bounds
) -> dict[str, object]:
    """
    Give the style of a package.

    Parameters
    ----------
    sources
        The sources `GROUND` and `FEATURES`, as MapLibre describes them.
    styles
        The classes of features to be drawn, the lowest first.
    """
    west, south, east, north = bounds
    last = max(int(str(source["maxzoom"])) for source in sources.values())
    return {
        "version": 8,
        "name": title,
        "metadata": {
            "smp:bounds": [*bounds],
            "smp:maxzoom": last,
            "smp:sourceFolders": {name: name for name in sources},
        },
        "center": [(west + east) / 2, (south + north) / 2],
        "zoom": min(int(str(sources[FEATURES]["minzoom"])) + 2, last),
        "sources": {name: dict(source) for name, source in sources.items()},
        "glyphs": "smp://maps.v1/fonts/{fontstack}/{range}.pbf.gz",
        "layers": [*_ground(), *(layer for one in styles for layer in _class(one)), *_names(styles)],
    }


def _ground() -> list[_Drawn]:
    return [
        {"id": "background", "type": "background", "paint": {"background-color": _WATER}},
        _style_of(GROUND, "land", "fill", {"fill-color": _LAND}),
        _style_of(GROUND, "water", "fill", {"fill-color": _WATER}),
        _style_of(GROUND, "rivers", "line", {"line-color": _RIVER}),
        _style_of(GROUND, "regions", "line", {"line-color": _REGION, "line-dasharray": [4.0, 3.0]}),
        _style_of(GROUND, "countries", "line", {"line-color": _BORDER, "line-width": 1.5}),
    ]


def _class(one: Style) -> list[_Drawn]:
    """Draw a class of features: a veil, an outline, and a dot for what is too small for its zoom."""
    wanted = _wanted(one)
    dashes = {"line-dasharray": _DASHES[one.hatching]} if one.hatching in _DASHES else {}
    parts: list[tuple[str, str, _Drawn]] = [
        ("veil", "fill", {"fill-color": one.color, "fill-opacity": 0.18}),
        ("outline", "line", {"line-color": one.color, "line-width": 1.6, **dashes}),
        ("dot", "circle", {"circle-color": one.color, "circle-radius": 2}),
    ]
    return [
        _style_of(FEATURES, one.layer, kind, paint, name=f"{one.code}-{part}", only=_all(_FORMS[kind], wanted))
        for part, kind, paint in parts
    ]


def _wanted(one: Style) -> list[object] | None:
    """Say which features are of a class; the class `other` has all that no other class names."""
    if not one.by:
        return None
    if one.code == "other":
        named = [each.code for each in STYLES if each.by == one.by and each.code != "other"]
        return ["!", ["in", ["get", one.by], ["literal", named]]]
    return ["==", ["get", one.by], one.code]


def _all(*conditions: list[object] | None) -> list[object]:
    return ["all", *(condition for condition in conditions if condition)]


def _names(styles: Sequence[Style]) -> list[_Drawn]:
    country = "name_es" if i18n.current() == "es" else "name"
    is_near = ["<=", ["get", "min_zoom"], ["+", ["zoom"], 1]]
    ground = [
        {**_named(GROUND, layer, column, size), "filter": is_near}
        for layer, column, size in (
            ("region_labels", "name", 10),
            ("places", "name", 11),
            ("country_labels", country, 13),
        )
    ]
    layers = dict.fromkeys(one.layer for one in styles)
    return [*ground, *({**_named(FEATURES, layer, "name", 11), "minzoom": _NAMES_FROM} for layer in layers)]


def _named(source: str, layer: str, column: str, size: int) -> _Drawn:
    paint = {"text-color": _INK, "text-halo-color": _HALO, "text-halo-width": 1.5}
    drawn = _style_of(source, layer, "symbol", paint, name=f"{layer}-name")
    text = {"text-field": ["coalesce", ["get", column], ""], "text-font": [FONT], "text-size": size}
    return {**drawn, "layout": {**text, "text-max-width": 8, "text-padding": 4}}


def _style_of(
    source: str, layer: str, kind: str, paint: Mapping[str, object], *, name: str = "", only: object = None
) -> _Drawn:
    drawn = {"id": name or f"{source}-{layer}", "type": kind, "source": source, "source-layer": layer}
    return {**drawn, **({"filter": only} if only else {}), "paint": dict(paint)}
