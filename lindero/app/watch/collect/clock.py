"""A check of this computer's clock, because a machine without a battery starts at a wrong date."""

import datetime as dt
from collections.abc import Mapping

from lindero.app.text.i18n import _, format_long_date
from lindero.layers.errors import N_, ClockError
from lindero.layers.watch.source_checks import CHECKS_FILE, read_checks
from lindero.layers.watch.watch_folder import WATCH_FOLDER
from lindero.layers.workspace.manifest_file import Workspace

TOLERANCE = dt.timedelta(days=1)  # time zones, and dates without a time


def check_clock(space: Workspace, server_dates: Mapping[str, dt.datetime], now: dt.datetime) -> ClockError | None:
    """Return why nothing may be dated `now`, or None if the clock is plausible.

    `now` must not be earlier by more than a day than the newest date that was recorded in the workspace (files received
    and sources checked). It must not differ by more than a day from the dates of servers, by their host.
    """
    recorded = [
        (_midnight(entry.retrieved_on), f"lindero remove {entry.id}@{entry.snapshot_on}")
        for entry in space.sources
        if entry.retrieved_on
    ]
    checks_file = space.folder / WATCH_FOLDER / CHECKS_FILE
    recorded += [
        (check.checked_at, _("delete {file}").format(file=checks_file)) for check in read_checks(space.folder).values()
    ]
    newest, remedy = max(recorded, default=(now, ""))
    if now < newest - TOLERANCE:
        return ClockError(
            N_(
                "The clock of this computer says {now}, but this workspace already has data of {newest}. Nothing was "
                "done. Set the clock and try again. If the clock is right now, it was wrong before: {remedy}."
            ),
            now=format_long_date(now.date()),
            newest=format_long_date(newest.date()),
            remedy=remedy,
        )
    for host, date in server_dates.items():
        if abs(now - date) > TOLERANCE:
            return ClockError(
                N_(
                    "The clock of this computer says {now}, but the server {host} says {date}. "
                    "Nothing was added. Set the clock and try again."
                ),
                now=format_long_date(now.date()),
                host=host,
                date=format_long_date(date.date()),
            )
    return None


def _midnight(date: str) -> dt.datetime:
    return dt.datetime.combine(dt.date.fromisoformat(date), dt.time.min, dt.UTC)
