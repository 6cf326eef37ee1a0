"""The settings that `watches.toml` may contain, and what each may be."""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import shapely

from lindero.layers.errors import N_, WatchError
from lindero.layers.model.accents import fold

FREQUENCIES = ("each_run", "weekly", "monthly")
FORMS = ("full", "sms", "text")
LANGUAGES = ("es", "en", "pt", "fr")
KINDS = ("new", "holder", "status", "boundary", "gone", "renumbered", "expired", "case", "deadline")
AREA_KINDS = ("community", "region", "protected_area", "holder")
POLYGON, EVERYTHING = "polygon", "everything"
FOLDER, EMAIL = "folder", "email:"
SECURITIES = ("starttls", "tls", "none")
_SHAPES = ("outline", "point")  # of alerts
_LONGEST_NAME = 60
_LAST_PORT = 65_535
_WORLD = shapely.box(-180, -90, 180, 90)
_ADDRESS = re.compile(r"[^@\s<>,;:\"]+@[^@\s<>,;:\"]+\.[^@\s<>,;:\"]+")
_SERVICE_URL = re.compile(r"[a-z][a-z0-9+.-]*://\S+", re.IGNORECASE)

Checks = Mapping[str, tuple[Callable[[Any], bool], str]]
"""For each setting, whether a value is valid, and what to write instead."""


def check_values(raw: Mapping[str, Any], checks: Checks, path: Path, where: str | int) -> dict[str, Any]:
    """Return the values of a table.

    `checks`: `WATCH` or `MAIL`.
    """
    required = ("name", "areas") if checks is WATCH else ("server", "sender")
    if unknown := sorted(raw.keys() - checks.keys()):
        text = N_("{path}, {where}: '{key}' is not a setting; delete it, or write one of: {known}")
        if isinstance(where, int):
            text = N_("{path}, line {where}: '{key}' is not a setting; delete it, or write one of: {known}")
        raise WatchError(text, path=path, where=where, key=unknown[0], known=", ".join(checks))
    for key, (is_valid, remedy) in checks.items():
        if (key in raw or key in required) and not is_valid(raw.get(key)):
            raise invalid_error(path, where, key, remedy)
    return dict(raw)


def invalid_error(path: Path, where: str | int, key: str, remedy: str) -> WatchError:
    """Return the error about an invalid value. The value is left out: it may be a secret, and a log may keep it."""
    text = N_("{path}, {where}: {key} is invalid; {todo}")
    if isinstance(where, int):
        text = N_("{path}, line {where}: {key} is invalid; {todo}")
    return WatchError(text, path=path, where=where, key=key, todo=remedy)


def _is_name(value: object) -> bool:
    return (
        isinstance(value, str)
        and len(value) <= _LONGEST_NAME
        and value.isprintable()
        and value == value.strip()
        and bool(re.search("[a-z0-9]", fold(value)))
    )


def _is_list(is_item: Callable[[str], bool]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, list) and all(isinstance(item, str) and is_item(item) for item in value)


def _is_area(key: str) -> bool:
    kind, _slash, id_ = key.partition("/")
    return key in (POLYGON, EVERYTHING) or (kind in AREA_KINDS and bool(id_))


def _is_polygon(value: Any) -> bool:
    try:
        shape = shapely.from_wkt(value)
    except (shapely.errors.GEOSException, TypeError):
        return False
    if shape is None or shape.geom_type not in ("Polygon", "MultiPolygon") or shape.is_empty or not shape.is_valid:
        return False
    return bool(_WORLD.covers(shape))


def _is_channel(value: object) -> bool:
    if not isinstance(value, str):
        return False
    is_address = value.startswith(EMAIL) and _is_address(value.removeprefix(EMAIL))
    return value == FOLDER or is_address or (bool(_SERVICE_URL.fullmatch(value)) and _has_valid_options(value))


def _has_valid_options(url: str) -> bool:
    """Return whether the host and the options of a channel to a CoMapeo server can be read; others are of Apprise."""
    if not url.lower().startswith("comapeo"):
        return True
    try:
        parts = urlsplit(url)
        options = dict(parse_qsl(parts.query))
        Path(options.get("token_file", "")).expanduser()
        return bool(parts.hostname) and parts.port != 0 and options.get("shape", "point") in _SHAPES
    except (ValueError, RuntimeError):  # not a host or a port; the home folder of nobody
        return False


def _is_whole_path(value: object) -> bool:
    try:
        return isinstance(value, str) and value.isprintable() and Path(value).expanduser().is_absolute()
    except RuntimeError:  # the home folder of nobody
        return False


def _is_address(value: object) -> bool:
    return isinstance(value, str) and bool(_ADDRESS.fullmatch(value))


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value.isprintable()


def _is_date(value: object) -> bool:
    return isinstance(value, dt.date) and not isinstance(value, dt.datetime)


WATCH: Checks = {
    "name": (_is_name, N_("write a name of at most 60 characters, with letters or digits")),
    "areas": (
        lambda value: _is_list(_is_area)(value) and bool(value),
        N_(
            'write a list such as ["community/ID", "region/CODE", "protected_area/ID", "holder/NAME"], '
            '["polygon"] or ["everything"]'
        ),
    ),
    "polygon": (_is_polygon, N_("write a polygon as WKT, with longitude and latitude in degrees")),
    "kinds": (
        _is_list(KINDS.__contains__),
        N_(
            'write a list of some of: "new", "holder", "status", "boundary", "gone", "renumbered", "expired", '
            '"case", "deadline"'
        ),
    ),
    "frequency": (FREQUENCIES.__contains__, N_('write "each_run", "weekly" or "monthly"')),
    "language": (LANGUAGES.__contains__, N_('write "es", "en", "pt" or "fr"')),
    "channel": (_is_channel, N_('write "folder", "email:ADDRESS" or a URL of Apprise')),
    "form": (FORMS.__contains__, N_('write "full", "sms" or "text"')),
    "created_on": (_is_date, N_("write a date without quotation marks, such as 2026-01-31")),
    "confirmed_on": (_is_date, N_("write a date without quotation marks, such as 2026-01-31")),
}
MAIL: Checks = {
    "server": (
        lambda value: _is_text(value) and bool(value),
        N_('write the name of the mail server, such as "mail.example.org"'),
    ),
    "sender": (_is_address, N_("write an e-mail address")),
    "port": (lambda value: type(value) is int and 0 < value <= _LAST_PORT, N_("write a number such as 587")),
    "security": (SECURITIES.__contains__, N_('write "starttls", "tls" or "none"')),
    "user": (_is_text, N_("write the name of the account between quotation marks")),
    "password_file": (
        _is_whole_path,
        N_('write the whole path of a file that contains only the password, such as "~/.lindero-mail"'),
    ),
    "operator": (_is_address, N_("write an e-mail address")),
}
