"""Codes of countries by their ISO 3166-1 codes, and by their official and usual names in four languages."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from babel import Locale
from babel.core import get_global

from lindero.layers.reference.name_index import fold, name_key

_LANGUAGES = ("en", "es", "pt", "fr")
_NAMES = Path(__file__).with_name("country_names.toml")
_BRACKETED = re.compile(r"^(.*?)\s*\((.*)\)$")
_COUNTRY = re.compile(r"[A-Z]{2}")
_NO_COUNTRIES = frozenset({"EU", "EZ", "UN", "XA", "XB", "ZZ", "QO"})  # of CLDR's territories
_LONGEST_CODE = 3


def find_country_code(text: str) -> str | None:
    """Find the ISO 3166-1 alpha-2 code of a country by its code of two or three letters or by a name."""
    words = text.strip()
    code = words.upper()
    if code in _codes():
        return _codes()[code]
    names = [words, *_turn_words(words)]
    known = (_names().get(name_key(name)) for name in names)
    return next(filter(None, known), None) or next(filter(None, map(_find_short_name, names)), None)


def _turn_words(name: str) -> list[str]:
    """Return a name with the words after its comma, or in its brackets, in front; and without them if that is clear."""
    before, comma, after = name.partition(",")
    if not comma:
        if (bracketed := _BRACKETED.match(name)) is None:
            return []
        before, after = bracketed.groups()
    is_clear = name_key(before) not in _table()["forms"]["ambiguous"]
    return [f"{after} {before}", *([before] if is_clear else [])]


def _find_short_name(name: str) -> str | None:
    """Find a country by what is left of its official name without words such as *Republic of*."""
    forms = _table()["forms"]
    words = [word for word in re.findall(r"[a-z']+", fold(name)) if word not in forms["words"]]
    short = name_key(" ".join(words))
    return None if not words or short in forms["ambiguous"] else _names().get(short)


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(_NAMES.read_text(encoding="utf-8"))


@cache
def _codes() -> dict[str, str]:
    """Return the alpha-2 code of each code of two or three letters."""
    codes = {code: code for code in map(str, Locale("en").territories) if _COUNTRY.fullmatch(code)}
    aliases = get_global("territory_aliases").items()
    codes |= {alias: str(names[0]) for alias, names in aliases if alias.isalpha() and len(alias) == _LONGEST_CODE}
    return {alias: code for alias, code in codes.items() if code not in _NO_COUNTRIES}


@cache
def _names() -> dict[str, str]:
    """Return the code of each name; an official name of the table counts before a name of CLDR."""
    known = {
        name_key(str(name)): str(code)
        for language in _LANGUAGES
        for code, name in Locale(language).territories.items()
        if code in _codes()
    }
    bracketed = {
        name_key(part): str(code)
        for language in _LANGUAGES
        for code, name in Locale(language).territories.items()
        if code in _codes() and (match := _BRACKETED.match(str(name)))
        for part in match.groups()  # Myanmar (Burma)
    }
    clear = {name: code for name, code in bracketed.items() if name not in _table()["forms"]["ambiguous"]}
    return clear | known | {name_key(name): code for code, others in _table()["names"].items() for name in others}
