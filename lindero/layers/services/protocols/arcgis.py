"""Layers of an ArcGIS Feature or Map Server (Esri GeoServices REST Specification, query operation).

There are three ways to page: by offset, where the server offers it; by `OBJECTID > last` in the order of OBJECTID,
where it refuses offsets, as some servers do; and by ranges of the ids that it lists, where it cannot sort
either.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import shapely

from lindero.layers.errors import N_, ClosedError, NotWholeError, ServiceError
from lindero.layers.services.connection.http import CLOSED_STATUSES, HostClient
from lindero.layers.services.protocols.protocol import (
    Feature,
    LayerDescription,
    Page,
    Request,
    Response,
    parse_response,
)

OFFSET, KEYSET, RANGES = "offset", "keyset", "ranges"
WAYS = (OFFSET, KEYSET, RANGES)
FEW_ROWS = 1_000  # rows in a response, if the server does not state its limit
MOST_ROWS = 5_000  # some servers state a million, and fail
_LAYER_PATH = re.compile(r"/(?:Feature|Map)Server/(\d+)/?$", re.IGNORECASE)
_ACCOUNT = frozenset({401, 403, 498, 499})
_BUSY = re.compile(rb'\s*\{\s*"error"\s*:\s*\{\s*"code"\s*:\s*5\d\d\b')  # sent with a success status
DEGREES = "4326"  # Esri's number for WGS 84, in the order longitude, latitude
_WGS84 = frozenset({4326, 104199})
Ring = Sequence[Sequence[float]]
Shape = dict[str, object] | None


class ArcGIS:
    """A layer of an ArcGIS server.

    `url`: the address of the layer (`…/MapServer/0`), or of a server with one layer. `paging`: the way to page, one of
    `WAYS`, if the server's own description is known to be wrong.
    """

    kind = "arcgis"
    passing = _BUSY

    def __init__(self, web: HostClient, url: str, *, sublayer: str = "", paging: str = "") -> None:
        self._web = web
        self._url = _find_layer_url(web, url.partition("?")[0].rstrip("/"), sublayer)
        self._layer = _Layer.from_description(_fetch(web, Request(self._url, {"f": "json"})).members, self._url)
        self._way = paging or self._layer.way
        self._ids = self._fetch_ids() if self._way == RANGES else []
        rows = self.count_rows()
        self.description = LayerDescription(
            url=self._url,
            title=self._layer.title,
            rows=len(self._ids) if self._way == RANGES else rows,
            fields=self._layer.fields,
            crs=self._layer.crs,
            paging=self._way,
            licence=self._layer.licence,
        )

    def first_request(self) -> Request:
        """Return the first request."""
        match self._way:
            case "offset":
                return self._query_request({"resultOffset": "0", "resultRecordCount": str(self._layer.page_rows)})
            case "keyset":
                return self._query_request({}, condition="1=1")
            case _:
                return self._range_request(0)

    def parse_page(self, raw: bytes) -> Page:
        """Parse a response; Esri JSON is converted to GeoJSON."""
        answer = _require_success(parse_response(raw, host=self._web.host), self._web.host)
        features = answer.features
        if not self._layer.gives_geojson:
            if features and not is_degrees(answer.members):
                raise ServiceError(
                    N_("{host} sent coordinates in a different CRS from the one requested"), host=self._web.host
                )
            geometry = str(answer.members.get("geometryType", ""))
            features = tuple(to_geojson(feature, geometry, self._layer.id_field) for feature in features)
        features = tuple(_decode_values(feature, self._layer.domains) for feature in features)
        keys = tuple(_feature_key(feature, self._layer.id_field) for feature in features)
        if None in keys:
            raise ServiceError(N_("{host} sent rows without the field {field}"), host=self._web.host, field=self._id)
        return Page(features, keys, more=_has_more(answer.members))

    def next_request(self, page: Page, rows: int, number: int) -> Request | None:
        """Return the next request, until the server announces no more rows and all rows have arrived."""
        if self._way == RANGES:
            return self._range_request(number) if number * self._layer.page_rows < len(self._ids) else None
        if not page.features or not (page.more or rows < (self.description.rows or 0)):
            return None
        if self._way == OFFSET:
            return self._query_request({"resultOffset": str(rows), "resultRecordCount": str(self._layer.page_rows)})
        keys = [int(str(key)) for key in page.keys]
        if keys != sorted(set(keys)):
            raise NotWholeError(N_("{host} did not sort its rows by {field}"), host=self._web.host, field=self._id)
        return self._query_request({}, condition=f"{self._id} > {keys[-1]}")

    def count_rows(self) -> int | None:
        """Count the rows of the layer."""
        count = _fetch(self._web, self._query_request({"returnCountOnly": "true"}, plain=True)).members.get("count")
        if not isinstance(count, int):
            raise ServiceError(N_("{host} does not state how many rows {url} has"), host=self._web.host, url=self._url)
        return count

    @property
    def _id(self) -> str:
        return self._layer.id_field

    def _query_request(self, parameters: Mapping[str, str], *, condition: str = "1=1", plain: bool = False) -> Request:
        params = {"where": condition, "f": "json"}
        if not plain:
            form = "geojson" if self._layer.gives_geojson else "json"
            params |= {"outFields": "*", "returnGeometry": "true", "outSR": DEGREES, "f": form}
            if self._way != RANGES:
                params["orderByFields"] = f"{self._id} ASC"
        return Request(f"{self._url}/query", params | dict(parameters))

    def _fetch_ids(self) -> list[int]:
        ids = (
            _fetch(self._web, self._query_request({"returnIdsOnly": "true"}, plain=True)).members.get("objectIds") or []
        )
        return sorted({int(str(object_id)) for object_id in ids}) if isinstance(ids, Sequence) else []

    def _range_request(self, number: int) -> Request:
        ids = self._ids[number * self._layer.page_rows :][: self._layer.page_rows]
        condition = f"{self._id} >= {ids[0]} AND {self._id} <= {ids[-1]}" if ids else "1=0"
        return self._query_request({}, condition=condition)


@dataclass(frozen=True)
class _Layer:
    """The server's description of a layer."""

    title: str
    id_field: str
    fields: tuple[str, ...]
    domains: Mapping[str, Mapping[str, str]]  # by field, the words of the values that the service sends as codes
    crs: str
    licence: str
    page_rows: int
    gives_geojson: bool
    way: str

    @classmethod
    def from_description(cls, description: Mapping[str, object], url: str) -> "_Layer":
        fields = [field for field in _list(description.get("fields")) if isinstance(field, Mapping)]
        by_type = (str(field["name"]) for field in fields if field.get("type") == "esriFieldTypeOID")
        id_field = str(description.get("objectIdField") or next(by_type, ""))
        if not id_field:
            raise ServiceError(N_("{url} is not a feature layer: the service lists no fields"), url=url)
        capabilities = description.get("advancedQueryCapabilities")
        capabilities = capabilities if isinstance(capabilities, Mapping) else {}
        pages = bool(capabilities.get("supportsPagination", description.get("supportsPagination", False)))
        orders = bool(capabilities.get("supportsOrderBy", description.get("supportsAdvancedQueries", True)))
        max_rows = description.get("maxRecordCount")
        return cls(
            title=str(description.get("name") or url),
            id_field=id_field,
            fields=tuple(str(field.get("name")) for field in fields if field.get("type") != "esriFieldTypeGeometry"),
            domains={str(field.get("name")): names for field in fields if (names := _coded_values(field))},
            crs=_layer_crs(description),
            licence=str(description.get("copyrightText") or ""),
            page_rows=min(max_rows, MOST_ROWS) if isinstance(max_rows, int) and max_rows > 0 else FEW_ROWS,
            gives_geojson="geojson" in str(description.get("supportedQueryFormats", "")).casefold(),
            way=OFFSET if pages else KEYSET if orders else RANGES,
        )


