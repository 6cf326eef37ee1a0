"""Communities and protected areas that the changed records of a register overlap, before and after the change."""

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lindero.app.answers.overlap.first_sight import SLIVER
from lindero.app.answers.overlap.row_selection import bounding_boxes
from lindero.geo.near.points_inside import are_points, points_inside
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Source
from lindero.layers.model.identity import build_versions
from lindero.layers.model.layer import Layer
from lindero.layers.model.schema import COMMUNITIES, OVERLAP_PAIRS, PROTECTED_AREAS

RECORD = ["before_id", "after_id"]
_VERSION = ("id", "snapshot_on")
_GRADE = ("certain_ha", "certainty")
_LAND_COLUMNS = ("id", "snapshot_on", "name", "xmin", "ymin", "xmax", "ymax")


def list_touched_features(
    con: map_database.Connection,
    layer: Layer,
    rows: pd.DataFrame,
    snapshots: tuple[Source, Source],
    grounds: Sequence[gpd.GeoDataFrame],
) -> pd.DataFrame:
    """List the features that the changed records overlap, before and after.

    `grounds` are the records of both snapshots, at least those that changed.
    """
    tables = [
        pd.DataFrame({name: pd.Series(dtype=object) for name in [*RECORD, "layer", "id", "name"]})
        .assign(**{name: pd.Series(dtype=float) for name in ("before_ha", "after_ha", "certain_ha")}, certainty=None)
    ]  # fmt: skip
    records = rows[RECORD].drop_duplicates()
    changed = [ground[ground["id"].isin(records[side])] for side, ground in zip(RECORD, grounds, strict=True)]
    ids = [id_ for ground in changed for id_ in ground["id"]]
    for land_layer in (COMMUNITIES, PROTECTED_AREAS):
        pairs = _read_pairs(con, layer, land_layer, ids)
        lands = map_database.read_layer(con, land_layer, columns=_LAND_COLUMNS)
        pairs = pairs[build_versions(pairs).isin(build_versions(lands))]
        names = lands.set_index("id")
        label = names["name"].fillna(names.index.to_series()).astype(str)
        sides = [
            records.merge(
                _filter_snapshot(pairs, snapshot).rename(columns={"own_id": side, "area_ha": hectares}), on=side
            )
            for side, hectares, snapshot in zip(RECORD, ("before_ha", "after_ha"), snapshots, strict=True)
        ]
        both = sides[0].merge(sides[1], on=[*RECORD, "id"], how="outer", suffixes=("_before", ""))
        is_left = (both["certainty"] == SLIVER) & both[
            "certainty_before"
        ].notna()  # it was more than a sliver, or is one
        for column in _GRADE:
            both[column] = both[column].mask(is_left).fillna(both.pop(f"{column}_before"))
        both = both.fillna({"before_ha": 0, "after_ha": 0})
        point_pairs = _pair_by_points(records, changed, _read_shapes(con, land_layer, lands, changed))
        both = pd.concat([both, point_pairs], ignore_index=True) if len(point_pairs) else both
        tables.append(both.assign(layer=land_layer.name, name=both["id"].map(label)))
    nonempty = [table for table in tables if not table.empty] or tables[:1]
    return pd.concat(nonempty, ignore_index=True).reindex(columns=tables[0].columns)


def _pair_by_points(
    records: pd.DataFrame, grounds: Sequence[gpd.GeoDataFrame], lands: gpd.GeoDataFrame
) -> pd.DataFrame:
    """List pairs of a changed record and a feature where one is a point inside the other. They have no hectares."""
    sides = [
        records.merge(points_inside(ground, lands)[["left_id", "right_id"]].set_axis([side, "id"], axis=1), on=side)
        for side, ground in zip(RECORD, grounds, strict=True)
    ]
    return pd.concat(sides, ignore_index=True).drop_duplicates()


def _read_shapes(
    con: map_database.Connection, land_layer: Layer, lands: pd.DataFrame, grounds: Sequence[gpd.GeoDataFrame]
) -> gpd.GeoDataFrame:
    """Read the geometry of the features that may form a pair by points with a record.

    The bounding boxes of both meet, and one of them is a point. All shapes of a country would fill the memory.
    """
    shapes, boxes = np.concatenate([ground.geometry.to_numpy() for ground in grounds]), bounding_boxes(lands)
    record_rows, land_rows = shapely.STRtree(boxes).query(shapes)
    has_point = are_points(shapes)[record_rows] | (shapely.area(boxes[land_rows]) == 0)
    ids = lands["id"].iloc[np.unique(land_rows[has_point])].tolist()
    return map_database.read_layer(con, land_layer, where={"id": ids}, columns=["id", "geometry"])


def _read_pairs(
    con: map_database.Connection, layer: Layer, land_layer: Layer, record_ids: Sequence[str]
) -> pd.DataFrame:
    """Read the stored overlaps of some records of a layer with another layer, whichever is left."""
    names, sides = (layer.name, land_layer.name), ("left_", "right_")
    ids: Sequence[str | Sequence[str]] = (record_ids, "")
    if names not in OVERLAP_PAIRS:
        names, sides, ids = names[::-1], sides[::-1], ids[::-1]
    versions = [
        f"{side}{name} AS {to}{name}" for side, to in zip(sides, ("own_", ""), strict=True) for name in _VERSION
    ]
    columns = ", ".join([*versions, "area_ha", *_GRADE])
    return map_database.read_overlaps(con, *names, feature_ids=ids, every_snapshot=True, columns=columns)


def _filter_snapshot(pairs: pd.DataFrame, snapshot: Source) -> pd.DataFrame:
    """Return the pairs of one snapshot: `own_id`, `id`, `area_ha`, `certain_ha`, `certainty`."""
    is_in_snapshot = pairs["own_snapshot_on"].astype(str).str[:10] == str(snapshot.snapshot_on)
    return pairs.loc[is_in_snapshot, ["own_id", "id", "area_ha", *_GRADE]]
