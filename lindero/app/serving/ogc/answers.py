"""The endpoints of `/ogc`: OGC API Features, parts 1 to 3, for the served map.

Everybody who may see the pages may use them. They return only publishable data: never the vault, and for incidents only
the known area.
"""

import gzip
import json
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from urllib.parse import quote, urlencode

import geopandas as gpd
import shapely
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lindero.app.media.files.files import to_records
from lindero.app.serving.access import login
from lindero.app.serving.access.pools import Pool, PoolBusyError, retry_header
from lindero.app.serving.ogc import contents, documents, questions
from lindero.app.serving.ogc.contents import Collection
from lindero.app.serving.ogc.documents import GEOJSON, OPENAPI, SCHEMA, Document, build_link, build_schema
from lindero.app.text import i18n
from lindero.app.text.error_advice import error_text
from lindero.layers.database.map_database import Bounds
from lindero.layers.database.queries import feature_pages
from lindero.layers.database.queries.condition import Condition, ConditionWriter
from lindero.layers.database.query_limit import query_limit
from lindero.layers.errors import N_, AnswerError, LayerError, NotBuiltError, TooLongError

ROOT = "/ogc"
THREADS, WAITING = 4, 50  # threads for these answers, and questions that wait for one
LONGEST_QUERY_S = 10.0
_COMPRESSED_FROM = 1_000  # bytes from which a response is compressed
Answer = Callable[[Request], Response]
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
}
_TITLES = {
    "/": ("landing", "The page that everything is found from"),
    "/api": ("description", "This document"),
    "/conformance": ("conformance", "The parts of the standards that are kept"),
    "/collections": ("collections", "The layers of the map"),
}


class _NotFoundError(AnswerError):
    """The requested collection or feature does not exist."""


def routes() -> list[Route]:
    """Return the routes of OGC API Features. They are answered by a thread pool of their own."""
    pool = Pool(THREADS, waiting=WAITING)
    items = f"{ROOT}/collections/{{name}}/items"
    endpoints: dict[str, Answer] = {
        ROOT: _get_landing,
        f"{ROOT}/": _get_landing,
        f"{ROOT}/api": _get_description,
        f"{ROOT}/conformance": _get_conformance,
        f"{ROOT}/collections": _get_collections,
        f"{ROOT}/collections/{{name}}": _get_collection,
        f"{ROOT}/collections/{{name}}/queryables": _get_queryables,
        items: _get_items,
        f"{items}/{{feature:path}}": _get_item,
    }
    return [Route(path, _wrap_endpoint(answer, pool)) for path, answer in endpoints.items()]


def _wrap_endpoint(answer: Answer, pool: Pool) -> Callable[[Request], Awaitable[Response]]:
    """Wrap an endpoint to answer in the reader's language, and to describe errors as the standard requires."""

    def answer_or_problem(request: Request) -> Response:
        try:
            return answer(request)
        except _NotFoundError as error:
            return _problem_response(request, 404, "NotFound", error_text(error))
        except AnswerError as error:
            return _problem_response(request, 400, "InvalidParameterValue", error_text(error))
        except TooLongError as error:
            return _busy_response(request, error)
        except NotBuiltError as error:
            return _problem_response(request, 503, "NoApplicableCode", error_text(error))

    async def endpoint(request: Request) -> Response:
        i18n.set_language(i18n.choose_browser_language(request.headers.get("accept-language", "")))
        try:
            return await pool.run(request, partial(answer_or_problem, request))
        except PoolBusyError as error:
            return _busy_response(request, error)

    return endpoint


def _get_landing(request: Request) -> Response:
    questions.check_parameters(request.query_params, ["f"])
    return _json_response(request, documents.build_landing(_root_url(request), contents.map_notes()))


def _get_description(request: Request) -> Response:
    questions.check_parameters(request.query_params, ["f"])
    offered = [contents.COLLECTIONS[name] for name in contents.list_collections()]
    return _json_response(request, build_openapi(_root_url(request), offered), OPENAPI)


def _get_conformance(request: Request) -> Response:
    questions.check_parameters(request.query_params, ["f"])
    return _json_response(request, documents.build_conformance())


def _get_collections(request: Request) -> Response:
    questions.check_parameters(request.query_params, ["f"])
    offered = {name: (contents.COLLECTIONS[name], extent) for name, extent in contents.list_collections().items()}
    return _json_response(request, documents.build_collections(_root_url(request), offered, contents.invented_text()))


