"""Preparation of a TopoJSON text so that GDAL reads every object.

An object that GDAL would skip gets an empty geometry, so that the row numbers are right.
"""

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
    """Return a path to a text in which GDAL reads a row for each object, and the objects without readable geometry."""
    left_out: LeftOut = {}
    if path.stat().st_size > MAX_REREAD_BYTES:
        return path, left_out
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise DamagedError(
            N_("{name} cannot be read as {format}: {why}"), name=name, format=Format.TOPOJSON.value, why=error
        ) from error
    objects = document.get("objects")
    for layer, collection in objects.items() if isinstance(objects, dict) else ():
        geometries = collection.get("geometries") if isinstance(collection, dict) else None
        objects_of_layer: list[object] = geometries if isinstance(geometries, list) else []
        for row, geometry in enumerate(objects_of_layer, start=1):
            kind = _unreadable_kind(geometry)
            if kind is not None:
                left_out.setdefault(layer, {})[row] = kind
                objects_of_layer[row - 1] = (geometry if isinstance(geometry, dict) else {}) | _EMPTY
    if not left_out:
        return path, left_out
    if scratch is None:
        raise SourceError(
            N_(
                "{name} has objects without geometry. Save it as GeoJSON and add it again: reading it as it "
                "is would write a copy to the disk"
            ),
            name=name,
        )
    written = scratch / "every_row.json"
    written.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return written, left_out


def _unreadable_kind(geometry: object) -> str | None:
    """Return the type of a geometry that cannot be read, empty if there is none; None if GDAL reads it."""
    if not isinstance(geometry, dict) or geometry.get("type") is None:
        return ""
    kind = str(geometry["type"])
    if kind == "GeometryCollection" and not geometry.get("geometries"):
        return ""
    coordinates = geometry.get(_COORDINATES.get(kind, ""))
    if not isinstance(coordinates, list):
        return kind[:40]
    return None if coordinates else ""
