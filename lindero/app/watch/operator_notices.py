"""What the operator has to do. Readers never get these notices."""

import datetime as dt
import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from lindero.app.answers.coverage.health import reason_text
from lindero.app.text import i18n
from lindero.app.text.i18n import _, format_long_date, format_number, ngettext
from lindero.app.watch.collect.folder_files import match_files
from lindero.app.watch.digest.due_digests import digest_date
from lindero.layers.watch import outbox
from lindero.layers.watch.outbox import GIVEN_UP, MAX_UNREACHED, TO_SEND, UNSURE, OutboxMessage
from lindero.layers.watch.source_checks import SourceCheck, read_checks
from lindero.layers.watch.watch_folder import private_folder, write_private
from lindero.layers.watch.watch_values import EMAIL
from lindero.layers.watch.watches_file import needs_confirmation, read_watches
from lindero.layers.workspace.manifest_file import Workspace

OPERATOR = "lindero: operator"
"""The name under which the outbox has the messages to the operator."""
NOTICES_FILE = "operator.txt"
_FAILURES = 3  # in a row, until the operator is told: a service may be away for a night
_REPEATED_DAYS = 7
_ID_DIGITS = 16


def list_notices(space: Workspace, now: dt.datetime, from_folder: Path | None = None) -> list[str]:
    """List what the operator has to do: sources, messages, unknown files on a stick, watches to confirm.

    The sentences stay the same from run to run until it is done.
    """
    notices = [
        text
        for check in read_checks(space.folder).values()
        if (text := _source_notice(check, 1 if from_folder and check.checked_at == now else _FAILURES))
    ]  # whoever brings a file is told at once
    notices += _message_notices(outbox.list_messages(space.folder))
    notices += damaged_notices(space)
    if from_folder is not None:
        text = _("{file} belongs to no source. Name it like the id of its source, or add it with `lindero add`.")
        notices += [text.format(file=file.name) for file in match_files(space, from_folder)[1]]
    text = _(
        "The watch {watch} was not confirmed for over a year. Ask its reader, then run `lindero watch confirm` or "
        "`lindero watch remove`."
    )
    watches = read_watches(space.folder)
    return notices + [text.format(watch=watch.name) for watch in watches if needs_confirmation(watch, now.date())]


def store_notices(folder: Path, notices: Sequence[str], now: dt.datetime) -> None:
    """Write the notices of a run into `watch/operator.txt`, in place of those of the run before."""
    lines = notices or [_("Nothing to do.")]
    head = _("Run of {time}").format(time=now.isoformat(" ", "minutes"))
    write_private(private_folder(folder) / NOTICES_FILE, "\n".join([head, *lines]) + "\n")


def delete_notices(folder: Path) -> None:
    """Delete the notices of the last run, which may name a watch that was removed. The next run writes them anew."""
    (private_folder(folder) / NOTICES_FILE).unlink(missing_ok=True)


def put_notices(folder: Path, notices: Sequence[str], address: str, now: dt.datetime) -> bool:
    """Store a message to the operator in the outbox, if a notice is new or the last message is a week old.

    Return whether there is a new message.
    """
    ids = tuple(hashlib.sha256(notice.encode()).hexdigest()[:_ID_DIGITS] for notice in notices)
    earlier = outbox.list_messages(folder, OPERATOR)
    last = max(earlier, key=lambda message: message.digest, default=None)
    is_known = last is not None and set(ids) <= set(last.events)
    if not notices or (last and is_known and (now.date() - digest_date(last.digest)).days < _REPEATED_DAYS):
        return False
    title = ngettext("Lindero: {n} matter needs you", "Lindero: {n} matters need you", len(notices))
    message = OutboxMessage(
        OPERATOR,
        now.date().isoformat(),
        f"{EMAIL}{address}",
        i18n.current_language(),
        events=ids,
        parts={"message.txt": "\n\n".join(notices) + "\n"},
        title=title.format(n=format_number(len(notices))),
    )
    return outbox.put_message(folder, message)


def _source_notice(check: SourceCheck, least_failures: int) -> str:
    """Return what the operator has to know about a source; empty if nothing, or if it failed less often."""
    why = reason_text(check)
    if check.aside:
        text = _(
            "{source}: a snapshot was put aside, and the map keeps the one before. {why} Run `lindero watch accept "
            "{source}` if it is right, or `lindero watch discard {source}`."
        )
        return text.format(source=check.source_id, why=why)
    if check.failures < least_failures:
        return ""
    if check.complete_at is None:
        return _("{source} could not be updated. {why}").format(source=check.source_id, why=why)
    text = _("{source} could not be updated since {date}. {why}")
    return text.format(source=check.source_id, date=format_long_date(check.complete_at.date()), why=why)


def damaged_notices(space: Workspace) -> list[str]:
    """Return a sentence on the damaged messages of the outbox, if there are any."""
    files = [path.relative_to(space.folder).as_posix() for path in outbox.list_damaged_files(space.folder)]
    text = ngettext(
        "{n} message of the outbox is damaged: {files}. Its watch tells nothing more. Restore the file from a backup. "
        "If there is none, delete it: what it told may then be told again.",
        "{n} messages of the outbox are damaged: {files}. Their watches tell nothing more. Restore the files from a "
        "backup. If there is none, delete them: what they told may then be told again.",
        len(files),
    )
    return [text.format(n=format_number(len(files)), files=", ".join(files))] if files else []


def _message_notices(messages: Sequence[OutboxMessage]) -> Iterator[str]:
    """Yield sentences on messages that a person has to decide about. A dropped message has no parts."""
    if unsure := sum(message.state == UNSURE for message in messages):
        yield ngettext(
            "It is not known whether {n} message arrived. It is not sent again unless you ask: `lindero watch outbox`.",
            "It is not known whether {n} messages arrived. None is sent again unless you ask: `lindero watch outbox`.",
            unsure,
        ).format(n=format_number(unsure))
    if waiting := sum(message.state == TO_SEND and message.attempts >= MAX_UNREACHED for message in messages):
        yield ngettext(
            "{n} message could not be sent yet: `lindero watch outbox` says why.",
            "{n} messages could not be sent yet: `lindero watch outbox` says why.",
            waiting,
        ).format(n=format_number(waiting))
    if given_up := sum(message.state == GIVEN_UP and bool(message.parts) for message in messages):
        yield ngettext(
            "{n} message could not be sent and was given up: `lindero watch outbox` says why.",
            "{n} messages could not be sent and were given up: `lindero watch outbox` says why.",
            given_up,
        ).format(n=format_number(given_up))
