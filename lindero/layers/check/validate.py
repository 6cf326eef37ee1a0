"""
What is kept of the rows received, and what is not, and why: every row is accounted for.

A row is rejected only for what makes it useless (no identity, no geometry where the layer needs one); a value that
cannot be read is left empty and the row kept, with a finding.
"""

import datetime as dt
import re
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lindero.layers.check.same_ground import ground_prints
from lindero.layers.model.accents import fold
from lindero.layers.model.layer import Column, Layer
from lindero.layers.model.parse_dates import Form, day_first, form_of, oddities, precision
from lindero.layers.model.parse_values import (
    LARGEST_INTEGER,
    code,
    converter,
    decimal_sign,
    is_ambiguous,
    is_missing,
    text,
)
from lindero.layers.model.row_account import FOUND, RowAccount, joined
from lindero.layers.model.schema import CRS, INCIDENTS
from lindero.layers.model.vocabularies import FALLBACK, VOCABULARIES

_FORMS = {"document_sha256": re.compile(r"[0-9a-f]{64}", re.IGNORECASE)}  # what a text of a column looks like
_SIZES = frozenset({"area_official_ha", "mined_ha", "population", "count"})
_OF_OTHERS = frozenset({"expires_on", "snapshot_on", "retrieved_on"})  # of what is to come, or of the file itself
_AHEAD_YEARS = 30  # after the day of a file
_NUMERIC = frozenset({"DOUBLE", "INTEGER"})
HECTARES_DIFFER = 0.1  # share from which official hectares are not those drawn
_FEWEST_VERTICES = 3  # of a boundary
_FEWEST_ROWS = 3  # from which areas tell their unit
_UNITS = {"km²": 0.01, "m²": 10_000, "acres": 2.4710538, "1000 ha": 0.001}  # of one hectare
_DEFAULT_DATES = [dt.date(1899, 12, 30), dt.date(1899, 12, 31), dt.date(1900, 1, 1), dt.date(1970, 1, 1)]
_NO_FINDINGS = pd.DataFrame(columns=list(FOUND))
_SUMS = re.compile(r"(sub ?)?total(es|s|is)?\b|(gran|grand) total\b|suma\b|soma\b|sum\b")


def typed(layer: Layer, mapped: pd.DataFrame, *, days_first: bool | None = None) -> tuple[pd.DataFrame, RowAccount]:
    """
    Give mapped rows the types and codes of their layer, and the account of those that were kept and rejected.

    `days_first` says whether dates such as 05/06/2016 begin with the day; None: their columns are to tell.

    A value that is no date or number, or a code that is not in the vocabulary, becomes empty or the vocabulary's
    fallback, with a finding that holds the value; a row that lacks a required column is rejected.
    """
    columns: dict[str, pd.Series] = {}
    account = RowAccount()
    decimal = _agreed(layer, mapped, _NUMERIC, decimal_sign)
    order = _agreed(layer, mapped, {"DATE"}, day_first) if days_first is None else days_first
    before, form = "", None  # a precision follows its date
    for column in layer.columns:
        if column.name in mapped:
            values = mapped[column.name]
            form = _form(column, values, order, day_first_stated=days_first)
            converted, found = _converted(column, values, decimal, form)
            converted, negative = _sized(column, converted, values)
            columns[column.name], ahead = _past(column, converted, mapped)
            unsure, dated = _unsure(column, values, decimal), _dated(column, values, form)
            default = _default_dates(column, columns[column.name])
            for findings in (found, negative, ahead, unsure, dated, default):
                account.note(findings=findings)
        elif column.vocabulary in FALLBACK and column.vocabulary is not None:
            columns[column.name] = pd.Series([_fallback(column)] * len(mapped), index=mapped.index, dtype=object)
        if column.vocabulary == "date_precision" and before in mapped:
            as_written = _date_precision(mapped[before], columns[before], form)
            columns[column.name] = columns[column.name].mask(unstated(mapped, column.name), as_written)
        before = column.name
    rows = pd.DataFrame(columns, index=mapped.index)
    for column in layer.own:
        if column.required:
            account.note(rejects=_lacking(column, rows))
    rejects = account.rejects
    return rows.drop(index=list(rejects["row"])) if len(rejects) else rows, account


