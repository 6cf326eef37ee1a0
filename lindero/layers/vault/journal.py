"""The audit log of a workspace with a vault: who did what and when, in entries that only the vault's key opens.

Writing an entry needs no key: it is encrypted for a public key, and the secret key is in the vault. Each entry is also
signed with a key that is then replaced by its hash. Nobody who gains access later, even to the whole disk, can change,
remove, reorder or cut off earlier entries without being detected. An entry is on the disk before its action happens.
Entries name people of the organisation, sources and numbers, but never a record, and never a place that somebody looked
at.
"""

import datetime as dt
import getpass
import hashlib
import hmac
import json
import os
import secrets
import sys
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from lindero.layers.database.map_database import Connection
from lindero.layers.disk.builds import acquire_lock, sync, write_atomically
from lindero.layers.errors import N_, JournalError

if sys.platform != "win32":
    import pwd

STATE = "journal.json"
MAX_ENTRIES = 20_000  # maximum entries of a file; the two newest files are kept: 40 MB at most
ADDED, ACCEPTED, REMOVED, DECIDED, WITHDRAWN = "added", "accepted", "removed", "decided", "withdrawn"
DESCRIBED = "described"
OPENED, REKEYED, PUBLISHED, RESTORED = "opened", "rekeyed", "published", "restored"
WATCHED, TOLD = "watched", "told"
SERVED, ROLE, LOGIN, LOGOUT, FAILED = "served", "role", "login", "logout", "failed"
ACTION_NAMES = {  # display texts of the recorded actions
    ADDED: N_("added a source"),
    ACCEPTED: N_("accepted rejected rows"),
    REMOVED: N_("removed a source"),
    DESCRIBED: N_("changed the description of a source"),
    DECIDED: N_("decided whether two records are the same"),
    WITHDRAWN: N_("withdrew a record"),
    OPENED: N_("opened the vault"),
    REKEYED: N_("gave the vault a new key"),
    PUBLISHED: N_("published"),
    RESTORED: N_("restored a backup"),
    WATCHED: N_("ran the watch"),
    TOLD: N_("sent a digest"),
    SERVED: N_("started the server"),
    ROLE: N_("this role applies from now on"),
    LOGIN: N_("logged in"),
    LOGOUT: N_("logged out"),
    FAILED: N_("the action was not completed"),
}
_RECORD, _PLAIN, _MAC, _PUBLIC = 1024, 944, 32, 32  # bytes: all entries have the same size, whatever they contain
LONGEST = 100  # characters of one text in an entry
_MAX_NAMED = 8
_NONCE = bytes(12)  # constant, because each entry has a key of its own
_FOLDER = "vault"
_PRIVATE = 0o600


@dataclass(frozen=True)
class JournalState:
    """The state of the journal: the number of entries, and the keys that encrypt and sign the next one."""

    number: int
    public: bytes
    key: bytes
    roles: str = ""

    @property
    def next(self) -> "JournalState":
        """The state after one more entry."""
        return replace(self, number=self.number + 1, key=_next_key(self.key))


@dataclass(frozen=True)
class JournalKeys:
    """The journal keys in the vault: the first entry that uses them, the secret key, and the first signing key."""

    since: int
    secret: bytes
    first: bytes

    @property
    def public(self) -> bytes:
        """The public key for which entries are encrypted."""
        return X25519PrivateKey.from_private_bytes(self.secret).public_key().public_bytes_raw()


@dataclass(frozen=True)
class JournalEntry:
    """An entry of the journal: its number, time (UTC), person, action and details."""

    number: int
    at: str
    who: str
    what: str
    about: Mapping[str, object]


@dataclass(frozen=True)
class Journal:
    """The readable entries of a journal, and the numbers of entries that are missing or were changed."""

    entries: tuple[JournalEntry, ...]
    broken: tuple[int, ...]
    is_cut: bool  # it ends before an entry that the vault has seen, or its end does not match
    begins: int  # the number of the first entry; earlier ones were deleted because there were too many


