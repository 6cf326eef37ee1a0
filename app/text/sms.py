"""Texts short enough for one SMS: 160 letters of its own alphabet, or 70 as soon as one letter is not in it."""

import unicodedata
from collections.abc import Iterable

# The default alphabet of GSM 03.38 and its extension, whose letters take the room of two.
ALPHABET = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = frozenset("^{}\\[~]|€")
ROOM = 160
ROOM_BEYOND = 70  # letters of UTF-16, which a telephone takes for the whole text if one letter is in neither
_PLAINLY = {
    ord(sign): plain
    for signs, plain in (("‘’ʼ´`", "'"), ("“”«»", '"'), ("–—−", "-"), ("·•", "."), ("…", "..."))
    for sign in signs
}


def spelt(text: str) -> str:
    """Spell text for the SMS alphabet: á is a, ñ stays; letters of other scripts stay as they are."""
    return "".join(map(_letter, " ".join(text.translate(_PLAINLY).split())))


def fits(text: str) -> bool:
    """Tell whether a telephone sends `text` as one SMS."""
    if set(text) <= ALPHABET | EXTENSION:
        return sum(2 if letter in EXTENSION else 1 for letter in text) <= ROOM
    return len(text.encode("utf-16-le")) // 2 <= ROOM_BEYOND


def joined(parts: Iterable[str]) -> str:
    """Join parts, the most telling first, and leave out those for which one SMS has no room."""
    text = ""
    for part in map(spelt, parts):
        longer = f"{text}; {part}" if text else part
        if part and fits(longer):
            text = longer
    return text


def _letter(letter: str) -> str:
    if letter in ALPHABET or letter in EXTENSION:
        return letter
    bare = "".join(part for part in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(part))
    return bare if bare and set(bare) <= ALPHABET else letter
