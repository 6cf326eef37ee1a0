"""Routes of the light page, one per language: `/aqui` in Spanish, `/here` in English. Places are sent by POST only.

A place appears in no address, cookie or log, and the browser may not cache a response (`app.serving.access.headers`).
"""

import asyncio
import datetime as dt
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from urllib.parse import parse_qsl, unquote, urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from lindero.app.answers.place import place_text
from lindero.app.answers.place.place_search import SearchResult
from lindero.app.answers.place.position_search import FoundPlace, UnknownPlace, locate_position
from lindero.app.answers.place.spot import Spot
from lindero.app.media.pages.current import map_layers, open_map
from lindero.app.media.paper import place_map
from lindero.app.media.paper.brief import community as community_brief
from lindero.app.media.paper.typst_pdf import render_pdf
from lindero.app.serving.access.pools import Pool, PoolBusyError, retry_header
from lindero.app.serving.light import page
from lindero.app.serving.light.answer import answer_place
from lindero.app.serving.light.page import ADDRESSES, Question
from lindero.app.text import i18n
from lindero.app.text.error_advice import error_text
from lindero.app.text.i18n import _
from lindero.layers.errors import LayerError

PAGES = tuple(ADDRESSES.values())
LARGEST_BYTES = 8_000  # bytes of a form
MOST_FIELDS = 12
THREADS, WAITING = 8, 40  # threads for these answers, and readers who wait for one
AGAIN = "again"
MOST_KEPT, KEPT_S = 500, 300.0
POSITION = re.compile(r"(-?\d{1,2}\.\d+), (-?\d{1,3}\.\d+)")
PHONE = re.compile(r"Mobi|Android", re.IGNORECASE)
WHOLE_MAP = "map"  # requests the pages of the whole map, also from a phone


def routes() -> list[Route]:
    """Return the routes of the light page. They are answered by a thread pool of their own."""
    answer = _build_endpoint(Pool(THREADS, waiting=WAITING), KeptForms())
    return [Route(address, answer, methods=["GET", "POST"]) for address in PAGES]


class KeptForms:
    """Forms of readers who have to come again, each under a random token for one visit within some minutes.

    A browser without JavaScript cannot send a form again by itself. It opens the address with the token instead, which
    contains nothing of the question. Forms are kept in memory only.
    """

    def __init__(self) -> None:
        self._forms: dict[str, tuple[Mapping[str, str], asyncio.TimerHandle]] = {}

    def keep(self, sent: Mapping[str, str]) -> str:
        """Store a form, at the cost of the oldest if there are too many. Return its token."""
        if len(self._forms) >= MOST_KEPT:
            self.take(next(iter(self._forms)))
        token = secrets.token_urlsafe(16)
        self._forms[token] = sent, asyncio.get_running_loop().call_later(KEPT_S, self.take, token)
        return token

    def take(self, token: str) -> Mapping[str, str] | None:
        """Return the form of a token, which is then forgotten; None if there is none."""
        if token not in self._forms:
            return None
        sent, timer = self._forms.pop(token)
        timer.cancel()
        return sent


def _build_endpoint(pool: Pool, kept: KeptForms) -> Callable[[Request], Awaitable[Response]]:
    """Build the endpoint that answers with the form, a choice of places, or the answer for a place."""

    async def answer(request: Request) -> Response:
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > LARGEST_BYTES:
                return Response(status_code=413)
        token = request.query_params.get(AGAIN)
        try:
            sent = kept.take(token) if token else dict(parse_qsl(body.decode(), max_num_fields=MOST_FIELDS))
        except ValueError:
            return Response(status_code=400)
        path, language = request.url.path, request.query_params.get("lang", "")
        _set_language(path, language)
        if sent is None:
            return HTMLResponse(page.render_form(Question(), _("Your question is no longer kept here. Ask again.")))
        try:
            return await pool.run(request, partial(_answer_form, sent))
        except PoolBusyError:
            is_fetched = request.headers.get("sec-fetch-mode", "navigate") != "navigate"  # a script, which asks again
            return _ask_to_wait(path, language, kept.keep(sent) if sent and not is_fetched else "")

    return answer


