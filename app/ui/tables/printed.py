"""
Tables on paper and under a finger: a table on the screen is a picture of the rows in view.

A print of it ends with the tenth row, and on a phone it shows two columns and keeps the finger. Beside each stands the
same as HTML, which paper shows as a table and a phone row for row (`app/static/page.css`).
"""

import datetime as dt
from collections.abc import Mapping
from html import escape
from typing import Any

import pandas as pd
from streamlit.elements.lib.column_types import ColumnConfig

from lindero.app.text import i18n
from lindero.app.text.i18n import ngettext

MOST = 200  # rows that are printed
UNKNOWN = "–"


def table(rows: pd.DataFrame, columns: Mapping[str, ColumnConfig], *, alt: str) -> str:
    """Write rows as HTML, with the columns and words of the table on the screen; what is left out is said."""
    shown = rows.head(MOST)
    heads = "".join(f"<th>{escape(str(config['label'] or name))}</th>" for name, config in columns.items())
    kinds = {name: _kind(config) for name, config in columns.items() if name in shown}
    heads_of = {name: escape(str(columns[name]["label"] or name)) for name in kinds}
    body = "".join(
        "<tr>"
        + "".join(
            f'<td data-head="{heads_of[name]}">{escape(_cell(row[name], kind))}</td>' for name, kind in kinds.items()
        )
        + "</tr>"
        for row in shown.to_dict("records")
    )
    left = len(rows) - len(shown)
    more = ngettext("{n} row more", "{n} rows more", left).format(n=i18n.number(left)) if left else ""
    return (
        f'<div class="lindero-printed"><table><caption>{escape(alt)}</caption>'
        f"<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table><p>{escape(more)}</p></div>"
    )


def _kind(config: ColumnConfig) -> str:
    told: Mapping[str, Any] = config.get("type_config") or {}
    return "percent" if told.get("format") == "percent" else str(told.get("type", "text"))


def _cell(value: Any, kind: str) -> str:
    if value is None or (pd.api.types.is_scalar(value) and pd.isna(value)):
        return UNKNOWN
    if kind == "percent":
        return i18n.percent(float(value))
    if kind == "number" and isinstance(value, int | float):
        return i18n.number(value, decimals=0 if float(value).is_integer() else 1)
    if isinstance(value, dt.date):
        return i18n.date(value)
    return str(value) or UNKNOWN
