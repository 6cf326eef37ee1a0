"""
False positive rates of Lindero: random worlds without any effect, each analysed as a user would.

    python -m bench null_worlds          # 100 worlds of each kind
    python -m bench null_worlds 20
    python -m bench null_worlds 250 events  # only kinds whose names start with this

Every world is a separate map, written and queried like any other. At most one world in twenty may have a hotspot, and a
range must cover at least nine worlds in ten. Otherwise Lindero's stated error rates are wrong.
"""

import datetime as dt
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lindero.app.answers.before_after import timing_report
from lindero.app.answers.hotspots.choices import CountedQuantity, PlaceKind
from lindero.app.answers.hotspots.question import Question
from lindero.app.answers.hotspots.report import hotspot_report
from lindero.geo.stats.hotspots import COLD, HOT
from lindero.layers.database import map_database, map_writer
from lindero.layers.model.schema import CRS, LAYERS
from lindero.layers.reference import base_data

WORLDS = 100
DAY = dt.date(2026, 6, 30)
WITHIN, RESOLUTION = "PE-CAJ", 4
EVENTS, MOST_ROWS = 60, 8
SIEGE_STEP = 30  # days from one attack of a siege to the next
SIEGE_DEGREES = 0.0027  # of longitude, from one place of a siege to the next: 300 m
TITLES, YEARS = 150, 12
DRAWS = 200
Frames = dict[str, pd.DataFrame]
Rng = np.random.Generator


def finds_hotspot_in_clusters(rng: Rng) -> bool:
    """Return whether anything is a hotspot if events of one to eight rows occur anywhere in Cajamarca."""
    shape = _region(WITHIN)
    rows = _rows(rng, _points(rng, shape, EVENTS))
    return _finds(_build_map({"incidents": rows}), Question(within=WITHIN, resolution=RESOLUTION), HOT)


def finds_hotspot_in_sieges(rng: Rng) -> bool:
    """Return whether anything is a hotspot if sieges of one to eight days, reported 300 m apart, occur anywhere."""
    rows = _rows(rng, _points(rng, _region(WITHIN), EVENTS))
    day = rows.groupby(rows.geometry.to_wkb()).cumcount()
    dates = (pd.to_datetime(rows["occurred_on"]) + pd.to_timedelta(day, "D")).dt.date
    moved = gpd.points_from_xy(rows.geometry.x + day * SIEGE_DEGREES, rows.geometry.y)
    rows = rows.assign(occurred_on=dates).set_geometry(moved, crs=CRS)
    return _finds(_build_map({"incidents": rows}), Question(within=WITHIN, resolution=RESOLUTION), HOT)


def finds_hotspot_in_regions(rng: Rng) -> bool:
    """Return whether anything is a hotspot if only the region of each event is known and regions are equally likely."""
    regions = base_data.load_regions("PE")
    chosen = regions.iloc[rng.integers(0, len(regions), EVENTS * 3)]
    known = pd.DataFrame({"region": chosen["name"].to_numpy()})
    rows = _rows(rng, np.full(len(known), None, dtype=object), region=known["region"], known_to="region")
    return _finds(_build_map({"incidents": rows}), Question(within="PE"), HOT)


def finds_cell_in_region(rng: Rng) -> bool:
    """Return whether a cell is a hotspot if all events are in a part of a department and only that one is known."""
    named = pd.Series(["Cajamarca"] * EVENTS)
    rows = _rows(rng, np.full(EVENTS, None, dtype=object), region=named, known_to="region")
    report = hotspot_report(_build_map({"incidents": rows}), Question(within="PE", draws=5))
    return report.question.over is PlaceKind.H3 and bool(len(report.select_result(HOT)))


def finds_result_in_half(rng: Rng) -> bool:
    """Return whether anything is hot or cold if concessions are anywhere in the half that their source covers."""
    shape = _region(WITHIN)
    west, south, east, north = shape.bounds
    half = shapely.intersection(shape, shapely.box(west, south, (west + east) / 2, north))
    titles = _titles(rng, _points(rng, half, TITLES))
    covered = {"layer": "concessions", "source_id": "concessions", "snapshot_on": DAY, "basis": "declared"}
    frame = gpd.GeoDataFrame([covered | {"extent": "covered", "place": "half"}], geometry=[half], crs=CRS)
    con = _build_map({"concessions": titles, "coverage": frame})
    question = Question(of=CountedQuantity.TITLES, within=WITHIN, resolution=RESOLUTION + 1)
    return _finds(con, question, HOT, COLD)


def timing_of_clusters(rng: Rng) -> bool:
    """
    Return whether concessions before attacks are outside their range if attacks have random dates.

    Attacks have several rows.
    """
    return _is_outside(rng, _rows(rng, _points(rng, _region(WITHIN), EVENTS)))


def timing_of_sieges(rng: Rng) -> bool:
    """Return whether concessions before attacks are outside their range if sieges have up to eight attacks."""
    rows = _rows(rng, _points(rng, _region(WITHIN), EVENTS))
    later = pd.to_timedelta(rows.groupby(rows.geometry.to_wkb()).cumcount() * SIEGE_STEP, "D")
    return _is_outside(rng, rows.assign(occurred_on=(pd.to_datetime(rows["occurred_on"]) + later).dt.date))


