"""Feature types of a Web Feature Service (OGC 04-094, 09-025r2), requested as GeoJSON.

OWSLib parses the capabilities. It receives only their text, and never accesses the network.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Protocol
from urllib.parse import parse_qsl, urlsplit
from xml.etree import ElementTree as ET  # expat fetches no external entities and limits internal ones

import pyproj
from owslib.etree import ParseError as LxmlError
from owslib.feature.wfs100 import WebFeatureService_1_0_0
from owslib.feature.wfs110 import WebFeatureService_1_1_0
from owslib.feature.wfs200 import WebFeatureService_2_0_0

from lindero.layers.errors import N_, NotWholeError, ServiceError
from lindero.layers.model.schema import CRS
from lindero.layers.services.connection.http import HostClient
from lindero.layers.services.connection.url_guard import add_params
from lindero.layers.services.protocols.protocol import LayerDescription, Page, Request, beginning, parse_response

PAGE_ROWS = 1_000
VERSIONS = ("2.0.0", "1.1.0", "1.0.0")
_SECOND = "2.0.0"
_READERS = {"1.0.0": WebFeatureService_1_0_0, "1.1.0": WebFeatureService_1_1_0}


class _Capabilities(Protocol):
    contents: Mapping[str, object]
    version: str

    def getOperationByName(self, name: str) -> object: ...  # noqa: N802  OWSLib's name


class Wfs:
    """A feature type of a Web Feature Service."""

    kind = "wfs"
    passing = None

    def __init__(self, web: HostClient, url: str, *, sublayer: str = "") -> None:
        self._web = web
        named = {name.casefold(): value for name, value in parse_qsl(urlsplit(url).query)}
        sublayer = sublayer or named.get("typenames") or named.get("typename") or ""
        self._url = url
        versions = {} if "version" in named else {"acceptversions": ",".join(VERSIONS)}
        raw = web.get(url, {"service": "WFS", "request": "GetCapabilities", **versions})
        capabilities = _parse_capabilities(raw, url)
        self._version = capabilities.version
        self._name = _choose_type(list(capabilities.contents), sublayer, url)
        type_said = capabilities.contents[self._name]
        self._form = _choose_json_format(_output_formats(capabilities, type_said), url)
        self._crs = _choose_crs(getattr(type_said, "crsOptions", None) or [])
        self._pages = self._version == _SECOND and _constraint(raw, "ImplementsResultPaging").upper() != "FALSE"
        self._most = _constraint(raw, "CountDefault", "DefaultMaxFeatures")
        self.description = LayerDescription(
            url=add_params(url, {"typeNames": self._name}),
            title=str(getattr(type_said, "title", None) or self._name),
            rows=self.count_rows(),
            fields=(),
            crs=str(next(iter(getattr(type_said, "crsOptions", None) or []), "")),
            paging="offset" if self._pages else "whole",
        )

    def first_request(self) -> Request:
        """Return the first request."""
        return self._feature_request({"startIndex": "0", "count": str(PAGE_ROWS)} if self._pages else {})

    def parse_page(self, raw: bytes) -> Page:
        """Parse a response."""
        _refuse_xml(raw, self._web.host)
        answer = parse_response(raw, host=self._web.host)
        if answer.members.get("type") != "FeatureCollection":
            raise ServiceError(N_("the answer of {host} does not contain features"), host=self._web.host)
        return Page(
            answer.features,
            tuple(feature.value.get("id") for feature in answer.features),
            crs=_response_crs(answer.members.get("crs")),
        )

    def next_request(self, page: Page, rows: int, number: int) -> Request | None:  # noqa: ARG002  the rows say it
        """Return the next request, until a response is empty.

        The row count is not used, because some services count no more rows than one response has.
        """
        if not self._pages and str(rows) == self._most:
            raise NotWholeError(
                N_("{host} sends at most {most} rows at once and offers no pages, so the layer would be incomplete"),
                host=self._web.host,
                most=rows,
            )
        if not self._pages or not page.features:
            return None
        return self._feature_request({"startIndex": str(rows), "count": str(PAGE_ROWS)})

    def count_rows(self) -> int | None:
        """Count the rows, if the service does. A count equal to the response limit is not reliable, and gives None."""
        raw = self._web.get(self._url, self._params("GetFeature") | {"resultType": "hits"})
        try:
            root = ET.fromstring(raw)  # noqa: S314  see the import
        except ET.ParseError:
            return None
        _refuse_xml(raw, self._web.host)
        counted = root.attrib.get("numberMatched") or root.attrib.get("numberOfFeatures") or ""
        return int(counted) if counted.isdigit() and counted != self._most else None

    def _feature_request(self, paging: Mapping[str, str]) -> Request:
        crs = {"srsName": self._crs} if self._crs else {}
        return Request(self._url, self._params("GetFeature") | {"outputFormat": self._form} | crs | dict(paging))

    def _params(self, request: str) -> dict[str, str]:
        type_parameter = "typeNames" if self._version == _SECOND else "typeName"
        return {"service": "WFS", "version": self._version, "request": request, type_parameter: self._name}


def _parse_capabilities(raw: bytes, url: str) -> _Capabilities:
    """Parse the capabilities of the service, in any supported version."""
    try:
        root = ET.fromstring(raw)  # noqa: S314  see the import
        version = root.attrib.get("version", "")
        reader = _READERS.get(version, WebFeatureService_2_0_0)
        if not root.tag.endswith("WFS_Capabilities"):
            raise ValueError(root.tag)  # noqa: TRY301  handled like any other unreadable response
        capabilities: _Capabilities = reader(url, version or _SECOND, raw)
    except (ET.ParseError, LxmlError, AttributeError, TypeError, KeyError, ValueError) as error:
        raise ServiceError(
            N_("{url} is not a Web Feature Service; its answer begins: {begin}"), url=url, begin=beginning(raw)
        ) from error
    return capabilities


def _choose_type(names: list[str], sublayer: str, url: str) -> str:
    matching = [name for name in names if sublayer in {"", name, name.rpartition(":")[2]}]
    if not names:
        raise ServiceError(N_("{url} has no layers; check the address"), url=url)
    if len(matching) != 1:
        raise ServiceError(
            N_("{url} has {count} layers: {layers}; choose one with --sublayer"),
            url=url,
            count=len(names),
            layers=", ".join(names),
        )
    return matching[0]


def _output_formats(capabilities: _Capabilities, type_said: object) -> list[str]:
    operation = capabilities.getOperationByName("GetFeature")
    operation_formats = getattr(operation, "parameters", {}).get("outputFormat", {}).get("values", [])
    other_formats = [
        *(getattr(operation, "formatOptions", None) or []),
        *(getattr(type_said, "outputFormats", None) or []),
    ]
    return list(dict.fromkeys(str(form) for form in [*operation_formats, *other_formats]))


def _choose_json_format(forms: Iterable[str], url: str) -> str:
    json_formats = [form for form in forms if "json" in form.casefold() and "javascript" not in form.casefold()]
    if not json_formats:
        raise ServiceError(
            N_("{url} does not offer GeoJSON, only {forms}; ask its publisher for a file"),
            url=url,
            forms=", ".join(forms) or "–",
        )
    return min(json_formats, key=lambda form: "geo" not in form.casefold())


def _choose_crs(crs_options: Iterable[object]) -> str:
    """Return the service's name of the offered CRS that is longitude and latitude on WGS 84; empty if there is none."""
    return next((name for name in (str(getattr(crs, "id", crs)) for crs in crs_options) if _is_degrees(name)), "")


