"""
The vault: records of people that are not public record, in an encrypted DuckDB file (AES-GCM).

Every change writes a new file, encrypted, beside the old one and then takes its place: who dies on the way leaves the
old vault or the new one, and what was taken out is in no byte that is left. Nothing is written in the clear: what does
not fit into memory is spilled encrypted.
"""

import os
from collections.abc import Generator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb

from lindero.layers.consent import tombstones
from lindero.layers.database import extensions, literals, map_database, map_writer
from lindero.layers.database.map_database import Connection
from lindero.layers.disk import format_version, scratch
from lindero.layers.disk.builds import exclusive, put_in_place
from lindero.layers.errors import N_, VaultError, WrongKeyError
from lindero.layers.model.layer import Column
from lindero.layers.model.schema import LAYERS, TABLES
from lindero.layers.vault import contents, journal, key_derivation
from lindero.layers.vault.key_derivation import Key

FOLDER = "vault"
FILE = "vault.duckdb"
MARK = "vault"  # the fingerprint of a source that is in the vault; a build's are hashes
BUSY = N_("another command is at work on the vault of {folder}")
_NEW = ".map-vault.duckdb"  # a name that `exclusive` clears away after a kill
_TABLES_OF_OLD = "SELECT table_name FROM duckdb_tables() WHERE database_name = 'old'"
_PRIVATE_FOLDER, _PRIVATE_FILE = 0o700, 0o600

OWN_TABLES: dict[str, tuple[Column, ...]] = {
    "received": (  # the file as received, to the byte
        Column("source_id", required=True),
        Column("snapshot_on", "DATE", required=True),
        Column("file_name"),
        Column("sha256"),
        Column("entry"),  # how it was read, as JSON
        Column("content", "BLOB"),
    ),
    "received_rows": (  # every field of every row as read, also those that no column takes
        Column("source_id", required=True),
        Column("snapshot_on", "DATE", required=True),
        Column("row_number", "INTEGER", required=True),
        Column("fields"),
    ),
    "tombstones": (Column("hash", required=True), Column("withdrawn_on", "DATE")),  # of format 1; registers since
    "registers": (  # of what was withdrawn (`layers.consent.tombstones`)
        Column("name", required=True),
        Column("salt", required=True),
        Column("secret", "BOOLEAN", required=True),
        Column("hashes", "BLOB", required=True),
    ),
    "anchors": (  # the counts that the numbers of a publication were made from
        Column("place", required=True),
        Column("year", "INTEGER"),
        Column("count", "INTEGER", required=True),
        Column("is_shown", "BOOLEAN", required=True),
        Column("release"),
    ),
    "released_sizes": (  # the true counts of the finest cells, as a publication counted them
        Column("place", required=True),
        Column("year", "INTEGER"),
        Column("count", "INTEGER", required=True),
        Column("release"),
    ),
    "apart": (Column("left_id", required=True), Column("right_id", required=True)),  # incidents that are not one
    "journal_keys": (  # of the journal beside the vault (`layers.vault.journal`), the newest last
        Column("since", "INTEGER", required=True),
        Column("secret", required=True),
        Column("first", required=True),
        Column("seen", "INTEGER", required=True),
    ),
    "releases": (  # publications (`layers.publish.releases`)
        Column("mark", required=True),
        Column("published_on", "DATE", required=True),
        Column("folder", required=True),
        Column("is_settled", "BOOLEAN", required=True),
    ),
}
COPIED = (*LAYERS, *TABLES, *OWN_TABLES)
_FORM = "form"  # a table of one number, in vaults from form 2 on


@dataclass(frozen=True)
class Vault:
    """A workspace's vault and the key to it."""

    folder: Path
    key: Key

    @property
    def file(self) -> Path:
        """The encrypted file."""
        return self.folder / FILE

    @property
    def generation(self) -> str:
        """Tell one state of the vault from another."""
        return f"{self.file.stat().st_mtime_ns:x}" if self.file.is_file() else ""


def folder_of(workspace: Path) -> Path:
    """Give the folder of a workspace's vault."""
    return workspace / FOLDER


def exists(workspace: Path) -> bool:
    """Tell whether the workspace has a vault."""
    return folder_of(workspace).joinpath(FILE).is_file()


def prepare(workspace: Path) -> Path:
    """
    Make the folder of a new vault, open to this user alone, with the salt of its key.

    Raises
    ------
    VaultError
        If there is a vault already, or the folder cannot be made.
    """
    folder = folder_of(workspace)
    if exists(workspace):
        raise VaultError(N_("{folder} is a vault already"), folder=folder)
    try:
        folder.mkdir(mode=_PRIVATE_FOLDER, exist_ok=True)
        folder.chmod(_PRIVATE_FOLDER)
        key_derivation.make_salt(folder)
    except OSError as error:
        raise VaultError(N_("{folder} cannot be written: {why}"), folder=folder, why=error.strerror) from error
    return folder


