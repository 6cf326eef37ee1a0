"""A map whose hotspots are known: in Cajamarca, attacks, titles and communities about one town, few elsewhere."""

import datetime as dt
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import Point, box

from lindero.app.answers.engine import LOCAL_ENGINE
from lindero.app.builder.derived.hotspot_inputs import add_cells
from lindero.app.builder.derived.layer_overlaps import compute_overlaps
from lindero.layers.database import coverage, map_writer
from lindero.layers.disk import builds
from lindero.layers.model.schema import CRS, LAYERS
from tests.once import map_of

DAY = dt.date(2026, 6, 30)
MIDDLE = (-78.5, -6.9)
COVERED = box(-85, -20, -65, 2)
ATTACKS = 60  # about the middle, one victim each but the first, which has 5
ELSEWHERE = [(-79.1, -5.2), (-78.9, -5.6), (-78.3, -7.4), (-78.9, -6.2), (-79.0, -6.6)]
REGION_ONLY = 6  # known to lie in Cajamarca
NOWHERE = 2  # no place at all
UNDATED = 3  # of those about the middle
COMMUNITIES = 25
TITLES = 80  # about the middle; half of them applied for in 2020, half granted in 2024 without a date of application


def publish(build_folder: Path, *, is_covered: bool = True) -> Path:
    """Build the map, whose sources say that they have data of all of Peru, unless not `is_covered`; returns its file."""
    return map_of(("hot", is_covered), build_folder, lambda: write(build_folder, is_covered=is_covered))


def write(build_folder: Path, *, is_covered: bool = True) -> Path:
    """Build it anew, for a test of how that is done."""
    build_folder.mkdir(parents=True, exist_ok=True)
    new = build_folder / ".map-new.duckdb"
    con = map_writer.create_map(new)
    rng = np.random.default_rng(1)
    near = rng.normal(MIDDLE, 0.12, (ATTACKS, 2))
    for name, rows in {
        "incidents": _incidents(near),
        "acts": pd.DataFrame({"incident_id": [f"incidents/{i}" for i in range(ATTACKS)], "type": "threat"}),
        "victims": pd.DataFrame({"incident_id": [f"incidents/{i}" for i in range(ATTACKS)], "count": [5, *[1] * 59]}),
        "concessions": _titles(rng),
        "communities": _communities(),
        "regions": _regions(),
    }.items():
        map_writer.write_layer(con, LAYERS[name], _keyed(name, rows))
        map_writer.write_table(con, "sources", _source(name, len(rows)))
    add_cells(con, LOCAL_ENGINE, compute_overlaps(con, LOCAL_ENGINE, lambda *_: None))
    if is_covered:
        keys = {"snapshot_on": DAY, "basis": "declared", "extent": "covered", "name": "Peru", "geometry": COVERED}
        told = [{"layer": name, "source_id": name, **keys} for name in ("incidents", "concessions", "communities")]
        coverage.write_coverage(con, gpd.GeoDataFrame(told, geometry="geometry", crs=CRS))
    digest = map_writer.compute_digest(con)
    map_writer.finish_map(con)
    return builds.publish_map(build_folder, new, digest=digest, inputs=digest)


def _incidents(near: np.ndarray) -> gpd.GeoDataFrame:
    points = [*map(Point, near), *map(Point, ELSEWHERE), *[None] * (REGION_ONLY + NOWHERE)]
    rows = gpd.GeoDataFrame({"occurred_on": [dt.date(2020, 1, 1)] * len(points)}, geometry=points, crs=CRS)
    rows["location_precision"] = ["locality" if point else "region" for point in points]
    placed = np.arange(len(points)) < ATTACKS + len(ELSEWHERE) + REGION_ONLY
    rows["region"] = np.where(placed, "Cajamarca", "")
    rows["country"] = np.where(placed, "PE", "")
    rows.loc[: UNDATED - 1, "occurred_on"] = None
    return rows.assign(visibility="public_record", title="An attack")


def _titles(rng: np.random.Generator) -> gpd.GeoDataFrame:
    vertices = np.concatenate((rng.normal(MIDDLE, 0.12, (TITLES, 2)), ELSEWHERE))
    rows = gpd.GeoDataFrame(geometry=[box(x, y, x + 0.02, y + 0.02) for x, y in vertices], crs=CRS)
    first = np.arange(len(rows)) < TITLES // 2
    rows["applied_on"] = [dt.date(2020, 5, 1) if one else None for one in first]
    rows["granted_on"] = dt.date(2024, 5, 1)
    return rows.assign(kind="mining", status="granted", name="A title", boundary_accuracy_m=5.0)


def _communities() -> gpd.GeoDataFrame:
    places = [(-79.2 + 0.2 * (i % 5), -7.4 + 0.4 * (i // 5)) for i in range(COMMUNITIES)]
    rows = gpd.GeoDataFrame(geometry=[box(x, y, x + 0.05, y + 0.05) for x, y in places], crs=CRS)
    return rows.assign(name=[f"Community {i}" for i in range(COMMUNITIES)], population=100, boundary_accuracy_m=20.0)


def _regions() -> gpd.GeoDataFrame:
    places = [(-79.6 + 0.3 * (i % 6), -7.8 + 0.4 * (i // 6)) for i in range(42)]
    rows = gpd.GeoDataFrame(geometry=[box(x, y, x + 0.3, y + 0.4) for x, y in places], crs=CRS)
    return rows.assign(name=[f"Province {i}" for i in range(42)], level="province", parent_name="Cajamarca")


def _keyed(name: str, rows: pd.DataFrame) -> pd.DataFrame:
    numbers = range(len(rows))
    keys = {"id": [f"{name}/{i}" for i in numbers], "row_number": [*numbers]}
    return rows.assign(**keys, source_id=name, snapshot_on=DAY)


def _source(name: str, rows: int) -> pd.DataFrame:
    counts = {"rows_read": rows, "rows_kept": rows, "rows_repaired": 0, "rows_rejected": 0}
    told = {"publisher": "A register", "licence": "CC0-1.0", "title": name, "fingerprint": name}
    keys = {"source_id": name, "layer": name, "snapshot_on": DAY, "is_current": True, "invented": True}
    return pd.DataFrame([keys | told | counts])
