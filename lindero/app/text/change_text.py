"""Changes of registers in the reader's words, for lists, maps and feeds."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from lindero.app.text.codes import word
from lindero.app.text.i18n import _, date, number


def table(rows: pd.DataFrame) -> pd.DataFrame:
    """Say the codes of changes (`answers.changes.register_changes`) in the reader's language; hectares to a tenth."""
    is_status = rows["change"] == "status"
    states = {
        side: rows[side].astype(object).where(~is_status, rows[side].map(word, na_action="ignore")).fillna("")
        for side in ("before", "after")
    }
    hectares = {side: rows[side].astype(float).round(1) for side in ("gained_ha", "lost_ha")}
    return rows.assign(
        change=rows["change"].map(word), holder=rows["holder"].astype(object).fillna(""), **states, **hectares
    )


def line(row: Mapping[Hashable, Any]) -> str:
    """Say one change, a row of `table`, in a line: what it is, from what to what, and whose ground."""
    parts = [str(row["change"])]
    if row["before"] or row["after"]:
        parts.append(f"{row['before']} → {row['after']}")
    for side, sign in (("gained_ha", "+"), ("lost_ha", "−")):
        if pd.notna(row[side]):
            parts.append(_("{hectares} ha").format(hectares=sign + number(row[side], decimals=1)))
    return "; ".join([*parts, *(str(row[side]) for side in ("communities", "protected_areas") if row[side])])


def dated_line(row: Mapping[Hashable, Any]) -> str:
    """Return one dated act (`answers.changes.register_dates`) as a line: act and date, holder, whose ground."""
    texts = {"applied": _("applied for on {date}"), "granted": _("granted on {date}")}
    parts = [texts[row["act"]].format(date=date(row["dated_on"]))]
    if pd.notna(row["holder"]):
        parts.append(_("Holder: {holder}").format(holder=row["holder"]))
    return "; ".join([*parts, *(str(row[side]) for side in ("communities", "protected_areas") if row[side])])
