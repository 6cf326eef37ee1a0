"""Checks of a GeoPackage as a SQLite database, before GDAL opens it."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

from lindero.layers.errors import N_, DamagedError, SourceError

_HARMLESS = re.compile(r"using\s+[\"'`\[]?(rtree|fts[345]?)\b", re.IGNORECASE)


def check_tables(path: Path, name: str) -> None:
    """Check the tables of the GeoPackage at `path`."""
    log = path.with_name(f"{path.name}-wal")
    if log.exists() and log.stat().st_size:
        raise SourceError(
            N_("{name} is open in another program, which has not saved all of it yet; close it there first"), name=name
        )
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as con:
            con.execute("PRAGMA trusted_schema = 0")
            virtual_tables = con.execute(
                "SELECT name, sql FROM sqlite_master WHERE sql LIKE 'create virtual%'"
            ).fetchall()
            views = con.execute("SELECT name FROM sqlite_master WHERE type = 'view' ORDER BY name").fetchall()
            tables = {str(row[0]).lower() for row in con.execute("SELECT name FROM sqlite_master")}
    except sqlite3.Error as error:
        raise DamagedError(
            N_("{name} cannot be read as {format}: {why}"), name=name, format="GeoPackage", why=error
        ) from error
    if "gpkg_contents" not in tables:
        raise SourceError(
            N_("{name} is a SQLite database, but not a GeoPackage; save it as GeoPackage in the program that made it"),
            name=name,
        )
    if unsafe_table := next((table for table, sql in virtual_tables if not _HARMLESS.search(str(sql))), None):
        raise SourceError(
            N_(
                "{name} has the virtual table {table}, which is computed by code. Save the layer itself as a GeoPackage"
            ),
            name=name,
            table=unsafe_table,
        )
    if views:
        raise SourceError(
            N_("{name} has the view {view}, which is computed by a query. Save the layer itself as a GeoPackage"),
            name=name,
            view=views[0][0],
        )
