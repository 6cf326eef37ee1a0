"""Text of strangers, made safe to stand in a sentence of ours."""

import json
import re

_LINKED = re.compile(r"(?<=:)(?=//)|(?<=www)(?=\.)|(?<=@)", re.IGNORECASE)  # where a bare address becomes a link
_LONGEST_NAME = 60  # letters, of which UTF-8 has up to 4 bytes each: 255 are the most, with what is added
_JOINER = "\u2060"  # is not seen, and breaks no line
_BOLD = re.compile(r"(?<!\\)\*\*")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")  # ASCII: what Markdown lets one escape


def plain(text: str) -> str:
    """Write text so that Streamlit's Markdown shows it as it is: no link, image, formula, colour or icon."""
    return _PUNCTUATION.sub(r"\\\1", _LINKED.sub(_JOINER, " ".join(text.split())))


def parts(sentence: str) -> list[str]:
    """Take a sentence of ours apart at its marks of bold: what is bold stands at odd positions, as plain text."""
    return [_ESCAPED.sub(r"\1", part).replace(_JOINER, "") for part in _BOLD.split(sentence)]


def bare(sentence: str) -> str:
    """Write a sentence of ours as plain text: what `plain` escaped is as it was, and nothing is marked bold."""
    return "".join(parts(sentence))


def code(text: str) -> str:
    """Write text as code in Markdown, to the letter: a backslash before a sign would be seen there."""
    fence = "`" * (1 + max((len(run) for run in re.findall(r"`+", text)), default=0))
    line = " ".join(text.split())
    return f"{fence} {line} {fence}" if "`" in line else f"{fence}{line}{fence}"


def file_name(text: str) -> str:
    """Write text as the name of a file, without an ending: letters and digits, no longer than any system bears."""
    return re.sub(r"\W+", "-", text)[:_LONGEST_NAME].strip("-") or "lindero"


def script(value: object) -> str:
    """
    Write a value as JavaScript that no text in it can leave, be it for the browser or for the template engine.

    branca runs what a part has rendered through Jinja again: a name with `{{` in it would be run on the server. No
    brace of JSON's own is followed by one of these signs.
    """
    return re.sub(r"\{(?=[{%#])", r"\\u007b", json.dumps(value).replace("<", r"\u003c"))
