"""Whether the extensions of the database, which come as Python packages, are there and can be loaded."""

from contextlib import closing

import duckdb

from lindero.layers.database import map_database

NAMES = ("spatial", "httpfs")


def faults() -> dict[str, str]:
    """Load each extension from its package, and give why it cannot be, by name; empty if all are loaded."""
    return {name: why for name in NAMES if (why := _fault(name))}


def _fault(name: str) -> str:
    with closing(map_database.in_memory()) as con:
        try:
            map_database.load_extension(con, name)
        except (ImportError, StopIteration, duckdb.Error) as error:
            return str(error).partition("\n")[0] or type(error).__name__
    return ""
