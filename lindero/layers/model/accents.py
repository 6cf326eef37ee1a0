"""Texts without accents, for comparing names."""

from itertools import filterfalse
from unicodedata import combining, normalize


def strip_accents(text: str) -> str:
    """Return a text without accents. Letters of other alphabets are not transliterated."""
    return text if text.isascii() else "".join(filterfalse(combining, normalize("NFKD", text)))


def fold(text: str) -> str:
    """Return a text without accents and in lower case, for comparing names."""
    return strip_accents(text).casefold()
