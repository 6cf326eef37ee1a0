"""What changed in a register near a position, or near an area that was asked for by name."""

from collections.abc import Callable, Iterable

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lindero.app.answers.changes.register_changes import ChangeReport, Register
from lindero.app.answers.changes.register_dates import DatedReport
from lindero.app.answers.coverage.coverage import LayerCoverage, coverage_of
from lindero.app.answers.place.nearby import window_of_area
from lindero.app.answers.place.spot import Spot
from lindero.app.derived import edge_cache
from lindero.app.text.escape import plain
from lindero.app.text.i18n import date
from lindero.geo.near.within_distance import within
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Connection
from lindero.layers.model.identity import versions
from lindero.layers.model.schema import CRS, LAYERS


def changed_near(con: Connection, report: ChangeReport, spot: Spot, *, within_km: float) -> pd.DataFrame:
    """
    Filter a report's rows to those whose records are or were within a distance of a place, the nearest first.

    Columns: those of `ChangeReport.rows`, and `distance_m`.
    """
    layer = LAYERS[report.after.layer]
    if spot.shape is None:
        at = {"lat": spot.latitude, "lon": spot.longitude}
        near = edge_cache.near_on(con, [layer], **at, within_km=within_km, every_snapshot=True)
        metres = near.set_index(versions(near))["distance_m"]
    else:
        place = gpd.GeoDataFrame({"id": [0]}, geometry=[spot.shape], crs=CRS)
        box = window_of_area(spot.shape, within_km)
        drawn = map_database.read_layer(con, layer, bounds=box, every_snapshot=True)
        metres = within(place, drawn.assign(id=versions(drawn)), within_km=within_km).set_index("id")["distance_m"]
    distance_m = versions(report.shapes).map(metres).to_numpy()
    rows = report.rows.assign(distance_m=distance_m)
    return rows[rows["distance_m"].notna()].sort_values("distance_m", kind="stable")


def dated_near(report: DatedReport, spot: Spot, *, within_km: float) -> DatedReport:
    """Return the report of the concessions within a distance of a place, the latest act first."""
    shape = shapely.Point(spot.longitude, spot.latitude) if spot.shape is None else spot.shape
    place = gpd.GeoDataFrame({"id": [0]}, geometry=[shape], crs=CRS)
    drawn = gpd.GeoDataFrame({"id": range(len(report.shapes))}, geometry=report.shapes.to_numpy(), crs=CRS)
    kept = np.zeros(len(report.rows), dtype=bool)
    kept[within(place, drawn, within_km=within_km)["id"].to_numpy(dtype=int)] = True
    return report.select(kept)


def covered_near(con: Connection, report: ChangeReport, spot: Spot, *, within_km: float) -> LayerCoverage:
    """Return what a report can say of what is within a distance of a place: what the less covered snapshot can."""
    answers = [
        spot.coverage(coverage_of(con, {(each.source_id, each.snapshot_on)}), each.layer, within_km=within_km)
        for each in (report.before, report.after)
    ]
    return min(answers, key=lambda answer: (answer.is_covered, answer.share))


def latest(registers: Iterable[Register], changed: Callable[[str, str], ChangeReport]) -> list[ChangeReport]:
    """
    Hold the last two snapshots of each register that has two against each other.

    `changed` does so for two snapshots, `ID@YYYY-MM-DD`.
    """
    return [
        changed(*(f"{each.source_id}@{each.snapshot_on}" for each in register.snapshots[-2:]))
        for register in registers
        if len(register.snapshots) > 1
    ]


def told_of(report: ChangeReport) -> dict[str, str]:
    """Name the register of a report and its two days, as sentences do: `title`, `since`, `until`."""
    return {
        "title": plain(report.after.title),
        "since": date(report.before.snapshot_on),
        "until": date(report.after.snapshot_on),
    }
