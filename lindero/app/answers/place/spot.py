"""What was asked about: a position, or an area by its name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from lindero.geo.geometry.projection import is_polygonal
from lindero.geo.geometry.units import M_PER_KM
from lindero.geo.near.window import disc, widen
from lindero.layers.database.queries import map_queries, row_values
from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS, LAYERS, PROTECTED_AREAS, REGIONS
from lindero.layers.reference import base_data

if TYPE_CHECKING:
    from lindero.app.answers.coverage.coverage import Coverage, LayerCoverage
    from lindero.layers.database.map_database import Connection
    from lindero.layers.reference.gazetteer import Place

BASE = "base"  # the layer of a region of the base data, in the key of an area
AREAS = (COMMUNITIES.name, PROTECTED_AREAS.name, CONCESSIONS.name, REGIONS.name)


def is_key(text: str) -> bool:
    """Return whether a text is written as the key of an area (`NamedArea.key`)."""
    layer, colon, id_ = text.partition(":")
    return bool(colon and id_) and layer in {BASE, *AREAS}


def may_be_area(place: Place | None) -> bool:
    """Return whether a name that was found may mean a whole area: a town or a position means none."""
    return place is not None and (place.layer in AREAS or place.kind == "region")


@dataclass(frozen=True)
class NamedArea:
    """
    An area that somebody asks for by name: a community's land, a protected area, a region or a concession.

    `ids` are those of all its polygons on the map, which may be several; a region of the base data has its code.
    `shape` is all of its ground, in degrees. `key` names it in a form: its layer (`base` for a region of the base data)
    and its id.
    """

    layer: str
    ids: tuple[str, ...]
    name: str
    shape: BaseGeometry
    key: str
    accuracy_m: float | None = None  # by how much its boundary may be off


@dataclass(frozen=True)
class Spot:
    """
    A place that was asked about, with the name that the reader knows it by.

    `area` is there if the name means a whole area; then the position, in degrees on WGS 84, is a point in it.
    """

    name: str
    latitude: float
    longitude: float
    area: NamedArea | None = None

    def ground(self, within_km: float = 0.0) -> shapely.Geometry:
        """Return all ground within a distance of the position or the area, in degrees; about, round an area."""
        if self.shape is None:
            return disc(self.longitude, self.latitude, within_km * M_PER_KM)
        return widen(self.shape, within_km * M_PER_KM)

    @property
    def shape(self) -> BaseGeometry | None:
        """The ground of the area, in degrees; None of a position."""
        return None if self.area is None else self.area.shape

    def coverage(self, covered: Coverage, layer: str, *, within_km: float = 0.0) -> LayerCoverage:
        """Return what the map can say of a layer here, or within a distance of the position or the area."""
        if self.shape is not None:
            return covered.over(layer, self.ground(within_km))
        if not within_km:
            return covered.at(layer, self.latitude, self.longitude)
        return covered.around(layer, self.latitude, self.longitude, within_km=within_km)


def area_of(con: Connection, place: Place | None) -> NamedArea | None:
    """Return the area that a name means as a whole; None of a position, a town, or what is known by a point alone."""
    if place is None or not may_be_area(place):
        return None
    return _area(con, place.layer or BASE, place.code, place.name)


def area_by_key(con: Connection, key: str) -> NamedArea | None:
    """Return the area of a `NamedArea.key`; None if the map has no such area."""
    layer, _colon, id_ = key.partition(":")
    return _area(con, layer, id_, "") if is_key(key) else None


def spot_of_community(con: Connection, community_id: str) -> Spot | None:
    """Return the land of a community, or the point that it is known by; None without a place."""
    if area := area_by_key(con, f"{COMMUNITIES.name}:{community_id}"):
        point = area.shape.representative_point()
        return Spot(area.name, point.y, point.x, area)
    shape = row_values.shapes_of(con, COMMUNITIES, [community_id]).get(community_id)
    if shape is None:
        return None
    known = shape.representative_point()
    return Spot(community_id, known.y, known.x)


def _area(con: Connection, layer: str, id_: str, name: str) -> NamedArea | None:
    if layer != BASE:
        ids = map_queries.same_entry(con, LAYERS[layer], id_)
        shapes = list(row_values.shapes_of(con, LAYERS[layer], ids).values())
        names = [] if name else map_queries.names_of(con, LAYERS[layer], ids)
        accuracy_m = map_queries.boundary_accuracy(con, LAYERS[layer], ids)
    else:
        ids, accuracy_m = [id_], None
        found = base_data.columns("regions", "name", "geometry", where=("code", id_))
        names, shapes = found["name"], found["geometry"]
    drawn = np.array(shapes, dtype=object)
    if not len(drawn) or not is_polygonal(drawn).all():
        return None
    called = name or next(iter(names), "") or id_
    kind = REGIONS.name if layer == BASE else layer
    return NamedArea(kind, tuple(ids), called, shapely.union_all(drawn), f"{layer}:{id_}", accuracy_m)
