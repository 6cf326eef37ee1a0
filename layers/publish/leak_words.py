"""
What the vault's private rows tell, as somebody may write it anew: in other letters, spaced, without accents, rounded.

`layers.publish.leak_scan` looks for values as bytes, in all of a file; this looks in texts alone, word by word. What
the map, the program's own pages or the name of a place say, too, is nobody's secret: it is no alarm, and is not found
either. What in the fields of a row, as received, may tell a person is known here, too: names, telephone and identity
numbers.
"""

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from lindero.layers.database import map_database
from lindero.layers.database.definitions import is_public
from lindero.layers.database.map_database import Connection
from lindero.layers.model.identity import plain
from lindero.layers.model.schema import INCIDENTS
from lindero.layers.publish import leak_scan
from lindero.layers.reference import base_data

_BEGINNINGS = ("victim", "person", "afectad", "defensor", "defender", "denunciante")  # of words that tell of one
_NAMES = frozenset({"nombre", "nombres", "nombre completo", "nombres y apellidos", "apellidos", "name", "full name"})
_NUMBER = re.compile(r"(?<![\w.,])\+?\d(?:[ ().-]{0,2}\d){6,}(?!\w)")
_DECIMAL = re.compile(r"-?\d+[.,]\d+")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}([T ].*)?")


def is_of_persons(field: str) -> bool:
    """Tell by its name whether a field names persons."""
    name = plain(field)
    return name in _NAMES or any(word.startswith(_BEGINNINGS) for word in name.split())


def numbers(text: str) -> Iterator[str]:
    """Give the digits of each number of seven or more, however it is spaced; no date, and no number with decimals."""
    if not _DECIMAL.fullmatch(text.strip()) and not _DATE.fullmatch(text.strip()):
        yield from (re.sub(r"\D", "", found) for found in _NUMBER.findall(text))


SHORTEST_TEXT = 6  # letters of several words
SHORTEST_NAME = 3  # letters of one that stands alone in a field of persons
DECIMALS = 3  # of degrees: what is rounder stands at many a place
_PHONE_DIGITS = 9  # the last: what is before them is a country's
_LONGEST_PLACE = 5  # words
_DEGREES = re.compile(r"(?<![\w.])-?\d{1,3}[.,]\d{3,}")
_BETWEEN = " \x1f "  # cells


@dataclass
class Words:
    """What must be in no text, each with what it is of: a row and a field, never the value."""

    texts: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)
    places: dict[tuple[str, str], str] = field(default_factory=dict)

    @property
    def labels(self) -> set[str]:
        """What they are of."""
        return {of for each in (self.texts, self.names, self.numbers, self.places) for of in each.values()}


def words_of(con: Connection) -> Words:
    """Give what the private rows of a vault tell; not what public rows have in a field, too."""
    words = Words()
    public = {plain(value) for _, fields in leak_scan.received(con, private=False) for value in fields.values()}
    for row, fields in leak_scan.received(con, private=True):
        for name, value in fields.items():
            if plain(value) not in public:
                _add(words, name, str(value).strip(), f"{row}: {name}")
    incidents = map_database.read_layer(con, INCIDENTS, every_snapshot=True)
    for index, shape in incidents[~is_public(incidents)].geometry.items():
        if shape is not None:
            x, y = shape.representative_point().coords[0]
            if any(round(value, DECIMALS - 1) != value for value in (x, y)):
                words.places |= dict.fromkeys(
                    ((a, b) for a in _rounded(x) for b in _rounded(y)), f"incident {index}: place"
                )
    return words


def found_in(cells: Iterable[str], secret: Words) -> set[str]:
    """Give the keys of what stands in texts: texts, names, numbers and places as `x y`."""
    cells = list(cells)
    whole = _BETWEEN.join(["", *(plain(cell) for cell in cells), ""])
    found = {text for text in secret.texts if f" {text} " in whole}
    words = set(whole.split())
    found |= {name for name in secret.names if name in words and _stands_for_itself(name, whole)}
    digits = " ".join(number for cell in cells for number in numbers(cell))
    found |= {number for number in secret.numbers if number in digits}
    if secret.places:
        found |= {" ".join(pair) for cell in cells for pair in _pairs(cell) if pair in secret.places}
    return found


