"""One run of the watch: fetch what is due, build the map, put the due digests into the outbox, send, tell the operator.

A run that is killed anywhere and started again ends in the same state. An event was told if the outbox contains it, so
nothing is told twice. An event that it does not contain is told by the next digest, so nothing is lost.
"""

import datetime as dt
import shutil
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from lindero.app.builder.build import build_map
from lindero.app.text.error_advice import error_text
from lindero.app.text.i18n import _
from lindero.app.watch.collect.clock import check_clock
from lindero.app.watch.collect.collect import collect_sources
from lindero.app.watch.digest.due_digests import digest_date, next_promise
from lindero.app.watch.digest.send import ALERTS, COMAPEO, send_outbox
from lindero.app.watch.due_messages import start_watches, write_messages
from lindero.app.watch.operator_notices import OPERATOR, list_notices, put_notices, store_notices
from lindero.geo import GeoError
from lindero.layers.disk import builds
from lindero.layers.errors import N_, ClockError, LayerError, WatchError
from lindero.layers.services.connection.http import RequestSettings
from lindero.layers.vault import journal
from lindero.layers.watch import outbox
from lindero.layers.watch.outbox import SENT, TO_SEND, OutboxMessage
from lindero.layers.watch.source_checks import SourceCheck
from lindero.layers.watch.watch_folder import WATCH_FOLDER, private_folder
from lindero.layers.watch.watch_values import FOLDER
from lindero.layers.watch.watches_file import WATCHES, read_mail_settings, read_watches
from lindero.layers.workspace.manifest_file import MANIFEST, Workspace, list_parts, load_workspace, to_slug

BUSY = N_("another run of the watch is working in {folder}; this one ends")
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class WatchReport:
    """The report of a run."""

    checks: tuple[SourceCheck, ...] = ()
    messages: tuple[OutboxMessage, ...] = ()
    written: tuple[Path, ...] = ()
    tried: tuple[OutboxMessage, ...] = ()
    waiting: int = 0
    next_on: tuple[tuple[str, dt.date], ...] = ()
    notices: tuple[str, ...] = ()


def run_watch(
    space: Workspace,
    *,
    now: dt.datetime,
    from_folder: Path | None = None,
    to_folder: Path | None = None,
    dry_run: bool = False,
    send: bool = False,
    allow_private: bool = False,
    ca_file: Path | None = None,
    manners: RequestSettings | None = None,
    progress: Progress = lambda *_: None,
) -> WatchReport:
    """Run the watch once.

    `dry_run`: only return what would be sent from the map as it is. Nothing is fetched, built, sent or changed. The
    files of `from_folder` are read and checked.
    """
    if dry_run:
        return _try_run(space, now, from_folder)
    if from_folder is not None and not from_folder.is_dir():  # in a loop, a stick may be taken out
        raise WatchError(N_("{folder} does not exist; plug in the stick, or leave out --from"), folder=from_folder)
    if to_folder is not None and not to_folder.absolute().parent.is_dir():  # it would be written below a missing mount
        raise WatchError(
            N_("{folder} does not exist; plug in the stick, create the folder, or choose another one for --to"),
            folder=to_folder.absolute().parent,
        )
    with builds.lock_folder(private_folder(space.folder), busy=BUSY):
        if clock_error := check_clock(space, {}, now):
            return _stop(space, now, error_text(clock_error))
        start_watches(space, now.date())
        try:
            checks = collect_sources(
                space,
                now=now,
                from_folder=from_folder,
                allow_private=allow_private,
                ca_file=ca_file,
                manners=manners,
                progress=lambda name, rows, whole: progress(name, rows, whole or rows),
            )
        except ClockError as error:
            return _stop(space, now, error_text(error))
        space = load_workspace(space.folder)
        faults = list(_build(space, progress))
        start_watches(space, now.date())  # of a workspace that had no map before
        messages = tuple(write_messages(space, now, faults))
        _follow_watches(space.folder, now)
        written = tuple(_write_folders(space.folder, to_folder, now, faults)) if to_folder else ()
        tried = _send(space, now, faults, ca_file) if send else ()
        notices = (*faults, *list_notices(space, now, from_folder))
        store_notices(space.folder, notices, now)
        journal.record_entry(
            space.folder,
            journal.WATCHED,
            sources=len(checks),
            digests=len(messages),
            sent=sum(message.state == SENT for message in tried),
            notices=len(notices),
        )
        waiting = len(_list_waiting(space.folder))
        return WatchReport(tuple(checks), messages, written, tried, waiting, _next_dates(space, now), notices)


def _stop(space: Workspace, now: dt.datetime, why: str) -> WatchReport:
    """Write for the operator that the clock is wrong. No snapshot, digest or message gets its date."""
    store_notices(space.folder, [why], now)
    return WatchReport(notices=(why,))


def _build(space: Workspace, progress: Progress) -> Iterator[str]:
    """Build the map. Yield why if it fails: the digests then come from the last map."""
    try:
        build_map(space, progress=progress)
    except (LayerError, GeoError) as error:
        yield _("The map could not be built, so the messages come from the last one. {why}").format(
            why=error_text(error)
        )


