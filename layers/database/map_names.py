"""What the map itself holds, by its names: communities, protected areas, places, regions and concessions."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from lindero.layers.database import map_database
from lindero.layers.database.map_database import CURRENT, Connection
from lindero.layers.model.schema import LAYERS, REGIONS
from lindero.layers.reference import base_data
from lindero.layers.reference.gazetteer import Gazetteer, Place, keys

_SELECTED = {  # layer: its code, kind and inhabitants in SQL; told in this order
    "communities": ("code", "coalesce(type, 'community')", "coalesce(population, 0)"),
    "protected_areas": ("code", "'protected_area'", "0"),
    "places": ("NULL", "'locality'", "coalesce(population, 0)"),
    "regions": ("NULL", "level", "0"),
    "concessions": ("code", "'concession'", "0"),
}
_NEAR_DEGREES = 0.3  # some 30 km, within which the nearest place tells the province


def gazetteer(con: Connection) -> Gazetteer:
    """
    Give all that the map holds by name and code, each at the middle of its bounding box (`on_ground` draws it in).

    Region, province and country are those of the open data that Lindero brings along.
    """
    rows = [row for name in _SELECTED for row in _rows(con, name)]
    middles = np.array([row[-2:] for row in rows], dtype=float).reshape(-1, 2)
    areas = map_database.shapes_of(con, REGIONS)
    named = []
    for (layer, id_, name, code, kind, population, lon, lat), around in zip(rows, _around(middles), strict=True):
        place = Place(name, kind, id_, *around, lon, lat, population, layer=layer, area=areas.get(id_))
        named.append((place, keys([name, code])))
    return Gazetteer(named)


def on_ground(con: Connection, places: Sequence[Place]) -> list[Place]:
    """Give places with what the map holds at a point of its own ground, which the middle of a box need not be."""
    found: dict[str, shapely.Point] = {}
    for layer in {place.layer for place in places} - {""}:
        drawn = map_database.shapes_of(con, LAYERS[layer], [place.code for place in places if place.layer == layer])
        found |= {id_: shapely.point_on_surface(shape) for id_, shape in drawn.items() if shape is not None}
    return [
        replace(place, longitude=found[place.code].x, latitude=found[place.code].y) if place.code in found else place
        for place in places
    ]


def _rows(con: Connection, name: str) -> list[tuple[Any, ...]]:
    code, kind, population = _SELECTED[name]
    return con.execute(f"""
        SELECT '{name}', id, name, coalesce({code}, ''), {kind}, {population}, (xmin + xmax) / 2, (ymin + ymax) / 2
        FROM {name} WHERE name <> '' AND xmin IS NOT NULL AND {CURRENT} ORDER BY id
    """).fetchall()


def _around(middles: NDArray[np.float64]) -> list[tuple[str, str, str]]:
    """Give province, region and country of points (longitude, latitude), empty where they are not known."""
    points = shapely.points(middles)
    regions = base_data.columns("regions", "name", "country", "geometry")
    which, at = shapely.STRtree(regions["geometry"]).query(points, predicate="within")
    region = {
        row: (str(regions["name"][one]), str(regions["country"][one])) for row, one in zip(which, at, strict=True)
    }
    places = base_data.columns("places", "province", "geometry")
    tree = shapely.STRtree(places["geometry"])
    which, at = tree.query_nearest(points, max_distance=_NEAR_DEGREES, all_matches=False)
    province = {row: str(places["province"][one]) for row, one in zip(which, at, strict=True)}
    return [(province.get(row, ""), *region.get(row, ("", ""))) for row in range(len(middles))]
