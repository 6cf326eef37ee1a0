"""The client's modules as one script, because a page from a USB stick cannot load modules.

Each module becomes a function that returns its exports, after the modules that it imports. Only these forms are
supported: `import { a, b } from "./other.js";`, `export` before a function, constant or class, and a list of exports as
the last statement. A vendored module is preceded by its licence. Comments and indentation are removed, so a template
literal must not span several lines.
"""

import os
import re
from pathlib import Path

from lindero.app.media.phone.client_words import CLIENT

PACK, SITE = "show/pack.js", "show/site.js"
_IMPORT = re.compile(r'^import \{([^}]*)\} from "(\.[^"]+)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|const|let|class) (\w+))", re.MULTILINE)
_EXPORT_LIST = re.compile(r"\bexport ?\{([^}]*)\};?\s*\Z")
_COMMENTS_AND_INDENTS = re.compile(r"^ *//[^\n]*\n|^ */\*\*.*?\*/\n|^ +", re.MULTILINE | re.DOTALL)


def build_script(entry: str = PACK, *, folder: Path | None = None) -> str:
    """Build the script that runs a module with all its imports. `folder` is that of another page's client, if given."""
    order: list[Path] = []
    _collect_modules(((folder or CLIENT) / entry).resolve(), order, ())
    return '"use strict";\n' + "".join(_wrap_module(path) for path in order)


def _collect_modules(path: Path, order: list[Path], above: tuple[Path, ...]) -> None:
    if path in above:
        raise ValueError(f"{path.name} imports itself")
    for _names, import_path in _IMPORT.findall(path.read_text(encoding="utf-8")):
        target = (path.parent / import_path).resolve()
        if target not in order:
            _collect_modules(target, order, (*above, path))
    order.append(path)


def _wrap_module(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    names = _EXPORT.findall(text)
    body = _EXPORT.sub("", _IMPORT.sub(lambda match: _rewrite_import(match, path), text))
    if export_list := _EXPORT_LIST.search(body):
        body = body[: export_list.start()] + "\n"
        names += [": ".join(reversed(name.split(" as "))) for name in export_list[1].split(",")]
    if re.search(r"^(?:import|export)\b", body, re.MULTILINE):
        raise ValueError(f"{path.name} imports or exports in a way that the bundle does not know")
    licence = path.with_name("LICENSE")
    notice = f"/*!\n{licence.read_text(encoding='utf-8').strip()}\n*/\n" if licence.exists() else ""
    exports = ", ".join(names)
    body = _COMMENTS_AND_INDENTS.sub("", body)
    return f"{notice}const {_module_name(path)} = (() => {{\n{body}return {{ {exports} }};\n}})();\n"


def _rewrite_import(match: re.Match[str], path: Path) -> str:
    names = ", ".join(name.strip() for name in match[1].split(",") if name.strip())
    return f"const {{ {names} }} = {_module_name((path.parent / match[2]).resolve())};\n"


def _module_name(path: Path) -> str:
    return "of_" + re.sub(r"\W+", "_", os.path.relpath(path.with_suffix(""), CLIENT.resolve()))
