"""QGIS styles, translated field aliases, code lists and metadata of the layers of a GeoPackage."""

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
_EXTENSIONS = {  # extensions of the standard: by table, the name and the definition
    "gpkg_data_columns": ("gpkg_schema", "http://www.geopackage.org/spec121/#extension_schema"),
    "gpkg_data_column_constraints": ("gpkg_schema", "http://www.geopackage.org/spec121/#extension_schema"),
    "gpkg_metadata": ("gpkg_metadata", "http://www.geopackage.org/spec121/#extension_metadata"),
    "gpkg_metadata_reference": ("gpkg_metadata", "http://www.geopackage.org/spec121/#extension_metadata"),
}


@dataclass(frozen=True)
class LayerStyle:
    """The presentation of a layer in one language.

    `qml` is the style and `metadata` the description of the layer, both in the format of QGIS. `titles` are the aliases
    of columns. `codes` maps the codes of each coded column to words.
    """

    title: str
    qml: str
    metadata: str
    titles: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def write_layer_style(path: Path, table: str, style: LayerStyle) -> None:
    """Write the style, aliases and metadata of the layer `table` into the GeoPackage at `path`."""
    with closing(sqlite3.connect(path)) as con:
        con.executescript(_TABLES)
        with con:
            _register_tables(con)
            _write_style(con, table, style)
            _write_columns(con, table, style)
            _write_metadata(con, table, style)


def _register_tables(con: sqlite3.Connection) -> None:
    """Register the tables as the standard requires: QGIS finds its own table by the list of contents."""
    insert = "INSERT OR IGNORE INTO gpkg_contents (table_name, data_type, identifier) VALUES (?, 'attributes', ?)"
    con.execute(insert, (STYLES, STYLES))
    registered = {row[0] for row in con.execute("SELECT table_name FROM gpkg_extensions")}
    for table, (name, definition_url) in _EXTENSIONS.items():
        if table not in registered:
            con.execute(
                "INSERT INTO gpkg_extensions VALUES (?, NULL, ?, ?, 'read-write')", (table, name, definition_url)
            )


def _write_style(con: sqlite3.Connection, table: str, style: LayerStyle) -> None:
    geometry_column = con.execute(
        "SELECT column_name FROM gpkg_geometry_columns WHERE table_name = ?", (table,)
    ).fetchone()
    con.execute(
        "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName, "
        "styleQML, styleSLD, useAsDefault, description, owner) VALUES ('', '', ?, ?, ?, ?, '', 1, ?, '')",
        (table, geometry_column[0] if geometry_column else "", style.title[:30], style.qml, style.title),
    )
    con.execute("UPDATE gpkg_contents SET identifier = ? WHERE table_name = ?", (style.title, table))


def _write_columns(con: sqlite3.Connection, table: str, style: LayerStyle) -> None:
    for column, title in style.titles.items():
        enum = f"{table}_{column}" if column in style.codes else None
        con.execute(
            "INSERT INTO gpkg_data_columns (table_name, column_name, title, constraint_name) VALUES (?, ?, ?, ?)",
            (table, column, title, enum),
        )
    for column, words in style.codes.items():
        con.executemany(
            "INSERT INTO gpkg_data_column_constraints (constraint_name, constraint_type, value, description) "
            "VALUES (?, 'enum', ?, ?)",
            [(f"{table}_{column}", code, word) for code, word in words.items()],
        )


def _write_metadata(con: sqlite3.Connection, table: str, style: LayerStyle) -> None:
    metadata_id = con.execute(
        "INSERT INTO gpkg_metadata (md_scope, md_standard_uri, metadata) VALUES ('dataset', ?, ?)",
        (_QGIS, style.metadata),
    ).lastrowid
    con.execute(
        "INSERT INTO gpkg_metadata_reference (reference_scope, table_name, md_file_id) VALUES ('table', ?, ?)",
        (table, metadata_id),
    )
