"""Names in the map itself: communities, protected areas, places, regions, concessions and incidents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import shapely

from lindero.layers.database.definitions import EVENT_SQL
from lindero.layers.database.map_database import CURRENT, Connection
from lindero.layers.database.queries import row_values
from lindero.layers.database.queries.map_queries import list_entry_columns, to_ordinary_case
from lindero.layers.model.schema import LAYERS, REGIONS
from lindero.layers.reference import base_data
from lindero.layers.reference.gazetteer import Gazetteer, Place, name_keys

_NAME_COLUMNS = {  # by layer: code, kind and population in SQL; names are listed in this order
    "communities": ("code", "coalesce(type, 'community')", "coalesce(population, 0)"),
    "protected_areas": ("code", "'protected_area'", "0"),
    "places": ("NULL", "'locality'", "coalesce(population, 0)"),
    "regions": ("NULL", "level", "0"),
    "concessions": ("code", "'concession'", "0"),
}
_NEAR_DEGREES = 0.3  # about 30 km, within which the nearest place determines the province


def build_gazetteer(con: Connection) -> Gazetteer:
    """Build a gazetteer of the names and codes in the map.

    Regions are located at a point inside their geometry, other places at the centre of their bounding box. Region,
    province and country of a place come from Lindero's own base data.

    Returns: the places, each with the `layer` and the id (as `code`) of its feature, and coordinates in degrees.
    """
    areas = row_values.read_shapes_by_id(con, REGIONS)
    names_by_place = []
    for layer, id_, name, code, kind, population, lon, lat in (
        row for layer_name in _NAME_COLUMNS for row in _read_named_rows(con, layer_name)
    ):
        display_name, area = to_ordinary_case(layer, name), areas.get(id_)
        x, y = (lon, lat) if area is None else _inner_point(area)  # the centre of the box may lie in a neighbour
        place = Place(display_name, kind, id_, "", "", "", x, y, population, layer=layer, area=area)
        names_by_place.append((place, name_keys([name, code])))
    return Gazetteer(names_by_place, _add_surroundings)


def _inner_point(area: shapely.Geometry) -> tuple[float, float]:
    point = shapely.point_on_surface(area)
    return point.x, point.y


def move_to_inner_points(con: Connection, places: Sequence[Place]) -> list[Place]:
    """Return the places that the map contains, each moved to a point inside its geometry.

    `places`: places of a gazetteer. Those without a `layer`, or without geometry in the map, stay as they are. Returns:
    the places in their order, with longitude and latitude in degrees.
    """
    points: dict[str, shapely.Point] = {}
    for layer in {place.layer for place in places} - {""}:
        shapes_by_id = row_values.read_shapes_by_id(
            con, LAYERS[layer], [place.code for place in places if place.layer == layer]
        )
        points |= {id_: shapely.point_on_surface(shape) for id_, shape in shapes_by_id.items() if shape is not None}
    return [
        place._replace(longitude=points[place.code].x, latitude=points[place.code].y) if place.code in points else place
        for place in places
    ]


def _read_named_rows(con: Connection, name: str) -> list[tuple[Any, ...]]:
    code, kind, population = _NAME_COLUMNS[name]
    entry_columns = ", ".join(f'"{column}"' for column in list_entry_columns(LAYERS[name]))
    first_of_entry = (
        f"QUALIFY row_number() OVER (PARTITION BY {entry_columns} ORDER BY id) = 1" if entry_columns else ""
    )
    return con.execute(f"""
        SELECT '{name}', id, name, coalesce({code}, ''), {kind}, {population}, (xmin + xmax) / 2, (ymin + ymax) / 2
        FROM {name} WHERE name <> '' AND xmin IS NOT NULL AND {CURRENT} {first_of_entry} ORDER BY id
    """).fetchall()


def _add_surroundings(places: list[Place]) -> list[Place]:
    """Add province, region and country to places; empty where they are not known."""
    if not places:
        return places
    points = shapely.points([(place.longitude, place.latitude) for place in places])
    west, south, east, north = shapely.total_bounds(points).tolist()
    bounds = (west - _NEAR_DEGREES, south - _NEAR_DEGREES, east + _NEAR_DEGREES, north + _NEAR_DEGREES)
    regions = base_data.read_columns("regions", "name", "country", "geometry", bounds=bounds)
    rows, matches = shapely.STRtree(regions["geometry"]).query(points, predicate="within")
    region = {
        row: (str(regions["name"][match]), str(regions["country"][match]))
        for row, match in zip(rows, matches, strict=True)
    }
    towns = base_data.read_columns("places", "province", "geometry", bounds=bounds)
    tree = shapely.STRtree(towns["geometry"])
    rows, matches = tree.query_nearest(points, max_distance=_NEAR_DEGREES, all_matches=False)
    province = {row: str(towns["province"][match]) for row, match in zip(rows, matches, strict=True)}
    surroundings = [(province.get(row, ""), *region.get(row, ("", ""))) for row in range(len(places))]
    return [
        place._replace(province=province, region=region, country=country)
        for place, (province, region, country) in zip(places, surroundings, strict=True)
    ]


def search_holders(con: Connection, word: str) -> list[tuple[str, int]]:
    """Search holders whose name contains a text; return each with its number of concessions.

    Names are compared in lower case without accents.
    """
    query = f"""
        SELECT holder, count(*) FROM concessions
        WHERE contains(strip_accents(lower(holder)), (FROM asked)) AND {CURRENT}
        GROUP BY holder ORDER BY count(*) DESC, holder
    """
    return row_values.query_texts(con, query, word)


def search_incidents(con: Connection, word: str) -> list[tuple[str, str]]:
    """Search incidents whose title contains a text; return ids and titles, latest first.

    Titles are compared in lower case without accents. An event with several records is found once.
    """
    query = f"""
        SELECT id, title FROM incidents
        WHERE contains(strip_accents(lower(title)), (FROM asked)) AND {EVENT_SQL}
        ORDER BY occurred_on DESC NULLS LAST, id
    """
    return row_values.query_texts(con, query, word)
