"""Small servers on loopback for tests: what they are asked is written down, what they answer is a function."""

import json
import re
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from lindero.layers.services.connection.http import RequestSettings

QUICK = RequestSettings(tries=4, first_pause_s=0.001, between_s=0.0, connect_s=10.0, silence_s=20.0)


@dataclass
class Answered:
    """
    What a stub gives: a status, headers and a body.

    `cut`: the connection drops before the body is whole. `hangs_up`: it drops before anything is sent.
    """

    body: bytes = b""
    status: int = 200
    headers: dict = field(default_factory=dict)
    cut: bool = False
    hangs_up: bool = False


def said(value, **headers):
    return Answered(
        json.dumps(value, ensure_ascii=False).encode(), headers={"Content-Type": "application/json", **headers}
    )


@contextmanager
def serving(answer, *, tls=None, with_query=False, date=None):
    """
    Serve `answer(path, params, headers)`, with the query as it was written if it wants it.

    Gives the address and the list of what was asked. `date()` is the Date header of the answers, now by default.
    """
    asked = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            parts = urlsplit(self.path)
            params = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
            asked.append((parts.path, params, dict(self.headers)))
            given = answer(parts.path, params, dict(self.headers), *([parts.query] if with_query else []))
            self.close_connection = given.cut or given.hangs_up
            if given.hangs_up:
                return
            self.send_response(given.status)
            for name, value in {"Content-Length": str(len(given.body)), **given.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(given.body[: len(given.body) // 2] if given.cut else given.body)

        def date_time_string(self, timestamp=None):
            return super().date_time_string(timestamp) if date is None else date()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_: None  # clients that hang up are what some tests are about
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"{'http' if tls is None else 'https'}://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


class Cadastre:
    """
    A map server that behaves as INGEMMET's does: no paging, few rows an answer, 400 on `resultOffset`, and it drops
    the connection now and then.
    """

    PATH = "/arcgis/rest/services/SERV_CATASTRO_MINERO/MapServer/0"

    def __init__(self, features, *, most=1_000, drops=(), formats="JSON, geoJSON", pages=False, orders=True):
        self.features = features  # GeoJSON, each with OBJECTID among its properties, in any order
        self.most, self.formats, self.pages, self.orders = most, formats, pages, orders
        self.drops = set(drops)  # numbers of the queries whose answer is cut off
        self.queries = 0
        self.spoil = lambda answer, _params: answer  # what a test does to an answer

    def __call__(self, path, params, _headers):
        if path == self.PATH:
            return said(self.description())
        if path == self.PATH.removesuffix("/0"):
            return said({"layers": [{"id": 0, "name": "Catastro", "subLayerIds": None}]})
        if path != f"{self.PATH}/query":
            return Answered(b"not here", 404)
        self.queries += 1
        answer = self.spoil(self.answer(params), params)
        given = said(answer)
        given.cut = self.queries in self.drops
        return given

    def description(self):
        names = list(self.features[0]["properties"])
        fields = [{"name": n, "type": "esriFieldTypeOID" if n == "OBJECTID" else "esriFieldTypeString"} for n in names]
        can = {"supportsPagination": self.pages, "supportsOrderBy": self.orders}
        return {
            "currentVersion": 10.91,
            "id": 0,
            "name": "Catastro Minero",
            "type": "Feature Layer",
            "geometryType": "esriGeometryPolygon",
            "fields": fields,
            "maxRecordCount": self.most,
            "advancedQueryCapabilities": can,
            "supportedQueryFormats": self.formats,
            "extent": {"spatialReference": {"wkid": 4326, "latestWkid": 4326}},
        }

    def answer(self, params):
        if "resultOffset" in params and not self.pages:
            return {"error": {"code": 400, "message": "Pagination is not supported.", "details": []}}
        rows = sorted(
            (one for one in self.features if _fits(one["properties"]["OBJECTID"], params.get("where", "1=1"))),
            key=lambda one: one["properties"]["OBJECTID"] if "orderByFields" in params or self.pages else 0,
        )
        if params.get("returnCountOnly"):
            return {"count": len(rows)}
        if params.get("returnIdsOnly"):
            return {"objectIdFieldName": "OBJECTID", "objectIds": [one["properties"]["OBJECTID"] for one in rows]}
        start = int(params.get("resultOffset", 0))
        given = rows[start : start + min(self.most, int(params.get("resultRecordCount", self.most)))]
        more = start + len(given) < len(rows)
        if params["f"] == "geojson":
            return {"type": "FeatureCollection", "features": given} | (
                {"properties": {"exceededTransferLimit": True}} if more else {}
            )
        return {
            "objectIdFieldName": "OBJECTID",
            "geometryType": "esriGeometryPolygon",
            "spatialReference": {"wkid": 4326, "latestWkid": 4326},
            "features": [
                {"attributes": one["properties"], "geometry": {"rings": _rings(one["geometry"])}} for one in given
            ],
        } | ({"exceededTransferLimit": True} if more else {})


def _fits(number, where):
    bounds = re.findall(r"OBJECTID (>=|<=|>) (\d+)", where)
    if not bounds:
        return where == "1=1"
    tests = {">=": number.__ge__, "<=": number.__le__, ">": number.__gt__}
    return all(tests[sign](int(bound)) for sign, bound in bounds)


def _rings(geometry):
    """Esri's rings: shells clockwise, holes the other way; GeoJSON's are the reverse."""
    parts = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    return [ring[::-1] for part in parts for ring in part]
