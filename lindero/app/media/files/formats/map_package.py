"""Styled map packages (`.smp`, version 1.0), for phones that draw vector tiles offline, such as CoMapeo.

A package is an archive with a style, tiles of the layers and of the basemap, and the glyphs of labels:
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

from lindero.app.media.design import MAP_LIGHT
from lindero.app.media.files.files import replacement_file
from lindero.app.media.symbols import STYLES, Style
from lindero.app.text import i18n
from lindero.layers.database import extensions, map_database
from lindero.layers.database.definitions import PERSON_LAYERS
from lindero.layers.database.map_database import Bounds
from lindero.layers.errors import N_, AnswerError
from lindero.layers.model.parse_values import is_null
from lindero.layers.model.schema import CRS
from lindero.layers.reference import base_data
from lindero.layers.tiles import clip, pyramid, tile_archive
from lindero.layers.tiles.clip import MOST_NORTH
from lindero.layers.tiles.tile_query import FIRST_FEATURE_ZOOM, TileFeatures, TileLayer

LAYERS = tuple(dict.fromkeys(style.layer for style in STYLES if style.layer not in PERSON_LAYERS))
URI = "smp://maps.v1/"
VERSION = "1.0"
MOST_TILES = 20_000  # over all zooms: larger archives open slowly on a phone
AROUND_DEGREES = 0.5  # ground shown around the features
_FONT = Path(__file__).parents[2] / "paper" / "fonts" / "dejavu-sans.zip"
_DESCRIPTION_COLUMNS = ("name", "code", "kind", "status", "holder")
_EMPTY = tile_archive.compress(b"")
_FIXED_TIME = (1980, 1, 1, 0, 0, 0)  # date of every entry, so that the same map gives the same bytes

Entry = tuple[str, bytes]
FONT = "DejaVu Sans"
GROUND, FEATURES = "ground", "features"  # names of the tile sources
_LAND, _WATER, _RIVER, _BORDER, _REGION, _HALO = (
    MAP_LIGHT[name] for name in ("land", "water", "river", "border", "region", "halo")
)
_INK = "#26221b"
_NAMES_FROM = 9  # zoom from which features have names
_DASHES = {"level": [4.0, 2.0], "dotted": [1.0, 2.0]}  # of outlines, by hatching, so that they differ without colour
_DrawnFeature = dict[str, object]


_FORMS: dict[str, list[object]] = {
    "fill": ["!", ["has", "tiny"]],
    "line": ["!", ["has", "tiny"]],
    "circle": ["has", "tiny"],
}


def write_package(
    layers: Mapping[str, gpd.GeoDataFrame],
    output: Path,
    *,
    title: str,
    terms: Sequence[str] = (),
    within: Bounds | None = None,
) -> int:
    """Write layers (of `LAYERS`) as one package, atomically.

    `layers`: rows in degrees, by layer name. Rows without geometry are left out.
    """
    located = {name: rows[rows.geometry.notna() & ~rows.geometry.is_empty] for name, rows in layers.items()}
    located = {name: rows for name, rows in located.items() if len(rows)}
    if not located:
        raise AnswerError(N_("these rows have no geometry, so there is nothing to draw"))
    bounds = within or _layers_extent(located.values())
    last = closest_zoom(bounds)
    zooms = range(min(FIRST_FEATURE_ZOOM, last), last + 1)
    style = build_style(
        title, _build_sources(bounds, zooms, terms), [style for style in STYLES if style.layer in located], bounds
    )
    with replacement_file(output) as temporary:
        _write_archive(temporary, _iter_entries(style, located, bounds, zooms))
    return last


def _build_sources(bounds: Bounds, zooms: range, terms: Sequence[str]) -> dict[str, dict[str, object]]:
    with closing(_BasemapTiles()) as ground:
        basemap_source = _build_source(GROUND, _expand_bounds(bounds), ground.zooms, ground.credit)
    return {GROUND: basemap_source, FEATURES: _build_source(FEATURES, bounds, zooms, " · ".join(terms))}


def closest_zoom(bounds: Bounds) -> int:
    """Return the highest zoom at which a package of this extent needs at most `MOST_TILES` tiles."""
    needed = 0
    for z in range(clip.FINE_ZOOM + 1):
        west, north, east, south = tile_range(bounds, z)
        needed += (east - west + 1) * (south - north + 1)
        if needed > MOST_TILES:
            return z - 1
    return clip.FINE_ZOOM


def tile_range(bounds: Bounds, z: int) -> tuple[int, int, int, int]:
    """Return the first column and row and the last column and row of the tiles of a zoom that an extent intersects."""
    west, south, east, north = bounds
    left, right = (_tile_index((longitude + 180) / 360, z) for longitude in (west, east))
    top, bottom = (_tile_index((1 - asinh(tan(radians(latitude))) / pi) / 2, z) for latitude in (north, south))
    return left, top, right, bottom


def _tile_index(share: float, z: int) -> int:
    return min(max(floor(share * (1 << z)), 0), (1 << z) - 1)


def _layers_extent(layers: Iterable[gpd.GeoDataFrame]) -> Bounds:
    west, south, east, north = np.array([rows.total_bounds for rows in layers]).T
    low, high = np.clip((south.min(), north.max()), -MOST_NORTH, MOST_NORTH)
    return float(west.min()), float(low), float(east.max()), float(high)


def _expand_bounds(bounds: Bounds) -> Bounds:
    """Expand an extent by the margin of basemap around it."""
    west, south, east, north = bounds
    low = max(west - AROUND_DEGREES, -180.0), max(south - AROUND_DEGREES, -MOST_NORTH)
    return *low, min(east + AROUND_DEGREES, 180.0), min(north + AROUND_DEGREES, MOST_NORTH)


def _build_source(name: str, bounds: Bounds, zooms: range, credit: str) -> dict[str, object]:
    return {
        "type": "vector",
        "tiles": [f"{URI}s/{name}/{{z}}/{{x}}/{{y}}.mvt.gz"],
        "bounds": [*bounds],
        "minzoom": zooms.start,
        "maxzoom": zooms.stop - 1,
        "attribution": credit,
    }


def _iter_entries(
    style: Mapping[str, object], layers: Mapping[str, gpd.GeoDataFrame], bounds: Bounds, zooms: range
) -> Iterator[Entry]:
    """Yield the entries of an archive in the order that suits a phone: tiles from low to high zoom."""
    yield "VERSION", VERSION.encode()
    yield "style.json", json.dumps(style, ensure_ascii=False, indent=1).encode()
    first_glyphs, *other_glyphs = _load_glyphs()
    yield first_glyphs
    feature_tiles = _build_feature_tiles(layers, zooms)
    with closing(_BasemapTiles()) as ground:
        for z in range(max(zooms.stop, ground.zooms.stop)):
            if z in ground.zooms:
                yield from _iter_tiles(GROUND, z, _expand_bounds(bounds), partial(ground.tile, z))
            if z in zooms:
                yield from _iter_tiles(FEATURES, z, bounds, partial(_get_tile, feature_tiles, z))
    yield from other_glyphs


def _iter_tiles(source: str, z: int, bounds: Bounds, tile: Callable[[int, int], bytes | None]) -> Iterator[Entry]:
    """Yield every tile of a zoom. None may be missing, so a tile without content is empty."""
    left, top, right, bottom = tile_range(bounds, z)
    for x in range(left, right + 1):
        for y in range(top, bottom + 1):
            yield f"s/{source}/{z}/{x}/{y}.mvt.gz", tile(x, y) or _EMPTY


def _get_tile(tiles: Mapping[tuple[int, int, int], bytes], z: int, x: int, y: int) -> bytes | None:
    return tiles.get((z, x, y))


def _build_feature_tiles(layers: Mapping[str, gpd.GeoDataFrame], zooms: range) -> dict[tuple[int, int, int], bytes]:
    """Build the tiles of rows by zoom, column and row."""
    shown = [_to_tile_features(name, rows) for name, rows in layers.items()]
    with closing(map_database.open_in_memory()) as con:
        extensions.load_extension(con, "spatial")
        return {
            tileid_to_zxy(number): tile_archive.compress(data)
            for tiles in pyramid.build_zooms(con, shown, zooms)
            for number, data in tiles.items()
        }


def _to_tile_features(name: str, rows: gpd.GeoDataFrame) -> TileFeatures:
    present = [column for column in _DESCRIPTION_COLUMNS if column in rows]
    columns = {
        column: [None if is_null(value) else str(value) for value in rows[column]] for column in ("id", *present)
    }
    table = pa.table({column: pa.array(values, pa.string()) for column, values in columns.items()})
    shapes = np.asarray(rows.geometry.to_crs(CRS).to_numpy(), dtype=object)
    return TileFeatures(TileLayer(name, {column: column for column in present}), table, clip.project_to_plane(shapes))


def _load_glyphs() -> list[Entry]:
    """Load a glyph file for each range of 256 characters, the first range first; empty if the font has none of them."""
    with zipfile.ZipFile(_FONT) as archive:
        glyphs = {name: archive.read(name) for name in archive.namelist()}
    names = [f"{first}-{first + 255}.pbf.gz" for first in range(0, 65_536, 256)]
    return [(f"fonts/{FONT}/{name}", glyphs.get(name, _EMPTY)) for name in names]


class _BasemapTiles:
    """The tiles of the built-in basemap."""

    def __init__(self) -> None:
        self._file = base_data.BASEMAP.open("rb")
        self._reader = Reader(MmapSource(self._file))
        header = self._reader.header()
        self.zooms = range(int(header["min_zoom"]), int(header["max_zoom"]) + 1)
        self.credit = str(self._reader.metadata()["attribution"])

    def tile(self, z: int, x: int, y: int) -> bytes | None:
        data: bytes | None = self._reader.get(z, x, y)
        return data

    def close(self) -> None:
        self._file.close()


def _write_archive(output: Path, entries: Iterable[Entry]) -> None:
    with zipfile.ZipFile(output, "w") as archive:
        for name, data in entries:
            member = zipfile.ZipInfo(name, _FIXED_TIME)
            member.compress_type = zipfile.ZIP_STORED if name.endswith(".gz") else zipfile.ZIP_DEFLATED
            archive.writestr(member, data)


# The style of a map package: the ground, the layers in their colours, names on top (MapLibre style 8).


def build_style(
    title: str, sources: Mapping[str, Mapping[str, object]], styles: Sequence[Style], bounds: Bounds
) -> dict[str, object]:
    """Return the MapLibre style of a package.

    `sources`: the sources `GROUND` and `FEATURES`, as MapLibre describes them.
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
        "layers": [
            *_basemap_layers(),
            *(layer for class_style in styles for layer in _class_layers(class_style)),
            *_label_layers(styles),
        ],
    }


