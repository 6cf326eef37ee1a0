"""The several files of a table of MapInfo (TAB, MIF): whether they are all there, and in which letters they are."""

import re
from collections.abc import Iterable
from pathlib import Path

from lindero.layers.errors import N_, SourceError
from lindero.layers.read.formats.detect import Format
from lindero.layers.read.formats.encodings import guessed

_NEEDED = {Format.TAB: (".dat", ".map", ".id"), Format.MIF: ()}
_BESIDE = {Format.TAB: (".dat", ".map", ".id", ".ind"), Format.MIF: (".mid",)}
_DATA = {Format.TAB: ".dat", Format.MIF: ".mid"}
_SUFFIX = {Format.TAB: ".tab", Format.MIF: ".mif"}
_KIND = re.compile(rb"^\s*Type\s+(\w+)", re.IGNORECASE | re.MULTILINE)
_UNSAID = re.compile(rb'Charset\s+"Neutral"', re.IGNORECASE)
_CHARSETS = {"cp1252": "WindowsLatin1", "latin_1": "ISO8859-1", "cp850": "CodePage850", "utf-8": "UTF-8"}
_HEAD_BYTES = 65_536


def parts(path: Path, found: Format, beside: Iterable[Path]) -> dict[str, Path]:
    """
    Find among the files `beside` the parts of the table whose .tab or .mif is at `path`, named by suffix.

    Raises
    ------
    SourceError
        If one is missing, or the table is kept in another program or is a view of several.
    """
    if found is Format.TAB:
        kind = _KIND.search(_head(path))
        if kind and kind[1].upper() != b"NATIVE":
            raise SourceError(
                N_(
                    "{name} only points to a table that is kept elsewhere ({kind}): add that, or ask for a copy as .mif"
                ),
                name=path.name,
                kind=kind[1].decode("ascii", errors="replace"),
            )
    same = {file.suffix.lower(): file for file in sorted(beside) if file.stem.lower() == path.stem.lower()}
    kept = {_SUFFIX[found]: path} | {suffix: same[suffix] for suffix in _BESIDE[found] if suffix in same}
    if missing := [suffix for suffix in _NEEDED[found] if suffix not in kept]:
        raise SourceError(
            N_("{name} came without {missing}: a table of MapInfo is several files; put them side by side"),
            name=path.name,
            missing=", ".join(f"{path.stem}{suffix}" for suffix in missing),
        )
    return kept


def with_encoding(kept: dict[str, Path], found: Format, encoding: str | None, scratch: Path | None) -> str | None:
    """
    Have a table that does not say in which letters it is say so: a copy of its first file stands for that.

    Returns
    -------
    str or None
        The encoding that was found out; None where the table says it.

    Raises
    ------
    SourceError
        If it has to be written anew, and no folder is given.
    """
    first = kept[_SUFFIX[found]]
    if not _UNSAID.search(_head(first)):
        return None
    data = kept.get(_DATA[found])
    name = encoding or (guessed(data.read_bytes()) if data else None) or "cp1252"
    plain = "utf-8" if name.replace("_", "-") == "utf-8" else name
    if scratch is None:
        raise SourceError(
            N_("{name} is in {encoding}: save it in UTF-8, for nothing of it is to be written on the disk here"),
            name=first.name,
            encoding=plain,
        )
    charset = _CHARSETS.get(plain, "WindowsLatin1").encode()
    written = scratch / f"said{_SUFFIX[found]}"
    written.write_bytes(_UNSAID.sub(b'Charset "' + charset + b'"', first.read_bytes(), count=1))
    kept[_SUFFIX[found]] = written
    return plain


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_HEAD_BYTES)
