"""Links to maps, as messengers send them: what they say of the place, without asking anybody."""

import re
from urllib.parse import parse_qs, unquote_plus, urlsplit

from lindero.geo.errors import N_
from lindero.geo.positions.position import PositionError

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
    where, _sign, asked = link[4:].partition("?")
    query = parse_qs(asked).get("q", [""])[0]
    position = ",".join(where.partition(";")[0].split(",")[:2])
    return _LABEL.sub("", query).strip() or position


def _web(link: str) -> str:
    parts = urlsplit(link if "://" in link else f"https://{link}")
    query = {name.lower(): values[0] for name, values in parse_qs(parts.query).items()}
    if match := _PLACE.search(unquote_plus(link)):
        return f"{match[1]},{match[2]}"
    if "mlat" in query and "mlon" in query:
        return f"{query['mlat']},{query['mlon']}"
    asked = [query[name].removeprefix("loc:").replace("~", ",") for name in _ASKED if query.get(name)]
    if asked:
        return _LABEL.sub("", next(filter(_TWO_NUMBERS.search, asked), asked[0])).strip()
    if match := _IN_PATH.search(parts.path):
        return unquote_plus(match[1])
    match = _VIEW.search(parts.path) or _FRAGMENT.search(parts.fragment)
    return f"{match[1]},{match[2]}" if match else ""
