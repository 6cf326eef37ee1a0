"""Positions in the notations of people, GPS receivers and messengers.

These are decimal degrees, degrees with minutes and seconds, UTM and MGRS (`geo.positions.grid_reference`), plus codes
(`geo.positions.plus_code`), and links to maps. A text that can be parsed in several ways has several readings, and the
literal one comes first. The caller chooses among them by location.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from urllib.parse import parse_qs, unquote_plus, urlsplit

from lindero.geo.errors import N_
from lindero.geo.positions import grid_reference, plus_code
from lindero.geo.positions.position import PositionError, Reading, filter_on_earth

__all__ = ["PositionError", "Reading", "normalize_text", "parse_angle", "readings"]
_LINK = re.compile(
    r"(?:https?://|geo:|(?:www\.|maps\.)?(?:google|openstreetmap|osm|waze|apple|goo)\.[a-z.]+/)\S+", re.IGNORECASE
)
_SHORT = re.compile(r"(?:^|//|\.)(?:goo\.gl|maps\.app\.goo\.gl|g\.co|bit\.ly|t\.co|osm\.org/go)(?:/|$)", re.IGNORECASE)
_NUMBER = r"[-+]?\d+(?:\.\d+)?"
_PLACE = re.compile(rf"!3d({_NUMBER})!4d({_NUMBER})")  # the position of the pin, not of the view
_TWO_NUMBERS = re.compile(rf"{_NUMBER}\s*,\s*{_NUMBER}")
_VIEW = re.compile(rf"@({_NUMBER}),({_NUMBER})")
_FRAGMENT = re.compile(rf"map=\d+(?:\.\d+)?/({_NUMBER})/({_NUMBER})")
_PATH_TEXT = re.compile(r"/(?:place|search|dir)/+([^/@]+)")
_QUERY_PARAMETERS = ("q", "query", "ll", "destination", "daddr", "center", "sll", "cp")
_LABEL = re.compile(r"\([^)]*\)\s*$")


_SIGNS = {
    ord(written): plain
    for several, plain in (("º˚", "°"), ("′’‘´`ʹ", "'"), ("″“”ʺ", '"'), ("−–—‐‑", "-"), ("\u00a0\u202f\u2009", " "))
    for written in several
}
_WORDS = {
    **dict.fromkeys(("LAT", "LATITUD", "LATITUDE"), "LAT"),
    **dict.fromkeys(("LON", "LONG", "LNG", "LONGITUD", "LONGITUDE"), "LON"),
    **dict.fromkeys(("S", "SUR", "SOUTH", "SUL"), "S"),
    **dict.fromkeys(("N", "NORTE", "NORTH"), "N"),
    **dict.fromkeys(("E", "ESTE", "EAST", "LESTE"), "E"),
    **dict.fromkeys(("W", "O", "OESTE", "WEST"), "W"),  # O is oeste
    **dict.fromkeys(("GRADOS", "GRADO", "GRAUS", "DEGREES", "DEG", "D", "G"), "°"),
    **dict.fromkeys(("MINUTOS", "MINUTO", "MINUTES", "MIN", "M"), "'"),
    **dict.fromkeys(("SEGUNDOS", "SEGUNDO", "SECONDS", "SEG", "SEC"), '"'),
    **dict.fromkeys(("Y", "AND", "EN", "AT"), ","),
    **dict.fromkeys(
        ("COORDENADAS", "COORDENADA", "COORDINATES", "COORDS", "UBICACION", "POSICION", "POSITION", "LOCATION", "GPS",
         "PUNTO", "POINT", "DATUM", "WGS", "MI", "GEO"),
        "",
    ),
}  # fmt: skip
_DATUM = re.compile(r"\bWGS[ -]?84\b")
_DASHED = re.compile(r"(?<![\d.,-])(\d{1,3})-(\d{1,2})(?:-(\d{1,2}(?:[.,]\d+)?))?(?=\s*[NSEWO])")
_TOKEN = re.compile(r"[A-Z]+|\d+(?:[.,]\d+)?|\.\d+|[-+°'\"]|[^\sA-Z0-9]", re.ASCII)
_POINTS_ONLY = re.compile(r"[A-Z]+|\d+(?:\.\d+)?|\.\d+|[-+°'\"]|[^\sA-Z0-9]", re.ASCII)
_DECIMAL_POINT = re.compile(r"\d\.\d")
_SEPARATORS = frozenset(",;/|")
_IGNORED = frozenset("()[]{}:=<>*!")
_SIDES = frozenset("NSEW")
_AXIS = {"N": "LAT", "S": "LAT", "E": "LON", "W": "LON"}
_PER_DEGREE = (1, 60, 3600)
_MOST = 60  # limit of minutes and seconds
_PAIR = 2


@dataclass(frozen=True)
class _Angle:
    """An angle as written. `axis` is LAT, LON or empty if unknown. `is_signed` is true if the hemisphere is stated."""

    degrees: float
    axis: str
    is_signed: bool


def normalize_text(text: str) -> str:
    """Convert a text to capitals without accents, with one sign each for degrees, minutes, seconds, minus and blank."""
    one_sign = text.translate(_SIGNS).replace("''", '"')
    letters = unicodedata.normalize("NFKD", one_sign)
    return " ".join("".join(letter for letter in letters if not unicodedata.combining(letter)).upper().split())


def readings(text: str, *, zones: Sequence[int] = (), near: tuple[float, float] | None = None) -> list[Reading]:
    """Parse a position in all ways that it allows, literal reading first.

    The list is empty if the text is not a position.

    `text`: `-12.6, -75.2`; `12°36'5" S 75°12' W` (O for oeste; hemispheres before or after, as letters or words); `S6
    54.702 W78 15.306`; `lat … lon …`; `18L 500000 8600000`, `UTM 18 Sur …`, `E … N …`, or eastings and northings alone;
    MGRS; plus codes. Decimal commas are accepted unless they are separators. `zones`: UTM zones (1 to 60) to try if the
    text states none. `near`: latitude and longitude in degrees with which a short plus code is completed. Returns:
    latitudes and longitudes on WGS 84 in degrees.
    """
    written = normalize_text(text)
    return (
        plus_code.readings(written, near=near)
        or grid_reference.readings(_DATUM.sub(" ", written), zones=zones)
        or _parse_degrees(_DATUM.sub(" ", written))
    )


def parse_angle(text: str) -> float:
    """Parse one angle in degrees, minutes and seconds, such as `7°09'36" S` or `-7°09'36"`."""
    tokens = _tokenize(normalize_text(text))
    if not tokens or sum(map(_is_number, tokens)) > len(_PER_DEGREE) or _SEPARATORS.intersection(tokens):
        raise PositionError(N_("{text} is not a position; write it like -12.05, -77.04"), text=text)
    return _build_angle(tokens, text).degrees


def _parse_degrees(written: str) -> list[Reading]:
    tokens = _tokenize(written)
    if tokens is None or sum(map(_is_number, tokens)) < _PAIR:
        return []
    halves = _split_halves(tokens)
    if halves is None:
        raise PositionError(N_("{text} is not a position; write it like -12.05, -77.04"), text=written)
    first, second = (_build_angle(half, written) for half in halves)
    if first.axis and first.axis == second.axis:
        raise PositionError(N_("{text} has two latitudes or two longitudes"), text=written)
    if "LON" in first.axis or "LAT" in second.axis:
        first, second = second, first
    return filter_on_earth(list(_sign_and_axis_variants(first, second)), written)


def _sign_and_axis_variants(latitude: _Angle, longitude: _Angle) -> list[Reading]:
    """Return the position as written, then with missing signs added, then with the axes swapped if possible."""
    orders: list[tuple[tuple[str, ...], _Angle, _Angle]] = [((), latitude, longitude)]
    if not latitude.axis and not longitude.axis:
        orders.append((("axes",), longitude, latitude))
    variants = []
    for axes, north, east in orders:
        for flip_north, flip_east in product((False, True), repeat=2):
            if (flip_north and north.is_signed) or (flip_east and east.is_signed):
                continue
            signs = (("latitude_sign",) if flip_north else ()) + (("longitude_sign",) if flip_east else ())
            lat, lon = (-a.degrees if flip else a.degrees for a, flip in ((north, flip_north), (east, flip_east)))
            variants.append(Reading(lat, lon, (*axes, *signs)))
    return variants


def _tokenize(written: str) -> list[str] | None:
    """Split a text into numbers, signs, hemispheres and separators; None if it contains an unknown word."""
    undashed = _DASHED.sub(lambda match: " ".join(filter(None, match.groups())), written)
    pattern = _POINTS_ONLY if _DECIMAL_POINT.search(undashed) else _TOKEN
    tokens = pattern.findall(undashed)
    if sum(map(_is_number, tokens)) < _PAIR:
        tokens = _POINTS_ONLY.findall(undashed)
    words = []
    for token in tokens:
        if token.isalpha():
            if token not in _WORDS:
                return None
            words.append(_WORDS[token])
        elif token not in _IGNORED:
            words.append(token)
    return [token for token in words if token] if all(map(_is_known, words)) else None


def _is_known(token: str) -> bool:
    return not token or _is_number(token) or token in {*"NSEW-+°'\".,;/|", "LAT", "LON"}


def _is_number(token: str) -> bool:
    return token[-1:].isdigit()


def _split_halves(tokens: list[str]) -> tuple[list[str], list[str]] | None:
    """Split tokens into latitude and longitude: at names, hemispheres or degree signs, or else in the middle."""
    numbers = [index for index, token in enumerate(tokens) if _is_number(token)]
    split_at = _find_split(tokens, numbers)
    return (tokens[:split_at], tokens[split_at:]) if split_at and numbers[0] < split_at <= numbers[-1] else None


def _find_split(tokens: list[str], numbers: list[int]) -> int | None:
    names = [index for index, token in enumerate(tokens) if token in {"LAT", "LON"}]
    sides = [index for index, token in enumerate(tokens) if token in _SIDES]
    degrees = [index for index, mark in enumerate(tokens) if mark == "°"]
    if len(names) == _PAIR:
        return names[1] if names[0] < numbers[0] else names[0] + 1
    if len(sides) == _PAIR:
        return sides[1] if sides[0] < numbers[0] else sides[0] + 1
    if len(degrees) == _PAIR:
        return _angle_start(tokens, max(index for index in numbers if index < degrees[1]))
    between = [index for index, token in enumerate(tokens) if token in _SEPARATORS and numbers[0] < index < numbers[-1]]
    if len(between) == 1:
        return between[0]
    return _angle_start(tokens, numbers[len(numbers) // 2]) if len(numbers) % _PAIR == 0 else None


def _angle_start(tokens: list[str], index: int) -> int:
    """Return the index at which the angle of a number starts: at its sign, if there is one."""
    return index - 1 if tokens[index - 1] in {"-", "+"} else index


def _build_angle(tokens: list[str], text: str) -> _Angle:
    numbers = [float(token.replace(",", ".")) for token in tokens if _is_number(token)]
    sides = [token for token in tokens if token in _SIDES]
    axes = {*(token for token in tokens if token in {"LAT", "LON"}), *(_AXIS[side] for side in sides)}
    signs = [token for token in tokens if token in {"-", "+"}]
    well_formed = 1 <= len(numbers) <= len(_PER_DEGREE) and max(len(sides), len(axes), len(signs)) <= 1
    if not well_formed or any(number % 1 for number in numbers[:-1]) or not _is_ordered(tokens):
        raise PositionError(N_("{text} is not a position; write it like -12.05, -77.04"), text=text)
    if any(part >= _MOST for part in numbers[1:]):
        raise PositionError(N_("{text} has minutes or seconds above 59"), text=text)
    size = sum(number / per for number, per in zip(numbers, _PER_DEGREE, strict=False))
    negative = bool({"S", "W", "-"}.intersection([*sides, *signs]))
    return _Angle(-size if negative else size, next(iter(axes), ""), bool(sides or signs))


def _is_ordered(tokens: list[str]) -> bool:
    """Return whether degrees come before minutes and minutes before seconds, with all plus and minus signs first."""
    marks = [token for token in tokens if token in {"°", "'", '"'}]
    first = next(index for index, token in enumerate(tokens) if _is_number(token))
    signs_first = all(index < first for index, token in enumerate(tokens) if token in {"-", "+"})
    return signs_first and marks == sorted(set(marks), key=["°", "'", '"'].index)


# Links to maps, as messengers send them. The position is read from the link itself; no server is contacted.


def read_map_link(text: str) -> str | None:
    """Return the position or name in a link to a map; None if the text contains no such link. No server is asked."""
    match = _LINK.search(text)
    if match is None:
        return None
    link = match[0].rstrip(".,;>\"'")
    link = link if "(" in link else link.rstrip(")")
    if _SHORT.search(link):
        raise PositionError(N_("{link} is a short link: open it, and copy the numbers or the name here"), link=link)
    place = _read_geo_uri(link) if link[:4].lower() == "geo:" else _read_web_link(link)
    if not place:
        raise PositionError(N_("{link} does not contain a place; write the coordinates or the name"), link=link)
    return place


def _read_geo_uri(link: str) -> str:
    """Parse a geo URI (RFC 5870), also with the query that Android adds to it: geo:0,0?q=-6.9,-78.2(Name)."""
    coordinates, _sign, parameters = link[4:].partition("?")
    query = parse_qs(parameters).get("q", [""])[0]
    position = ",".join(coordinates.partition(";")[0].split(",")[:2])
    return _LABEL.sub("", query).strip() or position


def _read_web_link(link: str) -> str:
    parts = urlsplit(link if "://" in link else f"https://{link}")
    query = {name.lower(): values[0] for name, values in parse_qs(parts.query).items()}
    if match := _PLACE.search(unquote_plus(link)):
        return f"{match[1]},{match[2]}"
    if "mlat" in query and "mlon" in query:
        return f"{query['mlat']},{query['mlon']}"
    texts = [query[name].removeprefix("loc:").replace("~", ",") for name in _QUERY_PARAMETERS if query.get(name)]
    if texts:
        return _LABEL.sub("", next(filter(_TWO_NUMBERS.search, texts), texts[0])).strip()
    if match := _PATH_TEXT.search(parts.path):
        return unquote_plus(match[1])
    match = _VIEW.search(parts.path) or _FRAGMENT.search(parts.fragment)
    return f"{match[1]},{match[2]}" if match else ""
