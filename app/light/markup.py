"""Sentences as `app.answers.place_report` writes them, in Markdown's bold and escapes, as HTML."""

import re
from collections.abc import Iterator

from markupsafe import Markup, escape

_BOLD = re.compile(r"(?<!\\)\*\*")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_JOINER = "\u2060"  # breaks addresses that Markdown would make links of; HTML makes none


def html(sentence: str) -> Markup:
    """Write a sentence as HTML: what is bold stays so, and all else is text, whatever it holds."""
    return Markup("").join(_parts(sentence))


def text(sentence: str) -> str:
    """Write a sentence as plain text."""
    return "".join(map(_bare, _BOLD.split(sentence)))


def _parts(sentence: str) -> Iterator[Markup]:
    for at, part in enumerate(_BOLD.split(sentence)):
        yield Markup("<strong>{}</strong>").format(_bare(part)) if at % 2 else escape(_bare(part))


def _bare(part: str) -> str:
    return _ESCAPED.sub(r"\1", part).replace(_JOINER, "")
