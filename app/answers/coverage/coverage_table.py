"""Where the sources of an exported layer have data, and as of when: a table that goes with the file."""

from pathlib import Path

import geopandas as gpd
import pandas as pd

from lindero.app.answers.coverage.reach import coverage_of_side
from lindero.app.answers.overlap.row_selection import Side
from lindero.layers.database.coverage import Row
from lindero.layers.database.map_database import Connection
from lindero.layers.model.schema import CRS

COLUMNS = ["layer", "source_id", "publisher", "as_of", "basis", "extent", "name", "geometry"]


def coverage_table(con: Connection, side: Side) -> gpd.GeoDataFrame:
    """
    Give where the sources of a layer have data: a row for each area, and one for a source that says nothing of it.

    Columns: `layer`, `source_id`, `publisher`, `as_of` (missing where nobody stated it), `basis` (declared, proposed),
    `extent` (covered, possible), `name` of the area, polygons in OGC:CRS84.
    """
    found = coverage_of_side(con, side)
    own = pd.DataFrame(found.of(side.layer.name), columns=Row._fields)
    told = [
        {"layer": side.layer.name, "source_id": one.source_id, "publisher": one.publisher, "as_of": one.as_of}
        for one in found.sources
        if one.layer == side.layer.name or one.source_id in set(own["source_id"])
    ]
    sources = pd.DataFrame(told, columns=COLUMNS[:4])
    rows = sources.merge(own[["source_id", *COLUMNS[4:]]], on="source_id", how="left")
    return gpd.GeoDataFrame(rows[COLUMNS], geometry="geometry", crs=CRS)


def beside(output: Path) -> Path:
    """Name the file that goes with an exported one which can hold one table alone."""
    return output.with_name(f"{output.stem}.coverage.geojson")
