"""The filters of the page of overlaps."""

import pandas as pd
import streamlit as st

from app.wording.i18n import _
from app.wording.words import word
from layers.gazetteer import normalised

CERTAINTIES = ["certain", "possible", "sliver"]


def chosen(every: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, object]]:
    """Let the reader leave out pairs that are small, unsure or of other names; gives those left, and what was asked."""
    share, area, sure = st.columns(3)
    least = share.slider(_("Least share of either (%)"), 0, 100, 0) / 100
    least_ha = area.number_input(_("Least shared hectares"), min_value=0.0, value=0.0, step=10.0, format="%.0f")
    certainties = sure.multiselect(_("Certainty"), CERTAINTIES, default=CERTAINTIES[:2], format_func=word)
    named = st.text_input(_("Only where a name or holder contains"), autocomplete="off")
    kept = (
        every[["share_of_left", "share_of_right"]].max(axis=1).ge(least)
        & every["area_ha"].ge(least_ha)
        & every["certainty"].isin(certainties)
        & _names_contain(every, named)
    )
    asked = {"least share": least, "least hectares": least_ha, "certainty": certainties, "name contains": named}
    return every[kept], {name: value for name, value in asked.items() if value != ""}


def _names_contain(found: pd.DataFrame, text: str) -> "pd.Series[bool]":
    """Tell in which pairs a name or a holder contains a text, accents and case forgiven."""
    wanted = normalised(text)
    fields = ("left_name", "right_name", "left_holder", "right_holder")
    told = found[list(fields)].fillna("").astype(str).agg(" | ".join, axis=1)
    return told.map(normalised).str.contains(wanted, regex=False) if wanted else pd.Series(data=True, index=found.index)
