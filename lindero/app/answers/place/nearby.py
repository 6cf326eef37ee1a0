"""What is near a position, or near the boundary of an area that was asked for by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from lindero.app.answers.place.near_incidents import REACH_KM, Nearness, near_incidents
from lindero.app.derived import edge_cache
from lindero.app.derived.edge_cache import Near
from lindero.geo.geometry.crs import ELLIPSOID
from lindero.geo.near.nearest import DIRECTIONS
from lindero.geo.near.window import window
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Bounds
from lindero.layers.database.queries import record_queries, row_values
from lindero.layers.errors import N_, AnswerError
from lindero.layers.model.layer import Layer
from lindero.layers.model.schema import INCIDENTS, LAYERS

if TYPE_CHECKING:
    import pandas as pd
    from shapely.geometry.base import BaseGeometry

    from lindero.app.answers.place.spot import Spot

ABOUT = (
    "name",
    "holder",
    "title",
    "company",
    "kind",
    "substance",
    "type",
    "status",
    "applied_on",
    "granted_on",
    "area_ha",
    "people",
    "designation",
    "zone",
    "occurred_on",
    "date_precision",
    "location_precision",
    "nearness",
    "area_m",
    "side_km",
    "source_id",
    "snapshot_on",
)
OF_INCIDENTS = (
    "title",
    "occurred_on",
    "date_precision",
    "location_precision",
    "nearness",
    "area_m",
    "side_km",
    "source_id",
)
_MEASURES = ("area_ha", "area_m", "side_km")  # of the last two see `near_incidents.Nearness`
_DAYS = ("applied_on", "granted_on", "occurred_on", "snapshot_on")
_ACCURACY = "boundary_accuracy_m"  # of what lies near, as its layer holds it
_FIRST = ("layer", "distance_m", "distance_accuracy_m", "direction", "bearing", "id")


def feature_frame(rows: Sequence[Mapping[str, Any]], about: Sequence[str] = ABOUT) -> pd.DataFrame:
    """Return rows of `nearby` as a frame; a distance that is not known is not a number."""
    import pandas as pd

    columns = [*_FIRST, *about]
    kinds = {name: "str" for name in columns if name in ABOUT and name not in {*_DAYS, *_MEASURES}}
    measures = ("distance_m", "distance_accuracy_m", "bearing", *_MEASURES)
    numbers = {name: "float64" for name in measures if name in columns}
    return pd.DataFrame(list(rows), columns=columns).astype(kinds | numbers)


def nearby(
    con: map_database.Connection,
    spot: Spot,
    *,
    within_km: float,
    layers: Sequence[Layer],
    about: Sequence[str] = ABOUT,
) -> list[dict[str, object]]:
    """
    List what is within a distance of a position, or of the boundary of an area, nearest first, over several layers.

    `about` are the columns to say of each. What shares ground with the area has the distance 0. No library of frames is
    loaded, unless for an area.

    Returns
    -------
    list
        `layer`, `id`, `name` and what else is known, None where nothing is; `distance_m`, `bearing`, `direction`: these
        three are None of an incident whose point stands for a district or another area. Incidents are those of
        `app.answers.place.near_incidents`, with its `nearness`, `area_m` and `side_km`. `distance_accuracy_m`: by how
        many metres the distance may be off, as its boundary is no more exact; None where nobody knows that.
    """
    if wrong := [layer.name for layer in layers if not layer.has_geometry]:
        raise AnswerError(N_("{layer} has no place on the map to be near to"), layer=wrong[0])
    others = [layer for layer in layers if layer != INCIDENTS]
    found, bounds = _near(con, others, spot, within_km=within_km)
    nearness: dict[str, Nearness] = {}
    wide = bounds
    if INCIDENTS in layers:
        events, nearness, wide = _near_events(con, spot, within_km=within_km)
        found += events
    rows = sorted(found, key=lambda row: (row.distance_m is None, row.distance_m or 0.0, row.layer, row.id))
    by_feature: dict[tuple[str, object], dict[str, object]] = {}
    for layer in (LAYERS[name] for name in dict.fromkeys(row.layer for row in rows)):
        columns = ["id", *(name for name in (*about, _ACCURACY) if name in layer.names)]
        read = row_values.read_values(con, layer, columns, bounds=wide if layer == INCIDENTS else bounds)
        by_feature |= {(layer.name, values["id"]): values for values in read}
    for id_, own in nearness.items():
        stored = by_feature.get((INCIDENTS.name, id_), {})
        exactly = spot.area is not None and stored.get("location_precision") == "exact"  # as its boundary is
        accuracy = {_ACCURACY: spot.area.accuracy_m} if spot.area is not None and exactly else {}
        by_feature[INCIDENTS.name, id_] = stored | own._asdict() | accuracy
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


def window_of_area(area: BaseGeometry, within_km: float) -> Bounds:
    """Return a box (west, south, east, north) that holds everything within a distance of an area."""
    west, south, east, north = map(float, area.bounds)
    corners = [window(lon, lat, within_km) for lon in (west, east) for lat in (south, north)]
    return (
        min(corner[0] for corner in corners),
        min(corner[1] for corner in corners),
        max(corner[2] for corner in corners),
        max(corner[3] for corner in corners),
    )


def _near(
    con: map_database.Connection, layers: Sequence[Layer], spot: Spot, *, within_km: float
) -> tuple[list[Near], Bounds]:
    """Return the rows of layers within a distance of a place, nearest first, and a box that holds them."""
    if spot.shape is not None:
        bounds = window_of_area(spot.shape, within_km)
        return _near_area(con, layers, spot.shape, bounds, within_km=within_km) if layers else [], bounds
    lat, lon = spot.latitude, spot.longitude
    found = edge_cache.near_rows(con, layers, lat=lat, lon=lon, within_km=within_km) if layers else []
    return found, window(lon, lat, within_km)


def _near_events(
    con: map_database.Connection, spot: Spot, *, within_km: float
) -> tuple[list[Near], dict[str, Nearness], Bounds]:
    """Return the incidents near a place, how near the area is that is published of each, and a box that holds them."""
    reach_km = within_km + REACH_KM
    if spot.shape is None:
        found, wide = _near(con, [INCIDENTS], spot, within_km=reach_km)
        events = _of_events(con, found)
        nearness = near_incidents(con, spot, [row.id for row in events], within_km=within_km)
        return [row for row in events if row.id in nearness], nearness, wide
    # The distance from an outline takes long: it is measured of those alone that are near.
    wide = window_of_area(spot.shape, reach_km)
    nearness = near_incidents(con, spot, record_queries.events_within(con, wide), within_km=within_km)
    found = _near_area(con, [INCIDENTS], spot.shape, wide, within_km=reach_km, ids=list(nearness)) if nearness else []
    return _of_events(con, found), nearness, wide


def _near_area(
    con: map_database.Connection,
    layers: Sequence[Layer],
    area: BaseGeometry,
    bounds: Bounds,
    *,
    within_km: float,
    ids: Sequence[str] | None = None,
) -> list[Near]:
    """Return the rows within a distance of an area, nearest first; distances to 1 %, directions from its boundary."""
    from lindero.geo.near.within_distance import near_area

    found: list[Near] = []
    for layer in layers:
        drawn = row_values.shapes_of(con, layer, ids, bounds=bounds)
        named, shapes = list(drawn), np.array([*drawn.values()], dtype=object)
        at, distances_m = near_area(area, shapes, within_km=within_km)
        for position, distance_m in zip(at.tolist(), distances_m.tolist(), strict=True):
            bearing = _bearing(area, shapes[position]) if distance_m > 0 else None
            direction = "here" if bearing is None else DIRECTIONS[round(bearing / 45) % len(DIRECTIONS)]
            found.append(Near(layer.name, named[position], distance_m, bearing, direction, ""))
    return sorted(found, key=lambda row: (row.distance_m, row.layer, row.id))


def _bearing(area: BaseGeometry, shape: BaseGeometry) -> float:
    """Return the bearing in degrees along the shortest way from an area to a shape."""
    (lon, lat), (to_lon, to_lat) = shapely.get_coordinates(shapely.shortest_line(area, shape))
    azimuth, _back, _metres = ELLIPSOID.inv(lon, lat, to_lon, to_lat)
    return float(azimuth) % 360


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


def incidents_near(con: map_database.Connection, spot: Spot, *, within_km: float) -> list[dict[str, object]]:
    """Return the attacks and conflicts near a place, as `nearby` does, those whose area is nearest first."""
    rows = nearby(con, spot, within_km=within_km, layers=[INCIDENTS], about=OF_INCIDENTS)
    return sorted(rows, key=lambda row: (row["area_m"], row["id"]))
