"""
Positions as people, receivers and messengers write them.

Decimal degrees, degrees with minutes and seconds, UTM and MGRS (`geo.positions.grid_reference`), plus codes
(`geo.positions.plus_code`), and links to maps (`geo.positions.notation`). A text that can be read in several ways has
several readings, that as written first; which of them is meant is for others to judge, by where they lie.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from urllib.parse import parse_qs, unquote_plus, urlsplit

from lindero.geo.errors import N_
from lindero.geo.positions import grid_reference, plus_code
from lindero.geo.positions.position import PositionError, Reading, on_earth

__all__ = ["PositionError", "Reading", "angle", "plain", "readings"]
_LINK = re.compile(
    r"(?:https?://|geo:|(?:www\.|maps\.)?(?:google|openstreetmap|osm|waze|apple|goo)\.[a-z.]+/)\S+", re.IGNORECASE
)
_SHORT = re.compile(r"(?:^|//|\.)(?:goo\.gl|maps\.app\.goo\.gl|g\.co|bit\.ly|t\.co|osm\.org/go)(?:/|$)", re.IGNORECASE)
_NUMBER = r"[-+]?\d+(?:\.\d+)?"
_PLACE = re.compile(rf"!3d({_NUMBER})!4d({_NUMBER})")  # where the pin stands, beside where the map is looked at
_TWO_NUMBERS = re.compile(rf"{_NUMBER}\s*,\s*{_NUMBER}")
_VIEW = re.compile(rf"@({_NUMBER}),({_NUMBER})")
_FRAGMENT = re.compile(rf"map=\d+(?:\.\d+)?/({_NUMBER})/({_NUMBER})")
_IN_PATH = re.compile(r"/(?:place|search|dir)/+([^/@]+)")
_ASKED = ("q", "query", "ll", "destination", "daddr", "center", "sll", "cp")
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
_MOST = 60  # minutes, and seconds
_PAIR = 2


@dataclass(frozen=True)
class _Angle:
    """One angle as written: `axis` is LAT or LON where that is said; `is_signed`, if its half of the Earth is."""

    degrees: float
    axis: str
    is_signed: bool


def plain(text: str) -> str:
    """Write a text in capitals without accents, with one sign each for degrees, minutes, seconds, minus and blank."""
    one_sign = text.translate(_SIGNS).replace("''", '"')
    letters = unicodedata.normalize("NFKD", one_sign)
    return " ".join("".join(each for each in letters if not unicodedata.combining(each)).upper().split())


def readings(text: str, *, zones: Sequence[int] = (), near: tuple[float, float] | None = None) -> list[Reading]:
    """
    Read a position in all ways that it allows, as written first; none if the text is no position.

    Parameters
    ----------
    text
        `-12.6, -75.2`; `12°36'5" S 75°12' W` (O for oeste; sides before or after, as letters or words); `S6 54.702 W78
        15.306`; `lat … lon …`; `18L 500000 8600000`, `UTM 18 Sur …`, `E … N …`, or eastings and northings alone; MGRS;
        plus codes. Decimal commas are understood where they are not separators.
    zones
        The UTM zones to try where none is stated.
    near
        Latitude and longitude by which a short plus code is completed.

    Raises
    ------
    PositionError
        If it is a position that is nowhere on Earth, has minutes or seconds beyond 59, or cannot be completed.
    """
    written = plain(text)
    return (
        plus_code.readings(written, near=near)
        or grid_reference.readings(_DATUM.sub(" ", written), zones=zones)
        or _degrees(_DATUM.sub(" ", written))
    )


def angle(text: str) -> float:
    """
    Read one angle in degrees, minutes and seconds: `7°09'36" S`, `-7°09'36"`; south and west are negative.

    Raises
    ------
    PositionError
        If it is none.
    """
    tokens = _tokens(plain(text))
    if not tokens or sum(map(_is_number, tokens)) > len(_PER_DEGREE) or _SEPARATORS.intersection(tokens):
        raise PositionError(N_("{text} is not a position"), text=text)
    return _angle(tokens, text).degrees


def _degrees(written: str) -> list[Reading]:
    tokens = _tokens(written)
    if tokens is None or sum(map(_is_number, tokens)) < _PAIR:
        return []
    halves = _halves(tokens)
    if halves is None:
        raise PositionError(N_("{text} is not a position"), text=written)
    first, second = (_angle(half, written) for half in halves)
    if first.axis and first.axis == second.axis:
        raise PositionError(N_("{text} states two latitudes or two longitudes"), text=written)
    if "LON" in first.axis or "LAT" in second.axis:
        first, second = second, first
    return on_earth(list(_variants(first, second)), written)


def _variants(latitude: _Angle, longitude: _Angle) -> list[Reading]:
    """Give the position as written, then with signs that may be missing, then with axes that may be swapped."""
    orders: list[tuple[tuple[str, ...], _Angle, _Angle]] = [((), latitude, longitude)]
    if not latitude.axis and not longitude.axis:
        orders.append((("axes",), longitude, latitude))
    found = []
    for axes, north, east in orders:
        for flip_north, flip_east in product((False, True), repeat=2):
            if (flip_north and north.is_signed) or (flip_east and east.is_signed):
                continue
            signs = (("latitude_sign",) if flip_north else ()) + (("longitude_sign",) if flip_east else ())
            lat, lon = (-a.degrees if flip else a.degrees for a, flip in ((north, flip_north), (east, flip_east)))
            found.append(Reading(lat, lon, (*axes, *signs)))
    return found


def _tokens(written: str) -> list[str] | None:
    """Split a text into numbers, signs, sides and separators; None if it holds a word that belongs to no position."""
    undashed = _DASHED.sub(lambda match: " ".join(filter(None, match.groups())), written)
    pattern = _POINTS_ONLY if _DECIMAL_POINT.search(undashed) else _TOKEN
    tokens = pattern.findall(undashed)
    if sum(map(_is_number, tokens)) < _PAIR:
        tokens = _POINTS_ONLY.findall(undashed)
    found = []
    for token in tokens:
        if token.isalpha():
            if token not in _WORDS:
                return None
            found.append(_WORDS[token])
        elif token not in _IGNORED:
            found.append(token)
    return [token for token in found if token] if all(map(_is_known, found)) else None


def _is_known(token: str) -> bool:
    return not token or _is_number(token) or token in {*"NSEW-+°'\".,;/|", "LAT", "LON"}


def _is_number(token: str) -> bool:
    return token[-1:].isdigit()


def _halves(tokens: list[str]) -> tuple[list[str], list[str]] | None:
    """Cut tokens between latitude and longitude: by what is named, the sides, the degree signs, or in the middle."""
    numbers = [at for at, token in enumerate(tokens) if _is_number(token)]
    cut = _cut(tokens, numbers)
    return (tokens[:cut], tokens[cut:]) if cut and numbers[0] < cut <= numbers[-1] else None


def _cut(tokens: list[str], numbers: list[int]) -> int | None:
    names = [at for at, token in enumerate(tokens) if token in {"LAT", "LON"}]
    sides = [at for at, token in enumerate(tokens) if token in _SIDES]
    degrees = [at for at, mark in enumerate(tokens) if mark == "°"]
    if len(names) == _PAIR:
        return names[1] if names[0] < numbers[0] else names[0] + 1
    if len(sides) == _PAIR:
        return sides[1] if sides[0] < numbers[0] else sides[0] + 1
    if len(degrees) == _PAIR:
        return _begin(tokens, max(at for at in numbers if at < degrees[1]))
    between = [at for at, token in enumerate(tokens) if token in _SEPARATORS and numbers[0] < at < numbers[-1]]
    if len(between) == 1:
        return between[0]
    return _begin(tokens, numbers[len(numbers) // 2]) if len(numbers) % _PAIR == 0 else None


def _begin(tokens: list[str], at: int) -> int:
    """Give where the angle of the number at `at` begins: at its sign, if it has one before it."""
    return at - 1 if tokens[at - 1] in {"-", "+"} else at


def _angle(tokens: list[str], text: str) -> _Angle:
    numbers = [float(token.replace(",", ".")) for token in tokens if _is_number(token)]
    sides = [token for token in tokens if token in _SIDES]
    axes = {*(token for token in tokens if token in {"LAT", "LON"}), *(_AXIS[side] for side in sides)}
    signs = [token for token in tokens if token in {"-", "+"}]
    well_formed = 1 <= len(numbers) <= len(_PER_DEGREE) and max(len(sides), len(axes), len(signs)) <= 1
    if not well_formed or any(number % 1 for number in numbers[:-1]) or not _in_order(tokens):
        raise PositionError(N_("{text} is not a position"), text=text)
    if any(part >= _MOST for part in numbers[1:]):
        raise PositionError(N_("{text} has minutes or seconds beyond 59"), text=text)
    size = sum(number / per for number, per in zip(numbers, _PER_DEGREE, strict=False))
    negative = bool({"S", "W", "-"}.intersection([*sides, *signs]))
    return _Angle(-size if negative else size, next(iter(axes), ""), bool(sides or signs))


def _in_order(tokens: list[str]) -> bool:
    """Tell whether degrees come before minutes, and these before seconds; each sign after a number."""
    marks = [token for token in tokens if token in {"°", "'", '"'}]
    first = next(at for at, token in enumerate(tokens) if _is_number(token))
    signs_first = all(at < first for at, token in enumerate(tokens) if token in {"-", "+"})
    return signs_first and marks == sorted(set(marks), key=["°", "'", '"'].index)


# Links to maps, as messengers send them: what they say of the place, without asking anybody.


def in_text(text: str) -> str | None:
    """
    Give what a link in a text says of a place: a position or a name; None if the text holds no link to a map.

    Raises
    ------
    PositionError
        If the link is a short one, which says nothing by itself, or says nothing of a place.
    """
    match = _LINK.search(text)
    if match is None:
        return None
    link = match[0].rstrip(".,;>\"'")
    link = link if "(" in link else link.rstrip(")")
    if _SHORT.search(link):
        raise PositionError(N_("{link} is a short link: open it, and copy the numbers or the name here"), link=link)
    found = _geo(link) if link[:4].lower() == "geo:" else _web(link)
    if not found:
        raise PositionError(N_("{link} says nothing of a place"), link=link)
    return found


def _geo(link: str) -> str:
    """Read RFC 5870, and the question that Android adds to it: geo:0,0?q=-6.9,-78.2(Name)."""
    where, _sign, parameters = link[4:].partition("?")
    query = parse_qs(parameters).get("q", [""])[0]
    position = ",".join(where.partition(";")[0].split(",")[:2])
    return _LABEL.sub("", query).strip() or position


def _web(link: str) -> str:
    parts = urlsplit(link if "://" in link else f"https://{link}")
    query = {name.lower(): values[0] for name, values in parse_qs(parts.query).items()}
    if match := _PLACE.search(unquote_plus(link)):
        return f"{match[1]},{match[2]}"
    if "mlat" in query and "mlon" in query:
        return f"{query['mlat']},{query['mlon']}"
    texts = [query[name].removeprefix("loc:").replace("~", ",") for name in _ASKED if query.get(name)]
    if texts:
        return _LABEL.sub("", next(filter(_TWO_NUMBERS.search, texts), texts[0])).strip()
    if match := _IN_PATH.search(parts.path):
        return unquote_plus(match[1])
    match = _VIEW.search(parts.path) or _FRAGMENT.search(parts.fragment)
    return f"{match[1]},{match[2]}" if match else ""
