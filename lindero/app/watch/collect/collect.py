"""Checking the sources of a workspace: each file that comes is accepted, put aside or refused."""

import datetime as dt
import time
from collections.abc import Callable, Generator, Iterable
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from lindero.app.builder.add.absence import Reason, find_newest_date, find_plan_fault, read_snapshot
from lindero.app.builder.add.plan import ReceivedFile, plan_source
from lindero.app.builder.add.store_plan import store_plan
from lindero.app.builder.services import (
    FetchedFile,
    fetch_layer,
    find_same_snapshot,
    find_service,
    merge_source_options,
)
from lindero.app.watch.collect.aside import delete_aside, put_aside, read_aside
from lindero.app.watch.collect.clock import check_clock
from lindero.app.watch.collect.folder_files import match_files
from lindero.geo import GeoError
from lindero.layers.database.definitions import PERSON_LAYERS
from lindero.layers.errors import (
    N_,
    ClockError,
    ClosedError,
    DamagedError,
    LayerError,
    NotWholeError,
    RefusalError,
    SourceError,
    UnreachableError,
)
from lindero.layers.services.catalogue import find_entry_of_source
from lindero.layers.services.connection.http import RequestSettings
from lindero.layers.watch import source_checks
from lindero.layers.watch.due import list_due_sources, list_latest
from lindero.layers.watch.source_checks import COMPLETE, SourceCheck, read_checks, store_check
from lindero.layers.workspace.file_copy import copy_to_memory
from lindero.layers.workspace.manifest_file import SourceEntry, Workspace, file_sha256

Progress = Callable[[str, int, int | None], None]
"""Is called with the id of a source, the rows received, and the rows that its service counts."""
LONGEST_RUN_S = 6 * 3600.0  # after it no other source is asked; the next run begins with those that were not
_CLOSED_ACCESS = frozenset({"closed", "decommissioned"})


@dataclass
class _Counts:
    """The rows of a source that have been received, and those that its service counts."""

    received: int | None = None
    expected: int | None = None


_Arrival = Callable[[SourceEntry, _Counts], AbstractContextManager[FetchedFile]]


def collect_sources(
    space: Workspace,
    *,
    now: dt.datetime,
    from_folder: Path | None = None,
    allow_private: bool = False,
    ca_file: Path | None = None,
    manners: RequestSettings | None = None,
    progress: Progress = lambda *_: None,
) -> list[SourceCheck]:
    """Check every due source, or every source with a file in `from_folder`, and store each check.

    A file that keeps the absence contract is added to the workspace as a snapshot; another one is put aside. A source
    that fails does not stop the others. Call `load_workspace` afterwards to see the new snapshots.

    `from_folder`: read the files of this folder instead of the network (`match_files`).
    """
    if clock_error := check_clock(space, {}, now):
        raise clock_error

    @contextmanager
    def read_file(latest: SourceEntry, _counts: _Counts) -> Generator[FetchedFile]:
        with copy_to_memory(files[latest.id]) as copy:
            yield FetchedFile(copy, (), copy.parent, latest.service, latest.url, merge_source_options(latest))

    @contextmanager
    def fetch(latest: SourceEntry, counts: _Counts) -> Generator[FetchedFile]:
        _require_open(latest)

        def count(rows: int, whole: int | None) -> None:
            counts.received, counts.expected = rows, whole
            progress(latest.id, rows, whole)

        request = replace(find_service(latest.id, space), ca_file=ca_file, expects=())  # fields: `find_fault`
        fetched = fetch_layer(request, space, allow_private=allow_private, manners=manners, progress=count)
        try:
            yield fetched
        finally:  # an interrupted download continues, a complete one is not needed any more
            fetched.delete_folder()

    latest = list_latest(space)
    files = match_files(space, from_folder)[0] if from_folder else {}
    names = list(files) if from_folder else list_due_sources(space, read_checks(space.folder), now)
    checks = [] if from_folder else list(_finish_checks(space, latest.values(), now))
    doubts: dict[str, ClockError] = {}
    ends_at = time.monotonic() + LONGEST_RUN_S
    for name in names:
        if time.monotonic() >= ends_at and not from_folder:
            break
        try:
            space, check = _check_source(space, latest[name], read_file if from_folder else fetch, now)
            checks.append(check)
        except ClockError as error:
            doubts[name] = error
    if doubts and all(check.result != COMPLETE for check in checks):
        raise next(iter(doubts.values()))
    refused = [_failed_check(name, now, source_checks.REFUSED, error) for name, error in doubts.items()]
    return [*checks, *(_store(space, latest[check.source_id], check) for check in refused)]  # their clock is wrong


def _finish_checks(space: Workspace, entries: Iterable[SourceEntry], now: dt.datetime) -> Generator[SourceCheck]:
    """Store the check of each source that a run fetched today before it was killed, and yield it."""
    known, today = read_checks(space.folder), now.date()
    for entry in entries:
        check = known.get(entry.id)
        if entry.service and check and check.checked_at.date() < today and entry.snapshot_on == today.isoformat():
            ingested = read_snapshot(space, entry)
            newest_on, rows = find_newest_date(ingested, today), len(ingested.received.rows)
            yield _store(space, entry, SourceCheck(entry.id, now, COMPLETE, rows, rows, newest_on))


