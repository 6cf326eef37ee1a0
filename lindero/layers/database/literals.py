"""
Values as they stand in SQL, for what is to be answered without pandas: DuckDB loads it for any parameter.

Numbers and names of layers are written so, and paths and comments, where SQL takes no parameter. What a person typed,
and an id, never is: it is a parameter, or without pandas in an array (`queries.row_values.rows_for`).
"""

from collections.abc import Mapping
from pathlib import Path


def number(value: float) -> str:
    """Write a number, to its last digit."""
    return repr(float(value))


def text(value: str | Path) -> str:
    """Write a text, or a path: a quotation mark in it is doubled, and nothing else has a meaning."""
    return "'" + str(value).replace("'", "''") + "'"


def fill(query: str, numbers: Mapping[str, float]) -> str:
    """Put numbers into a query in the place of the parameters of their names."""
    for name, value in numbers.items():
        query = query.replace(f"${name}", number(value))
    return query
