"""Whether two registers mean the same name, however each spells it."""

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
_ACCENTS = re.compile("[\u0300-\u036f]")  # of Latin, Greek and Cyrillic letters; the marks of others are vowels
_LEGAL_FORM = re.compile(r"(?<=.{4})(SAC|SAA|SCRL|SRLTDA|SRL|EIRL|LTDA|LTD|INC|CORP|LLC|PLC|SA)$")


def key(name: str) -> str:
    """
    Give what is left of a name without accents, case, punctuation and blanks: `Cía. Ñ, S.A.` is CIANSA.

    Letters of other scripts stay as they are, with their own marks.
    """
    plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", name)).upper()
    short = _COMPANY.sub("CIA", plain)
    return "".join(filter(str.isalnum if short.isascii() else _is_letter, short))  # ASCII has no marks to keep


def keys(names: pd.Series) -> pd.Series:
    """Give the key of every name under the same index; missing where the name is, or holds no letter or digit."""
    distinct = {name: key(str(name)) or None for name in names.dropna().unique()}
    return names.map(distinct).astype(object).where(names.notna(), None)


def respelt(one: str, other: str) -> bool:
    """
    Tell whether two keys differ by the legal form alone, or by slips of the pen: one in eight letters, at most two.

    The digits must be the same, and so must a number in Roman letters at the end: VETA I and VETA II are two mines.
    """
    ours, theirs = bare(one), bare(other)
    if ours == theirs:
        return True
    slips = _slips(min(len(ours), len(theirs)))
    return _numbers(ours) == _numbers(theirs) and OSA.distance(ours, theirs, score_cutoff=slips) <= slips


def bare(key: str) -> str:
    """Leave the legal form out of a key, where four letters remain: CIANORTESAC is CIANORTE, ROSA is ROSA."""
    return _LEGAL_FORM.sub("", key)


def groups(names: pd.Series) -> "pd.Series[int]":
    """
    Take together what is one name by `respelt`.

    Parameters
    ----------
    names
        Names as written, the most trusted spelling of each first: every other joins the first that it is like.

    Returns
    -------
    Series
        Under the index of `names`, the position among them of the name that each was taken for.
    """
    heads: dict[str, int] = {}
    alike: defaultdict[tuple[tuple[str, ...], int], dict[int, str]] = defaultdict(dict)  # by numbers and letters
    taken_for = []
    for at, name in enumerate(names):
        own = bare(key(str(name))) or str(name)
        if own not in heads:
            numbers, letters = _numbers(own), len(own)
            lengths = range(letters - MAX_SLIPS, letters + MAX_SLIPS + 1)  # no other can be a slip of it
            like = _like(own, [alike[numbers, length] for length in lengths])
            heads[own] = at if like is None else heads[like]
            alike[numbers, letters][at] = own
        taken_for.append(heads[own])
    return pd.Series(taken_for, index=names.index, dtype=int)


def same(one: pd.Series, other: pd.Series) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Tell pair by pair whether two columns of keys mean the same name; also where both are missing."""
    pairs = zip(one, other, strict=True)
    return np.array([a == b or (a is not None and b is not None and respelt(a, b)) for a, b in pairs], dtype=bool)


def _numbers(name: str) -> tuple[str, ...]:
    return (*re.findall(r"[0-9]+", name), *re.findall(r"[IVX]+$", name))


def _is_letter(sign: str) -> bool:
    return sign.isalnum() or unicodedata.category(sign).startswith("M")


def _slips(letters: int) -> int:
    return min(MAX_SLIPS, letters // LETTERS_PER_SLIP)


def _like(own: str, others: list[dict[int, str]]) -> str | None:
    """Give the likest of other names, by their position, for which `own` may be a slip; of equals the first."""
    found = [
        (slips, at, other)
        for some in others
        for other, slips, at in process.extract(own, some, scorer=OSA.distance, score_cutoff=MAX_SLIPS, limit=None)
    ]
    return next((other for slips, _at, other in sorted(found) if slips <= _slips(min(len(own), len(other)))), None)
