"""Compare the names of fields with the names that publishers give to a column, with what they cut off and add."""

import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz

from lindero.layers.sources.mapping import normalise_text

SYNONYMS = Path(__file__).with_name("synonyms.toml")
NAME_WORDS = SYNONYMS.with_name("name_words.toml")
SURE = 88  # of 100: minimum similarity of a name
ASKED = 60  # a name with a word that is not understood: a person decides
_CUT = 96  # words that are cut off or abbreviated
_FEWEST_OF_A_PREFIX = 3  # minimum fields with the same prefix
_SHORT = 4  # letters: a shorter single word must be equal
_FEWEST_LETTERS = 3  # of a word that is cut off
_FEWEST_LETTERS_ALONE = 6  # of the only word of a name that is cut off
_MOST_LETTERS_UNKNOWN = 4  # of a word that is not understood
_MOST_NAMES = 10_000  # of which the words are kept
_THING = "thing"
_ASKED_COLUMNS = frozenset({"name", "status", "holder"})


@cache
def load_synonyms() -> Mapping[str, tuple[str, ...]]:
    """Return the names that publishers give to each column."""
    with SYNONYMS.open("rb") as file:
        return {column: tuple(names) for column, names in tomllib.load(file).items()}


@cache
def load_name_words() -> Mapping[str, Any]:
    """Return the words of which names are built: fillers, things, abbreviations, and others by their use."""
    with NAME_WORDS.open("rb") as file:
        return tomllib.load(file)


@lru_cache(_MOST_NAMES)
def compare_name(column: str, field: str, prefix: str = "") -> float:
    """Compute how well the name of a field fits a column, 0 to 100.

    From `SURE` on the name alone suffices; between `ASKED` and that, one short word of the name is not understood.

    `prefix`: A word before most names of the file that has no meaning, with a space; see `shared_prefix`.
    """
    spellings = {split_words(field), split_words(field).removeprefix(prefix)}
    return max(
        max(_similarity(spelling, name), _compare_words(spelling, name, column))
        for name in (column.replace("_", " "), *load_synonyms().get(column, ()))
        for spelling in spellings
    )


def shared_prefix(fields: Iterable[str]) -> str:
    """Return the meaningless first word, with a space, that most field names share; empty if there is none.

    For dm_NOME and dm_FASE it is `dm `.
    """
    first_words = Counter(split_words(name).split()[0] for name in fields if " " in split_words(name))
    word, count = next(iter(first_words.most_common(1)), ("", 0))
    is_shared = count >= _FEWEST_OF_A_PREFIX and 2 * count > first_words.total() and word not in _vocabulary()
    return f"{word} " if is_shared else ""


def split_words(name: str) -> str:
    """Split a field name into words: FecDenuncio and FEC_DENUNCIO both become `fec denuncio`."""
    spaced = "".join(
        f" {letter}" if letter.isupper() and before.islower() else letter
        for before, letter in zip(" " + name, name, strict=False)
    )
    return normalise_text("".join(letter if letter.isalnum() else " " for letter in spaced))


def has_word(field: str, words: str) -> bool:
    """Return whether a field's name has one of the `words` of name_words.toml."""
    return not {*split_words(field).split()}.isdisjoint(load_name_words()[words])


@cache
def _vocabulary() -> frozenset[str]:
    names = [name for column, names in load_synonyms().items() for name in (column, *names)]
    return frozenset(word for name in names for word in normalise_text(name.replace("_", " ")).split())


@cache
def _known_words() -> frozenset[str]:
    return _vocabulary() | _abbreviations().keys()


@cache
def _abbreviations() -> Mapping[str, str]:
    return {short: word for word, shorts in load_name_words()["abbreviations"].items() for short in shorts}


def _similarity(name: str, synonym: str) -> float:
    """Compute the similarity of two names, `SURE` to 100, or 0. Short ones must be equal: many resemble `cod`."""
    if min(len(name), len(synonym)) <= _SHORT:
        return 100.0 if name == synonym else 0.0
    return float(fuzz.token_sort_ratio(name, synonym, score_cutoff=SURE))  # 0 below it


def _compare_words(field: str, name: str, column: str) -> float:
    """Compare a field's name with a column's name word by word, without fillers, and with words that are cut off."""
    ours, theirs = _words(field), _words(name)
    is_short = len(ours) == len(theirs) == 1 and len(ours[0]) <= _SHORT
    if is_short or len(theirs) > len(ours):
        return 0.0
    without_thing = [word for word in ours if word != _THING]
    for words in (ours, without_thing):
        if words and _pair(words, theirs) == []:
            return ASKED if len(theirs) == 1 and _is_guess(words[0], theirs[0]) else _CUT
    unknown = _pair(without_thing, theirs)
    if column in _ASKED_COLUMNS and len(theirs) == 1 and unknown is not None:
        return ASKED if [len(word) <= _MOST_LETTERS_UNKNOWN for word in unknown] == [True] else 0.0
    return 0.0


@lru_cache(_MOST_NAMES)
def _words(name: str) -> tuple[str, ...]:
    """Return a name's words without fillers: abbreviations spelled out, and the thing that each row is as one word."""
    known = load_name_words()
    for thing in (thing for thing in known["things"] if " " in thing):
        name = f" {name} ".replace(f" {thing} ", f" {_THING} ").strip()
    parts = [part for word in name.split() for part in _split_joined_word(word)]
    words = [_abbreviations().get(part, part) for part in parts if part not in known["fillers"]]
    if len(words) == 1:
        return tuple(words)
    return tuple(_THING if _is_thing(word) else word for word in words)


def _is_thing(word: str) -> bool:
    things = load_name_words()["things"]
    return word in things or (len(word) >= _SHORT and any(thing.startswith(word) for thing in things))


@lru_cache(_MOST_NAMES)
def _split_joined_word(word: str) -> Sequence[str]:
    """Split a word written together from two known ones: DTEGRANTED becomes `dte` and `granted`."""
    known = _known_words()
    if word in known:
        return [word]
    cuts = range(_FEWEST_LETTERS, len(word) - _FEWEST_LETTERS)
    return next(([word[:cut], word[cut:]] for cut in cuts if word[:cut] in known and word[cut:] in known), [word])


def _pair(field_words: Sequence[str], name_words: Sequence[str]) -> list[str] | None:
    """Pair each word of a column's name with one of the field; return those left over, None if one is missing."""
    left = list(field_words)
    for name_word in name_words:
        found = next((word for word in left if _abbreviates(word, name_word)), None)
        if found is None:
            return None
        left.remove(found)
    return left


def _is_guess(short: str, word: str) -> bool:
    """Return whether a cut-off word is so short that other words may begin alike: `admin` of administration."""
    return short != word and len(short) < _FEWEST_LETTERS_ALONE


def _abbreviates(short: str, word: str) -> bool:
    """Return whether a word is another, the beginning of it, or its letters with some left out."""
    if short == word:
        return True
    if len(short) < _FEWEST_LETTERS or short[:_FEWEST_LETTERS] != word[:_FEWEST_LETTERS]:
        return False
    letters = iter(word)
    return word.startswith(short) or (len(short) >= _SHORT and all(letter in letters for letter in short))
