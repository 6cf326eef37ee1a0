"""The digests that are due, as messages of the outbox."""

import datetime as dt
import itertools
import json
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path

import pandas as pd

from lindero.app.answers.changes.alerts import build_alerts
from lindero.app.answers.changes.events import (
    Event,
    filter_events,
    list_act_events,
    list_case_events,
    list_register_events,
    list_term_events,
)
from lindero.app.answers.changes.register_dates import MONTHS, dated_report
from lindero.app.answers.defaults import AlertShape
from lindero.app.media.phone.client_words import run_in_language
from lindero.app.media.site.pack import open_published_map
from lindero.app.text.error_advice import error_text
from lindero.app.text.i18n import _
from lindero.app.watch.digest.digest import MAX_PLACES, Digest, PocketMap, Published, compose_digest
from lindero.app.watch.digest.due_digests import DueDigest, digest_date, find_due_digest, next_promise
from lindero.app.watch.digest.render import render_digest
from lindero.app.watch.digest.send import ALERTS, COMAPEO, choose_text, read_options
from lindero.geo import GeoError
from lindero.layers.database import map_database
from lindero.layers.disk import builds
from lindero.layers.errors import LayerError
from lindero.layers.watch import outbox
from lindero.layers.watch.due import list_latest, rhythm_days
from lindero.layers.watch.outbox import OutboxMessage
from lindero.layers.watch.source_checks import health, read_checks
from lindero.layers.watch.watch_folder import WATCH_FOLDER, private_folder, write_private
from lindero.layers.watch.watches_file import Watch, needs_confirmation, read_watches, save_watch
from lindero.layers.workspace.manifest_file import Workspace, to_slug
from lindero.machine.resources import machine

_COMPARED = "compared.json"
_MAX_SLUG = 60  # characters of a folder's name


@dataclass(frozen=True)
class _Comparison:
    """The last comparison of a watch: the fingerprint and the snapshots of the map, and the date.

    It only saves time. Without it, every snapshot of the map is compared again, and what was told is recognised by ids.
    """

    inputs: str
    on: str
    snapshots: tuple[str, ...]


class _MapEvents:
    """The events of the current map that the watches of one run may be told. The parts are computed when first used."""

    def __init__(self, space: Workspace, now: dt.datetime, stack: ExitStack, known: list[_Comparison | None]) -> None:
        self._space, self._today, self._stack, self._known = space, now.date(), stack, known
        self.pocket_maps: dict[str, PocketMap | None] = {}
        memory = f"{machine().database_mb // 2}MB"
        self.con = stack.enter_context(map_database.connect(builds.current_map(space.build_folder), memory=memory))
        self.compared = _Comparison(
            builds.read_inputs_fingerprint(space.build_folder),
            self._today.isoformat(),
            tuple(f"{source.source_id}@{source.snapshot_on}" for source in map_database.read_sources(self.con)),
        )

    @cached_property
    def publication(self) -> Published:
        """The publication of the map, and its database."""
        return self._stack.enter_context(open_published_map(self._space, today=self._today))

    @cached_property
    def events(self) -> list[Event]:
        """The events since the earliest comparison of the watches. Steps of cases only if the map has changed since."""
        events = list_register_events(self.con, self._since(), self._today)
        if all(known and known.inputs == self.compared.inputs for known in self._known):
            return events
        return [*events, *list_case_events(self.publication[1])]

    @cached_property
    def acts(self) -> list[Event]:
        """The applications and grants of the last 12 months of the registers, as on the page *Latest changes*."""
        return list_act_events(self.con, dated_report(self.con))

    def _since(self) -> dt.date | None:
        """Return the date after which snapshots and dates may be new to a watch; None: compare all."""
        dates = []
        for known in self._known:
            if known is None or not known.snapshots or known.on > self._today.isoformat():  # by a wrong clock
                return None
            added = [key.rpartition("@")[2] for key in set(self.compared.snapshots) - set(known.snapshots)]
            dates += [known.on, *(_previous_day(day) for day in added)]
        return dt.date.fromisoformat(min(dates))


