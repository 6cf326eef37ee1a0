"""The run of the watch, `lindero watch`; commands that change watches are in `watches`."""

import re
import signal
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lindero.app.commands.options import WorkspaceOption, messages, open_workspace, print_message, progress_bar
from lindero.app.commands.products.watches import watch_program
from lindero.app.commands.workspace.fetch import AllowPrivate, CaFile
from lindero.app.text import i18n
from lindero.app.text.error_advice import error_text
from lindero.app.text.i18n import _, format_long_date, format_number, ngettext
from lindero.geo import GeoError
from lindero.layers.errors import LayerError
from lindero.machine.clock import local_now

if TYPE_CHECKING:
    from lindero.app.watch.watch_run import WatchReport
    from lindero.layers.watch.outbox import OutboxMessage
    from lindero.layers.workspace.manifest_file import Workspace

NEEDS_OPERATOR = 3  # exit code
_PIECE_S = 1  # of the time between two runs
_SECONDS = {"m": 60, "h": 3600, "d": 86_400}


def parse_interval(text: str) -> float:
    """Return the seconds of an interval such as 24h. Empty: 0."""
    if not text:
        return 0
    match = re.fullmatch(r"([1-9]\d*)([mhd])", text)
    if match is None:
        raise typer.BadParameter(_("'{value}' is not an interval; write one such as 24h, 30m or 7d").format(value=text))
    return int(match[1]) * _SECONDS[match[2]]


@watch_program.callback(invoke_without_command=True)
def watch(
    context: typer.Context,
    workspace: WorkspaceOption = None,
    from_folder: Annotated[
        Path | None,
        typer.Option(
            "--from",
            exists=True,
            file_okay=False,
            help=_("Read the sources from the files of this folder, such as a USB stick, instead of the network."),
        ),
    ] = None,
    to_folder: Annotated[
        Path | None,
        typer.Option("--to", file_okay=False, help=_("Write the messages that wait into this folder, as files.")),
    ] = None,
    every: Annotated[
        str, typer.Option(help=_("Repeat the run after this time, such as 24h, until it is stopped."))
    ] = "",
    ca_file: CaFile = None,
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=_("Show each message and who would get it, but change nothing."))
    ] = False,
    send: Annotated[
        bool, typer.Option("--send", help=_("Send the messages that wait. Without this option they stay here."))
    ] = False,
    allow_private: AllowPrivate = False,
) -> None:
    """Run the watch, once or again and again. The exit code is 3 if the operator has to do something."""
    if context.invoked_subcommand is not None:
        return
    from lindero.layers.database import machine_errors

    interval, stop = parse_interval(every), threading.Event()
    if dry_run:
        from lindero.app.watch.watch_run import run_watch
        from lindero.layers.watch.watches_file import read_watches

        space = _open_trial(workspace)
        report = run_watch(space, now=local_now(), from_folder=from_folder, dry_run=True)
        languages = {watch.language for watch in read_watches(space.folder)}
        if len(languages) == 1:  # whoever reads only Spanish messages reads Spanish
            i18n.set_language(languages.pop())
        _print_messages(report, from_folder)
        raise typer.Exit(NEEDS_OPERATOR if _print_notices(report) else 0)
    if interval:  # a run that is working ends first
        signal.signal(signal.SIGTERM, lambda *_: stop.set())
    while True:
        try:
            code = _run_once(workspace, from_folder, to_folder, ca_file, send=send, allow_private=allow_private)
        except (LayerError, GeoError, *machine_errors.REFUSALS) as error:
            if not interval:
                raise
            known = error if isinstance(error, LayerError | GeoError) else machine_errors.to_layer_error(error)
            print_message(error_text(known) if known else str(error))
            code = 1
        if not interval or _wait(stop, interval):
            raise typer.Exit(code)


