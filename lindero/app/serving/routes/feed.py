"""The Atom feeds: `/feed/community/SOURCE/CODE.atom` and `/feed/region/CODE.atom`."""

import datetime as dt
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from lindero.app.answers.changes import feed, succession, watchlist
from lindero.app.answers.changes.succession import SuccessionResult
from lindero.app.answers.coverage.health import list_health
from lindero.app.media.pages.current import cached_answers, open_map
from lindero.app.serving.access.pools import Pool
from lindero.app.text import i18n
from lindero.layers.errors import NotBuiltError
from lindero.layers.watch.source_checks import CURRENT

THREADS, WAITING = 2, 50


def routes() -> list[Route]:
    """Return the route of the feeds."""
    return [Route("/feed/{key:path}.atom", Pool(THREADS, waiting=WAITING).wrap_endpoint(answer_feed))]


def answer_feed(request: Request) -> Response:
    """Answer with the feed of a community or region, in the requested language.

    An old address is redirected to the current one (308). For an object that has left the map, the response states the
    date and its replacement (410). An unknown object is not found (404).
    """
    key = request.path_params["key"]
    i18n.set_language(
        i18n.choose_browser_language(request.headers.get("accept-language", ""), request.query_params.get("lang", ""))
    )
    try:
        watched = cached_answers.watchable().get(key)
        if watched is None:
            current_key, last_appearance = watchlist.resolve_key(open_map.current_map().open_cursor(), key)
            if current_key:
                query = f"?{request.url.query}" if request.url.query else ""
                return RedirectResponse(f"/feed/{quote(current_key)}.atom{query}", status_code=308)
            return _explain_missing_feed(key, last_appearance)
        now = dt.datetime.now(dt.UTC)
        health = list_health(open_map.workspace(), now)
        complete_at = {source.check.source_id: source.check.complete_at for source in health}
        content = feed.write_place_feed(
            open_map.current_map().open_cursor(),
            [watched],
            cached_answers.register_events(now.date()),
            cached_answers.successive(),
            checked_on={source_id: at.date() for source_id, at in complete_at.items() if at},
            not_updated=[source.check.source_id for source in health if source.state != CURRENT],
        )
        return Response(content, media_type=feed.MEDIA_TYPE)
    except NotBuiltError:
        return Response(status_code=503)


def _explain_missing_feed(key: str, last_appearance: SuccessionResult) -> Response:
    """Explain why there is no feed, because a reader may have followed this area for years."""
    if last_appearance.gone_on is None:
        return PlainTextResponse(succession.unknown_text(key) + "\n", status_code=404)
    watchable = cached_answers.watchable()
    keys = (f"{watchlist.COMMUNITY}/{id_}" for id_ in last_appearance.instead)
    names = {f"/feed/{quote(feed_key)}.atom": watchable[feed_key].name for feed_key in keys if feed_key in watchable}
    lines = [succession.gone_text(key, last_appearance), *succession.replacement_lines(names)]
    return PlainTextResponse("\n".join(lines) + "\n", status_code=410)
