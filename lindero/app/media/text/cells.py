"""The cells of tables as text, in the reader's language and number format."""

import datetime as dt
from typing import Any

import pandas as pd

from lindero.app.answers.answer import Column, Table
from lindero.app.text import i18n
from lindero.layers.model.parse_values import is_null

UNKNOWN = "–"


def format_column(name: str, column: Column, rows: pd.DataFrame, all_rows: pd.DataFrame) -> dict[str, Any]:
    """Return one column of `rows` as values for JSON: texts, numbers, notes and links.

    Numbers have as many decimals as the rows of the whole table (`all_rows`) need.
    """
    decimals = _count_decimals(all_rows[name], column)
    formatted: dict[str, Any] = {"name": name, "label": column.label, "kind": column.kind}
    formatted["texts"] = [format_cell(value, column.kind, decimals) for value in rows[name]]
    if column.kind in {"number", "share"}:
        formatted["values"] = [None if is_null(value) else float(value) for value in rows[name]]
    notes = [["" if is_null(value) else str(value) for value in rows[column.note]]] if column.note else []
    if column.between:
        spans = list(zip(*(rows[end] for end in column.between), strict=True))
        notes.insert(0, [format_range(low, high, column.kind, decimals) for low, high in spans])
        formatted["spans"] = [None if is_null(low) else [float(low), float(high)] for low, high in spans]
    if notes:
        formatted["notes"] = ["; ".join(filter(None, cell_notes)) for cell_notes in zip(*notes, strict=True)]
    if column.link:
        formatted["hrefs"] = [f"/{value}" if value else None for value in rows[column.link]]
    return formatted


def format_cells(table: Table) -> dict[str, list[str]]:
    """Return the cells of each column of a table by its label, each with its note appended."""
    cells_by_label: dict[str, list[str]] = {}
    for name, spec in table.columns.items():
        if name in table.rows:
            formatted = format_column(name, spec, table.rows, table.rows)
            notes = formatted.get("notes", [""] * len(table.rows))
            cells_by_label[spec.label] = [
                " ".join(filter(None, cell)) for cell in zip(formatted["texts"], notes, strict=True)
            ]
    return cells_by_label


def format_cell(value: Any, kind: str, decimals: int = 0) -> str:
    """Format one value as text; an unknown one is a dash."""
    if is_null(value):
        return UNKNOWN
    if kind == "share":
        return i18n.format_share(float(value))
    if kind == "number":
        return i18n.format_number(float(value), decimals=decimals)
    if isinstance(value, dt.date):
        return i18n.format_long_date(value)
    return str(value) or UNKNOWN


def format_range(low: Any, high: Any, kind: str, decimals: int = 0) -> str:
    """Format the range of a value as text: one number if both ends are equal, empty if the range is not known."""
    if is_null(low):
        return ""
    ends = [format_cell(end, kind, decimals) for end in (low, high)]
    return "\u00a0–\u00a0".join(dict.fromkeys(ends))


def _count_decimals(values: "pd.Series[Any]", column: Column) -> int:
    if column.kind != "number":
        return 0
    numbers = pd.to_numeric(values, errors="coerce").dropna()
    return 0 if (numbers == numbers.round()).all() else 1
