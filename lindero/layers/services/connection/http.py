"""
Asking one host, and no other, for what the user wants: one request at a time, with patience, within limits.

GDAL and OWSLib can reach the network by themselves; they are not let. All that is fetched is fetched here.
"""

import re
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar
from urllib.parse import urljoin

from urllib3 import BaseHTTPResponse, Timeout
from urllib3.exceptions import HTTPError, SSLError

from lindero.layers.errors import N_, AddressError, ServiceError
from lindero.layers.services.connection.connections import Connections
from lindero.layers.services.connection.url_guard import PORTS, Place, place_of, with_params
from lindero.layers.services.protocols.protocol import beginning

CHUNK_BYTES = 32_768  # of a broken answer the last piece is lost
Given = TypeVar("Given")
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
_ACCOUNT = frozenset({401, 403, 407})
_OK, _PART = 200, 206
_DONE = frozenset({200, 201, 202, 204})
_LONGEST_REFUSAL = 500
_MOST_REDIRECTS = 5
_LONGEST_PAUSE_S = 60.0


@dataclass(frozen=True)
class Manners:
    """How a host is asked: with how much patience, and how much it may send."""

    tries: int = 6
    first_pause_s: float = 1.0  # doubled after each failure
    between_s: float = 0.2  # one request at a time, and not at once
    connect_s: float = 20.0
    silence_s: float = 120.0  # between two pieces of an answer
    largest_answer_bytes: int = 256 * 1024**2
    largest_file_bytes: int = 4 * 1024**3


class _Failed(Exception):  # noqa: N818  never leaves this module
    """A request that may succeed when it is made again."""

    def __init__(self, why: object, pause_s: float = 0.0) -> None:
        super().__init__(str(why))
        self.pause_s = pause_s


