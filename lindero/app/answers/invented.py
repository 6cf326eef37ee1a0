"""The mark of invented data: one warning per map, and one column in each file of an answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from lindero.app.text.i18n import _
from lindero.layers.database.queries.map_queries import has_invented_data

if TYPE_CHECKING:
    import pandas as pd

    from lindero.layers.database.map_database import Connection

COLUMN = "invented"


def invented_data_text(con: Connection) -> str:
    """Return a warning if any data on the map are invented; otherwise an empty text."""
    return warning_text() if has_invented_data(con) else ""


def warning_text() -> str:
    """Return the warning about a map with invented data."""
    return _("Invented data: this map is a demonstration. Nothing from its sources marked as invented is real.")


def short_mark() -> str:
    """Return the mark for a legend or an SMS."""
    return _("Invented data")


def mark_invented_rows(rows: pd.DataFrame, sources: Mapping[str, bool]) -> pd.DataFrame:
    """Return the rows of an answer with a column `invented`, because the names in them do not say it.

    A row is invented if one of its ids is of an invented source. A row without an id of any source, such as a total of
    a region, is marked as well, because invented data may be in it. If no source is invented, rows are unchanged.
    """
    invented = tuple(f"{source}/" for source, is_invented in sources.items() if is_invented)
    if not invented or COLUMN in rows:
        return rows
    ids = [name for name in map(str, rows.columns) if name == "id" or name.endswith("_id")]
    texts = rows[ids].astype("string").fillna("") + "/"  # also a column that holds the id of the source
    is_known = texts.apply(lambda column: column.str.startswith(tuple(f"{source}/" for source in sources)))
    is_invented = texts.apply(lambda column: column.str.startswith(invented))
    return rows.assign(**{COLUMN: is_invented.any(axis=1) | ~is_known.any(axis=1)})
