"""The text of a manifest: adding entries, and reading the text back before it is written."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lindero.layers.errors import N_, ManifestError, UnreadableManifestError

if TYPE_CHECKING:
    import tomlkit


_WRITTEN_INLINE = re.compile(r"^(\w+) = \[(?=\w+ = )", re.MULTILINE)  # an entry in an array without braces


def append_entry(document: tomlkit.TOMLDocument, table: str, values: Mapping[str, object]) -> None:
    """Append an entry to an array of tables of a manifest; an inline array, such as `source = []`, is converted."""
    import tomlkit

    if not isinstance(document.get(table), tomlkit.items.AoT):
        inline = document.pop(table, None) or []
        document[table] = tomlkit.aot()
        for existing in inline:
            append_entry(document, table, dict(existing))
    entry = tomlkit.table()
    entry.update(values)
    document[table].append(entry)


def read_document(path: Path) -> dict[str, Any]:
    """Read the values of a manifest."""
    try:
        text = path.read_text(encoding="utf-8")
        return tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise UnreadableManifestError(N_("{path} cannot be read: {why}"), path=path, why=error) from error
    except tomllib.TOMLDecodeError as error:
        if inline_entry := _WRITTEN_INLINE.search(text):
            raise UnreadableManifestError(
                N_(
                    "{path} cannot be read: in line {line}, an earlier version of Lindero wrote `{table} "
                    "= [` instead of `[[{table}]]`. Write `[[{table}]]` there on its own line, before "
                    "the rest of the line. Below it, replace each `[NAME]` with `[{table}.NAME]`, and "
                    "delete the `]` that is left over"
                ),
                path=path,
                line=text.count("\n", 0, inline_entry.start(1)) + 1,
                table=inline_entry[1],
            ) from error
        raise UnreadableManifestError(N_("{path} cannot be read: {why}"), path=path, why=error) from error


def format_document(document: tomlkit.TOMLDocument, path: Path) -> str:
    """Return the text of a changed manifest after reading it back. Raise ManifestError if the values differ."""
    import tomlkit

    text = tomlkit.dumps(document)
    try:
        is_same = tomllib.loads(text) == document.unwrap()
    except tomllib.TOMLDecodeError:
        is_same = False
    if not is_same:
        raise ManifestError(N_("{path} could not be changed without damaging it"), path=path)
    return text


def source_values(raw: object) -> dict[str, object]:
    """Return the values of a source, with dates as text.

    A snapshot without a date is identified by its date of retrieval.
    """
    items = raw.items() if isinstance(raw, Mapping) else ()
    values = {str(name): str(value) if isinstance(value, dt.date) else value for name, value in items}
    if not values.get("snapshot_on"):
        values |= {"snapshot_on": values.get("retrieved_on", ""), "snapshot_stated": False}
    return values
