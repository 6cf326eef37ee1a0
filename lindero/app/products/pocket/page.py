"""A pocket map as one page: script, style and data inside, and a policy that allows these and nothing else."""

import base64
import hashlib
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from lindero.app.products.pocket import bundle
from lindero.app.products.pocket.client_words import CLIENT
from lindero.app.products.pocket.site_parts import pack
from lindero.app.text import i18n

MARK = Path(__file__).parents[2] / "static" / "mark.svg"
_BESIDE = (
    " 'self' file:"  # a page at file:// has no origin of its own: some browsers name its folder so, others by 'self'
)
_NOTHING_ELSE = {"img-src": "data:", "base-uri": "'none'", "form-action": "'none'"}


def page(data: dict[str, Any]) -> str:
    """
    Give the page of what `app.products.pocket.contents` gathers.

    The data are deflated JSON in base64, which no text in them can leave; the client writes every text as text.
    """
    return _page(data, bundle.PACK)


def site_page(data: dict[str, Any], dataset: str) -> str:
    """Return the first page of a site, which loads more from beside it; `dataset` describes it to machines."""
    head = f'<script type="application/ld+json">{dataset}</script>\n'
    drawn = base64.b64encode(MARK.read_bytes()).decode()
    image = f'<img src="data:image/svg+xml;base64,{drawn}" alt="" width="32" height="32">'
    return _page(data, bundle.SITE, head=head, mark=f'<p class="mark">{image}Lindero</p>\n')


def _page(content: dict[str, Any], entry: str, *, head: str = "", mark: str = "") -> str:
    code, style = bundle.script(entry), CLIENT.joinpath("style.css").read_text(encoding="utf-8")
    size, data = pack(content)
    return Template(CLIENT.joinpath("page.html").read_text(encoding="utf-8")).substitute(
        policy="; ".join(
            f"{name} {value}" for name, value in policy(code, style, is_site=entry == bundle.SITE).items()
        ),
        language=i18n.DEFAULT_LANGUAGE,
        title=escape(str(content["name"])),
        head=head,
        mark=mark,
        style=style,
        script=code,
        size=size,
        data=data,
    )


def policy(code: str, style: str, *, is_site: bool) -> dict[str, str]:
    """Give what a page may load: what is inside; of a site also what lies beside it."""
    beside = {"connect-src": "'self'"} if is_site else {}
    scripts = f"'{policy_hash(code)}'{_BESIDE if is_site else ''}"
    return {
        "default-src": "'none'",
        "script-src": scripts,
        "style-src": f"'{policy_hash(style)}'",
        **_NOTHING_ELSE,
        **beside,
    }


def policy_hash(text: str) -> str:
    """Give the hash by which a policy allows a script or a style."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
