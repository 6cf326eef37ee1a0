"""
Tables measured from the layers of a map, in a file beside the map, so that they are measured once.

The first answer writes what it measured, and later answers of any process read it. The file contains a hash of
everything that was measured: rows, polygons, code and libraries. If anything differs, the tables are measured again.
They come from the map and the workspace's rivers only, so the file holds nothing of the vault. A file that is damaged
or cannot be written costs time only.
"""

import hashlib
import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyarrow as pa

import lindero.geo
from lindero.app.derived import damage
from lindero.app.derived.dask_engine import computation_versions
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Connection
from lindero.layers.disk import builds, checksums
from lindero.layers.errors import DamagedMapError

_KEY = b"measured_from"


def hash_inputs(frames: Iterable[gpd.GeoDataFrame], texts: Iterable[str] = (), files: Iterable[Path] = ()) -> str:
    """
    Return a hash of everything that tables are measured from.

    Parameters
    ----------
    frames
        Rows with geometry, with only the columns that matter.
    texts
        Other values that matter.
    files
        Data files, and code outside `lindero.geo`.
    """
    hashed = hashlib.blake2b(repr((computation_versions(), *texts)).encode(), digest_size=16)
    for file in (*sorted(Path(lindero.geo.__path__[0]).rglob("*.py")), *files):
        hashed.update(file.read_bytes())
    for frame in frames:
        hashed.update(_to_stream(pd.DataFrame(frame.to_wkb()).reset_index(drop=True)))
    return hashed.hexdigest()


def load_tables(con: Connection, key: str) -> list[pd.DataFrame]:
    """Load the tables beside the map that a connection reads. The list is empty if none have this hash of inputs."""
    file = _find_file(con)
    if file is None or not file.is_file():
        return []
    tables = []
    try:
        checked = checksums.CheckedFile(file)
        source = pa.BufferReader(checked.read(0, checked.size))
        while source.tell() < checked.size:
            with pa.ipc.open_stream(source) as reader:
                if (reader.schema.metadata or {}).get(_KEY) != key.encode():
                    return []
                tables.append(_to_frame(reader.read_all()))
    except DamagedMapError as error:
        damage.log_damage(error)
        return []
    except (OSError, pa.ArrowInvalid):
        return []
    return tables


def store_tables(con: Connection, key: str, tables: Sequence[pd.DataFrame]) -> None:
    """Store tables beside the map that a connection reads, unless its folder cannot be written."""
    file = _find_file(con)
    if file is None:
        return
    new = file.with_name(f".{file.name}.{os.getpid()}")  # a build deletes it if this process is killed
    try:
        with new.open("wb") as sink:
            sink.writelines(_to_stream(table, key) for table in tables)
        checksums.append_checksums(new)
        builds.replace_file(new, file)
    except OSError:  # a read-only medium, a full disk, or a build that has just replaced the map
        with suppress(OSError):
            new.unlink()


def _find_file(con: Connection) -> Path | None:
    """Return the file of tables beside a map in a build folder; None for a published map or a map in memory."""
    map_file = map_database.database_file(con)
    return map_file.with_suffix(builds.MEASURES) if map_file and builds.is_built_map(map_file) else None


def _to_stream(table: pd.DataFrame, key: str = "") -> pa.Buffer:
    columns = pa.Table.from_pandas(table)
    columns = columns.replace_schema_metadata({**(columns.schema.metadata or {}), _KEY: key.encode()})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, columns.schema) as writer:
        writer.write_table(columns)
    return sink.getvalue()


def _to_frame(columns: pa.Table) -> pd.DataFrame:
    """Return a table with the dtypes that it was stored with. By default, texts stored as objects become `str`."""
    frame: pd.DataFrame = columns.to_pandas()
    stored = {
        column["name"] for column in columns.schema.pandas_metadata["columns"] if column["numpy_type"] == "object"
    }
    frame = frame.astype(dict.fromkeys(stored & set(frame.columns), object))
    return frame.set_axis(frame.index.astype(object)) if frame.index.name in stored else frame
