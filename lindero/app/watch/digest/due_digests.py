"""Which watches get a digest today, and under which id.

A digest's id is its promised date. A run that is repeated after it was killed therefore makes the same digest, and the
outbox refuses the second one.
"""

import calendar
import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from lindero.layers.watch.watches_file import Watch

SILENT_DAYS = 7  # a watch of each run gets a digest after so many days, even without an event


@dataclass(frozen=True)
class DueDigest:
    """A digest that is due: its id in the outbox, and the date of the digest before it (or of the watch)."""

    id: str
    since: dt.date
    is_promised: bool  # it is due on this date; otherwise only if there is an event


def find_due_digest(watch: Watch, digests: Collection[str], today: dt.date) -> DueDigest | None:
    """Return the digest that a watch gets today, or None."""
    dates = map(digest_date, digests)
    last = max((date for date in dates if date <= today), default=watch.created_on)
    if watch.frequency == "each_run":
        is_promised = (today - last).days >= SILENT_DAYS
        return DueDigest(_next_id(today, digests), last, is_promised) if today >= watch.created_on else None
    promised = _latest_promise(watch, today)
    if promised is None or promised <= last:
        return None
    return DueDigest(promised.isoformat(), last, is_promised=True)


def next_promise(watch: Watch, today: dt.date) -> dt.date:
    """Return the first date on which a watch with a digest of today gets one again, even without an event."""
    if watch.frequency == "each_run":
        return today + dt.timedelta(days=SILENT_DAYS)
    day = today + dt.timedelta(days=1)
    while _latest_promise(watch, day) != day:
        day += dt.timedelta(days=1)
    return day


def digest_date(digest: str) -> dt.date:
    """Return the promised date of a digest by its id."""
    return dt.date.fromisoformat(digest[:10])


def _latest_promise(watch: Watch, today: dt.date) -> dt.date | None:
    """Return the latest promised date up to today, counted from the watch's creation; None before the first."""
    created_on = watch.created_on
    if watch.frequency == "weekly":
        weeks = (today - created_on).days // 7
        return created_on + dt.timedelta(weeks=weeks) if weeks >= 1 else None
    months = (today.year - created_on.year) * 12 + today.month - created_on.month
    months -= today < _add_months(created_on, months)
    return _add_months(created_on, months) if months >= 1 else None


def _add_months(day: dt.date, months: int) -> dt.date:
    """Return the same day of a later month, or the last one of a shorter month."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _next_id(today: dt.date, digests: Collection[str]) -> str:
    """Return today's date as an id, with a number if the outbox has a digest of today already."""
    count = sum(digest.startswith(today.isoformat()) for digest in digests)
    return f"{today.isoformat()}-{count + 1}" if count else today.isoformat()
