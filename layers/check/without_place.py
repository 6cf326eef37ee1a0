"""Communities that have no place on record: they are listed by their names, and nothing is measured of them."""

import re

import pandas as pd

from lindero.layers.formats.encodings import folded
from lindero.layers.model.parse_values import is_missing

_SUMS = re.compile(r"(sub ?)?total(es|s|is)?\b|(gran|grand) total\b|suma\b|soma\b|sum\b")


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
    named = pd.DataFrame(rows[places]).map(lambda value: "" if is_missing(value) else folded(str(value)).strip())
    is_sum = named.map(lambda text: bool(_SUMS.match(text))).any(axis=1)
    is_named = named.map(lambda text: any(map(str.isalnum, text))).any(axis=1)
    return rows.index[is_sum | ~is_named | (filled.sum(axis=1) < min(2, len(used)))]


def found(rows: pd.DataFrame) -> pd.DataFrame:
    """Find the communities that have no place: `row`, `finding` (no_place), `column_name`, `detail`."""
    there = rows.index[rows["geometry"].isna()]
    return pd.DataFrame({"row": there, "finding": "no_place", "column_name": "geometry", "detail": None})
