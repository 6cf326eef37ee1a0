"""A relay that counts the bytes a browser receives from a server, without Streamlit's own files."""

import re
import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress

OWN_FILES = re.compile(rb"/(static|_stcore/(?!stream))/?|/component/[^?]*\.(js|css)|/$")
CHUNK = 1 << 18


class Relay:
    """
    A relay between a browser and a server.

    Data from the server counts towards the last request of the browser on that connection. A browser sends the next
    request after the previous response, and no request after the connection has become a web socket.
    """

    def __init__(self, port: int) -> None:
        self.port, self.bytes, self._lock = port, 0, threading.Lock()

    def carry(self, browser: socket.socket) -> None:
        """Pass data between browser and server until one of them closes the connection."""
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
def count_bytes(port: int) -> Generator[tuple[int, Relay]]:
    """Start a relay on another port in front of the server at `port`. Yield that port and the relay."""
    relay = Relay(port)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=_accept_connections, args=(listening, relay), daemon=True).start()
        yield listening.getsockname()[1], relay


def _accept_connections(listening: socket.socket, relay: Relay) -> None:
    while True:
        try:
            browser, _ = listening.accept()
        except OSError:  # closed: counting has ended
            return
        threading.Thread(target=relay.carry, args=(browser,), daemon=True).start()
