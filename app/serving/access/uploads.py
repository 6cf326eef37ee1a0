"""
Files handed over in the browser: as many as memory has room for.

Streamlit bounds each file, and takes any number of them.
"""

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit.runtime import get_instance
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

from lindero.app.serving.access.paths import UPLOADS


class Uploads:
    """
    Refuses a file that does not tell its size, or for which there is no room: 411, 413 or 507.

    At most `of_one` bytes are kept for a session, and `of_all` for all of them.
    """

    def __init__(self, app: ASGIApp, of_one: int, of_all: int) -> None:
        self.app, self.of_one, self.of_all = app, of_one, of_all
        self._coming: dict[object, tuple[str, int]] = {}  # of what is on its way: the session and the bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse the file that it brings."""
        if scope["type"] != "http" or scope["method"] != "PUT" or not scope["path"].startswith(UPLOADS):
            return await self.app(scope, receive, send)
        session, told = (
            scope["path"].removeprefix(UPLOADS).partition("/")[0],
            Headers(scope=scope).get("content-length"),
        )
        if told is None or not told.isdecimal():
            return await Response(status_code=411)(scope, receive, send)
        if refusal := self._refusal(session, int(told)):
            return await Response(status_code=refusal)(scope, receive, send)
        ticket = object()
        self._coming[ticket] = session, int(told)
        try:
            return await self.app(scope, receive, send)
        finally:
            del self._coming[ticket]

    def _refusal(self, session: str, more: int) -> int:
        """Give the status to refuse a file with; 0 to take it."""
        kept = [*_kept(), *self._coming.values()]
        if more + sum(size for owner, size in kept if owner == session) > self.of_one:
            return 413
        return 507 if more + sum(size for _, size in kept) > self.of_all else 0


def _kept() -> list[tuple[str, int]]:
    """Give the session and the bytes of each file that is kept."""
    manager = get_instance().uploaded_file_mgr
    if not isinstance(manager, MemoryUploadedFileManager):
        raise TypeError(manager)
    storage = {session: [*files.values()] for session, files in [*manager.file_storage.items()]}
    return [(session, len(file.data)) for session, files in storage.items() for file in files]
