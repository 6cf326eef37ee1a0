"""A word search for private content of the vault that was rewritten: other letters, digits or order, or rounded.

`layers.publish.leak_scan` searches all bytes of a file for exact values; this module searches only texts, word by word.
Content of the public map, the program's own pages or the name of a place is not secret and is not reported. This module
also recognises the received fields that identify a person: names, telephone numbers and identity numbers.
"""

import csv
import io
import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from itertools import chain
from pathlib import Path

from lindero.layers.database import map_database
from lindero.layers.database.definitions import is_public
from lindero.layers.database.map_database import Connection
from lindero.layers.model.identity import normalise_value
from lindero.layers.model.schema import INCIDENTS
from lindero.layers.publish import leak_scan, spellings
from lindero.layers.reference import base_data

_BEGINNINGS = ("victim", "person", "afectad", "defensor", "defender", "denunciante")  # of words for persons
_NAMES = frozenset({"nombre", "nombres", "nombre completo", "nombres y apellidos", "apellidos", "name", "full name"})
_NUMBER = re.compile(r"(?<![\w.,])\+?\d(?:[ ().-]{0,2}\d){6,}(?!\w)")
_DECIMAL = re.compile(r"-?\d+[.,]\d+")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}([T ].*)?")


def is_of_persons(field: str) -> bool:
    """Return whether a field names persons, judged by the name of the field."""
    name = normalise_value(field)
    return name in _NAMES or any(word.startswith(_BEGINNINGS) for word in name.split())


def extract_numbers(text: str) -> Iterator[str]:
    """Yield the digits of each number of seven or more digits, with any spacing.

    Dates and numbers with decimals are skipped.
    """
    if not _DECIMAL.fullmatch(text.strip()) and not _DATE.fullmatch(text.strip()):
        yield from (re.sub(r"\D", "", number) for number in _NUMBER.findall(text))


SHORTEST_TEXT = 6  # letters, for texts of several words
SHORTEST_NAME = 3  # letters, for a single word in a field for persons
DECIMALS = 3  # of degrees; rounder coordinates occur at many places
_PHONE_DIGITS = 9  # the last digits; a country code may precede them
_COUNTRY_DIGITS = 4  # maximum digits of a country code, with the zeros before it
_LEAST_DIGITS = 7
_MOST_DIGITS = 15  # maximum digits of a telephone or identity number
_LEAST_JOINED = 8  # minimum letters of a name that is written as one word
_LONGEST_PLACE = 5  # maximum words in the name of a place
_DEGREES = re.compile(r"(?<![\w.])-?\d{1,3}[.,]\d{3,}")


@dataclass
class SecretWords:
    """Words that must not occur in any text, each with its origin: a row and a field, never the value.

    `texts` are matched word by word, `people` in any order of their words.
    """

    texts: dict[str, str] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)
    places: dict[tuple[str, str], str] = field(default_factory=dict)

    @property
    def text_origins(self) -> tuple[dict[str, str], ...]:
        """All dictionaries except that of places."""
        return self.texts, self.people, self.names, self.numbers

    @property
    def labels(self) -> set[str]:
        """The origins of all words."""
        return {*self.places.values(), *(origin for origins in self.text_origins for origin in origins.values())}


def collect_words(con: Connection) -> SecretWords:
    """Collect the words of the private rows of a vault, except those that a public row has in some field.

    Returns: texts, names of persons, numbers and places, each with its origin. Places rounded to two decimals of a
    degree or fewer are left out.
    """
    words = SecretWords()
    public = {
        _normalise(value) for _, fields in leak_scan.iter_received_rows(con, private=False) for value in fields.values()
    }
    for row, fields in leak_scan.iter_received_rows(con, private=True):
        for name, value in fields.items():
            if _normalise(value) not in public:
                _add_value(words, name, str(value).strip(), f"{row}: {name}")
    incidents = map_database.read_layer(con, INCIDENTS, every_snapshot=True)
    for index, shape in incidents[~is_public(incidents)].geometry.items():
        if shape is not None:
            x, y = shape.representative_point().coords[0]
            if any(round(value, DECIMALS - 1) != value for value in (x, y)):
                words.places |= dict.fromkeys(
                    ((a, b) for a in _coordinate_texts(x) for b in _coordinate_texts(y)), f"incident {index}: place"
                )
    return words


