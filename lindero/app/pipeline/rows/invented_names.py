"""The mark in the names of invented rows, on a map that also has real rows of their layer."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from lindero.app.pipeline.rows.row_report import IngestedSource
    from lindero.layers.workspace.manifest_file import SourceEntry, Workspace

MARK = " (inventado)"
_MARKS = (MARK, " (inventada)")


def needs_marked_names(entry: SourceEntry, space: Workspace) -> bool:
    """Return whether a source is invented and another source of its layer is not."""
    return entry.invented and any(source.layer == entry.layer and not source.invented for source in space.sources)


def mark_names(ingested: IngestedSource, *, among: Workspace) -> IngestedSource:
    """
    Return a source with the mark after the name or title of each row that does not have it.

    A source that needs no mark in the workspace `among` is returned as it is.
    """
    if not needs_marked_names(ingested.entry, among):
        return ingested
    return replace(ingested, tables={name: _mark_rows(rows) for name, rows in ingested.tables.items()})


def _mark_rows(rows: pd.DataFrame) -> pd.DataFrame:
    names = {name: rows[name].astype("string") for name in ("name", "title") if name in rows}
    marked = {name: texts.where(texts.str.endswith(_MARKS), texts + MARK) for name, texts in names.items()}
    return rows.assign(**marked)
