"""
The addresses of `/ogc`: OGC API Features, parts 1 to 3, over the map that is served.

Everybody who may see the pages may ask here, and sees of it what a publication would show: never the vault, of
incidents the area that is known.
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

from lindero.app.output.files import records
from lindero.app.serving.access import login
from lindero.app.serving.access.pools import Pool, PoolBusyError
from lindero.app.serving.ogc import contents, documents, questions
from lindero.app.serving.ogc.contents import Collection
from lindero.app.serving.ogc.documents import GEOJSON, OPENAPI, SCHEMA, Document, link, schema
from lindero.app.text import i18n
from lindero.app.text.error_advice import error_text
from lindero.layers.database.map_database import Bounds
from lindero.layers.database.queries import feature_pages
from lindero.layers.database.queries.condition import Condition, Writer
from lindero.layers.database.query_limit import query_limit
from lindero.layers.errors import N_, AnswerError, NotBuiltError, TooLongError

ROOT = "/ogc"
THREADS = 4  # that answer here
LONGEST_QUERY_S = 10.0
_COMPRESSED_FROM = 1_000  # bytes
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


class _NothingHereError(AnswerError):
    """There is no such collection or feature."""


def routes() -> list[Route]:
    """Return the routes of OGC API Features, which are answered by threads of their own."""
    pool = Pool(THREADS)
    items = f"{ROOT}/collections/{{name}}/items"
    answered: dict[str, Answer] = {
        ROOT: _landing,
        f"{ROOT}/": _landing,
        f"{ROOT}/api": _description,
        f"{ROOT}/conformance": _conformance,
        f"{ROOT}/collections": _collections,
        f"{ROOT}/collections/{{name}}": _collection,
        f"{ROOT}/collections/{{name}}/queryables": _queryables,
        items: _items,
        f"{items}/{{feature:path}}": _item,
    }
    return [Route(path, _in_language(answer, pool)) for path, answer in answered.items()]


def _in_language(answer: Answer, pool: Pool) -> Callable[[Request], Awaitable[Response]]:
    """Answer in the reader's language, and describe errors as the standard asks."""

    def answered(request: Request) -> Response:
        try:
            return answer(request)
        except _NothingHereError as error:
            return _problem(request, 404, "NotFound", error_text(error))
        except AnswerError as error:
            return _problem(request, 400, "InvalidParameterValue", error_text(error))
        except (NotBuiltError, TooLongError) as error:
            return _problem(request, 503, "NoApplicableCode", error_text(error))

    async def endpoint(request: Request) -> Response:
        i18n.use(i18n.of_browser(request.headers.get("accept-language", "")))
        try:
            return await pool.run(partial(answered, request))
        except PoolBusyError as error:
            return _problem(request, 503, "NoApplicableCode", error_text(error))

    return endpoint


def _landing(request: Request) -> Response:
    questions.hold_known(request.query_params, ["f"])
    return _json(request, documents.landing(_root(request), contents.notes()))


def _description(request: Request) -> Response:
    questions.hold_known(request.query_params, ["f"])
    offered = [contents.COLLECTIONS[name] for name in contents.collections_offered()]
    return _json(request, description(_root(request), offered), OPENAPI)


def _conformance(request: Request) -> Response:
    questions.hold_known(request.query_params, ["f"])
    return _json(request, documents.conformance())


def _collections(request: Request) -> Response:
    questions.hold_known(request.query_params, ["f"])
    offered = {name: (contents.COLLECTIONS[name], extent) for name, extent in contents.collections_offered().items()}
    return _json(request, documents.collections(_root(request), offered))


def _collection(request: Request) -> Response:
    questions.hold_known(request.query_params, ["f"])
    return _json(request, documents.collection(_root(request), *_named(request)))


def _queryables(request: Request) -> Response:
    questions.hold_known(request.query_params, ["f"])
    return _json(request, documents.queryables(_root(request), _named(request)[0]), SCHEMA)


def _items(request: Request) -> Response:
    one, _extent = _named(request)
    question = questions.question(request.query_params, one)
    con = one.cursor()
    with query_limit(con, LONGEST_QUERY_S):
        matched = feature_pages.number(con, one.layer, question.where)
        rows = feature_pages.page(
            con, one.layer, list(one.columns), question.where, count=question.count, offset=question.after
        )
    address = f"{_root(request)}/collections/{one.name}"
    links = [link("self", _with(request, {}), GEOJSON), link("collection", address)]
    if question.after + len(rows) < matched:
        links.append(link("next", _with(request, {"offset": str(question.after + question.count)}), GEOJSON))
    if question.after:
        links.append(link("prev", _with(request, {"offset": str(max(0, question.after - question.count))}), GEOJSON))
    head = json.dumps({"links": links, "numberMatched": matched, "numberReturned": len(rows)}, ensure_ascii=False)
    features = ",".join(_feature(properties, shape) for properties, shape in _features(rows, question.crs))
    return _geojson(request, f'{{"type":"FeatureCollection",{head[1:-1]},"features":[{features}]}}', question.crs)


