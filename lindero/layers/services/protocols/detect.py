"""Detection of the kind of service at an address, or of a file."""

import json
import re
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from lindero.layers.errors import N_, ServiceError
from lindero.layers.services.connection.http import HostClient
from lindero.layers.services.protocols.arcgis import ArcGIS
from lindero.layers.services.protocols.ogc_api import OgcApi, is_landing_page
from lindero.layers.services.protocols.protocol import Service
from lindero.layers.services.protocols.wfs import Wfs

FILE = "file"
KINDS = (ArcGIS.kind, OgcApi.kind, Wfs.kind, FILE)
_ARCGIS = re.compile(r"/(?:Feature|Map)Server(?:/\d+)?/?$", re.IGNORECASE)
_WFS = re.compile(r"/(?:wfs|ows|WFSServer)/?$", re.IGNORECASE)
_OGC = re.compile(r"/collections(?:/[^/]+(?:/items)?)?/?$")
_FILES = (".geojson", ".json", ".zip", ".kml", ".kmz", ".csv", ".xlsx", ".gpkg", ".fgb", ".parquet")
_UNSAFE_CHARACTERS = re.compile(r"[^\w.-]+")
_LONGEST_NAME = 80


def guess_kind(url: str) -> str:
    """Guess the kind of service from the address alone.

    Returns: one of `KINDS`: `arcgis`, `ogc_api`, `wfs` or `file`. Empty if the address does not show it.
    """
    parts = urlsplit(url)
    query = {name.casefold(): values[0].casefold() for name, values in parse_qs(parts.query).items()}
    if query.get("service") == "wfs" or _WFS.search(parts.path):
        return Wfs.kind
    if _ARCGIS.search(parts.path):
        return ArcGIS.kind
    if _OGC.search(parts.path):
        return OgcApi.kind
    return FILE if parts.path.casefold().endswith(_FILES) else ""


def detect_kind(web: HostClient, url: str) -> str:
    """Detect the kind of service by fetching the address.

    Returns: `wfs`, `ogc_api`, or `file` for any other content. ArcGIS is not detected here, see `guess_kind`.
    """
    raw = web.get(url, accept="application/json, */*;q=0.5")
    if raw[:2000].lstrip().startswith(b"<") and b"WFS_Capabilities" in raw[:4000]:
        return Wfs.kind
    try:
        content = json.loads(raw)
    except (ValueError, RecursionError):
        return FILE
    return OgcApi.kind if isinstance(content, dict) and is_landing_page(content) else FILE


def open_service(web: HostClient, url: str, kind: str, *, sublayer: str = "", paging: str = "") -> Service:
    """Open a service and read its description, but no features yet.

    `kind`: `arcgis`, `ogc_api` or `wfs`. Returns: the layer, ready for `download_layer`.
    """
    if kind == ArcGIS.kind:
        return ArcGIS(web, url, sublayer=sublayer, paging=paging)
    if kind == OgcApi.kind:
        return OgcApi(web, url, sublayer=sublayer)
    if kind == Wfs.kind:
        return Wfs(web, url, sublayer=sublayer)
    raise ServiceError(
        N_("'{kind}' is not a kind of service; choose one of {kinds}"), kind=kind, kinds=", ".join(KINDS)
    )


def file_name(url: str) -> str:
    """Return a file name for a download: the last part of the address, without invalid characters.

    Returns: at most 80 characters, the last ones of a longer name; `download` if the address has no path.
    """
    last = unquote(urlsplit(url).path.rstrip("/").rpartition("/")[2])
    name = _UNSAFE_CHARACTERS.sub("-", Path(last).name).strip(".-")
    return name[-_LONGEST_NAME:] or "download"
