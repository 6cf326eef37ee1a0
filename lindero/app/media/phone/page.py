"""A pocket map as one page with script, style and data inside, and a content security policy that allows only these."""

import base64
import hashlib
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from lindero.app.media.phone import bundle
from lindero.app.media.phone.client_words import CLIENT, run_in_language
from lindero.app.media.phone.site_parts import encode_json
from lindero.app.text import i18n
from lindero.app.text.i18n import _

MARK = Path(__file__).parents[2] / "static" / "mark.svg"
_SAME_FOLDER_SOURCES = (
    " 'self' file:"  # a page at file:// has no origin: some browsers match its folder by file:, others by 'self'
)
_FIXED_DIRECTIVES = {"img-src": "data:", "base-uri": "'none'", "form-action": "'none'"}


def render_page(data: dict[str, Any]) -> str:
    """Return the page of a pocket map with the result of `app.media.phone.contents.collect_contents`.

    The data is deflated JSON in base64, so no text in it can break out. The client writes all text as text.
    """
    return _render_page(data, bundle.PACK)


def render_site_page(data: dict[str, Any], dataset: str) -> str:
    """Return the first page of a site, which loads its other parts. `dataset` is its schema.org description."""
    head = f'<script type="application/ld+json">{dataset}</script>\n'
    mark_data = base64.b64encode(MARK.read_bytes()).decode()
    image = f'<img src="data:image/svg+xml;base64,{mark_data}" alt="" width="32" height="32">'
    return _render_page(data, bundle.SITE, head=head, mark=f'<p class="mark">{image}Lindero</p>\n')


def _render_page(content: dict[str, Any], entry: str, *, head: str = "", mark: str = "") -> str:
    code, style = bundle.build_script(entry), CLIENT.joinpath("style.css").read_text(encoding="utf-8")
    size, data = encode_json(content)
    return Template(CLIENT.joinpath("page.html").read_text(encoding="utf-8")).substitute(
        policy="; ".join(
            f"{name} {value}" for name, value in security_policy(code, style, is_site=entry == bundle.SITE).items()
        ),
        language=i18n.DEFAULT_LANGUAGE,
        title=escape(str(content["name"])),
        head=head,
        mark=mark,
        no_script="".join(
            f'<p lang="{language}">{run_in_language(language, _no_script_text)}</p>' for language in i18n.languages()
        ),
        style=style,
        script=code,
        size=size,
        data=data,
    )


def _no_script_text() -> str:
    return escape(_("Open this file in a browser with JavaScript."))


def security_policy(code: str, style: str, *, is_site: bool) -> dict[str, str]:
    """Return the content security policy of a page: only inline content, and for a site also the files next to it."""
    beside = {"connect-src": "'self'"} if is_site else {}
    scripts = f"'{csp_hash(code)}'{_SAME_FOLDER_SOURCES if is_site else ''}"
    return {
        "default-src": "'none'",
        "script-src": scripts,
        "style-src": f"'{csp_hash(style)}'",
        **_FIXED_DIRECTIVES,
        **beside,
    }


def csp_hash(text: str) -> str:
    """Return the hash by which a content security policy allows a script or style."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
