"""Grid references of maps and receivers: UTM as it is written in Latin America, and MGRS."""

import re
from collections.abc import Iterator, Sequence

from lindero.geo.errors import N_
from lindero.geo.geometry.crs import PSAD56, degrees_transformer, utm
from lindero.geo.positions.position import PositionError, Reading, filter_on_earth

BANDS = "CDEFGHJKLMNPQRSTUVWX"  # letters of the bands of 8° of latitude, from 80°S
BAND_DEGREES, SOUTHERNMOST, NORTHERNMOST = 8, -80, 84
HIGHEST_ZONE = 60
_NEAR_DEGREES = 0.5  # degrees; a place this close to the edge of a band may be written with the next band
_EASTINGS = (100_000, 900_000)  # metres: eastings of a UTM zone, with some overlap into its neighbours
_NORTHINGS = {True: (1_000_000, 10_000_000), False: (0, 9_400_000)}  # by `south`
_100_KM = 100_000
_CYCLE = 2_000_000  # metres after which the letters of MGRS repeat

_WORDS = (
    (re.compile(r"\b(?:SUR|SOUTH|SUL)\b"), "S"),
    (re.compile(r"\b(?:NORTE|NORTH|NORTHING)\b"), "N"),
    (re.compile(r"\b(?:ESTE|EAST|LESTE|EASTING)\b"), "E"),
    (re.compile(r"\b(?:UTM|ZONA|ZONE|HUSO|FUSO|COORDENADAS?|COORDINATES?|EPSG|MGRS|GPS|UBICACION|DATUM)\b"), " "),
    (re.compile(r"(?<=\d)\s*(?:METROS|MTS|M)\b\.?"), " "),
)
_PSAD = re.compile(r"\bPSAD[ -]?(?:19)?56\b")
_EPSG = re.compile(r"\b32([67])(\d\d)\b|\b248(7[789])\b")
_GROUPED_NUMBER = re.compile(r"(?<![\d.,-])(?:([1-9]\d\d)([.,' ])(\d{3})|(\d{1,2})([.,' ])(\d{3})\5(\d{3}))(?![\d.,'])")
_METRES = re.compile(r"(?<![\d.,-])\d{4,8}(?:[.,]\d+)?(?!\d|[.,]\d)")
_ZONE = re.compile(r"(?<![\d.,-])(?P<zone>\d{1,2})\s*°?\s*(?P<letter>[A-Z])?(?![A-Z\d]|[.,]\d|[°'\"])")
_MGRS = re.compile(r"(\d{1,2})\s*([C-HJ-NP-X])\s*([A-HJ-NP-Z])([A-HJ-NP-V])\s*(\d{1,5})\s*(\d{0,5})")
_LABELS = re.compile(r"[ENXYSM]")


def readings(written: str, *, zones: Sequence[int]) -> list[Reading]:
    """Parse a grid reference in all ways that it allows. The list is empty if the text is not a grid reference.

    `written`: text that `geo.positions.notation.normalize_text` has normalized. `zones`: UTM zones (1 to 60) to try if
    the text states none. Returns: longitudes and latitudes on WGS 84, the most certain reading first.
    """
    if match := _MGRS.fullmatch(written.removeprefix("MGRS").strip()):
        return [_parse_mgrs(match, written)]
    for pattern, word in _WORDS[:4]:
        written = pattern.sub(word, written)
    text, old_datum = _PSAD.subn(" ", written)
    text = _EPSG.sub(_format_zone, text)
    if _METRES.search(text) is None or len(_METRES.findall(text)) == 1:
        text = _GROUPED_NUMBER.sub(lambda match: "".join(filter(None, match.group(1, 3, 4, 6, 7))), text)
    numbers = list(_METRES.finditer(text))
    if len(numbers) != 2:  # noqa: PLR2004  an easting and a northing
        return []
    return _parse_utm(_WORDS[4][0].sub(" ", text), written, zones, old_datum=bool(old_datum))


def _parse_utm(text: str, written: str, zones: Sequence[int], *, old_datum: bool) -> list[Reading]:
    stated = _ZONE.search(text)
    if stated and not 1 <= int(stated["zone"]) <= HIGHEST_ZONE:
        raise PositionError(
            N_("{text}: UTM zone {zone} does not exist; zones are 1 to 60"), text=written, zone=stated["zone"]
        )
    remainder, letter = (
        (text, "") if stated is None else (text[: stated.start()] + text[stated.end() :], stated["letter"])
    )
    if letter == "E":  # UTM 17 E 803000 N 9235000: the E belongs to the easting, not to the zone
        remainder, letter = f"E {remainder.strip()}", ""
    first, second = (float(number[0].replace(",", ".")) for number in _METRES.finditer(remainder))
    labels = _LABELS.findall(_METRES.sub("#", remainder))
    if re.sub(r"[\s,;:=/()\[\]#.|-]", "", _LABELS.sub("", _METRES.sub("#", remainder))):
        return []
    if stated is None and not zones:
        raise PositionError(N_("{text} has no UTM zone: write the zone first, for example 18S"), text=written)
    tried_zones = [int(stated["zone"])] if stated else list(zones)
    doubts = () if stated else ("zone",)
    parsed = [
        reading
        for order in _coordinate_orders(first, second, labels)
        for zone in tried_zones
        for reading in _iter_zone_readings(
            zone, letter or ("S" if "S" in labels else ""), order, doubts, old_datum=old_datum
        )
    ]
    if not parsed:
        raise PositionError(N_("{text} is not in any UTM zone: check the numbers"), text=written)
    return filter_on_earth(sorted(parsed, key=lambda reading: len(reading.doubts)), written)


