"""The lists beside the maps: the same things, for the keyboard, for screen readers and for paper."""

import pandas as pd
import streamlit as st

from app import classes
from app.i18n import _, ngettext
from app.words import word

M_PER_KM = 1000


def here(found: pd.DataFrame) -> list[str]:
    """Say in sentences whose ground a point is, from what `cached.near` found."""
    on = found[found["distance_m"] == 0]["layer"].value_counts()
    concessions, communities, areas = (
        int(on.get(name, 0)) for name in ("concessions", "communities", "protected_areas")
    )
    return [
        ngettext("Here lies {n} concession.", "Here lie {n} concessions.", concessions).format(n=concessions)
        if concessions
        else _("No concession on record here."),
        ngettext("This is the land of {n} community.", "This is the land of {n} communities.", communities).format(
            n=communities
        )
        if communities
        else _("No community land on record here."),
        ngettext("It is in {n} protected area.", "It is in {n} protected areas.", areas).format(n=areas)
        if areas
        else _("No protected area here."),
    ]


def near(found: pd.DataFrame) -> None:
    """List what is at a point and near it, nearest first."""
    rows = pd.DataFrame(
        {
            "what": found["layer"].where(found["layer"] != "concessions", found["kind"]).map(classes.label),
            "name": found["name"].fillna(found["title"]).fillna(found["id"]),
            "km": found["distance_m"] / M_PER_KM,
            "direction": found["direction"].map(word),
            "holder": found["holder"].fillna(""),
        }
    )
    st.dataframe(
        rows,
        hide_index=True,
        alt=_("What is here and near, nearest first"),
        column_config={
            "what": st.column_config.TextColumn(_("What")),
            "name": st.column_config.TextColumn(_("Name")),
            "km": st.column_config.NumberColumn(_("Distance (km)"), format="%.1f"),
            "direction": st.column_config.TextColumn(_("Where")),
            "holder": st.column_config.TextColumn(_("Holder")),
        },
    )


def pairs(found: pd.DataFrame, left: str, right: str) -> None:
    """List overlapping pairs, largest first."""
    rows = found.drop(columns=["left_id", "right_id"]).assign(
        left_name=found["left_name"].fillna(found["left_id"]),
        right_name=found["right_name"].fillna(found["right_id"]),
        area_ha=found["area_ha"].round(1),
        certainty=found["certainty"].map(word),
    )
    st.dataframe(
        rows,
        hide_index=True,
        alt=_("Overlapping pairs, largest first"),
        column_order=[
            "left_name",
            "right_name",
            "area_ha",
            "share_of_left",
            "share_of_right",
            "certainty",
            "left_holder",
        ],
        column_config={
            "left_name": st.column_config.TextColumn(word(left)),
            "right_name": st.column_config.TextColumn(word(right)),
            "area_ha": st.column_config.NumberColumn(_("Shared hectares"), format="localized"),
            "share_of_left": st.column_config.NumberColumn(_("Share of the first"), format="percent"),
            "share_of_right": st.column_config.NumberColumn(_("Share of the second"), format="percent"),
            "certainty": st.column_config.TextColumn(_("Certainty")),
            "left_holder": st.column_config.TextColumn(_("Holder")),
        },
    )
