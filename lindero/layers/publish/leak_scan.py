"""A byte search of files for secrets of the vault, including compressed and packed content.

Text is searched in UTF-8 and both byte orders of UTF-16; coordinates as doubles and pairs of floats, in both byte
orders. Values that the public map or the base data also contain are not secret.
"""

import base64
import binascii
import gzip
import io
import json
import re
import struct
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
from pmtiles.reader import MmapSource, all_tiles
from pyogrio.errors import DataLayerError, DataSourceError

from lindero.layers.database import map_database
from lindero.layers.database.definitions import PUBLIC_RECORD, is_public
from lindero.layers.database.map_database import Connection
from lindero.layers.model.schema import LAYERS
from lindero.layers.reference.base_data import BASE

SHORTEST = 6  # letters; shorter texts occur everywhere
_WINDOW = 8  # bytes that are compared at once
_DECIMALS = range(4, 8)  # numbers of decimals in which people write coordinates
_SIEVE_BITS = 22
_LETTERS_MORE = 4  # bytes: two letters with accents
_ROUND_DECIMALS = 3  # decimals of a degree; rounder coordinates occur at many vertices
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_NUMBER = re.compile(r"-?\d+(\.\d{0,5})?")  # a single number may belong to any vertex: positions are searched as pairs
_ESCAPED_CHARACTER = re.compile(rb"\\u([0-9a-fA-F]{4})")
_PACKED = re.compile(  # packed content: of a pocket map, of a part of one, or of a tile in it
    rb'(?:",\d+,"|data-size="\d+">|\[\d+,")([A-Za-z0-9+/=]+)(?=["<])'
)
_UNDER_GPKG = b"SQLite format 3\x00"


@dataclass(frozen=True)
class ScannedFile:
    """A file to be searched: its bytes and its tables, each read once."""

    path: Path

    @cached_property
    def raw(self) -> bytes:
        """The bytes of the file."""
        return self.path.read_bytes()

    @cached_property
    def tables(self) -> list[tuple[str, pa.Table]]:
        """The tables of a Parquet file, GeoPackage or database, each with a name; empty for other files."""
        return list(iter_tables(self.path, self.raw))


@dataclass(frozen=True)
class _PatternIndex:
    """An index of patterns by their first bytes.

    Patterns shorter than a window are listed separately. `likely` marks the hashes of windows that may begin a pattern.
    """

    short: list[bytes]
    patterns_by_start: dict[int, list[bytes]]
    likely: "np.ndarray[tuple[int], np.dtype[np.bool_]]"


@dataclass(frozen=True)
class Secrets:
    """Byte patterns that must not occur anywhere, each with its origin: a row and a field, never the value."""

    patterns: dict[bytes, str]

    def search(self, data: bytes) -> set[bytes]:
        """Return the patterns that occur in the data."""
        return _search(self._index, data)

    @cached_property
    def _index(self) -> _PatternIndex:
        """Index the patterns once for all searches."""
        by_start: defaultdict[int, list[bytes]] = defaultdict(list)
        for pattern in self.patterns:
            if len(pattern) >= _WINDOW:
                by_start[int.from_bytes(pattern[:_WINDOW], "little")].append(pattern)
        likely = np.zeros(1 << _SIEVE_BITS, dtype=bool)  # a fast filter: most windows start no pattern
        likely[_hash_windows(np.fromiter(by_start, dtype="<u8", count=len(by_start)))] = True
        return _PatternIndex([pattern for pattern in self.patterns if len(pattern) < _WINDOW], dict(by_start), likely)

    def exclude(self, public: set[bytes]) -> "Secrets":
        """Return the secrets without the patterns that are public."""
        return Secrets({pattern: origins for pattern, origins in self.patterns.items() if pattern not in public})


def collect_secrets(con: Connection) -> Secrets:
    """Collect everything in the vault that is not public record: every field as received, ids and places."""
    patterns: dict[bytes, str] = {}
    for row, fields in iter_received_rows(con, private=True):
        for name, value in fields.items():
            patterns |= dict.fromkeys(_encode_text(str(value)), f"{row}: {name}")
    files = con.execute("SELECT source_id, snapshot_on, file_name FROM received WHERE file_name IS NOT NULL").fetchall()
    for source, snapshot, name in files:
        patterns |= dict.fromkeys(_encode_text(name), f"{source} {snapshot}: file_name")
    incidents = map_database.read_layer(con, LAYERS["incidents"], every_snapshot=True)
    private = incidents[~is_public(incidents)]
    for column in ("id", "code", "title", "place_text", "sources"):
        for index, value in private[column].dropna().items():
            patterns |= dict.fromkeys(_encode_text(str(value)), f"incident {index}: {column}")
    for index, shape in private.geometry.items():
        if shape is not None:
            x, y = shape.representative_point().coords[0]
            patterns |= dict.fromkeys(_encode_place(x, y), f"incident {index}: place")
    return Secrets(patterns)


