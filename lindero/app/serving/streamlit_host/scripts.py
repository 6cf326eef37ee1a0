"""Bundling of the scripts that a first visit needs, and replacement of Streamlit's fonts.

Streamlit loads a hundred small modules, which cost one round trip each on a slow connection. It also loads a typeface
and half a megabyte of icons, most of them unused. Here the modules of a first visit are one file. The browser takes
them from it with an import map (page/first.js); a browser without import maps requests them one by one.
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

from lindero.app.media.text import assets
from lindero.app.serving.streamlit_host.inside import INDEX, SCRIPTS

FOLDER = "/static/js/"
FOLDER_MARK = "@/"  # stands for the folder in the pack, in which modules have no address for relative imports
# Elements of the first page, before any question.
PRELOADED_PARTS = ("CustomTheme", "ButtonGroup", "TextInput", "Html", "ComponentInstance", "PageLink")
IMMUTABLE_HEADERS = {"cache-control": "public, max-age=31536000, immutable", "vary": "accept-encoding"}
ICONS = f"{assets.PREFIX}vendor/material-symbols/icons.woff2"
_IMPORT = re.compile(r"""((?:\bfrom|\bimport)\s*|\bimport\(\s*)(["`'])\./([\w.-]+\.js)\2""")
_ENTRY_SCRIPT = re.compile(r'<script type="module"[^>]* src="\./static/js/([^"]+)"')
_FACE = re.compile(r"@font-face\s*\{[^}]*\}")
_OWN_FACES = ("Source Sans", "Source Serif", "Source Code")


@dataclass(frozen=True)
class Pack:
    """The modules in one file, its address, and the name of the first module."""

    address: str
    content: bytes
    begin: str


@lru_cache(maxsize=1)
def build_pack() -> Pack:
    """Build the file with the modules of a first visit."""
    names = {path.name for path in SCRIPTS.glob("*.js")}
    begin = _ENTRY_SCRIPT.findall(INDEX.read_text(encoding="utf-8"))[0]
    shown = [
        begin,
        *(name for word in PRELOADED_PARTS for name in find_modules(names, word)),
    ]  # a module that is missing here is requested later
    texts = {name: (SCRIPTS / name).read_text(encoding="utf-8") for name in sorted(_collect_dependencies(shown))}
    scripts = {name: _rewrite_module(name, text, names) for name, text in texts.items()}
    content = json.dumps(scripts, ensure_ascii=False).encode()
    address = f"{FOLDER}first.{sha256(content).hexdigest()[:16]}.json"
    return Pack(address, gzip.compress(content, compresslevel=9, mtime=0), begin)


class PackMiddleware:
    """Middleware that serves the module file at its address."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the module file, or forward the request."""
        if scope["type"] != "http" or scope["path"] != build_pack().address:
            return await self.app(scope, receive, send)
        content, headers = build_pack().content, IMMUTABLE_HEADERS
        if "gzip" in Headers(scope=scope).get("accept-encoding", ""):
            headers = headers | {"content-encoding": "gzip"}
        else:
            content = gzip.decompress(content)
        return await Response(content, media_type="application/json", headers=headers)(scope, receive, send)


def rewrite_style(text: str) -> str:
    """Remove the typefaces from Streamlit's style, and replace its icons by a font of a fiftieth of the size."""
    return _FACE.sub(lambda match: _rewrite_font_face(match[0]), text)


def _rewrite_font_face(face: str) -> str:
    if any(f"font-family:{name}" in face for name in _OWN_FACES):
        return ""
    if "font-family:Material Symbols" in face:
        return re.sub(r"url\([^)]*\)", f"url({ICONS})", face)
    return face


def find_modules(names: Iterable[str], word: str) -> list[str]:
    """Return the modules with a name; the file name is the module name followed by a hash."""
    return [name for name in names if name.startswith(f"{word}.") and name.count(".") == 2]  # noqa: PLR2004


def _collect_dependencies(modules: Iterable[str]) -> set[str]:
    """Return modules with everything that they load immediately."""
    needed: set[str] = set()
    pending = list(modules)
    while pending:
        name = pending.pop()
        if name not in needed:
            needed.add(name)
            text = (SCRIPTS / name).read_text(encoding="utf-8")
            pending += [match[3] for match in _IMPORT.finditer(text) if not match[1].startswith("import(")]
    return needed


def _rewrite_module(name: str, text: str, names: set[str]) -> str:
    """Rewrite the imports of a module so that they work from the module file."""
    rewritten = _IMPORT.sub(
        lambda match: f"{match[1]}{match[2]}{FOLDER_MARK}{match[3]}{match[2]}" if match[3] in names else match[0],
        text,
    )
    return rewritten.replace("import.meta.url", f'(location.origin+"{FOLDER}{name}")')
