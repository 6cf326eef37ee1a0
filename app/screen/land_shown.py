"""What one community's land has on record, part by part: hectares, titles, holders, consultations, attacks."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd
import streamlit as st

from app.analysis import coverage_text, told
from app.analysis.coverage import Answer
from app.analysis.land import Land
from app.current import cached
from app.current.selection import Feature
from app.screen import linked, lists, page
from app.wording import language
from app.wording.i18n import _, number
from app.wording.messages import explained

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
    language.speak()
    st.subheader(_("Titles on this land"), anchor=False)
    with explained():
        linked.linked(
            pairs,
            {"left_id": "concessions"},
            lambda rows, select: lists.pairs(rows, "concessions", "communities", select),
            key=f"community-{row['id']}",
            bounds=(row["xmin"], row["ymin"], row["xmax"], row["ymax"]),
            marked=(Feature("communities", row["id"]),),
        )
    lists.download(pairs, "titles-on-the-land.csv")


def holders(community: str) -> None:
    """Rank who holds the titles on the land."""
    st.subheader(_("Holders, by hectares of this land"), anchor=False)
    lists.holders(cached.holders_on(community))


def consultations(community: str) -> None:
    """List whether the community was asked, and what it answered."""
    st.subheader(_("Was the community asked?"), anchor=False)
    asked = cached.consultations(community)
    if asked.empty:
        _none(cached.coverage_of_land(community, "consultations"))
    else:
        lists.consultations(asked)


def incidents(community: str, within_km: int) -> None:
    """List the attacks and conflicts on record on the land and near it."""
    st.subheader(_("Attacks and conflicts on record within {km} km of its land").format(km=within_km), anchor=False)
    near = cached.attacks_near(community, within_km=within_km)
    answer = cached.coverage_of_land(community, "incidents", within_km=within_km)
    if near.empty:
        _none(answer)
    else:
        st.markdown("\n".join(f"- {told.incident(incident)}" for incident in near.to_dict("records")))
        st.write(coverage_text.partly(answer))


def _none(answer: Answer) -> None:
    none = coverage_text.none(answer)
    st.write(f"{none} {_('That none is on record does not mean that there was none.')}" if answer.is_covered else none)
