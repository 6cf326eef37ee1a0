"""A map of generated polygons for `bench.map`: concessions with their attributes, and territories."""

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


def generate_polygons(count: int) -> gpd.GeoDataFrame:
    """
    Generate `count` polygons in degrees, like the concessions and communities of a country.

    The result is always the same.
    """
    titles, lands = layers(SIZES[count])
    rng = np.random.default_rng(count)
    titles = titles.sample(count - len(lands), random_state=count)
    granted = pd.to_datetime("1990-01-01") + pd.to_timedelta(rng.integers(0, 365 * 36, len(titles)), unit="D")
    concessions = titles.assign(
        layer="concessions",
        name=[f"Concesión {number}" for number in range(len(titles))],
        holder=[f"Compañía {number} S.A." for number in rng.integers(0, 3_000, len(titles))],
        kind=rng.choice(KINDS, len(titles), p=[0.7, 0.1, 0.15, 0.05]),
        status=rng.choice(STATUSES, len(titles), p=[0.6, 0.3, 0.1]),
        granted_on=granted.date,
    )
    owned = lands.assign(layer="communities", name=[f"Comunidad {number}" for number in range(len(lands))])
    return gpd.GeoDataFrame(pd.concat([concessions, owned], ignore_index=True), crs=CRS)


def publish_polygons(polygons: gpd.GeoDataFrame, build_folder: Path) -> Path:
    """Build a map of the polygons, with its tiles, as a build does, but without overlaps."""
    build_folder.mkdir(parents=True)
    new = build_folder / ".map-new.duckdb"
    con = map_writer.create_map(new)
    for name, rows in polygons.groupby("layer"):
        counts = {"rows_read": len(rows), "rows_kept": len(rows), "rows_repaired": 0, "rows_rejected": 0}
        keys = {"source_id": name, "layer": name, "snapshot_on": DAY, "is_current": True, "invented": False}
        about = {"publisher": "bench", "licence": "CC0-1.0", "title": name, "fingerprint": name}
        numbered = rows.assign(source_id=name, snapshot_on=DAY, row_number=range(1, len(rows) + 1), area_ha=1_000.0)
        map_writer.write_layer(con, LAYERS[str(name)], gpd.GeoDataFrame(numbered, crs=CRS))
        map_writer.write_table(con, "sources", pd.DataFrame([keys | about | counts]))
    digest = map_writer.compute_digest(con)
    map_writer.finish_map(con)
    tiles = new.with_suffix(builds.TILES)
    beside = [tiles] if tile_archive.write_archive(new, tiles) else []
    return builds.publish_map(build_folder, new, digest=digest, inputs=digest, beside=beside)
