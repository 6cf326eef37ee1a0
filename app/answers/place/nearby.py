"""Answers from the map: what is near."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from lindero import on_demand
from lindero.app.overlays import edge_cache
from lindero.app.overlays.edge_cache import Near
from lindero.geo.near.window import window
from lindero.layers.database import map_database, record_queries
from lindero.layers.errors import N_, AnswerError
from lindero.layers.model.layer import Layer
from lindero.layers.model.schema import INCIDENTS, LAYERS

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc
else:
    pd = on_demand("pandas")
    pa = on_demand("pyarrow")
    pc = on_demand("pyarrow.compute")

ABOUT = (
    "name",
    "holder",
    "title",
    "company",
    "kind",
    "type",
    "status",
    "people",
    "designation",
    "zone",
    "location_precision",
    "source_id",
    "snapshot_on",
)
_ACCURACY = "boundary_accuracy_m"  # of what lies near, as its layer holds it
_FIRST = ("layer", "distance_m", "distance_accuracy_m", "direction", "bearing", "id")


def nearby(
    con: map_database.Connection,
    *,
    lat: float,
    lon: float,
    within_km: float,
    layers: Sequence[Layer],
    about: Sequence[str] = ABOUT,
) -> pd.DataFrame:
    """
    List what lies within a distance of a point, nearest first, over several layers.

    `about` are the columns to say of each; what a layer does not have stays empty.

    Returns
    -------
    DataFrame
        `layer`, `id`, `name` and what else is known, `distance_m`, `bearing`, `direction`: these three are missing of
        an incident whose point stands for a district or another area. `distance_accuracy_m`: by how many metres the
        distance may be off, for the boundary that it leads to is no more exact; missing where nobody knows that.
    """
    rows = _near(con, layers, lat=lat, lon=lon, within_km=within_km)
    found = edge_cache.frame_of(rows).drop(columns="snapshot_on")
    attributes = _attributes(con, found, window(lon, lat, within_km), [*about, _ACCURACY])
    known = pd.concat([found, attributes], axis=1).rename(columns={_ACCURACY: "distance_accuracy_m"})
    named = known.reindex(columns=[*_FIRST, *about])
    return map_database.with_stated_days(con, named)


def nearby_rows(
    con: map_database.Connection, *, lat: float, lon: float, within_km: float, layers: Sequence[Layer]
) -> list[dict[str, object]]:
    """Do as `nearby` does, and give each row by itself; None where nothing is known. No library of frames is loaded."""
    rows = _near(con, layers, lat=lat, lon=lon, within_km=within_km)
    bounds = window(lon, lat, within_km)
    known: dict[str, dict[str, dict[str, object]]] = {}
    for name in dict.fromkeys(row.layer for row in rows):
        columns = ["id", *_among(con, LAYERS[name], (*ABOUT, _ACCURACY))]
        attributes = map_database.read_values(con, LAYERS[name], columns, bounds=bounds)
        known[name] = {str(values[0]): dict(zip(columns, values, strict=True)) for values in attributes}
    unstated = map_database.unstated(con)
    return [_stated(_whole(row, known[row.layer].get(row.id, {})), unstated) for row in rows]


def _whole(row: Near, known: dict[str, object]) -> dict[str, object]:
    far = {name: getattr(row, name, None) for name in _FIRST} | {"distance_accuracy_m": known.get(_ACCURACY)}
    return far | {name: known.get(name) for name in ABOUT}


def _stated(row: dict[str, object], unstated: set[tuple[object, object]]) -> dict[str, object]:
    """Leave the day out where nobody stated it."""
    return row | {"snapshot_on": None} if (row["source_id"], row["snapshot_on"]) in unstated else row


def _near(
    con: map_database.Connection, layers: Sequence[Layer], *, lat: float, lon: float, within_km: float
) -> list[Near]:
    if wrong := [layer.name for layer in layers if not layer.has_geometry]:
        raise AnswerError(N_("{layer} has no place on the map to be near to"), layer=wrong[0])
    return _of_events(con, edge_cache.near_rows(con, layers, lat=lat, lon=lon, within_km=within_km))


def _of_events(con: map_database.Connection, found: list[Near]) -> list[Near]:
    """Leave out incidents that are told under another's id, and the distance to a point that stands for an area."""
    ids = [row.id for row in found if row.layer == INCIDENTS.name]
    if not ids:
        return found
    coarse, events = record_queries.coarse_points_among(con, ids), record_queries.events_among(con, ids)
    kept = [row for row in found if row.layer != INCIDENTS.name or row.id in events]
    is_coarse = [row.layer == INCIDENTS.name and row.id in coarse for row in kept]
    placed = [row for row, stands_for_area in zip(kept, is_coarse, strict=True) if not stands_for_area]
    areas = [row for row, stands_for_area in zip(kept, is_coarse, strict=True) if stands_for_area]
    return [*placed, *(row._replace(distance_m=None, bearing=None, direction=None) for row in areas)]


def _among(con: map_database.Connection, layer: Layer, names: Iterable[str]) -> list[str]:
    """Leave the columns that a layer has on this map, which may be of an earlier version."""
    there = map_database.columns_of(con, layer)
    return [name for name in names if name in layer.names and name in there]


def _attributes(
    con: map_database.Connection, found: pd.DataFrame, bounds: map_database.Bounds, about: Sequence[str]
) -> pd.DataFrame:
    """Read what is known of what was found, row for row."""
    tables, at = [], []
    for name, ids in found.groupby("layer")["id"]:
        layer = LAYERS[str(name)]
        known = map_database.read_columns(con, layer, ["id", *_among(con, layer, about)], bounds=bounds)
        tables.append(known.take(pc.index_in(pa.array(ids, known["id"].type), known["id"])))
        at.append(ids.index.to_numpy())
    if not tables:
        return pd.DataFrame(index=found.index)
    every = pa.concat_tables(tables, promote_options="default").take(np.argsort(np.concatenate(at)))
    attributes: pd.DataFrame = every.drop_columns("id").to_pandas()
    return attributes
