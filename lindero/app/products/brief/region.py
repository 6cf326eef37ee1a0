"""The brief of a region: the answer about it with a map, to be printed."""

import shapely

from lindero.app.answers.profile import shared
from lindero.app.answers.profile.region import region_answer, region_row
from lindero.app.answers.regions import COUNTED, shapes
from lindero.app.drawing import ruled_map
from lindero.app.drawing.ruled_map import Drawn, map_of, sample
from lindero.app.renderers.typst_pdf import Brief, DrawnMap, place_code
from lindero.app.text.i18n import _
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Connection
from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS


def brief(con: Connection, region: str) -> Brief:
    """
    Gather the brief of a department (ISO 3166-2) or a province (its id), in the reader's language.

    Raises
    ------
    AnswerError
        If nothing on the map lies in such a region.
    """
    level, row = region_row(con, region)
    shape = shapes(con, level, (region,)).geometry.iloc[0]
    middle = shape.representative_point()
    answer = region_answer(con, level, row)
    return Brief(
        answer,
        footer=shared.footer(con, answer.title, COUNTED),
        warning=shared.is_invented(con),
        code=place_code(middle.y, middle.x),
        map=_map(con, shape),
    )


def _map(con: Connection, shape: shapely.Geometry) -> DrawnMap:
    west, south, east, north = map(float, shapely.bounds(shape))
    inside = {
        layer: map_database.read_layer(con, layer, bounds=(west, south, east, north)).geometry
        for layer in (CONCESSIONS, COMMUNITIES)
    }
    drawn = [
        Drawn(ruled_map.SHARED, list(inside[CONCESSIONS])),
        Drawn(ruled_map.LAND, list(inside[COMMUNITIES])),
        Drawn(ruled_map.REGION, [shape]),
    ]
    alt = _("Map of the region with its concessions and the lands of its communities.")
    legend = [
        (sample(ruled_map.REGION), _("Boundary of the region")),
        (sample(ruled_map.SHARED), _("Concession")),
        (sample(ruled_map.LAND), _("Land of a community")),
    ]
    return DrawnMap(map_of((west, south, east, north), drawn, alt), legend)
