"""A pack as one page: script, style and data inside, and a policy that allows these and nothing else."""

import base64
import hashlib
import json
import zlib
from html import escape
from string import Template
from typing import Any

from lindero.app.pocket.bundle import script
from lindero.app.pocket.client_words import CLIENT
from lindero.app.text import i18n

_LEVEL = 9


def page(told: dict[str, Any]) -> str:
    """
    Give the page of what `app.pocket.contents` gathers.

    The data are deflated JSON in base64, which no text in them can leave; the client writes every text as text.
    """
    code, style = script(), CLIENT.joinpath("style.css").read_text(encoding="utf-8")
    text = json.dumps(told, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=str).encode()
    packed = zlib.compress(text, _LEVEL, wbits=-zlib.MAX_WBITS)
    policy = (
        f"default-src 'none'; script-src '{hashed(code)}'; style-src '{hashed(style)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    return Template(CLIENT.joinpath("page.html").read_text(encoding="utf-8")).substitute(
        policy=policy,
        language=i18n.DEFAULT_LANGUAGE,
        title=escape(str(told["name"])),
        style=style,
        script=code,
        size=len(text),
        data=base64.b64encode(packed).decode(),
    )


def hashed(text: str) -> str:
    """Give the hash by which a policy allows a script or a style."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
