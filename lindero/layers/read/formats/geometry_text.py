"""Parsing of geometry that a table stores as text: WKT, EWKT, WKB in hexadecimal (also PostGIS's EWKB), or GeoJSON.

The sandboxed worker (`layers.read.sandbox.worker`) parses it and returns coordinates.
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

MAX_NESTING = 8  # nested brackets; a MultiPolygon of GeoJSON in a collection needs seven
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
_CURVED_WKT = re.compile(
    r"(?:SRID\s*=\s*\d+\s*;\s*)?(CIRCULARSTRING|COMPOUNDCURVE|CURVEPOLYGON|MULTICURVE|MULTISURFACE)\s*\(", re.IGNORECASE
)
_WKB = re.compile(r"(?:\\x|0x)?((?:00|01)(?:[0-9a-f]{2}){8,})", re.IGNORECASE)
_JSON = re.compile(r'\{(?=.{0,10000}?"type"\s*:).{0,10000}?"(?:coordinates|geometries|geometry)"\s*:', re.DOTALL)
_SRID = re.compile(r"SRID\s*=\s*\d+\s*;\s*", re.IGNORECASE)
_BRACKETS = re.compile(r"[^()\[\]{}]+")
_SAMPLE = 200
_Z, _M, _WITH_SRID = 0x80000000, 0x40000000, 0x20000000  # PostGIS flags in the type of WKB
_POINT, _LINE, _POLYGON, _LAST = 1, 2, 3, 7


@dataclass
class ParsedGeometries:
    """The parsed geometry column of a table.

    It consists of a shape per row (None: none), the stated CRS, the rows with closed rings, and the faults by row.
    """

    shapes: list[shapely.Geometry | None] = field(default_factory=list)
    crs: str | None = None
    closed: list[int] = field(default_factory=list)
    faults: dict[int, tuple[str, str]] = field(default_factory=dict)  # reason, detail


def find_geometry_column(columns: Sequence[str], rows: Collection[Sequence[object]]) -> int | None:
    """Return the position of the geometry column of a table, or None.

    A column is recognised by its name and one cell that looks like geometry, or otherwise by most of its cells.
    """
    for position, name in enumerate(columns):
        if _normalise_name(name) in _NAMES and any(_looks_like_geometry(row[position]) for row in rows):
            return position
    for position in range(len(columns)):
        filled = list(islice((row[position] for row in rows if row[position] is not None), _SAMPLE))
        if 2 * sum(map(_looks_like_geometry, filled)) > len(filled):
            return position
    return None


def parse_column(cells: Mapping[int, object], name: str) -> ParsedGeometries:
    """Parse the geometry in the cells of a column. Rings that are not closed are closed and reported.

    A cell that is not geometry is a fault, and so is a cell with another SRID than most. Text that nests deeper than
    geometry can is never passed to a parser, which would recurse without end.
    """
    result = ParsedGeometries()
    srids: dict[int, int] = {}
    for number, cell in cells.items():
        text = "" if cell is None else str(cell).strip()
        parsed = _parse_cell(text)
        if parsed.closed:
            result.closed.append(number)
        if text and parsed.shape is None:
            result.faults[number] = (CURVES if _CURVED_WKT.match(text) else NO_GEOMETRY, name)
        srids[number] = parsed.srid
        result.shapes.append(parsed.shape)
    stated = Counter(srid for srid in srids.values() if srid)
    if stated:
        common_srid = stated.most_common(1)[0][0]
        result.crs = f"EPSG:{common_srid}"
        for number in [number for number, srid in srids.items() if srid not in {0, common_srid}]:
            result.faults[number] = (OTHER_CRS, f"SRID {srids[number]} / {common_srid}")
    return result


def _normalise_name(name: str) -> str:
    return "_".join(re.split(r"[^a-z0-9]+", fold(name).strip())).strip("_")


def _looks_like_geometry(cell: object) -> bool:
    if not isinstance(cell, str):
        return False
    text = cell.strip()
    match = _STRAIGHT.match(text) or _CURVED_WKT.match(text) or _JSON.match(text)
    return bool(match) or (_WKB.fullmatch(text) is not None and _is_wkb(_decode_hex(text)))


class _ParsedCell(NamedTuple):
    """A parsed cell: its geometry (None: it has none), its SRID (0: none stated), and whether a ring was closed."""

    shape: shapely.Geometry | None = None
    srid: int = 0
    closed: bool = False


def _parse_cell(text: str) -> _ParsedCell:
    if _WKB.fullmatch(text):
        content = _decode_hex(text)
        return _build_cell(shapely.from_wkb, content, _read_srid(content)) if _is_wkb(content) else _ParsedCell()
    if _is_too_deep(text):
        return _ParsedCell()
    if match := _STRAIGHT.match(text):
        return _build_cell(shapely.from_wkt, _SRID.sub("", text, count=1), int(match[1] or 0))
    if not text.startswith("{"):
        return _ParsedCell()
    try:
        normal_json = json.dumps(json.loads(text))  # rejects trailing text and malformed numbers
    except ValueError:
        return _ParsedCell()
    return _ParsedCell(shapely.from_geojson(normal_json, on_invalid="ignore"))


def _build_cell(parse: Callable[..., shapely.Geometry | None], content: str | bytes, srid: int) -> _ParsedCell:
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", RuntimeWarning
        )  # for coordinates that are not numbers, which geo.geometry.repair finds
        valid_shape = parse(content, on_invalid="ignore")
        shape = parse(content, on_invalid="fix") if valid_shape is None else valid_shape
    return _ParsedCell() if shape is None else _ParsedCell(shapely.set_srid(shape, 0), srid, valid_shape is None)


def _is_too_deep(text: str) -> bool:
    """Return whether brackets nest deeper than geometry does, or do not match."""
    brackets = _BRACKETS.sub("", text)
    for _ in range(MAX_NESTING):
        brackets = brackets.replace("()", "").replace("[]", "").replace("{}", "")
    return bool(brackets)


def _decode_hex(text: str) -> bytes:
    match = _WKB.fullmatch(text)
    return bytes.fromhex(match[1]) if match else b""


def _read_srid(content: bytes) -> int:
    order = "<" if content[0] else ">"
    kind, srid = struct.unpack_from(f"{order}II", content, 1)
    return int(srid) if kind & _WITH_SRID else 0


def _is_wkb(content: bytes) -> bool:
    """Return whether the bytes are exactly one WKB geometry without curves, with correctly nested parts."""
    try:
        return _find_end(content, 0, 0) == len(content)
    except (struct.error, ValueError):
        return False


def _find_end(content: bytes, offset: int, depth: int) -> int:
    """Find the offset at which the WKB geometry that starts at `offset` ends."""
    order = "<" if content[offset] else ">"
    stated = struct.unpack_from(f"{order}I", content, offset + 1)[0]
    offset += 9 if stated & _WITH_SRID else 5
    thousands, kind = divmod(stated & 0x0FFFFFFF, 1000)
    flags = bool(stated & _Z) + bool(stated & _M)
    vertex_bytes = 8 * (2 + (flags or {0: 0, 1: 1, 2: 1, 3: 2}[min(thousands, 3)]))
    if not _POINT <= kind <= _LAST or depth > MAX_NESTING // 2:
        raise ValueError(kind)
    if kind == _POINT:
        return offset + vertex_bytes
    count = struct.unpack_from(f"{order}I", content, offset)[0]
    offset += 4
    if kind == _LINE:
        return int(offset + count * vertex_bytes)
    if count > len(content) - offset:
        raise ValueError(count)
    for _ in range(count):
        if kind == _POLYGON:
            offset += 4 + struct.unpack_from(f"{order}I", content, offset)[0] * vertex_bytes
        else:
            offset = _find_end(content, offset, depth + 1)
    return offset