def _get_collection(request: Request) -> Response:
    questions.check_parameters(request.query_params, ["f"])
    collection, extent = _find_collection(request)
    warning = contents.invented_text()
    return _json_response(request, documents.build_collection(_root_url(request), collection, extent, warning))


def _get_queryables(request: Request) -> Response:
    questions.check_parameters(request.query_params, ["f"])
    return _json_response(request, documents.build_queryables(_root_url(request), _find_collection(request)[0]), SCHEMA)


def _get_items(request: Request) -> Response:
    collection, _extent = _find_collection(request)
    question = questions.parse_page_request(request.query_params, collection)
    con = collection.open_cursor()
    with query_limit(con, LONGEST_QUERY_S):
        matched = feature_pages.count_features(con, collection.layer, question.where)
        rows = feature_pages.read_page(
            con, collection.layer, list(collection.columns), question.where, count=question.count, offset=question.after
        )
    address = f"{_root_url(request)}/collections/{collection.name}"
    links = [build_link("self", _request_url(request, {}), GEOJSON), build_link("collection", address)]
    if question.after + len(rows) < matched:
        links.append(
            build_link("next", _request_url(request, {"offset": str(question.after + question.count)}), GEOJSON)
        )
    if question.after:
        links.append(
            build_link("prev", _request_url(request, {"offset": str(max(0, question.after - question.count))}), GEOJSON)
        )
    head = json.dumps({"links": links, "numberMatched": matched, "numberReturned": len(rows)}, ensure_ascii=False)
    features = ",".join(_encode_feature(properties, shape) for properties, shape in _encode_rows(rows, question.crs))
    return _geojson_response(
        request, f'{{"type":"FeatureCollection",{head[1:-1]},"features":[{features}]}}', question.crs
    )


def _get_item(request: Request) -> Response:
    collection, _extent = _find_collection(request)
    questions.check_parameters(request.query_params, ["f", "crs"])
    crs = questions.parse_crs(request.query_params)
    writer = ConditionWriter(collection.columns)
    condition = Condition(writer.match_value("id", request.path_params["feature"]), writer.parameters)
    rows = feature_pages.read_page(
        collection.open_cursor(), collection.layer, list(collection.columns), condition, count=1
    )
    if rows.empty:
        raise _NotFoundError(N_("'{name}' was not found"), name=request.path_params["feature"])
    ((properties, shape),) = _encode_rows(rows, crs)
    address = f"{_root_url(request)}/collections/{collection.name}"
    links = [
        build_link("self", f"{address}/items/{quote(str(properties['id']), safe='')}", GEOJSON),
        build_link("collection", address),
    ]
    return _geojson_response(request, _encode_feature(properties, shape, links), crs)


def _encode_rows(rows: gpd.GeoDataFrame, crs: str) -> list[tuple[dict[str, object], str]]:
    """Return the attributes and the GeoJSON geometry of each row."""
    shapes = questions.transform_crs84(rows.geometry.to_numpy(), crs)
    geometries = [str(text) if text is not None else "null" for text in shapely.to_geojson(shapes)]
    return list(zip(to_records(rows), geometries, strict=True))


def _encode_feature(attributes: dict[str, object], shape: str, links: list[Document] | None = None) -> str:
    members = {"links": links} if links else {}
    properties = {name: value for name, value in attributes.items() if name != "id"}
    text = json.dumps(
        {"id": attributes["id"], "properties": properties, **members}, ensure_ascii=False, default=_format_date
    )
    return f'{{"type":"Feature",{text[1:-1]},"geometry":{shape}}}'


def _format_date(value: object) -> str:
    return str(value)[:10]


def _find_collection(request: Request) -> tuple[Collection, Bounds | None]:
    name, offered = request.path_params["name"], contents.list_collections()
    if name not in offered:
        raise _NotFoundError(N_("'{name}' was not found"), name=name)
    return contents.COLLECTIONS[name], offered[name]


def _root_url(request: Request) -> str:
    """Return the address of `/ogc` as the client sees it.

    A web server in front may use TLS.
    """
    settings = login.current_settings()
    protocol = request.headers.get("x-forwarded-proto", "")
    is_tls = (settings is not None and settings.has_tls) or protocol == "https" or request.url.scheme == "https"
    return f"{'https' if is_tls else 'http'}://{request.headers['host']}{ROOT}"


