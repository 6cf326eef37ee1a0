"""Received values as typed ones: dates and numbers in the forms that ministries write them."""

import datetime as dt
import math
import re
from collections.abc import Callable

import numpy as np
import pandas as pd

MONTHS_IN_A_YEAR = 12
LARGEST_INTEGER = 2**31 - 1
OLDEST_YEAR, NEWEST_YEAR = 1500, 2200
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_OTHER_MONTHS = {"ene": 1, "fev": 2, "abr": 4, "mai": 5, "ago": 8, "set": 9, "out": 10, "dic": 12, "dez": 12}  # es, pt
_MONTH_BY_NAME = {**{name: i for i, name in enumerate(_MONTHS, start=1)}, **_OTHER_MONTHS}
_NAMED = re.compile(r"^(?P<day>\d{1,2})[ /.-]+(?:de )?(?P<month>[^\W\d_]{3,})\.?[ /.,-]+(?:del? )?(?P<year>\d{4})$")
_AMERICAN = re.compile(r"^(?P<month>[^\W\d_]{3,})\.? (?P<day>\d{1,2}),? (?P<year>\d{4})$")
_COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
_SPACES = re.compile(r"[\s\u00a0\u202f'’]+")
_GROUPED = {sign: re.compile(rf"[-+]?[1-9]\d{{0,2}}(?:{re.escape(sign)}\d{{3}})+") for sign in ",."}
_POINT_AND_THREE = re.compile(r"[-+]?[1-9]\d{0,2}\.\d{3}")
_ISO = re.compile(r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ].*)?$")
_JAVASCRIPT = re.compile(r"^[A-Z][a-z]{2} ([A-Z][a-z]{2}) (\d{1,2}) (\d{4}) \d{2}:\d{2}:\d{2}\b.*$")
_SLASHED = re.compile(r"^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?: .*)?$")
_SCALARS = (float, np.generic, dt.date, type(pd.NaT))
_MILLISECONDS = 100_000_000  # as a date: one day after 1970 began; as a year: none


def is_missing(value: object) -> bool:
    """Whether nothing was received: None, NaN, NaT or blank text."""
    if value is None or value is pd.NA:
        return True
    if isinstance(value, str):
        return not value.strip()
    return bool(value != value) if isinstance(value, _SCALARS) else False  # noqa: PLR0124  NaN and NaT differ from themselves


def text(value: object) -> str | None:
    """Give a value as text, without blanks around it; None if nothing was received."""
    return None if is_missing(value) else str(value).strip()


def decimal_sign(values: pd.Series) -> str | None:
    """
    Tell from all numbers of a column, such as 1.018,75, whether a comma or a point is their decimal sign.

    None if no number tells: then 1,018 could be a thousand or one.
    """
    written = [_unspaced(value) for value in values.dropna().unique() if isinstance(value, str)]
    signs = {max(",.", key=text.rfind) for text in written if "," in text and "." in text}
    for sign, other in ((",", "."), (".", ",")):
        single = [text for text in written if text.count(sign) == 1 and other not in text]
        if any(not _GROUPED[sign].fullmatch(text) for text in single):
            signs.add(sign)
        if any(text.count(sign) > 1 and _GROUPED[sign].fullmatch(text) for text in written):
            signs.add(other)
    return signs.pop() if len(signs) == 1 else None


def number(value: object, *, decimal: str | None = None) -> float:
    """
    Give a value as a number, whatever sign stands for decimals and for thousands.

    Of two signs the last is the decimal one, as in 1.018,75. `decimal` is what the column tells (`decimal_sign`). Where
    nothing tells, a point is the decimal sign, and 1,018 is not guessed at.

    Raises
    ------
    ValueError
        If it is no number, or could be two.
    """
    written = _unspaced(value)
    comma, point = (len(written.split(sign)) - 1 for sign in ",.")
    if comma and point:
        last = max(",.", key=written.rfind)
        whole, _, rest = written.rpartition(last)
        other = "." if last == "," else ","
        if decimal not in {None, last} or not _GROUPED[other].fullmatch(whole) or other in rest:
            raise ValueError(written)
        written = f"{whole.replace(other, '')}.{rest}"
    elif comma or point:
        sign = "," if comma else "."
        grouped = bool(_GROUPED[sign].fullmatch(written))
        if comma + point > 1 or decimal not in {None, sign}:
            if not grouped:
                raise ValueError(written)
            written = written.replace(sign, "")
        elif sign == "," and decimal is None and grouped:
            raise ValueError(f"{written}: thousands or decimals?")
        written = written.replace(",", ".")
    found = float(written)
    if not math.isfinite(found) or "_" in written:
        raise ValueError(written)
    return found