def current_user() -> str:
    """Return the account that runs the command, as the system knows it; environment variables could name another."""
    try:
        return getpass.getuser() if sys.platform == "win32" else pwd.getpwuid(os.getuid()).pw_name
    except (OSError, KeyError, ImportError):
        return ""


@contextmanager
def record_action(workspace: Path, what: str, *, who: str = "", **about: object) -> Generator[None]:
    """Record an action before it happens; if the body raises, record that it failed.

    `what`: the action, a key of `ACTION_NAMES`. `about`: details by name: at most 8, each at most 100 characters. None
    and empty texts are left out.
    """
    number = record_entry(workspace, what, who=who, **about)
    try:
        yield
    except BaseException:
        record_entry(workspace, FAILED, who=who, entry=number)
        raise


def record_entry(workspace: Path, what: str, *, who: str = "", **about: object) -> int:
    """Append an entry to the journal.

    `what`: the action, a key of `ACTION_NAMES`. `about`: details by name: at most 8, each at most 100 characters. None
    and empty texts are left out. Returns: the number of the entry, from 0; -1 if there is no vault.
    """
    folder = workspace / _FOLDER
    if not folder.joinpath(STATE).is_file():
        return -1
    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    entry = {"at": now, "who": _shorten(who or current_user()), "what": what, "about": _limit_details(about)}
    with _lock_journal(folder):
        return _append_entry(folder, _read_state(folder), entry).number - 1


def record_roles(workspace: Path, roles: list[dict[str, str]]) -> None:
    """Record the roles of people, one entry each, unless they are the ones recorded last."""
    folder = workspace / _FOLDER
    if not folder.joinpath(STATE).is_file():
        return
    digest = hashlib.sha256(json.dumps(roles, sort_keys=True).encode()).hexdigest()
    if _read_state(folder).roles != digest:
        for role in roles or [{}]:
            record_entry(workspace, ROLE, **role)
        with _lock_journal(folder):
            _write_state(folder, replace(_read_state(folder), roles=digest))


def add_keys(con: Connection, folder: Path) -> None:
    """Add new journal keys to a vault that is being written; `activate_keys` puts them into use."""
    since = _read_state(folder).number if folder.joinpath(STATE).is_file() else 0
    con.execute(
        "INSERT INTO journal_keys (since, secret, first, seen) VALUES (?, ?, ?, ?)",
        [since, secrets.token_hex(32), secrets.token_hex(32), since or -1],
    )


def activate_keys(con: Connection, folder: Path) -> None:
    """Update the journal's state to the newest keys of an open vault, if it does not use them yet."""
    keys = _read_keys(con)
    if not keys:
        return
    newest = keys[-1]
    has_state = folder.joinpath(STATE).is_file()
    if has_state and _read_state(folder).public == newest.public:
        return
    if not has_state and _read_seen_count(con) >= 0:
        return  # it is missing: `read_journal` reports this, and no new journal is started
    with _lock_journal(folder):
        state = _read_state(folder) if has_state else JournalState(newest.since, b"", b"")
        _write_state(folder, JournalState(state.number, newest.public, _signing_key(newest, state.number), state.roles))


def store_entry_count(con: Connection, folder: Path) -> None:
    """Store the current number of entries in a vault that is being changed, so that removed entries are detected."""
    if folder.joinpath(STATE).is_file():
        con.execute("UPDATE journal_keys SET seen = greatest(seen, ?)", [_read_state(folder).number])


def read_journal(con: Connection, folder: Path) -> Journal:
    """Read the journal with the open vault's keys and verify it.

    `con`: A connection to an open vault, from `open_vault`.
    """
    keys, seen_count = _read_keys(con), _read_seen_count(con)
    if not folder.joinpath(STATE).is_file():
        raise JournalError(
            N_("{file} is missing or damaged; without it, missing entries of the journal cannot be detected"),
            file=STATE,
        )
    with _lock_journal(folder):
        state = _recover_state(folder, _read_state(folder))
        records = list(_iter_records(folder, state.number))
    entries, broken, epoch = [], [], 0
    signing = {index: (journal_keys.since, journal_keys.first) for index, journal_keys in enumerate(keys)}
    for number, record in records:
        index, entry = _open_entry(number, record, keys, signing, epoch)
        if entry is None:
            broken.append(number)
            continue
        epoch = index
        entries.append(JournalEntry(number, **entry))
    is_end_valid = bool(keys) and any(
        journal_keys.since <= state.number and _signing_key(journal_keys, state.number) == state.key
        for journal_keys in keys[epoch:]
    )
    begins = records[0][0] if records else 0
    return Journal(tuple(entries), tuple(broken), not is_end_valid or state.number < seen_count, begins)


