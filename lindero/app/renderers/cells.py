"""The cells of tables: what each says, in the reader's language and numbers."""

import datetime as dt
from typing import Any

import pandas as pd

from lindero.app.answers.answer import Column, Table
from lindero.app.text import i18n
from lindero.layers.model.parse_values import is_null

UNKNOWN = "–"


def column(name: str, column: Column, rows: pd.DataFrame, every: pd.DataFrame) -> dict[str, Any]:
    """Write one column of `rows`, with as many decimals as the numbers of `every` row need, as JSON can hold it."""
    decimals = _decimals(every[name], column)
    told: dict[str, Any] = {"name": name, "label": column.label, "kind": column.kind}
    told["texts"] = [text(value, column.kind, decimals) for value in rows[name]]
    if column.kind in {"number", "share"}:
        told["values"] = [None if is_null(value) else float(value) for value in rows[name]]
    notes = [["" if is_null(value) else str(value) for value in rows[column.note]]] if column.note else []
    if column.between:
        spans = list(zip(*(rows[end] for end in column.between), strict=True))
        notes.insert(0, [between(low, high, column.kind, decimals) for low, high in spans])
        told["spans"] = [None if is_null(low) else [float(low), float(high)] for low, high in spans]
    if notes:
        told["notes"] = ["; ".join(filter(None, each)) for each in zip(*notes, strict=True)]
    if column.link:
        told["hrefs"] = [f"/{value}" if value else None for value in rows[column.link]]
    return told


def texts(table: Table) -> dict[str, list[str]]:
    """Return the cells of each column of a table by its label, each with the note under it."""
    written: dict[str, list[str]] = {}
    for name, each in table.columns.items():
        if name in table.rows:
            told = column(name, each, table.rows, table.rows)
            notes = told.get("notes", [""] * len(table.rows))
            written[each.label] = [" ".join(filter(None, cell)) for cell in zip(told["texts"], notes, strict=True)]
    return written


def text(value: Any, kind: str, decimals: int = 0) -> str:
    """Write one value."""
    if is_null(value):
        return UNKNOWN
    if kind == "share":
        return i18n.percent(float(value))
    if kind == "number":
        return i18n.number(float(value), decimals=decimals)
    if isinstance(value, dt.date):
        return i18n.date(value)
    return str(value) or UNKNOWN


def between(low: Any, high: Any, kind: str, decimals: int = 0) -> str:
    """Write how small and how large a value may be: once, where that is the same; empty where it is not known."""
    if is_null(low):
        return ""
    ends = [text(end, kind, decimals) for end in (low, high)]
    return "\u00a0–\u00a0".join(dict.fromkeys(ends))


def _decimals(values: "pd.Series[Any]", column: Column) -> int:
    if column.kind != "number":
        return 0
    numbers = pd.to_numeric(values, errors="coerce").dropna()
    return 0 if (numbers == numbers.round()).all() else 1