def unstated(mapped: pd.DataFrame, column: str) -> pd.Series:
    """Return a mask of the mapped rows for which the file does not state a column."""
    return mapped[column].map(is_missing) if column in mapped else pd.Series(True, index=mapped.index)  # noqa: FBT003


def _date_precision(received: pd.Series, read: pd.Series, form: Form | None) -> pd.Series:
    """
    Return how exact the dates of a column are, as they are written; `unknown` where none was read.

    Several dates that are all 1 January stand for years, and several that are all the first of a month for months.
    """
    unit = form.unit if form else ""
    written = received[read.notna()].map(lambda value: precision(value, unit=unit))
    days = read[written.index[written == "day"]].unique()
    if len(days) >= _FEWEST_ROWS and all(day.day == 1 for day in days):
        written = written.mask(written == "day", "year" if all(day.month == 1 for day in days) else "month")
    return written.reindex(read.index, fill_value=FALLBACK["date_precision"])


def duplicates(layer: Layer, rows: pd.DataFrame) -> pd.DataFrame:
    """
    Find rows that repeat an earlier one: its code, or the ground it covers to the last digit. Nothing is dropped.

    Points and areas that stand for a place, as of incidents, may well be shared, and are not compared.

    Returns
    -------
    DataFrame
        `row`, `finding` (duplicate_code, duplicate_geometry), `column_name`, `detail` (the earlier row's number).
    """
    found = []
    if "code" in rows:
        found.append(_repeated(rows["code"].dropna(), "duplicate_code", "code"))
    if isinstance(rows, gpd.GeoDataFrame) and layer is not INCIDENTS:
        drawn = rows.geometry[[shape is not None for shape in rows.geometry]]
        prints = pd.Series(ground_prints(np.asarray(drawn, dtype=object)), index=drawn.index)
        found.append(_repeated(prints, "duplicate_geometry", "geometry"))
    return joined(found, FOUND)


def hectares(rows: pd.DataFrame) -> pd.DataFrame:
    """
    Find rows whose official hectares are 0, or differ from those drawn by more than a tenth of either.

    Where most rows differ by one factor, the register counts in another unit: that is one finding of the file.

    Returns
    -------
    DataFrame
        `row` (0: the file), `finding` (hectares_of_zero, hectares_differ, hectares_in_another_unit), `column_name`,
        `detail` (official / drawn, or the unit).
    """
    if not {"area_official_ha", "area_ha"} <= {*rows}:
        return joined([], FOUND)
    official, drawn = rows["area_official_ha"].astype("float64"), rows["area_ha"].astype("float64")
    zero = rows.index[(official == 0) & (drawn > 0)]
    of_zero = _findings(zero, "hectares_of_zero", "area_official_ha", [f"0 / {drawn[row]:.1f}" for row in zero])
    both = rows.index[(official > 0) & (drawn > 0)]
    ratio = official[both] / drawn[both]
    unit = _unit(ratio)
    if unit:
        return joined([_findings([0], "hectares_in_another_unit", "area_official_ha", [unit]), of_zero], FOUND)
    off = ratio.index[(ratio > 1 + HECTARES_DIFFER) | (ratio < 1 / (1 + HECTARES_DIFFER))]
    details = [f"{official[row]:.10g} / {drawn[row]:.1f}" for row in off]
    return joined([_findings(off, "hectares_differ", "area_official_ha", details), of_zero], FOUND)


def _findings(rows: Collection[Any], finding: str, column: str, details: Collection[Any] | None) -> pd.DataFrame:
    return pd.DataFrame({"row": rows, "finding": finding, "column_name": column, "detail": details})


def _unit(ratio: "pd.Series[float]") -> str:
    """Name the unit other than hectares that most areas are in; empty if they are in none."""
    each = ratio.to_numpy()
    for unit, factor in _UNITS.items():
        if len(each) >= _FEWEST_ROWS and (np.abs(each / factor - 1) <= HECTARES_DIFFER).mean() > 0.5:  # noqa: PLR2004  most
            return unit
    return ""


def placed(rows: pd.DataFrame, geometry: gpd.GeoSeries) -> gpd.GeoDataFrame:
    """Join rows and their geometry (in OGC:CRS84); rows without one get None."""
    return gpd.GeoDataFrame(rows, geometry=geometry.reindex(rows.index), crs=CRS)


