"""Comparison of names between registers with different spellings."""

import re
import unicodedata
from collections import defaultdict

import numpy as np
import pandas as pd
from rapidfuzz import process
from rapidfuzz.distance import OSA

MAX_SLIPS = 2  # letters missing, added, wrong or exchanged
LETTERS_PER_SLIP = 8  # shorter names differ by so few letters on purpose: La Zanja is not La Granja

_COMPANY = re.compile(r"\bCOMPANIA\b")  # the one word that registers of the region write in two ways
_ACCENTS = re.compile("[\u0300-\u036f]")  # of Latin, Greek and Cyrillic letters; in other scripts the marks are vowels
_LEGAL_FORM = re.compile(r"(?<=.{4})(SAC|SAA|SCRL|SRLTDA|SRL|EIRL|LTDA|LTD|INC|CORP|LLC|PLC|SA)$")


def key(name: str) -> str:
    """Return a name without accents, case, punctuation and blanks: `Cía. Ñ, S.A.` becomes CIANSA.

    Letters of other scripts are kept, with their marks.
    """
    plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", name)).upper()
    short = _COMPANY.sub("CIA", plain)
    return "".join(filter(str.isalnum if short.isascii() else _is_letter, short))  # ASCII has no marks to keep


def keys(names: pd.Series) -> pd.Series:
    """Return the key of each name."""
    distinct = {name: key(str(name)) or None for name in names.dropna().unique()}
    return names.map(distinct).astype(object).where(names.notna(), None)


def is_respelling(first: str, second: str) -> bool:
    """Return whether two keys differ only by the legal form or by typing errors.

    One error in eight letters is allowed, two at most. The digits must be the same, and so must a Roman number at the
    end: VETA I and VETA II are two mines.

    `first`, `second`: keys that `key` returned.
    """
    first_bare, second_bare = strip_legal_form(first), strip_legal_form(second)
    if first_bare == second_bare:
        return True
    slips = _max_slips(min(len(first_bare), len(second_bare)))
    return (
        _numbers(first_bare) == _numbers(second_bare)
        and OSA.distance(first_bare, second_bare, score_cutoff=slips) <= slips
    )


def strip_legal_form(key: str) -> str:
    """Remove the legal form from a key, if at least four letters remain: CIANORTESAC becomes CIANORTE.

    `key`: A key that `key` returned.
    """
    return _LEGAL_FORM.sub("", key)


def group_names(names: pd.Series) -> "pd.Series[int]":
    """Group the names that are spellings of one name, according to `is_respelling`.

    Returns: for each name, the position of the name that it was matched with, under the index of `names`.
    """
    heads: dict[str, int] = {}
    bare_keys: defaultdict[tuple[tuple[str, ...], int], dict[int, str]] = defaultdict(dict)  # by numbers and length
    taken_for = []
    for position, name in enumerate(names):
        bare_key = strip_legal_form(key(str(name))) or str(name)
        if bare_key not in heads:
            numbers, letters = _numbers(bare_key), len(bare_key)
            lengths = range(letters - MAX_SLIPS, letters + MAX_SLIPS + 1)  # other lengths need more than two slips
            similar = _find_similar(bare_key, [bare_keys[numbers, length] for length in lengths])
            heads[bare_key] = position if similar is None else heads[similar]
            bare_keys[numbers, letters][position] = bare_key
        taken_for.append(heads[bare_key])
    return pd.Series(taken_for, index=names.index, dtype=int)


def is_same_name(first: pd.Series, second: pd.Series) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return a mask of the pairs of keys that mean the same name, also where both are missing."""
    pairs = zip(first, second, strict=True)
    return np.array([a == b or (a is not None and b is not None and is_respelling(a, b)) for a, b in pairs], dtype=bool)


def _numbers(name: str) -> tuple[str, ...]:
    return (*re.findall(r"[0-9]+", name), *re.findall(r"[IVX]+$", name))


def _is_letter(sign: str) -> bool:
    return sign.isalnum() or unicodedata.category(sign).startswith("M")


def _max_slips(letters: int) -> int:
    return min(MAX_SLIPS, letters // LETTERS_PER_SLIP)


def _find_similar(name: str, groups_by_length: list[dict[int, str]]) -> str | None:
    """Return the most similar other name, if `name` may be a misspelling of it; of equals the first by position."""
    candidates = [
        (slips, position, candidate)
        for group in groups_by_length
        for candidate, slips, position in process.extract(
            name, group, scorer=OSA.distance, score_cutoff=MAX_SLIPS, limit=None
        )
    ]
    return next(
        (
            candidate
            for slips, _at, candidate in sorted(candidates)
            if slips <= _max_slips(min(len(name), len(candidate)))
        ),
        None,
    )
