"""
Esri's JSON as GeoJSON, for servers that speak nothing else.

Esri gives the rings of all parts in one list: those that run clockwise are shells, the others holes. The converters on
PyPI drop rings of fewer than four corners and make land of a hole that lies in no shell; here both stay as they are,
so that validation finds them.
"""

import json
from collections.abc import Mapping, Sequence
from itertools import pairwise

import shapely

from lindero.layers.services.protocols.features import Feature

DEGREES = "4326"  # Esri's number for WGS 84, which it gives as longitude, latitude
_WGS84 = frozenset({4326, 104199})
Ring = Sequence[Sequence[float]]
Shape = dict[str, object] | None


def is_degrees(members: Mapping[str, object]) -> bool:
    """Whether an answer says that its coordinates are degrees on WGS 84, or says nothing, as one of tables does."""
    reference = members.get("spatialReference")
    if not isinstance(reference, Mapping):
        return True
    return bool({reference.get("wkid"), reference.get("latestWkid")} & _WGS84)


def as_geojson(feature: Feature, geometry_type: str, id_field: str) -> Feature:
    """Give a feature of Esri's JSON as GeoJSON; numbers and attributes stay as they are."""
    attributes = feature.value.get("attributes")
    properties = attributes if isinstance(attributes, Mapping) else {}
    geometry = feature.value.get("geometry")
    value = {
        "type": "Feature",
        "id": properties.get(id_field),
        "properties": dict(properties),
        "geometry": _shape(geometry, geometry_type) if isinstance(geometry, Mapping) else None,
    }
    return Feature(json.dumps(value, ensure_ascii=False, separators=(",", ":")), value)


def _shape(geometry: Mapping[str, object], kind: str) -> Shape:
    if "rings" in geometry or kind == "esriGeometryPolygon":
        return _polygons(_lines(geometry.get("rings")))
    if "paths" in geometry:
        return {"type": "MultiLineString", "coordinates": _lines(geometry["paths"])}
    if "points" in geometry:
        return {"type": "MultiPoint", "coordinates": _lines([geometry["points"]])[0]}
    if isinstance(geometry.get("x"), int | float):
        return {"type": "Point", "coordinates": [geometry["x"], geometry["y"]]}
    return None


def _polygons(rings: Sequence[Ring]) -> Shape:
    """Give each hole to the smallest shell around it; one that lies in no shell to the last, where it is no hole."""
    if not rings:
        return None
    shells = [[ring] for ring in rings if _is_shell(ring)] or [[rings[0]]]
    areas = [shapely.Polygon(parts[0]) if len(parts[0]) > 3 else shapely.Polygon() for parts in shells]  # noqa: PLR2004
    for hole in rings:
        if _is_shell(hole) or any(hole is parts[0] for parts in shells):
            continue
        corner = shapely.Point(hole[0]) if hole else shapely.Point()
        around = [number for number, area in enumerate(areas) if area.covers(corner)]
        shells[min(around, key=lambda number: areas[number].area, default=len(shells) - 1)].append(hole)
    if len(shells) == 1:
        return {"type": "Polygon", "coordinates": shells[0]}
    return {"type": "MultiPolygon", "coordinates": shells}


def _is_shell(ring: Ring) -> bool:
    """Whether a ring runs clockwise (its signed area is not positive), as Esri's outer rings do."""
    if not ring:
        return True
    x, y = ring[0][:2]  # areas are small against coordinates: taken from a corner, no digits are lost
    return sum((a[0] - x) * (b[1] - y) - (b[0] - x) * (a[1] - y) for a, b in pairwise(ring)) <= 0


def _lines(value: object) -> list[Ring]:
    return [[list(point) for point in line] for line in value] if isinstance(value, list) else []
