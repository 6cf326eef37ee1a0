"""The server process: how it ends, and its messages to systemd (sd_notify).

It reports that it is ready, and then at intervals that it still answers.
"""

import asyncio
import os
import socket
import threading
import webbrowser
from contextlib import suppress
from types import FrameType

import uvicorn
from anyio import sleep, to_thread

READY, ALIVE = b"READY=1", b"WATCHDOG=1"
STOP_S = 10
"""In which answers under way are finished once the server is told to stop; twice that ends it, whatever still runs."""


class Server(uvicorn.Server):
    """A uvicorn server that reports when it listens, then opens the browser, and stops in limited time."""

    def __init__(self, settings: uvicorn.Config, address: str) -> None:
        super().__init__(settings)
        self._address = address

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start listening, and report it."""
        await super().startup(sockets)
        notify(READY)
        if self._address:
            await asyncio.to_thread(webbrowser.open, self._address)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop the server. A timer ends the process if a thread is still computing an answer."""
        end = threading.Timer(2 * STOP_S, os._exit, [1])
        end.daemon = True
        end.start()
        super().handle_exit(sig, frame)


def notify(message: bytes) -> None:
    """Send a message to the service manager that started this process; do nothing if there is none."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:  # the manager may be gone
        out.connect(f"\0{address[1:]}" if address.startswith("@") else address)
        out.send(message)


async def report_alive() -> None:
    """Report to the service manager twice in each `WatchdogSec` that the server answers.

    The event loop sends the message after a thread of the default pool was free, since that pool answers most requests.
    """
    seconds = int(os.environ.get("WATCHDOG_USEC", "0")) / 1e6
    if not seconds or os.environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return
    while True:
        await to_thread.run_sync(_do_nothing)
        notify(ALIVE)
        await sleep(seconds / 2)


def _do_nothing() -> None:
    """Return at once."""