def _basemap_layers() -> list[_DrawnFeature]:
    return [
        {"id": "background", "type": "background", "paint": {"background-color": _WATER}},
        _style_layer(GROUND, "land", "fill", {"fill-color": _LAND}),
        _style_layer(GROUND, "water", "fill", {"fill-color": _WATER}),
        _style_layer(GROUND, "rivers", "line", {"line-color": _RIVER}),
        _style_layer(GROUND, "regions", "line", {"line-color": _REGION, "line-dasharray": [4.0, 3.0]}),
        _style_layer(GROUND, "countries", "line", {"line-color": _BORDER, "line-width": 1.5}),
    ]


def _class_layers(symbol: Style) -> list[_DrawnFeature]:
    """Return the style layers of a class: a transparent fill, an outline, and a dot for features too small to draw."""
    condition = _class_filter(symbol)
    dashes = {"line-dasharray": _DASHES[symbol.hatching]} if symbol.hatching in _DASHES else {}
    parts: list[tuple[str, str, _DrawnFeature]] = [
        ("veil", "fill", {"fill-color": symbol.color, "fill-opacity": 0.18}),
        ("outline", "line", {"line-color": symbol.color, "line-width": 1.6, **dashes}),
        ("dot", "circle", {"circle-color": symbol.color, "circle-radius": 2}),
    ]
    return [
        _style_layer(
            FEATURES,
            symbol.layer,
            kind,
            paint,
            name=f"{symbol.code}-{part}",
            only=_combine_conditions(_FORMS[kind], condition),
        )
        for part, kind, paint in parts
    ]


