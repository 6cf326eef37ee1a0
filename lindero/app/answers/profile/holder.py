"""The answer about a holder: its concessions across the spellings of its name, and whose land they lie on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from lindero.app.answers.answer import Answer, Column, Figure, Section, Table
from lindero.app.answers.coverage.coverage_text import figure, none_of, reach
from lindero.app.answers.coverage.reach import reach_of
from lindero.app.answers.holder_spellings import Holder, across_spellings
from lindero.app.answers.overlap import overlaps
from lindero.app.answers.profile import shared
from lindero.app.answers.registers import Registers
from lindero.app.record import consultation_text, consultations
from lindero.app.text.codes import word
from lindero.app.text.escape import plain
from lindero.app.text.i18n import _, ngettext, number
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Connection
from lindero.layers.database.queries import map_queries
from lindero.layers.errors import N_, AnswerError
from lindero.layers.model.schema import CONCESSIONS

LAYERS = ("concessions", "communities", "protected_areas", "consultations")
TOUCHED = ("communities", "protected_areas")


@dataclass(frozen=True)
class HolderFacts:
    """The rows of the map on one holder: its concessions, and by layer the pairs of these with what they touch."""

    con: Connection
    holder: Holder
    registers: Registers
    titles: pd.DataFrame
    touched: Mapping[str, pd.DataFrame]

    @classmethod
    def of(cls, con: Connection, holder: Holder) -> HolderFacts:
        """Read what the map holds of a holder."""
        registers = Registers.of_map(con)
        titles = map_queries.titles(con, holder.spellings, registers.counted["concessions"].left_out)
        laid = {layer: overlaps.find_pairs(con, "concessions", layer)[0] for layer in TOUCHED}
        touched = {layer: pairs[pairs["left_id"].isin(titles["id"])] for layer, pairs in laid.items()}
        touched["communities"] = consultation_text.beside(
            touched["communities"],
            consultations.consultations_of_map(con),
            is_covered=any(one.layer == "consultations" for one in map_database.read_sources(con)),
        )
        return cls(con, holder, registers, titles, touched)


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


def holder_answer(facts: HolderFacts) -> Answer:
    """Compose the answer about a holder, in the reader's language."""
    con, titles, touched = facts.con, facts.titles, facts.touched
    sums = overlaps.add_up_pairs(con, "concessions", "communities", touched["communities"])
    shapes = map_database.read_layer(con, CONCESSIONS, where={"id": list(titles["id"])}).geometry
    covered = facts.registers.coverage(con)
    known_of = {layer: reach_of(covered, layer, shapes, of="concessions") for layer in TOUCHED}
    counts = {layer: figure(pairs["right_id"].nunique(), known_of[layer]) for layer, pairs in touched.items()}
    absent = none_of([known_of[layer] for layer, pairs in touched.items() if pairs.empty])
    partly = [reach(known_of[layer]) for layer, pairs in touched.items() if not pairs.empty]
    once, gross = (number(ha, decimals=1) for ha in (sums.footprint_ha, sums.gross_ha))
    values = figures(titles, counts) | {
        _("On communities' land, ground counted once (ha)"): Figure(once),
        _("The same, added up title by title (ha)"): Figure(gross),
    }
    lands = [
        Section(f"touched-{layer}", table=shared.titles_table(con, pairs, lands=True))
        for layer, pairs in touched.items()
        if len(pairs)
    ]
    alike = _("Names that look alike were taken for one holder: see the spellings, and take them apart if need be.")
    spellings = tuple(map(plain, facts.holder.spellings))
    return Answer(
        title=facts.holder.name,
        about=_("Holder of concessions"),
        sections=(
            Section("held", finding=found(len(titles), counts), figures=values),
            Section("spellings", _("Spellings taken for this holder"), lines=spellings),
            Section("titles", _("Concessions, largest first"), table=_titles(titles)),
            Section("lands", _("Whose land they lie on")),
            *lands,
            Section("known", note=" ".join(filter(None, (absent, *partly)))),
            *shared.closing(con, LAYERS, [alike, *facts.registers.sentences()]),
        ),
    )


def figures(titles: pd.DataFrame, counts: Mapping[str, str]) -> dict[str, Figure]:
    """State how many titles there are, how large, and how many communities and protected areas they touch."""
    return {
        _("Concessions"): Figure(number(len(titles))),
        _("Hectares, added up"): Figure(added_up(titles["area_ha"])),
        _("Communities touched"): Figure(counts["communities"]),
        _("Protected areas touched"): Figure(counts["protected_areas"]),
    }


def added_up(hectares: pd.Series[float]) -> str:
    """Add up the hectares of titles that are drawn, and say how many are known by a point alone."""
    points = int(hectares.isna().sum())
    drawn = number(hectares.sum()) if points < len(hectares) else "?"
    text = ngettext("{ha} and {n} known by a point", "{ha} and {n} known by a point", points)
    return text.format(ha=drawn, n=number(points)) if points else drawn


def found(titles: int, counts: Mapping[str, str]) -> str:
    """Return the finding: how many concessions a holder has, and how many communities and areas they touch."""
    text = ngettext(
        "{n} concession on record is held under this name. Communities touched: {communities}; protected areas: "
        "{areas}.",
        "{n} concessions on record are held under this name. Communities touched: {communities}; protected areas: "
        "{areas}.",
        titles,
    )
    return text.format(n=number(titles), communities=counts["communities"], areas=counts["protected_areas"])


def _titles(titles: pd.DataFrame) -> Table:
    columns = {
        "name": Column(_("Name"), width=2.5),
        "code": Column(_("Code"), width=1.5),
        "kind": Column(_("Kind")),
        "state": Column(_("State"), width=2),
        "area_ha": Column(_("Hectares"), "number"),
    }
    rows = titles.assign(
        name=titles["name"].fillna(titles["id"]),
        kind=titles["kind"].map(word),
        state=[shared.state(row) for row in titles.to_dict("records")],
    )
    return Table(_("Concessions, largest first"), columns, rows)
