"""Which tab a connection comes from: its page says so in the address, and the pages read it as a header."""

from starlette.datastructures import Headers, MutableHeaders, QueryParams
from starlette.types import ASGIApp, Receive, Scope, Send

from lindero.app.current.tab_memory import HEADER, TOKEN


class Tab:
    """Gives connections the header of their tab, and takes it from whoever sends it unasked."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the connection on."""
        if scope["type"] == "websocket":
            headers = MutableHeaders(raw=[*Headers(scope=scope).raw])
            del headers[HEADER]
            token = QueryParams(scope["query_string"]).get("tab", "")
            if TOKEN.fullmatch(token):
                headers[HEADER] = token
            scope = {**scope, "headers": headers.raw}
        await self.app(scope, receive, send)