class Web:
    """
    One host, asked politely.

    Parameters
    ----------
    url
        An address of the host: every request and redirect goes to its scheme (or from http to https) and host.
    allow_private
        Ask also hosts on this machine or a private network.
    referer
        What to give as the page that asks, where a service wants one.
    ca_file
        Certificates (PEM) of authorities to be trusted besides, for a server that leaves some out of its chain.
    token
        What proves to the host who asks (`Authorization: Bearer`): sent to it and no other.
    """

    def __init__(
        self,
        url: str,
        *,
        allow_private: bool = False,
        referer: str = "",
        manners: Manners | None = None,
        ca_file: Path | None = None,
        token: str = "",
    ) -> None:
        self._home = place_of(url)
        self._manners = manners or Manners()
        timeout = Timeout(connect=self._manners.connect_s, read=self._manners.silence_s)
        self._connections = Connections(timeout=timeout, allow_private=allow_private, ca_file=ca_file)
        self._last_request_at = 0.0
        self._headers = {"User-Agent": f"Lindero/{version('lindero')}", "Accept-Encoding": "gzip"}
        if referer:
            self._headers["Referer"] = referer
        if token:
            self._headers["Authorization"] = f"Bearer {token}"

    @property
    def host(self) -> str:
        """Name of the host."""
        return self._home.host

    def get(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        *,
        accept: str = "*/*",
        passing: re.Pattern[bytes] | None = None,
    ) -> bytes:
        """
        Get an answer whole; one that begins with `passing` is a refusal for now, and asked for again.

        Raises
        ------
        ServiceError
            If the host cannot be reached, refuses, breaks off every time, or sends more than it may.
        AddressError
            If the answer would come from elsewhere.
        """
        return self._patiently(lambda: self._whole(with_params(url, params or {}), accept, passing))

    def post(self, url: str, body: bytes, *, kind: str) -> bytes:
        """
        Send something, once: a second try might do twice what was asked. `kind` is its media type.

        Raises
        ------
        ServiceError
            If the host cannot be reached, refuses, or sends on to another address.
        AddressError
            If the address is not at the host.
        """
        try:
            answer = self._response(self._checked(place_of(url)), {"Content-Type": kind}, body)
            try:
                if answer.status not in _DONE:
                    reason = _reason(answer)
                    why = beginning(answer.read(_LONGEST_REFUSAL))
                    raise ServiceError(
                        N_("{host} refuses: {status} {told}"),
                        host=self.host,
                        status=answer.status,
                        told=f"{reason} {why}",
                    )
                return b"".join(self._within(answer, self._manners.largest_answer_bytes))
            finally:
                answer.close()
        except (HTTPError, OSError) as error:
            raise ServiceError(N_("{host} gives no answer: {why}"), host=self.host, why=_short(error)) from error

    def reach(self, url: str) -> None:
        """Hold that the host answers at an address, without taking what it gives; raises as `get` does."""

        def once() -> None:
            with self._answer(url, {}):
                pass

        self._patiently(once)

    def save(self, url: str, path: Path) -> None:
        """
        Save an answer as a file; what a broken attempt left is gone on with if the server can and nothing changed.

        Raises
        ------
        ServiceError, AddressError
            As of `get`; what has come in stays at `path` for the next attempt.
        """
        self._patiently(lambda: self._append(url, path))

    def _append(self, url: str, path: Path) -> None:
        """Get a file, or what is missing of it: `path` grows, and its mark says of which version it is."""
        mark = path.with_name(f"{path.name}.etag")
        begun = path.stat().st_size if path.exists() and mark.exists() else 0
        headers = {"Range": f"bytes={begun}-", "If-Range": mark.read_text(encoding="utf-8")} if begun else {}
        with self._answer(url, {"Accept-Encoding": "identity", **headers}) as answer:
            if answer.status != _PART or not answer.headers.get("Content-Range", "").startswith(f"bytes {begun}-"):
                begun = 0
                path.unlink(missing_ok=True)
                mark.unlink(missing_ok=True)
                tag = answer.headers.get("ETag", "")
                if tag and not tag.startswith("W/"):  # a weak one says nothing of bytes
                    mark.write_text(tag, encoding="utf-8")
            with path.open("ab") as file:
                for piece in self._within(answer, self._manners.largest_file_bytes - begun):
                    file.write(piece)
        mark.unlink(missing_ok=True)

    def _whole(self, url: str, accept: str, passing: re.Pattern[bytes] | None) -> bytes:
        with self._answer(url, {"Accept": accept}) as answer:
            whole = b"".join(self._within(answer, self._manners.largest_answer_bytes))
        if passing is not None and passing.match(whole):
            raise _Failed(beginning(whole))
        return whole

    def _patiently(self, once: Callable[[], Given]) -> Given:
        """Do it, and again after a pause if it failed in a way that may pass."""
        pause_s = self._manners.first_pause_s
        why: object = ""
        for attempt in range(self._manners.tries):
            if attempt:
                time.sleep(pause_s)
                pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
            try:
                return once()
            except _Failed as failed:
                why = failed
                pause_s = min(max(pause_s, failed.pause_s), _LONGEST_PAUSE_S)
            except SSLError as error:
                raise ServiceError(
                    N_(
                        "{host} cannot prove that it is {host}: {why}. If it leaves certificates out of its chain, ask "
                        "whoever runs it for them, look at whom they name, and give the file: --ca-file FILE.pem"
                    ),
                    host=self.host,
                    why=_short(error),
                ) from error
            except (HTTPError, OSError) as error:
                why = _short(error)
        raise ServiceError(
            N_("{host} did not give a whole answer in {tries} tries; the last time: {why}"),
            host=self.host,
            tries=self._manners.tries,
            why=why,
        )

    @contextmanager
    def _answer(self, url: str, headers: Mapping[str, str]) -> Generator[BaseHTTPResponse]:
        """Ask, follow redirects that stay at the host, and give an answer that is none of refusal."""
        place = self._checked(place_of(url))
        for _ in range(_MOST_REDIRECTS):
            answer = self._response(place, headers)
            try:
                if answer.status not in _REDIRECTS:
                    self._refuse(answer)
                    yield answer
                    return
                place = self._checked(place_of(urljoin(_url(place), answer.headers.get("Location", ""))))
            finally:
                answer.close()  # what is left of it is not read: the next request has a connection of its own
        raise ServiceError(N_("{host} sends from one address to the next without end"), host=self.host)

    def _checked(self, place: Place) -> Place:
        """Hold that a request stays at the host, and as safe as it was asked for."""
        home = self._home
        if place.host != home.host or place.port not in {home.port, *PORTS.values()}:
            raise AddressError(
                N_("{host} sends on to {other}; if that is right, ask there"), host=home.host, other=place.host_header
            )
        if home.scheme == "https" and place.scheme == "http":  # servers behind a proxy name themselves so
            return Place("https", place.host, home.port, place.target)
        return place

    def _response(self, place: Place, headers: Mapping[str, str], body: bytes | None = None) -> BaseHTTPResponse:
        time.sleep(max(0.0, self._last_request_at + self._manners.between_s - time.monotonic()))
        try:
            return self._connections.ask(place, {**self._headers, **headers}, body)
        finally:
            self._last_request_at = time.monotonic()

    def _refuse(self, answer: BaseHTTPResponse) -> None:
        if answer.status in {_OK, _PART}:
            return
        reason = _reason(answer)
        if answer.status in _AGAIN:
            after = answer.headers.get("Retry-After", "")
            raise _Failed(f"{answer.status} {reason}", float(after) if after.isdigit() else 0.0)
        if answer.status in _ACCOUNT:
            raise ServiceError(
                N_("{host} asks for an account ({status} {told}): get the file by hand and add it"),
                host=self.host,
                status=answer.status,
                told=reason,
            )
        raise ServiceError(N_("{host} refuses: {status} {told}"), host=self.host, status=answer.status, told=reason)

    def _within(self, answer: BaseHTTPResponse, most: int) -> Iterator[bytes]:
        """Give an answer piece by piece, up to `most` bytes as they are unpacked."""
        count = 0
        for piece in answer.stream(CHUNK_BYTES):
            count += len(piece)
            if count > most:
                raise ServiceError(N_("{host} sends more than {most} MB at once"), host=self.host, most=most // 1024**2)
            yield piece


def _url(place: Place) -> str:
    return f"{place.scheme}://{place.host_header}{place.target}"


def _reason(answer: BaseHTTPResponse) -> str:
    return " ".join((answer.reason or "").split())[:100]


def _short(error: BaseException) -> str:
    """Say an error without the object that it happened to, which names memory and addresses."""
    cause = getattr(error, "reason", None) or error
    return str(cause).rpartition(": ")[2][:200] or type(cause).__name__
