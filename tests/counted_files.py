"""Vaults of restricted records that are all counted in one cell, made without any file, and what is published of them."""

import datetime as dt
import json

import geopandas as gpd
import pandas as pd

from lindero.app.media.site.publication_files import DESCRIPTION
from lindero.layers.database import map_writer
from lindero.layers.model.schema import CRS, INCIDENTS
from lindero.layers.vault import vault_file

TODAY = dt.date(2026, 6, 30)
TEN_DAYS = 10


def hold(held, count):
    """Let a vault hold so many restricted records of Ucayali in 2024 and nothing else."""
    with vault_file.change_vault(held) as con:
        fill(con, count)


def fill(con, count, *, source="socio", **other):
    """Write so many into a vault that is being changed, instead of what the source told before."""
    told = {"source_id": source, "snapshot_on": TODAY, "visibility": "restricted", "region": "Ucayali", "country": "PE"}
    rows = pd.DataFrame(
        {
            "id": [f"{source}-{n}" for n in range(count)],
            "row_number": range(1, count + 1),
            "title": [f"caso {n} {'abcdefghijklmnopqrstuvwxyz'[n % 26] * 9}" for n in range(count)],
            "occurred_on": [dt.date(2024, 1, 1) + dt.timedelta(days=TEN_DAYS * n) for n in range(count)],
            **told | {"date_precision": "day", "location_precision": "region"} | other,
        }
    )
    entry = {"source_id": source, "snapshot_on": TODAY, "fingerprint": vault_file.MARK, "layer": "incidents"}
    con.execute("DELETE FROM incidents WHERE source_id = ?", [source])
    con.execute("DELETE FROM sources WHERE source_id = ?", [source])
    map_writer.write_table(con, "sources", pd.DataFrame([entry | {"is_current": True}]))
    map_writer.write_layer(con, INCIDENTS, gpd.GeoDataFrame(rows, geometry=[None] * count, crs=CRS))


def shown_in(folder):
    """The numbers of a publication: those of its cells."""
    path = folder / "layers" / "restricted_counts.parquet"
    return gpd.read_parquet(path)["count"].tolist() if path.exists() else []


def is_whole(folder):
    """Whether every file that a publication describes is there, and no other."""
    described = json.loads((folder / DESCRIPTION).read_text("utf-8"))
    listed = {resource["path"] for resource in described["resources"]}
    return listed == {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} - {
        DESCRIPTION
    }