def start_watches(space: Workspace, today: dt.date) -> None:
    """Mark the events that are older than a watch as seen, if the watch was written into the file by hand.

    `lindero watch add` does so itself.
    """
    compared = _read_comparisons(space.folder)
    watches = [
        watch
        for watch in read_watches(space.folder)
        if watch.slug not in compared
        and not outbox.list_damaged_files(space.folder, watch.name)
        and not outbox.seen_events(space.folder, watch.name)
        and not outbox.list_messages(space.folder, watch.name)
    ]
    if not watches or not builds.read_inputs_fingerprint(space.build_folder):
        return
    with ExitStack() as stack:
        now = dt.datetime.combine(today, dt.time(), dt.UTC)
        current = _MapEvents(space, now, stack, [None])
        for watch in watches:
            created_on = watch.created_on if watch.created_on != dt.date.min else today
            if created_on != watch.created_on:
                save_watch(space.folder, replace(watch, created_on=today, confirmed_on=today))
            events = _select(current, watch)
            older = [event.id for event in events if _is_older(event, created_on)]
            outbox.add_seen(space.folder, watch.name, older)
            compared[watch.slug] = _Comparison("", today.isoformat(), ())
    _store_comparisons(space.folder, compared)


def write_messages(space: Workspace, now: dt.datetime, faults: list[str]) -> Iterator[OutboxMessage]:
    """Store the digests that are due in the outbox, and yield them.

    A watch whose digest cannot be written is added to `faults`; the others get theirs.
    """
    today, compared, due = now.date(), _read_comparisons(space.folder), list[tuple[Watch, DueDigest]]()
    inputs = builds.read_inputs_fingerprint(space.build_folder)
    for watch in read_watches(space.folder):
        ids = [message.digest for message in outbox.list_messages(space.folder, watch.name)]
        known, digest = compared.get(watch.slug), find_due_digest(watch, ids, today)
        is_compared = known is not None and (known.inputs, known.on) == (inputs, today.isoformat())
        if digest is not None and (digest.is_promised or not is_compared):
            due.append((watch, digest))
    if not due:
        return
    with ExitStack() as stack:
        try:
            current = _MapEvents(space, now, stack, [compared.get(watch.slug) for watch, _digest in due])
        except LayerError as error:
            faults.append(error_text(error))
            return
        for watch, digest in due:
            try:
                message = _compose(space, now, current, watch, digest)
            except (LayerError, GeoError, ValueError, TypeError, LookupError, OSError) as error:  # of a library, too
                text = _("{watch}: its digest could not be written. {why}")
                why = error_text(error) if isinstance(error, LayerError | GeoError) else repr(error)
                faults.append(text.format(watch=watch.name, why=why))
                continue
            if message is not None and outbox.put_message(space.folder, message):
                yield message
            compared[watch.slug] = current.compared
    _store_comparisons(space.folder, compared)


def _compose(
    space: Workspace, now: dt.datetime, current: _MapEvents, watch: Watch, due: DueDigest
) -> OutboxMessage | None:
    """Return the digest of a watch as a message; None if there is nothing new and none is promised for this date."""
    seen = outbox.seen_events(space.folder, watch.name)
    replaced = seen - {event.id for event in current.events}  # what was told before a snapshot came late
    events = [
        event
        for event in _select(current, watch)
        if event.id not in seen and replaced.isdisjoint(event.later_ids) and not _is_old(event, due.since)
    ]
    since = due.since
    if not outbox.list_messages(space.folder, watch.name):  # the first message tells the last 12 months
        told = {event.record_id for event in events}
        acts = [act for act in _select(current, watch, current.acts) if act.record_id not in told]
        since, events = _start_of_span(since, acts), [*events, *acts]
    if not events and not due.is_promised:
        return None
    digest = _compose_digest(space, now, current, watch, since=since, events=events)
    if not digest.event_ids and not due.is_promised:  # what is new is not published
        return None
    parts = outbox.encode_parts(_render(digest, watch))
    return OutboxMessage(
        watch.name,
        due.id,
        watch.channel,
        watch.language,
        events=digest.event_ids,
        parts=parts,
        title=digest.title,
        folder=_choose_folder(digest, due, outbox.list_messages(space.folder)),
    )


def _compose_digest(
    space: Workspace, now: dt.datetime, current: _MapEvents, watch: Watch, *, since: dt.date, events: Iterable[Event]
) -> Digest:
    latest, checks, today = list_latest(space), read_checks(space.folder), now.date()
    return compose_digest(
        space,
        watch,
        events,
        today=today,
        since=since,
        published=current.publication,
        states={id_: health(check, now, rhythm_days(latest[id_])) for id_, check in checks.items() if id_ in latest},
        checked_on={id_: check.complete_at.date() for id_, check in checks.items() if check.complete_at},
        next_on=next_promise(watch, today),
        needs_confirmation=needs_confirmation(watch, today),
        pocket_maps=current.pocket_maps,
    )


