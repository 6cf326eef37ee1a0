"""
Debian's Firefox, which Playwright cannot drive: by Marionette, Firefox's own protocol.

A message is its length, a colon, and a list in JSON.
"""

import json
import socket
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from tests import patience

# What Firefox would ask its makers' services on its own behalf, and what it would open or load besides, switched off: its
# own extensions, a page for each new tab, processes for tabs to come. It starts in two thirds of the processor time.
QUIET = {
    "app.normandy.enabled": False,
    "app.update.disabledForTesting": True,
    "browser.aboutwelcome.enabled": False,
    "browser.newtab.preload": False,
    "browser.newtabpage.enabled": False,
    "browser.safebrowsing.downloads.remote.enabled": False,
    "browser.safebrowsing.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.homepage": "about:blank",
    "browser.startup.homepage_override.mstone": "ignore",
    "datareporting.policy.dataSubmissionEnabled": False,
    "dom.ipc.processPrelaunch.enabled": False,
    "extensions.autoDisableScopes": 0,
    "extensions.enabledScopes": 0,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.dns.disablePrefetch": True,
    "services.settings.server": "data:,",
    "toolkit.telemetry.enabled": False,
}
PATIENCE_S = 60
_HAND_OVER = """const [field, paths, done] = arguments;
Promise.all(paths.map((path) => File.createFromFileName(path)))
  .then((files) => { document.querySelector(field).mozSetFileArray(files); done(); });"""
_TELL_WAYS = """const [field, ways] = arguments;
const input = document.querySelector(field);
[...input.files].forEach((file, at) => Object.defineProperty(file, "webkitRelativePath", { value: ways[at] }));
input.dispatchEvent(new Event("change"));"""


class Firefox:
    """One window of a Firefox."""

    def __init__(self, port: int) -> None:
        self._connection = socket.create_connection(("127.0.0.1", port), PATIENCE_S)
        self._stream = self._connection.makefile("rb")
        self._number = 0
        self._received()  # what it says of itself
        self.order("WebDriver:NewSession")

    def order(self, name: str, **parameters: object) -> object:
        """Give an order and wait for its answer."""
        self._number += 1
        message = json.dumps([0, self._number, name, parameters])
        self._connection.sendall(f"{len(message.encode())}:{message}".encode())
        _, number, error, answer = self._received()
        assert (number, error) == (self._number, None), error
        return answer

    def open(self, address: str) -> None:
        """Open a page and wait until it has loaded."""
        self.order("WebDriver:Navigate", url=address)

    def open_tab(self, address: str) -> None:
        """Open a page in a further tab, and look at it from here on."""
        tab = self.order("WebDriver:NewWindow", type="tab")
        self.order("WebDriver:SwitchToWindow", handle=tab["handle"])
        self.open(address)

    def begin_anew(self) -> None:
        """Close every tab but a new, empty one."""
        handles = self.order("WebDriver:GetWindowHandles")
        new = self.order("WebDriver:NewWindow", type="tab")
        for handle in handles:
            self.order("WebDriver:SwitchToWindow", handle=handle)
            self.order("WebDriver:CloseWindow")
        self.order("WebDriver:SwitchToWindow", handle=new["handle"])

    def evaluate(self, script: str) -> object:
        """Give what a script of the page returns."""
        answer = self.order("WebDriver:ExecuteScript", script=script, args=[])
        return answer["value"]

    def wait_for(self, expression: str) -> None:
        """Wait until an expression is true on the page."""
        end = time.monotonic() + PATIENCE_S
        while not self.evaluate(f"return Boolean({expression});"):
            assert time.monotonic() < end, f"never true: {expression}"
            time.sleep(0.1)

    def choose_folder(self, field: str, folder: Path) -> None:
        """Choose a folder in a field for one, as its window would: the files in it, each with its way from there."""
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        self.order(
            "WebDriver:ExecuteAsyncScript",
            script=_HAND_OVER,
            args=[field, [str(path) for path in files]],
            sandbox="system",
        )
        ways = [path.relative_to(folder.parent).as_posix() for path in files]
        self.order("WebDriver:ExecuteScript", script=_TELL_WAYS, args=[field, ways])

    def close(self) -> None:
        """Let go of it."""
        self._stream.close()
        self._connection.close()

    def _received(self) -> list:
        size = b""
        while (byte := self._stream.read(1)) != b":":
            size += byte
        return json.loads(self._stream.read(int(size)))


@contextmanager
def opened(program: str, profile: Path) -> Generator[Firefox]:
    """Start a Firefox without a screen, with a new profile."""
    wanted = {**QUIET, "marionette.port": 0}
    profile.mkdir()
    lines = (f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in wanted.items())
    (profile / "user.js").write_text("\n".join(lines))
    order = [program, "--headless", "--no-remote", "--marionette", "--profile", str(profile)]
    process = subprocess.Popen(order, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        window = Firefox(_port(profile / "MarionetteActivePort"))
        yield window
        window.close()
    finally:
        patience.end(process)


def _port(file: Path) -> int:
    """Wait for the port that Firefox writes down once it listens."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        if file.is_file() and (written := file.read_text().strip()):
            return int(written)
        time.sleep(0.1)
    raise AssertionError("Firefox did not start")
