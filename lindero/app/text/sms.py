"""Texts that fit one SMS: 160 letters of the SMS alphabet, or 70 if any letter is outside it."""

from lindero.layers.model.accents import strip_accents

# The default alphabet of GSM 03.38, and its extension, in which a letter counts as two.
ALPHABET = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = frozenset("^{}\\[~]|€")
MAX_CHARACTERS = 160
ROOM_BEYOND = 70  # UTF-16 code units; one letter outside both alphabets puts the whole text into UTF-16
_GSM_CHARACTERS = {
    ord(sign): plain
    for signs, plain in (("‘’ʼ´`", "'"), ("“”«»", '"'), ("–—−", "-"), ("·•", "."), ("…", "..."))
    for sign in signs
}


def to_sms_alphabet(text: str) -> str:
    """Convert a text to the SMS alphabet. Accents outside it are removed; other scripts are kept."""
    return "".join(map(_to_sms_letter, " ".join(text.translate(_GSM_CHARACTERS).split())))


def fits_sms(text: str) -> bool:
    """Return whether a telephone sends `text` as one SMS."""
    if set(text) <= ALPHABET | EXTENSION:
        return sum(2 if letter in EXTENSION else 1 for letter in text) <= MAX_CHARACTERS
    return len(text.encode("utf-16-le")) // 2 <= ROOM_BEYOND


def _to_sms_letter(letter: str) -> str:
    if letter in ALPHABET or letter in EXTENSION:
        return letter
    unaccented = strip_accents(letter)
    return unaccented if unaccented and set(unaccented) <= ALPHABET else letter
