"""The brief of a region: the answer about it with a map, for printing."""

import shapely

from lindero.app.answers.invented import invented_data_text
from lindero.app.answers.profile.region import find_region, region_answer
from lindero.app.answers.regions import simplify_regions
from lindero.app.media.paper import ruled_map
from lindero.app.media.paper.ruled_map import StyledFeatures, draw_map, draw_sample
from lindero.app.media.paper.typst_pdf import Brief, MapWithLegend, draw_place_code
from lindero.app.text.i18n import _
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Connection
from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS


def build_brief(con: Connection, region: str) -> Brief:
    """Build the brief of a department (ISO 3166-2) or a province (its id) in the reader's language."""
    level, row = find_region(con, region)
    shape = simplify_regions(con, level, (region,)).geometry.iloc[0]
    middle = shape.representative_point()
    answer = region_answer(con, level, row)
    return Brief(
        answer,
        footer=f"Lindero · {answer.title}",
        warning=invented_data_text(con),
        code=draw_place_code(middle.y, middle.x),
        map=_draw_map(con, shape),
    )


def _draw_map(con: Connection, shape: shapely.Geometry) -> MapWithLegend:
    west, south, east, north = map(float, shapely.bounds(shape))
    inside = {
        layer: map_database.read_layer(con, layer, bounds=(west, south, east, north)).geometry
        for layer in (CONCESSIONS, COMMUNITIES)
    }
    layers = [
        StyledFeatures(ruled_map.SHARED, list(inside[CONCESSIONS])),
        StyledFeatures(ruled_map.LAND, list(inside[COMMUNITIES])),
        StyledFeatures(ruled_map.REGION, [shape]),
    ]
    alt = _("Map of the region with its concessions and the lands of its communities.")
    legend = [
        (draw_sample(ruled_map.REGION), _("Boundary of the region")),
        (draw_sample(ruled_map.SHARED), _("Concession")),
        (draw_sample(ruled_map.LAND), _("Land of a community")),
    ]
    return MapWithLegend(draw_map((west, south, east, north), layers, alt), legend)
