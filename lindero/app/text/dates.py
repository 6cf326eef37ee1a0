"""Dates formatted with the precision to which they are known."""

from __future__ import annotations

import datetime as dt
from typing import Any

from lindero.app.text import i18n
from lindero.app.text.i18n import _
from lindero.layers.model.parse_values import is_missing


def _to_date(value: Any) -> dt.date:
    import pandas as pd

    return pd.Timestamp(value).date()


def format_partial_date(value: Any, precision: object) -> str:
    """Format a date with no more than its precision (a code of `date_precision`)."""
    if is_missing(value):
        return _("date not known")
    date = value if type(value) is dt.date else _to_date(value)
    if precision == "year":
        return str(date.year)
    if precision == "month":
        return i18n.format_month(date)
    if precision == "period":
        return _("from {month} on").format(month=i18n.format_month(date))
    return i18n.format_long_date(date)


def reference_date_text(date: dt.date | None) -> str:
    """Return the reference date of a source as text, or "date not stated"."""
    return _("date not stated") if date is None else _("as of {date}").format(date=i18n.format_long_date(date))
