"""
Geometry that a table holds as text: WKT, EWKT, WKB in hexadecimal (also PostGIS's), or GeoJSON.

It is parsed by the process behind walls (`layers.read.sandbox.worker`), and leaves it as coordinates.
"""

import json
import re
import struct
import warnings
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

import shapely

from lindero.layers.model.accents import fold

MAX_NESTING = 8  # of brackets: a MultiPolygon of GeoJSON in a collection needs seven
NO_GEOMETRY, CURVES, OTHER_CRS = "cell_is_no_geometry", "curves_in_cell", "other_reference_system"
_NAMES = frozenset(
    {
        *(
            "geom",
            "the_geom",
            "geometry",
            "wkb_geometry",
            "ogr_geometry",
            "geom_json",
            "geo_shape",
            "geoshape",
            "shape",
        ),
        *("geometria", "geometrias", "geom_wkt", "wkt_geom", "geometria_wkt", "shape_wkt", "poligono", "coordenadas"),
        *("shape", "wkt", "wkb", "ewkt", "ewkb", "geojson", "st_astext", "st_asewkt", "st_asgeojson"),
    }
)
_KINDS = "POINT|LINESTRING|LINEARRING|POLYGON|MULTIPOINT|MULTILINESTRING|MULTIPOLYGON|GEOMETRYCOLLECTION"
_STRAIGHT = re.compile(rf"(?:SRID\s*=\s*(\d+)\s*;\s*)?(?:{_KINDS})\s*(?:Z?M?)\s*(?:\(|EMPTY)", re.IGNORECASE)
_CURVED = re.compile(
    r"(?:SRID\s*=\s*\d+\s*;\s*)?(CIRCULARSTRING|COMPOUNDCURVE|CURVEPOLYGON|MULTICURVE|MULTISURFACE)\s*\(", re.IGNORECASE
)
_WKB = re.compile(r"(?:\\x|0x)?((?:00|01)(?:[0-9a-f]{2}){8,})", re.IGNORECASE)
_JSON = re.compile(r'\{(?=.{0,10000}?"type"\s*:).{0,10000}?"(?:coordinates|geometries|geometry)"\s*:', re.DOTALL)
_SRID = re.compile(r"SRID\s*=\s*\d+\s*;\s*", re.IGNORECASE)
_BRACKETS = re.compile(r"[^()\[\]{}]+")
_SAMPLE = 200
_Z, _M, _WITH_SRID = 0x80000000, 0x40000000, 0x20000000  # PostGIS's marks in the type of WKB
_POINT, _LINE, _POLYGON, _LAST = 1, 2, 3, 7


@dataclass
class Written:
    """The geometry of each row (None where it has none), its SRID if it states one, and what is told by row."""

    shapes: list[shapely.Geometry | None] = field(default_factory=list)
    crs: str | None = None
    closed: list[int] = field(default_factory=list)
    faults: dict[int, tuple[str, str]] = field(default_factory=dict)  # reason, detail


def column_of(columns: Sequence[str], rows: Collection[Sequence[object]]) -> int | None:
    """
    Return which column of a table holds geometry: by its name and a cell that looks so, else by most of its cells.

    Parameters
    ----------
    rows
        Cells as received: text, numbers, None.
    """
    for at, name in enumerate(columns):
        if _plain(name) in _NAMES and any(_looks_like_one(row[at]) for row in rows):
            return at
    for at in range(len(columns)):
        filled = list(islice((row[at] for row in rows if row[at] is not None), _SAMPLE))
        if 2 * sum(map(_looks_like_one, filled)) > len(filled):
            return at
    return None


def shapes_of(cells: Mapping[int, object], name: str) -> Written:
    """
    Read the geometry of the cell of each row in a column, as drawn; rings that do not close are closed and told.

    A cell that is none is a fault, and so is one that states another reference system than most do. What nests deeper
    than geometry does is never given to a parser, which would go as deep and never come back.
    """
    result = Written()
    srids: dict[int, int] = {}
    for number, cell in cells.items():
        text = "" if cell is None else str(cell).strip()
        found = _read(text)
        if found.closed:
            result.closed.append(number)
        if text and found.shape is None:
            result.faults[number] = (CURVES if _CURVED.match(text) else NO_GEOMETRY, name)
        srids[number] = found.srid
        result.shapes.append(found.shape)
    stated = Counter(srid for srid in srids.values() if srid)
    if stated:
        usual = stated.most_common(1)[0][0]
        result.crs = f"EPSG:{usual}"
        for number in [number for number, srid in srids.items() if srid not in {0, usual}]:
            result.faults[number] = (OTHER_CRS, f"SRID {srids[number]} / {usual}")
    return result