def _follow_watches(folder: Path, now: dt.datetime) -> None:
    """Redirect messages that wait to where their watches go now; drop those of a watch that was removed."""
    channels = {watch.slug: watch.channel for watch in read_watches(folder)}
    for message in _list_waiting(folder):
        channel = channels.get(to_slug(message.watch))
        if message.watch == OPERATOR or message.recipient == channel:
            continue
        if channel is None:
            outbox.drop_message(folder, message, now)
        else:  # a message for people does not contain what a CoMapeo server needs
            is_ready = ALERTS in message.parts or not channel.startswith(COMAPEO)
            outbox.redirect_message(folder, message, channel if is_ready else FOLDER)


def _send(space: Workspace, now: dt.datetime, faults: list[str], ca_file: Path | None) -> tuple[OutboxMessage, ...]:
    """Send the messages that wait, and what the operator has to do."""
    settings = read_mail_settings(space.folder)
    if settings and settings.operator:
        put_notices(space.folder, [*faults, *list_notices(space, now)], settings.operator, now)
    report = send_outbox(space.folder, settings, now, ca_file=ca_file)
    faults += report.problems
    return report.messages


def _next_dates(space: Workspace, now: dt.datetime) -> tuple[tuple[str, dt.date], ...]:
    """Return the next promised date of each watch. A watch of each run counts it from its last digest."""
    today, dates = now.date(), list[tuple[str, dt.date]]()
    for watch in read_watches(space.folder):
        digests = [digest_date(message.digest) for message in outbox.list_messages(space.folder, watch.name)]
        past = [date for date in digests if date <= today]  # a later one was made while a clock was wrong
        last = max([watch.created_on, *past]) if watch.frequency == "each_run" else today
        dates.append((watch.name, max(next_promise(watch, last), today + dt.timedelta(days=1))))
    return tuple(dates)


def _list_waiting(folder: Path) -> list[OutboxMessage]:
    return [message for message in outbox.list_messages(folder) if message.state == TO_SEND and message.parts]


def _write_folders(folder: Path, to_folder: Path, now: dt.datetime, faults: list[str]) -> Iterator[Path]:
    """Write the digests that wait as files, and yield their folders. Those of the channel `folder` are then done.

    A repetition writes the same files.
    """
    for message in _list_waiting(folder):
        if message.watch == OPERATOR:  # whoever gets the folder is not the operator
            continue
        target = to_folder / (message.folder or message.id)
        try:
            to_folder.mkdir(exist_ok=True)
            target.mkdir(parents=True, exist_ok=True)
            for name, content in message.files.items():
                new = target / f".{name}.new"
                new.write_bytes(content.encode() if isinstance(content, str) else content)
                builds.replace_file(new, target / name)
        except OSError as error:
            faults.append(_("{folder} could not be written: {why}").format(folder=target, why=error.strerror))
            return
        if message.recipient == FOLDER:
            journal.record_entry(folder, journal.TOLD, watch=message.watch, digest=message.digest, recipient=FOLDER)
            outbox.mark_sent(folder, message, now)
        yield target


# A dry run.


@dataclass(frozen=True)
class TrialWorkspace(Workspace):
    """A folder with the watches and the outbox of a workspace, whose maps are elsewhere."""

    maps: Path = Path()

    @property
    def build_folder(self) -> Path:
        """The folder of the maps."""
        return self.maps


def _try_run(space: Workspace, now: dt.datetime, from_folder: Path | None) -> WatchReport:
    """Return what a run would send. It works on a copy, so that no byte of the workspace changes."""
    faults: list[str] = []
    checks = _try_folder(space, now, from_folder) if from_folder else ()
    with copy_watch(space) as trial:
        start_watches(trial, now.date())
        list(write_messages(trial, now, faults))
        waiting = tuple(_list_waiting(trial.folder))
        clock_error = check_clock(space, {}, now)
        wrong_clock = [error_text(clock_error)] if clock_error else []
        notices = (*wrong_clock, *faults, *list_notices(trial, now, from_folder))
        return WatchReport(checks, waiting, waiting=len(waiting), next_on=_next_dates(trial, now), notices=notices)


def _try_folder(space: Workspace, now: dt.datetime, from_folder: Path) -> tuple[SourceCheck, ...]:
    """Return the checks of the files of a folder, made in a copy of the workspace's sources."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copy(space.folder / MANIFEST, folder / MANIFEST)
        for part in (part for source in space.sources for part in list_parts(space.folder / source.file)):
            target = folder / part.relative_to(space.folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(part, target)
        if (files := space.folder / WATCH_FOLDER).is_dir():
            shutil.copytree(files, folder / WATCH_FOLDER, ignore=shutil.ignore_patterns(".*"))
        return tuple(collect_sources(load_workspace(folder), now=now, from_folder=from_folder))


@contextmanager
def copy_watch(space: Workspace) -> Generator[Workspace]:
    """Copy the watches and the outbox of a workspace for a trial, so that no byte of the workspace changes."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        if (watches := space.folder / WATCHES).is_file():
            shutil.copy(watches, folder / WATCHES)
        if (files := space.folder / WATCH_FOLDER).is_dir():
            shutil.copytree(files, folder / WATCH_FOLDER, ignore=shutil.ignore_patterns("aside", ".*"))
        yield TrialWorkspace(folder, space.title, space.country, space.sources, space.same, space.build_folder)