def _coded_values(field: Mapping[str, object]) -> dict[str, str]:
    """Return the words of the values of a field with a coded domain; empty for other fields."""
    domain = field.get("domain")
    listed = _list(domain.get("codedValues")) if isinstance(domain, Mapping) else []
    return {str(value.get("code")): str(value.get("name")) for value in listed if isinstance(value, Mapping)}


def _decode_values(feature: Feature, domains: Mapping[str, Mapping[str, str]]) -> Feature:
    """Return a feature with the words of its coded values. A code that the domain does not list stays as it is."""
    properties = feature.value.get("properties")
    if not domains or not isinstance(properties, Mapping):
        return feature
    decoded = {name: domains[name].get(str(value), value) for name, value in properties.items() if name in domains}
    value = {**feature.value, "properties": {**properties, **decoded}}
    return Feature(json.dumps(value, ensure_ascii=False, separators=(",", ":")), value)


def _find_layer_url(web: HostClient, url: str, sublayer: str) -> str:
    if _LAYER_PATH.search(url):
        return url
    description = _fetch(web, Request(url, {"f": "json"})).members
    layers = [
        layer for name in ("layers", "tables") for layer in _list(description.get(name)) if isinstance(layer, Mapping)
    ]
    name_by_id = {str(layer.get("id")): str(layer.get("name")) for layer in layers if not layer.get("subLayerIds")}
    matching = [
        key for key, name in name_by_id.items() if sublayer in {key, name} or (not sublayer and len(name_by_id) == 1)
    ]
    if not name_by_id:
        raise ServiceError(N_("{url} has no layers; check the address"), url=url)
    if len(matching) != 1:
        raise ServiceError(
            N_("{url} has {count} layers: {layers}; choose one with --sublayer"),
            url=url,
            count=len(name_by_id),
            layers=", ".join(f"{key} ({name})" for key, name in name_by_id.items()),
        )
    return f"{url}/{matching[0]}"


def _fetch(web: HostClient, request: Request) -> Response:
    raw = web.get(request.url, request.params, passing=_BUSY)
    return _require_success(parse_response(raw, host=web.host), web.host)