def _plain(name: str) -> str:
    return "_".join(re.split(r"[^a-z0-9]+", fold(name).strip())).strip("_")


def _looks_like_one(cell: object) -> bool:
    if not isinstance(cell, str):
        return False
    text = cell.strip()
    found = _STRAIGHT.match(text) or _CURVED.match(text) or _JSON.match(text)
    return bool(found) or (_WKB.fullmatch(text) is not None and _is_wkb(_bytes(text)))


class _Read(NamedTuple):
    """The geometry of a cell (None: it is none), the SRID that it states (0: none), whether a ring had to be closed."""

    shape: shapely.Geometry | None = None
    srid: int = 0
    closed: bool = False


def _read(text: str) -> _Read:
    if _WKB.fullmatch(text):
        content = _bytes(text)
        return _made(shapely.from_wkb, content, _srid_of(content)) if _is_wkb(content) else _Read()
    if _is_too_deep(text):
        return _Read()
    if found := _STRAIGHT.match(text):
        return _made(shapely.from_wkt, _SRID.sub("", text, count=1), int(found[1] or 0))
    if not text.startswith("{"):
        return _Read()
    try:
        plain = json.dumps(json.loads(text))  # in one form: nothing after it, no numbers that are none of JSON's
    except ValueError:
        return _Read()
    return _Read(shapely.from_geojson(plain, on_invalid="ignore"))


def _made(parse: Callable[..., shapely.Geometry | None], content: str | bytes, srid: int) -> _Read:
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", RuntimeWarning
        )  # of coordinates that are no numbers: geo.geometry.repair finds them
        whole = parse(content, on_invalid="ignore")
        shape = parse(content, on_invalid="fix") if whole is None else whole
    return _Read() if shape is None else _Read(shapely.set_srid(shape, 0), srid, whole is None)


def _is_too_deep(text: str) -> bool:
    """Whether brackets nest deeper than geometry does, or do not match."""
    brackets = _BRACKETS.sub("", text)
    for _ in range(MAX_NESTING):
        brackets = brackets.replace("()", "").replace("[]", "").replace("{}", "")
    return bool(brackets)


def _bytes(text: str) -> bytes:
    found = _WKB.fullmatch(text)
    return bytes.fromhex(found[1]) if found else b""


def _srid_of(content: bytes) -> int:
    order = "<" if content[0] else ">"
    kind, srid = struct.unpack_from(f"{order}II", content, 1)
    return int(srid) if kind & _WITH_SRID else 0


def _is_wkb(content: bytes) -> bool:
    """Whether bytes are one straight geometry of WKB from end to end, parts nested as parts are."""
    try:
        return _end_of(content, 0, 0) == len(content)
    except (struct.error, ValueError):
        return False


def _end_of(content: bytes, at: int, depth: int) -> int:
    """
    Give where the geometry ends that begins at a place.

    Raises
    ------
    ValueError, struct.error
        If it is none.
    """
    order = "<" if content[at] else ">"
    stated = struct.unpack_from(f"{order}I", content, at + 1)[0]
    at += 9 if stated & _WITH_SRID else 5
    thousands, kind = divmod(stated & 0x0FFFFFFF, 1000)
    flags = bool(stated & _Z) + bool(stated & _M)
    position = 8 * (2 + (flags or {0: 0, 1: 1, 2: 1, 3: 2}[min(thousands, 3)]))
    if not _POINT <= kind <= _LAST or depth > MAX_NESTING // 2:
        raise ValueError(kind)
    if kind == _POINT:
        return at + position
    count = struct.unpack_from(f"{order}I", content, at)[0]
    at += 4
    if kind == _LINE:
        return int(at + count * position)
    if count > len(content) - at:
        raise ValueError(count)
    for _ in range(count):
        if kind == _POLYGON:
            at += 4 + struct.unpack_from(f"{order}I", content, at)[0] * position
        else:
            at = _end_of(content, at, depth + 1)
    return at
