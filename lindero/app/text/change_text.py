"""Changes in registers as text in the reader's language, for lists, maps and feeds."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from lindero.app.text.codes import translate_code
from lindero.app.text.i18n import _, format_long_date, format_number


def translate_changes(rows: pd.DataFrame) -> pd.DataFrame:
    """Translate the codes of changes (`answers.changes.register_changes`), and round hectares to a tenth."""
    is_status = rows["change"] == "status"
    states = {
        side: rows[side].astype(object).where(~is_status, rows[side].map(translate_code, na_action="ignore")).fillna("")
        for side in ("before", "after")
    }
    hectares = {side: rows[side].astype(float).round(1) for side in ("gained_ha", "lost_ha")}
    return rows.assign(
        change=rows["change"].map(translate_code), holder=rows["holder"].astype(object).fillna(""), **states, **hectares
    )


def format_change(row: Mapping[Hashable, Any]) -> str:
    """Format one row of `translate_changes` as a line: kind, old and new value, hectares, and areas affected."""
    parts = [str(row["change"])]
    if row["before"] or row["after"]:
        parts.append(f"{row['before']} → {row['after']}")
    for side, sign in (("gained_ha", "+"), ("lost_ha", "−")):
        if pd.notna(row[side]):
            parts.append(_("{hectares} ha").format(hectares=sign + format_number(row[side], decimals=1)))
    return "; ".join([*parts, *(str(row[side]) for side in ("communities", "protected_areas") if row[side])])


def format_dated_act(row: Mapping[Hashable, Any]) -> str:
    """Format one dated act (`answers.changes.register_dates`) as a line: act and date, holder, and areas affected."""
    texts = {"applied": _("applied for on {date}"), "granted": _("granted on {date}")}
    parts = [texts[row["act"]].format(date=format_long_date(row["dated_on"]))]
    if pd.notna(row["holder"]):
        parts.append(_("Holder: {holder}").format(holder=row["holder"]))
    return "; ".join([*parts, *(str(row[side]) for side in ("communities", "protected_areas") if row[side])])