def search_texts(cells: Iterable[str], secret: SecretWords) -> set[str]:
    """Return the keys of secret words that occur in texts.

    Spelling is ignored: accents, case, look-alike letters, spacing, and the order of the words of a name.

    `cells`: texts, such as those of `iter_texts`. A match never extends from one to the next. Returns: keys of
    `secret`: texts, names and numbers, and places as `x y`.
    """
    plain_cells = spellings.to_plain_text(spellings.CELL.join(cells)).split(spellings.CELL)
    plain_cells += [variant for cell in plain_cells for variant in spellings.iter_spellings(cell)]
    words = spellings.split_words(spellings.CELL.join(plain_cells))
    matches = _find_texts(words, secret.texts) | _find_people(words, secret.people)
    matches |= {name for name in secret.names.keys() & set(words) if _is_outside_place_names(name, words)}
    matches |= _find_numbers(plain_cells, secret.numbers)
    if secret.places:
        matches |= {
            " ".join(pair) for cell in plain_cells for pair in _iter_coordinate_pairs(cell) if pair in secret.places
        }
    return matches


def _find_texts(words: list[str], texts: Iterable[str]) -> set[str]:
    """Return the texts whose words occur one after the other."""
    by_first: defaultdict[str, list[list[str]]] = defaultdict(list)
    for text in texts:
        text_words = text.split()
        by_first[text_words[0]].append(text_words)
    return {
        " ".join(text_words)
        for position, word in enumerate(words)
        for text_words in by_first.get(word, ())
        if words[position : position + len(text_words)] == text_words
    }


def _find_people(words: list[str], people: Iterable[str]) -> set[str]:
    """Return the names of several words that occur side by side in any order, or joined in one word."""
    names = {name: sorted(_remove_connectors(name.split())) for name in people}
    by_longest: defaultdict[str, list[str]] = defaultdict(list)
    for name, parts in names.items():
        by_longest[max(parts, key=len)].append(name)
    name_words = _remove_connectors(words)
    matches = {
        name
        for position, word in enumerate(name_words)
        for name in by_longest.get(word, ())
        if any(
            sorted(name_words[begin : begin + len(names[name])]) == names[name]
            for begin in _window_starts(position, len(names[name]))
        )
    }
    names_by_letters = {
        letters: name for name in people for letters in _iter_joined_names(name) if len(letters) >= _LEAST_JOINED
    }
    long_words = "\n".join({word for word in words if len(word) >= _LEAST_JOINED}).encode()
    secrets = leak_scan.Secrets({letters.encode(): name for letters, name in names_by_letters.items()})
    return matches | {secrets.patterns[letters] for letters in secrets.search(long_words)}


def _remove_connectors(words: list[str]) -> list[str]:
    return [word for word in words if word not in spellings.CONNECTORS] or words


def _window_starts(position: int, length: int) -> range:
    return range(max(0, position - length + 1), position + 1)


def _iter_joined_names(name: str) -> Iterator[str]:
    """Yield a name as one word: in its own order, and with its last words first."""
    for words in (name.split(), _remove_connectors(name.split())):
        yield from ("".join([*words[split:], *words[:split]]) for split in range(len(words)))


def _find_numbers(cells: Iterable[str], numbers: Collection[str]) -> set[str]:
    """Return the numbers that occur in texts.

    A number is part of one group of digits, or consists of several groups. The first group may begin with a country
    code.
    """
    lengths = {len(number) for number in numbers}
    number_groups = (groups for cell in cells for groups in spellings.digit_groups(cell)) if lengths else ()
    return {digits for groups in number_groups for digits in _iter_numbers(groups, lengths) if digits in numbers}


def _iter_numbers(groups: list[str], lengths: set[int]) -> Iterator[str]:
    """Yield the numbers of some lengths that groups of digits may represent."""
    for position, group in enumerate(groups):
        yield from (group[i : i + length] for length in lengths for i in range(len(group) - length + 1))
        digits = group
        for previous_group in reversed(groups[max(0, position - _PHONE_DIGITS) : position]):
            joined_digits = previous_group + digits
            for length in lengths:
                if len(digits) < length <= len(joined_digits) <= length + _COUNTRY_DIGITS:
                    yield joined_digits[-length:]
            digits = joined_digits


def find_public_words(found: set[str], secret: SecretWords, public_map: Path | None, *, page: str) -> set[str]:
    """Return the found keys that also occur in the public map, the base data or the program's `page`.

    `found`: keys returned by `search_texts`. Returns: the keys that are public. Keys of places (`x y`) are never
    included.
    """
    if not found:
        return set()
    texts, people, names, numbers = (
        {key: origin for key, origin in origins.items() if key in found} for origins in secret.text_origins
    )
    public_texts = [
        page,
        *base_data.load_places()["name"],
        *base_data.load_regions()["name"],
        *(iter_texts(leak_scan.ScannedFile(public_map)) if public_map else ()),
    ]
    return search_texts(public_texts, SecretWords(texts, people, names, numbers))


