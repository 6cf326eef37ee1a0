"""Who logged in and out, and what the server was begun with, in the journal; never who looked where."""

import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager

from lindero.app.current import open_map, rights
from lindero.app.current.rights import Person, Roles
from lindero.app.serving.access import log
from lindero.layers.errors import N_, JournalError
from lindero.layers.vault import journal

MOST_A_MINUTE = 30
_SECONDS = 60


class Attendance:
    """Notes logins and logouts, so many a minute: nobody shall fill the disk by logging in and out."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._since, self._count = 0.0, 0

    def note(self, what: str, person: Person) -> None:
        """Note what somebody did; the last of a minute that is noted says that there may be more."""
        count = self._counted()
        if count <= MOST_A_MINUTE:
            may = ", ".join(sorted(person.rights)) if rights.has_roles() else ""
            _note(what, who=person.name or "?", may=may, more="not noted" if count == MOST_A_MINUTE else "")

    def _counted(self) -> int:
        with self._lock:
            if self._now() - self._since >= _SECONDS:
                self._since, self._count = self._now(), 0
            self._count += 1
            return self._count


def note_beginning(*, has_vault: bool, is_operated: bool, roles: Roles | None) -> None:
    """Note with what the server begins, and who may do what from now on if that is new."""
    shown = ", ".join(name for name, has in (("vault", has_vault), ("operator", is_operated)) if has)
    _note(journal.SERVED, options=shown)
    note_roles(roles)


def note_roles(roles: Roles | None) -> None:
    """Note who may do what from now on, if that is new."""
    if (folder := open_map.workspace()) is not None:
        with _said_if_unwritten():
            journal.note_roles(folder, _role_records(roles))


def _role_records(roles: Roles | None) -> list[dict[str, str]]:
    if roles is None:
        return []
    everybody = {"everybody_may": _list(roles.everybody), "person": roles.person}
    return [
        everybody,
        *({"may": _list(r.may), "people": _list(r.people), "groups": _list(r.groups)} for r in roles.roles),
    ]


def _list(texts: frozenset[str]) -> str:
    return ", ".join(sorted(texts))


def _note(what: str, *, who: str = "", **about: object) -> None:
    if (folder := open_map.workspace()) is not None:
        with _said_if_unwritten():
            journal.note(folder, what, who=who, **about)


@contextmanager
def _said_if_unwritten() -> Generator[None]:
    """Go on without the journal: a map on a medium that can only be read is served, too."""
    try:
        yield
    except JournalError:
        log.event(N_("The journal cannot be written: is the disk full, or read-only?"))
