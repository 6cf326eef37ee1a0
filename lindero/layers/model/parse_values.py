"""Received values as typed ones: numbers in the forms that ministries write them; dates are `parse_dates`."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from lindero.layers.model.parse_dates import Form, date, form_of

if TYPE_CHECKING:
    import pandas as pd

LARGEST_INTEGER = 2**31 - 1
_SPACES = re.compile(r"[\s\u00a0\u202f'’]+")
_GROUPED = {sign: re.compile(rf"[-+]?[1-9]\d{{0,2}}(?:{re.escape(sign)}\d{{3}})+") for sign in ",."}
_SIGN_AND_THREE = re.compile(r"[-+]?[1-9]\d{0,2}[.,]\d{3}")
_WHOLE_AS_FLOAT = re.compile(r"-?\d+\.0")
_EXPONENT = re.compile(r"\d[.,]\d+E\+\d{2,3}", re.IGNORECASE)
_SCALARS = (float, np.generic, dt.date)  # as pandas' NaT is one, too


def is_null(value: object) -> bool:
    """Return whether a cell holds nothing: None, NaN, NaT or NA."""
    if value is None:
        return True
    if isinstance(value, str | int):
        return False
    if isinstance(value, _SCALARS):
        return bool(value != value)  # noqa: PLR0124  NaN and NaT differ from themselves
    import pandas as pd

    return value is pd.NA


def is_missing(value: object) -> bool:
    """Return whether nothing was received: a null or blank text."""
    return not value.strip() if isinstance(value, str) else is_null(value)


def text(value: object) -> str | None:
    """
    Give a value as text, without blanks around it; None if nothing was received.

    A whole number is one, also where its column holds decimals, as a column of codes with a gap does: 1234, not 1234.0.
    """
    if is_missing(value):
        return None
    return str(int(value) if isinstance(value, float) and value.is_integer() else value).strip()


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
        If it is no number, has a fraction (half a person is a mistake, or another unit), or is beyond 32 bits.
    """
    if decimal is None and isinstance(value, str) and _SIGN_AND_THREE.fullmatch(_unspaced(value)):
        decimal = "," if "." in str(value) else "."  # 1.234 people are 1,234, and so are 1,234
    found = number(value, decimal=decimal)
    whole = round(found)
    if whole != found or abs(whole) > LARGEST_INTEGER:
        raise ValueError(found)
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


def is_of_floats(values: pd.Series) -> bool:
    """Tell whether a column of texts is one of whole numbers that a program wrote with a decimal: 10461925.0."""
    texts = (value.strip() for value in values.dropna().unique() if isinstance(value, str) and value.strip())
    first = next(texts, "")
    return bool(_WHOLE_AS_FLOAT.fullmatch(first)) and all(map(_WHOLE_AS_FLOAT.fullmatch, texts))


def code(value: object) -> str | None:
    """
    Give a value as the code of a feature.

    Raises
    ------
    ValueError
        If a spreadsheet has written it as 1.04619E+08, and its last digits are lost.
    """
    written = text(value)
    if written is not None and _EXPONENT.fullmatch(written):
        raise ValueError(written)
    return written


def is_ambiguous(value: object) -> bool:
    """Tell whether a text could be a number of thousands as well as one with three decimals: 1.234."""
    return isinstance(value, str) and "." in value and bool(_SIGN_AND_THREE.fullmatch(_unspaced(value)))


def converter(
    kind: str, values: pd.Series, *, decimal: str | None = None, form: Form | None = None
) -> Callable[[object], object]:
    """
    Give the function that turns received values of a column into DuckDB's `kind`.

    `decimal` is the decimal sign of the file's other columns, for one whose own numbers do not tell; `form` says how
    dates are written, if more is known than the column itself tells.
    """
    if kind == "DATE":
        chosen = form or form_of(values)
        return lambda value: date(value, days_first=chosen.days_first, unit=chosen.unit)
    if kind == "VARCHAR" and is_of_floats(values):
        return lambda value: text(value.rpartition(".")[0] if isinstance(value, str) else value)
    if kind in {"DOUBLE", "INTEGER"}:
        sign = decimal_sign(values) or decimal
        read = number if kind == "DOUBLE" else whole_number
        return lambda value: read(value, decimal=sign)
    return {"BOOLEAN": truth}.get(kind, text)