def _require_success(answer: Response, host: str) -> Response:
    """Return a response; raise ServiceError if it is a refusal, which ArcGIS sends with a success status."""
    error = answer.members.get("error")
    if not isinstance(error, Mapping):
        return answer
    details = "; ".join(str(detail) for detail in _list(error.get("details")))
    reason = " ".join(f"{error.get('message') or ''} {details}".split())[:200]
    if error.get("code") in _ACCOUNT:
        raise ServiceError(
            N_("{host} requires an account ({status} {told}); download the file by hand and add it"),
            host=host,
            status=error.get("code"),
            told=reason,
        )
    kind = ClosedError if error.get("code") in CLOSED_STATUSES else ServiceError
    raise kind(N_("{host} refused the request: {status} {told}"), host=host, status=error.get("code"), told=reason)


def _has_more(members: Mapping[str, object]) -> bool:
    of_collection = members.get("properties")
    nested = of_collection.get("exceededTransferLimit") if isinstance(of_collection, Mapping) else None
    return bool(members.get("exceededTransferLimit") or nested)


def _feature_key(feature: Feature, field: str) -> object:
    properties = feature.value.get("properties")
    id_value = properties.get(field) if isinstance(properties, Mapping) else None
    return id_value if id_value is not None else feature.value.get("id")


def _layer_crs(description: Mapping[str, object]) -> str:
    extent = description.get("extent")
    reference = extent.get("spatialReference") if isinstance(extent, Mapping) else description.get("spatialReference")
    if not isinstance(reference, Mapping):
        return ""
    return str(reference.get("latestWkid") or reference.get("wkid") or reference.get("wkt") or "")


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


# Conversion of Esri JSON to GeoJSON, for servers that support nothing else.
#
# Esri lists the rings of all parts together: clockwise rings are shells, the others holes. The converters on PyPI
# drop rings of fewer than four vertices, and turn a hole outside all shells into land. Here both stay unchanged,
# so that validation finds them.


def is_degrees(members: Mapping[str, object]) -> bool:
    """Return whether a response states coordinates in degrees on WGS 84, or no spatial reference, as for tables."""
    reference = members.get("spatialReference")
    if not isinstance(reference, Mapping):
        return True
    return bool({reference.get("wkid"), reference.get("latestWkid")} & _WGS84)


def to_geojson(feature: Feature, geometry_type: str, id_field: str) -> Feature:
    """Convert a feature from Esri JSON to GeoJSON; numbers and attributes stay unchanged."""
    attributes = feature.value.get("attributes")
    properties = attributes if isinstance(attributes, Mapping) else {}
    geometry = feature.value.get("geometry")
    value = {
        "type": "Feature",
        "id": properties.get(id_field),
        "properties": dict(properties),
        "geometry": _convert_geometry(geometry, geometry_type) if isinstance(geometry, Mapping) else None,
    }
    return Feature(json.dumps(value, ensure_ascii=False, separators=(",", ":")), value)


def _convert_geometry(geometry: Mapping[str, object], kind: str) -> Shape:
    if "rings" in geometry or kind == "esriGeometryPolygon":
        return _group_rings(_convert_lines(geometry.get("rings")))
    if "paths" in geometry:
        return {"type": "MultiLineString", "coordinates": _convert_lines(geometry["paths"])}
    if "points" in geometry:
        return {"type": "MultiPoint", "coordinates": _convert_lines([geometry["points"]])[0]}
    if isinstance(geometry.get("x"), int | float):
        return {"type": "Point", "coordinates": [geometry["x"], geometry["y"]]}
    return None


def _group_rings(rings: Sequence[Ring]) -> Shape:
    """Group rings into polygons.

    Each hole is added to the smallest shell around it, or to the last shell if none contains it.
    """
    if not rings:
        return None
    shells = [[ring] for ring in rings if _is_shell(ring)] or [[rings[0]]]
    areas = [shapely.Polygon(parts[0]) if len(parts[0]) > 3 else shapely.Polygon() for parts in shells]  # noqa: PLR2004
    for hole in rings:
        if _is_shell(hole) or any(hole is parts[0] for parts in shells):
            continue
        vertex = shapely.Point(hole[0]) if hole else shapely.Point()
        containing = [number for number, area in enumerate(areas) if area.covers(vertex)]
        shells[min(containing, key=lambda number: areas[number].area, default=len(shells) - 1)].append(hole)
    if len(shells) == 1:
        return {"type": "Polygon", "coordinates": shells[0]}
    return {"type": "MultiPolygon", "coordinates": shells}


def _is_shell(ring: Ring) -> bool:
    """Return whether a ring is clockwise (its signed area is not positive), as Esri's outer rings are."""
    if not ring:
        return True
    x, y = ring[0][:2]  # relative to one vertex: areas are small compared with coordinates, and would lose digits
    return sum((a[0] - x) * (b[1] - y) - (b[0] - x) * (a[1] - y) for a, b in pairwise(ring)) <= 0


def _convert_lines(value: object) -> list[Ring]:
    return [[list(point) for point in line] for line in value] if isinstance(value, list) else []
