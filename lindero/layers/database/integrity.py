"""Whether a built map is whole on the disk: the database holds a checksum of each block, and looks at it on reading."""

from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path

import duckdb

from lindero.layers.database import extensions, map_database
from lindero.layers.database.map_database import Connection
from lindero.layers.errors import N_, DamagedMapError, NotBuiltError

DAMAGE = (duckdb.IOException, duckdb.FatalException, duckdb.InternalException, duckdb.SerializationException)
"""What a query on a damaged map raises."""
NAMES = ("spatial", "httpfs")


def check(path: Path) -> None:
    """
    Read every row of the map at `path`.

    Raises
    ------
    DamagedMapError
        If the file is gone, or a part of it cannot be read.
    """
    with _opened(path) as con:
        for (table,) in con.execute("SELECT table_name FROM duckdb_tables() WHERE database_name = 'map'").fetchall():
            con.execute(f'SELECT sum(hash(t)::HUGEINT) FROM "{table}" t').fetchone()


def check_opens(path: Path) -> None:
    """
    Open the map at `path`, and read none of its rows: enough where the whole file fits its checksum.

    Raises
    ------
    DamagedMapError
        If the file is gone, or cannot be opened.
    """
    with _opened(path):
        pass


@contextmanager
def _opened(path: Path) -> Generator[Connection]:
    if not path.is_file():
        raise gone_error(path)
    try:
        with closing(map_database.connect(path)) as con:
            yield con
    except (duckdb.Error, NotBuiltError) as error:
        raise damaged_error(path) from error


def in_words(fault: Exception) -> DamagedMapError:
    """Give the error to raise of what a query has met, where the map that it was put to is not known."""
    return DamagedMapError(N_("a file of the map cannot be read: {why}"), why=str(fault).partition("\n")[0])


def damaged_beside(name: str) -> DamagedMapError:
    """Give the error to raise of a file beside the map, without which every answer is the same, and later."""
    return DamagedMapError(
        N_("{name}, beside the map, is damaged on the disk; answers are given without it"), name=name
    )


def gone_error(path: Path) -> DamagedMapError:
    """Give the error to raise of a map that is not there any more."""
    return DamagedMapError(N_("{name}, the map, is gone"), name=path.name)


def damaged_error(path: Path) -> DamagedMapError:
    """Give the error to raise of a map that cannot be read to its end."""
    return DamagedMapError(N_("{name}, the map, is damaged on the disk"), name=path.name)


# Whether the extensions of the database, which come as Python packages, are there and can be loaded.


def faults() -> dict[str, str]:
    """Load each extension from its package, and give why it cannot be, by name; empty if all are loaded."""
    return {name: why for name in NAMES if (why := _fault(name))}


def _fault(name: str) -> str:
    with closing(map_database.in_memory()) as con:
        try:
            extensions.load_extension(con, name)
        except (ImportError, StopIteration, duckdb.Error) as error:
            return str(error).partition("\n")[0] or type(error).__name__
    return ""
