"""The feeds as a feed reader asks for them: `/feed/community/SOURCE/CODE.atom`, `/feed/region/CODE.atom`."""

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from lindero.app.answers.changes import feed, watchlist
from lindero.app.current import cached_answers, open_map
from lindero.app.text import i18n
from lindero.layers.errors import NotBuiltError


def routes() -> list[Route]:
    """Give the route of the feeds."""
    return [Route("/feed/{key:path}.atom", answer)]


def answer(request: Request) -> Response:
    """
    Answer with the feed of a community or region, in the language asked for.

    An address of before leads to that of now (308); of what has left the map nothing is told any more (410); what the
    map never knew is not found (404).
    """
    key = request.path_params["key"]
    try:
        watched = cached_answers.watchable().get(key)
        if watched is None:
            led, found = watchlist.led(open_map.current().cursor(), key)
            if led:
                query = f"?{request.url.query}" if request.url.query else ""
                return RedirectResponse(f"/feed/{quote(led)}.atom{query}", status_code=308)
            return Response(status_code=404 if found.gone_on is None else 410)
        i18n.use(i18n.of_browser(request.headers.get("accept-language", ""), request.query_params.get("lang", "")))
        return Response(feed.atom([watched], cached_answers.successive()), media_type=feed.MEDIA_TYPE)
    except NotBuiltError:
        return Response(status_code=503)
