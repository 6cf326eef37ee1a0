"""
Write every sentence of the screens into `docs/words.md`, in English and Spanish, for an editor to read.

`make locale` and `make docs` run it; the page is not kept in git. `python -m docs.words pt` prints the same tables for
another language.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from babel import Locale
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

PAGE = Path(__file__).with_name("words.md")
INTRODUCTION = """# Words of screens

Every sentence that pages, the light page, the brief and the pocket map may show, in the order of the sources. It is for
an editor who reads them all at once. A word in braces, such as `{name}`, stands for a value. The two forms of a plural
are divided by a slash. `CONTRIBUTING.md` says how to change one.
"""
PACKAGE = Path(__file__).parents[1] / "lindero"
LOCALE = PACKAGE / "app" / "locale"
SCREENS = {
    "Pages": ("media/pages",),
    "Answers, on pages, the light page, the brief and the pocket map": ("answers", "media/text"),
    "Words of lists, columns and legends": ("text",),
    "The light page": ("serving/light",),
    "Charts, drawn maps and the brief": ("media/paper",),
    "The pocket map": ("media/phone",),
}
"""Headings of the page, and the folders of `lindero/app` whose messages stand under each."""

Row = tuple[str, str, str]  # the module, English and the translation


def build_tables(language: str = "es") -> str:
    """Return the tables of a language as Markdown."""
    lines, name = [], "Castellano" if language == "es" else Locale(language).get_language_name()
    for heading, folders in SCREENS.items():
        lines += ["", f"## {heading}", "", f"| module | English | {name} |", "|---|---|---|"]
        lines += [
            "| " + " | ".join(map(_escape, row)) + " |" for folder in folders for row in list_messages(folder, language)
        ]
    return "\n".join(lines[1:])


def list_messages(folder: str, language: str = "es") -> Iterator[Row]:
    """Yield the messages of a folder of `lindero/app`, in the order of the sources."""
    with (LOCALE / language / "LC_MESSAGES" / "lindero.po").open("rb") as file:
        catalogue = read_po(file, locale=language)
    with (LOCALE / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    seen = set()
    root = PACKAGE / "app" / folder
    keywords = {**DEFAULT_KEYWORDS, "N_": None}
    for name, _line, text, _comments, _context in sorted(
        extract_from_dir(root, methods, options, keywords), key=lambda message: message[:2]
    ):
        one = text[0] if isinstance(text, tuple) else text
        if one in seen:
            continue
        seen.add(one)
        message = catalogue[one]
        yield f"{folder}/{name}", _join(message.id), _join(message.string)


def _join(forms: str | tuple[str, ...]) -> str:
    return forms if isinstance(forms, str) else " / ".join(forms)


def _escape(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", "<br>")


if __name__ == "__main__" and len(sys.argv) > 1:
    print(build_tables(sys.argv[1]))
elif __name__ == "__main__":
    PAGE.write_text(f"{INTRODUCTION}\n{build_tables()}\n", encoding="utf-8")