def _class_filter(symbol: Style) -> list[object] | None:
    """Return the filter of the features of a class. The class `other` includes all that no other class includes."""
    if not symbol.by:
        return None
    if symbol.code == "other":
        other_codes = [
            class_style.code for class_style in STYLES if class_style.by == symbol.by and class_style.code != "other"
        ]
        return ["!", ["in", ["get", symbol.by], ["literal", other_codes]]]
    return ["==", ["get", symbol.by], symbol.code]


def _combine_conditions(*conditions: list[object] | None) -> list[object]:
    return ["all", *(condition for condition in conditions if condition)]


def _label_layers(styles: Sequence[Style]) -> list[_DrawnFeature]:
    is_near = ["<=", ["get", "min_zoom"], ["+", ["zoom"], 1]]
    ground = [
        {**_label_layer(GROUND, layer, column, size), "filter": is_near}
        for layer, column, size in (
            ("region_labels", "name", 10),
            ("places", "name", 11),
            ("country_labels", f"name_{i18n.current_language()}", 13),  # the basemap has names in Spanish and English
        )
    ]
    layers = dict.fromkeys(symbol.layer for symbol in styles)
    return [*ground, *({**_label_layer(FEATURES, layer, "name", 11), "minzoom": _NAMES_FROM} for layer in layers)]


def _label_layer(source: str, layer: str, column: str, size: int) -> _DrawnFeature:
    paint = {"text-color": _INK, "text-halo-color": _HALO, "text-halo-width": 1.5}
    symbol_layer = _style_layer(source, layer, "symbol", paint, name=f"{layer}-name")
    names = [["get", name] for name in dict.fromkeys([column, "name"])]
    text = {"text-field": ["coalesce", *names, ""], "text-font": [FONT], "text-size": size}
    return {**symbol_layer, "layout": {**text, "text-max-width": 8, "text-padding": 4}}


def _style_layer(
    source: str, layer: str, kind: str, paint: Mapping[str, object], *, name: str = "", only: object = None
) -> _DrawnFeature:
    layer_spec = {"id": name or f"{source}-{layer}", "type": kind, "source": source, "source-layer": layer}
    return {**layer_spec, **({"filter": only} if only else {}), "paint": dict(paint)}