def create(vault: Vault) -> None:
    """Write a new, empty vault."""
    with exclusive(vault.folder, busy=BUSY), _written(vault.folder, vault.key) as con:
        contents.keep_register(con, tombstones.new(secret=True))
        journal.begin(con, vault.folder)
    _settle_journal(vault)


@contextmanager
def changed(vault: Vault, *, new_key: Key | None = None) -> Generator[Connection]:
    """
    Give the vault's content to be changed; at the end it is written anew, encrypted with `new_key` if there is one.

    If what happens inside raises, nothing is changed. A vault of an earlier version becomes one of this version: what
    was copied is held to be what was there, and the new file is opened and counted before it takes the old one's place.

    Raises
    ------
    VaultError
        If there is no vault, or its file was tampered with.
    WrongKeyError
        If the key does not open it.
    BusyError
        If another process is changing it.
    """
    with alone(vault), rewritten(vault, new_key=new_key) as con:
        yield con


def alone(vault: Vault) -> AbstractContextManager[None]:
    """Let one process at a time change the vault; BusyError for the others."""
    return exclusive(vault.folder, busy=BUSY)


@contextmanager
def rewritten(vault: Vault, *, new_key: Key | None = None) -> Generator[Connection]:
    """Do the same as `changed` for a process that holds the folder of the vault (`alone`)."""
    with _written(vault.folder, new_key or vault.key) as con:
        attach(con, vault, "old")
        with _tampering(vault):
            existing = [row[0] for row in con.execute(_TABLES_OF_OLD).fetchall()]
            for name, rows in _counts(con, "old", [name for name in COPIED if name in existing]).items():
                if rows:
                    con.execute(f'INSERT INTO "{name}" BY NAME FROM old."{name}"')
                    _hold_copied(con, name)
        con.execute("DETACH old")
        journal.see(con, vault.folder)
        yield con


def rekey(vault: Vault, passphrase: str) -> Vault:
    """
    Give a vault a new key, with a new salt: whenever the process dies, the old passphrase opens it or the new one.

    Raises
    ------
    VaultError
        As `changed` does; the key is as it was.
    """
    with alone(vault):
        key = key_derivation.begin_change(passphrase, vault.folder)
        try:
            with rewritten(vault, new_key=key) as con:
                journal.begin(con, vault.folder)
        except VaultError:
            key_derivation.settle(vault.folder, changed=False)
            raise
        key_derivation.settle(vault.folder, changed=True)
        _settle_journal(Vault(vault.folder, key))
    return Vault(vault.folder, key)


def migrate(vault: Vault) -> bool:
    """
    Make a vault of an earlier version one of this; tells whether it was one.

    Raises
    ------
    VaultError
        As `changed` does; also if the vault cannot be written.
    """
    with opened(vault) as con:
        if _form_of(con, "map") >= format_version.VAULT:
            journal.settle(con, vault.folder)
            return False
    with changed(vault) as con:
        if not any(one.secret for one in contents.registers(con)):
            contents.keep_register(con, tombstones.new(secret=True))
        journal.begin(con, vault.folder)
    _settle_journal(vault)
    return True


def _settle_journal(vault: Vault) -> None:
    with opened(vault) as con:
        journal.settle(con, vault.folder)


@contextmanager
def opened(vault: Vault) -> Generator[Connection]:
    """
    Give the vault's content to be read.

    Raises
    ------
    VaultError
        If there is no vault, or its file was tampered with.
    WrongKeyError
        If the key does not open it.
    """
    con = encrypting(vault.folder)
    try:
        attach(con, vault, "map")
        con.execute("USE map")
        lock(con)
        with _tampering(vault):
            yield con
    finally:
        close(con)


def encrypting(folder: Path) -> Connection:
    """Open a database in memory that spills encrypted, into a folder of its own in the vault's; `close` closes it."""
    con = map_database.in_memory()
    extensions.load_extension(con, "httpfs")  # it brings OpenSSL, without which DuckDB does not write encrypted
    con.execute("SET temp_file_encryption=true")
    spilled = scratch.new_folder(folder)
    con.execute(f"SET temp_directory={literals.text('' if spilled is None else spilled)}")
    return con


def close(con: Connection) -> None:
    """Close what `encrypting` opened, and clear away where it spilled."""
    row = None
    with suppress(duckdb.Error):  # of a database that failed: the next that opens clears away where it spilled
        row = con.execute("SELECT current_setting('temp_directory')").fetchone()
    with suppress(duckdb.Error):
        con.close()
    if row and row[0]:
        scratch.give_back(Path(row[0]))


