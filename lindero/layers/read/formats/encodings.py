"""Detection of text encodings by decoding the bytes. A stated encoding is checked, not trusted."""

import codecs
import re
from collections.abc import Iterable

from charset_normalizer import from_bytes

from lindero.layers.errors import N_, SourceError

CODE_PAGES = ["utf_8", "utf_16", "cp1252", "latin_1", "cp850"]  # with its default list the detector misreads Ñ
REPAIR = "repair"  # used as an encoding: undo a double encoding, on request
MIXED = "utf-8, latin_1"  # a table in which some cells are in either

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE_BYTES = 1_000_000
_DOUBLE_ENCODED = re.compile(
    r"[\u00c2-\u00f4\u251c\u252c][^\x00-\x7f]"
)  # two bytes of UTF-8 that were decoded one by one
_SPANISH = re.compile(r"[áéíóúñüÁÉÍÓÚÑÜ°ºª¿¡]")


def decode(raw: bytes, name: str, encoding: str | None) -> tuple[str, str]:
    """Decode a whole text; return the text and its encoding."""
    if encoding not in {None, REPAIR}:
        try:
            return raw.decode(str(encoding)).removeprefix("\ufeff"), str(encoding)
        except (UnicodeDecodeError, LookupError) as error:
            raise SourceError(
                N_("{name} cannot be decoded as {encoding}: {why}"), name=name, encoding=encoding, why=error
            ) from error
    try:
        for mark, marked in _MARKS:
            if raw.startswith(mark):
                return raw.decode(marked), marked.removesuffix("-sig")
        if (utf16 := detect_utf16(raw)) is not None:
            return raw.decode(utf16), utf16
        return raw.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        detected = guess_encoding(raw)
    if detected is None:
        raise SourceError(N_("the encoding of {name} was not recognised; state it with --encoding"), name=name)
    try:
        return raw.decode(detected).removeprefix("\ufeff"), detected
    except UnicodeDecodeError:
        return raw.decode("latin_1"), "latin_1"


_FEWEST_BYTES = 8  # minimum bytes to detect an encoding from zero bytes


def detect_utf16(raw: bytes) -> str | None:
    """Detect UTF-16 without a byte order mark by the positions of zero bytes; return None for any other text."""
    sample = raw[: _SAMPLE_BYTES // 2 * 2]
    if len(sample) < _FEWEST_BYTES:
        return None
    even, odd = sample[::2].count(b"\x00"), sample[1::2].count(b"\x00")
    threshold = len(sample) // 4
    if len(raw) % 2 or max(even, odd) <= threshold or min(even, odd) > threshold // 10:
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def guess_encoding(raw: bytes) -> str | None:
    """Guess the encoding of a text that is not UTF-8 by the letters that it would contain; None if none is likely."""
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


def detect_dbf_encoding(cells: Iterable[bytes], stated: str | None) -> str:
    """Detect the encoding of the texts of a dBASE table, given the encoding that its .cpg file states, if any.

    UTF-8 is detected from the bytes, because text in another encoding is hardly ever valid UTF-8. The stated encoding
    is used only if all cells decode with it, up to a last letter cut off by the field width. If a table states UTF-8,
    and some cells are in UTF-8 and others are not, it is `MIXED`.
    """
    non_ascii = [cell for cell in cells if not cell.isascii()]
    if not non_ascii:
        return stated if stated and _is_text_encoding(stated) else "utf-8"
    if all(_is_decodable(cell, "utf-8") for cell in non_ascii):
        return "utf-8"
    if stated and _is_text_encoding(stated) and all(_is_decodable(cell, stated) for cell in non_ascii):
        return stated
    if stated == "utf-8" and any(_is_decodable(cell, "utf-8") for cell in non_ascii):
        return MIXED
    return guess_encoding(b"\n".join(non_ascii)) or "latin_1"


def parse_cpg(text: str) -> str | None:
    """Return the Python name of the encoding in a .cpg file; None if it is unknown.

    A .cpg file may contain `ANSI 1252`, `UTF8` or `88591`, for example.
    """
    plain = text.strip().strip("\x00").lower().replace("_", "-")
    digits = re.sub(r"[^0-9]", "", plain)
    if "utf" in plain or digits == "65001":
        return "utf-8"
    if digits.startswith("8859"):
        return f"iso8859-{digits[4:] or 1}"
    for guess in (plain, f"cp{digits}"):
        if guess and _is_text_encoding(guess):
            return guess
    return None


def is_garbled(text: str) -> bool:
    """Return whether a text was decoded twice, so that Ñ reads Ã‘, or has lost letters for good (U+FFFD)."""
    return "\ufffd" in text or repair_encoding(text) != text


def repair_encoding(text: str) -> str:
    """Undo a double encoding if the result is valid text; otherwise return the text unchanged."""
    if not _DOUBLE_ENCODED.search(text):
        return text
    for wrong in ("cp1252", "latin_1", "cp850", "cp437"):
        try:
            return text.encode(wrong).decode("utf-8")
        except UnicodeError:
            continue
    return text


def _is_text_encoding(encoding: str) -> bool:
    """Return whether Python can decode text with an encoding; codecs such as hex are not for text."""
    try:
        "".encode(encoding)
    except (LookupError, UnicodeError):
        return False
    return True


def _is_decodable(cell: bytes, encoding: str) -> bool:
    """Return whether a cell is text in an encoding; the field may have cut off the last bytes of a letter in UTF-8."""
    try:
        if encoding == "utf-8":
            codecs.getincrementaldecoder(encoding)().decode(cell)
        else:
            cell.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
