"""Texts without accents, for comparing names."""

from itertools import filterfalse
from unicodedata import combining, normalize


def strip_accents(text: str) -> str:
    """
    Return a text without accents. Letters of other alphabets are not transliterated.

    Parameters
    ----------
    text
        Any text.

    Returns
    -------
    str
        The text in Unicode's form NFKD without combining characters. ASCII text is unchanged.

    Examples
    --------
    >>> strip_accents("Río Ñahuín")
    'Rio Nahuin'
    """
    return text if text.isascii() else "".join(filterfalse(combining, normalize("NFKD", text)))


def fold(text: str) -> str:
    """
    Return a text without accents and in lower case, for comparing names.

    Parameters
    ----------
    text
        Any text.

    Returns
    -------
    str
        The folded text, whose length may differ.

    Examples
    --------
    >>> fold("Río Ñahuín")
    'rio nahuin'
    """
    return strip_accents(text).casefold()
