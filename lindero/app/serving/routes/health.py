"""Health of the served map: for monitors, for the log, and for a reader whose page fails."""

import asyncio
import datetime as dt
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lindero.app.answers.coverage.health import count_states
from lindero.app.media.pages.current import open_map
from lindero.app.serving.access import log
from lindero.app.text import i18n
from lindero.app.text.error_advice import error_text
from lindero.layers.database import integrity
from lindero.layers.disk import builds
from lindero.layers.errors import N_, NotBuiltError

SHARE = 10  # a check takes at most one part in this many of the time
SECONDS_BETWEEN_LOOKS = 10


class HealthCheck:
    """A check of the complete map whose result is reused for some time."""

    def __init__(self, check: Callable[[], str], now: Callable[[], float] = time.monotonic) -> None:
        self._check, self._now = check, now
        self._lock = threading.Lock()
        self._found: tuple[str, NotBuiltError | None] | None = None
        self._next = 0.0

    def is_fresh(self) -> bool:
        """Return whether the last result still holds, so that `check` returns at once."""
        return self._found is not None and self._now() < self._next and self._found[0] == _current_version()

    def check(self) -> str:
        """Return the name of the served map if it is complete. A large map is not read again for each request."""
        if self._lock.acquire(blocking=self._found is None):  # while another thread checks, its last result is told
            try:
                if not self.is_fresh():
                    start = self._now()
                    self._found = self._run_check()
                    self._next = self._now() + (SHARE - 1) * (self._now() - start)
            finally:
                self._lock.release()
        assert self._found is not None
        name, error = self._found
        if error is not None:
            raise error
        return name

    def _run_check(self) -> tuple[str, NotBuiltError | None]:
        try:
            return self._check(), None
        except NotBuiltError as error:
            return _current_version(), error


def _current_version() -> str:
    with suppress(NotBuiltError):
        return open_map.current_map().version
    return ""


def _verify_map() -> str:
    """Verify the map and the files beside it against their checksums. Return the map's name."""
    path = open_map.current_map().path
    for name in builds.find_damaged_files(path.parent):
        raise integrity.damaged_error(path) if name == path.name else integrity.damaged_file_error(name)
    if not path.is_file():
        raise integrity.gone_error(path)
    _check_map_opens(path)
    return open_map.current_map().version


@lru_cache(maxsize=1)
def _check_map_opens(path: Path) -> None:
    """Check once that the map can be opened.

    The result is cached, because the same file opens again and the server checks every ten seconds.
    """
    integrity.check_map_opens(path)


_health = HealthCheck(_verify_map)


def routes() -> list[Route]:
    """Return the route for monitors."""
    return [Route("/health", answer_health)]


async def answer_health(request: Request) -> Response:
    """Answer with the name of the served map and the health of its sources.

    The answer is 503 with the reason if the map is missing or damaged.
    """
    i18n.set_language(i18n.choose_browser_language(request.headers.get("accept-language", i18n.SOURCE_LANGUAGE)))
    try:
        name = _health.check() if _health.is_fresh() else await asyncio.to_thread(_health.check)
    except NotBuiltError as error:
        return JSONResponse({"status": "failed", "why": error_text(error)}, status_code=503)
    content: dict[str, object] = {"status": "ok", "map": name}
    if states := count_states(open_map.workspace(), dt.datetime.now(dt.UTC)):
        content["sources"] = states  # counts only, no name
    return JSONResponse(content)


async def watch_map() -> None:
    """Log the name of the served map whenever it changes, and any damage."""
    logged = ""
    while True:
        logged = await asyncio.to_thread(_log_changes, logged)
        await asyncio.sleep(SECONDS_BETWEEN_LOOKS)


def _log_changes(before: str) -> str:
    """Log the state of the map unless it equals the text `before`. Return the text."""
    template = N_("Serving the map {map}.")
    params: dict[str, object] = {}
    try:
        params = {"map": _health.check()}
    except NotBuiltError as error:
        template, params = error.template, error.params
    text = template.format(**params)
    if text != before:
        log.log_event(template, **params)
    return text
