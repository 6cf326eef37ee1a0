"""The build step that measures the land of communities under concessions in force."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from lindero.app.derived.engine import Progress
from lindero.app.derived.prepared_layers import PreparedLayer
from lindero.geo import PolygonLayer
from lindero.geo.stats.exposure import STATUSES_IN_FORCE, exposure, find_affected_communities
from lindero.layers.database import map_database, map_writer
from lindero.layers.database.map_database import Connection
from lindero.layers.database.queries import equal_ground, snapshot_rows
from lindero.layers.model.identity import build_versions, split_versions
from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS


def add_exposure(
    con: Connection, prepared: Mapping[str, PreparedLayer], previous: Path | None, progress: Progress
) -> None:
    """Store the exposure of the current communities (`geo.stats.exposure`).

    It is copied where nothing in it has changed (`geo.stats.exposure.find_affected_communities`). Boundaries of
    communities that were buffered for the overlaps are not buffered again.
    """
    if not {COMMUNITIES.name, CONCESSIONS.name} <= prepared.keys():
        return
    versions = snapshot_rows.read_versions(con, COMMUNITIES, snapshot_rows.list_snapshots(con, COMMUNITIES)).to_pandas()
    land_ids = versions.loc[versions["is_current"], "id"]
    titles = map_database.read_layer(con, CONCESSIONS, columns=("id", "snapshot_on", "kind", "status"))
    titles = titles[titles["status"].fillna("unknown").isin(STATUSES_IN_FORCE)]
    titles = titles.assign(id=build_versions(titles))
    changes = None if previous is None else equal_ground.read_exposure_changes(con, previous, STATUSES_IN_FORCE)
    if previous is not None and changes is not None:
        same, changed = changes
        if same and len(changed):
            land = _select(prepared[COMMUNITIES.name], pd.Series(sorted(same)))
            is_affected = find_affected_communities(land, _select(prepared[CONCESSIONS.name], titles["id"]), changed)
            same -= set(land.ids[is_affected])
        equal_ground.copy_exposure(con, previous, same)
        land_ids = land_ids[~land_ids.isin(same)]
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
