"""The feeds as a feed reader asks for them: `/feed/community/SOURCE/CODE.atom`, `/feed/region/CODE.atom`."""

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from lindero.app.answers.changes import feed, succession, watchlist
from lindero.app.answers.changes.succession import Found
from lindero.app.current import cached_answers, open_map
from lindero.app.text import i18n
from lindero.layers.errors import NotBuiltError


def routes() -> list[Route]:
    """Give the route of the feeds."""
    return [Route("/feed/{key:path}.atom", answer)]


def answer(request: Request) -> Response:
    """
    Answer with the feed of a community or region, in the language asked for.

    An address of before leads to that of now (308); of what has left the map it is said since when, and what took its
    place (410); what the map never knew is not found (404).
    """
    key = request.path_params["key"]
    i18n.use(i18n.of_browser(request.headers.get("accept-language", ""), request.query_params.get("lang", "")))
    try:
        watched = cached_answers.watchable().get(key)
        if watched is None:
            led, found = watchlist.led(open_map.current().cursor(), key)
            if led:
                query = f"?{request.url.query}" if request.url.query else ""
                return RedirectResponse(f"/feed/{quote(led)}.atom{query}", status_code=308)
            return _nothing(key, found)
        written = feed.atom(open_map.current().cursor(), [watched], cached_answers.successive(), cached_answers.dated())
        return Response(written, media_type=feed.MEDIA_TYPE)
    except NotBuiltError:
        return Response(status_code=503)


def _nothing(key: str, found: Found) -> Response:
    """Say in words why there is no feed: who asked may have watched this land for years."""
    if found.gone_on is None:
        return PlainTextResponse(succession.unknown_text(key) + "\n", status_code=404)
    watchable = cached_answers.watchable()
    keys = (f"{watchlist.COMMUNITY}/{id_}" for id_ in found.instead)
    names = {f"/feed/{quote(one)}.atom": watchable[one].name for one in keys if one in watchable}
    lines = [succession.gone_text(key, found), *succession.replacement_lines(names)]
    return PlainTextResponse("\n".join(lines) + "\n", status_code=410)
