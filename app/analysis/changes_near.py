"""What changed in a register near a point."""

import pandas as pd

from app.analysis.changes import ChangeReport
from app.intake import edges
from layers.identity import versions
from layers.schema import LAYERS
from layers.store import Connection


def changed_near(
    con: Connection, report: ChangeReport, *, lat: float, lon: float, within_km: float, often: bool = False
) -> pd.DataFrame:
    """
    Keep of a report's rows those whose records lie or lay within a distance of a point, the nearest first.

    Columns: those of `ChangeReport.rows`, and `distance_m`. `often` as in `geo.proximity.nearest`.
    """
    layer = LAYERS[report.after.layer]
    found = edges.near_on(con, [layer], lat=lat, lon=lon, within_km=within_km, every_snapshot=True, often=often)
    distance_m = versions(report.shapes).map(found.set_index(versions(found))["distance_m"]).to_numpy()
    rows = report.rows.assign(distance_m=distance_m)
    return rows[rows["distance_m"].notna()].sort_values("distance_m", kind="stable")
