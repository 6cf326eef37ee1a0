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

from lindero.app.output.formats import map_package_style
from lindero.app.output.formats.map_package_style import FEATURES, GROUND
from lindero.app.output.plain import is_nothing
from lindero.app.output.symbols import STYLES
from lindero.layers.database import map_database
from lindero.layers.database.definitions import OF_PERSONS
from lindero.layers.database.map_database import Bounds
from lindero.layers.disk.builds import put_in_place
from lindero.layers.disk.scratch import scratch
from lindero.layers.errors import N_, AnswerError
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
_EMPTY = tile_archive.compressed(b"")
_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the day of every entry: the same map gives the same bytes

Entry = tuple[str, bytes]


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
    style = map_package_style.style(
        title, _sources(bounds, zooms, terms), [style for style in STYLES if style.layer in drawn], bounds
    )
    try:
        with scratch(output.resolve().parent) as folder:
            written = folder / output.name
            _archive(written, _entries(style, drawn, bounds, zooms))
            put_in_place(written, output)
    except OSError as error:
        raise AnswerError(N_("{file} cannot be written: {why}"), file=output, why=error.strerror) from error
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
        map_database.load_extension(con, "spatial")
        return {
            tileid_to_zxy(number): tile_archive.compressed(data)
            for tiles in pyramid.of_rows(con, shown, zooms)
            for number, data in tiles.items()
        }


def _shown(name: str, rows: gpd.GeoDataFrame) -> Shown:
    there = [column for column in _TOLD if column in rows]
    told = {column: [None if is_nothing(value) else str(value) for value in rows[column]] for column in ("id", *there)}
    table = pa.table({column: pa.array(values, pa.string()) for column, values in told.items()})
    shapes = np.asarray(rows.geometry.to_crs(CRS).to_numpy(), dtype=object)
    return Shown(TileLayer(name, {column: column for column in there}), table, clip.projected(shapes))


def _letters() -> list[Entry]:
    """Give a file for every range of characters, the first first; one that the font has none of is empty."""
    with zipfile.ZipFile(_FONT) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    names = [f"{first}-{first + 255}.pbf.gz" for first in range(0, 65_536, 256)]
    return [(f"fonts/{map_package_style.FONT}/{name}", held.get(name, _EMPTY)) for name in names]


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
            told = zipfile.ZipInfo(name, _LONG_AGO)
            told.compress_type = zipfile.ZIP_STORED if name.endswith(".gz") else zipfile.ZIP_DEFLATED
            archive.writestr(told, data)
