"""The sources that have to be checked again."""

import datetime as dt
from collections.abc import Mapping

from lindero.layers.services.catalogue import find_entry_of_source
from lindero.layers.watch.source_checks import SourceCheck
from lindero.layers.workspace.manifest_file import SourceEntry, Workspace

RHYTHM_DAYS = 7  # between two checks of a source that is not in the catalogue
_RETRY_DAYS = 1  # after a failed check


def list_latest(space: Workspace) -> dict[str, SourceEntry]:
    """Return the latest snapshot of each source, by its id."""
    ordered = sorted(space.sources, key=lambda entry: entry.snapshot_on)
    return {entry.id: entry for entry in ordered}


def rhythm_days(entry: SourceEntry) -> int:
    """Return the days between two checks of a source, from the catalogue or `RHYTHM_DAYS`."""
    known = find_entry_of_source(entry.id, entry.url)
    return known.rhythm_days if known else RHYTHM_DAYS


def list_due_sources(space: Workspace, checks: Mapping[str, SourceCheck], now: dt.datetime) -> list[str]:
    """List the ids of the sources that were fetched from a service and have to be fetched again.

    A source whose check failed is due on the next day, unless a snapshot was put aside. A source with a snapshot of
    today is not due, because a source has one snapshot per date. Those that failed most often come last.
    """
    due = [
        name
        for name, entry in list_latest(space).items()
        if entry.service and entry.snapshot_on < now.date().isoformat() and _is_due(entry, checks.get(name), now)
    ]
    return sorted(due, key=lambda name: checks[name].failures if name in checks else 0)


def _is_due(entry: SourceEntry, check: SourceCheck | None, now: dt.datetime) -> bool:
    if check is None:
        return True
    days = _RETRY_DAYS if check.failures and not check.aside else rhythm_days(entry)
    checked_on = check.checked_at.astimezone(now.tzinfo).date()
    return (now.date() - checked_on).days >= days  # by date: a check at 02:10 is due at 02:00, too
