"""The outbox of a workspace: one file per recipient and digest in `watch/outbox/`, so that nothing is sent twice.

A message is marked *unsure* on the disk before its first byte leaves. A process that is killed while it sends therefore
leaves *unsure*: nobody knows whether it arrived, the operator is told, and it is sent again only if a person asks.
The names of folders and files are hashes; they reveal neither a watch nor a recipient.
"""

import base64
import datetime as dt
import hashlib
import hmac
import json
import os
import shutil
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from lindero.layers.disk.builds import acquire_lock
from lindero.layers.errors import N_, WatchError
from lindero.layers.watch.watch_folder import WATCH_FOLDER, create_private, private_folder, read_salt, write_private
from lindero.layers.workspace.manifest_file import to_slug

TO_SEND, SENT, UNSURE, GIVEN_UP = ("to_send", "sent", "unsure", "given_up")
MAX_ATTEMPTS = 5  # certain failures until a message is given up
MAX_UNREACHED = 3  # attempts that count while no server is reached
_OUTBOX, _SEEN, _LOCK = "outbox", "seen", ".lock"
_NEVER = dt.datetime.min.replace(tzinfo=dt.UTC)
_ID_DIGITS = 12
_BINARY = "data:;base64,"


@dataclass(frozen=True)
class OutboxMessage:
    """A digest for one recipient.

    `parts`: the content of each file by name, from `encode_parts`. Empty after it was sent.
    """

    watch: str
    digest: str
    recipient: str = field(repr=False)
    language: str
    state: str = TO_SEND
    events: tuple[str, ...] = ()
    parts: dict[str, str] = field(default_factory=dict, repr=False)
    attempts: int = 0
    changed_at: dt.datetime = _NEVER
    error: str = ""
    title: str = field(default="", repr=False)
    folder: str = field(default="", repr=False)
    id: str = ""

    @property
    def files(self) -> dict[str, str | bytes]:
        """The content of each file by name."""
        return {
            name: base64.b64decode(part.removeprefix(_BINARY)) if part.startswith(_BINARY) else part
            for name, part in self.parts.items()
        }


def encode_parts(files: Mapping[str, str | bytes]) -> dict[str, str]:
    """Encode the files of a digest for `OutboxMessage.parts`.

    Returns: texts unchanged, bytes as base64 after a prefix.
    """
    return {
        name: content if isinstance(content, str) else _BINARY + base64.b64encode(content).decode()
        for name, content in files.items()
    }


def put_message(folder: Path, message: OutboxMessage) -> bool:
    """Store a message, unless the outbox has this digest for this recipient already.

    `message`: the message. Its `id` is ignored.
    """
    identity = "\0".join([to_slug(message.watch), message.digest, message.recipient]).encode()
    name = hmac.new(read_salt(folder), identity, hashlib.sha256).hexdigest()[:_ID_DIGITS]
    path = private_folder(folder, _OUTBOX, _hash_watch(message.watch)) / f"{name}.json"
    with _lock_outbox(folder):
        for left in path.parent.glob(".*.new"):  # by a process that was killed
            left.unlink()
        known = {(stored.digest, stored.recipient) for stored in list_messages(folder, message.watch)}
        return (message.digest, message.recipient) not in known and create_private(path, _format_message(message))


def list_messages(folder: Path, watch: str = "") -> list[OutboxMessage]:
    """List the messages of the outbox. Damaged files are left out (`list_damaged_files`)."""
    messages = []
    for path in _list_files(folder, watch):
        with suppress(WatchError):
            messages.append(_read_message(path))
    return sorted(messages, key=lambda message: (message.watch, message.digest, message.id))


def list_damaged_files(folder: Path, watch: str = "") -> list[Path]:
    """List the messages of the outbox that cannot be read: nobody knows what they told, and to whom."""
    damaged = []
    for path in _list_files(folder, watch):
        try:
            _read_message(path)
        except WatchError:
            damaged.append(path)
    return damaged


def claim_message(
    folder: Path, message: OutboxMessage, now: dt.datetime, *, states: Iterable[str] = (TO_SEND,)
) -> OutboxMessage | None:
    """Mark a message as unsure, on the disk, before its first byte leaves. Only one process can claim it.

    `message`: A message of `list_messages`.
    """
    with _edit_message(folder, message) as (stored, store):
        if stored.state not in states or not stored.parts:
            return None
        return store(replace(stored, state=UNSURE, attempts=stored.attempts + 1, changed_at=now, error=""))


def mark_sent(folder: Path, message: OutboxMessage, now: dt.datetime) -> OutboxMessage:
    """Mark a message as sent and delete its texts. The ids of its events stay.

    `message`, `now`: A message of `claim_message`, and the time of the answer.
    """
    with _edit_message(folder, message) as (stored, store):
        return store(replace(stored, state=SENT, parts={}, title="", changed_at=now, error=""))


