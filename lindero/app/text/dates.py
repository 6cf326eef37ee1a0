"""A day as exactly as it is known."""

from __future__ import annotations

import datetime as dt
from typing import Any

from lindero.app.text import i18n
from lindero.app.text.i18n import _
from lindero.layers.model.parse_values import is_missing


def _date_of(day: Any) -> dt.date:
    import pandas as pd

    return pd.Timestamp(day).date()


def when(day: Any, precision: object) -> str:
    """Write a day with no more than its precision (a code of `date_precision`) lets one say."""
    if is_missing(day):
        return _("date not known")
    date = day if type(day) is dt.date else _date_of(day)
    if precision == "year":
        return str(date.year)
    if precision == "month":
        return i18n.month(date)
    if precision == "period":
        return _("from {month} on").format(month=i18n.month(date))
    return i18n.date(date)


def as_of(day: dt.date | None) -> str:
    """Say of what day a source is; nobody may have stated it."""
    return _("date not stated") if day is None else _("as of {date}").format(date=i18n.date(day))
