"""The lists beside the maps: the same things, for the keyboard, for screen readers and for paper."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import pandas as pd
import streamlit as st

from app import classes
from app.columns import UNSELECTED
from app.columns import date as _date
from app.columns import number as _number
from app.columns import table as _table
from app.columns import text as _text
from app.i18n import _
from app.words import word
from layers.store import Source

M_PER_KM = 1000
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def near(found: pd.DataFrame, select: Mapping[str, Any] = UNSELECTED) -> None:
    """List what is at a point and near it, nearest first; `select` as `app.linked` gives it."""
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
        **select,
    )


def pairs(found: pd.DataFrame, left: str, right: str, select: Mapping[str, Any] = UNSELECTED) -> None:
    """List overlapping pairs, largest first; `select` as `app.linked` gives it."""
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
        **select,
    )


def holders(found: pd.DataFrame) -> None:
    """List the holders of overlapping titles, the one with most hectares first."""
    named = found.assign(left_holder=found["left_holder"].fillna(_("nobody named")))
    rows = named.groupby("left_holder", as_index=False).agg(titles=("left_id", "nunique"), area_ha=("area_ha", "sum"))
    rows["area_ha"] = rows["area_ha"].round(1)
    _table(
        rows.sort_values("area_ha", ascending=False),
        alt=_("Holders, most hectares first"),
        left_holder=_text(_("Holder")),
        titles=_number(_("Titles")),
        area_ha=_number(_("Hectares, added up")),
    )


def consultations(found: pd.DataFrame) -> None:
    """List consultations, the latest first."""
    rows = found.assign(
        name=found["name"].fillna(found["concession_id"]), consent_status=found["consent_status"].map(word)
    )
    _table(
        rows,
        alt=_("Consultations, the latest first"),
        name=_text(_("Concession")),
        consent_status=_text(_("Consent")),
        dated_on=_date(_("Date")),
    )


def titles(found: pd.DataFrame, select: Mapping[str, Any] = UNSELECTED) -> None:
    """List concessions, largest first; `select` as `app.linked` gives it."""
    rows = found.assign(
        kind=found["kind"].map(word), status=found["status"].map(word), area_ha=found["area_ha"].round(1)
    )
    _table(
        rows,
        alt=_("Concessions, largest first"),
        select=select,
        name=_text(_("Name")),
        code=_text(_("Code")),
        kind=_text(_("Kind")),
        status=_text(_("State")),
        area_ha=_number(_("Hectares")),
        granted_on=_date(_("Granted on")),
        holder=_text(_("Holder, as written")),
    )


def regions(found: pd.DataFrame) -> None:
    """List regions in the order given."""
    _table(
        found.assign(conceded_ha=found["conceded_ha"].round(0)),
        alt=_("Regions, ranked"),
        name=_text(_("Region")),
        conceded_share=st.column_config.NumberColumn(_("Share under concession"), format="percent"),
        conceded_ha=_number(_("Hectares under concession")),
        concessions=_number(_("Concessions")),
        communities=_number(_("Communities")),
        communities_touched=_number(_("Of these with concessions on their land")),
        attacks=_number(_("Attacks on record")),
    )


def sources(found: list[Source]) -> None:
    """List the sources with what became of their rows."""
    rows = pd.DataFrame([asdict(source) for source in found]).assign(
        layer=[word(source.layer) for source in found], state=[_state(source) for source in found]
    )
    _table(
        rows,
        alt=_("Sources, with what became of their rows"),
        title=_text(_("Source")),
        layer=_text(_("Layer")),
        publisher=_text(_("Publisher")),
        licence=_text(_("Licence")),
        snapshot_on=_date(_("As of")),
        state=_text(_("On the map")),
        rows_read=_number(_("Rows received")),
        rows_kept=_number(_("Kept")),
        rows_repaired=_number(_("Of these repaired")),
        rows_rejected=_number(_("Rejected")),
    )


def _state(source: Source) -> str:
    told = _("yes") if source.is_current else _("no, there is a later one")
    return _("{told} (invented)").format(told=told) if source.invented else told


def by_share(found: pd.DataFrame) -> pd.DataFrame:
    """Count pairs by tenths of the share of the first that the second covers."""
    tenths = (found["share_of_left"].clip(0, 0.999) * 10).astype(int)
    counted = tenths.value_counts().reindex(range(10), fill_value=0)
    return pd.DataFrame(
        {"share": [f"{tenth * 10}-{tenth * 10 + 10}" for tenth in counted.index], "pairs": counted.to_numpy()}
    )


def download(found: pd.DataFrame, file_name: str) -> None:
    """Offer a table as CSV; a cell that a spreadsheet would take for a formula is marked as text."""
    texts = found.select_dtypes(include=["object", "string"])
    safe = found.assign(**{str(name): texts[name].map(_as_text) for name in texts})
    data = safe.to_csv(index=False).encode("utf-8-sig")
    st.download_button(_("Download as CSV"), data, file_name=file_name, mime="text/csv")


def _as_text(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_SIGNS) else value
