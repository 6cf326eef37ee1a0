"""From when to when sources tell of attacks or conflicts: as they declare, or by the dates of their rows."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from lindero.app.record.unplaced import ATTACKS
from lindero.app.text import i18n
from lindero.app.text.i18n import _
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Connection
from lindero.layers.database.queries import record_queries

_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Period:
    """The days, both included, that sources tell of without a gap."""

    first: dt.date
    last: dt.date


def periods_of(
    con: Connection, kind: str = ATTACKS, *, source_ids: Collection[str] | None = None
) -> tuple[Period, ...]:
    """
    Return the periods that the sources of a kind of incidents tell of, the earliest first, without overlap.

    A source tells of the days that its manifest declares (`covers_from`, `covers_to`), else of those from the first to
    the last date of its rows. The day of a snapshot says nothing of them. Outside these periods nothing is known.
    """
    declared = {one.source_id: one for one in map_database.read_sources(con) if one.is_current}
    found = []
    for span in record_queries.spans(con):
        count = span.attacks if kind == ATTACKS else span.conflicts
        if not count or (source_ids is not None and span.source_id not in source_ids):
            continue
        source = declared.get(span.source_id)
        first = (source.covers_from if source else None) or span.first
        last = (source.covers_to if source else None) or span.last
        if first and last and first <= last:
            found.append(Period(first, last))
    return _merged(found)


def covers_year(periods: Sequence[Period], year: int) -> bool:
    """Return whether a period holds all days of a year, so that a 0 may be said of it."""
    return any(one.first <= dt.date(year, 1, 1) and dt.date(year, 12, 31) <= one.last for one in periods)


def periods_text(periods: Sequence[Period]) -> str:
    """Return in words from when to when attacks are on record; nothing without periods."""
    if not periods:
        return ""
    spans = [
        _("from {first} to {last}").format(first=i18n.date(one.first), last=i18n.date(one.last)) for one in periods
    ]
    text = _("The record of attacks goes {spans}. Before and after that, attacks are not known.")
    return text.format(spans=i18n.listed(spans))


def _merged(periods: Sequence[Period]) -> tuple[Period, ...]:
    merged: list[Period] = []
    for one in sorted(periods, key=lambda one: (one.first, one.last)):
        if merged and one.first <= merged[-1].last + _DAY:
            merged[-1] = Period(merged[-1].first, max(merged[-1].last, one.last))
        else:
            merged.append(one)
    return tuple(merged)
