"""The several files of a Shapefile: whether they are all there and whole."""

import struct
from collections.abc import Iterable
from pathlib import Path

from lindero.layers.errors import N_, DamagedError, SourceError

_NEEDED = (".dbf", ".shx")
_BESIDE = (*_NEEDED, ".prj", ".cpg")
_HEADER_BYTES, _INDEX_BYTES = 100, 8
_LENGTH_AT = 24  # of the file, in words of two bytes


def parts(path: Path, beside: Iterable[Path]) -> dict[str, Path]:
    """
    Find among the files `beside` the parts of the Shapefile whose .shp is at `path`.

    They are named by suffix in small letters, whatever the case of their own names.

    Raises
    ------
    SourceError
        If a part is missing that GDAL would read on without, or is a link to a file elsewhere.
    """
    found = {".shp": path}
    for file in sorted(beside):
        if file.stem.lower() == path.stem.lower() and file.suffix.lower() in _BESIDE:
            if file.is_symlink() and file.resolve().parent != path.resolve().parent:
                raise SourceError(N_("{name} is a link to a file elsewhere, which is not followed"), name=file.name)
            found.setdefault(file.suffix.lower(), file)
    if missing := sorted({*_NEEDED} - found.keys()):
        raise SourceError(
            N_("{name} came without {missing}: a Shapefile is several files; put them side by side, or ask for a .zip"),
            name=path.name,
            missing=", ".join(f"{path.stem}{suffix}" for suffix in missing),
        )
    return found


def check(found: dict[str, Path], rows: int) -> None:
    """
    Hold that geometry and index are whole, and that there are as many shapes as `rows` of the table.

    Raises
    ------
    SourceError
        If one is cut off, or they are not of one another.
    """
    for suffix in (".shp", ".shx"):
        file = found[suffix]
        with file.open("rb") as opened:
            head = opened.read(_HEADER_BYTES)
        if len(head) < _HEADER_BYTES or file.stat().st_size < 2 * struct.unpack_from(">I", head, _LENGTH_AT)[0]:
            raise DamagedError(N_("{name} is cut off: it says that it is longer"), name=file.name)
    shapes = (found[".shx"].stat().st_size - _HEADER_BYTES) // _INDEX_BYTES
    if shapes != rows:
        raise SourceError(
            N_("{name} has {shapes} shapes, but its table has {rows} rows: they are not of one file"),
            name=found[".shp"].name,
            shapes=shapes,
            rows=rows,
        )
