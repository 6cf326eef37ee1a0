"""
A page in Chromium, controlled by Chromium's own protocol, with no requests except those of the page.

Playwright receives every message of a web socket, and fails at a message of 232 MB.
"""

import json
import subprocess
import time
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import Any

from websockets.sync.client import ClientConnection, connect

from bench.map_browser import ALONE, CHROMIUM, LOOK, QUIET
from bench.map_served import free_port

ROOM = "--js-flags=--max-old-space-size=8192"


class Page:
    """The one page of a browser."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection, self._asked = connection, 0

    def open(self, address: str) -> None:
        """Start loading an address."""
        self._ask("Page.navigate", url=address)

    def is_true(self, expression: str) -> bool:
        """Evaluate JavaScript in the page, and return whether the result is true."""
        found = self._ask("Runtime.evaluate", expression=expression, returnByValue=True)
        return bool(found["result"].get("value"))

    def wait_until(self, expression: str, within_s: float) -> float:
        """
        Wait until an expression is true in the page, and return the seconds.

        Raises
        ------
        TimeoutError
            If it is not true in time.
        """
        began = time.perf_counter()
        while not self.is_true(expression):
            if time.perf_counter() - began > within_s:
                raise TimeoutError
            time.sleep(0.01)
        return time.perf_counter() - began

    def _ask(self, method: str, **params: object) -> dict[str, Any]:
        self._asked += 1
        self._connection.send(json.dumps({"id": self._asked, "method": method, "params": params}))
        while (answer := json.loads(self._connection.recv())).get("id") != self._asked:
            continue
        return dict(answer["result"])


def map_frame_expression(expression: str) -> str:
    """Return an expression that evaluates another expression in the frame of the map."""
    return f"({LOOK})({json.dumps(expression)})"


@contextmanager
def open_page() -> Generator[Page]:
    """Start Chromium without a screen and with a new profile."""
    port = free_port()
    with TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [CHROMIUM, "--headless", *QUIET, ALONE, ROOM, f"--remote-debugging-port={port}"]
        command += [f"--user-data-dir={profile}", "--window-size=1280,800", "about:blank"]
        browser = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            with connect(_address(port), max_size=None) as connection:
                yield Page(connection)
        finally:
            browser.kill()
            browser.wait()


def _address(port: int) -> str:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list") as told:
                if pages := [one for one in json.load(told) if one["type"] == "page"]:
                    return str(pages[0]["webSocketDebuggerUrl"])
        except OSError:
            time.sleep(0.1)
    raise TimeoutError
