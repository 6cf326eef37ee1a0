"""Which rows of a workbook are hidden, of .xls, .xlsb and .ods: calamine, which reads their cells, does not tell."""

import posixpath
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring, iterparse

_NOT_FREE = 0xFFFFFFFA  # from here on a number of a sector is a mark and no sector
_MOST_ROWS = 2**21  # twice what any program holds
_RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_RELATIONS = "xl/_rels/workbook.bin.rels"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"


def hidden_rows(path: Path, sheet: str, at: int) -> frozenset[int]:
    """
    Give the rows of a sheet that are hidden, by hand or by a filter, counted from 1.

    Parameters
    ----------
    sheet, at
        Its name, and its position among all sheets from 0: an .xls of before 1997 writes names in letters of its own.

    Raises
    ------
    ValueError, KeyError, IndexError, struct.error, zipfile.BadZipFile, zlib.error, xml.etree.ElementTree.ParseError
        If the file is broken.
    """
    if not zipfile.is_zipfile(path):
        return frozenset(_of_records(_stream(path.read_bytes()), at))
    with zipfile.ZipFile(path) as archive:
        if "content.xml" in archive.namelist():
            return frozenset(_of_open_document(archive, sheet))
        return frozenset(_of_binary_sheet(archive.read(_part(archive, sheet))))


# OpenDocument: a row says of itself, and of those that repeat it, whether it is seen.


def _of_open_document(archive: zipfile.ZipFile, sheet: str) -> Iterator[int]:
    within, row = False, 0
    with archive.open("content.xml") as content:
        for event, element in iterparse(content, ("start", "end")):  # noqa: S314  in the sandbox; expat bounds entities
            if event == "start" and element.tag == f"{_TABLE}table":
                within, row = element.get(f"{_TABLE}name") == sheet, 0
            elif event == "end" and element.tag == f"{_TABLE}table-row":
                times = min(int(element.get(f"{_TABLE}number-rows-repeated", "1")), _MOST_ROWS)
                if within and element.get(f"{_TABLE}visibility", "visible") != "visible":
                    yield from range(row + 1, row + 1 + times)
                row += times
                element.clear()


# XLSB (MS-XLSB): records of a kind and a length of one to four bytes each; a row's says in its flags that it is hidden.

_ROW_HEAD, _BUNDLE_SHEET = 0, 156
_HIDDEN = 0x10


def _binary_records(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(data):
        kind, at = _number(data, at, bytes_at_most=2)
        length, at = _number(data, at, bytes_at_most=4)
        yield kind, data[at : at + length]
        at += length


def _number(data: bytes, at: int, *, bytes_at_most: int) -> tuple[int, int]:
    """Read a number of seven bits a byte, and give where it ends; the kind of a record keeps the eighth bit."""
    value = 0
    for i in range(bytes_at_most):
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << (7 * i)
        if not byte & 0x80:
            break
    return value, at


def _of_binary_sheet(data: bytes) -> Iterator[int]:
    for kind, record in _binary_records(data):
        if kind == _ROW_HEAD and record[11] & _HIDDEN:
            yield int.from_bytes(record[:4], "little") + 1


def _part(archive: zipfile.ZipFile, sheet: str) -> str:
    """Name the part of an XLSB that holds a sheet."""
    for kind, record in _binary_records(archive.read("xl/workbook.bin")):
        if kind == _BUNDLE_SHEET:
            relation, end = _text(record, 8)
            if _text(record, end)[0] == sheet:
                return _target(fromstring(archive.read(_RELATIONS)), relation)  # noqa: S314  as above
    raise KeyError(sheet)


def _text(record: bytes, at: int) -> tuple[str, int]:
    end = at + 4 + 2 * int.from_bytes(record[at : at + 4], "little")
    return record[at + 4 : end].decode("utf-16-le"), end


def _target(relations: Element, relation: str) -> str:
    target = {one.get("Id"): one.get("Target", "") for one in relations.iter(_RELATION)}[relation]
    return target.removeprefix("/") if target.startswith("/") else posixpath.join("xl", target)


# XLS (MS-XLS) in a compound file (MS-CFB): records of a kind and a length of two bytes each.

_BEGIN, _END, _SHEET, _ROW = (0x0809, 0x0409, 0x0209, 0x0009), 0x000A, 0x0085, 0x0208
_ROW_HIDDEN = 0x20


def _of_records(stream: bytes, at: int) -> Iterator[int]:
    sheets = [struct.unpack_from("<I", record)[0] for kind, record in _records(stream, 0) if kind == _SHEET]
    for kind, record in _records(stream, sheets[at]):
        if kind == _ROW and record[12] & _ROW_HIDDEN:
            yield int(struct.unpack_from("<H", record)[0]) + 1


def _records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """Give the records of one part of a workbook, which begins here, and of the charts within it."""
    depth = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        depth += (kind in _BEGIN) - (kind == _END)
        yield kind, stream[at + 4 : at + 4 + length]
        at += 4 + length
        if depth <= 0:
            return


def _stream(data: bytes) -> bytes:
    """Give the workbook within a compound file."""
    size, small = (1 << shift for shift in struct.unpack_from("<HH", data, 30))
    first_folder, cutoff, first_small = (struct.unpack_from("<I", data, at)[0] for at in (48, 56, 60))
    table = _table(data, size)
    folder = _chain(data, table, first_folder, size, skipped=size)
    entries = [folder[at : at + 128] for at in range(0, len(folder), 128)]
    by_name = {_name(one): one for one in reversed(entries)}
    root = entries[0]
    book = by_name["workbook"] if "workbook" in by_name else by_name["book"]
    first, length = struct.unpack_from("<II", book, 116)
    if length >= cutoff:
        return _chain(data, table, first, size, skipped=size)[:length]
    container = _chain(data, table, struct.unpack_from("<I", root, 116)[0], size, skipped=size)
    small_table = _numbers(_chain(data, table, first_small, size, skipped=size))
    return _chain(container, small_table, first, small, skipped=0)[:length]


def _name(entry: bytes) -> str:
    length = int.from_bytes(entry[64:66], "little")
    return entry[: max(length - 2, 0)].decode("utf-16-le", "replace").casefold()


def _table(data: bytes, size: int) -> list[int]:
    """Give the table that names the sector after each sector."""
    sectors = list(struct.unpack_from("<109I", data, 76))
    further = struct.unpack_from("<I", data, 68)[0]
    for _ in range(len(data) // size):
        if further >= _NOT_FREE:
            break
        *named, further = _numbers(data[(further + 1) * size : (further + 2) * size])
        sectors += named
    parts = (data[(one + 1) * size : (one + 2) * size] for one in sectors if one < _NOT_FREE)
    return [number for part in parts for number in _numbers(part)]


def _numbers(data: bytes) -> list[int]:
    return list(struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4]))


def _chain(data: bytes, table: list[int], first: int, size: int, *, skipped: int) -> bytes:
    parts: list[bytes] = []
    at = first
    while at < _NOT_FREE and len(parts) <= len(table):  # a chain that bites its tail ends
        parts.append(data[skipped + at * size : skipped + (at + 1) * size])
        at = table[at]
    return b"".join(parts)
