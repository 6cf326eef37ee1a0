"""The working map for holders of the key: the built map joined with the vault, in memory.

Nothing is written to the disk. The tables with people's records are in this process only; data that does not fit into
memory is spilled encrypted.
"""

from pathlib import Path

import duckdb

from lindero.layers.database import extensions, literals
from lindero.layers.database.map_database import Connection
from lindero.layers.errors import N_, NotBuiltError
from lindero.layers.vault import vault_file
from lindero.layers.vault.vault_file import OWN_TABLES, Vault


def connect_joined_map(path: Path, vault: Vault) -> Connection:
    """Open the map at `path` and the vault as one map for reading; the connection can read no other file.

    Returns: an in-memory database with the tables of the map. Tables with rows in the vault contain the rows of both.
    Close it with `close_database`, which also deletes its spill folder.
    """
    con = vault_file.open_encrypting_database(vault.folder)
    try:
        extensions.load_extension(con, "spatial")
        try:
            con.execute(f"ATTACH {literals.quote_text(path)} AS built (READ_ONLY)")
        except duckdb.Error as error:
            raise NotBuiltError(N_("{name} cannot be read as a map"), name=path.name) from error
        vault_file.attach_vault(con, vault, "vault")
        con.execute("ATTACH ':memory:' AS map")
        con.execute("USE map")
        for name in _list_tables(con, "built"):
            if name not in OWN_TABLES and name != "vocabularies" and _count_vault_rows(con, name):
                union = f'FROM built."{name}" UNION ALL BY NAME FROM vault."{name}"'
                con.execute(f'CREATE TABLE "{name}" AS {union}')
            else:
                con.execute(f'CREATE VIEW "{name}" AS FROM built."{name}"')
        con.execute("DETACH vault")
        vault_file.block_file_access(con)
    except BaseException:
        vault_file.close_database(con)
        raise
    return con


def _list_tables(con: Connection, database: str) -> list[str]:
    query = "SELECT table_name FROM duckdb_tables() WHERE database_name = ? ORDER BY table_name"
    return [row[0] for row in con.execute(query, [database]).fetchall()]


def _count_vault_rows(con: Connection, name: str) -> int:
    if name not in _list_tables(con, "vault"):
        return 0
    row = con.execute(f'SELECT count(*) FROM vault."{name}"').fetchone()
    return int(row[0]) if row else 0
