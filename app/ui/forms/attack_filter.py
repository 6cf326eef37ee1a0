"""The filters of the page of attacks."""

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lindero.app.record.incidents import Record
from lindero.app.text.codes import word
from lindero.app.text.i18n import _


def chosen(told: Record) -> tuple[Record, list[str]]:
    """Let the reader choose years, acts, sectors and regions; gives the attacks left, and what was chosen."""
    attacks = told.attacks
    left, right = st.columns(2)
    kept, years = _in_years(attacks, left)
    regions = sorted(attacks["region"].dropna().unique())
    acts = sorted({code for types in attacks["types"] for code in types}, key=word)
    sectors = sorted(attacks["sector"].dropna().unique(), key=word)
    wanted_regions = right.multiselect(_("Regions"), regions, key="regions", placeholder=_("all"))
    wanted_acts = left.multiselect(_("Acts"), acts, format_func=word, key="acts", placeholder=_("all"))
    wanted_sectors = right.multiselect(_("Sectors"), sectors, format_func=word, key="sectors", placeholder=_("all"))
    if wanted_acts:
        kept &= attacks["types"].map(lambda types: bool(set(types) & set(wanted_acts))).astype(bool)
    if wanted_sectors:
        kept &= attacks["sector"].isin(wanted_sectors)
    if wanted_regions:
        kept &= attacks["region"].isin(wanted_regions)
    said = [
        years,
        ", ".join(map(word, wanted_acts)) or _("all acts"),
        ", ".join(map(word, wanted_sectors)) or _("all sectors"),
        ", ".join(wanted_regions) or _("all regions"),
    ]
    return told.of(attacks.loc[kept, "id"]), said


def _in_years(attacks: pd.DataFrame, column: DeltaGenerator) -> tuple["pd.Series[bool]", str]:
    years = attacks["year"].dropna()
    if years.nunique() < 2:  # noqa: PLR2004  nothing to choose between
        return pd.Series(data=True, index=attacks.index), _("all years")
    first, last = int(years.min()), int(years.max())
    low, high = column.slider(_("Years"), first, last, (first, last), key="years")
    inside = attacks["year"].between(low, high).fillna(value=False).astype(bool)
    if (low, high) == (first, last):
        return inside | attacks["year"].isna(), _("all years")
    return inside, f"{low}–{high}"
