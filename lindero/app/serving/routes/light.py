"""
The light page as a phone asks for it: `/aqui` in Spanish, `/here` in English, the place by POST alone.

A place is in no address, no cookie and no log; an answer may not be kept by the browser (`app.serving.access.headers`).
"""

import datetime as dt
import re
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from urllib.parse import parse_qsl, unquote

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from lindero.app.answers.place import place_text
from lindero.app.answers.place.place_search import Meant
from lindero.app.answers.place.position_search import Found, Unknown, found_at
from lindero.app.answers.place.spot import Spot
from lindero.app.current import map_layers, open_map
from lindero.app.drawing import place_map
from lindero.app.products.brief import community as community_brief
from lindero.app.renderers.typst_pdf import pdf
from lindero.app.serving.access.pools import Pool, PoolBusyError
from lindero.app.serving.light import page
from lindero.app.serving.light.answer import answer_at
from lindero.app.serving.light.page import ADDRESSES, Question
from lindero.app.text import i18n
from lindero.app.text.error_advice import error_text
from lindero.layers.errors import LayerError

PAGES = tuple(ADDRESSES.values())
LARGEST_BYTES = 8_000  # of a form
MOST_FIELDS = 12
THREADS = 8  # that answer here
POSITION = re.compile(r"(-?\d{1,2}\.\d+), (-?\d{1,3}\.\d+)")
PHONE = re.compile(r"Mobi|Android", re.IGNORECASE)
WHOLE_MAP = "map"  # asks for the pages, also from a phone


def routes() -> list[Route]:
    """Return the routes of the light page, which are answered by threads of their own."""
    answer = _answers(Pool(THREADS))
    return [Route(address, answer, methods=["GET", "POST"]) for address in PAGES]


def _answers(pool: Pool) -> Callable[[Request], Awaitable[Response]]:
    """Answer with the form, with the question which place is meant, or with what is on record there."""

    async def answer(request: Request) -> Response:
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > LARGEST_BYTES:
                return Response(status_code=413)
        try:
            sent = dict(parse_qsl(body.decode(), max_num_fields=MOST_FIELDS))
        except ValueError:
            return Response(status_code=400)
        path, language = request.url.path, request.query_params.get("lang", "")
        try:
            return await pool.run(partial(_answered, path, language, sent))
        except PoolBusyError as error:
            _speak(path, language)
            return HTMLResponse(page.form(Question(), error_text(error)), status_code=503)

    return answer


class PhoneFirst:
    """Leads whoever opens the map on a phone to the light page; `/?map=1` is the whole map there, too."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the way to the light page, or pass the request on."""
        if scope["type"] != "http" or scope["path"] != "/":
            return await self.app(scope, receive, send)
        request = Request(scope)
        hinted = request.headers.get("sec-ch-ua-mobile") == "?1"
        is_phone = hinted or PHONE.search(request.headers.get("user-agent", "")) is not None
        if not is_phone or WHOLE_MAP in request.query_params:
            return await self.app(scope, receive, send)
        address = ADDRESSES.get(i18n.of_browser(request.headers.get("accept-language", "")), "/here")
        return await RedirectResponse(address, status_code=303)(scope, receive, send)


def _answered(path: str, language: str, sent: Mapping[str, str]) -> Response:
    _speak(path, language)
    chosen_at, _sign, chosen_name = sent.get("choice", "").partition("|")
    question = Question(
        place=sent.get("place", "").strip(),
        at=chosen_at or sent.get("at", ""),
        name=chosen_name or sent.get("name", ""),
        abroad="abroad" in sent,
    )
    try:
        return _page(question, sent)
    except LayerError as error:
        return HTMLResponse(page.form(Question(), error_text(error)), status_code=503)


def _page(question: Question, sent: Mapping[str, str]) -> Response:
    found = _found(question) if question.at or question.place else None
    if found is None:
        return HTMLResponse(page.form(question))
    if not isinstance(found, Found | Spot):
        return HTMLResponse(page.choice(question, found))
    spot = found if isinstance(found, Spot) else _spot(question, found)
    today = dt.datetime.now(tz=dt.UTC).astimezone().date()
    if "brief" in sent and spot.area is not None and page.has_brief(spot):
        return _brief(spot.area.ids[0], today)
    saved = "save" in sent
    picture = place_map.draw((spot.longitude, spot.latitude), spot.shape, map_layers.within_bounds)
    written = page.answer_page(question, answer_at(spot, today=today), picture, saved=saved)
    return HTMLResponse(written, headers=_attached(today, "html") if saved else None)


def _spot(question: Question, found: Found) -> Spot:
    name = question.name if question.at else place_text.place_name(found)
    return map_layers.spot_of(found, name or place_text.place_name(found))


def _brief(community: str, today: dt.date) -> Response:
    """Answer with the printed brief of a community."""
    written = pdf(community_brief.brief(open_map.current().cursor(), community))
    return Response(written, media_type="application/pdf", headers=_attached(today, "pdf"))


def _found(question: Question) -> Meant | Spot:
    if not question.at:
        return map_layers.find_place(question.place, abroad=question.abroad)
    if area := map_layers.area_by_key(unquote(question.at)):
        point = area.shape.representative_point()
        return Spot(question.name or area.name, point.y, point.x, area)
    return _at(question.at)


def _at(chosen: str) -> Found | Unknown:
    """Read a position as the page itself has written it."""
    written = POSITION.fullmatch(chosen)
    latitude, longitude = (float(degrees) for degrees in written.groups()) if written else (91.0, 0.0)
    if abs(latitude) > 90 or abs(longitude) > 180:  # noqa: PLR2004  degrees
        return Unknown()
    return found_at(latitude, longitude)


def _speak(path: str, language: str) -> None:
    own = next((code for code, address in ADDRESSES.items() if address == path), i18n.DEFAULT_LANGUAGE)
    i18n.use(i18n.choose([language]) if language else own)


def _attached(today: dt.date, ending: str) -> dict[str, str]:
    """Name the file by its day alone: a browser lists what it has saved for longer than the file is there."""
    return {"content-disposition": f"attachment; filename=lindero-{today}.{ending}"}
