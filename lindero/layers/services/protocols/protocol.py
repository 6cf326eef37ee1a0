"""
What the kinds of services have in common: a layer that is described, then read answer by answer.

An answer is features, each with its text exactly as it came. A number that is parsed and written again may lose digits;
a feature's text is therefore cut out of the answer and put into the layer's file as it is.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from lindero.layers.errors import N_, ServiceError

_BLANK = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()


@dataclass(frozen=True)
class Feature:
    """A feature: its text as it came, and what it says."""

    text: str
    value: Mapping[str, object]


@dataclass(frozen=True)
class Answer:
    """The features of an answer in their order, and its other members."""

    features: tuple[Feature, ...]
    members: Mapping[str, object]


def answer_of(raw: bytes, *, host: str) -> Answer:
    """
    Take an answer apart.

    Raises
    ------
    ServiceError
        If it is no JSON object; the message holds how it begins.
    """
    try:
        text = raw.decode("utf-8-sig")
        pairs = list(_members(text))
    except (ValueError, RecursionError) as error:
        raise ServiceError(
            N_("{host} does not answer in JSON; its answer begins: {begin}"), host=host, begin=beginning(raw)
        ) from error
    features = next((value for name, value in pairs if name == "features" and isinstance(value, tuple)), ())
    return Answer(features, {name: value for name, value in pairs if name != "features"})


def beginning(raw: bytes) -> str:
    """Give the first words of an answer, tags left out."""
    text = re.sub(r"<[^>]*>", " ", raw[:4000].decode("utf-8", errors="replace"))
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())[:160] or "–"


def _members(text: str) -> Iterator[tuple[str, object]]:
    """Give the members of the object that `text` is; of `features` the features with their text."""
    at = _after(text, _blank(text, 0), "{")
    if text[at : at + 1] == "}":
        _end(text, at + 1)
        return
    while True:
        name, at = _DECODER.raw_decode(text, at)
        at = _after(text, _blank(text, at), ":")
        if name == "features" and text[at : at + 1] == "[":
            features, at = _features(text, at)
            yield name, features
        else:
            value, at = _DECODER.raw_decode(text, at)
            yield str(name), value
        at = _blank(text, at)
        if text[at : at + 1] == "}":
            _end(text, at + 1)
            return
        at = _after(text, at, ",")


def _features(text: str, at: int) -> tuple[tuple[Feature, ...], int]:
    found = []
    at = _after(text, at, "[")
    if text[at : at + 1] == "]":
        return (), at + 1
    while True:
        value, end = _DECODER.raw_decode(text, at)
        if not isinstance(value, dict):
            raise ValueError(text[at : at + 40])  # noqa: TRY004  of the text, not of an argument
        found.append(Feature(text[at:end], value))
        at = _blank(text, end)
        if text[at : at + 1] == "]":
            return tuple(found), at + 1
        at = _after(text, at, ",")


def _blank(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at


def _after(text: str, at: int, sign: str) -> int:
    if text[at : at + 1] != sign:
        raise ValueError(f"no {sign} at {at}")
    return _blank(text, at + 1)


def _end(text: str, at: int) -> None:
    if _blank(text, at) != len(text):
        raise ValueError(f"more than one object, at {at}")


@dataclass(frozen=True)
class Request:
    """An address and the parameters to ask it with."""

    url: str
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Described:
    """
    What a service says of one of its layers.

    `rows` is None where it does not count them. `fields` are their names, where it names them.
    """

    url: str
    title: str
    rows: int | None
    fields: tuple[str, ...]
    crs: str
    paging: str
    licence: str = ""

    def identity(self) -> dict[str, object]:
        """What must stay the same while the layer is read."""
        return {"url": self.url, "rows": self.rows, "fields": list(self.fields), "paging": self.paging}


@dataclass(frozen=True)
class Page:
    """
    Features of one answer, with the key of each (None where the service gives none).

    `crs` is the text of the coordinate reference system that the answer states, empty if it states none. `more`: the
    service says that there are more; `onward`: where.
    """

    features: tuple[Feature, ...]
    keys: tuple[object, ...]
    crs: str = ""
    more: bool = False
    onward: str = ""


class Service(Protocol):
    """A layer of a service, to be read page by page."""

    kind: str
    described: Described

    @property
    def passing(self) -> re.Pattern[bytes] | None:
        """How an answer begins that is a refusal for now."""

    def first(self) -> Request:
        """Give the first request."""

    def page(self, raw: bytes) -> Page:
        """Understand an answer; raises ServiceError if it is a refusal."""

    def after(self, page: Page, rows: int, number: int) -> Request | None:
        """Give the request after `number` pages with `rows` rows in all, the last of which is `page`; None: done."""

    def rows_now(self) -> int | None:
        """Count the layer's rows again."""