def _wait(stop: threading.Event, seconds: float) -> bool:
    """Wait, and return whether the loop has to stop. Windows notices Ctrl-C, and takes over 49 days, only in pieces."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0 and not stop.wait(min(left, _PIECE_S)):
        pass
    return stop.is_set()


def _run_once(
    workspace: Path | None,
    from_folder: Path | None,
    to_folder: Path | None,
    ca_file: Path | None,
    *,
    send: bool,
    allow_private: bool,
) -> int:
    """Run the watch, print what it did, and return the exit code."""
    from lindero.app.watch.watch_run import run_watch

    with progress_bar(_("Watching")) as step:
        report = run_watch(
            open_workspace(workspace),
            now=local_now(),
            from_folder=from_folder,
            to_folder=to_folder,
            send=send,
            allow_private=allow_private,
            ca_file=ca_file,
            progress=step,
        )
    if not messages.is_terminal:
        _print_counts(report)
        return NEEDS_OPERATOR if report.notices else 0
    _print_report(report)
    return NEEDS_OPERATOR if _print_notices(report) else 0


def _print_counts(report: "WatchReport") -> None:
    """Print what a run did for a log, which must not contain a watch, a recipient or what the operator is told."""
    from lindero.layers.watch.outbox import SENT

    sent = sum(message.state == SENT for message in report.tried)
    counts = {"new": len(report.messages), "sent": sent, "failed": len(report.tried) - sent, "waiting": report.waiting}
    template = _("Sources checked: {checked}. Messages: {new} new, {sent} sent, {failed} not sent, {waiting} waiting.")
    print_message(template.format(checked=len(report.checks), **counts))
    if count := len(report.notices):
        text = ngettext(
            "{n} matter needs you: read `watch/operator.txt` in the workspace.",
            "{n} matters need you: read `watch/operator.txt` in the workspace.",
            count,
        )
        print_message(text.format(n=format_number(count)))


def _open_trial(workspace: Path | None) -> "Workspace":
    """Open the workspace; without one, the demonstration with its map and its watch."""
    from lindero.app.builder.build import build_map, load_demonstration
    from lindero.app.watch.watch_run import TrialWorkspace
    from lindero.layers.workspace.manifest_file import MANIFEST

    if workspace is not None or Path(MANIFEST).is_file():
        return open_workspace(workspace)
    space = load_demonstration()
    with progress_bar(_("Building")) as step:
        build_map(space, progress=step)
    folder = space.folder / "demo"
    return TrialWorkspace(folder, space.title, space.country, space.sources, space.same, space.build_folder)


def _print_messages(report: "WatchReport", from_folder: Path | None) -> None:
    """Print each message that would be sent, and the date of the next one of the other watches."""
    from lindero.app.watch.digest.send import choose_text

    for message in report.messages:
        _name, text = choose_text(message.files)
        files = ", ".join(message.files)
        print_message(_("{watch} → {recipient}: {files}").format(**_describe(message), files=files))
        typer.echo(f"{text.rstrip()}\n")
    told = {message.watch for message in report.messages}
    for name, date in report.next_on:
        if name not in told:
            template = _("{watch}: nothing is due today. The next message is promised for {date}.")
            print_message(template.format(watch=name, date=format_long_date(date)))
    if from_folder is not None:
        _print_checks(report, from_folder)
    print_message(_("This was a trial: nothing was fetched, sent or changed."))


def _print_checks(report: "WatchReport", from_folder: Path) -> None:
    """Print what a trial read in a folder. The messages are still those of the map as it is."""
    from lindero.app.answers.coverage.health import reason_text
    from lindero.layers.watch.source_checks import COMPLETE

    if not report.checks:
        print_message(_("{folder}: no file of a source of this workspace.").format(folder=from_folder))
    for check in report.checks:
        if check.result == COMPLETE and not check.aside:
            text = _("{source}: the file in {folder} was read and is complete. A run would add it if it is new.")
            print_message(text.format(source=check.source_id, folder=from_folder))
        else:
            text = _("{source}: the file in {folder} was read. A run would not add it. {why}")
            print_message(text.format(source=check.source_id, folder=from_folder, why=reason_text(check)))


def _print_report(report: "WatchReport") -> None:
    from lindero.layers.watch.outbox import SENT

    complete = sum(check.result == "complete" and not check.aside for check in report.checks)
    template = _("Sources checked: {checked}, complete: {complete}.")
    print_message(template.format(checked=len(report.checks), complete=complete))
    for message in report.messages:
        print_message(_("New message: {watch} → {recipient}, {date}").format(**_describe(message)))
    for folder in report.written:
        print_message(_("Written: {folder}").format(folder=folder))
    for message in report.tried:
        if message.state == SENT:
            print_message(_("Sent: {watch} → {recipient}, {date}").format(**_describe(message)))
        else:
            why = _("Not sent: {watch} → {recipient}, {date}. {why}")
            print_message(why.format(**_describe(message), why=message.error))
    if report.waiting:
        print_message(
            ngettext(
                "{n} message waits. --send sends it, --to FOLDER writes it as files.",
                "{n} messages wait. --send sends them, --to FOLDER writes them as files.",
                report.waiting,
            ).format(n=format_number(report.waiting))
        )


def _print_notices(report: "WatchReport") -> bool:
    """Print what the operator has to do. Return whether there is anything."""
    for notice in report.notices:
        messages.print(f"! {notice}", markup=False, style="bold")
    return bool(report.notices)


def _describe(message: "OutboxMessage") -> dict[str, str]:
    from lindero.app.watch.digest.due_digests import digest_date
    from lindero.app.watch.digest.send import display_recipient
    from lindero.layers.watch.watch_values import FOLDER

    recipient = _("files in a folder") if message.recipient == FOLDER else display_recipient(message.recipient)
    return {"watch": message.watch, "recipient": recipient, "date": format_long_date(digest_date(message.digest))}
