"""Whether a map that is served answers, and is whole: asked at its `/health` once, at that address and no other."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from urllib3 import Timeout
from urllib3.exceptions import HTTPError

from lindero.app.pipeline.doctor.finding import Finding, mend, well
from lindero.app.text import i18n
from lindero.app.text.i18n import _
from lindero.layers.errors import N_, LayerError, ServiceError
from lindero.layers.services.connection.connections import Connections
from lindero.layers.services.connection.url_guard import place_of

PATH = "/health"
_MOST_BYTES = 65_536
_CONNECT_S, _READ_S = 10.0, 300.0  # a large map is read whole before it answers
_OK, _FAILED = 200, 503


@dataclass(frozen=True)
class Health:
    """The map that is served and whole, or why there is none."""

    map: str = ""
    why: str = ""


def findings(address: str, *, ca_file: Path | None = None) -> Iterator[Finding]:
    """Ask the address that was named, and no other."""
    try:
        health = health_of(address, language=i18n.current(), ca_file=ca_file)
    except LayerError as error:
        yield mend("served", _(error.template).format(**error.params))
        return
    if health.why:
        yield mend("served", _("{address} says: {why}").format(address=address, why=health.why))
    else:
        text = _("{address} serves {map}, and it is whole.")
        yield well("served", text.format(address=address, map=health.map))


def health_of(url: str, *, language: str = "en", ca_file: Path | None = None) -> Health:
    """
    Ask a served map how it is; an address without a path means `/health` there. No redirect is followed.

    Raises
    ------
    ServiceError
        If nobody answers there, its certificate does not hold, or what answers is no map of Lindero's.
    """
    place = place_of(url)
    target = PATH if place.target in {"", "/"} else place.target
    connections = Connections(timeout=Timeout(connect=_CONNECT_S, read=_READ_S), allow_private=True, ca_file=ca_file)
    headers = {"User-Agent": f"Lindero/{version('lindero')}", "Accept-Language": language}
    try:
        answer = connections.ask(place_of(f"{place.scheme}://{place.host_header}{target}"), headers)
        try:
            return _health(answer.status, answer.read(_MOST_BYTES), place.host_header)
        finally:
            answer.close()
    except (HTTPError, OSError) as error:
        why = str(getattr(error, "reason", None) or error).rpartition(": ")[2]
        raise ServiceError(
            N_("{host} does not answer ({why}): is `lindero serve` running there, and the web server before it?"),
            host=place.host_header,
            why=why,
        ) from error


def _health(status: int, body: bytes, host: str) -> Health:
    """Understand an answer: a map that is served, or why none is."""
    try:
        content = dict(json.loads(body))
        health = Health(map=str(content.get("map", "")), why=str(content.get("why", "")))
    except (ValueError, TypeError):
        health = Health()
    if (status, bool(health.map)) == (_OK, True) or (status, bool(health.why)) == (_FAILED, True):
        return health
    raise ServiceError(
        N_("what answers at {host} ({status}) is no map of Lindero's: see that the address is the one it is served at"),
        host=host,
        status=status,
    )
