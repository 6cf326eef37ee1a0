"""The brief of a community: the answer about it with a map of its land, for printing."""

from dataclasses import replace

import pandas as pd
import shapely

from lindero.app.answers.invented import invented_data_text
from lindero.app.answers.overlap import overlaps
from lindero.app.answers.profile.community import NOT_PRINTED, CommunityFacts, community_answer
from lindero.app.answers.registers import Registers
from lindero.app.media.paper import ruled_map
from lindero.app.media.paper.ruled_map import StyledFeatures, draw_map, draw_sample, fit_to_paper
from lindero.app.media.paper.typst_pdf import Brief, MapWithLegend, draw_place_code
from lindero.app.text.i18n import _
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Connection
from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS, PROTECTED_AREAS


def build_brief(con: Connection, community: str) -> Brief:
    """Build the brief of a community in the reader's language."""
    facts = CommunityFacts.from_map(con, community)
    answer = community_answer(facts)
    printed = tuple(section for section in answer.sections if section.key not in NOT_PRINTED)
    return Brief(
        replace(answer, sections=printed),
        footer=f"Lindero · {answer.title}",
        warning=invented_data_text(con),
        code=draw_place_code(*facts.centre) if facts.centre else None,
        map=_draw_map(con, community, facts.pairs) if facts.centre else None,
    )


def _draw_map(con: Connection, community: str, pairs: pd.DataFrame) -> MapWithLegend:
    land = map_database.read_layer(con, COMMUNITIES, where={"id": [community]}).geometry
    bounds = tuple(float(value) for value in shapely.total_bounds(land.to_numpy()))
    frame = fit_to_paper((bounds[0], bounds[1], bounds[2], bounds[3])).bounds
    registers = Registers.from_map(con)
    concessions, areas = (
        registers.filter_layer(layer.name, map_database.read_layer(con, layer, bounds=frame))
        for layer in (CONCESSIONS, PROTECTED_AREAS)
    )
    shared = (
        overlaps.draw_pairs(con, "concessions", "communities", pairs) if len(pairs) else pairs.assign(geometry=None)
    )
    granted = concessions["status"] == "granted"
    layers = [
        StyledFeatures(ruled_map.AREA, list(areas.geometry)),
        StyledFeatures(ruled_map.SHARED, list(shared["geometry"])),
        StyledFeatures(ruled_map.APPLICATION_SIGN, list(concessions.geometry[~granted])),
        StyledFeatures(ruled_map.TITLE, list(concessions.geometry[granted])),
        StyledFeatures(ruled_map.LAND, list(land)),
        StyledFeatures(
            ruled_map.Sign("none"),
            list(shared["geometry"]),
            [str(row_number) for row_number in range(1, len(shared) + 1)],
        ),
    ]
    alt = _("Map of the land, with the concessions and protected areas on it and around it. Overlaps are hatched.")
    legend = [
        (draw_sample(ruled_map.LAND), _("Land of the community")),
        (draw_sample(ruled_map.SHARED), _("Land under concession; numbers as in the table")),
        (draw_sample(ruled_map.TITLE), _("Concession, granted")),
        (draw_sample(ruled_map.APPLICATION_SIGN), _("Concession, another status")),
        (draw_sample(ruled_map.AREA), _("Protected area")),
    ]
    return MapWithLegend(draw_map((bounds[0], bounds[1], bounds[2], bounds[3]), layers, alt), legend)
