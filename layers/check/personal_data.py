"""What in the fields of a row, as received, may tell a person: names, and telephone and identity numbers."""

import re
from collections.abc import Iterator

from lindero.layers.model.identity import plain

FEWEST_DIGITS = 7
_BEGINNINGS = ("victim", "person", "afectad", "defensor", "defender", "denunciante")  # of words that tell of one
_NAMES = frozenset({"nombre", "nombres", "nombre completo", "nombres y apellidos", "apellidos", "name", "full name"})
_NUMBER = re.compile(r"(?<![\w.,])\+?\d(?:[ ().-]{0,2}\d){6,}(?!\w)")
_DECIMAL = re.compile(r"-?\d+[.,]\d+")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}([T ].*)?")


def is_of_persons(field: str) -> bool:
    """Tell by its name whether a field names persons."""
    told = plain(field)
    return told in _NAMES or any(word.startswith(_BEGINNINGS) for word in told.split())


def numbers(text: str) -> Iterator[str]:
    """Give the digits of each number of seven or more, however it is spaced; no date, and no number with decimals."""
    if not _DECIMAL.fullmatch(text.strip()) and not _DATE.fullmatch(text.strip()):
        yield from (re.sub(r"\D", "", found) for found in _NUMBER.findall(text))