def _agreed(layer: Layer, mapped: pd.DataFrame, kinds: Collection[str], tell: Callable[[pd.Series], Any]) -> Any:
    """Return what all columns of some types tell alike, as their decimal sign; None if they differ, or none tells."""
    columns = [column.name for column in layer.columns if column.type in kinds and column.name in mapped]
    answers = {tell(mapped[name]) for name in columns} - {None}
    return answers.pop() if len(answers) == 1 else None


def _form(column: Column, values: pd.Series, order: bool | None, *, day_first_stated: bool | None) -> Form | None:  # noqa: FBT001
    """Give how a column of dates writes them: as was said of the file, as it tells itself, or as others tell."""
    if column.type != "DATE":
        return None
    form = form_of(values, days_first=order)
    return form if day_first_stated is None else replace(form, days_first=day_first_stated)


def _dated(column: Column, received: pd.Series, form: Form | None) -> pd.DataFrame:
    """Tell of a column of dates, once, what had to be supposed, or is to be said."""
    if form is None or not (values := oddities(received, form)):
        return _NO_FINDINGS
    return pd.concat([_findings([0], name, column.name, [example]) for name, example in values], ignore_index=True)


def _unsure(column: Column, values: pd.Series, decimal: str | None) -> pd.DataFrame:
    """Tell of a column, once, that its numbers such as 1.234 were read with decimals and could be thousands."""
    if column.type != "DOUBLE" or (decimal_sign(values) or decimal) is not None:
        return _NO_FINDINGS
    unsure = [value for value in values.dropna().unique() if is_ambiguous(value)]
    if not unsure:
        return _NO_FINDINGS
    return _findings([0], "thousands_or_decimals", column.name, [str(unsure[0])])


def _converted(
    column: Column, values: pd.Series, decimal: str | None, form: Form | None
) -> tuple[pd.Series, pd.DataFrame]:
    """Convert each distinct value once: columns repeat a few values over thousands of rows."""
    if column.type == "DOUBLE" and values.dtype.kind in "iuf":
        return values.astype("float64"), _NO_FINDINGS
    if column.type == "INTEGER" and values.dtype.kind in "iu" and _is_small(values):
        return values.astype(object), _NO_FINDINGS
    convert = converter(column.type, values, decimal=decimal, form=form)
    places, distinct = pd.factorize(values, use_na_sentinel=False)
    if convert is text and column.vocabulary is None and column.name not in {"code", *_FORMS}:  # no text is wrong
        texts = [(value.strip() or None) if isinstance(value, str) else text(value) for value in distinct]
        return pd.Series(np.array(texts, dtype=object)[places], index=values.index, dtype=object), _NO_FINDINGS
    out = np.empty(len(distinct), dtype=object)
    bad = np.zeros(len(distinct), dtype=bool)
    for i, value in enumerate(distinct):
        out[i] = _fallback(column)
        if not is_missing(value):
            try:
                out[i] = _checked_code(column, convert(value))
            except (ValueError, OverflowError):
                bad[i] = True
    converted = pd.Series(out[places], index=values.index, dtype=object)
    return converted, _unreadable(column, values, bad[places]) if bad.any() else _NO_FINDINGS


def _unreadable(column: Column, received: pd.Series, wrong: Any) -> pd.DataFrame:
    """Return a finding for each value that is left out, with what was received."""
    finding = "not_in_vocabulary" if column.vocabulary else "not_readable"
    return _findings(received.index[wrong], finding, column.name, [str(value)[:200] for value in received[wrong]])


def _is_small(values: pd.Series) -> bool:
    """Whether all of a column's whole numbers are known, and such as an INTEGER holds."""
    return not values.hasnans and bool(values.between(-LARGEST_INTEGER, LARGEST_INTEGER).all())


def _sized(column: Column, converted: pd.Series, received: pd.Series) -> tuple[pd.Series, pd.DataFrame]:
    """Leave out sizes below nothing, such as the -9999 by which programs write that none is known."""
    if column.name not in _SIZES or not (wrong := pd.to_numeric(converted, errors="coerce") < 0).any():
        return converted, _NO_FINDINGS
    return converted.mask(wrong, None), _unreadable(column, received, wrong)


