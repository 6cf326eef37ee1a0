"""Which addresses are answered: none that no page asks for, and none that is no path."""

import re

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

LONGEST = 1_000  # characters
CLOSED = (  # what Streamlit tells monitors and programs: how many read, and what the pages say
    "/_stcore/metrics",
    "/_stcore/agent",
    "/_stcore/script-health-check",
)
UPLOADS = "/_stcore/upload_file/"
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class Answered:
    """Answers 404 for what is `closed`, and for paths that are too long or hold what no path holds."""

    def __init__(self, app: ASGIApp, closed: tuple[str, ...]) -> None:
        self.app, self.closed = app, closed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 404."""
        if scope["type"] == "http" and not self._is_answered(scope["path"]):
            return await Response(status_code=404)(scope, receive, send)
        return await self.app(scope, receive, send)

    def _is_answered(self, path: str) -> bool:
        return len(path) <= LONGEST and not _CONTROL.search(path) and not path.startswith(self.closed)
