"""Answers from the map: what is near."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lindero import on_demand
from lindero.app.overlays import edge_cache
from lindero.app.overlays.edge_cache import Near
from lindero.geo.near.window import window
from lindero.layers.database import map_database
from lindero.layers.database.queries import record_queries, row_values
from lindero.layers.errors import N_, AnswerError
from lindero.layers.model.layer import Layer
from lindero.layers.model.schema import INCIDENTS, LAYERS

if TYPE_CHECKING:
    import pandas as pd
else:
    pd = on_demand("pandas")

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
    rows = nearby_rows(con, lat=lat, lon=lon, within_km=within_km, layers=layers, about=about)
    return feature_frame(rows, about)


def feature_frame(rows: Sequence[Mapping[str, Any]], about: Sequence[str] = ABOUT) -> pd.DataFrame:
    """Give rows of `nearby_rows` as a frame; a distance that there is not is not a number."""
    columns = [*_FIRST, *about]
    kinds = {name: "str" for name in columns if name in ABOUT and name != "snapshot_on"}
    numbers = dict.fromkeys(("distance_m", "distance_accuracy_m", "bearing"), "float64")
    return pd.DataFrame(list(rows), columns=columns).astype(kinds | numbers)


def nearby_rows(
    con: map_database.Connection,
    *,
    lat: float,
    lon: float,
    within_km: float,
    layers: Sequence[Layer],
    about: Sequence[str] = ABOUT,
) -> list[dict[str, object]]:
    """Do as `nearby` does, and give each row by itself; None where nothing is known. No library of frames is loaded."""
    rows = _near(con, layers, lat=lat, lon=lon, within_km=within_km)
    bounds = window(lon, lat, within_km)
    by_feature: dict[tuple[str, object], dict[str, object]] = {}
    for layer in (LAYERS[name] for name in dict.fromkeys(row.layer for row in rows)):
        columns = ["id", *(name for name in (*about, _ACCURACY) if name in layer.names)]
        read = row_values.read_values(con, layer, columns, bounds=bounds)
        by_feature |= {(layer.name, values["id"]): values for values in read}
    every = [_whole(row, by_feature.get((row.layer, row.id), {}), about) for row in rows]
    if "snapshot_on" not in about:
        return every
    unstated = map_database.unstated(con)
    return [_stated(row, unstated) for row in every]


def _whole(row: Near, stored: dict[str, object], about: Sequence[str]) -> dict[str, object]:
    far = {name: getattr(row, name, None) for name in _FIRST} | {"distance_accuracy_m": stored.get(_ACCURACY)}
    return far | {name: stored.get(name) for name in about}


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
