"""Headers and compression of every response. The headers forbid the browser requests to other machines."""

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
# Content of the vault must not be stored in a browser's cache on the disk.
PRIVATE_HEADERS = {**HEADERS, "cache-control": "no-store"}


class SecurityHeaders:
    """Middleware that adds headers to every response, which forbid requests to other machines.

    A response without a `cache-control` header gets `no-store`. The address of a tile, even an empty one, discloses
    where a reader looked, and a download may name the place. A browser would otherwise cache by its own rules.
    """

    def __init__(self, app: ASGIApp, headers: Mapping[str, str] = HEADERS) -> None:
        self.app, self.headers = app, headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Forward the request, and add the headers to the response."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("cache-control", "no-store")
                headers.update(self.headers)
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)


class ScriptPreload:
    """Middleware that adds preload links for scripts to a page, so that the browser requests them all at once.

    The frame of a map would request one script after the other.
    """

    def __init__(self, app: ASGIApp, page: str, scripts: Sequence[str]) -> None:
        self.app, self.page = app, page
        self._link = ", ".join(f"<{address}>; rel=preload; as=script" for address in scripts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Forward the request, and add the links to the response if it is the page."""

        async def send_with_link(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["link"] = self._link
            await send(message)

        is_page = scope["type"] == "http" and scope["path"] in {self.page, f"{self.page}index.html"}
        await self.app(scope, receive, send_with_link if is_page else send)


class CompressedFiles:
    """Middleware that serves the scripts and styles of a folder compressed, from memory, and cacheable forever.

    Each file is compressed once. File names must contain a hash of the content. Streamlit serves its own 2.5 MB
    uncompressed; compressed they are a quarter, which matters on a slow phone connection. `style` is a function that
    rewrites styles.
    """

    def __init__(self, app: ASGIApp, folder: Path, prefix: str, style: Callable[[str], str] | None = None) -> None:
        self.app, self.folder, self.prefix, self.style = app, folder.resolve(), prefix, style
        self._compressed: dict[str, bytes] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer requests for scripts and styles of the folder, and forward all others."""
        path = str(scope.get("path", ""))
        if scope["type"] != "http" or not path.startswith(self.prefix) or not path.endswith((".js", ".css")):
            return await self.app(scope, receive, send)
        file = (self.folder / path.removeprefix(self.prefix)).resolve()
        accepted = Headers(scope=scope).get("accept-encoding", "")
        if "gzip" not in accepted or not file.is_relative_to(self.folder) or not file.is_file():
            return await self.app(scope, receive, send)
        if path not in self._compressed:
            self._compressed[path] = await asyncio.to_thread(
                self._compress, file
            )  # compressing the largest takes a tenth of a second
        headers = {
            "content-encoding": "gzip",
            "vary": "accept-encoding",
            "cache-control": "public, max-age=31536000, immutable",
        }
        answer = Response(self._compressed[path], media_type=mimetypes.guess_type(path)[0], headers=headers)
        return await answer(scope, receive, send)

    def _compress(self, file: Path) -> bytes:
        content = file.read_bytes()
        if self.style is not None and file.suffix == ".css":
            content = self.style(content.decode()).encode()
        return gzip.compress(content, compresslevel=9, mtime=0)