def _response_crs(crs: object) -> str:
    """Return the CRS that a response states; empty if it is the GeoJSON default.

    MapServer states the default in some responses and not in others.
    """
    properties = crs.get("properties") if isinstance(crs, Mapping) else None
    if not isinstance(properties, Mapping) or _is_degrees(str(properties.get("name"))):
        return ""
    return json.dumps(crs)


def _is_degrees(name: str) -> bool:
    try:
        return pyproj.CRS.from_user_input(name).equals(pyproj.CRS(CRS), ignore_axis_order=True)
    except pyproj.exceptions.CRSError:
        return False


def _constraint(raw: bytes, *names: str) -> str:
    """Return the value of the first of these constraints that the service states; empty if it states none."""
    for element in ET.fromstring(raw).iter():  # noqa: S314  see the import
        if element.tag.endswith("}Constraint") and element.attrib.get("name") in names:
            values = [part.text for part in element.iter() if part.tag.endswith(("}DefaultValue", "}Value"))]
            return (values[0] or "").strip() if values else ""
    return ""


def _refuse_xml(raw: bytes, host: str) -> None:
    """Raise ServiceError for an XML exception that a service sends with a success status."""
    if raw[:200].lstrip().startswith(b"<") and b"Exception" in raw[:2000]:
        raise ServiceError(
            N_("{host} refused the request: {status} {told}"), host=host, status="WFS", told=beginning(raw)
        )
