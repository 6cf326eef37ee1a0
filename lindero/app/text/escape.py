"""
Text of strangers, made safe to stand in a sentence of ours, and the marks of our sentences: bold text and links.

A link names what it leads to, `[Sorochuco](communities:pe-1)`; each medium gives it the address it has there.
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple
from urllib.parse import quote, unquote

_LINKED = re.compile(r"(?<=:)(?=//)|(?<=www)(?=\.)|(?<=@)", re.IGNORECASE)  # where a bare address becomes a link
_LONGEST_NAME = 60  # letters, of which UTF-8 has up to 4 bytes each: 255 are the most, with what is added
_JOINER = "\u2060"  # is not seen, and breaks no line
_BOLD = re.compile(r"(?<!\\)\*\*")
_LINK = re.compile(r"(?<!\\)\[((?:[^\[\]\\]|\\.)*)\]\((\w+):([\w.%+~-]*)\)")  # what `link` writes
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")  # ASCII: what Markdown lets one escape


def plain(text: str) -> str:
    """Write text so that Streamlit's Markdown shows it as it is: no link, image, formula, colour or icon."""
    return _PUNCTUATION.sub(r"\\\1", _LINKED.sub(_JOINER, " ".join(text.split())))


class Piece(NamedTuple):
    """A piece of a sentence as plain text: whether it is bold, and what it leads to as `key` writes it, if anything."""

    text: str
    is_bold: bool = False
    key: str = ""


Address = Callable[[str, str], str]
"""Returns the address of a thing of a kind, by its id or name; empty if it has none."""


def key(kind: str, id_: str) -> str:
    """Write what a link leads to: a layer, a holder or a case, and which one."""
    return f"{kind}:{quote(id_, safe='')}"


def address_of(key: str, address: Address) -> str:
    """Return the address of what `key` has written."""
    kind, _colon, id_ = key.partition(":")
    return address(kind, unquote(id_)) if id_ or kind else ""


def link(text: str, kind: str, id_: str) -> str:
    """Write a text that is safe to stand in a sentence as a link to a thing of some kind."""
    return f"[{text}]({key(kind, id_)})"


def pieces(sentence: str) -> Iterator[Piece]:
    """Take a sentence of ours apart at its marks."""
    text, *rest = _LINK.split(sentence)
    yield from _bold_pieces(text)
    for label, kind, id_, after in zip(rest[::4], rest[1::4], rest[2::4], rest[3::4], strict=True):
        yield Piece(bare(label), key=f"{kind}:{id_}")
        yield from _bold_pieces(after)


def _bold_pieces(sentence: str) -> Iterator[Piece]:
    for at, part in enumerate(_BOLD.split(sentence)):
        if part:
            yield Piece(_ESCAPED.sub(r"\1", part).replace(_JOINER, ""), is_bold=at % 2 == 1)


def bare(sentence: str) -> str:
    """Write a sentence of ours as plain text: what `plain` escaped is as it was, and nothing is bold or a link."""
    return "".join(piece.text for piece in pieces(sentence))


def without_links(sentence: str) -> str:
    """Write a sentence of ours with its links as the names that they are."""
    return _LINK.sub(r"\1", sentence)


def with_addresses(sentence: str, address: Address) -> str:
    """Write a sentence of ours as Markdown, with each link's address in this medium, or as its name if it has none."""

    def linked(found: re.Match[str]) -> str:
        to = address_of(f"{found[2]}:{found[3]}", address)
        return f"[{found[1]}]({to})" if to else found[1]

    return _LINK.sub(linked, sentence)


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