def find_public_patterns(secrets: Secrets, public_map: Path | None, others: Iterable[Path], *, page: str) -> set[bytes]:
    """Find the secrets that are also in public content.

    Returns: the patterns that are public, for `Secrets.exclude`.
    """
    files = [*sorted(BASE.glob("*.parquet")), *others, *([public_map] if public_map else [])]
    public = {pattern for file in files for _, data in iter_contents(file) for pattern in secrets.search(data)}
    return public | secrets.search(page.encode())


def iter_contents(path: Path, file: ScannedFile | None = None) -> Iterator[tuple[str, bytes]]:
    """Yield the bytes of a file, and the bytes of everything packed in it, each with a name.

    Unpacked contents are escaped JSON characters, parts embedded in a page, gzip, map tiles and tables.

    `file`: the same file if it was read before; if None, it is read from `path`.
    """
    raw = path.read_bytes() if file is None else file.raw
    yield path.name, raw
    if b"\\u" in raw and path.suffix in {".js", ".json", ".html"}:
        yield (
            f"{path.name} (unescaped)",
            _ESCAPED_CHARACTER.sub(lambda match: chr(int(match[1], 16)).encode(errors="replace"), raw),
        )
    for data in iter_embedded_parts(raw):
        yield f"{path.name} (unpacked)", data
    if raw.startswith(b"\x1f\x8b"):
        yield f"{path.name} (gzip)", gzip.decompress(raw)
    elif raw.startswith(b"PMTiles"):
        with path.open("rb") as archive:
            for tile, data in all_tiles(MmapSource(archive)):
                yield f"{path.name} {tile}", gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data
    for name, table in iter_tables(path, raw) if file is None else file.tables:
        yield name, _serialize_table(table)


def iter_embedded_parts(raw: bytes) -> Iterator[bytes]:
    """Yield the base64-encoded, deflated parts of a page or script of a pocket map, and the parts packed in those."""
    for text in _PACKED.findall(raw):
        with suppress(binascii.Error, zlib.error):
            data = zlib.decompress(base64.b64decode(text, validate=True), wbits=-zlib.MAX_WBITS)
            yield data
            yield from iter_embedded_parts(data)


def remove_embedded_parts(raw: bytes) -> bytes:
    """Return a page, a script or its data without the parts that `iter_embedded_parts` yields."""
    return _PACKED.sub(lambda match: match[0].removesuffix(match[1]), raw)


def iter_tables(path: Path, raw: bytes) -> Iterator[tuple[str, pa.Table]]:
    """Yield the tables of a Parquet file, GeoPackage or database, each with a name; nothing for other files."""
    if raw.startswith(b"PAR1"):
        yield f"{path.name} (pages)", pq.read_table(path)
    elif raw.startswith(_UNDER_GPKG):
        with suppress(DataSourceError, DataLayerError):  # its layers were dropped; the raw bytes are searched as well
            for name, _ in pyogrio.list_layers(path):
                yield f"{path.name} {name}", pyogrio.read_arrow(path, layer=name)[1]
    elif raw[8:12] == b"DUCK":
        with map_database.connect(path) as con:
            for (name,) in con.execute("SELECT table_name FROM duckdb_tables() WHERE database_name = 'map'").fetchall():
                yield f"{path.name} {name}", con.execute(f'FROM "{name}"').to_arrow_table()


def find_chance_matches(path: Path, patterns: Iterable[bytes]) -> set[bytes]:
    """Return the patterns that occur in a file of tables only where one text adjoins the next.

    Texts are stored one after the other. A private text that equals a public text plus a letter or two is found where
    the next text begins with these letters. This is not a leak if no value of any table contains it.
    """
    texts = [pattern for pattern in patterns if _is_text(pattern)]
    if not texts:
        return set()
    values = {value.encode() for _, table in iter_tables(path, path.read_bytes()) for value in iter_table_texts(table)}
    adjoining = {text for text in texts if any(_is_longer(text, value) for value in values)}
    return {text for text in adjoining if not any(text in value for value in values)}


def _is_longer(text: bytes, value: bytes) -> bool:
    """Return whether a text is a value with a letter or two more, before or after it."""
    more = len(text) - len(value)
    return 0 < more <= _LETTERS_MORE and (text.startswith(value) or text.endswith(value))


def _is_text(pattern: bytes) -> bool:
    try:
        return pattern.decode().isprintable()
    except UnicodeDecodeError:
        return False


