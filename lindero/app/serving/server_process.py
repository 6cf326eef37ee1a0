"""
The process of the server: how it ends, and what it tells systemd (sd_notify).

It tells that it is ready, and again and again that it still answers.
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
    """Uvicorn that says when it listens, opens the browser then, and stops in bounded time."""

    def __init__(self, settings: uvicorn.Config, address: str) -> None:
        super().__init__(settings)
        self._address = address

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and say so."""
        await super().startup(sockets)
        notify(READY)
        if self._address:
            await asyncio.to_thread(webbrowser.open, self._address)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop; a thread that still computes an answer would keep Python from ending."""
        end = threading.Timer(2 * STOP_S, os._exit, [1])
        end.daemon = True
        end.start()
        super().handle_exit(sig, frame)


def notify(message: bytes) -> None:
    """Send a message to the service manager that started this process; do nothing where there is none."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:  # the manager may be gone
        out.connect(f"\0{address[1:]}" if address.startswith("@") else address)
        out.send(message)


async def report_alive() -> None:
    """
    Tell the service manager twice in each `WatchdogSec` that the server answers, for as long as it does.

    The message is sent by the event loop once a thread of the pool that answers most requests was free.
    """
    seconds = int(os.environ.get("WATCHDOG_USEC", "0")) / 1e6
    if not seconds or os.environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return
    while True:
        await to_thread.run_sync(_nothing)
        notify(ALIVE)
        await sleep(seconds / 2)


def _nothing() -> None:
    """Return at once."""
