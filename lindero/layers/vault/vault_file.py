"""The vault: records of people that are not public record, in an encrypted DuckDB file (AES-GCM).

Every change writes a new encrypted file, which then replaces the old one. If the process dies, either the old vault or
the new one exists, and no byte of deleted records remains. Nothing is written unencrypted: data that does not fit into
memory is spilled encrypted.
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
from lindero.layers.disk.builds import lock_folder, replace_file
from lindero.layers.errors import N_, VaultError, WrongKeyError
from lindero.layers.model.layer import Column
from lindero.layers.model.schema import LAYERS, TABLES
from lindero.layers.vault import contents, journal, key_derivation
from lindero.layers.vault.key_derivation import Key

FOLDER = "vault"
FILE = "vault.duckdb"
MARK = "vault"  # the fingerprint of a source in the vault; those of a build are hashes
BUSY = N_("another command is using the vault of {folder}")
_NEW = ".map-vault.duckdb"  # a name that `lock_folder` deletes after a kill
_TABLES_OF_OLD = "SELECT table_name FROM duckdb_tables() WHERE database_name = 'old'"
_PRIVATE_FOLDER, _PRIVATE_FILE = 0o700, 0o600

OWN_TABLES: dict[str, tuple[Column, ...]] = {
    "received": (  # the received file, byte by byte
        Column("source_id", required=True),
        Column("snapshot_on", "DATE", required=True),
        Column("file_name"),
        Column("sha256"),
        Column("entry"),  # how it was read, as JSON
        Column("content", "BLOB"),
    ),
    "received_rows": (  # all fields of all rows as read, also those without a column
        Column("source_id", required=True),
        Column("snapshot_on", "DATE", required=True),
        Column("row_number", "INTEGER", required=True),
        Column("fields"),
    ),
    "tombstones": (Column("hash", required=True), Column("withdrawn_on", "DATE")),  # format 1; now in registers
    "registers": (  # registers of withdrawn records (`layers.consent.tombstones`)
        Column("name", required=True),
        Column("salt", required=True),
        Column("secret", "BOOLEAN", required=True),
        Column("hashes", "BLOB", required=True),
    ),
    "anchors": (  # the counts from which the numbers of a publication were derived
        Column("place", required=True),
        Column("year", "INTEGER"),
        Column("count", "INTEGER", required=True),
        Column("is_shown", "BOOLEAN", required=True),
        Column("release"),
    ),
    "released_sizes": (  # the true counts of the finest cells at a publication
        Column("place", required=True),
        Column("year", "INTEGER"),
        Column("count", "INTEGER", required=True),
        Column("release"),
    ),
    "apart": (Column("left_id", required=True), Column("right_id", required=True)),  # incidents that are distinct
    "journal_keys": (  # keys of the journal beside the vault (`layers.vault.journal`), the newest last
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
COPIED_TABLES = (*LAYERS, *TABLES, *OWN_TABLES)
_FORM = "form"  # a table with a single number, in vaults from form 2 on


@dataclass(frozen=True)
class Vault:
    """The vault of a workspace, with its key."""

    folder: Path
    key: Key

    @property
    def file(self) -> Path:
        """The encrypted file."""
        return self.folder / FILE

    @property
    def generation(self) -> str:
        """A text that identifies the current state of the vault file; empty if there is none."""
        return f"{self.file.stat().st_mtime_ns:x}" if self.file.is_file() else ""


def vault_folder(workspace: Path) -> Path:
    """Return the folder of a workspace's vault."""
    return workspace / FOLDER


def has_vault(workspace: Path) -> bool:
    """Return whether the workspace has a vault."""
    return vault_folder(workspace).joinpath(FILE).is_file()


def prepare_folder(workspace: Path) -> Path:
    """Create the folder of a new vault, accessible to this user only, with the salt of its key."""
    folder = vault_folder(workspace)
    if has_vault(workspace):
        raise VaultError(N_("{folder} is already a vault"), folder=folder)
    try:
        folder.mkdir(mode=_PRIVATE_FOLDER, exist_ok=True)
        folder.chmod(_PRIVATE_FOLDER)
        key_derivation.create_salt(folder)
    except OSError as error:
        raise VaultError(N_("{folder} cannot be written: {why}"), folder=folder, why=error.strerror) from error
    return folder


def create_vault(vault: Vault) -> None:
    """Write a new, empty vault.

    `vault`: the vault with its new key. Its folder is from `prepare_folder`, which refuses an existing vault.
    """
    with lock_folder(vault.folder, busy=BUSY), _write_new_vault(vault.folder, vault.key) as con:
        contents.store_register(con, tombstones.create_register(secret=True))
        journal.add_keys(con, vault.folder)
    _activate_journal_keys(vault)