def read_files(folder: Path) -> dict[str, bytes]:
    """Read the files of the journal at one moment, by name."""
    if not folder.joinpath(STATE).is_file():
        return {}
    with _lock_journal(folder):
        return {path.name: path.read_bytes() for path in sorted(folder.glob("journal*")) if path.is_file()}


def keep_longer_journal(old: Path, new: Path) -> None:
    """Copy the existing journal into a restored vault if it continues that one: same public key, more entries."""
    if not (old.joinpath(STATE).is_file() and new.joinpath(STATE).is_file()):
        return
    existing, restored = _read_state(old), _read_state(new)
    if existing.public == restored.public and existing.number > restored.number:
        for name, content in read_files(old).items():
            new.joinpath(name).write_bytes(content)
            new.joinpath(name).chmod(_PRIVATE)


def _append_entry(folder: Path, state: JournalState, entry: Mapping[str, object]) -> JournalState:
    """Write an entry, then the state that counts it; the next run recovers an entry whose state was not written."""
    try:
        state = _recover_state(folder, state)
        file = _entry_file(folder, state.number)
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT, _PRIVATE)
        with os.fdopen(descriptor, "r+b") as stream:
            stream.seek(state.number % MAX_ENTRIES * _RECORD)
            stream.write(_seal_entry(state, entry))
            stream.truncate()
            stream.flush()
            os.fsync(stream.fileno())
        sync(folder)
        _write_state(folder, state.next)
        _entry_file(folder, state.number - 2 * MAX_ENTRIES).unlink(missing_ok=True)
    except OSError as error:
        raise JournalError(
            N_("the journal in {folder} cannot be written: {why}"), folder=folder, why=error.strerror
        ) from error
    return state.next


def _recover_state(folder: Path, state: JournalState) -> JournalState:
    """Return the state including an entry that was written completely before its writer died."""
    file = _entry_file(folder, state.number)
    if not file.is_file():
        return state
    with file.open("rb") as content:
        content.seek(state.number % MAX_ENTRIES * _RECORD)
        record = content.read(_RECORD)
    return state.next if len(record) == _RECORD and _is_signed(state.number, record, state.key) else state


def _seal_entry(state: JournalState, entry: Mapping[str, object]) -> bytes:
    plain = json.dumps(entry, ensure_ascii=False).encode()
    if len(plain) > _PLAIN:
        plain = json.dumps({**entry, "about": {}}, ensure_ascii=False).encode()
    ephemeral = X25519PrivateKey.generate()
    ephemeral_public = ephemeral.public_key().public_bytes_raw()
    key = _derive_key(
        ephemeral.exchange(X25519PublicKey.from_public_bytes(state.public)), ephemeral_public, state.public
    )
    sealed_entry = ephemeral_public + ChaCha20Poly1305(key).encrypt(
        _NONCE, plain.ljust(_PLAIN), state.number.to_bytes(8)
    )
    return sealed_entry + _signature(state.number, sealed_entry, state.key)


def _open_entry(
    number: int, record: bytes, keys: list[JournalKeys], signing: dict[int, tuple[int, bytes]], epoch: int
) -> tuple[int, dict[str, Any] | None]:
    """Open an entry with the newest keys that signed it (a key change may be cut short); return their index and it."""
    for index in reversed(range(epoch, len(keys))):
        if keys[index].since > number:
            continue
        signed_number, key = signing[index]
        for _ in range(number - signed_number):
            key = _next_key(key)
        signing[index] = number, key
        if _is_signed(number, record, key):
            return index, _decrypt_entry(number, record, keys[index])
    return epoch, None


