"""What every answer of the server carries: headers that keep the browser on this machine, and compression."""

import asyncio
import gzip
import mimetypes
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Streamlit's own page and the map component run inline scripts and eval; blob: is for downloads and workers.
POLICY = {
    "default-src": "'self'",
    "script-src": "'self' 'unsafe-inline' 'unsafe-eval' blob:",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "connect-src": "'self'",
    "worker-src": "'self' blob:",
    "frame-src": "'self'",
    "frame-ancestors": "'self'",
    "form-action": "'self'",
    "base-uri": "'self'",
    "object-src": "'none'",
}
HEADERS = {
    "content-security-policy": "; ".join(f"{name} {value}" for name, value in POLICY.items()),
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-dns-prefetch-control": "off",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "geolocation=(self), camera=(), microphone=(), payment=(), usb=()",
}
# What comes from the vault is not to lie in a browser's cache on the disk.
PRIVATE_HEADERS = {**HEADERS, "cache-control": "no-store"}


class SecurityHeaders:
    """
    Adds to every answer the headers that forbid requests to other machines.

    An answer that does not say how long it may be kept must not be: a tile, also an empty one, says by its address
    where somebody looked, and what pages offer for download may name the place. A browser would decide by itself.
    """

    def __init__(self, app: ASGIApp, headers: Mapping[str, str] = HEADERS) -> None:
        self.app, self.headers = app, headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and the answer back with the headers."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("cache-control", "no-store")
                headers.update(self.headers)
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)


class Foretold:
    """
    Names with a page the scripts that it will load, so that the browser has them all when the first is asked for.

    The frame of a map asks for one script after the other.
    """

    def __init__(self, app: ASGIApp, page: str, scripts: Sequence[str]) -> None:
        self.app, self.page = app, page
        self._link = ", ".join(f"<{address}>; rel=preload; as=script" for address in scripts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and the answer back, with the scripts named if it is the page."""

        async def send_with_link(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["link"] = self._link
            await send(message)

        is_page = scope["type"] == "http" and scope["path"] in {self.page, f"{self.page}index.html"}
        await self.app(scope, receive, send_with_link if is_page else send)


class CompressedFiles:
    """
    Serves a folder's scripts and styles compressed, once each, from memory, to be kept by the browser for good.

    Their addresses must hold their hash. Streamlit sends its own 2.5 MB as they are; compressed they are a quarter,
    which an old phone's link feels. `style` rewrites styles.
    """

    def __init__(self, app: ASGIApp, folder: Path, prefix: str, style: Callable[[str], str] | None = None) -> None:
        self.app, self.folder, self.prefix, self.style = app, folder.resolve(), prefix, style
        self._compressed: dict[str, bytes] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer for a script or style of the folder, else pass the request on."""
        path = str(scope.get("path", ""))
        if scope["type"] != "http" or not path.startswith(self.prefix) or not path.endswith((".js", ".css")):
            return await self.app(scope, receive, send)
        file = (self.folder / path.removeprefix(self.prefix)).resolve()
        accepted = Headers(scope=scope).get("accept-encoding", "")
        if "gzip" not in accepted or not file.is_relative_to(self.folder) or not file.is_file():
            return await self.app(scope, receive, send)
        if path not in self._compressed:
            self._compressed[path] = await asyncio.to_thread(self._read, file)  # the largest takes a tenth of a second
        headers = {
            "content-encoding": "gzip",
            "vary": "accept-encoding",
            "cache-control": "public, max-age=31536000, immutable",
        }
        answer = Response(self._compressed[path], media_type=mimetypes.guess_type(path)[0], headers=headers)
        return await answer(scope, receive, send)

    def _read(self, file: Path) -> bytes:
        content = file.read_bytes()
        if self.style is not None and file.suffix == ".css":
            content = self.style(content.decode()).encode()
        return gzip.compress(content, compresslevel=9, mtime=0)
