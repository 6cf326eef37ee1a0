"""The mark in names of rows, on a map that has invented and real rows of one layer."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from lindero.app.builder.rows.row_report import IngestedSource
    from lindero.layers.workspace.manifest_file import SourceEntry, Workspace

INVENTED_MARK = " (inventado)"
REAL_MARK = " (real)"
_OTHER_MARKS = (" (inventada)",)  # in files of others


def choose_mark(entry: SourceEntry, space: Workspace) -> str:
    """Return the mark for the names of a source's rows; an empty text if they need none.

    Where invented and real sources share a layer, those of which the workspace has fewer sources are marked: the
    invented ones on a map of real data, the real ones in a demonstration.
    """
    if all(source.invented == entry.invented for source in space.sources if source.layer == entry.layer):
        return ""
    invented = sum(source.invented for source in space.sources)
    marks_invented = 2 * invented <= len(space.sources)
    if entry.invented != marks_invented:
        return ""
    return INVENTED_MARK if entry.invented else REAL_MARK


def mark_names(ingested: IngestedSource, *, among: Workspace) -> IngestedSource:
    """Return a source with its mark after the name or title of each row that does not have it.

    A source that needs no mark in the workspace `among` is returned as it is.
    """
    mark = choose_mark(ingested.entry, among)
    if not mark:
        return ingested
    return replace(ingested, tables={name: _mark_rows(rows, mark) for name, rows in ingested.tables.items()})


def _mark_rows(rows: pd.DataFrame, mark: str) -> pd.DataFrame:
    names = {name: rows[name].astype("string") for name in ("name", "title") if name in rows}
    marked = {
        name: texts.where(texts.str.endswith((mark, *_OTHER_MARKS)), texts + mark) for name, texts in names.items()
    }
    return rows.assign(**marked)
