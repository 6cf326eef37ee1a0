"""Check of a served map through its `/health` address. Only the given address is contacted, once."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from urllib3 import Timeout
from urllib3.exceptions import HTTPError

from lindero.app.pipeline.doctor.finding import Finding, report_ok, report_problem
from lindero.app.text import i18n
from lindero.app.text.i18n import _
from lindero.layers.errors import N_, LayerError, ServiceError
from lindero.layers.services.connection.connections import Connections
from lindero.layers.services.connection.url_guard import parse_endpoint

PATH = "/health"
_MOST_BYTES = 65_536
_CONNECT_S, _READ_S = 10.0, 300.0  # seconds: a large map is read completely before the answer
_OK, _FAILED = 200, 503


@dataclass(frozen=True)
class ServerHealth:
    """The health of a served map: the name of a complete map, or the reason why there is none."""

    map: str = ""
    why: str = ""


def check_server(address: str, *, ca_file: Path | None = None) -> Iterator[Finding]:
    """Check the served map at the given address. No other address is contacted."""
    try:
        health = fetch_health(address, language=i18n.current_language(), ca_file=ca_file)
    except LayerError as error:
        yield report_problem("served", _(error.template).format(**error.params))
        return
    if health.why:
        yield report_problem("served", _("{address} reports: {why}").format(address=address, why=health.why))
    else:
        text = _("{address} serves {map}, and the map is undamaged.")
        yield report_ok("served", text.format(address=address, map=health.map))


def fetch_health(url: str, *, language: str = "en", ca_file: Path | None = None) -> ServerHealth:
    """Fetch the health of a served map. An address without a path means `/health`. Redirects are not followed."""
    place = parse_endpoint(url)
    target = PATH if place.target in {"", "/"} else place.target
    connections = Connections(timeout=Timeout(connect=_CONNECT_S, read=_READ_S), allow_private=True, ca_file=ca_file)
    headers = {"User-Agent": f"Lindero/{version('lindero')}", "Accept-Language": language}
    try:
        response = connections.request(parse_endpoint(f"{place.scheme}://{place.host_header}{target}"), headers)
        try:
            return _parse_health(response.status, response.read(_MOST_BYTES), place.host_header)
        finally:
            response.close()
    except (HTTPError, OSError) as error:
        why = str(getattr(error, "reason", None) or error).rpartition(": ")[2]
        raise ServiceError(
            N_(
                "{host} does not answer ({why}); check that `lindero serve` and the web server in front of "
                "it are running there"
            ),
            host=place.host_header,
            why=why,
        ) from error


def _parse_health(status: int, body: bytes, host: str) -> ServerHealth:
    """Parse a response: the served map, or the reason why there is none."""
    try:
        content = dict(json.loads(body))
        health = ServerHealth(map=str(content.get("map", "")), why=str(content.get("why", "")))
    except (ValueError, TypeError):
        health = ServerHealth()
    if (status, bool(health.map)) == (_OK, True) or (status, bool(health.why)) == (_FAILED, True):
        return health
    raise ServiceError(
        N_(
            "the answer of {host} ({status}) does not come from a map of Lindero; check the address at which "
            "the map is served"
        ),
        host=host,
        status=status,
    )
