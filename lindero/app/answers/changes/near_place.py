"""Register changes near a position or near a named area."""

import datetime as dt
from collections.abc import Callable, Iterable

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lindero.app.answers.changes.register_changes import ChangeReport, Register
from lindero.app.answers.changes.register_dates import DatedReport
from lindero.app.answers.coverage.coverage import Coverage, LayerCoverage
from lindero.app.answers.place.nearby import buffered_bounds, spot_bounds
from lindero.app.answers.place.spot import Spot
from lindero.app.text.escape import escape_markdown
from lindero.app.text.i18n import format_long_date
from lindero.geo import find_nearby
from lindero.geo.near.within_distance import BOX_SLACK, find_within_distance
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Connection
from lindero.layers.model.identity import build_versions
from lindero.layers.model.schema import CRS, LAYERS


def filter_nearby_changes(con: Connection, report: ChangeReport, spot: Spot, *, within_km: float) -> pd.DataFrame:
    """Filter a report's rows to records that are or were within a distance of a place, the nearest first.

    Columns: those of `ChangeReport.rows`, and `distance_m`.
    """
    layer = LAYERS[report.after.layer]
    box = spot_bounds(spot, within_km)
    features = map_database.read_layer(con, layer, bounds=box, every_snapshot=True)
    features = gpd.GeoDataFrame(features.assign(id=build_versions(features)))
    if spot.shape is None:
        near = find_nearby(spot.longitude, spot.latitude, features, within_km=within_km)
    else:
        place = gpd.GeoDataFrame({"id": [0]}, geometry=[spot.shape], crs=CRS)
        near = find_within_distance(place, features, within_km=within_km)
    metres = near.set_index("id")["distance_m"]
    versions = report.versions, report.moved_versions
    distance_m = np.fmin(*(of_records.map(metres).to_numpy(dtype=float) for of_records in versions))
    is_near = ~np.isnan(distance_m)
    rows: pd.DataFrame = report.rows[is_near].assign(distance_m=distance_m[is_near])
    return rows.sort_values("distance_m", kind="stable")


def filter_nearby_acts(report: DatedReport, spot: Spot, *, within_km: float) -> DatedReport:
    """Return the report of the concessions within a distance of a place, the latest act first."""
    shape = shapely.Point(spot.longitude, spot.latitude) if spot.shape is None else spot.shape
    place = gpd.GeoDataFrame({"id": [0]}, geometry=[shape], crs=CRS)
    shapes = report.shapes.to_numpy()
    west, south, east, north = buffered_bounds(shape, within_km * BOX_SLACK)
    xmin, ymin, xmax, ymax = shapely.bounds(shapes).T  # NaN without geometry
    nearby = np.flatnonzero((xmin <= east) & (xmax >= west) & (ymin <= north) & (ymax >= south))
    features = gpd.GeoDataFrame({"id": nearby}, geometry=shapes[nearby], crs=CRS)
    is_near = np.zeros(len(report.rows), dtype=bool)
    is_near[find_within_distance(place, features, within_km=within_km)["id"].to_numpy(dtype=int)] = True
    return report.select(is_near)


def nearby_coverage(
    report: ChangeReport, spot: Spot, read: Callable[[str, dt.date], Coverage], *, within_km: float
) -> LayerCoverage:
    """Return the coverage of both snapshots of a report within a distance of a place.

    It is the coverage of the snapshot that covers less. `read` returns the coverage of a snapshot, by source and date.
    """
    answers = [
        spot.coverage(read(snapshot.source_id, snapshot.snapshot_on), snapshot.layer, within_km=within_km)
        for snapshot in (report.before, report.after)
    ]
    return min(answers, key=lambda answer: (answer.is_covered, answer.share))


def compare_latest(registers: Iterable[Register], compare: Callable[[str, str], ChangeReport]) -> list[ChangeReport]:
    """Compare the last two snapshots of each register that has at least two.

    `changed` compares two snapshots, each named `ID@YYYY-MM-DD`.
    """
    return [
        compare(*(f"{snapshot.source_id}@{snapshot.snapshot_on}" for snapshot in register.snapshots[-2:]))
        for register in registers
        if len(register.snapshots) > 1
    ]


def report_labels(report: ChangeReport) -> dict[str, str]:
    """Return the register's title and the two snapshot dates as text: `title`, `since`, `until`."""
    return {
        "title": escape_markdown(report.after.title),
        "since": format_long_date(report.before.snapshot_on),
        "until": format_long_date(report.after.snapshot_on),
    }