def failure_result(error: Exception, rows: int | None) -> str:
    """Return the result of a check that failed with an error after receiving some rows."""
    if isinstance(error, NotWholeError | DamagedError) or (rows and isinstance(error, ClosedError | UnreachableError)):
        return source_checks.INCOMPLETE
    if isinstance(error, ClosedError):
        return source_checks.CLOSED
    return source_checks.UNREACHABLE if isinstance(error, UnreachableError) else source_checks.REFUSED


def _require_open(entry: SourceEntry) -> None:
    known = find_entry_of_source(entry.id, entry.url)
    if known is not None and known.access in _CLOSED_ACCESS:
        raise ClosedError(N_("{title} has been switched off by its publisher"), title=known.title)


def _check_source(
    space: Workspace, latest: SourceEntry, arrive: _Arrival, now: dt.datetime
) -> tuple[Workspace, SourceCheck]:
    """Check one source and store the check. Return the workspace, which may have a new snapshot."""
    counts = _Counts()
    try:
        with arrive(latest, counts) as fetched:
            dates = {urlsplit(fetched.url).netloc: fetched.server_date} if fetched.server_date else {}
            if clock_error := check_clock(space, dates, now):
                raise clock_error
            space, check = _judge_file(space, latest, fetched, now)
    except (SourceError, GeoError) as error:
        check = _failed_check(latest.id, now, failure_result(error, counts.received), error)
    received = counts.received if check.rows_received is None else check.rows_received
    return space, _store(space, latest, replace(check, rows_expected=counts.expected, rows_received=received))


def _judge_file(
    space: Workspace, latest: SourceEntry, fetched: FetchedFile, now: dt.datetime
) -> tuple[Workspace, SourceCheck]:
    """Add a fetched file as a snapshot, or put it aside; it adds nothing if it is the latest snapshot."""
    today = now.date()
    check = SourceCheck(latest.id, now, COMPLETE)
    earlier = read_checks(space.folder).get(latest.id)
    digest, waiting = file_sha256(fetched.path), read_aside(space, latest.id)
    if find_same_snapshot(fetched, digest, space):
        newest_on = earlier.newest_on if earlier else find_newest_date(read_snapshot(space, latest), today)
        rows = earlier.rows_received if earlier and earlier.result == COMPLETE and not earlier.aside else None
        return space, replace(check, newest_on=newest_on, rows_received=rows)
    if waiting and waiting.sha256 == digest:
        check = replace(check, result=waiting.result, reason=waiting.reason, params=waiting.params)
        return space, replace(check, aside=waiting.snapshot_on)
    if latest.snapshot_on >= today.isoformat():
        raise SourceError(
            N_("the workspace already has a snapshot of {date}; a source has one snapshot per date"),
            date=latest.snapshot_on,
        )
    file = ReceivedFile(fetched.path)
    count = file.read(fetched.options).row_count if fetched.path.stat().st_size else 0
    check = replace(check, rows_received=count)
    if not count:
        return space, replace(check, result=source_checks.EMPTY, reason=_NO_ROWS)
    options = replace(fetched.options, snapshot_on=today.isoformat(), retrieved_on=today.isoformat())
    try:
        plan = plan_source(file, options, space, today=today)
        fault = find_plan_fault(space, plan, today=today)
    except RefusalError:
        raise
    except (SourceError, GeoError) as error:
        if latest.layer in PERSON_LAYERS:
            raise  # a file that may be about people is not kept
        fault = COMPLETE, _error_reason(error)
    if fault:
        result, (reason, params) = fault
        check = replace(check, result=result, reason=reason, params=params, aside=today.isoformat())
        put_aside(space, fetched, check)
        return space, check
    changed = store_plan(space, plan, fetched.build_entry(plan), fetched.path, beside=fetched.beside)
    return changed, replace(check, newest_on=find_newest_date(plan, today))


_NO_ROWS = N_("the source sent no rows")


def _failed_check(source_id: str, now: dt.datetime, result: str, error: LayerError | GeoError) -> SourceCheck:
    reason, params = _error_reason(error)
    return SourceCheck(source_id, now, result, reason=reason, params=params)


def _error_reason(error: LayerError | GeoError) -> Reason:
    """Return the reason of an error. Its numbers stay as they are: most are not counts."""
    return error.template, {name: str(value) for name, value in error.params.items()}


def _store(space: Workspace, latest: SourceEntry, check: SourceCheck) -> SourceCheck:
    """Store a check with what the earlier one knew: failures in a row, and the last complete check."""
    if check.result == COMPLETE and not check.aside:
        check = replace(check, failures=0, complete_at=check.checked_at)
        store_check(space.folder, check)
        delete_aside(space, check.source_id)
        return check
    first = SourceCheck(
        latest.id,
        check.checked_at,
        check.result,
        complete_at=dt.datetime.combine(dt.date.fromisoformat(latest.retrieved_on), dt.time.min, dt.UTC)
        if latest.retrieved_on
        else None,
    )
    earlier = read_checks(space.folder).get(check.source_id, first)
    check = replace(
        check,
        failures=earlier.failures + 1,
        complete_at=earlier.complete_at,
        newest_on=earlier.newest_on,
        aside=check.aside or earlier.aside,
    )
    store_check(space.folder, check)
    return check
