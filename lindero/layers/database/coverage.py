"""
Where each source has data, as the map stores it; the one home of the stored form.

A build writes it (`app.pipeline.rows.coverage`); answers read it (`app.answers.coverage.coverage`), which tell "none on
record here" from "no data of this here" and from "not known".
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

import duckdb
import shapely
from shapely.geometry.base import BaseGeometry

from lindero.layers.database.literals import text
from lindero.layers.database.map_database import Connection
from lindero.layers.model.schema import COVERAGE, CRS, LAYERS

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd


TABLE = "coverage"
WHOLE = 0.95
"""
Share of an area from which it counts as covered whole, so that a share of it may be said and ranked: two drawings of
one boundary differ by as much (97 % of INEI's Cajamarca lies in that of the base data).
"""
ZERO = 0.98
"""Share of an area from which a zero may be said of it. It is stricter: a zero is a claim about the rest, too."""


class Basis(StrEnum):
    """How it is known where a source has data."""

    DECLARED = "declared"
    PROPOSED = "proposed"  # from its rows


class Extent(StrEnum):
    """What holds of the ground of a row of the table."""

    COVERED = "covered"  # what is not on record here is not in the source
    POSSIBLE = "possible"  # the source has rows in this region, but not all round this place


def write(con: Connection, rows: gpd.GeoDataFrame) -> None:
    """Add rows with the columns of `layers.model.schema.COVERAGE`, polygons in OGC:CRS84 (None: anywhere)."""
    from lindero.layers.database import map_writer

    map_writer.write_table(con, TABLE, rows)


class Row(NamedTuple):
    """Ground of which a snapshot of a source has data, or may have: polygons in OGC:CRS84, anywhere if None."""

    layer: str
    source_id: str
    snapshot_on: dt.date
    basis: Basis
    extent: Extent
    place: str | None
    name: str | None
    geometry: BaseGeometry | None


def read(con: Connection) -> gpd.GeoDataFrame:
    """Read the coverage of every snapshot, and whether it `is_current`; empty of a map of an earlier version."""
    import geopandas as gpd

    columns = [*(column.name for column in COVERAGE), "is_current"]
    query = f"SELECT c.*, s.is_current FROM {TABLE} c JOIN sources s USING (source_id, snapshot_on) ORDER BY ALL"
    try:
        rows = con.sql(query)
    except duckdb.CatalogException:
        return gpd.GeoDataFrame(columns=columns, geometry="geometry", crs=CRS)
    return gpd.GeoDataFrame.from_arrow(rows)


def read_rows(con: Connection, layers: Collection[str] = ()) -> list[Row]:
    """Do as `read` does, of some layers or of all, and give each row by itself. No library of frames is loaded."""
    columns = ", ".join(f"c.{name}" for name in Row._fields if name != "geometry")
    joined = f"{TABLE} c JOIN sources s USING (source_id, snapshot_on)"
    of_layers = f"c.layer IN ({', '.join(map(text, layers))})" if layers else "true"
    query = f"SELECT {columns}, ST_AsWKB(c.geometry) FROM {joined} WHERE {of_layers} ORDER BY ALL"
    try:
        rows = con.execute(query).fetchall()
    except duckdb.CatalogException:
        return []
    return [Row._make((*values, None if drawn is None else shapely.from_wkb(drawn))) for *values, drawn in rows]


def placed_rows(
    con: Connection, tables: Collection[str], *, besides: frozenset[tuple[str, str, str]] = frozenset()
) -> Iterator[tuple[str, pd.DataFrame]]:
    """
    Give of each of some tables where its rows lie: `source_id`, `snapshot_on`, a box, `region` and `country`.

    Rows of some layers, sources and days (YYYY-MM-DD) are left out.

    What belongs to an incident or a community lies where that does. `region` and `country` are those of incidents, as
    the gazetteer spells them; the box (`xmin`, `ymin`, `xmax`, `ymax`) is missing where a row has no place.
    """
    for name, query in ((name, query) for name, query in _PLACES.items() if name in tables):
        keys = ", ".join(
            f"({text(source)}, {text(day)}::DATE)" for layer, source, day in sorted(besides) if layer == name
        )
        chosen = f"{query} WHERE (r.source_id, r.snapshot_on) NOT IN ({keys})" if keys else query
        yield name, con.execute(chosen).df()


def _places() -> dict[str, str]:
    boxes = "{0}.xmin, {0}.ymin, {0}.xmax, {0}.ymax"
    named, unnamed = "{0}.region, {0}.country", "NULL::VARCHAR AS region, NULL::VARCHAR AS country"
    queries = {}
    for layer in LAYERS.values():
        keys = "SELECT r.source_id, r.snapshot_on"
        if layer.has_geometry:
            about = named if layer.name == "incidents" else unnamed
            queries[layer.name] = f"{keys}, {boxes.format('r')}, {about.format('r')} FROM {layer.name} r"
        elif layer.of_incidents:
            # rows of the same file as their incidents go with those of its own day
            own = "(p.source_id <> r.source_id OR p.snapshot_on = r.snapshot_on)"
            joined = f"FROM {layer.name} r JOIN incidents p ON p.id = r.incident_id AND {own}"
            queries[layer.name] = f"{keys}, {boxes.format('p')}, {named.format('p')} {joined}"
        elif "community_id" in layer.names:
            joined = f"FROM {layer.name} r JOIN communities p ON p.id = r.community_id"
            queries[layer.name] = f"{keys}, {boxes.format('p')}, {unnamed} {joined}"
    return queries


_PLACES = _places()
