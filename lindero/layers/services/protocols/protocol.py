"""The common interface of all kinds of services: a layer that is described first, and then read response by response.

A response contains features, each with its exact original text. Parsing a number and writing it again may lose digits.
The text of a feature is therefore cut out of the response and copied to the layer's file unchanged.
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
    """A feature: its original text and its parsed value."""

    text: str
    value: Mapping[str, object]


@dataclass(frozen=True)
class Response:
    """A response of a service: its features in their order, and its other members."""

    features: tuple[Feature, ...]
    members: Mapping[str, object]


def parse_response(raw: bytes, *, host: str) -> Response:
    """Parse a response."""
    try:
        text = raw.decode("utf-8-sig")
        pairs = list(_parse_members(text))
    except (ValueError, RecursionError) as error:
        raise ServiceError(
            N_("{host} does not answer in JSON; its answer begins: {begin}"), host=host, begin=beginning(raw)
        ) from error
    features = next((value for name, value in pairs if name == "features" and isinstance(value, tuple)), ())
    return Response(features, {name: value for name, value in pairs if name != "features"})


def beginning(raw: bytes) -> str:
    """Return the first words of a response, without tags."""
    text = re.sub(r"<[^>]*>", " ", raw[:4000].decode("utf-8", errors="replace"))
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())[:160] or "–"


def _parse_members(text: str) -> Iterator[tuple[str, object]]:
    """Yield the members of the JSON object `text`; the value of `features` is a tuple of features with their text."""
    offset = _skip_sign(text, _skip_blanks(text, 0), "{")
    if text[offset : offset + 1] == "}":
        _check_end(text, offset + 1)
        return
    while True:
        name, offset = _DECODER.raw_decode(text, offset)
        offset = _skip_sign(text, _skip_blanks(text, offset), ":")
        if name == "features" and text[offset : offset + 1] == "[":
            features, offset = _parse_features(text, offset)
            yield name, features
        else:
            value, offset = _DECODER.raw_decode(text, offset)
            yield str(name), value
        offset = _skip_blanks(text, offset)
        if text[offset : offset + 1] == "}":
            _check_end(text, offset + 1)
            return
        offset = _skip_sign(text, offset, ",")


def _parse_features(text: str, offset: int) -> tuple[tuple[Feature, ...], int]:
    parsed = []
    offset = _skip_sign(text, offset, "[")
    if text[offset : offset + 1] == "]":
        return (), offset + 1
    while True:
        value, end = _DECODER.raw_decode(text, offset)
        if not isinstance(value, dict):
            raise ValueError(text[offset : offset + 40])  # noqa: TRY004  of the text, not of an argument
        parsed.append(Feature(text[offset:end], value))
        offset = _skip_blanks(text, end)
        if text[offset : offset + 1] == "]":
            return tuple(parsed), offset + 1
        offset = _skip_sign(text, offset, ",")


def _skip_blanks(text: str, offset: int) -> int:
    match = _BLANK.match(text, offset)
    return match.end() if match else offset


def _skip_sign(text: str, offset: int, sign: str) -> int:
    if text[offset : offset + 1] != sign:
        raise ValueError(f"no {sign} at {offset}")
    return _skip_blanks(text, offset + 1)


def _check_end(text: str, offset: int) -> None:
    if _skip_blanks(text, offset) != len(text):
        raise ValueError(f"more than one object, at {offset}")


@dataclass(frozen=True)
class Request:
    """A request to a service: an address and query parameters."""

    url: str
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class LayerDescription:
    """A service's description of one of its layers.

    `rows` is None if the service does not count them. `fields` are the field names, if the service lists them.
    """

    url: str
    title: str
    rows: int | None
    fields: tuple[str, ...]
    crs: str
    paging: str
    licence: str = ""

    def identity(self) -> dict[str, object]:
        """Return the facts that must not change while the layer is read."""
        return {"url": self.url, "rows": self.rows, "fields": list(self.fields), "paging": self.paging}


@dataclass(frozen=True)
class Page:
    """The features of one response, with the key of each (None if the service has no keys).

    `crs` is the text of the CRS that the response states, empty if it states none. `more` is true if the service
    announces more features; `onward` is the address of the next page.
    """

    features: tuple[Feature, ...]
    keys: tuple[object, ...]
    crs: str = ""
    more: bool = False
    onward: str = ""


class Service(Protocol):
    """A layer of a service that is read page by page."""

    kind: str
    description: LayerDescription

    @property
    def passing(self) -> re.Pattern[bytes] | None:
        """The pattern at the start of a response that is a temporary refusal; None if there is no such response."""

    def first_request(self) -> Request:
        """Return the first request."""

    def parse_page(self, raw: bytes) -> Page:
        """Parse a response; raise ServiceError if it is a refusal."""

    def next_request(self, page: Page, rows: int, number: int) -> Request | None:
        """Return the request after `page`; None if there is none.

        `number` pages with `rows` rows in total have been read, including `page`.
        """

    def count_rows(self) -> int | None:
        """Count the rows of the layer again; None if the service does not count them."""
