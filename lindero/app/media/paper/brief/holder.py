"""The brief of a holder: the answer about it with a map of its concessions, for printing."""

import shapely

from lindero.app.answers.holder_spellings import Holder
from lindero.app.answers.invented import invented_data_text
from lindero.app.answers.profile.holder import HolderFacts, holder_answer
from lindero.app.media.paper import ruled_map
from lindero.app.media.paper.ruled_map import StyledFeatures, draw_map, draw_sample, fit_to_paper
from lindero.app.media.paper.typst_pdf import Brief, MapWithLegend
from lindero.app.text.i18n import _
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Connection
from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS, PROTECTED_AREAS

_MOST_ROWS = 12  # rows of each of its three tables: the brief has four pages


def build_brief(con: Connection, holder: Holder) -> Brief:
    """Build the brief of a holder in the reader's language."""
    facts = HolderFacts.from_map(con, holder)
    ids = [list(pairs["right_id"]) for pairs in facts.touched.values()]
    return Brief(
        holder_answer(facts),
        footer=f"Lindero · {holder.name}",
        warning=invented_data_text(con),
        map=_draw_map(con, list(facts.titles["id"]), *ids),
        most_rows=_MOST_ROWS,
    )


def _draw_map(con: Connection, ids: list[str], communities: list[str], areas: list[str]) -> MapWithLegend:
    concessions = map_database.read_layer(con, CONCESSIONS, where={"id": ids}).geometry
    west, south, east, north = map(float, shapely.total_bounds(concessions.to_numpy()))
    frame = fit_to_paper((west, south, east, north)).bounds
    lands = map_database.read_layer(con, COMMUNITIES, bounds=frame, where={"id": communities}).geometry
    parks = map_database.read_layer(con, PROTECTED_AREAS, bounds=frame, where={"id": areas}).geometry
    layers = [
        StyledFeatures(ruled_map.AREA, list(parks)),
        StyledFeatures(ruled_map.SHARED, list(concessions)),
        StyledFeatures(ruled_map.LAND, list(lands)),
    ]
    alt = _("Map of this holder's concessions, with the lands and protected areas that they overlap.")
    legend = [
        (draw_sample(ruled_map.SHARED), _("Concession of this holder")),
        (draw_sample(ruled_map.LAND), _("Land of a community with an overlap")),
        (draw_sample(ruled_map.AREA), _("Protected area with an overlap")),
    ]
    return MapWithLegend(draw_map((west, south, east, north), layers, alt), legend)
