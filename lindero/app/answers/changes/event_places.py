"""The places that an event is on: whose land a concession overlaps, and which of it a moved boundary concerns."""

from collections import defaultdict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from lindero.app.answers.changes import watchlist
from lindero.app.answers.overlap.first_sight import SLIVER
from lindero.geo.geometry.areas import areas_ha
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Connection
from lindero.layers.model.parse_values import is_missing
from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS, PROTECTED_AREAS

LEAST_HA = 0.05  # hectares that are written as more than 0
RecordPair: TypeAlias = tuple[str, str]
"""The ids of a record before and after a change."""


@dataclass(frozen=True)
class EventPlace:
    """A place that an event is on.

    `layer` and `id` are those of the map, or `regions` and a code of ISO 3166-2. Hectares are of the overlap before and
    after the event, and `certain_ha` of its certain part; they are None where they are not known.
    """

    layer: str
    id: str
    name: str
    before_ha: float | None = None
    after_ha: float | None = None
    certainty: str = ""
    certain_ha: float | None = None

    @property
    def key(self) -> str:
        """The key of the place in a list of watched places."""
        return f"{watchlist.KINDS_BY_LAYER[self.layer]}/{self.id}"


def group_places(touched: pd.DataFrame) -> dict[RecordPair, tuple[EventPlace, ...]]:
    """Return the places of each changed record, slivers left out, the largest overlap first."""
    grouped: dict[RecordPair, list[EventPlace]] = defaultdict(list)
    for row in touched[touched["certainty"] != SLIVER].to_dict("records"):
        grouped[read_pair(row, "before_id", "after_id")].append(_event_place(row))
    return {key: _sort_places(places) for key, places in grouped.items()}


def select_affected_places(
    con: Connection, places: Mapping[RecordPair, tuple[EventPlace, ...]], moved: Mapping[RecordPair, BaseGeometry]
) -> dict[RecordPair, tuple[EventPlace, ...]]:
    """Return the places that each moved boundary concerns.

    Its overlap with the place changed, or the ground that it gained or lost is on the place: a concession may move
    within the land of a community and keep its hectares.

    `moved`: the ground that each record gained or lost, in degrees.
    """
    unclear = [(key, place) for key in moved for place in places.get(key, ()) if not _has_changed(place)]
    shapes: dict[RecordPair, BaseGeometry] = {}
    for layer in (COMMUNITIES, PROTECTED_AREAS):
        ids = sorted({place.id for _key, place in unclear if place.layer == layer.name})
        if ids:
            land = map_database.read_layer(con, layer, where={"id": ids}, columns=["id", "geometry"])
            shapes |= {(layer.name, id_): shape for id_, shape in zip(land["id"], land.geometry, strict=True)}
    lands = np.array([shapes[place.layer, place.id] for _key, place in unclear], dtype=object)
    shared = shapely.intersection(lands, np.array([moved[key] for key, _place in unclear], dtype=object))
    is_on = areas_ha(shared) >= LEAST_HA
    untouched = {(key, place) for (key, place), on in zip(unclear, is_on, strict=True) if not on}
    return {key: tuple(place for place in places.get(key, ()) if (key, place) not in untouched) for key in moved}


def _has_changed(place: EventPlace) -> bool:
    """Return whether the hectares of the overlap with a place changed."""
    return place.before_ha is None or place.after_ha is None or abs(place.after_ha - place.before_ha) >= LEAST_HA


def read_current_places(con: Connection, ids: set[str]) -> dict[str, tuple[EventPlace, ...]]:
    """Return the places that current concessions are on, slivers left out, the largest overlap first."""
    grouped: dict[str, list[EventPlace]] = defaultdict(list)
    for layer in (COMMUNITIES, PROTECTED_AREAS):
        pairs = map_database.read_overlaps(con, CONCESSIONS.name, layer.name, feature_ids=(sorted(ids), ""))
        pairs = pairs[pairs["certainty"] != SLIVER]
        land_ids = {"id": pairs["right_id"].unique().tolist()}
        names = map_database.read_layer(con, layer, where=land_ids, columns=["id", "name"]).set_index("id")["name"]
        pairs = pairs.rename(columns={"right_id": "id", "area_ha": "after_ha"}).assign(layer=layer.name, before_ha=None)
        for row in pairs.assign(name=pairs["id"].map(names)).to_dict("records"):
            grouped[row["left_id"]].append(_event_place(row))
    return {id_: _sort_places(places) for id_, places in grouped.items()}


def _event_place(row: Mapping[Hashable, Any]) -> EventPlace:
    before, after, certain = (
        None if is_missing(row[name]) else float(str(row[name])) for name in ("before_ha", "after_ha", "certain_ha")
    )
    name = str(row["id"] if is_missing(row["name"]) else row["name"])
    return EventPlace(str(row["layer"]), str(row["id"]), name, before, after, to_text(row["certainty"]), certain)


def _sort_places(places: list[EventPlace]) -> tuple[EventPlace, ...]:
    return tuple(sorted(places, key=lambda place: (-max(place.before_ha or 0, place.after_ha or 0), place.key)))


def read_pair(row: Mapping[Hashable, Any], first: str, second: str) -> tuple[str, str]:
    """Return two values of a row as text."""
    return to_text(row[first]), to_text(row[second])


def to_text(value: object) -> str:
    """Return a value of a row as text, empty if it is missing."""
    return "" if is_missing(value) else str(value)
