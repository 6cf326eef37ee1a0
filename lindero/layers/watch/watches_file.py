"""The operator's watches and e-mail settings: `watches.toml` in a workspace, which only its owner can read.

The file shows where somebody looks and who is told. It is part of a backup and of nothing else.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import re
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lindero.layers.errors import N_, WatchError
from lindero.layers.watch.watch_folder import write_private
from lindero.layers.watch.watch_values import (
    EMAIL,
    EVERYTHING,
    FOLDER,
    FORMS,
    FREQUENCIES,
    KINDS,
    LANGUAGES,
    MAIL,
    POLYGON,
    WATCH,
    check_values,
    invalid_error,
)
from lindero.layers.workspace.manifest_file import check_inside, lock_manifest, to_slug
from lindero.layers.workspace.manifest_text import append_entry, format_document, read_document

if TYPE_CHECKING:
    import tomlkit

__all__ = [
    "EMAIL",
    "EVERYTHING",
    "FOLDER",
    "FORMS",
    "FREQUENCIES",
    "KINDS",
    "LANGUAGES",
    "POLYGON",
    "MailSettings",
    "Watch",
    "check_watch",
    "find_watch",
    "needs_confirmation",
    "read_mail_settings",
    "read_watches",
    "remove_watch",
    "save_watch",
]
WATCHES = "watches.toml"
_DAYS_TO_CONFIRM = 365
_TABLE = "[[watch]]"
_HEADER = re.compile(r"\s*\[\[\s*watch\s*\]\]")


@dataclass(frozen=True)
class Watch:
    """A request to be told what changes in some areas.

    `areas`: keys: `community/ID`, `region/CODE`, `protected_area/ID`, `holder/NAME`, `polygon` or `everything`.
    `polygon`: the own polygon of the key `polygon`, in degrees, as WKT. `kinds`: the kinds of change (`KINDS`). Empty:
    all. `channel`: `folder` (files only), `email:ADDRESS`, or a URL of Apprise. It may contain a secret, so `repr`
    leaves it out.
    """

    name: str
    areas: tuple[str, ...]
    polygon: str = field(default="", repr=False)
    kinds: tuple[str, ...] = ()
    frequency: str = "weekly"
    language: str = "es"
    channel: str = field(default=FOLDER, repr=False)
    form: str = "full"
    created_on: dt.date = dt.date.min
    confirmed_on: dt.date = dt.date.min

    @property
    def slug(self) -> str:
        """The name for files and folders. No two watches of a workspace have the same."""
        return to_slug(self.name)


@dataclass(frozen=True)
class MailSettings:
    """The e-mail account that sends digests; `operator` is the address that is told about failures."""

    server: str
    sender: str
    port: int = 587
    security: str = "starttls"
    user: str = ""
    password_file: str = ""
    operator: str = ""


def read_watches(folder: Path) -> tuple[Watch, ...]:
    """Read the watches of a workspace."""
    raw = _read(folder).get("watch", [])
    path = folder / WATCHES
    if not isinstance(raw, list) or not all(isinstance(entry, Mapping) for entry in raw):
        raise WatchError(N_("{path}: write [[watch]] on a line of its own before each watch"), path=path)
    lines = _find_lines(path) if raw else []
    places: list[str | int] = [*lines] if len(lines) == len(raw) else [_TABLE] * len(raw)
    watches = tuple(_parse_watch(entry, path, place) for entry, place in zip(raw, places, strict=True))
    slugs = [watch.slug for watch in watches]
    if repeated := [place for place, slug in zip(places, slugs, strict=True) if slugs.count(slug) > 1]:
        raise WatchError(
            N_("{path}: the names of the watches in these lines are too similar; change one of them: {which}"),
            path=path,
            which=", ".join(map(str, repeated)),
        )
    return watches


def _find_lines(path: Path) -> list[int]:
    """Return the number of the line where each watch begins."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [number for number, line in enumerate(lines, start=1) if _HEADER.match(line)]


