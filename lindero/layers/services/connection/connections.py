"""Connections to one host, only to addresses that were checked, with the certificate verified against the host name."""

import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from socket import SHUT_RDWR, socket
from typing import Any

import certifi
from urllib3 import BaseHTTPResponse, HTTPConnectionPool, HTTPSConnectionPool, Timeout
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError

from lindero.layers.errors import N_, ServiceError
from lindero.layers.services.connection.url_guard import Endpoint, resolve_host


class Connections:
    """Connections to one host that is resolved and checked once.

    `ca_file` contains certificate authorities that are trusted for this host in addition to those of the machine.
    """

    def __init__(self, *, timeout: Timeout, allow_private: bool, ca_file: Path | None = None) -> None:
        self._trusted = None if ca_file is None else create_context(ca_file)
        self._timeout = timeout
        self._allow_private = allow_private
        self._addresses: list[str] = []
        self._pools: dict[tuple[str, int, str], HTTPConnectionPool] = {}
        self._sockets: list[socket] = []
        self._are_shut = False

    def shut(self) -> None:
        """Close all connections, also one that is waiting for bytes in another thread, and those that open later."""
        self._are_shut = True
        for opened in self._sockets:
            with suppress(OSError):  # closed already
                opened.shutdown(SHUT_RDWR)

    def _add_socket(self, opened: socket) -> None:
        self._sockets.append(opened)
        if self._are_shut:
            self.shut()

    def request(self, place: Endpoint, headers: Mapping[str, str], body: bytes | None = None) -> BaseHTTPResponse:
        """Send a request to the first address of the host that accepts connections, and reuse that address later.

        A request with a body is a POST.
        """
        if not self._addresses:
            self._addresses = resolve_host(place.host, place.port, allow_private=self._allow_private)
        failed: HTTPError | None = None
        for address in list(self._addresses):
            try:
                answer = self._pool(place, address).urlopen(
                    "GET" if body is None else "POST",
                    place.target,
                    body=body,
                    headers={**headers, "Host": place.host_header},
                    redirect=False,
                    retries=False,
                    assert_same_host=False,  # the pool is for an address; the caller checks the host
                    preload_content=False,
                    decode_content=True,
                )
            except (NewConnectionError, ConnectTimeoutError) as error:
                failed = error
            else:
                self._addresses = [address]
                return answer
        raise failed or NewConnectionError(None, "")  # type: ignore[arg-type]  # there is at least one address

    def _pool(self, place: Endpoint, address: str) -> HTTPConnectionPool:
        key = (place.scheme, place.port, address)
        if key not in self._pools:
            pool = self._pools[key] = (
                HTTPSConnectionPool(
                    address,
                    place.port,
                    timeout=self._timeout,
                    ssl_context=self._trusted or _trust(),
                    assert_hostname=place.host,
                    server_hostname=place.host,
                )
                if place.scheme == "https"
                else HTTPConnectionPool(address, place.port, timeout=self._timeout)
            )
            pool.ConnectionCls = _SecureConnection if place.scheme == "https" else _PlainConnection
            pool.conn_kw["add_socket"] = self._add_socket
        return self._pools[key]


class _PlainConnection(HTTPConnection):
    """A connection that passes its socket on, because a response keeps it after the connection has let it go."""

    def __init__(self, *place: Any, add_socket: Callable[[socket], None], **options: Any) -> None:
        super().__init__(*place, **options)
        self._add_socket = add_socket

    def connect(self) -> None:
        super().connect()
        self._add_socket(self.sock)


class _SecureConnection(HTTPSConnection):
    """The same with TLS."""

    def __init__(self, *place: Any, add_socket: Callable[[socket], None], **options: Any) -> None:
        super().__init__(*place, **options)
        self._add_socket = add_socket

    def connect(self) -> None:
        super().connect()
        self._add_socket(self.sock)


def _default_context() -> ssl.SSLContext:
    """Return a TLS context that trusts the authorities of this machine and Mozilla's, which some machines lack."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


_trust = cache(_default_context)


def create_context(ca_file: Path | None = None) -> ssl.SSLContext:
    """Create a TLS context. It also trusts the authorities in a PEM file, if there is one.

    This serves hosts that send an incomplete certificate chain.
    """
    context = _default_context()
    if ca_file is None:
        return context
    try:
        context.load_verify_locations(ca_file)
    except (OSError, ssl.SSLError) as error:
        raise ServiceError(N_("no certificates (PEM) could be read from {file}"), file=ca_file) from error
    return context
