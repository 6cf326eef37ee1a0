"""Dates in the forms that ministries write them, and what a whole column tells of how its own are written."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lindero.layers.model.accents import without_accents

if TYPE_CHECKING:
    import pandas as pd


MONTHS_IN_A_YEAR = 12
OLDEST_YEAR, NEWEST_YEAR = 1500, 2200
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_SPANISH = {"ene": 1, "abr": 4, "ago": 8, "set": 9, "dic": 12}
_PORTUGUESE = {"fev": 2, "mai": 5, "out": 10, "dez": 12}
_FRENCH = {"avr": 4, "juin": 6, "juil": 7, "aou": 8}
_MONTH_BY_NAME = {name: i for i, name in enumerate(_MONTHS, start=1)} | _SPANISH | _PORTUGUESE | _FRENCH
_NAMED = re.compile(
    r"^(?:[^\W\d_]+,? )?(?P<day>\d{1,2})(?:er|\.?[º°ª])?[ /.-]+(?:de )?(?P<month>[^\W\d_]{3,})\.?[ /.,-]+(?:del? )?"
    r"(?P<year>\d{4}|\d\d)$"
)
_AMERICAN = re.compile(r"^(?P<month>[^\W\d_]{3,})\.? (?P<day>\d{1,2}),? (?:del? )?(?P<year>\d{4})$")
_COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
_TIME = r"(?:T.*| +\d{1,2}[:.h]\d\d.*)?"  # nothing else stands behind a day: no second one
_ISO = re.compile(rf"^(\d{{4}})[-/.](\d{{1,2}})[-/.](\d{{1,2}}){_TIME}$")
_JAVASCRIPT = re.compile(r"^[A-Z][a-z]{2} ([A-Z][a-z]{2}) (\d{1,2}) (\d{4}) \d{2}:\d{2}:\d{2}\b.*$")
_SLASHED = re.compile(rf"^(\d{{1,2}})(?:[/.-](\d{{1,2}})[/.-](\d{{4}})|[/.](\d{{1,2}})[/.](\d\d)){_TIME}$")
_SHORT_YEAR = re.compile(r"^\d{1,2}[/.]\d{1,2}[/.]\d\d(?: .*)?$|^\d{1,2}[ /.-][^\W\d_]{3,}\.?[ /.-]\d\d$")
_PIVOT = 50  # years of two digits are those from 1950 to 2049
_MILLISECONDS = 100_000_000  # as a date: one day after 1970 began; as a year: none
_SERIALS = (20_000, 80_000)  # days since 1900: 1954 to 2119
_SECONDS = (100_000_000, 5_000_000_000)  # since 1970: 1973 to 2128; as milliseconds all of them are of early 1970
_1900, _1970 = dt.date(1899, 12, 30), dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
SERIAL, SECONDS = "days_since_1900", "seconds_since_1970"


@dataclass(frozen=True)
class Form:
    """How a column writes its dates: whether the day stands before the month, and what its bare numbers count."""

    days_first: bool | None = None
    unit: str = ""  # SERIAL, SECONDS; else milliseconds since 1970, years, or years and months


def day_first(values: pd.Series) -> bool | None:
    """Tell from all dates of a column such as 29/12/1967 whether the day stands first; None if no date tells."""
    pairs = [found for value in values.dropna().unique() if (found := _day_and_month(value))]
    first = any(a > MONTHS_IN_A_YEAR for a, _ in pairs)
    second = any(b > MONTHS_IN_A_YEAR for _, b in pairs)
    if first == second:
        return None
    return first


def form_of(values: pd.Series, *, days_first: bool | None = None) -> Form:
    """Give how a column writes its dates; `days_first` is what others know of the order, where its own do not tell."""
    numbers = [_bare(value) for value in values.dropna().unique() if str(value).strip()]
    stated = [value for value in numbers if value is not None]
    unit = ""
    if stated and len(stated) == len(numbers):
        for name, (low, high) in ((SERIAL, _SERIALS), (SECONDS, _SECONDS)):
            unit = name if all(low <= value < high for value in stated) else unit
    own = day_first(values)
    return Form(days_first if own is None else own, unit)


def oddities(values: pd.Series, form: Form) -> list[tuple[str, str]]:
    """Give what is to be told of a column of dates, each with an example: what was supposed, what is not known."""
    found = [(form.unit, str(values.dropna().iloc[0]))] if form.unit else []
    written = [str(value).strip() for value in values.dropna().unique()]
    if form.days_first is None and (unsure := [text for text in written if _SLASHED.match(text)]):
        found.append(("day_or_month_first", unsure[0]))
    elif short := [text for text in written if _SHORT_YEAR.match(text.lower())]:
        found.append(("year_of_two_digits", short[0]))
    return found


def date(value: object, *, days_first: bool | None, unit: str = "") -> dt.date:
    """
    Give a value as a date, of our calendar: 2559 of the Buddhist one, or 1395 of the Persian, is none.

    Reads dates and times as such, ISO 8601 (also with slashes, points or no signs), months by name in Spanish, English,
    Portuguese or French (15 de enero de 2024; Jan 15, 2024), JavaScript's form, what bare numbers count (`Form.unit`),
    milliseconds since 1970, a year (its first day), a year and month (YYYYMM), and day/month/year in the order that
    `days_first` tells; years of two digits are those from 1950 to 2049.

    Raises
    ------
    ValueError
        If it is none of these, no day of the calendar, of a year that no register knows, or its order is not known.
    """
    found = _date(value, days_first, unit)
    if not OLDEST_YEAR <= found.year <= NEWEST_YEAR:
        raise ValueError(f"{value}: of no year that registers know")
    return found


def _date(value: object, days_first: bool | None, unit: str) -> dt.date:  # noqa: FBT001, PLR0911  one a form
    if isinstance(value, dt.datetime):
        return dt.date(value.year, value.month, value.day)  # value.date() stops at the year 10000
    if isinstance(value, dt.date):
        return value
    written = str(value).strip()
    if found := _ISO.match(written):
        return dt.date(int(found[1]), int(found[2]), int(found[3]))
    if found := _JAVASCRIPT.match(written):
        return dt.date(int(found[3]), _MONTHS.index(found[1].lower()) + 1, int(found[2]))
    if found := _NAMED.match(written.lower()) or _AMERICAN.match(written.lower()):
        return dt.date(_year(found["year"]), _month(found["month"]), int(found["day"]))
    if (found := _COMPACT.match(written)) and OLDEST_YEAR <= int(found[1]) <= NEWEST_YEAR:
        return dt.date(int(found[1]), int(found[2]), int(found[3]))
    if found := _SLASHED.match(written):
        if days_first is None:
            raise ValueError(f"{written}: day or month first?")
        first, second = int(found[1]), int(found[2] or found[4])
        day, month = (first, second) if days_first else (second, first)
        return dt.date(_year(found[3] or found[5]), month, day)
    return _numbered(float(written), unit)


def precision(value: object, *, unit: str = "") -> str:
    """Return how exact a date is written that `date` reads: to the `day`, the `month` (202403) or the `year`."""
    written = None if unit or isinstance(value, dt.date) else _bare(value)
    if written is None:
        return "day"
    year, month = divmod(int(written), 100)
    if OLDEST_YEAR <= year <= NEWEST_YEAR:
        return "month" if month else "year"
    return "year" if OLDEST_YEAR <= written <= NEWEST_YEAR else "day"


def _day_and_month(value: object) -> tuple[int, int] | None:
    found = _SLASHED.match(str(value).strip())
    return (int(found[1]), int(found[2] or found[4])) if found else None


def _bare(value: object) -> float | None:
    try:
        return float(str(value))
    except ValueError:
        return None


def _month(name: str) -> int:
    plain = without_accents(name)
    month = _MONTH_BY_NAME.get(plain[:4]) or _MONTH_BY_NAME.get(plain[:3])
    if month is None:
        raise ValueError(name)
    return month


def _year(digits: str) -> int:
    year = int(digits)
    return year if len(digits) > 2 else year + (1900 if year >= _PIVOT else 2000)  # noqa: PLR2004  digits


def _numbered(value: float, unit: str) -> dt.date:
    if unit == SERIAL:
        return _1900 + dt.timedelta(days=int(value))
    if unit == SECONDS:
        return (_1970 + dt.timedelta(seconds=value)).date()
    whole = int(value)
    if whole != value:
        raise ValueError(f"{value} is no date")
    if OLDEST_YEAR <= whole <= NEWEST_YEAR:
        return dt.date(whole, 1, 1)
    year, month = divmod(whole, 100)
    if OLDEST_YEAR <= year <= NEWEST_YEAR and month <= MONTHS_IN_A_YEAR:
        return dt.date(year, max(month, 1), 1)
    if abs(whole) >= _MILLISECONDS:
        return (_1970 + dt.timedelta(milliseconds=whole)).date()
    raise ValueError(f"{value} is no date")
