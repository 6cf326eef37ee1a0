"""What changed in a register near a point."""

import pandas as pd

from app.analysis.changes import ChangeReport
from geo import near


def changed_near(report: ChangeReport, *, lat: float, lon: float, within_km: float) -> pd.DataFrame:
    """
    Keep of a report's rows those whose records lie or lay within a distance of a point, the nearest first.

    Columns: those of `ChangeReport.rows`, and `distance_m`.
    """
    records = report.shapes.drop_duplicates("id")
    found = near(lon, lat, records[records.geometry.notna()], within_km=within_km)
    distance_m = report.shapes["id"].map(found.set_index("id")["distance_m"]).to_numpy()
    rows = report.rows.assign(distance_m=distance_m)
    return rows[rows["distance_m"].notna()].sort_values("distance_m", kind="stable")
