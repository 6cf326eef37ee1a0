"""The HTML page of the map: Streamlit's page, translated, with a title, and only at existing addresses.

Streamlit's own page is in English and titled Streamlit. It looks for its server below each page's address, and opens
the first page at any address.
"""

import gzip
import json
import re
from functools import lru_cache
from html import escape
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from lindero.app.media import design
from lindero.app.media.pages.current import open_map
from lindero.app.media.pages.frame import page
from lindero.app.serving.access import plain_page
from lindero.app.serving.light.page import ADDRESSES
from lindero.app.serving.streamlit_host import inside, scripts
from lindero.app.text import i18n
from lindero.app.text.i18n import _
from lindero.layers.errors import N_

PAGE = Path(__file__).parent / "page"
CONNECTION_TEXTS = {
    "lost": N_(
        "The connection to the map is lost. You see the page from {time}. It continues by itself when "
        "the server is back."
    ),
    "waiting": N_("Your last question has no answer yet. You see the previous answer, from {time}."),
    "doors": N_("What this map answers"),
    "behind": N_("Pages of this part"),
    "working": N_("Your last question is being answered. You see the previous answer, from {time}."),
}
STREAMLIT_TEXTS = (  # texts of Streamlit's own buttons and empty fields
    N_("Skip to main content"),
    N_("Show/hide columns"),
    N_("Fullscreen"),
    N_("Close fullscreen"),
    N_("Search"),
    N_("Choose an option"),
    N_("Choose options"),
    N_("No results"),
    N_("Clear all"),
    N_("Clear value"),
    N_("Select all"),
    N_("Copy to clipboard"),
    N_("Main menu"),
    N_("Connecting"),
    N_("Running..."),
    N_("Stop"),
    N_("Open"),
    N_("Close"),
    N_("Upload"),
)
_CHANGES = (  # pattern and replacement; each matches once (test_conformance.py)
    (r'<html lang="en">', '<html lang="{language}">'),
    (r"<title>Streamlit</title>", "<title>{title}</title>{words}"),
    (r'<link rel="service-desc"[^>]*/>', ""),
    (r"(?s)<noscript>.*?</noscript>", "<noscript><p>{no_script}</p></noscript>"),
    (r'(?s)<link\s+rel="preload"[^>]*as="font"[^>]*/>', ""),
    (r'<script type="module"[^>]*></script>', "<script>{begin}</script>"),
    (r'(?s)(<link rel="modulepreload"[^>]*>\s*)+', ""),
    (r'<div id="root"></div>', '{coming}<div id="root"></div><style>{style}</style>'),  # after Streamlit's own styles
)
# The server's address, which the page would otherwise find by trial, and no messages to other pages.
_SETTINGS = (
    "window.__streamlit = {BACKEND_BASE_URL: location.origin, MAIN_PAGE_BASE_URL: location.origin, HOST_CONFIG:"
    " {allowedOrigins: [location.origin], useExternalAuthToken: false, enableCustomParentMessages: false,"
    " blockErrorDialogs: true}};"
)
# Shown until the page is loaded; page/voice.js removes it.
_LOADING_HTML = (
    '<div id="lindero-coming" style="position:fixed;z-index:999;inset:4rem 1rem auto;font:1rem/1.5 sans-serif">'
    '<p style="font-size:1.7rem;margin:0"><strong>{title}</strong></p><p>{coming}</p>'
    '<p><a style="color:var(--accent)" href="{light}">{faster}</a></p></div>'
)


class Document:
    """Middleware that answers with the HTML page at the addresses of the pages.

    Unknown addresses get a page with status 404.
    """

    def __init__(self, app: ASGIApp, routes: tuple[str, ...]) -> None:
        """Set the application and the first path segments that other routes answer."""
        self.app, self.answered = app, {*routes, *inside.PREFIXES}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the page, or forward the request."""
        if scope["type"] != "http" or scope["path"].split("/")[1] in self.answered:
            return await self.app(scope, receive, send)
        if scope["method"] not in {"GET", "HEAD"}:
            return await Response(status_code=405, headers={"allow": "GET, HEAD"})(scope, receive, send)
        return await _page_response(Request(scope))(scope, receive, send)


def _page_response(request: Request) -> Response:
    language = i18n.choose_browser_language(
        request.headers.get("accept-language", ""), request.query_params.get("lang", "")
    )
    i18n.set_language(language)
    titles = page.page_titles(is_operated=open_map.operated_workspace() is not None)
    title = titles.get(request.url.path.strip("/"))
    if title is None:
        sentences = [_("There is no page at this address. One of these pages may have what you look for.")]
        return plain_page.render_page(
            _("Page not found"), sentences, [(f"/{path}", _(label)) for path, label in titles.items()], status=404
        )
    headers = {"cache-control": "no-cache", "vary": "accept-language, accept-encoding"}
    content = _compressed_page(language, title)
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["content-encoding"] = "gzip"
    else:
        content = gzip.decompress(content)
    answer = Response(content, media_type="text/html", headers=headers)
    inside.set_xsrf_cookie(request, answer)
    return answer


@lru_cache(maxsize=64)
def _compressed_page(language: str, title: str) -> bytes:
    return gzip.compress(localised_page(language, title).encode(), mtime=0)


def localised_page(language: str, title: str) -> str:
    """Return the HTML page in a language, with the title of a page."""
    i18n.set_language(language)
    values = {
        "language": language,
        "title": page.window_title(title),
        "words": f'<script type="application/json" id="lindero-words">{_page_texts(language)}</script>'
        f"<script>{_SETTINGS}</script><script>{_read_inline('voice.js')}</script><script>{_read_inline('doors.js')}</script>",
        "no_script": _("This page needs JavaScript."),
        "begin": _start_script(),
        "coming": _loading_notice(language, title),
        "style": design.design_css() + _read_inline("page.css"),
    }
    text = inside.INDEX.read_text(encoding="utf-8")
    for pattern, replacement in _CHANGES:
        text = re.sub(pattern, lambda _found, replacement=replacement: replacement.format(**values), text, count=1)  # type: ignore[misc]
    return text


def _start_script() -> str:
    """Return the script that starts Streamlit, with the address of the modules needed first."""
    module_pack = scripts.build_pack()
    values = {
        "address": module_pack.address,
        "begin": module_pack.begin,
        "folder": scripts.FOLDER,
        "here": scripts.FOLDER_MARK,
    }
    return _read_inline("first.js").replace("PACK", json.dumps(values), 1)


def _read_inline(name: str) -> str:
    """Read a short script or style for inlining, without its comment lines."""
    return re.sub(r"(?m)^ */\*.*\*/\n", "", (PAGE / name).read_text(encoding="utf-8"))


def _loading_notice(language: str, title: str) -> str:
    """Return the notice shown while the page loads, with a link to the light page."""
    return _LOADING_HTML.format(
        title=escape(_(title)),
        coming=escape(_("The map is loading. On a slow connection, this takes half a minute.")),
        light=ADDRESSES.get(language, "/here"),
        faster=escape(_("Ask about one place without waiting")),
    )


def _page_texts(page_language: str) -> str:
    """Return the page's texts in every language, as JSON that is safe in a script element."""
    words = {}
    for language in i18n.languages():
        i18n.set_language(language)
        words[language] = {name: _(text) for name, text in CONNECTION_TEXTS.items()} | {
            "own": {text: _(text) for text in STREAMLIT_TEXTS}
        }
    i18n.set_language(page_language)
    return json.dumps({"language": page_language, "words": words}, ensure_ascii=False).replace("<", "\\u003c")
