"""The lists of the pages that analyse: what changed, how exposed, what is hot, what came before and after."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from app import columns
from app.i18n import _, number
from app.words import word


def changes(rows: pd.DataFrame) -> None:
    """List changes of a register, as `app.changes` gives them."""
    columns.table(
        said(rows),
        alt=_("What changed, with whose ground it touches"),
        change=columns.text(_("Change")),
        name=columns.text(_("Name")),
        communities=columns.text(_("Communities touched")),
        protected_areas=columns.text(_("Protected areas touched")),
        gained_ha=columns.number(_("Hectares gained")),
        lost_ha=columns.number(_("Hectares lost")),
        before=columns.text(_("Before")),
        after=columns.text(_("Now")),
        holder=columns.text(_("Holder")),
    )


def said(rows: pd.DataFrame) -> pd.DataFrame:
    """Say the codes of changes in the reader's language."""
    is_status = rows["change"] == "status"
    states = {
        side: rows[side].where(~is_status, rows[side].map(word, na_action="ignore")).fillna("")
        for side in ("before", "after")
    }
    hectares = {side: rows[side].astype(float).round(1) for side in ("gained_ha", "lost_ha")}
    return rows.assign(change=rows["change"].map(word), holder=rows["holder"].fillna(""), **states, **hectares)


def change_in_words(row: Mapping[Hashable, Any]) -> str:
    """Say one change in a line: what it is, from what to what, and whose ground."""
    told = [str(row["change"])]
    if row["before"] or row["after"]:
        told.append(f"{row['before']} → {row['after']}")
    for side, sign in (("gained_ha", "+"), ("lost_ha", "−")):
        if pd.notna(row[side]):
            told.append(_("{hectares} ha").format(hectares=sign + number(row[side], decimals=1)))
    return "; ".join([*told, *(str(row[side]) for side in ("communities", "protected_areas") if row[side])])
