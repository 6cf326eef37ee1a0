"""What changed in a register near a point."""

from collections.abc import Callable, Iterable

import pandas as pd

from lindero.app.answers.changes.register_changes import ChangeReport, Register
from lindero.app.answers.coverage.coverage import Answer, coverage_of
from lindero.app.overlays import edge_cache
from lindero.app.text.escape import plain
from lindero.app.text.i18n import date
from lindero.layers.database.map_database import Connection
from lindero.layers.model.identity import versions
from lindero.layers.model.schema import LAYERS


def changed_near(con: Connection, report: ChangeReport, *, lat: float, lon: float, within_km: float) -> pd.DataFrame:
    """
    Keep of a report's rows those whose records lie or lay within a distance of a point, the nearest first.

    Columns: those of `ChangeReport.rows`, and `distance_m`.
    """
    layer = LAYERS[report.after.layer]
    found = edge_cache.near_on(con, [layer], lat=lat, lon=lon, within_km=within_km, every_snapshot=True)
    distance_m = versions(report.shapes).map(found.set_index(versions(found))["distance_m"]).to_numpy()
    rows = report.rows.assign(distance_m=distance_m)
    return rows[rows["distance_m"].notna()].sort_values("distance_m", kind="stable")


def covered_near(con: Connection, report: ChangeReport, *, lat: float, lon: float, within_km: float) -> Answer:
    """Tell what a report can say of what lies within a distance of a point: what the less covered snapshot can."""
    answers = [
        coverage_of(con, {(each.source_id, each.snapshot_on)}).around(each.layer, lat, lon, within_km=within_km)
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
