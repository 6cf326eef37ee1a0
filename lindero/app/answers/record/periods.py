"""Periods in which sources record attacks or conflicts: declared by the source, else from the dates of its rows."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from lindero.app.answers.record.unplaced import ATTACKS
from lindero.app.text import i18n
from lindero.app.text.i18n import _
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Connection
from lindero.layers.database.queries import record_queries

_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Period:
    """A period, inclusive of both dates, that sources cover without a gap."""

    first: dt.date
    last: dt.date


def find_periods(
    con: Connection, kind: str = ATTACKS, *, source_ids: Collection[str] | None = None
) -> tuple[Period, ...]:
    """Return the periods that the sources of a kind of incidents cover, merged and sorted by date.

    The period of a source is the declared one (`covers_from`, `covers_to`), else from the first to the last date of its
    rows. The date of a snapshot is not used. Outside these periods nothing is known.
    """
    declared = {
        source_row.source_id: source_row for source_row in map_database.read_sources(con) if source_row.is_current
    }
    periods = []
    for span in record_queries.read_source_spans(con):
        count = span.attacks if kind == ATTACKS else span.conflicts
        if not count or (source_ids is not None and span.source_id not in source_ids):
            continue
        source = declared.get(span.source_id)
        first = (source.covers_from if source else None) or span.first
        last = (source.covers_to if source else None) or span.last
        if first and last and first <= last:
            periods.append(Period(first, last))
    return _merge_periods(periods)


def covers_year(periods: Sequence[Period], year: int) -> bool:
    """Return whether one period covers a whole year, so that a count of 0 is meaningful."""
    return any(period.first <= dt.date(year, 1, 1) and dt.date(year, 12, 31) <= period.last for period in periods)


def periods_text(periods: Sequence[Period]) -> str:
    """Describe the periods in which attacks are recorded; empty without periods."""
    if not periods:
        return ""
    spans = [
        _("from {first} to {last}").format(
            first=i18n.format_long_date(period.first), last=i18n.format_long_date(period.last)
        )
        for period in periods
    ]
    text = _("Attacks are recorded {spans}. Outside these dates, this map has no data on attacks.")
    return text.format(spans=i18n.join_texts(spans))


def _merge_periods(periods: Sequence[Period]) -> tuple[Period, ...]:
    merged: list[Period] = []
    for period in sorted(periods, key=lambda period: (period.first, period.last)):
        if merged and period.first <= merged[-1].last + _DAY:
            merged[-1] = Period(merged[-1].first, max(merged[-1].last, period.last))
        else:
            merged.append(period)
    return tuple(merged)
