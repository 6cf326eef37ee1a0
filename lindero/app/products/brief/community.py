"""The brief of a community: the answer about it with a map of its land, to be printed."""

from dataclasses import replace

import pandas as pd
import shapely

from lindero.app.answers.overlap import overlaps
from lindero.app.answers.profile import shared
from lindero.app.answers.profile.community import LAYERS, NOT_PRINTED, CommunityFacts, community_answer
from lindero.app.answers.registers import Registers
from lindero.app.drawing import ruled_map
from lindero.app.drawing.ruled_map import Drawn, fit_to_paper, map_of, sample
from lindero.app.renderers.typst_pdf import Brief, DrawnMap, place_code
from lindero.app.text.i18n import _
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Connection
from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS, PROTECTED_AREAS


def brief(con: Connection, community: str) -> Brief:
    """
    Gather the brief of a community, in the reader's language.

    Raises
    ------
    AnswerError
        If the map holds no such community.
    """
    facts = CommunityFacts.of(con, community)
    answer = community_answer(facts)
    printed = tuple(section for section in answer.sections if section.key not in NOT_PRINTED)
    return Brief(
        replace(answer, sections=printed),
        footer=shared.footer(con, answer.title, LAYERS),
        warning=shared.is_invented(con),
        code=place_code(*facts.middle) if facts.middle else None,
        map=_map(con, community, facts.pairs) if facts.middle else None,
    )


def _map(con: Connection, community: str, pairs: pd.DataFrame) -> DrawnMap:
    land = map_database.read_layer(con, COMMUNITIES, where={"id": [community]}).geometry
    bounds = tuple(float(value) for value in shapely.total_bounds(land.to_numpy()))
    frame = fit_to_paper((bounds[0], bounds[1], bounds[2], bounds[3])).bounds
    registers = Registers.of_map(con)
    titles, areas = (
        registers.of_layer(layer.name, map_database.read_layer(con, layer, bounds=frame))
        for layer in (CONCESSIONS, PROTECTED_AREAS)
    )
    shared = (
        overlaps.draw_pairs(con, "concessions", "communities", pairs) if len(pairs) else pairs.assign(geometry=None)
    )
    granted = titles["status"] == "granted"
    drawn = [
        Drawn(ruled_map.AREA, list(areas.geometry)),
        Drawn(ruled_map.SHARED, list(shared["geometry"])),
        Drawn(ruled_map.ASKED, list(titles.geometry[~granted])),
        Drawn(ruled_map.TITLE, list(titles.geometry[granted])),
        Drawn(ruled_map.LAND, list(land)),
        Drawn(ruled_map.Sign("none"), list(shared["geometry"]), [str(at) for at in range(1, len(shared) + 1)]),
    ]
    alt = _("Map of the land with the concessions and protected areas on it and around it; the overlaps are hatched.")
    legend = [
        (sample(ruled_map.LAND), _("Land of the community")),
        (sample(ruled_map.SHARED), _("Land under concession; the numbers are those of the table")),
        (sample(ruled_map.TITLE), _("Concession, granted")),
        (sample(ruled_map.ASKED), _("Concession, in another state")),
        (sample(ruled_map.AREA), _("Protected area")),
    ]
    return DrawnMap(map_of((bounds[0], bounds[1], bounds[2], bounds[3]), drawn, alt), legend)