def _decrypt_entry(number: int, record: bytes, keys: JournalKeys) -> dict[str, Any] | None:
    ephemeral_public, sealed = record[:_PUBLIC], record[_PUBLIC:-_MAC]
    shared = X25519PrivateKey.from_private_bytes(keys.secret).exchange(
        X25519PublicKey.from_public_bytes(ephemeral_public)
    )
    try:
        plain = ChaCha20Poly1305(_derive_key(shared, ephemeral_public, keys.public)).decrypt(
            _NONCE, sealed, number.to_bytes(8)
        )
    except InvalidTag:
        return None
    return dict(json.loads(plain))


def _derive_key(shared: bytes, ephemeral_public: bytes, public: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=ephemeral_public + public, info=b"lindero journal").derive(shared)


def _is_signed(number: int, record: bytes, key: bytes) -> bool:
    return hmac.compare_digest(_signature(number, record[:-_MAC], key), record[-_MAC:])


def _signature(number: int, sealed: bytes, key: bytes) -> bytes:
    return hmac.digest(key, number.to_bytes(8) + sealed, "sha256")


def _next_key(key: bytes) -> bytes:
    return hashlib.sha256(b"next" + key).digest()


def _signing_key(keys: JournalKeys, number: int) -> bytes:
    """Return the key that signs an entry."""
    key = keys.first
    for _ in range(number - keys.since):
        key = _next_key(key)
    return key


def _read_keys(con: Connection) -> list[JournalKeys]:
    rows = con.execute("SELECT since, secret, first FROM journal_keys ORDER BY since, rowid").fetchall()
    return [JournalKeys(since, bytes.fromhex(secret), bytes.fromhex(first)) for since, secret, first in rows]


def _read_seen_count(con: Connection) -> int:
    row = con.execute("SELECT max(seen) FROM journal_keys").fetchone()
    return int(row[0] or 0) if row else 0


def _iter_records(folder: Path, number: int) -> Iterator[tuple[int, bytes]]:
    """Yield the expected entries by number; missing ones as zero bytes."""
    first = max((number - 1) // MAX_ENTRIES - 1, 0) * MAX_ENTRIES
    for start in range(first, number, MAX_ENTRIES):
        file = _entry_file(folder, start)
        content = file.read_bytes() if file.is_file() else b""
        for place in range(min(MAX_ENTRIES, number - start)):
            yield start + place, content[place * _RECORD : (place + 1) * _RECORD].ljust(_RECORD, b"\0")


def _entry_file(folder: Path, number: int) -> Path:
    return folder / f"journal-{number // MAX_ENTRIES}.bin"


def _read_state(folder: Path) -> JournalState:
    try:
        content = json.loads(folder.joinpath(STATE).read_text(encoding="utf-8"))
        return JournalState(
            int(content["number"]), bytes.fromhex(content["public"]), bytes.fromhex(content["key"]), content["roles"]
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise JournalError(
            N_("{file} is missing or damaged; without it, missing entries of the journal cannot be detected"),
            file=STATE,
        ) from error


def _write_state(folder: Path, state: JournalState) -> None:
    content = {"number": state.number, "public": state.public.hex(), "key": state.key.hex(), "roles": state.roles}
    write_atomically(folder / STATE, json.dumps(content) + "\n")


@contextmanager
def _lock_journal(folder: Path) -> Generator[None]:
    """Lock the journal for one writing process; others wait. A read-only medium is not locked: nobody can write."""
    if not os.access(folder, os.W_OK):
        yield
        return
    with folder.joinpath(".journal.lock").open("w", encoding="utf-8") as lock:
        acquire_lock(lock.fileno(), wait=True)
        yield


def _limit_details(about: Mapping[str, object]) -> dict[str, object]:
    pairs = [(name, value) for name, value in about.items() if value is not None and value != ""]
    return {name: value if isinstance(value, int) else _shorten(str(value)) for name, value in pairs[:_MAX_NAMED]}


def _shorten(text: str) -> str:
    return text[:LONGEST]
