"""What `/ogc` answers, as an OpenAPI document that refers to nothing outside itself."""

from collections.abc import Iterable

from lindero.app.serving.ogc import questions
from lindero.app.serving.ogc.contents import Collection
from lindero.app.serving.ogc.documents import GEOJSON, OPENAPI, SCHEMA, Document, schema

_SYSTEM = {"type": "string", "format": "uri", "enum": list(questions.SYSTEMS), "default": questions.CRS84}
_NUMBERS = {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6}
_PARAMETERS: dict[str, dict[str, object]] = {
    "f": {"schema": {"type": "string", "enum": ["json"]}},
    "limit": {
        "schema": {"type": "integer", "minimum": 1, "maximum": questions.MOST, "default": questions.COUNT},
        "style": "form",
        "explode": False,
    },
    "offset": {"schema": {"type": "integer", "minimum": 0, "maximum": 999_999_999, "default": 0}},
    "bbox": {"schema": _NUMBERS, "style": "form", "explode": False},
    "bbox-crs": {"schema": _SYSTEM},
    "crs": {"schema": _SYSTEM},
    "datetime": {"schema": {"type": "string"}},
    "filter": {"schema": {"type": "string"}},
    "filter-lang": {"schema": {"type": "string", "enum": list(questions.LANGUAGES), "default": "cql2-text"}},
    "filter-crs": {"schema": _SYSTEM},
}
_TITLES = {
    "/": ("landing", "The page that everything is found from"),
    "/api": ("description", "This document"),
    "/conformance": ("conformance", "The parts of the standards that are kept"),
    "/collections": ("collections", "The layers of the map"),
}


def description(root: str, offered: Iterable[Collection]) -> Document:
    """Give the document; `root` is the address of `/ogc`."""
    types = {"/api": OPENAPI}
    paths = {path: _get(name, title, types.get(path, "application/json")) for path, (name, title) in _TITLES.items()}
    for one in offered:
        paths |= _of_collection(one)
    return {
        "openapi": "3.0.3",
        "info": {"title": "Lindero", "version": "1"},
        "servers": [{"url": root}],
        "paths": paths,
        "components": {
            "parameters": {name: _parameter(name, told) for name, told in _PARAMETERS.items()},
            "schemas": {
                "exception": {
                    "type": "object",
                    "required": ["code", "description"],
                    "properties": {"code": {"type": "string"}, "description": {"type": "string"}},
                },
            },
        },
    }


def _of_collection(one: Collection) -> dict[str, Document]:
    address = f"/collections/{one.name}"
    own = [_parameter(name, {"schema": _plain(one, name)}) for name in one.columns]
    shared: list[Document] = [{"$ref": f"#/components/parameters/{name}"} for name in _PARAMETERS]
    feature: Document = {"name": "featureId", "in": "path", "required": True, "schema": {"type": "string"}}
    form = shared[0]
    crs: Document = {"$ref": "#/components/parameters/crs"}
    return {
        address: _get(f"describe.{one.name}", "The layer", "application/json"),
        f"{address}/queryables": _get(f"queryables.{one.name}", "What features can be asked by", SCHEMA),
        f"{address}/items": _get(f"get.{one.name}.features", "Features", GEOJSON, [*shared, *own]),
        f"{address}/items/{{featureId}}": _get(f"get.{one.name}.feature", "One feature", GEOJSON, [feature, form, crs]),
    }


def _plain(one: Collection, name: str) -> Document:
    told = schema(one, name)
    return {key: told[key] for key in ("type", "format", "enum") if key in told}


def _parameter(name: str, told: Document) -> Document:
    return {"name": name, "in": "query", "required": False, **told}


def _get(operation: str, title: str, type_: str, parameters: list[Document] | None = None) -> Document:
    problem = {"application/json": {"schema": {"$ref": "#/components/schemas/exception"}}}
    told = {"400": "Not understood", "404": "Not there", "503": "No map to be read"}
    return {
        "get": {
            "operationId": operation,
            "summary": title,
            "parameters": parameters or [{"$ref": "#/components/parameters/f"}],
            "responses": {
                "200": {"description": title, "content": {type_: {"schema": {"type": "object"}}}},
                **{code: {"description": why, "content": problem} for code, why in told.items()},
            },
        }
    }