@contextmanager
def change_vault(vault: Vault, *, new_key: Key | None = None) -> Generator[Connection]:
    """Open the vault's content for changes; at the end it is rewritten.

    If the body raises, nothing is changed. A vault of an earlier version is migrated to this one. Each copied table is
    compared with the original. The new file is opened and its rows are counted before it replaces the old one.
    """
    with lock_vault(vault), rewrite_vault(vault, new_key=new_key) as con:
        yield con


def lock_vault(vault: Vault) -> AbstractContextManager[None]:
    """Lock the vault for changes by one process. Files that a killed process left are deleted."""
    return lock_folder(vault.folder, busy=BUSY)


@contextmanager
def rewrite_vault(vault: Vault, *, new_key: Key | None = None) -> Generator[Connection]:
    """Open the vault's content to be changed and rewritten, in a process that holds its lock.

    If the body raises, nothing is changed. A caller without the lock uses `change_vault`.
    """
    with _write_new_vault(vault.folder, new_key or vault.key) as con:
        attach_vault(con, vault, "old")
        with _report_tampering(vault):
            existing = [row[0] for row in con.execute(_TABLES_OF_OLD).fetchall()]
            for name, rows in _count_rows(con, "old", [name for name in COPIED_TABLES if name in existing]).items():
                if rows:
                    con.execute(f'INSERT INTO "{name}" BY NAME FROM old."{name}"')
                    _check_same_content(con, name)
        con.execute("DETACH old")
        journal.store_entry_count(con, vault.folder)
        yield con


def rekey(vault: Vault, passphrase: str) -> Vault:
    """Change the key of a vault, with a new salt.

    If the process dies, either the old passphrase or the new one opens the vault.

    `passphrase`: the new passphrase, checked by `check_passphrase`.
    """
    with lock_vault(vault):
        key = key_derivation.start_key_change(passphrase, vault.folder)
        try:
            with rewrite_vault(vault, new_key=key) as con:
                journal.add_keys(con, vault.folder)
        except VaultError:
            key_derivation.finish_key_change(vault.folder, changed=False)
            raise
        key_derivation.finish_key_change(vault.folder, changed=True)
        _activate_journal_keys(Vault(vault.folder, key))
    return Vault(vault.folder, key)


def migrate_vault(vault: Vault) -> bool:
    """Convert a vault of an earlier version to this one."""
    with open_vault(vault) as con:
        if _read_version(con, "map") >= format_version.VAULT:
            journal.activate_keys(con, vault.folder)
            return False
    with change_vault(vault) as con:
        if not any(register.secret for register in contents.read_registers(con)):
            contents.store_register(con, tombstones.create_register(secret=True))
        journal.add_keys(con, vault.folder)
    _activate_journal_keys(vault)
    return True


def _activate_journal_keys(vault: Vault) -> None:
    with open_vault(vault) as con:
        journal.activate_keys(con, vault.folder)


@contextmanager
def open_vault(vault: Vault) -> Generator[Connection]:
    """Open the vault's content for reading."""
    con = open_encrypting_database(vault.folder)
    try:
        attach_vault(con, vault, "map")
        con.execute("USE map")
        block_file_access(con)
        with _report_tampering(vault):
            yield con
    finally:
        close_database(con)


def open_encrypting_database(folder: Path) -> Connection:
    """Open a database in memory that spills encrypted into a new folder of the vault's; close by `close_database`."""
    con = map_database.open_in_memory()
    extensions.load_extension(con, "httpfs")  # provides OpenSSL, which DuckDB needs to write encrypted files
    con.execute("SET temp_file_encryption=true")
    spill_folder = scratch.create_spill_folder(folder)
    con.execute(f"SET temp_directory={literals.quote_text('' if spill_folder is None else spill_folder)}")
    return con


def close_database(con: Connection) -> None:
    """Close a database from `open_encrypting_database`, and delete its spill folder."""
    row = None
    with suppress(duckdb.Error):  # the database failed; the next connection deletes its spill folder
        row = con.execute("SELECT current_setting('temp_directory')").fetchone()
    with suppress(duckdb.Error):
        con.close()
    if row and row[0]:
        scratch.delete_spill_folder(Path(row[0]))


def attach_vault(con: Connection, vault: Vault, name: str) -> None:
    """Attach the vault to a connection for reading."""
    if not vault.file.is_file():
        raise VaultError(N_("there is no vault in {folder}"), folder=vault.folder.parent)
    options = f"READ_ONLY, ENCRYPTION_KEY '{vault.key.secret}', ENCRYPTION_CIPHER 'GCM'"
    try:
        with _report_tampering(vault):
            con.execute(f"ATTACH {literals.quote_text(vault.file)} AS {name} ({options})")
    except VaultError as error:
        if "Wrong encryption key" in str(error.__cause__):
            raise WrongKeyError(N_("this is not the key of the vault; nothing was changed")) from None
        raise
    format_version.check_version(_read_version(con, name), format_version.VAULT, file=vault.file)


