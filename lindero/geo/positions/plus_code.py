"""
Plus codes, which name a place by a grid of degrees: `57R6+8X5 Celendín`.

Open Location Code, specification 2.0 of 2014: pairs of digits of base 20 for latitude and longitude, then digits of a
grid of 4 columns and 5 rows. A short code lacks its first pairs and needs a place near by.
"""

import re

from lindero.geo.errors import N_
from lindero.geo.positions.position import PositionError, Reading

DIGITS = "23456789CFGHJMPQRVWX"
_CODE = re.compile(rf"(?<![A-Z0-9])([{DIGITS}0]{{2,8}})\+([{DIGITS}]{{0,7}})(?![A-Z0-9+])")
_FULL = 8  # digits before the plus
_PAIRS = (20.0, 1.0, 0.05, 0.0025, 0.000125)  # degrees
_COLUMNS, _ROWS = 4, 5


def find(written: str) -> tuple[str, str] | None:
    """Find a plus code in a text (`geo.positions.notation.plain`): the code, and what else the text says."""
    match = _CODE.search(written)
    if match is None or len(match[1]) % 2 or len(match[2]) == 1:
        return None
    return match[0], (written[: match.start()] + written[match.end() :]).strip(" ,;")


def is_short(code: str) -> bool:
    """Tell whether a code needs a place near by."""
    return code.index("+") < _FULL


def tile_degrees(code: str) -> float:
    """Give the side, in degrees, of the squares in each of which a short code names one place."""
    return _PAIRS[(_FULL - code.index("+")) // 2 - 1]


def readings(written: str, *, near: tuple[float, float] | None) -> list[Reading]:
    """
    Read a plus code with nothing beside it: the middle of its square; none if the text is none.

    Raises
    ------
    PositionError
        If the code is short and there is no place `near`, or it is not on Earth.
    """
    found = find(written)
    if found is None or found[1]:
        return []
    code, _ = found
    if not is_short(code):
        return [Reading(*_middle(code, written))]
    if near is None:
        raise PositionError(N_("{text} is a short plus code: write the town behind it"), text=written)
    return [complete(code, near)]


def complete(code: str, near: tuple[float, float]) -> Reading:
    """Complete a short code: of all places that it names, the one nearest to a place (latitude and longitude)."""
    missing = _FULL - code.index("+")
    step = _PAIRS[missing // 2 - 1]
    lat, lon = _middle(_prefix(near, missing) + code, code)
    latitude = lat + step * round((near[0] - lat) / step)
    longitude = lon + step * round((near[1] - lon) / step)
    return Reading(latitude, longitude, ("tile",))


def _prefix(near: tuple[float, float], digits: int) -> str:
    """Give the first digits of the code of a place."""
    lat, lon = near[0] + 90, near[1] + 180
    text = ""
    for size in _PAIRS[: digits // 2]:
        text += DIGITS[int(lat // size) % 20] + DIGITS[int(lon // size) % 20]
    return text


def _middle(code: str, written: str) -> tuple[float, float]:
    digits = code.replace("+", "").rstrip("0")
    lat, lon, height, width = -90.0, -180.0, 0.0, 0.0
    for at, size in enumerate(_PAIRS[: len(digits) // 2]):
        lat, lon = (value + DIGITS.index(digits[2 * at + axis]) * size for axis, value in ((0, lat), (1, lon)))
        height = width = size
    for digit in digits[2 * len(_PAIRS) :]:
        height, width = height / _ROWS, width / _COLUMNS
        row, column = divmod(DIGITS.index(digit), _COLUMNS)
        lat, lon = lat + row * height, lon + column * width
    if not (lat < 90 and lon < 180):  # noqa: PLR2004  degrees
        raise PositionError(N_("{text} is not on Earth"), text=written)
    return lat + height / 2, lon + width / 2
