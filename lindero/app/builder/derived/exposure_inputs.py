"""The build step that measures the land of communities under concessions in force."""

from collections.abc import Mapping
from functools import partial

import numpy as np
import pandas as pd

from lindero.app.answers.engine import Progress
from lindero.app.answers.prepared_layers import PreparedLayer
from lindero.geo import PolygonLayer
from lindero.geo.stats.exposure import STATUSES_IN_FORCE, exposure
from lindero.layers.database import map_database, map_writer
from lindero.layers.database.map_database import Connection
from lindero.layers.database.queries import snapshot_rows
from lindero.layers.model.identity import build_versions, split_versions
from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS


def add_exposure(con: Connection, prepared: Mapping[str, PreparedLayer], progress: Progress) -> None:
    """Store the exposure of the current communities (`geo.stats.exposure`).

    Boundaries of communities that were buffered for the overlaps are not buffered again.
    """
    if not {COMMUNITIES.name, CONCESSIONS.name} <= prepared.keys():
        return
    versions = snapshot_rows.read_versions(con, COMMUNITIES, snapshot_rows.list_snapshots(con, COMMUNITIES)).to_pandas()
    land_ids = versions.loc[versions["is_current"], "id"]
    titles = map_database.read_layer(con, CONCESSIONS, columns=("id", "snapshot_on", "kind", "status"))
    titles = titles[titles["status"].fillna("unknown").isin(STATUSES_IN_FORCE)]
    titles = titles.assign(id=build_versions(titles))
    if land_ids.empty:
        return
    table, parts = exposure(
        _select(prepared[COMMUNITIES.name], land_ids),
        _select(prepared[CONCESSIONS.name], titles["id"]),
        attributes=titles,
        progress=partial(progress, "exposure"),
    )
    for name, rows in (("exposure", table), ("exposure_parts", parts.rename(columns={"by": "split_by"}))):
        map_writer.write_table(con, name, split_versions(rows).drop(columns="snapshot_on"))


def _select(layer: PreparedLayer, ids: pd.Series) -> PolygonLayer:
    return layer.all.select_part(np.flatnonzero(layer.all.has_id(ids)))
