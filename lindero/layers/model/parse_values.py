"""Parsing received values into typed ones: numbers in the forms that ministries write. `parse_dates` parses dates."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from lindero.layers.model.parse_dates import DateFormat, detect_date_format, parse_date

if TYPE_CHECKING:
    import pandas as pd

LARGEST_INTEGER = 2**31 - 1
_SPACES = re.compile(r"[\s\u00a0\u202f'’]+")
_GROUPED_NUMBER = {sign: re.compile(rf"[-+]?[1-9]\d{{0,2}}(?:{re.escape(sign)}\d{{3}})+") for sign in ",."}
_SIGN_AND_THREE = re.compile(r"[-+]?[1-9]\d{0,2}[.,]\d{3}")
_WHOLE_AS_FLOAT = re.compile(r"-?\d+\.0")
_EXPONENT = re.compile(r"\d[.,]\d+E\+\d{2,3}", re.IGNORECASE)
_SCALARS = (float, np.generic, dt.date)  # pandas' NaT is a date, too


def is_null(value: object) -> bool:
    """Return whether a cell is null: None, NaN, NaT or NA."""
    if value is None:
        return True
    if isinstance(value, str | int):
        return False
    if isinstance(value, _SCALARS):
        return bool(value != value)  # noqa: PLR0124  NaN and NaT differ from themselves
    import pandas as pd

    return value is pd.NA


def is_missing(value: object) -> bool:
    """Return whether a value is missing: a null or blank text.

    Returns: True for a null (see `is_null`), an empty text and a text of spaces. 0 and False are not missing.
    """
    return not value.strip() if isinstance(value, str) else is_null(value)


def parse_text(value: object) -> str | None:
    """Return a value as stripped text; None if it is missing.

    A whole number is written without decimals, even if its column holds floats because of gaps: 1234, not 1234.0.
    """
    if is_missing(value):
        return None
    return str(int(value) if isinstance(value, float) and value.is_integer() else value).strip()


def detect_decimal_sign(values: pd.Series) -> str | None:
    """Detect from the numbers of a column, such as 1.018,75, whether the decimal sign is a comma or a point.

    Returns: `,` or `.`. None if no number is conclusive (1,018 could be a thousand or one), or if numbers contradict
    each other.
    """
    texts = [_remove_spaces(value) for value in values.dropna().unique() if isinstance(value, str)]
    signs = {max(",.", key=text.rfind) for text in texts if "," in text and "." in text}
    for sign, group_sign in ((",", "."), (".", ",")):
        with_one_sign = [text for text in texts if text.count(sign) == 1 and group_sign not in text]
        if any(not _GROUPED_NUMBER[sign].fullmatch(text) for text in with_one_sign):
            signs.add(sign)
        if any(text.count(sign) > 1 and _GROUPED_NUMBER[sign].fullmatch(text) for text in texts):
            signs.add(group_sign)
    return signs.pop() if len(signs) == 1 else None


def parse_number(value: object, *, decimal: str | None = None) -> float:
    """Parse a number with any decimal and thousands sign.

    If both signs occur, the last one is the decimal sign, as in 1.018,75. Spaces and apostrophes are ignored.

    `decimal`: the decimal sign of the column (`detect_decimal_sign`): `,` or `.`. If it is None, a point is the decimal
    sign, and an ambiguous 1,018 is refused.
    """
    written = _remove_spaces(value)
    comma, point = (len(written.split(sign)) - 1 for sign in ",.")
    if comma and point:
        decimal_mark = max(",.", key=written.rfind)
        whole, _, rest = written.rpartition(decimal_mark)
        group_sign = "." if decimal_mark == "," else ","
        if (
            decimal not in {None, decimal_mark}
            or not _GROUPED_NUMBER[group_sign].fullmatch(whole)
            or group_sign in rest
        ):
            raise ValueError(written)
        written = f"{whole.replace(group_sign, '')}.{rest}"
    elif comma or point:
        sign = "," if comma else "."
        grouped = bool(_GROUPED_NUMBER[sign].fullmatch(written))
        if comma + point > 1 or decimal not in {None, sign}:
            if not grouped:
                raise ValueError(written)
            written = written.replace(sign, "")
        elif sign == "," and decimal is None and grouped:
            raise ValueError(f"{written}: thousands or decimals?")
        written = written.replace(",", ".")
    parsed = float(written)
    if not math.isfinite(parsed) or "_" in written:
        raise ValueError(written)
    return parsed


def _remove_spaces(value: object) -> str:
    return _SPACES.sub("", str(value))


def parse_integer(value: object, *, decimal: str | None = None) -> int:
    """Parse a whole number that fits an INTEGER column."""
    if decimal is None and isinstance(value, str) and _SIGN_AND_THREE.fullmatch(_remove_spaces(value)):
        decimal = "," if "." in str(value) else "."  # 1.234 and 1,234 people are both 1234
    parsed = parse_number(value, decimal=decimal)
    whole = round(parsed)
    if whole != parsed or abs(whole) > LARGEST_INTEGER:
        raise ValueError(parsed)
    return whole


def parse_boolean(value: object) -> bool:
    """Parse a boolean."""
    if isinstance(value, bool):
        return value
    lowered = str(value).strip().casefold()
    if lowered in {"true", "yes", "y", "1", "sí", "si", "s", "verdadero"}:
        return True
    if lowered in {"false", "no", "n", "0", "falso"}:
        return False
    raise ValueError(lowered)


def has_integers_as_floats(values: pd.Series) -> bool:
    """Return whether all texts of a column are whole numbers written with a decimal: 10461925.0."""
    texts = (value.strip() for value in values.dropna().unique() if isinstance(value, str) and value.strip())
    first = next(texts, "")
    return bool(_WHOLE_AS_FLOAT.fullmatch(first)) and all(map(_WHOLE_AS_FLOAT.fullmatch, texts))


def parse_code(value: object) -> str | None:
    """Return a value as the code of a feature."""
    code_text = parse_text(value)
    if code_text is not None and _EXPONENT.fullmatch(code_text):
        raise ValueError(code_text)
    return code_text


def is_ambiguous(value: object) -> bool:
    """Return whether a text such as 1.234 could be a number of thousands or one with three decimals."""
    return isinstance(value, str) and "." in value and bool(_SIGN_AND_THREE.fullmatch(_remove_spaces(value)))


def build_converter(
    kind: str, values: pd.Series, *, decimal: str | None = None, date_format: DateFormat | None = None
) -> Callable[[object], object]:
    """Return the function that converts received values of a column to the DuckDB type `kind`.

    `decimal` is the decimal sign of the file's other columns, used if this column is not conclusive. `date_format` is
    used if more is known than the column itself shows.
    """
    if kind == "DATE":
        chosen_format = date_format or detect_date_format(values)
        return lambda value: parse_date(value, days_first=chosen_format.days_first, unit=chosen_format.unit)
    if kind == "VARCHAR" and has_integers_as_floats(values):
        return lambda value: parse_text(value.rpartition(".")[0] if isinstance(value, str) else value)
    if kind in {"DOUBLE", "INTEGER"}:
        sign = detect_decimal_sign(values) or decimal
        parser = parse_number if kind == "DOUBLE" else parse_integer
        return lambda value: parser(value, decimal=sign)
    return {"BOOLEAN": parse_boolean}.get(kind, parse_text)
