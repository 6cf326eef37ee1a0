"""Integrity checks of a built map.

The database stores a checksum of each block and verifies it on reading.
"""

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


def check_map(path: Path) -> None:
    """Read every row of the map at `path`, so that each block is verified."""
    with _open_map(path) as con:
        for (table,) in con.execute("SELECT table_name FROM duckdb_tables() WHERE database_name = 'map'").fetchall():
            con.execute(f'SELECT sum(hash(t)::HUGEINT) FROM "{table}" t').fetchone()


def check_map_opens(path: Path) -> None:
    """Check that the map at `path` can be opened, without reading its rows.

    This is enough if the checksum of the whole file was verified before.
    """
    with _open_map(path):
        pass


@contextmanager
def _open_map(path: Path) -> Generator[Connection]:
    if not path.is_file():
        raise gone_error(path)
    try:
        with closing(map_database.connect(path)) as con:
            yield con
    except (duckdb.Error, NotBuiltError) as error:
        raise damaged_error(path) from error


def to_damage_error(fault: Exception) -> DamagedMapError:
    """Convert a database error to a DamagedMapError, for a caller that does not know the path of the map."""
    return DamagedMapError(N_("a file of the map cannot be read: {why}"), why=str(fault).partition("\n")[0])


def damaged_file_error(name: str) -> DamagedMapError:
    """Return the error for a damaged file beside the map.

    Answers stay the same without that file, but take longer.
    """
    return DamagedMapError(
        N_("{name}, a file that speeds up the map, is damaged on the disk; answers stay the same but take longer"),
        name=name,
    )


def gone_error(path: Path) -> DamagedMapError:
    """Return the error for a map file that no longer exists."""
    return DamagedMapError(N_("the map file {name} no longer exists"), name=path.name)


def damaged_error(path: Path) -> DamagedMapError:
    """Return the error for a map file that cannot be read completely."""
    return DamagedMapError(N_("the map file {name} is damaged on the disk"), name=path.name)


# Whether the DuckDB extensions, which come as Python packages, are installed and can be loaded.


def check_extensions() -> dict[str, str]:
    """Load each DuckDB extension and return the errors.

    Returns: the first line of the error by extension name (`spatial`, `httpfs`). Empty if all of them load.
    """
    return {name: why for name in NAMES if (why := _check_extension(name))}


def _check_extension(name: str) -> str:
    with closing(map_database.open_in_memory()) as con:
        try:
            extensions.load_extension(con, name)
        except (ImportError, StopIteration, duckdb.Error) as error:
            return str(error).partition("\n")[0] or type(error).__name__
    return ""