def preview_message(space: Workspace, watch: Watch, now: dt.datetime) -> str:
    """Return the text of a watch's message as it would be today, with the last 12 months by the events' own dates.

    Nothing is sent. Pass a copy of the workspace's watch folder (`watch_run.copy_watch`), so that nothing is stored.
    """
    today, watch = now.date(), replace(watch, form="sms" if watch.form == "sms" else "text")
    since = _subtract_year(today)
    with ExitStack() as stack:
        current = _MapEvents(space, now, stack, [None])
        terms = list_term_events(current.con, since, today)
        steps = list_case_events(current.publication[1])
        cases = [event for event in steps if event.dated_on is not None and event.dated_on > since]
        events = _select(current, watch, [*current.acts, *terms, *cases])
        since = _start_of_span(since, events)
        digest = _compose_digest(space, now, current, watch, since=since, events=events)
    return choose_text(_render(digest, watch))[1]


def _choose_folder(digest: Digest, due: DueDigest, messages: Iterable[OutboxMessage]) -> str:
    """Return a folder by place and date, with a number if a message of the outbox has it already."""
    taken = {message.folder for message in messages}
    slug = to_slug(" ".join(digest.places[:MAX_PLACES]))[:_MAX_SLUG].strip("-")
    name = f"{slug}/{digest_date(due.id).isoformat()}"
    names = itertools.chain([name], (f"{name}-{number}" for number in itertools.count(2)))
    return next(name for name in names if name not in taken)


def _is_old(event: Event, since: dt.date) -> bool:
    """Return whether an event is a stated date before the last digest: an old snapshot added later brings them."""
    is_stated = event.kind in ("expired", "new") and event.since is None
    return is_stated and event.dated_on is not None and event.dated_on <= since


def _render(digest: Digest, watch: Watch) -> dict[str, str | bytes]:
    """Return the files of a digest. A CoMapeo server gets alerts; the text beside them is for the operator."""
    if not watch.channel.startswith(COMAPEO):
        return render_digest(digest, watch.form)
    shape = AlertShape(read_options(watch.channel).get("shape", AlertShape.OUTLINE))
    alerts = run_in_language(digest.language, lambda: build_alerts(digest.events, shape=shape))
    return {**render_digest(digest, "text"), ALERTS: json.dumps(alerts, ensure_ascii=False, allow_nan=False)}


def _select(current: _MapEvents, watch: Watch, events: Iterable[Event] | None = None) -> list[Event]:
    chosen = current.events if events is None else events
    return filter_events(current.con, chosen, watch.areas, watch.polygon, watch.kinds)


def _is_older(event: Event, created_on: dt.date) -> bool:
    """Return whether an event is older than a watch, or than 12 months: a comparison may span many years."""
    is_long = event.since is not None and event.since < _subtract_year(created_on)
    return event.dated_on is None or event.dated_on < created_on or is_long


def _start_of_span(since: dt.date, events: Iterable[Event]) -> dt.date:
    """Return the latest day, at most `since`, after which all dated events lie, as for `lindero changes --since`."""
    return min([since, *(event.dated_on - dt.timedelta(days=1) for event in events if event.dated_on)])


def _subtract_year(day: dt.date) -> dt.date:
    return (pd.Timestamp(day) - pd.DateOffset(months=MONTHS)).date()


def _previous_day(day: str) -> str:
    return (dt.date.fromisoformat(day) - dt.timedelta(days=1)).isoformat()


def _read_comparisons(folder: Path) -> dict[str, _Comparison]:
    try:
        stored = json.loads(folder.joinpath(WATCH_FOLDER, _COMPARED).read_text(encoding="utf-8"))
        return {
            name: _Comparison(**{**values, "snapshots": tuple(values["snapshots"])}) for name, values in stored.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def forget_comparison(folder: Path, slug: str) -> None:
    """Delete what a removed watch was last compared with, under its name."""
    compared = _read_comparisons(folder)
    if compared.pop(slug, None) is not None:
        _store_comparisons(folder, compared)


def _store_comparisons(folder: Path, compared: dict[str, _Comparison]) -> None:
    values = {name: asdict(known) for name, known in sorted(compared.items())}
    write_private(private_folder(folder) / _COMPARED, json.dumps(values, ensure_ascii=False, indent=1))
