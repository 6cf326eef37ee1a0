"""The coverage of sources: the areas where each source has data, as stored in the map.

A build writes it (`app.builder.rows.coverage`) and answers read it (`app.answers.coverage.coverage`). With it, an
answer distinguishes "no record here" from "no data for this area" and from "unknown".
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

import shapely
from shapely.geometry.base import BaseGeometry

from lindero.layers.database.literals import quote_text
from lindero.layers.database.map_database import Connection
from lindero.layers.model.schema import LAYERS

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd


TABLE = "coverage"
WHOLE_SHARE = 0.95
"""
Share of an area from which it counts as covered whole, so that a share of it may be said and ranked: two drawings of
one boundary differ by as much (97 % of INEI's Cajamarca lies in that of the base data).
"""
ZERO = 0.98
"""Share of an area from which a zero may be said of it. It is stricter: a zero is a claim about the rest, too."""


class Basis(StrEnum):
    """The basis of a coverage area: declared by a person, or proposed from the rows."""

    DECLARED = "declared"
    PROPOSED = "proposed"  # derived from the rows


class Extent(StrEnum):
    """The meaning of a coverage area: covered, or possibly covered."""

    COVERED = "covered"  # anything that is not recorded here is not in the source
    POSSIBLE = "possible"  # the source has rows in the region, but not all around this place


def write_coverage(con: Connection, rows: gpd.GeoDataFrame) -> None:
    """Add coverage rows to a map.

    `rows`: the columns of `layers.model.schema.COVERAGE`, with polygons in OGC:CRS84. A missing geometry means
    anywhere.
    """
    from lindero.layers.database import map_writer

    map_writer.write_table(con, TABLE, rows)


class CoverageRow(NamedTuple):
    """An area in which a snapshot of a source has data, or may have data.

    The geometry is polygons in OGC:CRS84. None means anywhere.
    """

    layer: str
    source_id: str
    snapshot_on: dt.date
    basis: Basis
    extent: Extent
    place: str | None
    name: str | None
    geometry: BaseGeometry | None


def read_coverage(con: Connection) -> gpd.GeoDataFrame:
    """Read the coverage of every snapshot, and whether the snapshot is current.

    Returns: the columns of `layers.model.schema.COVERAGE`, with polygons in OGC:CRS84 (missing: anywhere), and
    `is_current`.
    """
    import geopandas as gpd

    query = f"SELECT c.*, s.is_current FROM {TABLE} c JOIN sources s USING (source_id, snapshot_on) ORDER BY ALL"
    return gpd.GeoDataFrame.from_arrow(con.sql(query))


def read_coverage_rows(con: Connection, layers: Collection[str] = ()) -> list[CoverageRow]:
    """Read the coverage of some layers, or of all, as plain records.

    Neither pandas nor geopandas is loaded.

    Returns: the rows of all snapshots, with polygons in OGC:CRS84.
    """
    columns = ", ".join(f"c.{name}" for name in CoverageRow._fields if name != "geometry")
    joined = f"{TABLE} c JOIN sources s USING (source_id, snapshot_on)"
    condition = f"c.layer IN ({', '.join(map(quote_text, layers))})" if layers else "true"
    query = f"SELECT {columns}, ST_AsWKB(c.geometry) FROM {joined} WHERE {condition} ORDER BY ALL"
    rows = con.execute(query).fetchall()
    return [
        CoverageRow._make((*values, None if geometry_wkb is None else shapely.from_wkb(geometry_wkb)))
        for *values, geometry_wkb in rows
    ]


def iter_row_places(con: Connection, tables: Collection[str]) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield the places of each table's rows.

    Rows that belong to an incident or a community take its place.

    Yields: the name of the layer and its rows: `source_id`, `snapshot_on`, the bounding box (`xmin`, `ymin`, `xmax`,
    `ymax`, in degrees), `region`, `country`. The bounding box is missing where a row has no place. `region` and
    `country` are set for incidents and their rows only, in the gazetteer's spelling.
    """
    for name, query in ((name, query) for name, query in _PLACES.items() if name in tables):
        yield name, con.execute(query).df()


def _place_queries() -> dict[str, str]:
    boxes = "{0}.xmin, {0}.ymin, {0}.xmax, {0}.ymax"
    with_names, without_names = "{0}.region, {0}.country", "NULL::VARCHAR AS region, NULL::VARCHAR AS country"
    queries = {}
    for layer in LAYERS.values():
        keys = "SELECT r.source_id, r.snapshot_on"
        if layer.has_geometry:
            names = with_names if layer.name == "incidents" else without_names
            queries[layer.name] = f"{keys}, {boxes.format('r')}, {names.format('r')} FROM {layer.name} r"
        elif layer.has_incident_id:
            # Rows from the same file as their incidents are joined to the incidents of the same snapshot.
            same_snapshot = "(p.source_id <> r.source_id OR p.snapshot_on = r.snapshot_on)"
            joined = f"FROM {layer.name} r JOIN incidents p ON p.id = r.incident_id AND {same_snapshot}"
            queries[layer.name] = f"{keys}, {boxes.format('p')}, {with_names.format('p')} {joined}"
        elif "community_id" in layer.names:
            joined = f"FROM {layer.name} r JOIN communities p ON p.id = r.community_id"
            queries[layer.name] = f"{keys}, {boxes.format('p')}, {without_names} {joined}"
    return queries


_PLACES = _place_queries()
