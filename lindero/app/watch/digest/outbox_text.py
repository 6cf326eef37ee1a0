"""The outbox as the operator reads it: what waits, what is unsure and what to do, and what was sent to whom."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from lindero.app.text.i18n import _, format_long_date, format_number, ngettext
from lindero.app.watch.digest.due_digests import digest_date
from lindero.app.watch.digest.send import display_recipient, send_outbox_message
from lindero.layers.disk.builds import lock_folder
from lindero.layers.errors import N_, WatchError
from lindero.layers.watch.outbox import GIVEN_UP, SENT, TO_SEND, UNSURE, OutboxMessage, drop_message, list_messages
from lindero.layers.watch.watch_folder import private_folder
from lindero.layers.watch.watch_values import FOLDER
from lindero.layers.watch.watches_file import read_mail_settings

_SHOWN_SENT = 20  # of the messages that are done, the newest
_DROPPED = "dropped"
_BUSY = N_("the watch is running in {folder}; try again when it has ended")
_STATES = {
    TO_SEND: N_("to send"),
    SENT: N_("sent"),
    UNSURE: N_("unsure"),
    GIVEN_UP: N_("given up"),
    _DROPPED: N_("dropped"),
}
_TODO = {
    TO_SEND: N_("`lindero watch --send` sends it."),
    UNSURE: N_(
        "It may have arrived. Ask the person. If it did not arrive: `lindero watch outbox --again {id}`. If it did: "
        "`lindero watch outbox --drop {id}`."
    ),
    GIVEN_UP: N_(
        "Correct the cause, then: `lindero watch outbox --again {id}`. If it is not needed: `lindero watch outbox "
        "--drop {id}`."
    ),
}


def outbox_text(messages: Sequence[OutboxMessage]) -> str:
    """Return what waits for whom and what to do about it, then the newest messages that are done."""
    open_messages = [message for message in messages if _state(message) in _TODO]
    done = sorted((message for message in messages if _state(message) not in _TODO), key=lambda m: m.changed_at)
    lines = [line for message in open_messages for line in _format_open(message)]
    lines += [_format_line(message) for message in reversed(done[-_SHOWN_SENT:])]
    if earlier := len(done[:-_SHOWN_SENT]):
        lines.append(ngettext("{n} earlier message", "{n} earlier messages", earlier).format(n=format_number(earlier)))
    return "\n".join(lines)


def change_message(folder: Path, id_: str, now: dt.datetime, *, is_dropped: bool, ca_file: Path | None = None) -> bool:
    """Drop a message, or send it although it is unsure or given up. Return whether that was done."""
    with lock_folder(private_folder(folder), busy=_BUSY):
        message = next((message for message in list_messages(folder) if message.id == id_), None)
        if message is None or not message.parts:
            raise WatchError(N_("no message {id} waits in the outbox; `lindero watch outbox` lists the ids"), id=id_)
        if is_dropped:
            return drop_message(folder, message, now).state == GIVEN_UP
        sent = send_outbox_message(folder, message, read_mail_settings(folder), now, again=True, ca_file=ca_file)
        return sent is not None and sent.state == SENT


def _state(message: OutboxMessage) -> str:
    return _DROPPED if message.state == GIVEN_UP and not message.parts else message.state


def _format_line(message: OutboxMessage) -> str:
    date, recipient = format_long_date(digest_date(message.digest)), display_recipient(message.recipient)
    words = [message.id, message.watch, date, _("files in a folder") if recipient == FOLDER else recipient]
    return " · ".join([*words, _(_STATES[_state(message)])])


def _format_open(message: OutboxMessage) -> list[str]:
    line = _format_line(message)
    if message.attempts:
        attempts = ngettext("{n} attempt", "{n} attempts", message.attempts)
        line += f" · {attempts.format(n=format_number(message.attempts))}"
    if message.recipient == FOLDER and message.state == TO_SEND:
        todo = _("`lindero watch --to FOLDER` writes it as files.")
    else:
        todo = _(_TODO[message.state]).format(id=message.id)
    return [line, *([f"    {message.error}"] if message.error else []), f"    {todo}"]