def _past(column: Column, converted: pd.Series, mapped: pd.DataFrame) -> tuple[pd.Series, pd.DataFrame]:
    """Leave out days of what has happened long after their file is of: 2073 of the calendar of Nepal was our 2016."""
    if column.type != "DATE" or column.name in _OF_OTHERS or "snapshot_on" not in mapped or mapped.empty:
        return converted, _NO_FINDINGS
    last = int(str(mapped["snapshot_on"].iloc[0])[:4]) + _AHEAD_YEARS
    wrong = converted.map(lambda day: not is_missing(day) and day.year > last).to_numpy(dtype=bool)
    if not wrong.any():
        return converted, _NO_FINDINGS
    return converted.mask(wrong, None), _unreadable(column, mapped[column.name], wrong)


def _default_dates(column: Column, converted: pd.Series) -> pd.DataFrame:
    """Find dates that programs write where none is known: the first days that they count from."""
    if column.type != "DATE":
        return _NO_FINDINGS
    alike = converted[converted.isin(_DEFAULT_DATES)]
    return _findings(alike.index, "default_date", column.name, alike.map(str).to_numpy())


def _checked_code(column: Column, value: object) -> object:
    if column.name == "code":
        return code(value)
    if column.name in _FORMS and not _FORMS[column.name].fullmatch(str(value)):
        raise ValueError(value)
    if column.vocabulary is None:
        return value
    allowed = VOCABULARIES[column.vocabulary]
    codes = [code.strip() for code in str(value).split(";")] if column.several else [str(value)]
    if unknown := [code for code in codes if code not in allowed]:
        raise ValueError(unknown)
    return codes if column.several else codes[0]


def _fallback(column: Column) -> object:
    code = FALLBACK.get(column.vocabulary or "")
    return [code] if column.several and code else code


def _lacking(column: Column, rows: pd.DataFrame) -> pd.DataFrame:
    missing = rows.index if column.name not in rows else rows.index[rows[column.name].map(is_missing)]
    return pd.DataFrame({"row": missing, "reason": "required_column_empty", "detail": column.name})


def _repeated(values: pd.Series, finding: str, column: str) -> pd.DataFrame:
    if values.is_unique:
        return _NO_FINDINGS
    first = pd.Series(values.index, index=values.index).groupby(values, sort=False).transform("first")
    again = first[first != first.index]
    return _findings(again.index, finding, column, again.astype(str).to_numpy())


def vertices(placed: gpd.GeoDataFrame) -> pd.Index:
    """
    Give the rows that are vertices of boundaries, one a row, as decrees print them: no row is a place of its own.

    They are points, three or more of one code (of one name, where none has a code), and most points are such.
    """
    is_point = shapely.get_type_id(placed.geometry.to_numpy()) == shapely.GeometryType.POINT
    if not is_point.any():
        return pd.Index([])
    points: pd.DataFrame = placed[is_point]
    named = [name for name in ("code", "name") if name in points and points[name].notna().any()]
    if not named:
        return pd.Index([])
    keys = points[named[0]]
    alike: pd.Index[Any] = points.index[keys.notna() & (keys.map(keys.value_counts()) >= _FEWEST_VERTICES)]
    return alike if len(alike) * 2 > len(points) else alike[:0]


# Communities that have no place on record: they are listed by their names, and nothing is measured of them.


def unnamed(rows: pd.DataFrame, received: pd.DataFrame) -> pd.Index:
    """
    Give which rows without a place are no communities either: sums, and notes below a table.

    A sum says so in its name or code; a note fills one cell of a table that fills more, or none.

    Parameters
    ----------
    rows
        Of the communities layer, none of which has a place, by row number.
    received
        The fields that columns are made of, as received, by row number.
    """
    filled = ~received.loc[rows.index].map(is_missing)
    used = received.columns[~received.map(is_missing).all()]
    places = [name for name in rows.columns if name in {"name", "code"}]
    named = pd.DataFrame(rows[places]).map(lambda value: "" if is_missing(value) else fold(str(value)).strip())
    is_sum = named.map(lambda text: bool(_SUMS.match(text))).any(axis=1)
    is_named = named.map(lambda text: any(map(str.isalnum, text))).any(axis=1)
    return rows.index[is_sum | ~is_named | (filled.sum(axis=1) < min(2, len(used)))]


def found(rows: pd.DataFrame) -> pd.DataFrame:
    """Find the communities that have no place: `row`, `finding` (no_place), `column_name`, `detail`."""
    return _findings(rows.index[rows["geometry"].isna()], "no_place", "geometry", None)
