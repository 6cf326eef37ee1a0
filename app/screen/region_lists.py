"""The lists of the page on which regions are compared."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app.screen import columns
from app.wording.i18n import _, number, percent
from app.wording.text import plain

SHARES = ("conceded_share", "women_share", "groups_share")
MEASURES = (
    "conceded_share",
    "conceded_ha",
    "concessions",
    "communities_touched",
    "attacks",
    "measures_granted",
    "women_share",
    "groups_share",
)


def labels() -> dict[str, str]:
    """Give what each measure is called."""
    return {
        "conceded_share": _("Share of the region under concession"),
        "conceded_ha": _("Hectares under concession, counted once"),
        "concessions": _("Concessions"),
        "communities_touched": _("Communities with concessions on their land"),
        "attacks": _("Attacks on record"),
        "measures_granted": _("Protection measures granted"),
        "women_share": _("Of these gender-responsive"),
        "groups_share": _("Of these for groups"),
    }


def ranked(found: pd.DataFrame, measure: str) -> pd.DataFrame:
    """Put the regions with most of a measure first; of measures granted, add the shares for women and for groups."""
    granted = found["measures_granted"].where(found["measures_granted"] > 0)
    shared = found.assign(
        women_share=found["measures_for_women"] / granted, groups_share=found["measures_for_groups"] / granted
    )
    return shared.sort_values([measure, "name"], ascending=[False, True], na_position="last", ignore_index=True)


def said(measure: str, value: float) -> str:
    """Say the value of a measure."""
    if pd.isna(value):
        return _("none granted")
    return percent(value) if measure in SHARES else number(value)


def regions(found: pd.DataFrame) -> None:
    """List regions in the order given."""
    columns.table(
        found.assign(conceded_ha=found["conceded_ha"].round(0)),
        alt=_("Regions, ranked"),
        name=columns.text(_("Region")),
        conceded_share=columns.share(_("Share under concession")),
        conceded_ha=columns.number(_("Hectares under concession")),
        concessions=columns.number(_("Concessions")),
        communities=columns.number(_("Communities")),
        communities_touched=columns.number(_("Of these with concessions on their land")),
        attacks=columns.number(_("Attacks on record")),
        measures_granted=columns.number(_("Protection measures granted")),
        women_share=columns.share(_("Of these gender-responsive")),
        groups_share=columns.share(_("Of these for groups")),
    )


def side_by_side(found: pd.DataFrame, chosen: Sequence[str]) -> None:
    """Compare regions in a table, one column for each."""
    rows = found.set_index("region").loc[list(chosen)]
    names = list(map(plain, rows["name"]))  # Streamlit takes the heads of this kind of table for Markdown
    told = [[said(measure, value) for value in rows[measure]] for measure in MEASURES]
    st.table(pd.DataFrame(told, columns=names, index=[labels()[measure] for measure in MEASURES]))


def communities(found: pd.DataFrame) -> None:
    """List the communities of a region, the most covered first."""
    columns.table(
        found.assign(area_ha=found["area_ha"].round(0)),
        alt=_("Communities, the most covered first"),
        name=columns.text(_("Community")),
        people=columns.text(_("People")),
        area_ha=columns.number(_("Land (ha)")),
        titles=columns.number(_("Titles on it")),
        share=columns.share(_("Share under concession")),
    )
