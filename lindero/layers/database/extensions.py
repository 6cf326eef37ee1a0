"""DuckDB extensions, loaded from their Python packages without network access."""

import mmap
from importlib import import_module
from pathlib import Path

import duckdb

from lindero.layers.database import literals

_EXTENSION_BYTES = 512 * 1024**2  # of address space: `spatial` and `httpfs` take about 450 MB


def load_extension(con: duckdb.DuckDBPyConnection, name: str) -> None:
    """Load DuckDB's `spatial` or `httpfs` extension from its Python package, without network access.

    `name`: `spatial` or `httpfs`.
    """
    try:
        mmap.mmap(-1, _EXTENSION_BYTES).close()  # reserved only, never touched
    except OSError as error:
        raise MemoryError from error
    package = import_module(f"duckdb_extension_{name}")
    file = next(Path(str(package.__file__)).parent.rglob(f"{name}.duckdb_extension"))
    con.execute(f"LOAD {literals.quote_text(file)}")
