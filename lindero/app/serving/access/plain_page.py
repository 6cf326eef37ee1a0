"""Short pages without Streamlit: before a login, for unknown addresses, and without a map."""

from collections.abc import Sequence
from html import escape

from starlette.responses import HTMLResponse

from lindero.app.text import i18n

_STYLE = (
    "body{font:1.1rem/1.5 sans-serif;max-width:36rem;margin:2rem auto;padding:0 1rem;color:#1f2421;background:#fff}"
    "h1{font-size:1.6rem}a{color:#00594f;display:inline-block;padding:.4rem 0}"
)


def render_page(
    title: str, sentences: Sequence[str], links: Sequence[tuple[str, str]] = (), *, status: int
) -> HTMLResponse:
    """Render a page in the current language: a heading, sentences, and links as pairs of address and label."""
    paragraphs = "".join(f"<p>{escape(sentence)}</p>" for sentence in sentences)
    items = "".join(f'<li><a href="{escape(address)}">{escape(label)}</a></li>' for address, label in links)
    body = (
        f'<!doctype html><html lang="{i18n.current_language()}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} – Lindero</title><style>{_STYLE}</style></head>"
        f"<body><main><h1>{escape(title)}</h1>{paragraphs}{f'<ul>{items}</ul>' if items else ''}</main></body></html>"
    )
    return HTMLResponse(body, status_code=status)
