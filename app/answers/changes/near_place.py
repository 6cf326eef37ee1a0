"""What changed in a register near a point."""

import pandas as pd

from lindero.app.answers.changes.register_changes import ChangeReport
from lindero.app.overlays import edge_cache
from lindero.layers.database.map_database import Connection
from lindero.layers.model.identity import versions
from lindero.layers.model.schema import LAYERS


def changed_near(
    con: Connection, report: ChangeReport, *, lat: float, lon: float, within_km: float, often: bool = False
) -> pd.DataFrame:
    """
    Keep of a report's rows those whose records lie or lay within a distance of a point, the nearest first.

    Columns: those of `ChangeReport.rows`, and `distance_m`. `often` as in `geo.near.nearest.nearest`.
    """
    layer = LAYERS[report.after.layer]
    found = edge_cache.near_on(con, [layer], lat=lat, lon=lon, within_km=within_km, every_snapshot=True, often=often)
    distance_m = versions(report.shapes).map(found.set_index(versions(found))["distance_m"]).to_numpy()
    rows = report.rows.assign(distance_m=distance_m)
    return rows[rows["distance_m"].notna()].sort_values("distance_m", kind="stable")