KINDS: dict[str, tuple[Callable[[Rng], bool], float]] = {
    "events of 1 to 8 rows: a cell is hot": (finds_hotspot_in_clusters, 0.05),
    "sieges of 1 to 8 days, places 300 m apart: a cell is hot": (finds_hotspot_in_sieges, 0.05),
    "known by region: a region is hot": (finds_hotspot_in_regions, 0.05),
    "one corner, known by region: a cell is named": (finds_cell_in_region, 0.0),
    "half of the area covered: a cell is hot or cold": (finds_result_in_half, 0.1),
    "timing of events of 1 to 8 rows: outside nine in ten": (timing_of_clusters, 0.1),
    "timing of sieges of 1 to 8 attacks, 30 days apart: outside nine in ten": (timing_of_sieges, 0.1),
}
"""What is asked of each world, and in what share of the worlds it may be so by what Lindero says."""


def count_findings(kind: str, worlds: int) -> int:
    """Count the worlds of a kind in which something was found, with seeds from 0."""
    finds, _share = KINDS[kind]
    return sum(finds(np.random.default_rng(seed)) for seed in range(worlds))


def main(worlds: str = str(WORLDS), begins: str = "") -> None:
    """Print a table of docs/methods-analysis.md, of all kinds or of those with names that start with `begins`."""
    print("| worlds of chance | may | did |\n|---|---|---|")
    for kind, (_finds, share) in KINDS.items():
        if not kind.startswith(begins):
            continue
        print(f"| {kind} | {share:.0%} | {count_findings(kind, int(worlds))} of {worlds} |")
        sys.stdout.flush()


def _finds(con: map_database.Connection, question: Question, *results: str) -> bool:
    report = hotspot_report(con, question)
    return any(len(report.select_result(result)) for result in results)


def _is_outside(rng: Rng, attacks: gpd.GeoDataFrame) -> bool:
    """Return whether the concessions granted before attacks, on random dates, are outside the range of `timing`."""
    titles = _titles(rng, _points(rng, _region(WITHIN), TITLES))
    before = timing_report(_build_map({"incidents": attacks, "concessions": titles}), draws=DRAWS).timing.sums.iloc[0]
    return not before["low"] <= before["observed"] <= before["high"]


def _region(code: str) -> shapely.Geometry:
    regions = base_data.load_regions("PE").set_index("code")
    return regions.geometry[code]


def _points(rng: Rng, shape: shapely.Geometry, count: int) -> np.ndarray:
    west, south, east, north = shape.bounds
    drawn = shapely.points(rng.uniform((west, south), (east, north), (count * 6, 2)))
    return drawn[shapely.contains(shape, drawn)][:count]


def _rows(
    rng: Rng, places: np.ndarray, *, region: pd.Series | None = None, known_to: str = "exact"
) -> gpd.GeoDataFrame:
    """Build one to eight rows of one date and place for each event, on random dates in twelve years."""
    times = rng.integers(1, MOST_ROWS + 1, len(places))
    at = np.repeat(np.arange(len(places)), times)
    days = pd.Timestamp("2012-01-01") + pd.to_timedelta(rng.integers(0, YEARS * 365, len(places)), "D")
    rows = gpd.GeoDataFrame({"occurred_on": days[at].date, "date_precision": "day"}, geometry=places[at], crs=CRS)
    region_names = "Cajamarca" if region is None else region.to_numpy()[at]
    named = rows.assign(region=region_names, country="PE", location_precision=known_to, title="An attack")
    return named.assign(visibility="public_record")


def _titles(rng: Rng, places: np.ndarray) -> gpd.GeoDataFrame:
    days = pd.Timestamp("2012-01-01") + pd.to_timedelta(rng.integers(0, YEARS * 365, len(places)), "D")
    shapes = shapely.buffer(places, 0.005, cap_style="square")
    rows = gpd.GeoDataFrame({"granted_on": days.date, "name": "A title"}, geometry=shapes, crs=CRS)
    return rows.assign(kind="mining", status="granted", boundary_accuracy_m=5.0)


def _build_map(frames: Frames) -> map_database.Connection:
    """Write a map and open it. Its file is deleted at once and disappears with the process."""
    path = Path(tempfile.mkdtemp(prefix="lindero-null-")) / "map.duckdb"
    con = map_writer.create_map(path)
    if "incidents" in frames:
        ids = [f"incidents/{number}" for number in range(len(frames["incidents"]))]
        frames = {**frames, "acts": pd.DataFrame({"incident_id": ids, "type": "threat"})}
    for name, rows in frames.items():
        if name == "coverage":
            map_writer.write_table(con, name, rows)
            continue
        numbers = range(len(rows))
        keys = {"source_id": name, "snapshot_on": DAY, "row_number": [*numbers]}
        map_writer.write_layer(con, LAYERS[name], rows.assign(id=[f"{name}/{number}" for number in numbers], **keys))
        counts = {"rows_read": len(rows), "rows_kept": len(rows), "rows_repaired": 0, "rows_rejected": 0}
        metadata = {"layer": name, "publisher": "Chance", "licence": "CC0-1.0", "title": name, "fingerprint": name}
        source = {"source_id": name, "snapshot_on": DAY, **counts, **metadata, "is_current": True, "invented": True}
        map_writer.write_table(con, "sources", pd.DataFrame([source]))
    map_writer.finish_map(con)
    found = map_database.connect(path)
    path.unlink()  # the connection keeps it open
    return found