def _ask_to_wait(path: str, language: str, token: str) -> Response:
    """Answer with the page that opens again by itself; `token` is that of the question, if there is one."""
    headers = retry_header()
    query = urlencode({name: value for name, value in (("lang", language), (AGAIN, token)) if value})
    address = f"{path}?{query}" if query else path
    return HTMLResponse(page.render_wait(int(headers["retry-after"]), address), status_code=503, headers=headers)


class PhoneRedirect:
    """Middleware that redirects phones from the map to the light page. `/?map=1` opens the map on a phone, too."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Redirect to the light page, or forward the request."""
        if scope["type"] != "http" or scope["path"] != "/":
            return await self.app(scope, receive, send)
        request = Request(scope)
        hinted = request.headers.get("sec-ch-ua-mobile") == "?1"
        is_phone = hinted or PHONE.search(request.headers.get("user-agent", "")) is not None
        if not is_phone or WHOLE_MAP in request.query_params:
            return await self.app(scope, receive, send)
        language = i18n.choose_browser_language(request.headers.get("accept-language", ""), part=i18n.LIGHT)
        address = ADDRESSES.get(language, "/here")
        return await RedirectResponse(address, status_code=303)(scope, receive, send)


def _answer_form(sent: Mapping[str, str]) -> Response:
    chosen_at, _sign, chosen_name = sent.get("choice", "").partition("|")
    question = Question(
        place=sent.get("place", "").strip(),
        at=chosen_at or sent.get("at", ""),
        name=chosen_name or sent.get("name", ""),
        abroad="abroad" in sent,
    )
    try:
        with open_map.share_cursor():
            return _answer_question(question, sent)
    except LayerError as error:
        return HTMLResponse(page.render_form(Question(), error_text(error)), status_code=503)


def _answer_question(question: Question, sent: Mapping[str, str]) -> Response:
    result = _find_place(question) if question.at or question.place else None
    if result is None:
        return HTMLResponse(page.render_form(question))
    if not isinstance(result, FoundPlace | Spot):
        return HTMLResponse(page.render_choice(question, result))
    spot = result if isinstance(result, Spot) else _build_spot(question, result)
    today = dt.datetime.now(tz=dt.UTC).astimezone().date()
    if "brief" in sent and spot.area is not None and page.has_brief(spot):
        return _answer_brief(spot.area.ids[0], today)
    saved = "save" in sent
    picture = place_map.draw_surroundings((spot.longitude, spot.latitude), spot.shape, map_layers.read_outlines)
    content = page.render_answer(question, answer_place(spot, today=today), picture, saved=saved)
    return HTMLResponse(content, headers=_attachment_headers(today, "html") if saved else None)


def _build_spot(question: Question, result: FoundPlace) -> Spot:
    name = question.name if question.at else place_text.place_name(result)
    return map_layers.build_spot(result, name or place_text.place_name(result))


def _answer_brief(community: str, today: dt.date) -> Response:
    """Answer with the printed brief of a community."""
    content = render_pdf(community_brief.build_brief(open_map.current_map().open_cursor(), community))
    return Response(content, media_type="application/pdf", headers=_attachment_headers(today, "pdf"))


def _find_place(question: Question) -> SearchResult | Spot:
    if not question.at:
        return map_layers.find_place(question.place, abroad=question.abroad)
    if area := map_layers.area_by_key(unquote(question.at)):
        point = area.shape.representative_point()
        return Spot(question.name or area.name, point.y, point.x, area)
    return _parse_position(question.at)


def _parse_position(chosen: str) -> FoundPlace | UnknownPlace:
    """Parse a position in the notation of the page itself."""
    match = POSITION.fullmatch(chosen)
    latitude, longitude = (float(degrees) for degrees in match.groups()) if match else (91.0, 0.0)
    if abs(latitude) > 90 or abs(longitude) > 180:  # noqa: PLR2004  degrees
        return UnknownPlace()
    return locate_position(latitude, longitude)


def _set_language(path: str, language: str) -> None:
    page_language = next((code for code, address in ADDRESSES.items() if address == path), i18n.DEFAULT_LANGUAGE)
    i18n.set_language(i18n.choose_language([language], i18n.LIGHT) if language else page_language)


def _attachment_headers(today: dt.date, ending: str) -> dict[str, str]:
    """Return the header for a download.

    The file name contains only the date, because browsers keep lists of downloads.
    """
    return {"content-disposition": f"attachment; filename=lindero-{today}.{ending}"}