def attach(con: Connection, vault: Vault, name: str) -> None:
    """
    Attach the vault to a connection, to read it.

    Raises
    ------
    VaultError
        If there is no vault, or its file was tampered with.
    WrongKeyError
        If the key does not open it.
    """
    if not vault.file.is_file():
        raise VaultError(N_("{folder} holds no vault"), folder=vault.folder.parent)
    options = f"READ_ONLY, ENCRYPTION_KEY '{vault.key.secret}', ENCRYPTION_CIPHER 'GCM'"
    try:
        with _tampering(vault):
            con.execute(f"ATTACH {literals.text(vault.file)} AS {name} ({options})")
    except VaultError as error:
        if "Wrong encryption key" in str(error.__cause__):
            raise WrongKeyError(N_("this is not the key of the vault; nothing was changed")) from None
        raise
    format_version.hold_known(_form_of(con, name), format_version.VAULT, file=vault.file)


def lock(con: Connection) -> None:
    """Let a connection reach no other file from here on."""
    con.execute("SET enable_external_access=false")
    con.execute("SET lock_configuration=true")


@contextmanager
def _written(folder: Path, key: Key) -> Generator[Connection]:
    """Give a new vault with empty tables to be filled; at the end it takes the old one's place."""
    new = folder / _NEW
    con = encrypting(folder)
    try:
        con.execute(
            f"ATTACH {literals.text(new)} AS vault "
            f"(ENCRYPTION_KEY '{key.secret}', ENCRYPTION_CIPHER 'GCM', STORAGE_VERSION 'v1.5.0', "
            "RECOVERY_MODE no_wal_writes)"  # no log of what is written: one that is not finished is begun anew
        )
        os.chmod(new, _PRIVATE_FILE)  # noqa: PTH101
        con.execute("USE vault")
        con.execute("BEGIN")  # or each table is written down alone
        map_writer.define_tables(con)
        own = {name: ", ".join(map_writer.definitions(each)) for name, each in OWN_TABLES.items()}
        con.execute("; ".join(f'CREATE TABLE "{name}" ({columns})' for name, columns in own.items()))
        con.execute(f"CREATE TABLE {_FORM} AS SELECT {format_version.VAULT:d} AS number")
        con.execute("COMMIT")
        yield con
        rows = _counts(con, "vault", COPIED)
        con.execute("CHECKPOINT vault")
        con.execute("USE memory")
        con.execute("DETACH vault")
        con.execute(
            f"ATTACH {literals.text(new)} AS vault (READ_ONLY, ENCRYPTION_KEY '{key.secret}', ENCRYPTION_CIPHER 'GCM')"
        )
        _hold_written(con, rows, folder)
    except BaseException as error:
        close(con)
        for left in folder.glob(f"{_NEW}*"):
            left.unlink(missing_ok=True)
        if isinstance(error, duckdb.IOException):  # without its own words, which may quote a key
            raise VaultError(N_("{folder} cannot be written: is its disk full, or read-only?"), folder=folder) from None
        raise
    close(con)
    put_in_place(new, folder / FILE)


def _form_of(con: Connection, name: str) -> int:
    """Give the form of an attached vault."""
    having = "SELECT 1 FROM duckdb_tables() WHERE database_name = ? AND table_name = ?"
    if con.execute(having, [name, _FORM]).fetchone() is None:
        return format_version.FIRST
    row = con.execute(f"SELECT max(number) FROM {name}.{_FORM}").fetchone()
    return int(row[0]) if row else format_version.FIRST


def _counts(con: Connection, name: str, tables: Sequence[str]) -> dict[str, int]:
    """Give how many rows each table of an attached vault has, by one question: 30 take three times as long."""
    asked = " UNION ALL ".join(f"SELECT '{table}', count(*) FROM {name}.\"{table}\"" for table in tables)
    return dict(con.execute(asked).fetchall()) if tables else {}


def _hold_written(con: Connection, rows: dict[str, int], folder: Path) -> None:
    """Hold that the new file, opened again, has as many rows of each table as were written."""
    if _counts(con, "vault", COPIED) != rows:
        raise VaultError(N_("{folder} was not written whole; the vault is as it was"), folder=folder)


def _hold_copied(con: Connection, table: str) -> None:
    """
    Hold that all that an old table holds is in the new one.

    Raises
    ------
    VaultError
        If it is not.
    """
    columns = ", ".join(f'"{row[0]}"' for row in con.execute(f'DESCRIBE old."{table}"').fetchall())
    there, here = (
        con.execute(f'SELECT count(*), sum(hash({columns})::HUGEINT) FROM {name}"{table}"').fetchone()
        for name in ("old.", "")
    )
    if there != here:
        raise VaultError(
            N_("the table {table} of the vault could not be copied whole; nothing was changed"), table=table
        )


@contextmanager
def _tampering(vault: Vault) -> Generator[None]:
    """Say in words that a vault is not as it was left; never with the database's own, which may quote a key."""
    try:
        yield
    except (duckdb.IOException, duckdb.InvalidInputException, duckdb.SerializationException) as error:
        raise VaultError(
            N_("{file} is not as Lindero left it (broken, or changed by somebody): take it from a copy"),
            file=vault.file,
        ) from error
