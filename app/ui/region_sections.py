"""What one region holds: its provinces, its communities, and the way to each community's page."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd
import streamlit as st

from lindero.app.answers import coverage_text
from lindero.app.answers.regions import PROVINCE
from lindero.app.answers.usual import DEPARTMENT
from lindero.app.current import cached_record, map_layers
from lindero.app.text.codes import word
from lindero.app.text.commitment_names import instrument
from lindero.app.text.dates import when
from lindero.app.text.escape import plain
from lindero.app.text.i18n import _, ngettext, number
from lindero.app.ui import page
from lindero.app.ui.tables import region_tables


def region(level: str, code: str, measure: str) -> None:
    """List a department's provinces and a region's communities, and lead to them."""
    if level == DEPARTMENT and PROVINCE in map_layers.levels():
        provinces = map_layers.regions(PROVINCE)
        provinces = provinces[provinces["parent"] == code]
        if not provinces.empty:
            st.write(_("Its provinces:"))
            region_tables.regions(region_tables.ranked(provinces, measure), PROVINCE)
    communities = map_layers.communities_in(level, code)
    if communities.empty:
        nobody = _("No community's land on record lies in it. That does not mean that nobody lives there.")
        st.write(map_layers.lacking(["communities"]) or nobody)
        return
    st.write(_("Its communities, the most covered first:"))
    region_tables.communities(communities)
    names = dict(zip(communities["id"], communities["name"], strict=True))
    chosen = st.selectbox(_("Open the page of a community"), list(names), format_func=names.__getitem__)
    page.link("community", _("Go to {name}").format(name=plain(names[chosen])), {"id": chosen})


def commitments(country: str, region: str = "") -> None:
    """List what a state promised, how that stands, and the attacks on record since."""
    found = cached_record.commitments(country, region) if country else pd.DataFrame()
    if found.empty:
        st.write(_("No commitment of this state is on record."))
        return
    lines = [f"- **{plain(instrument(row['instrument']))}**: {_standing(row)}" for row in found.to_dict("records")]
    st.markdown("\n".join(lines))
    text = _(
        "Commitments made: {made}. Of these in force or ratified: {kept}. So the state says: whether it keeps them is "
        "for the reader to judge by what happened since."
    )
    kept = int(found["state"].isin(["in_force", "ratified"]).sum())
    st.write(text.format(made=int((found["state"] != "not_joined").sum()), kept=kept))
    st.write(coverage_text.partly(cached_record.answer_in(country, region)))


def _standing(row: Mapping[Hashable, Any]) -> str:
    state = word(row["state"])
    told = f"{state} ({when(row['state_on'], row['state_precision'])})" if pd.notna(row["state_on"]) else state
    if pd.isna(row["attacks_since"]):
        return told
    since = int(row["attacks_since"])
    text = ngettext(
        "{standing}; promised ({date}), and since then {n} attack on record in the whole country",
        "{standing}; promised ({date}), and since then {n} attacks on record in the whole country",
        since,
    )
    return text.format(standing=told, date=when(row["promised_on"], row["promised_precision"]), n=number(since))
