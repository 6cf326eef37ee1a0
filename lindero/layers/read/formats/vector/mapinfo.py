"""The files of a MapInfo table (TAB, MIF): a check that all are present, and the text encoding."""

import re
from collections.abc import Iterable
from pathlib import Path

from lindero.layers.errors import N_, SourceError
from lindero.layers.read.formats.detect import Format
from lindero.layers.read.formats.encodings import guess_encoding

_REQUIRED_SUFFIXES = {Format.TAB: (".dat", ".map", ".id"), Format.MIF: ()}
_SIDECAR_SUFFIXES = {Format.TAB: (".dat", ".map", ".id", ".ind"), Format.MIF: (".mid",)}
_DATA = {Format.TAB: ".dat", Format.MIF: ".mid"}
_SUFFIX = {Format.TAB: ".tab", Format.MIF: ".mif"}
_KIND = re.compile(rb"^\s*Type\s+(\w+)", re.IGNORECASE | re.MULTILINE)
_NEUTRAL_CHARSET = re.compile(rb'Charset\s+"Neutral"', re.IGNORECASE)
_CHARSETS = {"cp1252": "WindowsLatin1", "latin_1": "ISO8859-1", "cp850": "CodePage850", "utf-8": "UTF-8"}
_HEAD_BYTES = 65_536


def find_parts(path: Path, file_format: Format, siblings: Iterable[Path]) -> dict[str, Path]:
    """Find the parts of the MapInfo table at `path` (.tab or .mif) among the files `siblings`, by suffix."""
    if file_format is Format.TAB:
        kind = _KIND.search(_head(path))
        if kind and kind[1].upper() != b"NATIVE":
            raise SourceError(
                N_(
                    "{name} only points to a table that is stored elsewhere ({kind}); add that table, or "
                    "ask for a copy as .mif"
                ),
                name=path.name,
                kind=kind[1].decode("ascii", errors="replace"),
            )
    same_stem = {file.suffix.lower(): file for file in sorted(siblings) if file.stem.lower() == path.stem.lower()}
    table_parts = {_SUFFIX[file_format]: path} | {
        suffix: same_stem[suffix] for suffix in _SIDECAR_SUFFIXES[file_format] if suffix in same_stem
    }
    if missing := [suffix for suffix in _REQUIRED_SUFFIXES[file_format] if suffix not in table_parts]:
        raise SourceError(
            N_("{name} came without {missing}: a MapInfo table consists of several files. Put them in one folder"),
            name=path.name,
            missing=", ".join(f"{path.stem}{suffix}" for suffix in missing),
        )
    return table_parts


def ensure_charset(
    table_parts: dict[str, Path], file_format: Format, encoding: str | None, scratch: Path | None
) -> str | None:
    """Ensure that a table states its charset.

    If it does not, its first file is replaced in `table_parts` by a copy that does.
    """
    first = table_parts[_SUFFIX[file_format]]
    if not _NEUTRAL_CHARSET.search(_head(first)):
        return None
    data = table_parts.get(_DATA[file_format])
    name = encoding or (guess_encoding(data.read_bytes()) if data else None) or "cp1252"
    normal_name = "utf-8" if name.replace("_", "-") == "utf-8" else name
    if scratch is None:
        raise SourceError(
            N_(
                "{name} is in {encoding}. Save it as UTF-8 and add it again: converting it here would write "
                "a copy to the disk"
            ),
            name=first.name,
            encoding=normal_name,
        )
    charset = _CHARSETS.get(normal_name, "WindowsLatin1").encode()
    written = scratch / f"said{_SUFFIX[file_format]}"
    written.write_bytes(_NEUTRAL_CHARSET.sub(b'Charset "' + charset + b'"', first.read_bytes(), count=1))
    table_parts[_SUFFIX[file_format]] = written
    return normal_name


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_HEAD_BYTES)
