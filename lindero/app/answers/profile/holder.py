"""The answer about a holder: its concessions under all spellings of its name, and the land that they overlap."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from lindero.app.answers.answer import Answer, Column, Figure, Section, Table
from lindero.app.answers.coverage.coverage_text import count_text, nothing_on_land_text, reach_text
from lindero.app.answers.coverage.reach import measure_reach
from lindero.app.answers.holder_spellings import Holder, group_spellings
from lindero.app.answers.overlap import overlaps
from lindero.app.answers.profile import shared
from lindero.app.answers.record import consultation_text, consultations
from lindero.app.answers.registers import Registers
from lindero.app.text.codes import translate_code
from lindero.app.text.escape import escape_markdown
from lindero.app.text.i18n import _, format_number, ngettext
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Connection
from lindero.layers.database.queries import map_queries
from lindero.layers.errors import N_, AnswerError
from lindero.layers.model.schema import CONCESSIONS

LAYERS = ("concessions", "communities", "protected_areas", "consultations")
OVERLAPPED_LAYERS = ("communities", "protected_areas")


@dataclass(frozen=True)
class HolderFacts:
    """The rows of the map on one holder: its concessions, and their overlap pairs by layer."""

    con: Connection
    holder: Holder
    registers: Registers
    titles: pd.DataFrame
    touched: Mapping[str, pd.DataFrame]

    @classmethod
    def from_map(cls, con: Connection, holder: Holder) -> HolderFacts:
        """Read the concessions of a holder from the map, with their overlap pairs."""
        registers = Registers.from_map(con)
        titles = map_queries.read_concessions(con, holder.spellings, registers.counted_rows["concessions"].left_out)
        pairs_by_layer = {layer: overlaps.find_pairs(con, "concessions", layer)[0] for layer in OVERLAPPED_LAYERS}
        touched = {layer: pairs[pairs["left_id"].isin(titles["id"])] for layer, pairs in pairs_by_layer.items()}
        touched["communities"] = consultation_text.add_consultations(
            touched["communities"],
            consultations.read_consultations(con),
            is_covered=any(source.layer == "consultations" for source in map_database.read_sources(con)),
        )
        return cls(con, holder, registers, titles, touched)


def find_holder(con: Connection, code_or_name: str) -> Holder:
    """Find a holder by the code of its page, or by any spelling of its name."""
    holders = group_spellings(
        map_queries.read_holders(con, Registers.from_map(con).counted_rows["concessions"].left_out)
    )
    match = next(
        (holder for holder in holders if code_or_name == holder.code or code_or_name in holder.spellings), None
    )
    if match is None:
        raise AnswerError(N_("this map has no holder '{id}'; check the name or code"), id=code_or_name)
    return match


def holder_answer(facts: HolderFacts) -> Answer:
    """Build the answer about a holder, in the reader's language."""
    con, titles, touched = facts.con, facts.titles, facts.touched
    sums = overlaps.compute_pair_totals(con, "concessions", "communities", touched["communities"])
    shapes = map_database.read_layer(con, CONCESSIONS, where={"id": list(titles["id"])}).geometry
    covered = facts.registers.read_coverage(con)
    known_of = {
        layer: measure_reach(covered, layer, shapes, feature_layer="concessions") for layer in OVERLAPPED_LAYERS
    }
    counts = {layer: count_text(pairs["right_id"].nunique(), known_of[layer]) for layer, pairs in touched.items()}
    absent = nothing_on_land_text([known_of[layer] for layer, pairs in touched.items() if pairs.empty])
    partly = [reach_text(known_of[layer]) for layer, pairs in touched.items() if not pairs.empty]
    once, gross = (format_number(ha, decimals=1) for ha in (sums.footprint_ha, sums.gross_ha))
    values = holder_figures(titles, counts) | {
        _("On community land, each hectare counted once (ha)"): Figure(once),
        _("The same, added up by concession (ha)"): Figure(gross),
    }
    lands = [
        Section(f"touched-{layer}", table=shared.concessions_table(con, pairs, lands=True))
        for layer, pairs in touched.items()
        if len(pairs)
    ]
    alike = _(
        "Similar names were treated as one holder. Check the spellings, and separate them if they are "
        "different holders."
    )
    spellings = tuple(map(escape_markdown, facts.holder.spellings))
    return Answer(
        title=facts.holder.name,
        about=_("Holder of concessions"),
        sections=(
            Section("held", finding=summarize_holder(len(titles), counts), figures=values),
            Section("spellings", _("Spellings of this holder's name"), lines=spellings),
            Section("titles", _("Concessions, largest first"), table=_concessions_table(titles)),
            Section("lands", _("Whose land they are on")),
            *lands,
            Section("known", note=" ".join(filter(None, (absent, *partly)))),
            *shared.closing_sections(con, LAYERS, [alike, *facts.registers.sentences()]),
        ),
    )


def holder_figures(titles: pd.DataFrame, counts: Mapping[str, str]) -> dict[str, Figure]:
    """Return the number and area of concessions, and the numbers of overlapped communities and protected areas."""
    return {
        _("Concessions"): Figure(format_number(len(titles))),
        _("Hectares, added up"): Figure(hectares_text(titles["area_ha"])),
        _("Overlapping communities"): Figure(counts["communities"]),
        _("Overlapping protected areas"): Figure(counts["protected_areas"]),
    }


def hectares_text(hectares: pd.Series[float]) -> str:
    """Add up the hectares of concessions with a polygon, and count those known only by a point."""
    points = int(hectares.isna().sum())
    total = format_number(hectares.sum()) if points < len(hectares) else "?"
    text = ngettext("{ha} and {n} recorded only as a point", "{ha} and {n} recorded only as points", points)
    return text.format(ha=total, n=format_number(points)) if points else total


def summarize_holder(titles: int, counts: Mapping[str, str]) -> str:
    """Return the number of concessions of a holder, and of the communities and protected areas that they overlap."""
    text = ngettext(
        "{n} recorded concession is under this name. Communities touched: {communities}; protected areas: {areas}.",
        "{n} recorded concessions are under this name. Communities touched: {communities}; protected areas: {areas}.",
        titles,
    )
    return text.format(n=format_number(titles), communities=counts["communities"], areas=counts["protected_areas"])


def _concessions_table(titles: pd.DataFrame) -> Table:
    columns = {
        "name": Column(_("Name"), width=2.5),
        "code": Column(_("Code"), width=1.5),
        "kind": Column(_("Kind")),
        "state": Column(_("Status"), width=2),
        "area_ha": Column(_("Hectares"), "number"),
    }
    rows = titles.assign(
        name=titles["name"].fillna(titles["id"]),
        kind=titles["kind"].map(translate_code),
        state=[shared.concession_state(row) for row in titles.to_dict("records")],
    )
    return Table(_("Concessions, largest first"), columns, rows)
