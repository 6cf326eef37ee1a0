"""Received rows as the rows of layers, by a field mapping: values moved, translated and converted, none checked."""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from lindero.layers.model.layer import Layer
from lindero.layers.model.parse_values import detect_decimal_sign, is_missing, parse_number, parse_text
from lindero.layers.model.schema import LAYERS
from lindero.layers.read.reader import ReceivedLayer
from lindero.layers.sources.mapping import ANY, Constant, FieldMapping, fillable_columns, normalise_text, used_fields

_AREA = "area_official_ha"
_QUARTER = re.compile(r"(\d{4})0([1-4])")


def apply_mapping(mapping: FieldMapping, received: ReceivedLayer) -> dict[str, pd.DataFrame]:
    """Map the received rows to the columns of each layer.

    Values are not yet checked, and no row is dropped from the mapping's own layer.

    `mapping`: the mapping of the file; `check_mapping` checks that it fits.
    """
    fields = used_fields(mapping, received)
    received_rows = _clear_person_names(received.rows, mapping.persons)
    tables = {mapping.layer: _map_table(LAYERS[mapping.layer], fields, mapping.constants, mapping.codes, received_rows)}
    for column in mapping.quarters:
        tables[mapping.layer][column] = tables[mapping.layer][column].map(_quarter_start)
    for column in mapping.removes.keys() & fields.keys():
        tables[mapping.layer][column] = _remove_matches(tables[mapping.layer][column], mapping.removes[column])
    if mapping.unit and _AREA in fields:
        tables[mapping.layer][_AREA] = _convert_areas(received_rows, fields[_AREA], mapping.unit)
    for derived in mapping.derived:
        rows = received_rows
        if derived.only is not None:
            name, allowed_values = derived.only
            rows = rows[rows[name].map(normalise_text).isin(allowed_values)] if name in rows else rows.iloc[:0]
        chosen = {c: next((n for n in names if n in rows), "") for c, names in derived.fields.items()}
        chosen = {column: name for column, name in chosen.items() if name}
        if derived.split_column in chosen:
            rows = _explode_codes(rows, chosen[derived.split_column])
        derived_table = _map_table(LAYERS[derived.layer], chosen, derived.constants, derived.codes, rows)
        tables[derived.layer] = (
            pd.concat([tables[derived.layer], derived_table]) if derived.layer in tables else derived_table
        )
    if mapping.accuracy_m is not None and "boundary_accuracy_m" not in fields:
        tables[mapping.layer]["boundary_accuracy_m"] = mapping.accuracy_m
    return tables


def _map_table(
    layer: Layer,
    fields: Mapping[str, str],
    constants: Mapping[str, Constant],
    codes: Mapping[str, Mapping[str, str]],
    rows: pd.DataFrame,
) -> pd.DataFrame:
    mapped = pd.DataFrame(index=rows.index)
    for column in fillable_columns(layer):
        if column.name in fields:
            mapped[column.name] = rows[fields[column.name]]
        elif column.name in constants:
            mapped[column.name] = constants[column.name]
    for column in layer.own_columns:
        if column.vocabulary and column.name in mapped:
            received = mapped[column.name] if column.name in fields else None
            mapped[f"{column.name}_received"] = received if received is None else received.map(_text)
            mapped[column.name] = translate_codes(mapped[column.name], codes.get(column.name, {}))
    return mapped


def _quarter_start(value: object) -> object:
    quarter = _QUARTER.fullmatch(parse_text(value) or "")
    return f"{quarter[1]}-{3 * int(quarter[2]) - 2:02}-01" if quarter else value


def _remove_matches(values: pd.Series, pattern: str) -> pd.Series:
    return values.map(lambda value: re.sub(pattern, "", value).strip() if isinstance(value, str) else value)


def _convert_areas(rows: pd.DataFrame, field: str, unit: Mapping[str, Any]) -> pd.Series:
    """Convert stated areas to hectares by the unit of the file or of their row. Without a known unit it is unknown."""
    factors = pd.Series(unit["hectares"], index=rows.index)
    if "field" in unit:
        hectares = {normalise_text(name): factor for name, factor in unit["hectares"].items()}
        units = rows[unit["field"]] if unit["field"] in rows else pd.Series("", index=rows.index)
        factors = units.map(lambda name: hectares.get(normalise_text(name)))
    sign = detect_decimal_sign(rows[field])
    areas = [
        None if is_missing(factor) else _multiply(value, factor, sign)
        for value, factor in zip(rows[field], factors, strict=True)
    ]
    return pd.Series(areas, index=rows.index, dtype=object)


def _multiply(value: object, factor: float, decimal: str | None) -> object:
    """Return a received number times a factor; what is not a number stays as received, to be reported as such."""
    try:
        number = parse_number(value, decimal=decimal)
    except ValueError:
        return value
    return None if number is None else number * factor


def _explode_codes(rows: pd.DataFrame, field: str) -> pd.DataFrame:
    """Return one row for each code in the cells of a field; rows without a code are dropped."""
    codes = rows[field].map(lambda cell: [] if is_missing(cell) else [part.strip() for part in str(cell).split(";")])
    return rows.assign(**{field: codes}).explode(field).dropna(subset=[field])


def _clear_person_names(rows: pd.DataFrame, persons: str | None) -> pd.DataFrame:
    """Empty the cells that repeat the name of the person in their row, such as a place described by who died there."""
    if persons not in rows:
        return rows
    names = [normalise_text(name) if not is_missing(name) else None for name in rows[persons]]
    emptied = {
        field: [
            None if name and isinstance(value, str) and name in normalise_text(value) else value
            for name, value in zip(names, rows[field], strict=True)
        ]
        for field in rows
    }
    return pd.DataFrame(emptied, index=rows.index, dtype=object)


def _text(value: object) -> str | None:
    return None if is_missing(value) else str(value)


def translate_codes(values: pd.Series, codes: Mapping[str, str]) -> pd.Series:
    """Translate values to codes, each distinct value once; values without a meaning stay as received."""
    meanings = {normalise_text(key): code for key, code in codes.items()}
    places, distinct = pd.factorize(values, use_na_sentinel=False)
    meant = np.array([_find_code(value, meanings) for value in distinct], dtype=object)
    return pd.Series(meant[places], index=values.index, dtype=object)


def _find_code(value: object, meanings: Mapping[str, str]) -> str | None:
    text = _text(value)
    if text is None:
        return None
    whole = normalise_text(text)
    beginnings = (key for key in meanings if key != ANY and key.endswith(ANY) and whole.startswith(key[: -len(ANY)]))
    keys = whole, whole.partition(" - ")[0], max(beginnings, key=len, default=""), ANY
    matching_codes = (meanings.get(key) for key in keys)
    return next((code for code in matching_codes if code), text.strip())