def _unspaced(value: object) -> str:
    return _SPACES.sub("", str(value))


def whole_number(value: object, *, decimal: str | None = None) -> int:
    """
    Give a value as a whole number that an INTEGER column holds.

    Raises
    ------
    ValueError
        If it is no number, or beyond 32 bits.
    """
    found = number(value, decimal=decimal)
    if found % 1 and decimal is None and is_ambiguous(value):
        found = number(value, decimal=",")  # 1.234 people are 1,234
    whole = round(found)
    if abs(whole) > LARGEST_INTEGER:
        raise ValueError(whole)
    return whole


def truth(value: object) -> bool:
    """
    Give a value as yes or no.

    Raises
    ------
    ValueError
        If it is neither.
    """
    if isinstance(value, bool):
        return value
    written = str(value).strip().casefold()
    if written in {"true", "yes", "y", "1", "sí", "si", "s", "verdadero"}:
        return True
    if written in {"false", "no", "n", "0", "falso"}:
        return False
    raise ValueError(written)


def day_first(values: pd.Series) -> bool | None:
    """Tell from all dates of a column such as 29/12/1967 whether the day stands first; None if no date tells."""
    pairs = [(int(m[1]), int(m[2])) for v in values.dropna() if (m := _SLASHED.match(str(v).strip()))]
    first = any(a > MONTHS_IN_A_YEAR for a, _ in pairs)
    second = any(b > MONTHS_IN_A_YEAR for _, b in pairs)
    if first == second:
        return None
    return first


def date(value: object, *, days_first: bool | None) -> dt.date:  # noqa: PLR0911  one a form
    """
    Give a value as a date.

    Reads dates and times as such, ISO 8601 (also with slashes, points or no signs), months by name in Spanish, English
    or Portuguese (15 de enero de 2024; Jan 15, 2024), JavaScript's form, milliseconds since 1970, a year (its first
    day), a year and month (YYYYMM), and day/month/year in the order that `days_first` tells.

    Raises
    ------
    ValueError
        If it is none of these, no day of the calendar, or its order is not known.
    """
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    written = str(value).strip()
    if found := _ISO.match(written):
        return dt.date(int(found[1]), int(found[2]), int(found[3]))
    if found := _JAVASCRIPT.match(written):
        return dt.date(int(found[3]), _MONTHS.index(found[1].lower()) + 1, int(found[2]))
    if found := _NAMED.match(written.lower()) or _AMERICAN.match(written.lower()):
        month = _MONTH_BY_NAME.get(found["month"][:3])
        if month is None:
            raise ValueError(written)
        return dt.date(int(found["year"]), month, int(found["day"]))
    if (found := _COMPACT.match(written)) and OLDEST_YEAR <= int(found[1]) <= NEWEST_YEAR:
        return dt.date(int(found[1]), int(found[2]), int(found[3]))
    if found := _SLASHED.match(written):
        if days_first is None:
            raise ValueError(f"{written}: day or month first?")
        day, month = (int(found[1]), int(found[2])) if days_first else (int(found[2]), int(found[1]))
        return dt.date(int(found[3]), month, day)
    return _numbered(float(written))


def _numbered(value: float) -> dt.date:
    whole = int(value)
    if whole != value:
        raise ValueError(f"{value} is no date")
    if OLDEST_YEAR <= whole <= NEWEST_YEAR:
        return dt.date(whole, 1, 1)
    year, month = divmod(whole, 100)
    if OLDEST_YEAR <= year <= NEWEST_YEAR and month <= MONTHS_IN_A_YEAR:
        return dt.date(year, max(month, 1), 1)
    if abs(whole) >= _MILLISECONDS:
        return (dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(milliseconds=whole)).date()
    raise ValueError(f"{value} is no date")


def is_ambiguous(value: object) -> bool:
    """Tell whether a text could be a number of thousands as well as one with three decimals: 1.234."""
    return isinstance(value, str) and bool(_POINT_AND_THREE.fullmatch(_unspaced(value)))


def converter(kind: str, values: pd.Series, *, decimal: str | None = None) -> Callable[[object], object]:
    """
    Give the function that turns received values of a column into DuckDB's `kind`.

    `decimal` is the decimal sign of the file's other columns, for one whose own numbers do not tell.
    """
    if kind == "DATE":
        order = day_first(values)
        return lambda value: date(value, days_first=order)
    if kind in {"DOUBLE", "INTEGER"}:
        sign = decimal_sign(values) or decimal
        read = number if kind == "DOUBLE" else whole_number
        return lambda value: read(value, decimal=sign)
    return {"BOOLEAN": truth}.get(kind, text)
