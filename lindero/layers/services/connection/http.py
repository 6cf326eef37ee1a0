"""HTTP requests to one host only: one request at a time, with retries, within limits.

GDAL and OWSLib could access the network themselves, but are not allowed to. All downloads are made here.
"""

import datetime as dt
import re
import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar
from urllib.parse import urljoin

from urllib3 import BaseHTTPResponse, Timeout
from urllib3.exceptions import HTTPError, SSLError

from lindero.layers.errors import N_, AddressError, ClosedError, ServiceError, UnreachableError
from lindero.layers.services.connection.connections import Connections
from lindero.layers.services.connection.url_guard import PORTS, Endpoint, add_params, parse_endpoint
from lindero.layers.services.protocols.protocol import beginning

CHUNK_BYTES = 32_768  # small, because the last chunk of a broken response is lost
Result = TypeVar("Result")
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_RETRY_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})
_ACCOUNT = frozenset({401, 403, 407})
CLOSED_STATUSES = frozenset({404, 410})
_OK, _PART = 200, 206
_SUCCESS_STATUSES = frozenset({200, 201, 202, 204})
_LONGEST_REFUSAL = 500
_MOST_REDIRECTS = 5
_LONGEST_PAUSE_S = 60.0


@dataclass(frozen=True)
class RequestSettings:
    """The settings for requests to a host: retries, pauses, timeouts and size limits."""

    tries: int = 6
    first_pause_s: float = 1.0  # doubled after each failure
    between_s: float = 0.2  # pause between requests, which are sent one at a time
    connect_s: float = 20.0
    silence_s: float = 120.0  # between two chunks of a response
    longest_s: float = 7200.0  # for everything that a client fetches: a server may send a byte now and then for ever
    largest_answer_bytes: int = 256 * 1024**2
    largest_file_bytes: int = 4 * 1024**3


class _TemporaryFailure(Exception):  # noqa: N818  never leaves this module
    """A failure of a request that may succeed when it is repeated."""

    def __init__(self, why: object, pause_s: float = 0.0) -> None:
        super().__init__(str(why))
        self.pause_s = pause_s