def block_file_access(con: Connection) -> None:
    """Prevent a connection from opening any other file from now on."""
    con.execute("SET enable_external_access=false")
    con.execute("SET lock_configuration=true")


@contextmanager
def _write_new_vault(folder: Path, key: Key) -> Generator[Connection]:
    """Create a new vault with empty tables, to be filled in the context; at the end it replaces the old one."""
    new = folder / _NEW
    con = open_encrypting_database(folder)
    try:
        con.execute(
            f"ATTACH {literals.quote_text(new)} AS vault "
            f"(ENCRYPTION_KEY '{key.secret}', ENCRYPTION_CIPHER 'GCM', STORAGE_VERSION 'v1.5.0', "
            "RECOVERY_MODE no_wal_writes)"  # no write-ahead log: an unfinished vault is written again
        )
        os.chmod(new, _PRIVATE_FILE)  # noqa: PTH101
        con.execute("USE vault")
        con.execute("BEGIN")  # without a transaction each table would be flushed separately
        map_writer.create_tables(con)
        column_sql = {
            name: ", ".join(map_writer.column_definitions(columns_of_table))
            for name, columns_of_table in OWN_TABLES.items()
        }
        con.execute("; ".join(f'CREATE TABLE "{name}" ({columns})' for name, columns in column_sql.items()))
        con.execute(f"CREATE TABLE {_FORM} AS SELECT {format_version.VAULT:d} AS number")
        con.execute("COMMIT")
        yield con
        rows = _count_rows(con, "vault", COPIED_TABLES)
        con.execute("CHECKPOINT vault")
        con.execute("USE memory")
        con.execute("DETACH vault")
        options = f"READ_ONLY, ENCRYPTION_KEY '{key.secret}', ENCRYPTION_CIPHER 'GCM'"
        con.execute(f"ATTACH {literals.quote_text(new)} AS vault ({options})")
        _check_row_counts(con, rows, folder)
    except BaseException as error:
        close_database(con)
        for leftover in folder.glob(f"{_NEW}*"):
            leftover.unlink(missing_ok=True)
        if isinstance(error, duckdb.IOException):  # without the original message, which may quote a key
            raise VaultError(
                N_("{folder} cannot be written; its disk may be full or read-only"), folder=folder
            ) from None
        raise
    close_database(con)
    replace_file(new, folder / FILE)


def _read_version(con: Connection, name: str) -> int:
    """Read the format version of an attached vault."""
    having = "SELECT 1 FROM duckdb_tables() WHERE database_name = ? AND table_name = ?"
    if con.execute(having, [name, _FORM]).fetchone() is None:
        return format_version.FIRST
    row = con.execute(f"SELECT max(number) FROM {name}.{_FORM}").fetchone()
    return int(row[0]) if row else format_version.FIRST


def _count_rows(con: Connection, name: str, tables: Sequence[str]) -> dict[str, int]:
    """Count the rows of each table of an attached vault in one query: 30 queries take three times as long."""
    query = " UNION ALL ".join(f"SELECT '{table}', count(*) FROM {name}.\"{table}\"" for table in tables)
    return dict(con.execute(query).fetchall()) if tables else {}


def _check_row_counts(con: Connection, rows: dict[str, int], folder: Path) -> None:
    """Check that the new file, opened again, has as many rows of each table as were written."""
    if _count_rows(con, "vault", COPIED_TABLES) != rows:
        raise VaultError(N_("{folder} was not written completely; the vault is unchanged"), folder=folder)


def _check_same_content(con: Connection, table: str) -> None:
    """Check that the new table has the same content as the old one; raise a VaultError if not."""
    columns = ", ".join(f'"{row[0]}"' for row in con.execute(f'DESCRIBE old."{table}"').fetchall())
    old_digest, new_digest = (
        con.execute(f'SELECT count(*), sum(hash({columns})::HUGEINT) FROM {name}"{table}"').fetchone()
        for name in ("old.", "")
    )
    if old_digest != new_digest:
        raise VaultError(
            N_("the table {table} of the vault could not be copied completely; nothing was changed"), table=table
        )


@contextmanager
def _report_tampering(vault: Vault) -> Generator[None]:
    """Convert database errors, whose text may contain a key, to a VaultError of a damaged or changed vault."""
    try:
        yield
    except (duckdb.IOException, duckdb.InvalidInputException, duckdb.SerializationException) as error:
        raise VaultError(
            N_("{file} is damaged or was changed by somebody; restore it from a backup"),
            file=vault.file,
        ) from error
