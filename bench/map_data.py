"""A map of generated polygons for `bench.map`: titles with kinds, states, years and holders, and territories."""

import datetime as dt
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from bench.generate import layers
from lindero.layers.database import map_writer
from lindero.layers.disk import builds
from lindero.layers.model.schema import CRS, LAYERS
from lindero.layers.tiles import tile_archive

DAY = dt.date(2026, 6, 30)
KINDS = ("mining", "hydrocarbons", "forestry", "agro_industry")
STATUSES = ("granted", "applied", "expired")
SIZES = {50_000: "S", 500_000: "L"}


def generated(count: int) -> gpd.GeoDataFrame:
    """Give `count` polygons in degrees as a country's concessions and communities would be, the same every time."""
    titles, lands = layers(SIZES[count])
    rng = np.random.default_rng(count)
    titles = titles.sample(count - len(lands), random_state=count)
    granted = pd.to_datetime("1990-01-01") + pd.to_timedelta(rng.integers(0, 365 * 36, len(titles)), unit="D")
    told = titles.assign(
        layer="concessions",
        name=[f"Concesión {number}" for number in range(len(titles))],
        holder=[f"Compañía {number} S.A." for number in rng.integers(0, 3_000, len(titles))],
        kind=rng.choice(KINDS, len(titles), p=[0.7, 0.1, 0.15, 0.05]),
        status=rng.choice(STATUSES, len(titles), p=[0.6, 0.3, 0.1]),
        granted_on=granted.date,
    )
    owned = lands.assign(layer="communities", name=[f"Comunidad {number}" for number in range(len(lands))])
    return gpd.GeoDataFrame(pd.concat([told, owned], ignore_index=True), crs=CRS)


def publish(polygons: gpd.GeoDataFrame, build_folder: Path) -> Path:
    """Make a map of the polygons, with its tiles, as a build would; overlaps are left out."""
    build_folder.mkdir(parents=True)
    new = build_folder / ".map-new.duckdb"
    con = map_writer.create(new)
    for name, rows in polygons.groupby("layer"):
        counts = {"rows_read": len(rows), "rows_kept": len(rows), "rows_repaired": 0, "rows_rejected": 0}
        keys = {"source_id": name, "layer": name, "snapshot_on": DAY, "is_current": True, "invented": False}
        about = {"publisher": "bench", "licence": "CC0-1.0", "title": name, "fingerprint": name}
        numbered = rows.assign(source_id=name, snapshot_on=DAY, row_number=range(1, len(rows) + 1), area_ha=1_000.0)
        map_writer.write_layer(con, LAYERS[str(name)], gpd.GeoDataFrame(numbered, crs=CRS))
        map_writer.write_table(con, "sources", pd.DataFrame([keys | about | counts]))
    digest = map_writer.digest(con)
    map_writer.finish(con)
    tiles = new.with_suffix(builds.TILES)
    beside = [tiles] if tile_archive.write(new, tiles) else []
    return builds.publish(build_folder, new, digest=digest, inputs=digest, beside=beside)
