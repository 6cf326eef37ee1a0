"""Measures of communities for which their shapes are needed.

Shapes are read and measured in parts, so that only some of them are in memory.
"""

from collections.abc import Collection, Iterator, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lindero.app.answers.coverage.coverage import Coverage
from lindero.app.answers.engine import Progress
from lindero.app.answers.ranking.along_rivers import BASE, count_along_rivers, mask_near_rivers
from lindero.app.text.codes import translate_code
from lindero.geo.geometry.projection import Ints, is_polygonal
from lindero.geo.near.points_inside import points_inside
from lindero.geo.near.within_distance import DistanceCounter, find_within_distance
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Connection
from lindero.layers.database.queries import snapshot_rows
from lindero.layers.model.identity import split_versions
from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS
from lindero.layers.workspace.rivers import RiverNetwork
from lindero.machine.threads import split_by_weight

_RIVER_ROWS = 1_000  # communities whose rivers are searched at once
_BATCH_ROWS, _PART_ROWS, _PART_VERTICES = 1_024, 1_000, 250_000  # rows read, and rows and vertices measured at once


def measure_land(
    con: Connection,
    titles: gpd.GeoDataFrame,
    attacks: gpd.GeoDataFrame,
    rivers: Sequence[RiverNetwork],
    covered: Coverage,
    *,
    km: Sequence[float],
    layers: Collection[str],
    ids: pd.Series,
    progress: Progress,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Measure the shapes of the current communities.

    Returns `land`: by id, of the communities with a place: `is_polygon`, `points` (number of concessions that overlap
    it only by a point; missing if none), for each distance the number of concessions, `titles` and `by` of
    `count_along_rivers`, and for each layer the share with data. Returns `near_attacks`: the attacks within the largest
    distance, as from `find_within_distance`.
    """
    counter = DistanceCounter.from_frame(titles, within_km=km)
    near_titles = titles[mask_near_rivers(titles, rivers)]
    lands, near_attacks, at_rivers, along, done = [], [], [], [], 0
    for part in _iter_parts(con, ids):
        index = pd.Index(part["id"], name="id")
        shares = {layer: covered.measure_shapes(layer, part.geometry)["share"].to_numpy() for layer in layers}
        land = pd.DataFrame(shares, index=index).assign(
            is_polygon=is_polygonal(part.geometry.to_numpy()) & ~part.geometry.is_empty.to_numpy(),
            points=points_inside(titles, part).groupby("right_id")["left_id"].nunique().reindex(index),
        )
        lands.append(land.join(counter.count(part)))
        near_attacks.append(find_within_distance(part, attacks, within_km=max(km)))
        at_rivers.append(part[mask_near_rivers(part, rivers)])
        if sum(map(len, at_rivers)) > _RIVER_ROWS:
            along.append(count_along_rivers(pd.concat(at_rivers, ignore_index=True), near_titles, rivers))
            at_rivers = [part[:0]]
        done += len(part)
        progress(translate_code(CONCESSIONS.name), done, len(ids))
    along.append(count_along_rivers(pd.concat(at_rivers, ignore_index=True), near_titles, rivers))
    land = pd.concat(lands).sort_index().join(pd.concat(along))
    return land.assign(by=land["by"].fillna(BASE)), pd.concat(near_attacks, ignore_index=True)


def _iter_parts(con: Connection, ids: pd.Series) -> Iterator[gpd.GeoDataFrame]:
    """Yield `id` and geometry of some communities in parts, at least one, which may be empty."""
    replaced = {
        (source.source_id, source.snapshot_on.isoformat())
        for source in map_database.read_sources(con)
        if source.layer == COMMUNITIES.name and not source.is_current
    }
    yield map_database.read_layer(con, COMMUNITIES, where={"id": []}, columns=["id", "geometry"])
    cursor = map_database.open_cursor(con)  # another query on `con` would end this one
    for batch in snapshot_rows.read_shapes(cursor, COMMUNITIES, batch_size=_BATCH_ROWS, excluded=replaced):
        rows = split_versions(batch[batch["is_current"] & batch.geometry.notna()])
        rows = gpd.GeoDataFrame(rows.loc[rows["id"].isin(ids), ["id", "geometry"]])
        vertices: Ints = np.asarray(shapely.get_num_coordinates(rows.geometry.to_numpy()), dtype=np.int64)
        for part in split_by_weight(vertices, max_features=_PART_ROWS, max_weight=_PART_VERTICES):
            yield rows.iloc[part].reset_index(drop=True)
