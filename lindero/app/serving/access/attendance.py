"""Journal entries about logins, logouts and the start of the server. Searched places are never recorded."""

import threading
import time
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from itertools import zip_longest

from lindero.app.media.pages.current import open_map, rights
from lindero.app.media.pages.current.rights import Person, Roles
from lindero.app.serving.access import log
from lindero.layers.errors import N_, JournalError
from lindero.layers.vault import journal

MOST_A_MINUTE = 30
_SECONDS = 60


class LoginJournal:
    """A recorder of logins and logouts.

    The entries per minute are limited, so that nobody can fill the disk by logging in and out.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._since, self._count = 0.0, 0

    def note(self, act: str, person: Person) -> None:
        """Record an act of a person. The last entry of a minute says that more may follow."""
        count = self._count_in_minute()
        if count <= MOST_A_MINUTE:
            may = ", ".join(sorted(person.rights)) if rights.has_roles() else ""
            _record_act(act, who=person.name or "?", may=may, more="not noted" if count == MOST_A_MINUTE else "")

    def _count_in_minute(self) -> int:
        with self._lock:
            if self._now() - self._since >= _SECONDS:
                self._since, self._count = self._now(), 0
            self._count += 1
            return self._count


def record_start(*, has_vault: bool, is_operated: bool, roles: Roles | None) -> None:
    """Record the options with which the server starts, and the roles if they are new."""
    shown = ", ".join(name for name, has in (("vault", has_vault), ("operator", is_operated)) if has)
    _record_act(journal.SERVED, options=shown)
    record_roles(roles)


def record_roles(roles: Roles | None) -> None:
    """Record the roles from now on, if they are new."""
    if (folder := open_map.workspace()) is not None:
        with _log_journal_error():
            journal.record_roles(folder, _roles_to_dicts(roles))


def _roles_to_dicts(roles: Roles | None) -> list[dict[str, str]]:
    if roles is None:
        return []
    everybody = {"everybody_may": _join_texts(roles.everybody), "person": roles.person}
    return [
        everybody,
        *(
            {"may": _join_texts(role.may), "people": people, "groups": groups}
            for role in roles.roles
            for people, groups in zip_longest(_join_in_parts(role.people), _join_in_parts(role.groups), fillvalue="")
        ),
    ]


def _join_texts(texts: Iterable[str]) -> str:
    return ", ".join(sorted(texts))


def _join_in_parts(texts: Iterable[str]) -> list[str]:
    """Return the joined texts in parts that an entry of the journal can hold, at least one."""
    parts = [""]
    for text in sorted(texts):
        joined = f"{parts[-1]}, {text}" if parts[-1] else text
        if parts[-1] and len(joined) > journal.LONGEST:
            parts.append(text)
        else:
            parts[-1] = joined
    return parts


def _record_act(act: str, *, who: str = "", **details: object) -> None:
    if (folder := open_map.workspace()) is not None:
        with _log_journal_error():
            journal.record_entry(folder, act, who=who, **details)


@contextmanager
def _log_journal_error() -> Generator[None]:
    """Log a failure to write the journal and continue, because maps on read-only media are served, too."""
    try:
        yield
    except JournalError:
        log.log_event(N_("The journal could not be written. Check whether the disk is full or read-only."))
