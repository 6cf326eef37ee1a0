"""The brief of a holder: its concessions across the spellings of its name, and whose land they lie on."""

from collections.abc import Mapping

import pandas as pd
import shapely

from lindero.app.answers.coverage.coverage_text import figure, none_of, reach
from lindero.app.answers.coverage.reach import reach_of
from lindero.app.answers.holder import Holder, across_spellings
from lindero.app.answers.overlap import overlaps
from lindero.app.answers.registers import Registers
from lindero.app.drawing import ruled_map
from lindero.app.drawing.ruled_map import Drawn, fit_to_paper, map_of, sample
from lindero.app.products.brief import sections
from lindero.app.products.brief.parts import (
    Brief,
    Column,
    Part,
    bullets,
    figures,
    heading,
    map_with_key,
    notes,
    paragraph,
    table,
)
from lindero.app.record import consultation_text, consultations
from lindero.app.text.codes import word
from lindero.app.text.i18n import _, ngettext, number
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Connection
from lindero.layers.database.queries import map_queries
from lindero.layers.errors import N_, AnswerError
from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS, PROTECTED_AREAS

LAYERS = ("concessions", "communities", "protected_areas", "consultations")
_MOST_ROWS = 12  # of each of its three tables, for four pages


def holder_of(con: Connection, called: str) -> Holder:
    """
    Find a holder by the code that its page has, or by any spelling of its name.

    Raises
    ------
    AnswerError
        If the map holds none.
    """
    every = across_spellings(map_queries.holders(con, Registers.of_map(con).counted["concessions"].left_out))
    found = next((one for one in every if called == one.code or called in one.spellings), None)
    if found is None:
        raise AnswerError(N_("the map holds no holder {id}"), id=called)
    return found


def brief(con: Connection, holder: Holder) -> Brief:
    """Gather the brief of a holder, in the reader's language."""
    registers = Registers.of_map(con)
    titles = map_queries.titles(con, holder.spellings, registers.counted["concessions"].left_out)
    laid = {layer: overlaps.find_pairs(con, "concessions", layer)[0] for layer in ("communities", "protected_areas")}
    laid = {layer: pairs[pairs["left_id"].isin(titles["id"])] for layer, pairs in laid.items()}
    is_covered = any(one.layer == "consultations" for one in map_database.read_sources(con))
    lands = consultation_text.beside(
        laid["communities"], consultations.consultations_of_map(con), is_covered=is_covered
    )
    sums = overlaps.add_up_pairs(con, "concessions", "communities", laid["communities"])
    shapes = map_database.read_layer(con, CONCESSIONS, where={"id": list(titles["id"])}).geometry
    covered = registers.coverage(con)
    known_of = {layer: reach_of(covered, layer, shapes, of="concessions") for layer in laid}
    counts = {layer: figure(pairs["right_id"].nunique(), known_of[layer]) for layer, pairs in laid.items()}
    absent = none_of([known_of[layer] for layer, pairs in laid.items() if pairs.empty])
    partly = [reach(known_of[layer]) for layer, pairs in laid.items() if not pairs.empty]
    values = {
        _("Concessions"): number(len(titles)),
        _("Hectares, added up"): added_up(titles["area_ha"]),
        _("Communities touched"): counts["communities"],
        _("Protected areas touched"): counts["protected_areas"],
        _("On communities' land, ground counted once (ha)"): number(sums.footprint_ha, decimals=1),
        _("The same, added up title by title (ha)"): number(sums.gross_ha, decimals=1),
    }
    alike = _("Names that look alike were taken for one holder: see the spellings, and take them apart if need be.")
    return Brief(
        title=holder.name,
        about=_("Holder of concessions"),
        finding=found(len(titles), counts),
        footer=_("Lindero · {name} · data {date}").format(name=holder.name, date=sections.day_of_map(con, LAYERS)),
        warning=sections.is_invented(con),
        parts=[
            _map(con, list(titles["id"]), list(lands["right_id"]), list(laid["protected_areas"]["right_id"])),
            figures(values),
            heading(_("Spellings taken for this holder")),
            *bullets(list(holder.spellings)),
            heading(_("Concessions, largest first")),
            _titles(titles),
            *sections.beyond(len(titles), most=_MOST_ROWS),
            heading(_("Whose land they lie on")),
            *_laid(con, lands),
            *_laid(con, laid["protected_areas"]),
            *paragraph(absent, *partly),
            *sections.closing(con, LAYERS, [alike, *registers.sentences()]),
            *notes(),
        ],
    )


def added_up(hectares: "pd.Series[float]") -> str:
    """Add up the hectares of titles that are drawn, and say how many are known by a point alone."""
    points = int(hectares.isna().sum())
    drawn = number(hectares.sum()) if points < len(hectares) else "?"
    text = ngettext("{ha} and {n} known by a point", "{ha} and {n} known by a point", points)
    return text.format(ha=drawn, n=number(points)) if points else drawn


def found(titles: int, counts: Mapping[str, str]) -> str:
    """Say how many titles a holder has, and how many communities and protected areas they touch."""
    text = ngettext(
        "{n} concession on record is held under this name. Communities touched: {communities}; protected areas: "
        "{areas}.",
        "{n} concessions on record are held under this name. Communities touched: {communities}; protected areas: "
        "{areas}.",
        titles,
    )
    return text.format(n=number(titles), communities=counts["communities"], areas=counts["protected_areas"])


def _laid(con: Connection, pairs: pd.DataFrame) -> list[Part]:
    return sections.titles_on(con, pairs, lands=True, most=_MOST_ROWS) if len(pairs) else []


def _titles(titles: pd.DataFrame) -> Part:
    columns = [
        *(Column(_("Name"), 2.5), Column(_("Code"), 1.5), Column(_("Kind")), Column(_("State"), 2)),
        Column(_("Hectares"), is_number=True),
    ]
    rows = [
        [
            str(row["name"] or row["id"]),
            str(row["code"] or ""),
            word(row["kind"]),
            sections.state(row),
            number(row["area_ha"], decimals=1) if pd.notna(row["area_ha"]) else "?",
        ]
        for row in titles.head(_MOST_ROWS).to_dict("records")
    ]
    return table(columns, rows)


def _map(con: Connection, ids: list[str], communities: list[str], areas: list[str]) -> Part:
    titles = map_database.read_layer(con, CONCESSIONS, where={"id": ids}).geometry
    west, south, east, north = map(float, shapely.total_bounds(titles.to_numpy()))
    frame = fit_to_paper((west, south, east, north)).bounds
    lands = map_database.read_layer(con, COMMUNITIES, bounds=frame, where={"id": communities}).geometry
    parks = map_database.read_layer(con, PROTECTED_AREAS, bounds=frame, where={"id": areas}).geometry
    drawn = [
        Drawn(ruled_map.AREA, list(parks)),
        Drawn(ruled_map.SHARED, list(titles)),
        Drawn(ruled_map.LAND, list(lands)),
    ]
    alt = _("Map of the concessions of this holder with the lands and protected areas that they touch.")
    legend = [
        (sample(ruled_map.SHARED), _("Concession of this holder")),
        (sample(ruled_map.LAND), _("Land of a community that it touches")),
        (sample(ruled_map.AREA), _("Protected area that it touches")),
    ]
    return map_with_key(map_of((west, south, east, north), drawn, alt), legend)
