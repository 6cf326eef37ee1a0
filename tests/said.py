"""Sentences as they are made: each with its English text before anything is filled in, and with what is filled in."""

import functools
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from lindero.app.text import i18n

CLAIM = re.compile(
    r"(?<!at )\bmost\b|\b(highest|largest|worst|clearest|nearest|first|all|every|none|nothing|nobody|only|new|no|near"
    r"|never)\b|\bnot in a\b|\bdo not overlap\b|\bmissing\b|\{\} of (the |these )?\{\}",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Said:
    """A sentence: its English text in the catalogue, what was filled in, and the text that came of it."""

    msgid: str
    filled: Mapping[str, Any]
    text: str
    about: Any = field(default=None, compare=False)

    @property
    def is_claim(self) -> bool:
        """Whether it has a word that claims something about rows."""
        return bool(CLAIM.search(re.sub(r"\{\w+\}", "{}", self.msgid)))


class Text(str):
    """A text of the catalogue that tells when something is filled in."""

    __slots__ = ("msgid", "tell")

    def format(self, *args: Any, **values: Any) -> str:
        text = super().format(*args, **values)
        self.tell(Said(self.msgid, values, text))
        return text


class Listener:
    """All that is said while it listens, and what it is said about."""

    def __init__(self) -> None:
        self.said: dict[tuple[str, str, Any], Said] = {}
        self.about: Any = None

    def tell(self, said: Said) -> None:
        self.said.setdefault(
            (said.msgid, said.text, id(self.about)), Said(said.msgid, said.filled, said.text, self.about)
        )

    @property
    def claims(self) -> list[Said]:
        return [said for said in self.said.values() if said.is_claim]


@contextmanager
def listening() -> Iterator[Listener]:
    """Listen to all texts that the program takes from its catalogues, in any thread."""
    listener, load = Listener(), i18n._load_catalogue

    def told(msgid: str, translated: str) -> Text:
        text = Text(translated)
        text.msgid, text.tell = msgid, listener.tell
        if "{" not in msgid:
            listener.tell(Said(msgid, {}, translated))
        return text

    @functools.cache
    def catalogue(language: str) -> Any:
        known = load(language)

        class Told:
            gettext = staticmethod(lambda text: told(text, known.gettext(text)))
            ngettext = staticmethod(lambda one, more, n: told(one, known.ngettext(one, more, n)))

        return Told

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(i18n, "_load_catalogue", catalogue)
        yield listener