def _format_zone(match: re.Match[str]) -> str:
    side, zone, old_zone = match.groups()
    return f" {int(old_zone) - 60}S PSAD56 " if old_zone else f" {int(zone)}{'S' if side == '7' else 'N'} "


def _coordinate_orders(first: float, second: float, labels: list[str]) -> list[tuple[float, float, tuple[str, ...]]]:
    """Return easting and northing as labelled. Without labels, return them as written and, if possible, swapped."""
    axis_labels = [label for label in labels if label in "ENXY"]
    if axis_labels:
        northing_first = axis_labels[0] in "NY"
        return [(second, first, ()) if northing_first else (first, second, ())]
    orders: list[tuple[float, float, tuple[str, ...]]] = [(first, second, ()), (second, first, ("order",))]
    return [order for order in orders if _EASTINGS[0] <= order[0] <= _EASTINGS[1]]


def _iter_zone_readings(
    zone: int, letter: str, order: tuple[float, float, tuple[str, ...]], doubts: tuple[str, ...], *, old_datum: bool
) -> Iterator[Reading]:
    """Yield the readings of an easting and northing in a zone: in the hemisphere of its letter, or else in both."""
    easting, northing, order_doubts = order
    for south, doubt in _hemispheres(letter):
        low, high = _NORTHINGS[south]
        if not (_EASTINGS[0] <= easting <= _EASTINGS[1] and low <= northing <= high):
            continue
        latitude, longitude = _to_degrees(zone, easting, northing, south=south, old_datum=old_datum)
        is_outside = _is_outside_band(letter, latitude, south=south)
        if doubt == "band" and is_outside:
            continue  # as a band the letter would contradict the northing
        reasons = tuple(
            dict.fromkeys((*doubts, *order_doubts, *([doubt] if doubt else []), *(["band"] if is_outside else [])))
        )
        yield Reading(latitude, longitude, reasons, f"{zone}{'S' if south else 'N'}")


def _hemispheres(letter: str) -> tuple[tuple[bool, str], ...]:
    """Return the hemispheres that the letter of a zone may mean, each with its doubt. True means south.

    S is a band of the north, but in Latin America it is commonly written for the south. N means north in both systems.
    """
    if not letter:
        return ((True, "hemisphere"), (False, "hemisphere"))
    if letter == "S":
        return ((True, ""), (False, "band"))
    return ((letter < "N", ""),)


def _is_outside_band(letter: str, latitude: float, *, south: bool) -> bool:
    """Return whether a place is outside the latitude band that the letter of its zone names."""
    if letter not in BANDS or not letter or letter == "N" or (letter == "S" and south):
        return False
    low = SOUTHERNMOST + BAND_DEGREES * BANDS.index(letter)
    high = NORTHERNMOST if letter == BANDS[-1] else low + BAND_DEGREES
    return not low - _NEAR_DEGREES <= latitude <= high + _NEAR_DEGREES


def _to_degrees(zone: int, easting: float, northing: float, *, south: bool, old_datum: bool) -> tuple[float, float]:
    crs = PSAD56[zone] if old_datum and south and zone in PSAD56 else utm(zone, south=south)
    longitude, latitude = degrees_transformer(crs).transform(easting, northing)
    return float(latitude), float(longitude)


def _parse_mgrs(match: re.Match[str], written: str) -> Reading:
    """Parse a reference of the Military Grid Reference System, and return the centre of its square.

    Columns of 100 km have the letters A to H, J to R and S to Z in turn. Rows have the letters A to V from the equator,
    starting with F in even zones (National Geospatial-Intelligence Agency 2014, *Universal Grids and the Transverse
    Mercator and Polar Stereographic Map Projections*, NGA.SIG.0012).
    """
    zone, band = int(match[1]), match[2]
    digits = match[5] + match[6]
    columns = ("STUVWXYZ", "ABCDEFGH", "JKLMNPQR")[zone % 3]
    if not 1 <= zone <= HIGHEST_ZONE or match[3] not in columns or len(digits) % 2:
        raise PositionError(N_("{text} is not a square of the military grid (MGRS)"), text=written)
    half = len(digits) // 2
    step = 10 ** (5 - half)
    easting = (columns.index(match[3]) + 1) * _100_KM + int(digits[:half]) * step + step / 2
    row = ("ABCDEFGHJKLMNPQRSTUV".index(match[4]) - (0 if zone % 2 else 5)) % 20
    northing = row * _100_KM + int(digits[half:]) * step + step / 2
    south = band < "N"
    for cycle in range(5):
        latitude, longitude = _to_degrees(zone, easting, northing + cycle * _CYCLE, south=south, old_datum=False)
        if northing + cycle * _CYCLE <= _NORTHINGS[south][1] and not _is_outside_mgrs_band(band, latitude):
            return Reading(latitude, longitude, (), f"{zone}{'S' if south else 'N'}")
    raise PositionError(N_("{text} is not a square of the military grid (MGRS)"), text=written)


def _is_outside_mgrs_band(band: str, latitude: float) -> bool:
    low = SOUTHERNMOST + BAND_DEGREES * BANDS.index(band)
    return not low - 1 <= latitude <= low + BAND_DEGREES + 1 + (4 if band == BANDS[-1] else 0)
