"""Plus codes, which encode a place in a grid of degrees: `57R6+8X5 Celendín`.

Open Location Code, specification 2.0 of 2014. The code consists of pairs of base-20 digits for latitude and longitude,
and then of digits of a grid of 4 columns and 5 rows. A short code lacks its first pairs and needs a reference place.
"""

import re

from lindero.geo.errors import N_
from lindero.geo.positions.position import PositionError, Reading

DIGITS = "23456789CFGHJMPQRVWX"
_CODE = re.compile(rf"(?<![A-Z0-9])([{DIGITS}0]{{2,8}})\+([{DIGITS}]{{0,7}})(?![A-Z0-9+])")
_FULL_DIGITS = 8  # digits before the plus
_PAIRS = (20.0, 1.0, 0.05, 0.0025, 0.000125)  # degrees per pair of digits
_COLUMNS, _ROWS = 4, 5


def find_code(written: str) -> tuple[str, str] | None:
    """Find a plus code in a normalized text.

    `written`: text that `geo.positions.notation.normalize_text` has normalized.
    """
    match = _CODE.search(written)
    if match is None or len(match[1]) % 2 or len(match[2]) == 1:
        return None
    return match[0], (written[: match.start()] + written[match.end() :]).strip(" ,;")


def is_short(code: str) -> bool:
    """Return whether a code is short and needs a reference place.

    `code`: A code that `find_code` returned. Returns: True if fewer than 8 digits precede the plus sign.
    """
    return code.index("+") < _FULL_DIGITS


def tile_degrees(code: str) -> float:
    """Return the side of the squares in which a short code is unique."""
    return _PAIRS[(_FULL_DIGITS - code.index("+")) // 2 - 1]


def readings(written: str, *, near: tuple[float, float] | None) -> list[Reading]:
    """Parse a text that consists of a plus code only. The list is empty if the text is anything else.

    The position is the centre of the code's square.
    """
    match = find_code(written)
    if match is None or match[1]:
        return []
    code, _ = match
    if not is_short(code):
        return [Reading(*_code_centre(code, written))]
    if near is None:
        raise PositionError(N_("{text} is a short plus code; write the town after it"), text=written)
    return [complete_code(code, near)]


def complete_code(code: str, near: tuple[float, float]) -> Reading:
    """Complete a short code with the place nearest to a reference place.

    `near`: latitude and longitude of the reference place in degrees. Returns: the centre of the code's square, with the
    doubt `tile`.
    """
    missing = _FULL_DIGITS - code.index("+")
    step = _PAIRS[missing // 2 - 1]
    lat, lon = _code_centre(_code_prefix(near, missing) + code, code)
    latitude = lat + step * round((near[0] - lat) / step)
    longitude = lon + step * round((near[1] - lon) / step)
    return Reading(latitude, longitude, ("tile",))


def _code_prefix(near: tuple[float, float], digits: int) -> str:
    """Return the first digits of the code of a place."""
    lat, lon = near[0] + 90, near[1] + 180
    text = ""
    for size in _PAIRS[: digits // 2]:
        text += DIGITS[int(lat // size) % 20] + DIGITS[int(lon // size) % 20]
    return text


def _code_centre(code: str, written: str) -> tuple[float, float]:
    digits = code.replace("+", "").rstrip("0")
    lat, lon, height, width = -90.0, -180.0, 0.0, 0.0
    for index, size in enumerate(_PAIRS[: len(digits) // 2]):
        lat, lon = (value + DIGITS.index(digits[2 * index + axis]) * size for axis, value in ((0, lat), (1, lon)))
        height = width = size
    for digit in digits[2 * len(_PAIRS) :]:
        height, width = height / _ROWS, width / _COLUMNS
        row, column = divmod(DIGITS.index(digit), _COLUMNS)
        lat, lon = lat + row * height, lon + column * width
    if not (lat < 90 and lon < 180):  # noqa: PLR2004  degrees
        raise PositionError(N_("{text} is not on Earth"), text=written)
    return lat + height / 2, lon + width / 2
