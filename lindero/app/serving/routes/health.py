"""Whether the map that is served is there and whole: for monitors, for the log, and for who reads a page that fails."""

import asyncio
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lindero.app.current import open_map
from lindero.app.serving.access import log
from lindero.app.text import i18n
from lindero.app.text.error_advice import error_text
from lindero.layers.database import integrity
from lindero.layers.disk import builds
from lindero.layers.errors import N_, NotBuiltError

SHARE = 10  # of the time between two looks at the map, one part at most is spent on looking
SECONDS_BETWEEN_LOOKS = 10


class Health:
    """What was found when the map was last read from its first byte to its last."""

    def __init__(self, check: Callable[[], str], now: Callable[[], float] = time.monotonic) -> None:
        self._check, self._now = check, now
        self._lock = threading.Lock()
        self._found: tuple[str, NotBuiltError | None] | None = None
        self._next = 0.0

    def look(self) -> str:
        """
        Name the map that is served and whole; a large map is not read anew for each that asks.

        Raises
        ------
        NotBuiltError
            If there is none, or it is damaged.
        """
        with self._lock:
            if self._found is None or self._now() >= self._next or self._found[0] != _version():
                began = self._now()
                self._found = self._looked()
                self._next = self._now() + (SHARE - 1) * (self._now() - began)
            name, error = self._found
        if error is not None:
            raise error
        return name

    def _looked(self) -> tuple[str, NotBuiltError | None]:
        try:
            return self._check(), None
        except NotBuiltError as error:
            return _version(), error


def _version() -> str:
    with suppress(NotBuiltError):
        return open_map.current().version
    return ""


def _read() -> str:
    """Hold the map, and what lies beside it, to what was written; name the map."""
    path = open_map.current().path
    for name in builds.damaged(path.parent):
        raise integrity.damaged_error(path) if name == path.name else integrity.damaged_beside(name)
    if not builds.has_checksum(path.parent):  # of an early version: the database looks at its blocks as they are read
        integrity.check(path)
    elif path.is_file():
        _check_opens(path)
    else:
        raise integrity.gone_error(path)
    return open_map.current().version


@lru_cache(maxsize=1)
def _check_opens(path: Path) -> None:
    """Open the map once: the same bytes open again, and a server looks at them every ten seconds."""
    integrity.check_opens(path)


_health = Health(_read)


def routes() -> list[Route]:
    """Give the route that monitors ask."""
    return [Route("/health", answer)]


async def answer(request: Request) -> Response:
    """Answer which map is served; 503, and why, if there is none or it is damaged."""
    i18n.use(i18n.of_browser(request.headers.get("accept-language", i18n.SOURCE_LANGUAGE)))
    try:
        return JSONResponse({"status": "ok", "map": await asyncio.to_thread(_health.look)})
    except NotBuiltError as error:
        return JSONResponse({"status": "failed", "why": error_text(error)}, status_code=503)


async def watch() -> None:
    """Write into the log which map is served, whenever that changes, and when it is found damaged."""
    seen = ""
    while True:
        seen = await asyncio.to_thread(_seen, seen)
        await asyncio.sleep(SECONDS_BETWEEN_LOOKS)


def _seen(before: str) -> str:
    """Give what is to be said of the map now, having written it if it is not what was said `before`."""
    template = N_("Serves the map {map}.")
    params: dict[str, object] = {}
    try:
        params = {"map": _health.look()}
    except NotBuiltError as error:
        template, params = error.template, error.params
    now = template.format(**params)
    if now != before:
        log.event(template, **params)
    return now
