"""Whether two registers mean the same name, however each spells it."""

import re
import unicodedata

import numpy as np
import pandas as pd
from rapidfuzz.distance import OSA

MAX_SLIPS = 2  # letters missing, added, wrong or exchanged
MIN_LETTERS = 8  # shorter names differ by so few letters on purpose

_COMPANY = re.compile(r"\bCOMPANIA\b")  # the one word that registers of the region write in two ways


def key(name: str) -> str:
    """Give what is left of a name without accents, case, punctuation and blanks: `Cía. Ñ, S.A.` is CIANSA."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().upper()
    return re.sub(r"[^A-Z0-9]", "", _COMPANY.sub("CIA", plain))


def keys(names: pd.Series) -> pd.Series:
    """Give the key of every name under the same index; missing where the name is, or holds no letter or digit."""
    distinct = {name: key(str(name)) or None for name in names.dropna().unique()}
    return names.map(distinct).astype(object).where(names.notna(), None)


def respelt(one: str, other: str) -> bool:
    """
    Tell whether two keys differ by slips of the pen alone: at most two, in a name of eight letters or more.

    The digits must be the same, and so must a number in Roman letters at the end: VETA I and VETA II are two mines.
    """
    if min(len(one), len(other)) < MIN_LETTERS or _numbers(one) != _numbers(other):
        return False
    return OSA.distance(one, other, score_cutoff=MAX_SLIPS) <= MAX_SLIPS


def same(one: pd.Series, other: pd.Series) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Tell pair by pair whether two columns of keys mean the same name; also where both are missing."""
    pairs = zip(one, other, strict=True)
    return np.array([a == b or (a is not None and b is not None and respelt(a, b)) for a, b in pairs], dtype=bool)


def _numbers(name: str) -> tuple[str, ...]:
    return (*re.findall(r"[0-9]+", name), *re.findall(r"[IVX]+$", name))
