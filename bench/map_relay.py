"""Counts the bytes that a browser gets of a server, less Streamlit's own files: the same whatever is shown."""

import re
import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress

OWN_FILES = re.compile(rb"/(static|_stcore/(?!stream))/?|/component/[^?]*\.(js|css)|/$")
CHUNK = 1 << 18


class Relay:
    """
    Stands between a browser and a server.

    What comes from the server counts for what the browser asked for last on that connection: browsers ask for the next
    thing when they have the one before, and after a connection has turned into a web socket they ask for nothing.
    """

    def __init__(self, port: int) -> None:
        self.port, self.bytes, self._lock = port, 0, threading.Lock()

    def carry(self, browser: socket.socket) -> None:
        """Pass on what browser and server say to each other, until either has ended."""
        server = socket.create_connection(("127.0.0.1", self.port))
        asked = [b""]
        threading.Thread(target=self._ask, args=(browser, server, asked), daemon=True).start()
        with browser, server, suppress(OSError):
            while data := server.recv(CHUNK):
                if not OWN_FILES.match(asked[0]):
                    with self._lock:
                        self.bytes += len(data)
                browser.sendall(data)

    def _ask(self, browser: socket.socket, server: socket.socket, asked: list[bytes]) -> None:
        with suppress(OSError):
            while data := browser.recv(CHUNK):
                if data.startswith((b"GET ", b"HEAD ", b"POST ")):
                    asked[0] = data.split(b" ", 2)[1].split(b"?")[0]
                server.sendall(data)
            server.shutdown(socket.SHUT_RDWR)


@contextmanager
def counting(port: int) -> Generator[tuple[int, Relay]]:
    """Listen in front of the server at `port`; gives another port, which leads there."""
    relay = Relay(port)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=_take, args=(listening, relay), daemon=True).start()
        yield listening.getsockname()[1], relay


def _take(listening: socket.socket, relay: Relay) -> None:
    while True:
        try:
            browser, _ = listening.accept()
        except OSError:  # closed: nobody is counted any longer
            return
        threading.Thread(target=relay.carry, args=(browser,), daemon=True).start()
