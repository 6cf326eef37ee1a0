"""Which letters the bytes of a text stand for: by decoding them, whatever is claimed of them."""

import codecs
import re
from collections.abc import Iterable

from charset_normalizer import from_bytes

from lindero.layers.errors import N_, SourceError

CODE_PAGES = ["utf_8", "utf_16", "cp1252", "latin_1", "cp850"]  # by its default the detector misreads Ñ
REPAIR = "repair"  # as an encoding: undo a double encoding, on request

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE_BYTES = 1_000_000
_TWICE = re.compile(r"[\u00c2-\u00f4\u251c\u252c][^\x00-\x7f]")  # how two bytes of UTF-8 look, taken one by one
_SPANISH = re.compile(r"[áéíóúñüÁÉÍÓÚÑÜ°ºª¿¡]")
_HALF_OF_A_LETTER = 3  # bytes of UTF-8 that a field of fixed width may cut


def decode(raw: bytes, name: str, encoding: str | None) -> tuple[str, str]:
    """
    Decode a whole text; returns it and its encoding.

    Raises
    ------
    SourceError
        If it is not in the encoding that the user named, or none can be told.
    """
    if encoding not in {None, REPAIR}:
        try:
            return raw.decode(str(encoding)).removeprefix("\ufeff"), str(encoding)
        except (UnicodeDecodeError, LookupError) as error:
            raise SourceError(
                N_("{name} is not in the encoding {encoding}: {why}"), name=name, encoding=encoding, why=error
            ) from error
    try:
        for mark, marked in _MARKS:
            if raw.startswith(mark):
                return raw.decode(marked), marked.removesuffix("-sig")
        if (wide := without_mark(raw)) is not None:
            return raw.decode(wide), wide
        return raw.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        found = guessed(raw)
    if found is None:
        raise SourceError(N_("the encoding of {name} cannot be told; name it with --encoding"), name=name)
    try:
        return raw.decode(found).removeprefix("\ufeff"), found
    except UnicodeDecodeError:
        return raw.decode("latin_1"), "latin_1"


_FEWEST_BYTES = 8  # of a text whose encoding its zero bytes tell


def without_mark(raw: bytes) -> str | None:
    """Tell which UTF-16 a text is in that bears no mark, by where its zero bytes stand; None if it is in none."""
    sample = raw[: _SAMPLE_BYTES // 2 * 2]
    if len(sample) < _FEWEST_BYTES:
        return None
    even, odd = sample[::2].count(b"\x00"), sample[1::2].count(b"\x00")
    most = len(sample) // 4
    if len(raw) % 2 or max(even, odd) <= most or min(even, odd) > most // 10:
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def guessed(raw: bytes) -> str | None:
    """Tell the encoding of a text that is no UTF-8, by which letters it would hold; None if none is likely."""
    nul = raw[:_SAMPLE_BYTES].count(b"\x00")
    if nul > len(raw[:_SAMPLE_BYTES]) // 4:
        return "utf-16-le" if raw[1:2] == b"\x00" else "utf-16-be"
    high = raw.translate(None, delete=bytes(range(128)))
    western, dos = high.decode("cp1252", errors="replace"), high.decode("cp850", errors="replace")
    if not high:
        return "utf-8"
    as_western, as_dos, as_mac = (
        len(_SPANISH.findall(text)) for text in (western, dos, high.decode("mac_roman", errors="replace"))
    )
    if as_mac > max(as_western, as_dos) and as_mac >= len(high) / 2:
        return "mac_roman"
    if as_western != as_dos and max(as_western, as_dos) >= len(high) / 2:
        return ("cp1252" if "\ufffd" not in western else "latin_1") if as_western > as_dos else "cp850"
    best = from_bytes(raw[:_SAMPLE_BYTES], cp_isolation=CODE_PAGES).best()
    return best.encoding if best else None


def fitting(cells: Iterable[bytes], claimed: str | None) -> str:
    """
    Tell the encoding of the texts of a dBASE table, of which a .cpg file may claim one.

    UTF-8 is told from the bytes: by chance other letters hardly ever form it. What is claimed is believed only if all
    cells decode by it, up to a last letter that the width of the field cut.
    """
    high = [cell for cell in cells if not cell.isascii()]
    if not high:
        return claimed if claimed and _known(claimed) else "utf-8"
    if all(_decodes(cell, "utf-8") for cell in high):
        return "utf-8"
    if claimed and _known(claimed) and all(_decodes(cell, claimed) for cell in high):
        return claimed
    return guessed(b"\n".join(high)) or "latin_1"


def claimed_by(text: str) -> str | None:
    """Give the Python name of what a .cpg file says, such as `ANSI 1252`, `UTF8` or `88591`; None if nothing."""
    plain = text.strip().strip("\x00").lower().replace("_", "-")
    digits = re.sub(r"[^0-9]", "", plain)
    if "utf" in plain or digits == "65001":
        return "utf-8"
    if digits.startswith("8859"):
        return f"iso8859-{digits[4:] or 1}"
    for guess in (plain, f"cp{digits}"):
        if guess and _known(guess):
            return guess
    return None


def is_garbled(text: str) -> bool:
    """Whether a text was decoded twice, so that Ñ reads Ã‘, or has lost letters for good (U+FFFD)."""
    return "\ufffd" in text or mended(text) != text


def mended(text: str) -> str:
    """Undo a double encoding where that gives letters; otherwise give the text as it is."""
    if not _TWICE.search(text):
        return text
    for wrong in ("cp1252", "latin_1", "cp850", "cp437"):
        try:
            return text.encode(wrong).decode("utf-8")
        except UnicodeError:
            continue
    return text


def _known(encoding: str) -> bool:
    """Return whether Python can read text in an encoding; codecs such as hex are not for text."""
    try:
        "".encode(encoding)
    except (LookupError, UnicodeError):
        return False
    return True


def _decodes(cell: bytes, encoding: str) -> bool:
    for cut in range(1 + (_HALF_OF_A_LETTER if encoding == "utf-8" else 0)):
        try:
            cell[: len(cell) - cut].decode(encoding)
        except UnicodeDecodeError:
            continue
        return True
    return False