class HostClient:
    """An HTTP client for one host.

    `token`: A token that identifies the user to the host (`Authorization: Bearer`). It is sent to this host only.
    """

    def __init__(
        self,
        url: str,
        *,
        allow_private: bool = False,
        referer: str = "",
        manners: RequestSettings | None = None,
        ca_file: Path | None = None,
        token: str = "",
    ) -> None:
        self._home = parse_endpoint(url)
        self._manners = manners or RequestSettings()
        timeout = Timeout(connect=self._manners.connect_s, read=self._manners.silence_s)
        self._connections = Connections(timeout=timeout, allow_private=allow_private, ca_file=ca_file)
        self._last_request_at = 0.0
        self._ends_at = time.monotonic() + self._manners.longest_s
        self.server_date: dt.datetime | None = None  # as the latest answer stated it
        self._headers = {"User-Agent": f"Lindero/{version('lindero')}", "Accept-Encoding": "gzip"}
        if referer:
            self._headers["Referer"] = referer
        if token:
            self._headers["Authorization"] = f"Bearer {token}"

    @property
    def host(self) -> str:
        """The name of the host."""
        return self._home.host

    def get(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        *,
        accept: str = "*/*",
        passing: re.Pattern[bytes] | None = None,
    ) -> bytes:
        """Fetch a complete response. One that begins with `passing` is a temporary refusal and requested again."""
        return self._retry(lambda: self._read_response(add_params(url, params or {}), accept, passing))

    def post(self, url: str, body: bytes, *, kind: str) -> bytes:
        """Send a request body once; `kind` is its media type. It is not retried: that could repeat the action."""
        try:
            place = self._check_endpoint(parse_endpoint(url))
            with self._deadline(), closing(self._send(place, {"Content-Type": kind}, body)) as answer:
                if answer.status not in _SUCCESS_STATUSES:
                    reason = _reason(answer)
                    why = beginning(answer.read(_LONGEST_REFUSAL))
                    raise ServiceError(
                        N_("{host} refused the request: {status} {told}"),
                        host=self.host,
                        status=answer.status,
                        told=f"{reason} {why}",
                    )
                return b"".join(self._iter_chunks(answer, self._manners.largest_answer_bytes))
        except (HTTPError, OSError) as error:
            raise ServiceError(
                N_("{host} does not answer: {why}"), host=self.host, why=_short_message(error)
            ) from error

    def check_reachable(self, url: str) -> None:
        """Check that the host answers at an address, without reading the response; raise the same errors as `get`."""

        def open_once() -> None:
            with self._answer(url, {}):
                pass

        self._retry(open_once)

    def save(self, url: str, path: Path) -> None:
        """Save a response as a file.

        A partial download is continued if the server supports it and the file did not change.
        """
        self._retry(lambda: self._download(url, path))

    def _download(self, url: str, path: Path) -> None:
        """Download a file, or its missing part.

        The `.etag` file beside `path` identifies the version of a partial download.
        """
        tag_file = path.with_name(f"{path.name}.etag")
        start = path.stat().st_size if path.exists() and tag_file.exists() else 0
        headers = {"Range": f"bytes={start}-", "If-Range": tag_file.read_text(encoding="utf-8")} if start else {}
        with self._answer(url, {"Accept-Encoding": "identity", **headers}) as answer:
            if answer.status != _PART or not answer.headers.get("Content-Range", "").startswith(f"bytes {start}-"):
                start = 0
                path.unlink(missing_ok=True)
                tag_file.unlink(missing_ok=True)
                tag = answer.headers.get("ETag", "")
                if tag and not tag.startswith("W/"):  # a weak ETag does not identify the bytes
                    tag_file.write_text(tag, encoding="utf-8")
            with path.open("ab") as file:
                for piece in self._iter_chunks(answer, self._manners.largest_file_bytes - start):
                    file.write(piece)
        tag_file.unlink(missing_ok=True)

    def _read_response(self, url: str, accept: str, passing: re.Pattern[bytes] | None) -> bytes:
        with self._answer(url, {"Accept": accept}) as answer:
            content = b"".join(self._iter_chunks(answer, self._manners.largest_answer_bytes))
        if passing is not None and passing.match(content):
            raise _TemporaryFailure(beginning(content))
        return content

    def _retry(self, operation: Callable[[], Result]) -> Result:
        """Call a function, and call it again after a pause if it fails in a way that may be temporary."""
        pause_s = self._manners.first_pause_s
        why: object = ""
        for attempt in range(self._manners.tries):
            if attempt:
                time.sleep(pause_s)
                pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
            try:
                with self._deadline():
                    return operation()
            except _TemporaryFailure as failed:
                why = failed
                pause_s = min(max(pause_s, failed.pause_s), _LONGEST_PAUSE_S)
            except SSLError as error:
                raise UnreachableError(
                    N_(
                        "{host} could not prove its identity: {why}. If its certificate chain is "
                        "incomplete, ask its operator for the missing certificates. Check to whom they "
                        "belong, and give the file with --ca-file FILE.pem"
                    ),
                    host=self.host,
                    why=_short_message(error),
                ) from error
            except (HTTPError, OSError) as error:
                why = _short_message(error)
        raise UnreachableError(
            N_("{host} did not send a complete answer in {tries} tries; last error: {why}"),
            host=self.host,
            tries=self._manners.tries,
            why=why,
        )

    @contextmanager
    def _answer(self, url: str, headers: Mapping[str, str]) -> Generator[BaseHTTPResponse]:
        """Send a request, follow redirects within the host, and yield a successful response."""
        place = self._check_endpoint(parse_endpoint(url))
        for _ in range(_MOST_REDIRECTS):
            answer = self._send(place, headers)
            try:
                if answer.status not in _REDIRECTS:
                    self._check_status(answer)
                    yield answer
                    return
                place = self._check_endpoint(parse_endpoint(urljoin(_url(place), answer.headers.get("Location", ""))))
            finally:
                answer.close()  # the rest is not read; the next request uses its own connection
        raise ServiceError(N_("{host} redirects from one address to the next without end"), host=self.host)

    def _check_endpoint(self, place: Endpoint) -> Endpoint:
        """Return the endpoint of a request; raise AddressError if it leaves the host.

        An http endpoint becomes https if the client was created with an https address.
        """
        home = self._home
        if place.host != home.host or place.port not in {home.port, *PORTS.values()}:
            raise AddressError(
                N_("{host} redirects to {other}; if that is right, use that address"),
                host=home.host,
                other=place.host_header,
            )
        if home.scheme == "https" and place.scheme == "http":  # servers behind a proxy refer to themselves by http
            return Endpoint("https", place.host, home.port, place.target)
        return place

    def _send(self, place: Endpoint, headers: Mapping[str, str], body: bytes | None = None) -> BaseHTTPResponse:
        time.sleep(max(0.0, self._last_request_at + self._manners.between_s - time.monotonic()))
        self._check_deadline()
        try:
            answer = self._connections.request(place, {**self._headers, **headers}, body)
        finally:
            self._last_request_at = time.monotonic()
        with suppress(ValueError, TypeError, OverflowError):  # the header is missing or not a date
            age = dt.timedelta(seconds=int(answer.headers.get("Age", "0")))  # in a cache on the way
            self.server_date = parsedate_to_datetime(answer.headers.get("Date", "")).astimezone(dt.UTC) + age
        return answer

    def _check_status(self, answer: BaseHTTPResponse) -> None:
        if answer.status in {_OK, _PART}:
            return
        reason = _reason(answer)
        if answer.status in _RETRY_STATUSES:
            after = answer.headers.get("Retry-After", "")
            raise _TemporaryFailure(f"{answer.status} {reason}", float(after) if after.isdigit() else 0.0)
        if answer.status in _ACCOUNT:
            raise ServiceError(
                N_("{host} requires an account ({status} {told}); download the file by hand and add it"),
                host=self.host,
                status=answer.status,
                told=reason,
            )
        kind = ClosedError if answer.status in CLOSED_STATUSES else ServiceError
        raise kind(N_("{host} refused the request: {status} {told}"), host=self.host, status=answer.status, told=reason)

    def _iter_chunks(self, answer: BaseHTTPResponse, max_bytes: int) -> Iterator[bytes]:
        """Yield a response in chunks, up to `max_bytes` bytes after decompression."""
        count = 0
        for chunk in answer.stream(CHUNK_BYTES):
            count += len(chunk)
            if count > max_bytes:
                raise ServiceError(
                    N_("{host} sent more than {most} MB in one answer"), host=self.host, most=max_bytes // 1024**2
                )
            yield chunk
        self._check_deadline()  # a connection that was shut looks like the end of the response

    @contextmanager
    def _deadline(self) -> Generator[None]:
        """Close the connections when the time of this client is over."""
        timer = threading.Timer(self._ends_at - time.monotonic(), self._connections.shut)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _check_deadline(self) -> None:
        if time.monotonic() >= self._ends_at:
            raise UnreachableError(
                N_(
                    "{host} did not send everything within {minutes} minutes. Try again later, or download the file by "
                    "hand and add it"
                ),
                host=self.host,
                minutes=round(self._manners.longest_s / 60),
            )


def _url(place: Endpoint) -> str:
    return f"{place.scheme}://{place.host_header}{place.target}"


def _reason(answer: BaseHTTPResponse) -> str:
    return " ".join((answer.reason or "").split())[:100]


def _short_message(error: BaseException) -> str:
    """Return an error's message without the object representation, which contains memory and network addresses."""
    cause = getattr(error, "reason", None) or error
    return str(cause).rpartition(": ")[2][:200] or type(cause).__name__
