"""SQL literals, for queries that must run without pandas: DuckDB loads pandas as soon as a query has a parameter.

Numbers and layer names are written as literals, and so are paths and comments where SQL takes no parameters. Ids and
text that a person typed are never literals: they are parameters, or, without pandas, an array
(`queries.row_values.query_texts`).
"""

from collections.abc import Mapping
from pathlib import Path


def format_number(value: float) -> str:
    """Format a number as an SQL literal, without losing digits."""
    return repr(float(value))


def quote_text(value: str | Path) -> str:
    """Quote a text or path as an SQL literal; quotation marks in it are doubled."""
    return "'" + str(value).replace("'", "''") + "'"


def fill_numbers(query: str, numbers: Mapping[str, float]) -> str:
    """Replace the named parameters of a query by numbers."""
    for name, value in numbers.items():
        query = query.replace(f"${name}", format_number(value))
    return query
