"""How many messages a watch would have sent in the last 12 months, so that a person knows before saving it."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from lindero.app.answers.changes.events import (
    DEADLINE_DAYS,
    Event,
    filter_events,
    list_case_events,
    list_register_events,
)
from lindero.app.answers.changes.register_changes import list_registers
from lindero.app.answers.changes.register_dates import MONTHS
from lindero.app.text.i18n import _, format_long_date, format_number, ngettext
from lindero.app.watch.digest.due_digests import find_due_digest
from lindero.layers.database.map_database import Connection
from lindero.layers.database.queries import map_queries
from lindero.layers.model.schema import CONCESSIONS
from lindero.layers.watch.watches_file import Watch

_STATED_DATES = ("applied_on", "granted_on", "expires_on")
_DEADLINE, _EXPIRED = "deadline", "expired"


@dataclass(frozen=True)
class Estimate:
    """The messages that a watch would have sent in the last 12 months.

    `with_news` of the `messages` tell `events`; the others say that there is nothing new. `snapshots` are the dates of
    the later snapshot of each comparison, and `has_dates` is whether a register without one states dates itself. With
    neither, nothing can be estimated.
    """

    messages: int
    with_news: int
    events: int
    since: dt.date | None  # the date of the earliest snapshot that the events are compared with, or of the earliest act
    until: dt.date | None
    snapshots: tuple[dt.date, ...]
    has_dates: bool

    @property
    def has_basis(self) -> bool:
        """Whether the map has what an estimate needs."""
        return bool(self.snapshots) or self.has_dates


def estimate_messages(
    con: Connection, watch: Watch, today: dt.date, *, events: Sequence[Event] | None = None
) -> Estimate:
    """Count the messages that a watch would have sent in the last 12 months: those with news, and the others.

    Each event counts on the date of the later snapshot, or on the date that its register states. The same schedule as
    in a run is applied to these dates (`due_digests`).
    """
    since = (pd.Timestamp(today) - pd.DateOffset(months=MONTHS)).date()
    if events is None:
        events = [*list_register_events(con, since, today), *list_case_events(con)]
    telling = [(day, event) for event in select_events(con, events, watch) for day in _telling_dates(event, watch)]
    telling = [(day, event) for day, event in telling if since < day <= today]
    days = [day for day, _event in telling]
    spans = [(event.since or event.dated_on or day, event.dated_on or day) for day, event in telling]
    messages = with_news = 0
    trial, sent, told = replace(watch, created_on=since), list[str](), 0
    for offset in range(1, (today - since).days + 1):
        day = since + dt.timedelta(days=offset)
        due = find_due_digest(trial, sent, day)
        reached = sum(date <= day for date in days)
        if due is None or not (due.is_promised or reached > told):
            continue
        messages, with_news = messages + 1, with_news + (reached > told)
        sent.append(due.id)
        told = reached
    registers = list_registers(con)
    compared = {later.snapshot_on for register in registers for later in register.snapshots[1:]}
    snapshots = tuple(sorted(day for day in compared if since < day <= today))
    has_dates = bool(
        map_queries.read_dates(con, CONCESSIONS, _STATED_DATES).drop(columns=["id", "source_id"]).notna().any(axis=None)
    )
    first, last = (min(first for first, _last in spans), max(last for _first, last in spans)) if spans else (None, None)
    return Estimate(messages, with_news, len(days), first, last, snapshots, has_dates)


def select_events(con: Connection, events: Sequence[Event], watch: Watch) -> list[Event]:
    """Return the events in the areas and of the kinds of a watch."""
    return filter_events(con, events, watch.areas, watch.polygon, watch.kinds)


def _telling_dates(event: Event, watch: Watch) -> list[dt.date]:
    """Return the dates on which an event is told. The end of a term is also told some weeks before."""
    if event.dated_on is None:
        return []
    if event.kind not in (_DEADLINE, _EXPIRED):
        return [event.dated_on]
    asked = watch.kinds or (_DEADLINE, _EXPIRED)
    days = {_DEADLINE: event.dated_on - dt.timedelta(days=DEADLINE_DAYS), _EXPIRED: event.dated_on}
    return [day for kind, day in days.items() if kind in asked]


def estimate_text(estimate: Estimate) -> str:
    """Return the estimate and its basis in sentences."""
    if not estimate.has_basis:
        return _(
            "How many messages this watch will send cannot be estimated: no register of this map has a second snapshot "
            "from the last 12 months, or states the dates of its concessions."
        )
    sentences = [
        ngettext(
            "In the last 12 months, this watch would have sent {n} message, {news} of them with news.",
            "In the last 12 months, this watch would have sent {n} messages, {news} of them with news.",
            estimate.messages,
        ).format(n=format_number(estimate.messages), news=format_number(estimate.with_news))
    ]
    events = ngettext("{n} change", "{n} changes", estimate.events).format(n=format_number(estimate.events))
    if estimate.since and estimate.until and estimate.since < estimate.until:
        span = _("{changes} between {since} and {until}")
        since, until = format_long_date(estimate.since), format_long_date(estimate.until)
        events = span.format(changes=events, since=since, until=until)
    if not estimate.snapshots:
        sentences.append(_("Basis: {changes}, from dates in the registers.").format(changes=events))
        return " ".join(sentences)
    count = len(estimate.snapshots)
    sentences.append(
        ngettext(
            "Basis: {changes}, from {n} comparison of snapshots ({last}) and from dates in the registers.",
            "Basis: {changes}, from {n} comparisons of snapshots (last: {last}) and from dates in the registers.",
            count,
        ).format(changes=events, n=format_number(count), last=format_long_date(estimate.snapshots[-1]))
    )
    if count < MONTHS:
        sentences.append(
            _("All changes of one comparison arrive together. With more frequent data, more messages have news.")
        )
    return " ".join(sentences)