def public_words(found: set[str], secret: Words, public_map: Path | None, *, page: str) -> set[str]:
    """Tell which of the keys that were found the public map, the base data or the program's `page` say, too."""
    if not found:
        return set()
    texts, names, numbers = (
        {key: of for key, of in each.items() if key in found} for each in (secret.texts, secret.names, secret.numbers)
    )
    public_texts = [
        page,
        *base_data.places()["name"],
        *base_data.regions()["name"],
        *(cells(leak_scan.File(public_map)) if public_map else ()),
    ]
    return found_in(public_texts, Words(texts, names, numbers))


def label(secret: Words, key: str) -> str:
    """Say what a key that was found is of."""
    pair = tuple(key.split(" ", 1))
    named = secret.texts.get(key) or secret.names.get(key) or secret.numbers.get(key)
    return named or secret.places[pair[0], pair[1]]


def cells(file: leak_scan.File) -> Iterator[str]:
    """Give the texts of a file: those in its tables, in its JSON, or all of it."""
    raw, path = file.raw, file.path
    if file.tables:
        yield from (text for _, table in file.tables for text in _texts(table))
        return
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return
    packed = list(leak_scan.packed_in(raw))
    if packed:
        yield leak_scan.without_packed(raw).decode("utf-8")
        for data in packed:
            with suppress(ValueError):  # a tile
                yield from _strings(json.loads(leak_scan.without_packed(data)))
        return
    begin = text.find("{") if path.suffix in {".js", ".json"} else -1
    try:
        yield from _strings(json.loads(text[begin:].rstrip(";\n")) if begin >= 0 else text)
    except ValueError:
        yield text


def _add(words: Words, name: str, value: str, of: str) -> None:
    text = plain(value)
    of_persons = is_of_persons(name)
    if " " in text and (of_persons or (len(text) >= SHORTEST_TEXT and re.search(r"[^\W\d]", text))):
        words.texts[text] = of
    elif of_persons and text.isalpha() and len(text) >= SHORTEST_NAME:
        words.names[text] = of
    words.numbers |= dict.fromkeys((number[-_PHONE_DIGITS:] for number in numbers(value)), of)


def _stands_for_itself(name: str, whole: str) -> bool:
    """Tell whether a name stands somewhere that is not the name of a place of several words, such as Santa Rosa."""
    words = whole.split(" ")
    for at in (i for i, word in enumerate(words) if word == name):
        around = (
            " ".join(words[begin:end])
            for begin in range(max(0, at - _LONGEST_PLACE), at + 1)
            for end in range(at + 1, at + _LONGEST_PLACE)
            if end - begin > 1
        )
        if not _places().intersection(around):
            return True
    return False


@cache
def _places() -> frozenset[str]:
    return frozenset(plain(name) for name in base_data.places()["name"])


def _rounded(value: float) -> set[str]:
    """Give a degree as it may be written with three decimals, rounded or cut off, without its sign."""
    return {f"{abs(value):.{DECIMALS}f}", f"{int(abs(value) * 10**DECIMALS) / 10**DECIMALS:.{DECIMALS}f}"}


def _pairs(cell: str) -> Iterator[tuple[str, str]]:
    found = [float(number.replace(",", ".")) for number in _DEGREES.findall(cell)]
    for at, one in enumerate(found):
        for other in found[at + 1 : at + 2]:
            yield from ((a, b) for a in _rounded(one) for b in _rounded(other))
            yield from ((b, a) for a in _rounded(one) for b in _rounded(other))


def _texts(table: pa.Table) -> Iterator[str]:
    for column in table.columns:
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            yield from (str(text) for text in pc.unique(column).to_pylist() if text)


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _strings(each)
