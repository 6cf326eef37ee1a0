"""Tables without geometry: CSV and XLSX, every cell as text or as the number or date that the file holds."""

import csv
import io
import zipfile
import zlib
from pathlib import Path
from xml.etree.ElementTree import ParseError

import openpyxl
import pandas as pd
from charset_normalizer import from_bytes
from openpyxl.utils.exceptions import InvalidFileException

from layers.errors import N_, SourceError

CODE_PAGES = ["utf_8", "utf_16", "cp1252", "latin_1", "cp850"]  # by its default the detector misreads Ñ
DELIMITERS = ",;\t|"
MAX_FIELD_BYTES = 10_000_000
_BROKEN = (InvalidFileException, zipfile.BadZipFile, zlib.error, ParseError, KeyError, TypeError, EOFError)


def read_csv(path: Path, *, encoding: str | None) -> tuple[pd.DataFrame, pd.DataFrame, str]:
    """
    Read a CSV file with a header line.

    Returns
    -------
    tuple
        The rows, all text, indexed by row number from 1; the rows that cannot be told apart into fields, as `row`,
        `reason`, `detail`, `received`; and the encoding.

    Raises
    ------
    SourceError
        If the text cannot be decoded or has no header.
    """
    raw = path.read_bytes()
    text, found = _decoded(raw, path, encoding)
    csv.field_size_limit(MAX_FIELD_BYTES)
    delimiter = max(DELIMITERS, key=text.partition("\n")[0].count)
    try:
        lines = [line for line in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if line]
    except csv.Error as error:
        raise SourceError(N_("{name} cannot be read as CSV: {why}"), name=path.name, why=error) from error
    if not lines:
        raise SourceError(N_("{name} is empty"), name=path.name)
    header = _distinct([name.strip() for name in lines[0]])
    rows = dict(enumerate(lines[1:], start=1))
    bad = {number: line for number, line in rows.items() if len(line) != len(header)}
    good = {number: line for number, line in rows.items() if number not in bad}
    frame = pd.DataFrame.from_dict(good, orient="index", columns=header, dtype=object)
    return frame.replace({"": None}), _rejected(bad, len(header)), found


def read_xlsx(path: Path, *, sheet: str | None) -> pd.DataFrame:
    """
    Read one sheet of an XLSX file, its first filled row as header.

    Raises
    ------
    SourceError
        If the file is broken, or several sheets hold rows and none is named.
    """
    try:
        with path.open("rb") as file:
            book = openpyxl.load_workbook(file, read_only=True, data_only=True)
            filled = {name: rows for name in book.sheetnames if (rows := _cells(book[name]))}
    except (*_BROKEN, ValueError, OSError) as error:
        raise SourceError(N_("{name} cannot be read as XLSX: {why}"), name=path.name, why=error) from error
    if sheet is None and len(filled) == 1:
        sheet = next(iter(filled))
    if sheet not in filled:
        raise SourceError(
            N_("{name} has {count} sheets with rows: {sheets}; name one with --sublayer"),
            name=path.name,
            count=len(filled),
            sheets=", ".join(filled) or "–",
        )
    header, *rows = filled[sheet]
    width = max(len(row) for row in filled[sheet])
    header, *rows = [(*row, *[None] * (width - len(row))) for row in (header, *rows)]
    names = [str(name).strip() if name is not None else f"column {i}" for i, name in enumerate(header, start=1)]
    return pd.DataFrame(rows, columns=_distinct(names), index=range(1, len(rows) + 1), dtype=object)


def _distinct(names: list[str]) -> list[str]:
    """Tell fields of one name apart: the second NOMBRE is called NOMBRE 2."""
    return [name if (before := names[:i].count(name)) == 0 else f"{name} {before + 1}" for i, name in enumerate(names)]


def _decoded(raw: bytes, path: Path, encoding: str | None) -> tuple[str, str]:
    if encoding is not None:
        try:
            return raw.decode(encoding), encoding
        except (UnicodeDecodeError, LookupError) as error:
            raise SourceError(
                N_("{name} is not in the encoding {encoding}: {why}"), name=path.name, encoding=encoding, why=error
            ) from error
    try:
        return raw.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError:
        best = from_bytes(raw, cp_isolation=CODE_PAGES).best()
    if best is None:
        raise SourceError(N_("the encoding of {name} cannot be told; name it with --encoding"), name=path.name)
    return str(best).removeprefix("\ufeff"), best.encoding


def _rejected(bad: dict[int, list[str]], width: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "row": pd.Series(list(bad), dtype="int64"),
            "reason": "fields_do_not_fit_header",
            "detail": [f"{len(line)} / {width}" for line in bad.values()],
            "received": [", ".join(line) for line in bad.values()],
        }
    )


def _cells(sheet: object) -> list[tuple[object, ...]]:
    rows = getattr(sheet, "iter_rows", lambda **_: iter(()))(values_only=True)
    return [row for row in rows if any(cell is not None for cell in row)]
