"""A place that was asked about: a position, or a named area."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
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
from lindero.layers.reference.known_projects import KIND as MINING_PROJECT

if TYPE_CHECKING:
    from lindero.app.answers.coverage.coverage import Coverage, LayerCoverage
    from lindero.layers.database.map_database import Connection
    from lindero.layers.reference.gazetteer import Place

BASE = "base"  # layer in the key of an area that is a region of the base data
AREAS = (COMMUNITIES.name, PROTECTED_AREAS.name, CONCESSIONS.name, REGIONS.name)


def is_area_key(text: str) -> bool:
    """Return whether a text has the form of `NamedArea.key`."""
    layer, colon, id_ = text.partition(":")
    return bool(colon and id_) and layer in {BASE, *AREAS}


def may_be_area(place: Place | None) -> bool:
    """Return whether a place found by name may be a whole area. Towns and positions are not."""
    return place is not None and (place.layer in AREAS or place.kind == "region")


@dataclass(frozen=True)
class NamedArea:
    """An area that was asked for by name: a community's land, a protected area, a region or a concession.

    `ids` are the ids of all its polygons on the map. For a region of the base data they contain its code. `shape` is
    the union of its polygons, in degrees. `key` identifies it in a form: the layer (`base` for a region of the base
    data) and the id.
    """

    layer: str
    ids: tuple[str, ...]
    name: str
    shape: BaseGeometry
    key: str
    accuracy_m: float | None = None  # accuracy of the boundary


@dataclass(frozen=True)
class Spot:
    """A place that was asked about, with the name that the reader knows.

    `area` is set if the name means a whole area. The position, in degrees on WGS 84, is then a point inside it. A
    mining project that no register names is approximate: its position is known to some kilometres.
    """

    name: str
    latitude: float
    longitude: float
    area: NamedArea | None = None
    is_approximate: bool = False

    def ground(self, within_km: float = 0.0) -> shapely.Geometry:
        """Return the buffer of the position or the area, in degrees.

        The buffer of an area is approximate.
        """
        if self.shape is None:
            return disc(self.longitude, self.latitude, within_km * M_PER_KM)
        return widen(self.shape, within_km * M_PER_KM)

    @property
    def shape(self) -> BaseGeometry | None:
        """The polygon of the area, in degrees; None for a position."""
        return None if self.area is None else self.area.shape

    def coverage(self, covered: Coverage, layer: str, *, within_km: float = 0.0) -> LayerCoverage:
        """Return the coverage of a layer at the place, or within a distance of the position or the area."""
        return self.coverages(covered, [layer], within_km=within_km)[layer]

    def coverages(
        self, covered: Coverage, layers: Sequence[str], *, within_km: float = 0.0
    ) -> dict[str, LayerCoverage]:
        """Return the coverage of each layer at the place, or within a distance of the position or the area."""
        if self.shape is not None:
            area = self.ground(within_km) if covered.depends_on_place(layers) else self.shape
            return {layer: covered.area_coverage(layer, area) for layer in layers}
        if not within_km:
            return {layer: covered.point_coverage(layer, self.latitude, self.longitude) for layer in layers}
        return covered.disc_coverages(layers, self.latitude, self.longitude, within_km=within_km)


def locate_spot(con: Connection, name: str, latitude: float, longitude: float, place: Place | None) -> Spot:
    """Build the spot of a found place. The spot is a whole area if the name is that of an area."""
    is_approximate = place is not None and place.kind == MINING_PROJECT
    return Spot(name, latitude, longitude, find_area(con, place), is_approximate)


def find_area(con: Connection, place: Place | None) -> NamedArea | None:
    """Return the whole area that a place name means.

    None for a position, a town, or an area known only by a point.
    """
    if place is None or not may_be_area(place):
        return None
    return next(_iter_areas(con, place.layer or BASE, [place.code], place.name), None)


def find_area_by_key(con: Connection, key: str) -> NamedArea | None:
    """Return the area of a `NamedArea.key`; None if the map has no such area."""
    return find_areas_by_key(con, [key]).get(key)


def find_areas_by_key(con: Connection, keys: Iterable[str]) -> dict[str, NamedArea]:
    """Return the areas of some `NamedArea.key` that the map has, by key and in the order of the keys."""
    valid_keys = [key for key in keys if is_area_key(key)]
    ids_by_layer: dict[str, list[str]] = {}
    for key in valid_keys:
        layer, _colon, id_ = key.partition(":")
        ids_by_layer.setdefault(layer, []).append(id_)
    areas = {area.key: area for layer, ids in ids_by_layer.items() for area in _iter_areas(con, layer, ids)}
    return {key: areas[key] for key in valid_keys if key in areas}


def find_community_spot(con: Connection, community_id: str) -> Spot | None:
    """Return the land of a community, or the point where it is known to be; None if it has no location."""
    if area := find_area_by_key(con, f"{COMMUNITIES.name}:{community_id}"):
        point = area.shape.representative_point()
        return Spot(area.name, point.y, point.x, area)
    shape = row_values.read_shapes_by_id(con, COMMUNITIES, [community_id]).get(community_id)
    if shape is None:
        return None
    position = shape.representative_point()
    return Spot(community_id, position.y, position.x)


def _iter_areas(con: Connection, layer: str, ids: Sequence[str], name: str = "") -> Iterator[NamedArea]:
    """Yield the areas of a layer with some ids. Without a `name`, they have the name on the map."""
    if layer == BASE:
        for id_ in ids:
            regions = base_data.read_columns("regions", "name", "geometry", where=("code", id_))
            yield from _build_area(BASE, [id_], regions["geometry"], name or next(iter(regions["name"]), ""), None)
        return
    polygons = map_queries.find_entry_polygons(con, LAYERS[layer], ids)
    all_ids = list(dict.fromkeys(polygon_id for polygon_ids in polygons.values() for polygon_id in polygon_ids))
    shapes = row_values.read_shapes_by_id(con, LAYERS[layer], all_ids)
    names = {} if name else map_queries.read_names(con, LAYERS[layer], all_ids)
    accuracy_m = map_queries.read_boundary_accuracy(con, LAYERS[layer], all_ids)
    for polygon_ids in polygons.values():
        in_order = sorted(polygon_ids)
        yield from _build_area(
            layer,
            polygon_ids,
            [shapes[id_] for id_ in in_order if id_ in shapes],
            name or next((names[id_] for id_ in in_order if id_ in names), ""),
            max((accuracy_m[id_] for id_ in polygon_ids if id_ in accuracy_m), default=None),
        )


def _build_area(
    layer: str, ids: Sequence[str], shapes: Iterable[BaseGeometry | None], name: str, accuracy_m: float | None
) -> Iterator[NamedArea]:
    """Yield the area of some polygons; nothing if any of them is not a polygon."""
    polygons = np.array(list(shapes), dtype=object)
    if len(polygons) and is_polygonal(polygons).all():
        kind = REGIONS.name if layer == BASE else layer
        key = f"{layer}:{ids[0]}"
        yield NamedArea(kind, tuple(ids), name or ids[0], shapely.union_all(polygons), key, accuracy_m)