def iter_table_texts(table: pa.Table) -> Iterator[str]:
    """Yield every text of a table, including those in lists and records."""
    for column in table.columns:
        yield from _iter_array_texts(column.combine_chunks())


def _iter_array_texts(array: pa.Array) -> Iterator[str]:
    kind = array.type
    if pa.types.is_dictionary(kind):
        array, kind = array.dictionary, kind.value_type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        yield from (text for text in array.to_pylist() if text is not None)
    elif pa.types.is_struct(kind):
        for field in array.flatten():
            yield from _iter_array_texts(field)
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        yield from _iter_array_texts(array.flatten())
    elif pa.types.is_map(kind):
        yield from _iter_array_texts(array.keys)
        yield from _iter_array_texts(array.items)


def iter_received_rows(con: Connection, *, private: bool) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield the received rows of the vault with their position: the private ones, or those of public record."""
    for source, snapshot, row, fields in con.execute(_received_rows_sql(private=private)).fetchall():
        yield f"{source} {snapshot} #{row}", dict(json.loads(fields))


def _received_rows_sql(*, private: bool) -> str:
    """Return SQL of the received rows that belong to public record, or of the others if `private`."""
    public = [f"SELECT source_id, snapshot_on, row_number FROM incidents WHERE visibility = '{PUBLIC_RECORD}'"]
    public += [
        f"SELECT source_id, snapshot_on, row_number FROM {layer.name} WHERE incident_id IN "
        f"(SELECT id FROM incidents GROUP BY id HAVING bool_and(visibility = '{PUBLIC_RECORD}'))"
        for layer in LAYERS.values()
        if layer.has_incident_id
    ]
    return (
        "SELECT source_id, snapshot_on, row_number, fields FROM received_rows "
        f"WHERE (source_id, snapshot_on, row_number) {'NOT ' if private else ''}IN ({' UNION '.join(public)})"
    )


def _encode_text(text: str) -> list[bytes]:
    content = text.strip()
    if len(content) < SHORTEST or _DATE.match(content) or _NUMBER.fullmatch(content):
        return []
    return [content.encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be")]


def _encode_place(x: float, y: float) -> list[bytes]:
    """Encode a place as bytes.

    Doubles are encoded one by one. Floats and texts are encoded in pairs, because a single one may occur by chance.
    """
    precise = [value for value in (x, y) if round(value, _ROUND_DECIMALS) != value]
    if not precise:
        return []
    doubles = [struct.pack(f"{order}d", value) for order in "<>" for value in precise]
    floats = [
        struct.pack(f"{order}2f", *pair)
        for order in "<>"
        for pair in ((x, y), (y, x), _enclosing_floats(x), _enclosing_floats(y))
    ]
    texts = {
        f"{a:.{decimals}f}{separator}{b:.{decimals}f}".encode()
        for decimals in _DECIMALS
        for separator in (",", ", ", " ")
        for a, b in ((x, y), (y, x))
    }
    return [*doubles, *floats, *texts]


def _enclosing_floats(value: float) -> tuple[float, float]:
    """Return the nearest floats below and above, as an R-tree of SQLite stores them."""
    nearest = np.float32(value)
    below = nearest if nearest <= value else np.nextafter(nearest, np.float32(-np.inf))
    above = nearest if nearest >= value else np.nextafter(nearest, np.float32(np.inf))
    return float(below), float(above)


def _serialize_table(table: pa.Table) -> bytes:
    """Serialize a table without compression, so that every value is stored as it is."""
    buffer = io.BytesIO()
    with pa.ipc.new_stream(buffer, table.schema) as writer:
        writer.write_table(table)
    return buffer.getvalue()


def _hash_windows(
    windows: "np.ndarray[tuple[int], np.dtype[np.uint64]]",
) -> "np.ndarray[tuple[int], np.dtype[np.uint64]]":
    """Hash windows to positions in the sieve (Knuth's multiplicative hash)."""
    return (windows * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(64 - _SIEVE_BITS)


def _search(index: _PatternIndex, data: bytes) -> set[bytes]:
    """Search data for many patterns at once: their first bytes at every offset, then each pattern whole."""
    matches = {pattern for pattern in index.short if pattern in data}
    for offset in range(min(_WINDOW, max(len(data) - _WINDOW + 1, 0))):
        windows = np.frombuffer(data, dtype="<u8", count=(len(data) - offset) // _WINDOW, offset=offset)
        for window_number in np.flatnonzero(index.likely[_hash_windows(windows)]):
            position = int(window_number) * _WINDOW + offset
            matches.update(
                candidate
                for candidate in index.patterns_by_start.get(int(windows[window_number]), ())
                if data.startswith(candidate, position)
            )
    return matches
