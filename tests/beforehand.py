"""
What processes that tests fork would each do anew, done before they are: kernels compiled, Arrow's readers, ground read.

To take one kernel from the disk loads all of numba (0.4 seconds), and the countries' outlines a reader of Parquet; to
check the signature of DuckDB's `spatial` takes 0.3 seconds, and to find the texts of pocket maps in their script 0.1.
What a process does that begins anew is held by tests/geo/kernels/test_first_use.py and tests/whole/test_starting.py.
"""

from importlib import import_module

from lindero.app.media.phone import client_words
from lindero.geo import first_use
from lindero.layers.database import extensions, map_database
from lindero.layers.reference import base_data


def load() -> None:
    """Compile the kernels, read the ground, check what extends the database, and find the texts of pocket maps."""
    import_module("pyarrow.dataset")
    first_use.main()
    for read in (
        base_data.load_countries,
        base_data.load_regions,
        base_data.load_provinces,
        base_data.load_places,
        base_data.load_rivers,
    ):
        read()
    client_words.extract_messages()
    check_extensions()
    map_database._OFFLINE["allow_unsigned_extensions"] = "true"


def check_extensions() -> None:
    """Let DuckDB check the signatures of its extensions: their files do not change while tests run."""
    con = map_database.open_in_memory()
    for name in ("httpfs", "spatial"):
        extensions.load_extension(con, name)
    con.close()
