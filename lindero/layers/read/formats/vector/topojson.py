"""Objects of a TopoJSON text that GDAL leaves out: with an empty geometry each is a row with its number."""

import json
from pathlib import Path

from lindero.layers.errors import N_, DamagedError, SourceError
from lindero.layers.read.formats.detect import Format
from lindero.layers.read.formats.vector.geojson import MAX_REREAD_BYTES

_COORDINATES = {"Point": "coordinates", "MultiPoint": "coordinates"} | dict.fromkeys(
    ("LineString", "MultiLineString", "Polygon", "MultiPolygon"), "arcs"
)
_EMPTY = {"type": "MultiPolygon", "arcs": []}

LeftOut = dict[str, dict[int, str]]
"""By layer and row the kind of a geometry that cannot be read; empty where the row has none."""


def keep_every_row(path: Path, scratch: Path | None, name: str) -> tuple[Path, LeftOut]:
    """
    Return a path to the text in which GDAL reads a row for each object, and the objects without a readable geometry.

    Raises
    ------
    SourceError
        If the text is not JSON, or there are such objects and no folder to write the text anew.
    """
    left_out: LeftOut = {}
    if path.stat().st_size > MAX_REREAD_BYTES:
        return path, left_out
    try:
        whole = json.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise DamagedError(
            N_("{name} cannot be read as {format}: {why}"), name=name, format=Format.TOPOJSON.value, why=error
        ) from error
    objects = whole.get("objects")
    for layer, collection in objects.items() if isinstance(objects, dict) else ():
        found = collection.get("geometries") if isinstance(collection, dict) else None
        listed: list[object] = found if isinstance(found, list) else []
        for row, geometry in enumerate(listed, start=1):
            kind = _unreadable_kind(geometry)
            if kind is not None:
                left_out.setdefault(layer, {})[row] = kind
                listed[row - 1] = (geometry if isinstance(geometry, dict) else {}) | _EMPTY
    if not left_out:
        return path, left_out
    if scratch is None:
        raise SourceError(
            N_("{name} holds objects without geometry: save it as GeoJSON, which is read without a copy"), name=name
        )
    written = scratch / "every_row.json"
    written.write_text(json.dumps(whole, ensure_ascii=False), encoding="utf-8")
    return written, left_out


def _unreadable_kind(geometry: object) -> str | None:
    """Return the kind of a geometry that cannot be read, empty where there is none; None if GDAL reads it."""
    if not isinstance(geometry, dict) or geometry.get("type") is None:
        return ""
    kind = str(geometry["type"])
    if kind == "GeometryCollection" and not geometry.get("geometries"):
        return ""
    coordinates = geometry.get(_COORDINATES.get(kind, ""))
    if not isinstance(coordinates, list):
        return kind[:40]
    return None if coordinates else ""
