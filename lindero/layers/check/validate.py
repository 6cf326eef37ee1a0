"""Validation of received rows: conversion to types and codes, with an account of every row.

A row is rejected only if it is useless without the missing value (no identity, or no geometry where the layer needs
one). A value that cannot be read is left empty, with a finding, and the row is kept.
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
from lindero.layers.model.parse_dates import (
    DateFormat,
    detect_date_format,
    detect_day_first,
    detect_precision,
    find_oddities,
)
from lindero.layers.model.parse_values import (
    LARGEST_INTEGER,
    build_converter,
    detect_decimal_sign,
    is_ambiguous,
    is_missing,
    parse_code,
    parse_text,
)
from lindero.layers.model.row_account import FINDING_COLUMNS, RowAccount, concat_frames
from lindero.layers.model.schema import CRS, INCIDENTS
from lindero.layers.model.vocabularies import FALLBACK, VOCABULARIES

_NO_HOLDER = frozenset(
    {"null", "none", "nan", "n/a", "n.a.", "na", "n/d", "s/d", "s/n", "-", "--", "–", "—", ".", "?", "x"}
)
_FORMS = {"document_sha256": re.compile(r"[0-9a-f]{64}", re.IGNORECASE)}  # required patterns of text columns
_SIZES = frozenset({"area_official_ha", "mined_ha", "population", "count"})
_EXEMPT_DATES = frozenset({"expires_on", "snapshot_on", "retrieved_on"})  # dates of the future, or of the file itself
_AHEAD_YEARS = 30  # years after the date of the file
_NUMERIC = frozenset({"DOUBLE", "INTEGER"})
HECTARES_DIFFER = 0.1  # relative difference at which official and drawn hectares disagree
_FEWEST_VERTICES = 3  # minimum vertices of a boundary
_FEWEST_ROWS = 3  # minimum rows to detect the unit of areas
_UNITS = {"km²": 0.01, "m²": 10_000, "acres": 2.4710538, "1000 ha": 0.001}  # how many make one hectare
_DEFAULT_DATES = [dt.date(1899, 12, 30), dt.date(1899, 12, 31), dt.date(1900, 1, 1), dt.date(1970, 1, 1)]
_NO_FINDINGS = pd.DataFrame(columns=list(FINDING_COLUMNS))
# "Suma" is also Aymara for good, as in Suma Marka: it counts as a sum alone or before these words only.
_SUMS = re.compile(
    r"(sub ?)?total(es|s|is)?\b|(gran|grand) total\b"
    r"|(suma|soma|sum)([\W\d]*$|\W+(total|parcial|general|geral|de|da|do|of)\b)"
)


def convert_types(
    layer: Layer, mapped: pd.DataFrame, *, days_first: bool | None = None
) -> tuple[pd.DataFrame, RowAccount]:
    """Convert mapped rows to the types and codes of their layer; return them and the account of findings and rejects.

    A value that is not a date, a number or a code of the vocabulary is replaced. It becomes empty or the vocabulary's
    fallback, with a finding that quotes the value. A row without a required value is rejected.

    `mapped`: rows by the number of the received row (unique), with columns named as in `layer` and values as received.
    `days_first`: whether dates such as 05/06/2016 begin with the day. None: it is detected from all date columns of the
    rows. Returns `DataFrame`: the kept rows, with their index. A coded column that is not in `mapped` is filled with
    its fallback, if it has one. Returns `RowAccount`: rejects (`row`, `reason`, `detail`) and findings (`row`,
    `finding`, `column_name`, `detail`).
    """
    columns: dict[str, pd.Series] = {}
    account = RowAccount()
    decimal = _common_form(layer, mapped, _NUMERIC, detect_decimal_sign)
    detected_order = _common_form(layer, mapped, {"DATE"}, detect_day_first) if days_first is None else days_first
    previous, form = "", None  # a precision column follows its date column
    for column in layer.columns:
        if column.name in mapped:
            values = mapped[column.name]
            form = _date_format(column, values, detected_order, day_first_stated=days_first)
            converted, unreadable = _convert_column(column, values, decimal, form)
            converted, negative = _clear_negative_sizes(column, converted, values)
            columns[column.name], future = _clear_future_dates(column, converted, mapped)
            unsure, dated = _ambiguous_numbers(column, values, decimal), _date_findings(column, values, form)
            default = _find_default_dates(column, columns[column.name])
            for findings in (unreadable, negative, future, unsure, dated, default):
                account.add(findings=findings)
        elif column.vocabulary in FALLBACK and column.vocabulary is not None:
            columns[column.name] = pd.Series([_fallback(column)] * len(mapped), index=mapped.index, dtype=object)
        if column.vocabulary == "date_precision" and previous in mapped:
            as_written = _date_precision(mapped[previous], columns[previous], form)
            columns[column.name] = columns[column.name].mask(missing_mask(mapped, column.name), as_written)
        previous = column.name
    rows = pd.DataFrame(columns, index=mapped.index)
    for column in layer.own_columns:
        if column.required:
            account.add(rejects=_find_missing(column, rows))
    rejects = account.rejects
    return rows.drop(index=list(rejects["row"])) if len(rejects) else rows, account


def missing_mask(mapped: pd.DataFrame, column: str) -> pd.Series:
    """Return a mask of the mapped rows in which the file does not state a column.

    `column`: the name of a column. If `mapped` lacks it, no row states it. Returns: the mask, with the index of
    `mapped`.
    """
    return mapped[column].map(is_missing) if column in mapped else pd.Series(True, index=mapped.index)  # noqa: FBT003


def _date_precision(received: pd.Series, read: pd.Series, form: DateFormat | None) -> pd.Series:
    """Return the precision of the dates of a column, as they are written; `unknown` where none was read.

    If several dates are all 1 January, they stand for years; if all are the first of a month, they stand for months.
    """
    unit = form.unit if form else ""
    written = received[read.notna()].map(lambda value: detect_precision(value, unit=unit))
    days = read[written.index[written == "day"]].unique()
    if len(days) >= _FEWEST_ROWS and all(day.day == 1 for day in days):
        written = written.mask(written == "day", "year" if all(day.month == 1 for day in days) else "month")
    return written.reindex(read.index, fill_value=FALLBACK["date_precision"])


def find_duplicates(layer: Layer, rows: pd.DataFrame) -> pd.DataFrame:
    """Find rows that repeat an earlier row's code or cover exactly the same ground. Nothing is dropped.

    Points and areas that represent a place, as of incidents, may be shared by several rows, and are not compared.

    Returns: `row`, `finding` (duplicate_code, duplicate_geometry), `column_name`, `detail` (the earlier row's number).
    """
    findings = []
    if "code" in rows:
        findings.append(_find_repeats(rows["code"].dropna(), "duplicate_code", "code"))
    if isinstance(rows, gpd.GeoDataFrame) and layer is not INCIDENTS:
        geometries = rows.geometry[[shape is not None for shape in rows.geometry]]
        boxes = pd.DataFrame(shapely.bounds(np.asarray(geometries, dtype=object)))
        candidates = geometries[boxes.duplicated(keep=False).to_numpy()]  # equal ground has an equal bounding box
        prints = pd.Series(ground_prints(np.asarray(candidates, dtype=object)), index=candidates.index)
        findings.append(_find_repeats(prints, "duplicate_geometry", "geometry"))
    return concat_frames(findings, FINDING_COLUMNS)


def compare_hectares(rows: pd.DataFrame) -> pd.DataFrame:
    """Find rows with official hectares of 0, or with a difference of more than a tenth from the measured hectares.

    If most rows differ by the same factor, the register uses another unit, and there is one finding for the file.

    Returns: `row` (0: the file), `finding` (hectares_of_zero, hectares_differ, hectares_in_another_unit),
    `column_name`, `detail` (official / measured, or the unit).
    """
    if not {"area_official_ha", "area_ha"} <= {*rows}:
        return concat_frames([], FINDING_COLUMNS)
    official, measured = rows["area_official_ha"].astype("float64"), rows["area_ha"].astype("float64")
    zero = rows.index[(official == 0) & (measured > 0)]
    of_zero = _build_findings(
        zero, "hectares_of_zero", "area_official_ha", [f"0 / {measured[row]:.1f}" for row in zero]
    )
    comparable = rows.index[(official > 0) & (measured > 0)]
    ratio = official[comparable] / measured[comparable]
    unit = _find_unit(ratio)
    if unit:
        return concat_frames(
            [_build_findings([0], "hectares_in_another_unit", "area_official_ha", [unit]), of_zero], FINDING_COLUMNS
        )
    differing = ratio.index[(ratio > 1 + HECTARES_DIFFER) | (ratio < 1 / (1 + HECTARES_DIFFER))]
    details = [f"{official[row]:.10g} / {measured[row]:.1f}" for row in differing]
    return concat_frames(
        [_build_findings(differing, "hectares_differ", "area_official_ha", details), of_zero], FINDING_COLUMNS
    )


def _build_findings(rows: Collection[Any], finding: str, column: str, details: Collection[Any] | None) -> pd.DataFrame:
    return pd.DataFrame({"row": rows, "finding": finding, "column_name": column, "detail": details})


def _find_unit(ratio: "pd.Series[float]") -> str:
    """Return the unit other than hectares in which most areas are stated; empty if there is none."""
    ratios = ratio.to_numpy()
    for unit, factor in _UNITS.items():
        if len(ratios) >= _FEWEST_ROWS and (np.abs(ratios / factor - 1) <= HECTARES_DIFFER).mean() > 0.5:  # noqa: PLR2004  most
            return unit
    return ""


def join_geometry(rows: pd.DataFrame, geometry: gpd.GeoSeries) -> gpd.GeoDataFrame:
    """Join rows and their geometry; rows without geometry get None.

    `geometry`: geometries in OGC:CRS84 by row number. Numbers that are not in `rows` are ignored. Returns: the rows in
    their order, with `geometry` in OGC:CRS84.
    """
    return gpd.GeoDataFrame(rows, geometry=geometry.reindex(rows.index), crs=CRS)


def _common_form(layer: Layer, mapped: pd.DataFrame, kinds: Collection[str], detect: Callable[[pd.Series], Any]) -> Any:
    """Return the form that all columns of some types indicate, such as their decimal sign.

    It is None if the columns differ or indicate nothing.
    """
    columns = [column.name for column in layer.columns if column.type in kinds and column.name in mapped]
    answers = {detect(mapped[name]) for name in columns} - {None}
    return answers.pop() if len(answers) == 1 else None


def _date_format(
    column: Column,
    values: pd.Series,
    order: bool | None,  # noqa: FBT001
    *,
    day_first_stated: bool | None,
) -> DateFormat | None:
    """Return the date format of a column; None if it is not a column of dates.

    The order of day and month is the one stated for the file, or detected in the column, or in other columns.
    """
    if column.type != "DATE":
        return None
    form = detect_date_format(values, days_first=order)
    return form if day_first_stated is None else replace(form, days_first=day_first_stated)


def _date_findings(column: Column, received: pd.Series, form: DateFormat | None) -> pd.DataFrame:
    """Return one finding for each assumption about, or oddity of, the dates of a column."""
    if form is None or not (values := find_oddities(received, form)):
        return _NO_FINDINGS
    return pd.concat(
        [_build_findings([0], name, column.name, [example]) for name, example in values], ignore_index=True
    )


def _ambiguous_numbers(column: Column, values: pd.Series, decimal: str | None) -> pd.DataFrame:
    """Return one finding if numbers of a column such as 1.234 were read as decimals but could be thousands."""
    if column.type != "DOUBLE" or (detect_decimal_sign(values) or decimal) is not None:
        return _NO_FINDINGS
    ambiguous = [value for value in values.dropna().unique() if is_ambiguous(value)]
    if not ambiguous:
        return _NO_FINDINGS
    return _build_findings([0], "thousands_or_decimals", column.name, [str(ambiguous[0])])


def _convert_column(
    column: Column, values: pd.Series, decimal: str | None, form: DateFormat | None
) -> tuple[pd.Series, pd.DataFrame]:
    """Convert a column, each distinct value once, because columns repeat a few values over thousands of rows."""
    if column.type == "DOUBLE" and values.dtype.kind in "iuf":
        return values.astype("float64"), _NO_FINDINGS
    if column.type == "INTEGER" and values.dtype.kind in "iu" and _is_small(values):
        return values.astype(object), _NO_FINDINGS
    convert = build_converter(column.type, values, decimal=decimal, date_format=form)
    places, distinct = pd.factorize(values, use_na_sentinel=False)
    if convert is parse_text and column.vocabulary is None and column.name not in {"code", *_FORMS}:  # no text is wrong
        texts = [(value.strip() or None) if isinstance(value, str) else parse_text(value) for value in distinct]
        if column.name == "holder":
            texts = [None if text is None or text.casefold() in _NO_HOLDER else text for text in texts]
        return pd.Series(np.array(texts, dtype=object)[places], index=values.index, dtype=object), _NO_FINDINGS
    results = np.empty(len(distinct), dtype=object)
    is_unreadable = np.zeros(len(distinct), dtype=bool)
    for i, value in enumerate(distinct):
        results[i] = _fallback(column)
        if not is_missing(value):
            try:
                results[i] = _check_code(column, convert(value))
            except (ValueError, OverflowError):
                is_unreadable[i] = True
    converted = pd.Series(results[places], index=values.index, dtype=object)
    return converted, _unreadable_findings(
        column, values, is_unreadable[places]
    ) if is_unreadable.any() else _NO_FINDINGS


def _unreadable_findings(column: Column, received: pd.Series, is_wrong: Any) -> pd.DataFrame:
    """Return a finding for each value that was left out, with the received value."""
    finding = "not_in_vocabulary" if column.vocabulary else "not_readable"
    return _build_findings(
        received.index[is_wrong], finding, column.name, [str(value)[:200] for value in received[is_wrong]]
    )


def _is_small(values: pd.Series) -> bool:
    """Return whether no whole number of a column is missing, and all fit into an INTEGER."""
    return not values.hasnans and bool(values.between(-LARGEST_INTEGER, LARGEST_INTEGER).all())


def _clear_negative_sizes(column: Column, converted: pd.Series, received: pd.Series) -> tuple[pd.Series, pd.DataFrame]:
    """Empty negative sizes, such as the -9999 that programs write for an unknown value."""
    if column.name not in _SIZES or not (is_negative := pd.to_numeric(converted, errors="coerce") < 0).any():
        return converted, _NO_FINDINGS
    return converted.mask(is_negative, None), _unreadable_findings(column, received, is_negative)


def _clear_future_dates(column: Column, converted: pd.Series, mapped: pd.DataFrame) -> tuple[pd.Series, pd.DataFrame]:
    """Empty dates of past events that are more than `_AHEAD_YEARS` years after the file's date.

    The calendar of Nepal, for example, counted 2073 in 2016.
    """
    if column.type != "DATE" or column.name in _EXEMPT_DATES or "snapshot_on" not in mapped or mapped.empty:
        return converted, _NO_FINDINGS
    last = int(str(mapped["snapshot_on"].iloc[0])[:4]) + _AHEAD_YEARS
    is_future = converted.map(lambda date: not is_missing(date) and date.year > last).to_numpy(dtype=bool)
    if not is_future.any():
        return converted, _NO_FINDINGS
    return converted.mask(is_future, None), _unreadable_findings(column, mapped[column.name], is_future)


def _find_default_dates(column: Column, converted: pd.Series) -> pd.DataFrame:
    """Find dates that programs write for an unknown date: the first dates of their calendars."""
    if column.type != "DATE":
        return _NO_FINDINGS
    default_dates = converted[converted.isin(_DEFAULT_DATES)]
    return _build_findings(default_dates.index, "default_date", column.name, default_dates.map(str).to_numpy())


def _check_code(column: Column, value: object) -> object:
    if column.name == "code":
        return parse_code(value)
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


def _find_missing(column: Column, rows: pd.DataFrame) -> pd.DataFrame:
    missing = rows.index if column.name not in rows else rows.index[rows[column.name].map(is_missing)]
    return pd.DataFrame({"row": missing, "reason": "required_column_empty", "detail": column.name})


def _find_repeats(values: pd.Series, finding: str, column: str) -> pd.DataFrame:
    if values.is_unique:
        return _NO_FINDINGS
    first = pd.Series(values.index, index=values.index).groupby(values, sort=False).transform("first")
    repeats = first[first != first.index]
    return _build_findings(repeats.index, finding, column, repeats.astype(str).to_numpy())


def find_vertices(placed: gpd.GeoDataFrame, orders: pd.DataFrame) -> pd.Index:
    """Return the rows that are vertices of boundaries, one per row, as decrees print them.

    Such a row is not a place of its own. Three or more such points share a code (or a name, if no row has a code), and
    a field numbers them.

    `placed`: rows by row number, in any CRS, with `code` or `name`. Without either, no vertex is found.
    """
    is_point = shapely.get_type_id(placed.geometry.to_numpy()) == shapely.GeometryType.POINT
    if not is_point.any():
        return pd.Index([])
    points: pd.DataFrame = placed[is_point]
    key_columns = [name for name in ("code", "name") if name in points and points[name].notna().any()]
    if not key_columns:
        return pd.Index([])
    keys = points[key_columns[0]]
    shared: pd.Index[Any] = points.index[keys.notna() & (keys.map(keys.value_counts()) >= _FEWEST_VERTICES)]
    is_numbered = any(_numbers_points(keys[shared], orders[name].reindex(shared)) for name in orders)
    return shared if len(shared) * 2 > len(points) and is_numbered else shared[:0]


def _numbers_points(keys: pd.Series, order: pd.Series) -> bool:
    """Return whether a field numbers the points of each boundary anew."""
    texts = order.map(parse_text)
    is_distinct = not pd.DataFrame({"key": keys, "order": texts}).duplicated().any()
    return bool(texts.notna().all()) and is_distinct and (texts.nunique() < len(texts) or len(set(keys)) == 1)


# Communities without a recorded place. They are listed by name, and not measured.


def find_sums_and_notes(rows: pd.DataFrame, received: pd.DataFrame) -> pd.Index:
    """Return the rows without geometry that are not communities either: sums, and notes below a table.

    A sum is recognised by its name or code. A note fills one cell of a table that otherwise fills more, or none.
    """
    filled = ~received.loc[rows.index].map(is_missing)
    used = received.columns[~received.map(is_missing).all()]
    places = [name for name in rows.columns if name in {"name", "code"}]
    named = pd.DataFrame(rows[places]).map(lambda value: "" if is_missing(value) else fold(str(value)).strip())
    is_sum = named.map(lambda text: bool(_SUMS.match(text))).any(axis=1)
    is_named = named.map(lambda text: any(map(str.isalnum, text))).any(axis=1)
    return rows.index[is_sum | ~is_named | (filled.sum(axis=1) < min(2, len(used)))]


def find_missing_places(rows: pd.DataFrame) -> pd.DataFrame:
    """Find the communities without geometry.

    `rows`: communities by row number, with `geometry` (None where unknown). Returns: one row per finding: `row`,
    `finding` (no_place), `column_name` (geometry), `detail` (None).
    """
    return _build_findings(rows.index[rows["geometry"].isna()], "no_place", "geometry", None)
