"""Escaping of foreign text in Lindero's sentences, and the markup of those sentences: bold text and links.

A link names its target, as in `[Sorochuco](communities:pe-1)`. Each medium replaces the target by its own address.
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple
from urllib.parse import quote, unquote

_ADDRESS_START = re.compile(r"(?<=:)(?=//)|(?<=www)(?=\.)|(?<=@)", re.IGNORECASE)  # where a bare address becomes a link
_LONGEST_NAME = 60  # letters of up to 4 bytes in UTF-8: a file name has at most 255 bytes, with its additions
_JOINER = "\u2060"  # invisible, and prevents a line break
_BOLD = re.compile(r"(?<!\\)\*\*")
_LINK = re.compile(r"(?<!\\)\[((?:[^\[\]\\]|\\.)*)\]\((\w+):([\w.%+~-]*)\)")  # the output of `format_link`
_ESCAPED_CHARACTER = re.compile(r"\\([!-/:-@\[-`{-~])")
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")  # ASCII punctuation, which Markdown allows to escape


def escape_markdown(text: str) -> str:
    """Escape text so that Streamlit's Markdown shows it unchanged: no link, image, formula, colour or icon."""
    return _PUNCTUATION.sub(r"\\\1", _ADDRESS_START.sub(_JOINER, " ".join(text.split())))


class Piece(NamedTuple):
    """A piece of a sentence as plain text.

    `key` is its link target, as returned by `build_link_key`; it is empty without a link.
    """

    text: str
    is_bold: bool = False
    key: str = ""


Address = Callable[[str, str], str]
"""Returns the address of a thing of a kind, by its id or name; empty if it has none."""


def build_link_key(kind: str, id_: str) -> str:
    """Build the target of a link: a kind (a layer, a holder or a case) and an id."""
    return f"{kind}:{quote(id_, safe='')}"


def resolve_link_key(key: str, address: Address) -> str:
    """Return the address for a link target built by `build_link_key`."""
    kind, _colon, id_ = key.partition(":")
    return address(kind, unquote(id_)) if id_ or kind else ""


def format_link(text: str, kind: str, id_: str) -> str:
    """Format escaped text as a link to an object of some kind."""
    return f"[{text}]({build_link_key(kind, id_)})"


def split_sentence(sentence: str) -> Iterator[Piece]:
    """Split a sentence at its markup."""
    text, *rest = _LINK.split(sentence)
    yield from _split_bold(text)
    for label, kind, id_, following in zip(rest[::4], rest[1::4], rest[2::4], rest[3::4], strict=True):
        yield Piece(remove_markup(label), key=f"{kind}:{id_}")
        yield from _split_bold(following)


def _split_bold(sentence: str) -> Iterator[Piece]:
    for position, part in enumerate(_BOLD.split(sentence)):
        if part:
            yield Piece(_ESCAPED_CHARACTER.sub(r"\1", part).replace(_JOINER, ""), is_bold=position % 2 == 1)


def remove_markup(sentence: str) -> str:
    """Convert a sentence to plain text, without escapes, bold text and links."""
    return "".join(piece.text for piece in split_sentence(sentence))


def remove_links(sentence: str) -> str:
    """Replace the links of a sentence by their text."""
    return _LINK.sub(r"\1", sentence)


def resolve_links(sentence: str, address: Address) -> str:
    """Replace the link targets of a sentence by addresses in Markdown, or by the text if there is no address."""

    def replace_link(match: re.Match[str]) -> str:
        target = resolve_link_key(f"{match[2]}:{match[3]}", address)
        return f"[{match[1]}]({target})" if target else match[1]

    return _LINK.sub(replace_link, sentence)


def format_code(text: str) -> str:
    """Format text as inline code in Markdown, without escapes."""
    fence = "`" * (1 + max((len(run) for run in re.findall(r"`+", text)), default=0))
    line = " ".join(text.split())
    return f"{fence} {line} {fence}" if "`" in line else f"{fence}{line}{fence}"


def to_file_name(text: str) -> str:
    """Convert text to a file name without extension: letters, digits and hyphens, limited in length."""
    return re.sub(r"\W+", "-", text)[:_LONGEST_NAME].strip("-") or "lindero"


def to_javascript(value: object) -> str:
    """Convert a value to a JavaScript literal that is safe in HTML and in a template.

    branca renders each part with Jinja again, so a name with `{{` would be executed on the server. JSON itself never
    puts one of these characters after a brace.
    """
    return re.sub(r"\{(?=[{%#])", r"\\u007b", json.dumps(value).replace("<", r"\u003c"))
