"""Spellings that a reader takes for the same text: look-alike letters, invisible marks, other digits and spacing.

`to_plain_text` makes characters equal; `split_words` and `digit_groups` make spacing and punctuation equal.
"""

import html
import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from urllib.parse import unquote

CELL = "\x1f"  # separator between texts, so that no word or number extends from one to the next
CONNECTORS = frozenset({"de", "del", "la", "las", "los", "el", "y", "e", "i", "da", "do", "das", "dos", "van", "von"})
_CHEROKEE, _AS_LATIN = "ᎠᎡᎢᎥᎪᎫᎬᎳᎷᎻᎽᏀᏂᏃᏏᏒᏔᏕᏙᏚᏞᏟᏢᏦᏧᏳᏴ", "DRTiAJEWMHYGhZbRWSVSLCPKdGB"
_LOOK_ALIKE = str.maketrans(
    "абвгԁеѕзіјкӏмнорԛтуԝхѵһАВСԌԀЕЅНІЈКӀМОРԚТУԜХѴҺѡсɑαβεηικνορτυχγωΑΒΕΖΗΙΚΜΝΟΡΤΥΧϲϳłŁøØđĐħĦıȷɡɩʟո",
    "abbrdeszijklmhopqtywxvhabcgdeshijklmopqtywxvhwcaabenikvoptuxywabezhikmnoptyxcjllooddhhijgiln",
)
_LOOK_ALIKE |= str.maketrans("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘꞯʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnopqrstuvwyz")  # small capitals
_LOOK_ALIKE |= str.maketrans("աեզհյլսցքօԱՀԼՈՍՏՕ", "weqhjlugfoUZLnUSO")  # Armenian
_LOOK_ALIKE |= str.maketrans(_CHEROKEE + _CHEROKEE.lower(), _AS_LATIN + _AS_LATIN.lower())
_FILLERS = "\u115f\u1160\u3164\uffa0\u2800"  # blank letters, which Unicode does not classify as marks
_MARKUP = re.compile(r"<[^<>]*>")
_JOINED_WORDS = re.compile(r"(?<=[a-z])(?=[A-Z])")
_SPACED_LETTERS = re.compile(r"(?<![^\W_])[^\W_](?:[\W_]{1,3}[^\W_](?![^\W_])){3,}")
_GROUPS = re.compile(rf"\d+(?:(?!{CELL})[\W_]{{1,3}}\d+)*")
_DECIMALS = re.compile(r"(?<![\d.,])-?\d+\.\d+[\s,;]{1,2}-?\d+\.\d+(?![\d.])")  # positions are searched separately


def to_plain_text(text: str) -> str:
    """Convert a text to Latin letters and the digits 0 to 9, without accents and invisible marks; case is kept."""
    if "&" in text:
        text = html.unescape(text)
    if "%" in text:
        text = unquote(text)
    if text.isascii():
        return text
    text = unicodedata.normalize("NFKD", text)
    for letter in set(text):
        if letter > "\x7f" and (plain := _plain_letter(letter)) != letter:
            text = text.replace(letter, plain)
    return text


@cache
def _plain_letter(letter: str) -> str:
    if letter in _FILLERS or unicodedata.category(letter) in {"Cf", "Mn", "Me"}:
        return ""
    digit = unicodedata.digit(letter, None)
    return letter.translate(_LOOK_ALIKE) if digit is None else str(digit)


def iter_spellings(text: str) -> Iterator[str]:
    """Yield variants of a plain text: without markup, with JoinedWords split, and with s p e l t words joined."""
    if "<" in text:
        text = _MARKUP.sub(" ", text)
        yield text
    if _JOINED_WORDS.search(text):
        yield _JOINED_WORDS.sub(" ", text)
    if _SPACED_LETTERS.search(text):
        yield _SPACED_LETTERS.sub(lambda match: re.sub(r"[\W_]", "", match[0]), text)


def split_words(text: str) -> list[str]:
    """Return the words of a plain text in lower case; `CELL` counts as a word."""
    return re.sub(rf"[^\w{CELL}]+|_+", " ", text).casefold().replace(CELL, f" {CELL} ").split()


def digit_groups(text: str) -> Iterator[list[str]]:
    """Yield each number of a plain text as groups of digits.

    One to three characters that are not letters may separate the groups.
    """
    for number in _GROUPS.findall(_DECIMALS.sub(CELL, text)):
        yield re.findall(r"\d+", number)
