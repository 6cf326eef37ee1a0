"""
The client's modules as one script, with no tool but this: a page from a USB stick may load no module.

Each module becomes a function that gives what it exports, after those that it imports. Of the language of modules it
may use what this can read: `import { a, b } from "./other.js";` and `export` before a function, constant or class, or
a list of exports as the last statement. A vendored module is preceded by its licence. Comments and indentation are
left out, so no template literal may run over several lines.
"""

import os
import re
from pathlib import Path

from lindero.app.products.pocket.client_words import CLIENT

PACK, SITE = "show/pack.js", "show/site.js"
_IMPORT = re.compile(r'^import \{([^}]*)\} from "(\.[^"]+)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|const|let|class) (\w+))", re.MULTILINE)
_EXPORT_LIST = re.compile(r"\bexport ?\{([^}]*)\};?\s*\Z")
_UNREAD = re.compile(r"^ *//[^\n]*\n|^ */\*\*.*?\*/\n|^ +", re.MULTILINE | re.DOTALL)


def script(entry: str = PACK, *, folder: Path | None = None) -> str:
    """
    Give the script that runs a module, and all that it imports; of another page's `folder`, if one is named.

    Raises
    ------
    ValueError
        If a module exports or imports in another way, or modules import each other in a ring.
    """
    order: list[Path] = []
    _gather(((folder or CLIENT) / entry).resolve(), order, ())
    return '"use strict";\n' + "".join(_function(path) for path in order)


def _gather(path: Path, order: list[Path], above: tuple[Path, ...]) -> None:
    if path in above:
        raise ValueError(f"{path.name} imports itself")
    for _names, other in _IMPORT.findall(path.read_text(encoding="utf-8")):
        target = (path.parent / other).resolve()
        if target not in order:
            _gather(target, order, (*above, path))
    order.append(path)


def _function(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    names = _EXPORT.findall(text)
    body = _EXPORT.sub("", _IMPORT.sub(lambda match: _taken(match, path), text))
    if listed := _EXPORT_LIST.search(body):
        body = body[: listed.start()] + "\n"
        names += [": ".join(reversed(name.split(" as "))) for name in listed[1].split(",")]
    if re.search(r"^(?:import|export)\b", body, re.MULTILINE):
        raise ValueError(f"{path.name} imports or exports in a way that the bundle does not know")
    licence = path.with_name("LICENSE")
    notice = f"/*!\n{licence.read_text(encoding='utf-8').strip()}\n*/\n" if licence.exists() else ""
    given = ", ".join(names)
    return f"{notice}const {_called(path)} = (() => {{\n{_UNREAD.sub('', body)}return {{ {given} }};\n}})();\n"


def _taken(match: re.Match[str], path: Path) -> str:
    names = ", ".join(name.strip() for name in match[1].split(",") if name.strip())
    return f"const {{ {names} }} = {_called((path.parent / match[2]).resolve())};\n"


def _called(path: Path) -> str:
    return "of_" + re.sub(r"\W+", "_", os.path.relpath(path.with_suffix(""), CLIENT.resolve()))
