"""What a GeoPackage tells a GIS besides its rows: how a layer is drawn, its columns and codes in words, whose it is."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

STYLES = "layer_styles"
"""The table in which QGIS looks for a layer's style; itself no layer."""

COLUMNS = (
    *("id", "f_table_catalog", "f_table_schema", "f_table_name", "f_geometry_column", "styleName", "styleQML"),
    *("styleSLD", "useAsDefault", "description", "owner", "ui", "update_time"),
)
_QGIS = "http://mrcc.com/qgis.dtd"
_TABLES = f"""
CREATE TABLE IF NOT EXISTS {STYLES} (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256), f_table_schema TEXT(256),
    f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
    useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
    update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')));
CREATE TABLE IF NOT EXISTS gpkg_extensions (
    table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL, definition TEXT NOT NULL, scope TEXT NOT NULL,
    CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));
CREATE TABLE IF NOT EXISTS gpkg_data_columns (
    table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT, description TEXT, mime_type TEXT,
    constraint_name TEXT, CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name),
    CONSTRAINT gdc_tn UNIQUE (table_name, name));
CREATE TABLE IF NOT EXISTS gpkg_data_column_constraints (
    constraint_name TEXT NOT NULL, constraint_type TEXT NOT NULL, value TEXT, min NUMERIC, min_is_inclusive BOOLEAN,
    max NUMERIC, max_is_inclusive BOOLEAN, description TEXT,
    CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value));
CREATE TABLE IF NOT EXISTS gpkg_metadata (
    id INTEGER CONSTRAINT m_pk PRIMARY KEY ASC NOT NULL, md_scope TEXT NOT NULL DEFAULT 'dataset',
    md_standard_uri TEXT NOT NULL, mime_type TEXT NOT NULL DEFAULT 'text/xml', metadata TEXT NOT NULL DEFAULT '');
CREATE TABLE IF NOT EXISTS gpkg_metadata_reference (
    reference_scope TEXT NOT NULL, table_name TEXT, column_name TEXT, row_id_value INTEGER,
    timestamp DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')), md_file_id INTEGER NOT NULL,
    md_parent_id INTEGER, CONSTRAINT crmr_mfi_fk FOREIGN KEY (md_file_id) REFERENCES gpkg_metadata(id),
    CONSTRAINT crmr_mpi_fk FOREIGN KEY (md_parent_id) REFERENCES gpkg_metadata(id));
"""
_EXTENSIONS = {  # of the standard: the table, and where it is defined
    "gpkg_data_columns": ("gpkg_schema", "http://www.geopackage.org/spec121/#extension_schema"),
    "gpkg_data_column_constraints": ("gpkg_schema", "http://www.geopackage.org/spec121/#extension_schema"),
    "gpkg_metadata": ("gpkg_metadata", "http://www.geopackage.org/spec121/#extension_metadata"),
    "gpkg_metadata_reference": ("gpkg_metadata", "http://www.geopackage.org/spec121/#extension_metadata"),
}


@dataclass(frozen=True)
class Dress:
    """
    How a layer is shown, in one language.

    `qml` is the style and `metadata` the account of the layer, both as QGIS writes them; `titles` are the columns in
    words; `codes` gives, by column, its codes in words.
    """

    title: str
    qml: str
    metadata: str
    titles: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def write(path: Path, table: str, dress: Dress) -> None:
    """
    Write into the GeoPackage at `path` how its layer `table` is shown.

    Raises
    ------
    sqlite3.Error
        If it cannot be written.
    """
    with closing(sqlite3.connect(path)) as con:
        con.executescript(_TABLES)
        with con:
            _register(con)
            _write_style(con, table, dress)
            _write_columns(con, table, dress)
            _write_metadata(con, table, dress)


def _register(con: sqlite3.Connection) -> None:
    """Name the tables as the standard wants it: QGIS finds its own by the list of contents."""
    listed = "INSERT OR IGNORE INTO gpkg_contents (table_name, data_type, identifier) VALUES (?, 'attributes', ?)"
    con.execute(listed, (STYLES, STYLES))
    registered = {row[0] for row in con.execute("SELECT table_name FROM gpkg_extensions")}
    for table, (name, where) in _EXTENSIONS.items():
        if table not in registered:
            con.execute("INSERT INTO gpkg_extensions VALUES (?, NULL, ?, ?, 'read-write')", (table, name, where))


def _write_style(con: sqlite3.Connection, table: str, dress: Dress) -> None:
    found = con.execute("SELECT column_name FROM gpkg_geometry_columns WHERE table_name = ?", (table,)).fetchone()
    con.execute(
        "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName, "
        "styleQML, styleSLD, useAsDefault, description, owner) VALUES ('', '', ?, ?, ?, ?, '', 1, ?, '')",
        (table, found[0] if found else "", dress.title[:30], dress.qml, dress.title),
    )
    con.execute("UPDATE gpkg_contents SET identifier = ? WHERE table_name = ?", (dress.title, table))


def _write_columns(con: sqlite3.Connection, table: str, dress: Dress) -> None:
    for column, title in dress.titles.items():
        enum = f"{table}_{column}" if column in dress.codes else None
        con.execute(
            "INSERT INTO gpkg_data_columns (table_name, column_name, title, constraint_name) VALUES (?, ?, ?, ?)",
            (table, column, title, enum),
        )
    for column, words in dress.codes.items():
        con.executemany(
            "INSERT INTO gpkg_data_column_constraints (constraint_name, constraint_type, value, description) "
            "VALUES (?, 'enum', ?, ?)",
            [(f"{table}_{column}", code, word) for code, word in words.items()],
        )


def _write_metadata(con: sqlite3.Connection, table: str, dress: Dress) -> None:
    new = con.execute(
        "INSERT INTO gpkg_metadata (md_scope, md_standard_uri, metadata) VALUES ('dataset', ?, ?)",
        (_QGIS, dress.metadata),
    ).lastrowid
    con.execute(
        "INSERT INTO gpkg_metadata_reference (reference_scope, table_name, md_file_id) VALUES ('table', ?, ?)",
        (table, new),
    )
