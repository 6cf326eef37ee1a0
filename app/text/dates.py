"""A day as exactly as it is known."""

import datetime as dt
from typing import Any

import pandas as pd

from lindero.app.text import i18n
from lindero.app.text.i18n import _


def when(day: Any, precision: object) -> str:
    """Write a day with no more than its precision (a code of `date_precision`) lets one say."""
    if pd.isna(day):
        return _("date not known")
    known = pd.Timestamp(day).date()
    if precision == "year":
        return str(known.year)
    if precision == "month":
        return i18n.month(known)
    if precision == "period":
        return _("from {month} on").format(month=i18n.month(known))
    return i18n.date(known)


def as_of(day: dt.date | None) -> str:
    """Say of what day a source is; nobody may have stated it."""
    return _("date not stated") if day is None else _("as of {date}").format(date=i18n.date(day))
