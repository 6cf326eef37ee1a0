"""Parsing dates in the forms that ministries write, with the date format detected from a whole column."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lindero.layers.model.accents import strip_accents

if TYPE_CHECKING:
    import pandas as pd


MONTHS_IN_A_YEAR = 12
OLDEST_YEAR, NEWEST_YEAR = 1500, 2200
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_SPANISH = {"ene": 1, "abr": 4, "ago": 8, "set": 9, "dic": 12}
_PORTUGUESE = {"fev": 2, "mai": 5, "out": 10, "dez": 12}
_FRENCH = {"avr": 4, "juin": 6, "juil": 7, "aou": 8}
_MONTH_BY_NAME = {name: i for i, name in enumerate(_MONTHS, start=1)} | _SPANISH | _PORTUGUESE | _FRENCH
_NAMED_MONTH = re.compile(
    r"^(?:[^\W\d_]+,? )?(?P<day>\d{1,2})(?:er|\.?[º°ª])?[ /.-]+(?:de )?(?P<month>[^\W\d_]{3,})\.?[ /.,-]+(?:del? )?"
    r"(?P<year>\d{4}|\d\d)$"
)
_AMERICAN = re.compile(r"^(?P<month>[^\W\d_]{3,})\.? (?P<day>\d{1,2}),? (?:del? )?(?P<year>\d{4})$")
_COMPACT_DATE = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
_TIME = r"(?:T.*| +\d{1,2}[:.h]\d\d.*)?"  # only a time may follow a date, not a second date
_ISO = re.compile(rf"^(\d{{4}})[-/.](\d{{1,2}})[-/.](\d{{1,2}}){_TIME}$")
_JAVASCRIPT = re.compile(r"^[A-Z][a-z]{2} ([A-Z][a-z]{2}) (\d{1,2}) (\d{4}) \d{2}:\d{2}:\d{2}\b.*$")
_SLASHED_DATE = re.compile(rf"^(\d{{1,2}})(?:[/.-](\d{{1,2}})[/.-](\d{{4}})|[/.](\d{{1,2}})[/.](\d\d)){_TIME}$")
_SHORT_YEAR = re.compile(r"^\d{1,2}[/.]\d{1,2}[/.]\d\d(?: .*)?$|^\d{1,2}[ /.-][^\W\d_]{3,}\.?[ /.-]\d\d$")
_PIVOT = 50  # two-digit years stand for 1950 to 2049
_MILLISECONDS = 100_000_000  # as milliseconds one day after the start of 1970; too large for a year
_SERIALS = (20_000, 80_000)  # days since 1900: 1954 to 2119
_SECONDS = (100_000_000, 5_000_000_000)  # since 1970: 1973 to 2128; as milliseconds they would all be in early 1970
_1900, _1970 = dt.date(1899, 12, 30), dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
SERIAL, SECONDS = "days_since_1900", "seconds_since_1970"


@dataclass(frozen=True)
class DateFormat:
    """The date format of a column: whether the day comes before the month, and the unit of bare numbers."""

    days_first: bool | None = None
    unit: str = ""  # SERIAL or SECONDS; otherwise milliseconds since 1970, years, or years and months


def detect_day_first(values: pd.Series) -> bool | None:
    """Detect from the dates of a column, such as 29/12/1967, whether the day comes first.

    Returns None if no date is conclusive, or dates contradict each other.
    """
    pairs = [day_and_month for value in values.dropna().unique() if (day_and_month := _match_day_and_month(value))]
    first = any(a > MONTHS_IN_A_YEAR for a, _ in pairs)
    second = any(b > MONTHS_IN_A_YEAR for _, b in pairs)
    if first == second:
        return None
    return first


def detect_date_format(values: pd.Series, *, days_first: bool | None = None) -> DateFormat:
    """Detect the date format of a column.

    `days_first` is the order known from elsewhere, used if the column's own dates are not conclusive.
    """
    numbers = [_parse_number(value) for value in values.dropna().unique() if str(value).strip()]
    known_numbers = [value for value in numbers if value is not None]
    unit = ""
    if known_numbers and len(known_numbers) == len(numbers):
        for name, (low, high) in ((SERIAL, _SERIALS), (SECONDS, _SECONDS)):
            unit = name if all(low <= value < high for value in known_numbers) else unit
    detected = detect_day_first(values)
    return DateFormat(days_first if detected is None else detected, unit)


def find_oddities(values: pd.Series, form: DateFormat) -> list[tuple[str, str]]:
    """Return the assumptions and doubts about the dates of a column, each as a code with an example."""
    codes_and_examples = [(form.unit, str(values.dropna().iloc[0]))] if form.unit else []
    texts = [str(value).strip() for value in values.dropna().unique()]
    if form.days_first is None and (ambiguous := [text for text in texts if _SLASHED_DATE.match(text)]):
        codes_and_examples.append(("day_or_month_first", ambiguous[0]))
    elif short_years := [text for text in texts if _SHORT_YEAR.match(text.lower())]:
        codes_and_examples.append(("year_of_two_digits", short_years[0]))
    return codes_and_examples


def parse_date(value: object, *, days_first: bool | None, unit: str = "") -> dt.date:
    """Parse a date of the Gregorian calendar; years of other calendars (Buddhist 2559, Persian 1395) are refused.

    These forms are accepted:

    - dates and times; ISO 8601, also with slashes, points or no separators; JavaScript's format
    - months by name in Spanish, English, Portuguese or French: 15 de enero de 2024; Jan 15, 2024
    - day/month/year in the order of `days_first`
    - a year and month (YYYYMM), or a year (its first day)
    - bare numbers in `unit` (see `DateFormat`), or milliseconds since 1970

    Years of two digits are from 1950 to 2049.
    """
    parsed = _parse_any_date(value, days_first, unit)
    if not OLDEST_YEAR <= parsed.year <= NEWEST_YEAR:
        raise ValueError(f"{value}: of no year that registers know")
    return parsed


def _parse_any_date(value: object, days_first: bool | None, unit: str) -> dt.date:  # noqa: FBT001, PLR0911  one a form
    if isinstance(value, dt.datetime):
        return dt.date(value.year, value.month, value.day)  # value.date() stops at the year 10000
    if isinstance(value, dt.date):
        return value
    stripped = str(value).strip()
    if match := _ISO.match(stripped):
        return dt.date(int(match[1]), int(match[2]), int(match[3]))
    if match := _JAVASCRIPT.match(stripped):
        return dt.date(int(match[3]), _MONTHS.index(match[1].lower()) + 1, int(match[2]))
    if match := _NAMED_MONTH.match(stripped.lower()) or _AMERICAN.match(stripped.lower()):
        return dt.date(_full_year(match["year"]), _month_number(match["month"]), int(match["day"]))
    if (match := _COMPACT_DATE.match(stripped)) and OLDEST_YEAR <= int(match[1]) <= NEWEST_YEAR:
        return dt.date(int(match[1]), int(match[2]), int(match[3]))
    if match := _SLASHED_DATE.match(stripped):
        if days_first is None:
            raise ValueError(f"{stripped}: day or month first?")
        first, second = int(match[1]), int(match[2] or match[4])
        day, month = (first, second) if days_first else (second, first)
        return dt.date(_full_year(match[3] or match[5]), month, day)
    return _date_from_number(float(stripped), unit)


def detect_precision(value: object, *, unit: str = "") -> str:
    """Return the precision of a date as written: `day`, `month` (202403) or `year`."""
    bare_number = None if unit or isinstance(value, dt.date) else _parse_number(value)
    if bare_number is None:
        return "day"
    year, month = divmod(int(bare_number), 100)
    if OLDEST_YEAR <= year <= NEWEST_YEAR:
        return "month" if month else "year"
    return "year" if OLDEST_YEAR <= bare_number <= NEWEST_YEAR else "day"


def _match_day_and_month(value: object) -> tuple[int, int] | None:
    match = _SLASHED_DATE.match(str(value).strip())
    return (int(match[1]), int(match[2] or match[4])) if match else None


def _parse_number(value: object) -> float | None:
    try:
        return float(str(value))
    except ValueError:
        return None


def _month_number(name: str) -> int:
    unaccented = strip_accents(name)
    month = _MONTH_BY_NAME.get(unaccented[:4]) or _MONTH_BY_NAME.get(unaccented[:3])
    if month is None:
        raise ValueError(name)
    return month


def _full_year(digits: str) -> int:
    year = int(digits)
    return year if len(digits) > 2 else year + (1900 if year >= _PIVOT else 2000)  # noqa: PLR2004  digits


def _date_from_number(value: float, unit: str) -> dt.date:
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