def mark_failed(
    folder: Path,
    message: OutboxMessage,
    error: str,
    now: dt.datetime,
    *,
    is_certain: bool = True,
    is_reached: bool = True,
) -> OutboxMessage:
    """Mark an attempt as failed.

    `message`, `error`, `now`: A message of `claim_message`, why it failed, and when. `is_certain`: whether it is
    certain that nothing arrived. Then the message is sent again later, and given up after `MAX_ATTEMPTS`. Otherwise it
    stays unsure.
    """
    with _edit_message(folder, message) as (stored, store):
        attempts = stored.attempts if is_reached else min(stored.attempts, MAX_UNREACHED)
        again = GIVEN_UP if attempts >= MAX_ATTEMPTS else TO_SEND
        state = again if is_certain else UNSURE
        return store(replace(stored, state=state, attempts=attempts, error=error, changed_at=now))


def redirect_message(folder: Path, message: OutboxMessage, recipient: str) -> OutboxMessage:
    """Change the recipient of a message that is not sent yet, because the channel of its watch changed.

    `message`: A message of `list_messages`.
    """
    with _edit_message(folder, message) as (stored, store):
        return store(replace(stored, recipient=recipient)) if stored.state == TO_SEND else stored


def drop_message(folder: Path, message: OutboxMessage, now: dt.datetime) -> OutboxMessage:
    """Drop a message: give it up and delete its texts. Its events count as seen. A sent message is unchanged.

    `message`: A message of `list_messages`.
    """
    with _edit_message(folder, message) as (stored, store):
        if stored.state == SENT:
            return stored
        return store(replace(stored, state=GIVEN_UP, parts={}, title="", changed_at=now))


def delete_messages(folder: Path, watch: str) -> None:
    """Delete every message of a watch, sent or not, and what it has seen."""
    with _lock_outbox(folder):
        shutil.rmtree(folder / WATCH_FOLDER / _OUTBOX / _hash_watch(watch), ignore_errors=True)


def seen_events(folder: Path, watch: str) -> set[str]:
    """Return the events that a watch has seen: of all its messages, and of `add_seen`."""
    seen = {event for path in _list_files(folder, watch) for event in _read_message(path).events}
    return seen | _read_seen_ids(folder / WATCH_FOLDER / _OUTBOX / _hash_watch(watch) / _SEEN)


def add_seen(folder: Path, watch: str, ids: Iterable[str]) -> None:
    """Mark events as seen by a watch, such as those that existed when it was saved."""
    path = private_folder(folder, _OUTBOX, _hash_watch(watch)) / _SEEN
    with _lock_outbox(folder):
        seen = _read_seen_ids(path)
        if not seen.issuperset(ids := set(ids)):
            write_private(path, "".join(f"{event}\n" for event in sorted(seen | ids)))


def _list_files(folder: Path, watch: str) -> list[Path]:
    return sorted((folder / WATCH_FOLDER / _OUTBOX).glob(f"{_hash_watch(watch) if watch else '*'}/*.json"))


def _hash_watch(watch: str) -> str:
    return hashlib.sha256(to_slug(watch).encode()).hexdigest()[:_ID_DIGITS]


def _read_seen_ids(path: Path) -> set[str]:
    return set(path.read_text(encoding="utf-8").split()) if path.is_file() else set()


def _format_message(message: OutboxMessage) -> str:
    values = {name: value for name, value in asdict(message).items() if name != "id"}
    return json.dumps(values, default=str, ensure_ascii=False, indent=1) + "\n"


def _read_message(path: Path) -> OutboxMessage:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        times = {"changed_at": dt.datetime.fromisoformat(values["changed_at"])}
        return OutboxMessage(**{**values, **times, "events": tuple(values["events"]), "id": path.stem})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WatchError(N_("the message {file} is damaged; restore it from a backup"), file=path) from error


@contextmanager
def _edit_message(
    folder: Path, message: OutboxMessage
) -> Generator[tuple[OutboxMessage, Callable[[OutboxMessage], OutboxMessage]]]:
    """Yield a message as it is stored now, and the function that replaces it. Other processes wait meanwhile."""
    path = folder / WATCH_FOLDER / _OUTBOX / _hash_watch(message.watch) / f"{message.id}.json"

    def store(changed: OutboxMessage) -> OutboxMessage:
        write_private(path, _format_message(changed))
        return changed

    with _lock_outbox(folder):
        yield _read_message(path), store


@contextmanager
def _lock_outbox(folder: Path) -> Generator[None]:
    descriptor = os.open(private_folder(folder, _OUTBOX) / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "r+", encoding="utf-8") as lock:
        acquire_lock(lock.fileno(), wait=True)
        yield