def find_origin(secret: SecretWords, key: str) -> str:
    """Return the origin of a key that was found.

    `key`: A key returned by `search_texts` for the same words.
    """
    pair = tuple(key.split(" ", 1))
    return (
        next((origins[key] for origins in secret.text_origins if key in origins), None)
        or secret.places[pair[0], pair[1]]
    )


def iter_texts(file: leak_scan.ScannedFile) -> Iterator[str]:
    """Yield the texts of a file: those of its tables or its JSON, or else its whole content."""
    raw, path = file.raw, file.path
    if file.tables:
        yield from (text for _, table in file.tables for text in dict.fromkeys(leak_scan.iter_table_texts(table)))
        return
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return
    packed = list(leak_scan.iter_embedded_parts(raw))
    if packed:
        yield leak_scan.remove_embedded_parts(raw).decode("utf-8")
        for data in packed:
            with suppress(ValueError):  # the part is a tile, not JSON
                yield from _iter_strings(json.loads(leak_scan.remove_embedded_parts(data)))
        return
    if path.suffix == ".csv":
        yield from (cell for row in csv.reader(io.StringIO(text)) for cell in row)
        return
    json_start = text.find("{") if path.suffix in {".js", ".json", ".geojson"} else -1
    try:
        yield from _iter_strings(json.loads(text[json_start:].rstrip(";\n")) if json_start >= 0 else text)
    except ValueError:
        yield text


def _add_value(words: SecretWords, name: str, value: str, origin: str) -> None:
    text = _normalise(value)
    of_persons = is_of_persons(name)
    if " " in text and of_persons:
        words.people[text] = origin
    elif " " in text and len(text) >= SHORTEST_TEXT and re.search(r"[^\W\d]", text):
        words.texts[text] = origin
    elif of_persons and text.isalpha() and len(text) >= SHORTEST_NAME:
        words.names[text] = origin
    words.numbers |= dict.fromkeys((number[-_PHONE_DIGITS:] for number in _iter_private_numbers(value)), origin)


def _normalise(value: object) -> str:
    text = value if isinstance(value, str) else normalise_value(value)
    return " ".join(spellings.split_words(spellings.to_plain_text(text)))


def _iter_private_numbers(value: str) -> Iterator[str]:
    """Yield the digits of each number in a field.

    Numbers are those of `extract_numbers`, and adjacent groups of digits joined into one.
    """
    text = spellings.to_plain_text(value).strip()
    yield from extract_numbers(text)
    if not _DECIMAL.fullmatch(text) and not _DATE.fullmatch(text):
        joined = ("".join(groups) for groups in spellings.digit_groups(text))
        yield from (digits for digits in joined if _LEAST_DIGITS <= len(digits) <= _MOST_DIGITS)


def _is_outside_place_names(name: str, words: list[str]) -> bool:
    """Return whether a name occurs outside the names of places of several words, such as Santa Rosa."""
    for position in (i for i, word in enumerate(words) if word == name):
        phrases = (
            " ".join(words[begin:end])
            for begin in range(max(0, position - _LONGEST_PLACE), position + 1)
            for end in range(position + 1, position + _LONGEST_PLACE)
            if end - begin > 1
        )
        if not _place_names().intersection(phrases):
            return True
    return False


@cache
def _place_names() -> frozenset[str]:
    return frozenset(_normalise(name) for name in base_data.load_places()["name"])


def _coordinate_texts(value: float) -> set[str]:
    """Return a degree with three decimals, rounded and truncated, without its sign."""
    return {f"{abs(value):.{DECIMALS}f}", f"{int(abs(value) * 10**DECIMALS) / 10**DECIMALS:.{DECIMALS}f}"}


def _iter_coordinate_pairs(cell: str) -> Iterator[tuple[str, str]]:
    degrees = [float(number.replace(",", ".")) for number in _DEGREES.findall(cell)]
    for position, first in enumerate(degrees):
        for second in degrees[position + 1 : position + 2]:
            yield from ((a, b) for a in _coordinate_texts(first) for b in _coordinate_texts(second))
            yield from ((b, a) for a in _coordinate_texts(first) for b in _coordinate_texts(second))


def _iter_strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in chain(value, value.values()) if isinstance(value, dict) else value:
            yield from _iter_strings(item)
