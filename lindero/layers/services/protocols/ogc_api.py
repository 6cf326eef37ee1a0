"""Collections of an OGC API – Features server (OGC 17-069r4), read by following its links."""

from collections.abc import Mapping
from urllib.parse import urljoin

from lindero.layers.errors import N_, ServiceError
from lindero.layers.services.connection.http import HostClient
from lindero.layers.services.connection.url_guard import add_params
from lindero.layers.services.protocols.protocol import LayerDescription, Page, Request, Response, parse_response

PAGE_ROWS = 1_000  # a server may return fewer
JSON = "application/geo+json, application/json;q=0.9"
_DEGREES = ("http://www.opengis.net/def/crs/OGC/1.3/CRS84", "http://www.opengis.net/def/crs/OGC/0/CRS84h")


class OgcApi:
    """A collection of an OGC API – Features server."""

    kind = "ogc_api"
    passing = None

    def __init__(self, web: HostClient, url: str, *, sublayer: str = "") -> None:
        self._web = web
        self._url = _find_collection_url(web, url.partition("?")[0].rstrip("/"), sublayer)
        description = self._get(Request(self._url)).members
        self._items = f"{self._url}/items"
        sample = self._get(Request(self._items, {"limit": "1"}))
        properties = sample.features[0].value.get("properties") if sample.features else None
        self.description = LayerDescription(
            url=self._url,
            title=str(description.get("title") or description.get("id") or self._url),
            rows=_matched_rows(sample),
            fields=tuple(properties) if isinstance(properties, Mapping) else (),
            crs=str(description.get("storageCrs") or _DEGREES[0]),
            paging="links",
            licence=_find_licence(description),
        )

    def first_request(self) -> Request:
        """Return the first request."""
        return Request(self._items, {"limit": str(PAGE_ROWS)})

    def parse_page(self, raw: bytes) -> Page:
        """Parse a response."""
        answer = _require_success(parse_response(raw, host=self._web.host), self._web.host)
        if answer.members.get("type") != "FeatureCollection":
            raise ServiceError(N_("the answer of {host} does not contain features"), host=self._web.host)
        returned = answer.members.get("numberReturned")
        if isinstance(returned, int) and returned != len(answer.features):
            raise ServiceError(
                N_("{host} announced {said} rows but sent {given}"),
                host=self._web.host,
                said=returned,
                given=len(answer.features),
            )
        return Page(
            answer.features,
            tuple(feature.value.get("id") for feature in answer.features),
            onward=_find_link(answer, "next"),
        )

    def next_request(self, page: Page, rows: int, number: int) -> Request | None:  # noqa: ARG002  the link says it all
        """Return the request to the `next` link of the page."""
        return Request(urljoin(self._items, page.onward)) if page.onward else None

    def count_rows(self) -> int | None:
        """Count the rows of the collection, if the server does."""
        return _matched_rows(self._get(Request(self._items, {"limit": "1"})))

    def _get(self, request: Request) -> Response:
        return _fetch(self._web, request)


def is_landing_page(members: Mapping[str, object]) -> bool:
    """Return whether a JSON object is the landing page or the list of collections of an OGC API."""
    links = members.get("links")
    relations = {str(link.get("rel")) for link in links if isinstance(link, Mapping)} if isinstance(links, list) else ()
    return "collections" in members or bool({"conformance", "service-desc", "data", "items"} & set(relations))


def _find_collection_url(web: HostClient, url: str, sublayer: str) -> str:
    server, marker, path = url.partition("/collections")
    name = path.strip("/").partition("/")[0] or sublayer
    if marker and name:
        return f"{server}/collections/{name}"
    collections = _fetch(web, Request(f"{server}/collections")).members.get("collections")
    descriptions = (
        [collection for collection in collections if isinstance(collection, Mapping)]
        if isinstance(collections, list)
        else []
    )
    title_by_id = {str(collection.get("id")): str(collection.get("title") or "") for collection in descriptions}
    if name in title_by_id or (not name and len(title_by_id) == 1):
        return f"{server}/collections/{name or next(iter(title_by_id))}"
    if not title_by_id:
        raise ServiceError(N_("{url} has no layers; check the address"), url=url)
    raise ServiceError(
        N_("{url} has {count} layers: {layers}; choose one with --sublayer"),
        url=url,
        count=len(title_by_id),
        layers=", ".join(f"{key} ({title})" for key, title in title_by_id.items()),
    )


def _fetch(web: HostClient, request: Request) -> Response:
    # `f=json` is not in the standard, but pygeoapi, ldproxy and GeoServer accept it where a header alone returns HTML.
    raw = web.get(add_params(request.url, {"f": "json"}), request.params, accept=JSON)
    return _require_success(parse_response(raw, host=web.host), web.host)


def _require_success(answer: Response, host: str) -> Response:
    if "code" in answer.members and "description" in answer.members:
        reason = str(answer.members["description"])[:200]
        raise ServiceError(
            N_("{host} refused the request: {status} {told}"), host=host, status=answer.members["code"], told=reason
        )
    return answer


def _matched_rows(answer: Response) -> int | None:
    count = answer.members.get("numberMatched")
    return count if isinstance(count, int) else None


def _find_link(answer: Response, relation: str) -> str:
    links = answer.members.get("links")
    for link in links if isinstance(links, list) else []:
        if isinstance(link, Mapping) and link.get("rel") == relation and "html" not in str(link.get("type", "")):
            return str(link.get("href") or "")
    return ""


def _find_licence(description: Mapping[str, object]) -> str:
    links = description.get("links")
    for link in links if isinstance(links, list) else []:
        if isinstance(link, Mapping) and link.get("rel") == "license":
            return str(link.get("title") or link.get("href") or "")
    return str(description.get("license") or "")
