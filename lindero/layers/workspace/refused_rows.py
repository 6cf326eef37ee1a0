"""Refused rows in a map: their names, their areas in hectares, and the geometry that they are likely about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import shapely

from lindero.layers.database.map_database import Connection
from lindero.layers.errors import N_, AnswerError
from lindero.layers.model.schema import REFUSED
from lindero.layers.workspace.manifest_file import Workspace, edit_manifest, load_workspace

if TYPE_CHECKING:
    import geopandas as gpd

TABLE = "refused"


def read_refused_rows(con: Connection) -> gpd.GeoDataFrame:
    """Read the refused rows of the current snapshots, largest first.

    Returns: `source_id`, `snapshot_on`, `row_number`, `layer`, `reason`, `detail`, `code`, `name`, `area_official_ha`,
    `area_ha` (hectares of the likely reading), and `geometry` (the likely reading in OGC:CRS84; missing if there is
    none).
    """
    import geopandas as gpd

    return gpd.GeoDataFrame.from_arrow(con.sql(_refused_sql("r.*")))


def read_refused_values(con: Connection) -> list[dict[str, Any]]:
    """Read the refused rows of the current snapshots as plain records, largest first.

    Neither pandas nor geopandas is loaded.

    Returns: the columns of `read_refused_rows` by name; missing values are None.
    """
    names = [column.name for column in REFUSED if column.name != "geometry"]
    rows = con.execute(_refused_sql(f"{', '.join(f'r.{name}' for name in names)}, ST_AsWKB(r.geometry)")).fetchall()
    return [
        dict(zip(names, values, strict=True)) | {"geometry": geometry_wkb and shapely.from_wkb(geometry_wkb)}
        for *values, geometry_wkb in rows
    ]


def _refused_sql(columns: str) -> str:
    return f"""
        SELECT {columns} FROM {TABLE} r JOIN sources s USING (source_id, snapshot_on) WHERE s.is_current
        ORDER BY coalesce(r.area_official_ha, r.area_ha) DESC NULLS LAST, r.source_id, r.row_number
    """


def accept_rows(workspace: Workspace, con: Connection, source_id: str, rows: list[int]) -> Workspace:
    """Record in the manifest that the likely reading of some refused rows is right; the next build keeps them."""
    refused = read_refused_rows(con)
    readable = refused[(refused["source_id"] == source_id) & refused.geometry.notna()]
    if unreadable := [row for row in rows if row not in set(readable["row_number"])]:
        raise AnswerError(
            N_(
                "row {row} of source {id} cannot be accepted: it was not rejected, or it has no likely "
                "reading. Rows that can be accepted: {rows}"
            ),
            id=source_id,
            row=unreadable[0],
            rows=", ".join(map(str, sorted(readable["row_number"]))) or "–",
        )
    snapshot_date = str(readable["snapshot_on"].iloc[0])[:10]
    with edit_manifest(workspace.folder) as document:
        for source in document.get("source", []):
            entry_date = str(source.get("snapshot_on") or source.get("retrieved_on", ""))
            if source.get("id") == source_id and entry_date == snapshot_date:
                source["accepted"] = sorted({*source.get("accepted", []), *rows})
    return load_workspace(workspace.folder)
