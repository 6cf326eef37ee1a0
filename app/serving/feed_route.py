"""The feeds as a feed reader asks for them: `/feed/community/SOURCE/CODE.atom`, `/feed/region/CODE.atom`."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.analysis import feed
from app.current import answered
from app.wording import i18n
from layers.errors import NotBuiltError


def routes() -> list[Route]:
    """Give the route of the feeds."""
    return [Route("/feed/{key:path}.atom", answer)]


def answer(request: Request) -> Response:
    """Answer with the feed of a community or region, in the language asked for; 404 if the map knows neither."""
    try:
        watched = answered.watchable().get(request.path_params["key"])
        if watched is None:
            return Response(status_code=404)
        i18n.use(i18n.of_browser(request.headers.get("accept-language", ""), request.query_params.get("lang", "")))
        return Response(feed.atom([watched], answered.successive()), media_type=feed.MEDIA_TYPE)
    except NotBuiltError:
        return Response(status_code=503)
