"""Features near a position, or near the boundary of a named area."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from math import hypot, isnan
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely

from lindero.app.answers.place.near_incidents import REACH_KM, Nearness, near_incidents
from lindero.app.answers.record.extents import read_extents
from lindero.geo.geometry.crs import ELLIPSOID
from lindero.geo.near.edge_index import EdgeIndex
from lindero.geo.near.nearest import DIRECTIONS, find_nearest
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

FEATURE_COLUMNS = (
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
    "area_far_m",
    "area_name",
    "is_attack",
    "source_id",
    "snapshot_on",
)
INCIDENT_COLUMNS = (
    "title",
    "occurred_on",
    "date_precision",
    "location_precision",
    "nearness",
    "area_m",
    "area_far_m",
    "area_name",
    "is_attack",
    "source_id",
)
_MEASURES = ("area_ha", "area_m", "area_far_m")  # `near_incidents.Nearness` describes the last two
_DAYS = ("applied_on", "granted_on", "occurred_on", "snapshot_on")
_ACCURACY = "boundary_accuracy_m"  # boundary accuracy of a nearby feature
_FIRST = ("layer", "distance_m", "distance_accuracy_m", "direction", "bearing", "id")


Snapshots = AbstractSet[tuple[object, object]]
"""Source ids and dates of snapshots."""


class NearbyRow(NamedTuple):
    """A current row of a map near a place."""

    layer: str
    id: str
    distance_m: float | None
    bearing: float | None  # degrees; None where the distance is 0
    direction: str | None  # one of `geo.near.nearest.DIRECTIONS`, or `here`


def feature_frame(rows: Sequence[Mapping[str, Any]], about: Sequence[str] = FEATURE_COLUMNS) -> pd.DataFrame:
    """Convert the rows of `find_nearby_features` to a frame. An unknown distance is NaN."""
    import pandas as pd

    columns = [*_FIRST, *about]
    kinds = {
        name: "str" for name in columns if name in FEATURE_COLUMNS and name not in {*_DAYS, *_MEASURES, "is_attack"}
    }
    measures = ("distance_m", "distance_accuracy_m", "bearing", *_MEASURES)
    numbers = {name: "float64" for name in measures if name in columns}
    return pd.DataFrame(list(rows), columns=columns).astype(kinds | numbers)


def find_nearby_features(
    con: map_database.Connection,
    spot: Spot,
    *,
    within_km: float,
    layers: Sequence[Layer],
    about: Sequence[str] = FEATURE_COLUMNS,
    undated: Snapshots | None = None,
) -> list[dict[str, object]]:
    """Return the features of several layers within a distance of a position or of an area's boundary, nearest first.

    A feature that overlaps the area has the distance 0. For a position, pandas and geopandas are not imported.

    Returns: dicts with `layer`, `id`, `distance_m`, `distance_accuracy_m`, `direction`, `bearing`, and the columns of
    `about`; unknown values are None. `distance_accuracy_m`: of both boundaries, as far as known, in metres.
    `distance_m`, `bearing` and `direction` are None for an incident if its point represents a district or another area.
    Incidents are those of `app.answers.place.near_incidents`, with the columns of its `Nearness`.
    """
    if wrong := [layer.name for layer in layers if not layer.has_geometry]:
        raise AnswerError(
            N_("{layer} has no locations, so its distance cannot be measured; choose another layer"), layer=wrong[0]
        )
    undated = map_database.find_undated_snapshots(con) if undated is None else undated
    other_layers = [layer for layer in layers if layer != INCIDENTS]
    near_rows, bounds = _find_near_rows(con, other_layers, spot, within_km=within_km)
    nearness: dict[str, Nearness] = {}
    incident_bounds = bounds
    if INCIDENTS in layers:
        events, nearness, incident_bounds = _find_near_incidents(con, spot, within_km=within_km)
        near_rows += events
    rows = _sort_rows(near_rows)
    by_feature: dict[tuple[str, object], dict[str, object]] = {}
    for layer in (LAYERS[name] for name in dict.fromkeys(row.layer for row in rows)):
        columns = ["id", *(name for name in (*about, _ACCURACY) if name in layer.names)]
        read = row_values.read_values(con, layer, columns, bounds=incident_bounds if layer == INCIDENTS else bounds)
        by_feature |= {(layer.name, values["id"]): values for values in read}
    attacks = record_queries.filter_attacks(con, list(nearness))
    for id_, published in nearness.items():
        stored = by_feature.get((INCIDENTS.name, id_), {})
        by_feature[INCIDENTS.name, id_] = stored | published._asdict() | {"is_attack": id_ in attacks}
    features = [_build_record(row, by_feature.get((row.layer, row.id), {}), about, spot) for row in rows]
    if "snapshot_on" not in about:
        return features
    return [_clear_unstated_date(row, undated) for row in features]


def _build_record(row: NearbyRow, stored: dict[str, Any], about: Sequence[str], spot: Spot) -> dict[str, object]:
    is_exact = stored.get("location_precision", "exact") == "exact"
    of_area = spot.area.accuracy_m if spot.area is not None and is_exact else None
    known = [float(metres) for metres in (stored.get(_ACCURACY), of_area) if metres is not None]
    distances = {name: getattr(row, name, None) for name in _FIRST}
    distances["distance_accuracy_m"] = hypot(*known) if known else None  # independent errors
    return distances | {name: stored.get(name) for name in about}


def _clear_unstated_date(row: dict[str, object], unstated: Snapshots) -> dict[str, object]:
    """Set the snapshot date to None if the source did not state it."""
    return row | {"snapshot_on": None} if (row["source_id"], row["snapshot_on"]) in unstated else row


def buffered_bounds(area: BaseGeometry, within_km: float) -> Bounds:
    """Return a bounding box (west, south, east, north) of everything within a distance of an area."""
    west, south, east, north = map(float, area.bounds)
    boxes = [window(lon, lat, within_km) for lon in (west, east) for lat in (south, north)]
    return (
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        max(box[2] for box in boxes),
        max(box[3] for box in boxes),
    )


def _find_near_rows(
    con: map_database.Connection, layers: Sequence[Layer], spot: Spot, *, within_km: float
) -> tuple[list[NearbyRow], Bounds]:
    """Return the rows of layers within a distance of a place, nearest first, and a bounding box that contains them."""
    bounds = spot_bounds(spot, within_km)
    if spot.shape is not None:
        return _find_near_area(con, layers, spot.shape, bounds, within_km=within_km) if layers else [], bounds
    rows: list[NearbyRow] = []
    for layer in layers:
        shapes_by_id = row_values.read_shapes_by_id(con, layer, bounds=bounds)
        ids, shapes = list(shapes_by_id), np.array([*shapes_by_id.values()], dtype=object)
        near = find_nearest(spot.longitude, spot.latitude, EdgeIndex.from_shapes(shapes), within_km=within_km)
        columns = zip(near.positions, near.distance_m.tolist(), near.bearing.tolist(), near.directions(), strict=True)
        rows += [
            NearbyRow(layer.name, ids[at], distance_m, None if isnan(bearing) else bearing, direction)
            for at, distance_m, bearing, direction in columns
        ]
    return _sort_rows(rows), bounds


def _find_near_incidents(
    con: map_database.Connection, spot: Spot, *, within_km: float
) -> tuple[list[NearbyRow], dict[str, Nearness], Bounds]:
    """Return the incidents near a place, their distances by id, and a bounding box that contains them."""
    reach_km = within_km + REACH_KM
    bounds = spot_bounds(spot, reach_km)
    extents = read_extents(con, bounds)
    in_box = record_queries.find_events_in_box(con, bounds)
    nearness = near_incidents(con, spot, in_box, extents, within_km=within_km)
    if not nearness:
        return [], {}, bounds
    # Distances from an outline are slow to compute, so they are computed only for incidents that are near.
    if spot.shape is None:
        rows, _bounds = _find_near_rows(con, [INCIDENTS], spot, within_km=reach_km)
    else:
        rows = _find_near_area(con, [INCIDENTS], spot.shape, bounds, within_km=reach_km, ids=list(nearness))
    coarse = record_queries.filter_coarse_points(con, list(nearness))
    events = [row for row in rows if row.id in nearness and row.id not in coarse]
    events += [NearbyRow(INCIDENTS.name, id_, None, None, None) for id_ in nearness if id_ in coarse]
    boxes = [
        bounds,
        *(shapely.bounds(place.shape).tolist() for place in record_queries.read_places(con, list(nearness))),
    ]
    west, south, east, north = zip(*boxes, strict=True)
    return events, nearness, (min(west), min(south), max(east), max(north))


def spot_bounds(spot: Spot, within_km: float) -> Bounds:
    """Return a bounding box of everything within a distance of a place."""
    if spot.shape is None:
        return window(spot.longitude, spot.latitude, within_km)
    return buffered_bounds(spot.shape, within_km)


def _find_near_area(
    con: map_database.Connection,
    layers: Sequence[Layer],
    area: BaseGeometry,
    bounds: Bounds,
    *,
    within_km: float,
    ids: Sequence[str] | None = None,
) -> list[NearbyRow]:
    """Return the rows within a distance of an area, nearest first.

    Distances are accurate to 1 %. Directions are measured from the boundary of the area.
    """
    from lindero.geo.near.within_distance import near_area

    rows: list[NearbyRow] = []
    for layer in layers:
        shapes_by_id = row_values.read_shapes_by_id(con, layer, ids, bounds=bounds)
        shape_ids, shapes = list(shapes_by_id), np.array([*shapes_by_id.values()], dtype=object)
        positions, distances_m = near_area(area, shapes, within_km=within_km)
        for position, distance_m in zip(positions.tolist(), distances_m.tolist(), strict=True):
            bearing = _bearing(area, shapes[position]) if distance_m > 0 else None
            direction = "here" if bearing is None else DIRECTIONS[round(bearing / 45) % len(DIRECTIONS)]
            rows.append(NearbyRow(layer.name, shape_ids[position], distance_m, bearing, direction))
    return _sort_rows(rows)


def _sort_rows(rows: Sequence[NearbyRow]) -> list[NearbyRow]:
    return sorted(rows, key=lambda row: (row.distance_m is None, row.distance_m or 0.0, row.layer, row.id))


def _bearing(area: BaseGeometry, shape: BaseGeometry) -> float:
    """Return the bearing, in degrees, of the shortest line from an area to a shape."""
    (lon, lat), (to_lon, to_lat) = shapely.get_coordinates(shapely.shortest_line(area, shape))
    azimuth, _back, _metres = ELLIPSOID.inv(lon, lat, to_lon, to_lat)
    return float(azimuth) % 360


def find_nearby_incidents(
    con: map_database.Connection, spot: Spot, *, within_km: float, undated: Snapshots | None = None
) -> list[dict[str, object]]:
    """Return the attacks and conflicts near a place, sorted by the distance of their published area.

    The parameters are those of `find_nearby_features`.
    """
    rows = find_nearby_features(
        con, spot, within_km=within_km, layers=[INCIDENTS], about=INCIDENT_COLUMNS, undated=undated
    )
    return sorted(rows, key=lambda row: (row["area_m"], row["id"]))