def find_watch(folder: Path, name: str) -> Watch:
    """Return the watch of a name; capital letters and accents do not matter."""
    watches = read_watches(folder)
    for watch in watches:
        if watch.slug == to_slug(name):
            return watch
    names = ", ".join(watch.name for watch in watches)
    if not names:
        raise WatchError(N_("there is no watch yet; `lindero watch add` adds one"))
    raise WatchError(N_("there is no watch '{name}'; there are: {names}"), name=name, names=names)


def needs_confirmation(watch: Watch, today: dt.date) -> bool:
    """Return whether it is time to ask if a watch is still wanted: a year after it was saved or last confirmed.

    Returns: True from the 366th day on, until somebody confirms the watch.
    """
    return (today - max(watch.created_on, watch.confirmed_on)).days > _DAYS_TO_CONFIRM


def check_watch(folder: Path, watch: Watch) -> dict[str, object]:
    """Check a watch before it is saved."""
    values = {item.name: getattr(watch, item.name) for item in fields(Watch)}
    values = {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
    values = {name: value for name, value in values.items() if value not in ("", [], dt.date.min)}
    _parse_watch(values, folder / WATCHES, _TABLE)
    return values


def save_watch(folder: Path, watch: Watch) -> None:
    """Add a watch, or replace the watch of the same name. Other watches, settings and comments stay."""
    import tomlkit

    values = check_watch(folder, watch)
    with _edit(folder) as document:
        tables = [entry for entry in document.get("watch", []) if to_slug(str(entry.get("name"))) == watch.slug]
        if not tables:
            append_entry(document, "watch", values)
            return
        for name in tables[0].keys() - values.keys():
            del tables[0][name]
        tables[0].update({name: tomlkit.item(value) for name, value in values.items()})


def remove_watch(folder: Path, name: str) -> None:
    """Remove the watch of a name."""
    slug = find_watch(folder, name).slug
    with _edit(folder) as document:
        entries = document["watch"]
        position = next(i for i, entry in enumerate(entries) if to_slug(str(entry.get("name"))) == slug)
        del entries[position]
        if not entries:
            del document["watch"]


def read_mail_settings(folder: Path) -> MailSettings | None:
    r"""Read the table `[mail]`: the account that sends digests."""
    raw, path = _read(folder).get("mail"), folder / WATCHES
    if raw is None:
        return None
    values = check_values(raw if isinstance(raw, Mapping) else {}, MAIL, path, "[mail]")
    return MailSettings(**values)


def _read(folder: Path) -> dict[str, Any]:
    """Read the file. A file that was written by hand becomes private, if this user may change it."""
    path = folder / WATCHES
    check_inside(folder, [WATCHES])
    if not path.is_file():
        return {}
    if path.stat().st_mode & 0o077:
        with contextlib.suppress(OSError):
            path.chmod(0o600)
    return read_document(path)


@contextmanager
def _edit(folder: Path) -> Generator[tomlkit.TOMLDocument]:
    """Yield the file to be changed, and write it at the end, unless the body raises. Other processes wait meanwhile."""
    import tomlkit

    path = folder / WATCHES
    with lock_manifest(folder):
        read_watches(folder)  # an invalid file is mended by a person first
        document = tomlkit.parse(path.read_text(encoding="utf-8")) if path.is_file() else tomlkit.document()
        yield document
        write_private(path, format_document(document, path))


def _parse_watch(raw: Mapping[str, Any], path: Path, place: str | int) -> Watch:
    values = check_values(raw, WATCH, path, place)
    values |= {key: tuple(value) for key, value in values.items() if isinstance(value, list)}
    watch = Watch(**values)
    if (POLYGON in watch.areas) != bool(watch.polygon):
        raise invalid_error(path, place, POLYGON, N_('write the polygon as WKT, and "polygon" in areas, or neither'))
    return watch
