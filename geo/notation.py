"""Positions as people write them: decimal degrees, degrees with minutes and seconds, UTM."""

import re

from pyproj import Proj

from geo.errors import N_, GeoError

_NUMBER = r"[-+]?\d+(?:[.,]\d+)?"
_DECIMAL = re.compile(rf"({_NUMBER})\s*[,;\s]\s*({_NUMBER})")
_UTM = re.compile(
    rf"(?:UTM\s*)?(\d{{1,2}})\s*([C-HJ-NP-X])\s*[,;\s]\s*({_NUMBER})\s*(?:m?E)?\s*[,;\s]\s*({_NUMBER})\s*(?:m?N)?",
    re.IGNORECASE,
)
_PART = r"(?P<{name}>\d+(?:[.,]\d+)?)\s*{sign}\s*"
_SIZE = "(?:{})(?:{})?(?:{})?".format(
    _PART.format(name="degrees", sign="°"),
    _PART.format(name="minutes", sign="['′’]"),
    _PART.format(name="seconds", sign="(?:[\"″”]|'')"),
)
_SIDE = r"\s*(?P<side>[NSEWO])\s*"
_ANGLES = (
    re.compile(_SIDE + _SIZE, re.IGNORECASE),
    re.compile(_SIZE + _SIDE, re.IGNORECASE),
)  # the hemisphere before, or after
_SIGNED = re.compile(r"(?P<sign>[-+]?)" + _SIZE)
_FIRST_NORTHERN_BAND = "N"
_SOUTH_WEST = "SWO"  # O is oeste
_HIGHEST_ZONE = 60


class PositionError(GeoError):
    """A text is not a position."""


def position(text: str) -> tuple[float, float]:
    """
    Read a position: latitude and longitude in degrees on WGS 84.

    Understands `-12.6, -75.2`; `12°36'5" S 75°12' W` (O for oeste, too; hemispheres before or after); and UTM with its
    zone and latitude band, `18L 500000 8600000`. The decimal sign may be a comma where a semicolon or blank separates.

    Raises
    ------
    PositionError
        If it is none of these, or not on Earth.
    """
    written = " ".join(text.replace("º", "°").split())
    found = _utm(written) or _angles(written) or _decimal(written)
    if found is None:
        raise PositionError(N_("{text} is not a position"), text=text)
    latitude, longitude = found
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):  # noqa: PLR2004  degrees
        raise PositionError(N_("{text} is not on Earth"), text=text)
    return found


def angle(text: str) -> float:
    """
    Read one angle in degrees, minutes and seconds: `7°09'36" S`, `-7°09'36"`; south and west are negative.

    Raises
    ------
    PositionError
        If it is none.
    """
    written = " ".join(text.replace("º", "°").split())
    for pattern in _ANGLES:
        if match := pattern.fullmatch(written):
            return _degrees(match)
    if match := _SIGNED.fullmatch(written):
        degrees, minutes, seconds = (_number(match[name] or "0") for name in ("degrees", "minutes", "seconds"))
        size = degrees + minutes / 60 + seconds / 3600
        return -size if match["sign"] == "-" else size
    raise PositionError(N_("{text} is not a position"), text=text)


def _decimal(text: str) -> tuple[float, float] | None:
    match = _DECIMAL.fullmatch(text)
    return (_number(match[1]), _number(match[2])) if match else None


def _utm(text: str) -> tuple[float, float] | None:
    match = _UTM.fullmatch(text)
    if not match or not 1 <= int(match[1]) <= _HIGHEST_ZONE:
        return None
    south = match[2].upper() < _FIRST_NORTHERN_BAND
    grid = Proj(proj="utm", zone=int(match[1]), south=south, ellps="WGS84")
    longitude, latitude = grid(_number(match[3]), _number(match[4]), inverse=True)
    return float(latitude), float(longitude)


def _angles(text: str) -> tuple[float, float] | None:
    for angle in _ANGLES:
        matches = list(angle.finditer(text))
        if len(matches) == 2 and not angle.sub("", text).strip(" ,;"):  # noqa: PLR2004  latitude and longitude
            by_side = {match["side"].upper(): _degrees(match) for match in matches}
            latitude = [value for side, value in by_side.items() if side in "NS"]
            longitude = [value for side, value in by_side.items() if side in "EWO"]
            return (latitude[0], longitude[0]) if latitude and longitude else None
    return None


def _degrees(match: re.Match[str]) -> float:
    degrees, minutes, seconds = (_number(match[name] or "0") for name in ("degrees", "minutes", "seconds"))
    size = degrees + minutes / 60 + seconds / 3600
    return -size if match["side"].upper() in _SOUTH_WEST else size


def _number(text: str) -> float:
    return float(text.replace(",", "."))