def _request_url(request: Request, changed: dict[str, str]) -> str:
    address = _root_url(request).removesuffix(ROOT) + quote(request.url.path)
    query = urlencode({**request.query_params, **changed})
    return f"{address}?{query}" if query else address


def _geojson_response(request: Request, content: str, crs: str) -> Response:
    answer = _build_response(request, content.encode(), GEOJSON)
    answer.headers["content-crs"] = f"<{crs}>"
    return answer


def _json_response(
    request: Request, document: Document, type_: str = "application/json", status: int = 200
) -> Response:
    return _build_response(request, json.dumps(document, ensure_ascii=False).encode(), type_, status)


def _problem_response(request: Request, status: int, code: str, why: str) -> Response:
    return _json_response(request, {"code": code, "description": why}, status=status)


def _busy_response(request: Request, error: LayerError) -> Response:
    answer = _problem_response(request, 503, "NoApplicableCode", error_text(error))
    answer.headers.update(retry_header())
    return answer


def _build_response(request: Request, content: bytes, type_: str, status: int = 200) -> Response:
    # Links contain the requested host and protocol, so no cache may return them for other requests.
    headers = {"vary": "accept-encoding, accept-language, host, x-forwarded-proto"}
    if len(content) > _COMPRESSED_FROM and "gzip" in request.headers.get("accept-encoding", ""):
        content = gzip.compress(content, compresslevel=5, mtime=0)
        headers["content-encoding"] = "gzip"
    return Response(content, status, headers, type_)


# The OpenAPI document of `/ogc`, without references to other documents.


def build_openapi(root: str, offered: Iterable[Collection]) -> Document:
    """Build the OpenAPI document of `/ogc`, which refers to nothing outside itself. `root` is the address of `/ogc`."""
    types = {"/api": OPENAPI}
    paths = {
        path: _operation(name, title, types.get(path, "application/json")) for path, (name, title) in _TITLES.items()
    }
    for collection in offered:
        paths |= _collection_paths(collection)
    return {
        "openapi": "3.0.3",
        "info": {"title": "Lindero", "version": "1"},
        "servers": [{"url": root}],
        "paths": paths,
        "components": {
            "parameters": {name: _parameter_object(name, parameter) for name, parameter in _PARAMETERS.items()},
            "schemas": {
                "exception": {
                    "type": "object",
                    "required": ["code", "description"],
                    "properties": {"code": {"type": "string"}, "description": {"type": "string"}},
                },
            },
        },
    }


def _collection_paths(collection: Collection) -> dict[str, Document]:
    address = f"/collections/{collection.name}"
    column_parameters = [
        _parameter_object(name, {"schema": _plain_schema(collection, name)}) for name in collection.columns
    ]
    shared: list[Document] = [{"$ref": f"#/components/parameters/{name}"} for name in _PARAMETERS]
    feature: Document = {"name": "featureId", "in": "path", "required": True, "schema": {"type": "string"}}
    form = shared[0]
    crs: Document = {"$ref": "#/components/parameters/crs"}
    return {
        address: _operation(f"describe.{collection.name}", "The layer", "application/json"),
        f"{address}/queryables": _operation(f"queryables.{collection.name}", "What features can be asked by", SCHEMA),
        f"{address}/items": _operation(
            f"get.{collection.name}.features", "Features", GEOJSON, [*shared, *column_parameters]
        ),
        f"{address}/items/{{featureId}}": _operation(
            f"get.{collection.name}.feature", "One feature", GEOJSON, [feature, form, crs]
        ),
    }


def _plain_schema(collection: Collection, name: str) -> Document:
    document = build_schema(collection, name)
    return {key: document[key] for key in ("type", "format", "enum") if key in document}


def _parameter_object(name: str, document: Document) -> Document:
    return {"name": name, "in": "query", "required": False, **document}


def _operation(operation: str, title: str, type_: str, parameters: list[Document] | None = None) -> Document:
    problem = {"application/json": {"schema": {"$ref": "#/components/schemas/exception"}}}
    statuses = {"400": "Not understood", "404": "Not there", "503": "No map to be read, or too much was asked at once"}
    return {
        "get": {
            "operationId": operation,
            "summary": title,
            "parameters": parameters or [{"$ref": "#/components/parameters/f"}],
            "responses": {
                "200": {"description": title, "content": {type_: {"schema": {"type": "object"}}}},
                **{code: {"description": why, "content": problem} for code, why in statuses.items()},
            },
        }
    }