def _item(request: Request) -> Response:
    one, _extent = _named(request)
    questions.hold_known(request.query_params, ["f", "crs"])
    crs = questions.crs_of(request.query_params)
    writer = Writer(one.columns)
    where = Condition(writer.compare("id", "=", request.path_params["feature"]), writer.parameters)
    rows = feature_pages.page(one.cursor(), one.layer, list(one.columns), where, count=1)
    if rows.empty:
        raise _NothingHereError(N_("there is no {name} here"), name=request.path_params["feature"])
    ((properties, shape),) = _features(rows, crs)
    address = f"{_root(request)}/collections/{one.name}"
    links = [
        link("self", f"{address}/items/{quote(str(properties['id']), safe='')}", GEOJSON),
        link("collection", address),
    ]
    return _geojson(request, _feature(properties, shape, links), crs)


def _features(rows: gpd.GeoDataFrame, crs: str) -> list[tuple[dict[str, object], str]]:
    """Give the properties and the GeoJSON geometry of each row."""
    shapes = questions.in_system(rows.geometry.to_numpy(), crs)
    drawn = [str(one) if one is not None else "null" for one in shapely.to_geojson(shapes)]
    return list(zip(records(rows), drawn, strict=True))


def _feature(attributes: dict[str, object], shape: str, links: list[Document] | None = None) -> str:
    own = {"links": links} if links else {}
    properties = {name: value for name, value in attributes.items() if name != "id"}
    written = json.dumps({"id": attributes["id"], "properties": properties, **own}, ensure_ascii=False, default=_day)
    return f'{{"type":"Feature",{written[1:-1]},"geometry":{shape}}}'


def _day(value: object) -> str:
    return str(value)[:10]


def _named(request: Request) -> tuple[Collection, Bounds | None]:
    name, offered = request.path_params["name"], contents.collections_offered()
    if name not in offered:
        raise _NothingHereError(N_("there is no {name} here"), name=name)
    return contents.COLLECTIONS[name], offered[name]


def _root(request: Request) -> str:
    """Give the address of `/ogc` as whoever asks has it: a web server in front may speak TLS."""
    settings = login.current()
    protocol = request.headers.get("x-forwarded-proto", "")
    is_tls = (settings is not None and settings.has_tls) or protocol == "https" or request.url.scheme == "https"
    return f"{'https' if is_tls else 'http'}://{request.headers['host']}{ROOT}"


def _with(request: Request, changed: dict[str, str]) -> str:
    address = _root(request).removesuffix(ROOT) + quote(request.url.path)
    query = urlencode({**request.query_params, **changed})
    return f"{address}?{query}" if query else address


def _geojson(request: Request, content: str, crs: str) -> Response:
    answer = _answer(request, content.encode(), GEOJSON)
    answer.headers["content-crs"] = f"<{crs}>"
    return answer


def _json(request: Request, document: Document, type_: str = "application/json", status: int = 200) -> Response:
    return _answer(request, json.dumps(document, ensure_ascii=False).encode(), type_, status)


def _problem(request: Request, status: int, code: str, why: str) -> Response:
    return _json(request, {"code": code, "description": why}, status=status)


def _answer(request: Request, content: bytes, type_: str, status: int = 200) -> Response:
    # Links are written with the host and the protocol that were asked for: no cache may hand them to others.
    headers = {"vary": "accept-encoding, accept-language, host, x-forwarded-proto"}
    if len(content) > _COMPRESSED_FROM and "gzip" in request.headers.get("accept-encoding", ""):
        content = gzip.compress(content, compresslevel=5, mtime=0)
        headers["content-encoding"] = "gzip"
    return Response(content, status, headers, type_)


# What `/ogc` answers, as an OpenAPI document that refers to nothing outside itself.


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
            "parameters": {name: _parameter(name, parameter) for name, parameter in _PARAMETERS.items()},
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
    document = schema(one, name)
    return {key: document[key] for key in ("type", "format", "enum") if key in document}


def _parameter(name: str, document: Document) -> Document:
    return {"name": name, "in": "query", "required": False, **document}


def _get(operation: str, title: str, type_: str, parameters: list[Document] | None = None) -> Document:
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
