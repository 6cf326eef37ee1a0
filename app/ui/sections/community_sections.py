"""What one community's land has on record, part by part: hectares, titles, holders, consultations, attacks."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd
import streamlit as st

from lindero.app.answers import place_report
from lindero.app.answers.community import Land
from lindero.app.answers.coverage import coverage_text
from lindero.app.answers.coverage.coverage import Answer
from lindero.app.current import cached_record, map_layers
from lindero.app.current.selection import Feature
from lindero.app.record import consultation_text
from lindero.app.text.escape import plain
from lindero.app.text.i18n import _, number
from lindero.app.ui.error_message import explained
from lindero.app.ui.frame import language, page
from lindero.app.ui.maps import linked_table, overlap_areas
from lindero.app.ui.maps.areas import Over
from lindero.app.ui.tables import lists, record_tables
from lindero.layers.reference import consultation_rules

Row = Mapping[Hashable, Any]


def hectares(row: Row, land: Land) -> None:
    """State how large the land is, and how much of it lies under concession."""
    area_ha: str = number(row["area_ha"], decimals=1) if pd.notna(row["area_ha"]) else "?"
    stated = {_("Land of the community (ha)"): area_ha}
    if land.titles:
        stated |= {
            _("Under concession, ground counted once (ha)"): number(land.footprint_ha, decimals=1),
            _("Of this certain (ha)"): number(land.certain_ha, decimals=1),
            _("Added up title by title (ha)"): number(land.gross_ha, decimals=1),
        }
    page.figures(stated)


@st.fragment
def titles(row: Row, pairs: pd.DataFrame) -> None:
    """Draw the land, and list the titles on it with how surely they lie there; map and list select each other."""
    if pd.isna(row["xmin"]):  # no place is on record
        return
    language.speak()
    st.header(_("Titles on this land"), anchor=False)
    with explained():
        linked_table.linked(
            pairs,
            {"left_id": "concessions"},
            lambda rows, marks: lists.pairs(rows, "concessions", "communities", marks),
            key=f"community-{row['id']}",
            bounds=(row["xmin"], row["ymin"], row["xmax"], row["ymax"]),
            marked=(Feature("communities", row["id"]),),
            over=_shared(pairs),
        )
    lists.download(pairs, "titles-on-the-land.csv")


def _shared(pairs: pd.DataFrame) -> Over | None:
    """Draw the ground that titles share with the land."""
    if pairs.empty:
        return None
    drawn = overlap_areas.shapes(pairs, lambda some: map_layers.shared_ground("concessions", "communities", some))
    return Over(drawn, overlap_areas.looks(), _("Shared ground"))


def refused(community: str) -> None:
    """Name what was refused and may lie on the land."""
    if met := map_layers.refused_on_land(community):
        text = _("These records were refused and are on no map, but may lie on this land:")
        st.warning("\n".join([text, "", *(f"- {plain(line)}" for line in met)]))


def holders(community: str) -> None:
    """Rank who holds the titles on the land."""
    st.header(_("Holders, by hectares of this land"), anchor=False)
    lists.holders(map_layers.holders_on(community))


def consultations(community: str, country: str) -> None:
    """List which acts the community was consulted about, what the rules ask for, and what is contested."""
    st.header(_("Was the community asked?"), anchor=False)
    asked, acts = map_layers.consultations(community), cached_record.consultations_of(community)
    answer = map_layers.coverage_of_land(community, "consultations")
    if asked.empty:
        _none(answer)
    else:
        st.write(consultation_text.on_record(acts))
        lists.consultations(asked)
    rules = consultation_rules.rules(country)
    told = [consultation_text.rule(rules, kind) for kind in acts["kind"].dropna().unique()]
    if not any(told):
        st.write(_("What this state's rules ask for is not on record for the titles on this land."))
        return
    st.write(" ".join(filter(None, told)))
    if answer.is_covered or not asked.empty:
        record_tables.acts(consultation_text.counted(acts))
        st.write(
            _(
                "What is not on record may have been held, or may not have come to this act: a rule asks for "
                "consultation before the act, and the map does not know which acts the State has taken."
            )
        )
    with st.expander(_("What the rules say, with their sources")):
        st.markdown("\n".join(consultation_text.cited(rules)))


def incidents(community: str, within_km: int) -> None:
    """List the attacks and conflicts on record on the land and near it."""
    st.header(_("Attacks and conflicts on record within {km} km of its land").format(km=within_km), anchor=False)
    near = map_layers.attacks_near(community, within_km=within_km)
    answer = map_layers.coverage_of_land(community, "incidents", within_km=within_km)
    if near.empty:
        _none(answer)
    else:
        st.markdown("\n".join(f"- {place_report.incident(incident)}" for incident in near.to_dict("records")))
        st.write(coverage_text.partly(answer))


def _none(answer: Answer) -> None:
    none = coverage_text.none(answer)
    meant = _("That none is on record does not mean that there was none.")
    st.write(f"{none} {meant}" if answer.is_covered else none)
