"""
What a first visit needs of Streamlit's scripts in one file, and Streamlit's fonts replaced.

Streamlit comes as a hundred small modules, which on a slow line cost a way there and back each, a typeface, and half a
megabyte of icons of which it shows some. Here the modules of a first visit are one file, from which the browser takes
them by an import map (page/first.js); where it knows no such map, it asks for one after the other as ever.
"""

import gzip
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from lindero.app.renderers import assets
from lindero.app.serving.streamlit_host.inside import INDEX, SCRIPTS

FOLDER = "/static/js/"
HERE = "@/"  # stands for the folder in the pack, where no module has an address that others could be relative to
# What the first page shows before anything is asked.
SHOWN = ("CustomTheme", "ButtonGroup", "TextInput", "Html", "ComponentInstance", "PageLink")
FOR_GOOD = {"cache-control": "public, max-age=31536000, immutable", "vary": "accept-encoding"}
ICONS = f"{assets.PREFIX}vendor/material-symbols/icons.woff2"
_IMPORT = re.compile(r"""((?:\bfrom|\bimport)\s*|\bimport\(\s*)(["`'])\./([\w.-]+\.js)\2""")
_BEGIN = re.compile(r'<script type="module"[^>]* src="\./static/js/([^"]+)"')
_FACE = re.compile(r"@font-face\s*\{[^}]*\}")
_OWN_FACES = ("Source Sans", "Source Serif", "Source Code")


@dataclass(frozen=True)
class Pack:
    """The modules as one file, its address, and the module that begins."""

    address: str
    content: bytes
    begin: str


@lru_cache(maxsize=1)
def pack() -> Pack:
    """Put the modules of a first visit together."""
    names = {path.name for path in SCRIPTS.glob("*.js")}
    begin = _BEGIN.findall(INDEX.read_text(encoding="utf-8"))[0]
    shown = [
        begin,
        *(name for word in SHOWN for name in modules_of(names, word)),
    ]  # one that is gone is asked for later
    texts = {name: (SCRIPTS / name).read_text(encoding="utf-8") for name in sorted(_needed(shown))}
    scripts = {name: _of_pack(name, text, names) for name, text in texts.items()}
    written = json.dumps(scripts, ensure_ascii=False).encode()
    address = f"{FOLDER}first.{sha256(written).hexdigest()[:16]}.json"
    return Pack(address, gzip.compress(written, compresslevel=9, mtime=0), begin)


class Packed:
    """Answers with the pack at its address."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass the request on."""
        if scope["type"] != "http" or scope["path"] != pack().address:
            return await self.app(scope, receive, send)
        content, headers = pack().content, FOR_GOOD
        if "gzip" in Headers(scope=scope).get("accept-encoding", ""):
            headers = headers | {"content-encoding": "gzip"}
        else:
            content = gzip.decompress(content)
        return await Response(content, media_type="application/json", headers=headers)(scope, receive, send)


def style(text: str) -> str:
    """Write Streamlit's style without its typefaces, and with icons of a fiftieth of the size."""
    return _FACE.sub(lambda found: _face(found[0]), text)


def _face(face: str) -> str:
    if any(f"font-family:{name}" in face for name in _OWN_FACES):
        return ""
    if "font-family:Material Symbols" in face:
        return re.sub(r"url\([^)]*\)", f"url({ICONS})", face)
    return face


def modules_of(names: Iterable[str], word: str) -> list[str]:
    """Return the modules of a name, which stands before their hash."""
    return [name for name in names if name.startswith(f"{word}.") and name.count(".") == 2]  # noqa: PLR2004


def _needed(modules: Iterable[str]) -> set[str]:
    """Give modules with all that they load at once."""
    needed: set[str] = set()
    left = list(modules)
    while left:
        name = left.pop()
        if name not in needed:
            needed.add(name)
            text = (SCRIPTS / name).read_text(encoding="utf-8")
            left += [found[3] for found in _IMPORT.finditer(text) if not found[1].startswith("import(")]
    return needed


def _of_pack(name: str, text: str, names: set[str]) -> str:
    """Write a module so that it finds others, and what lies beside it, from wherever it is."""
    found = _IMPORT.sub(
        lambda one: f"{one[1]}{one[2]}{HERE}{one[3]}{one[2]}" if one[3] in names else one[0],
        text,
    )
    return found.replace("import.meta.url", f'(location.origin+"{FOLDER}{name}")')
