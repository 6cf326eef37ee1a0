"""Files inside a ZIP archive, taken out within limits: one may be made to fill the disk or to write elsewhere."""

import shutil
import stat
import zipfile
import zlib
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from layers.errors import N_, SourceError

MAX_BYTES = 4 * 1024**3
MAX_RATIO = 200
MAX_FILES = 1_000
_LAYER_SUFFIXES = (".shp", ".kml", ".geojson", ".json", ".gpkg", ".fgb", ".parquet", ".csv", ".xlsx")


@contextmanager
def unpacked(path: Path) -> Generator[Path]:
    """
    Take out of the archive at `path` the one file that holds a layer (with what stands beside it), for a while.

    Raises
    ------
    SourceError
        If the archive holds no such file or several, is broken, or exceeds the limits.
    """
    with TemporaryDirectory(prefix="lindero-") as folder, zipfile.ZipFile(path) as archive:
        members = [member for member in archive.infolist() if not member.is_dir()]
        _check(members, path)
        wanted = [m for m in members if _is_layer(m.filename)]
        if len(wanted) != 1:
            raise SourceError(
                N_("{name} holds {count} files that could be a layer ({found}); unpack it and add one of them"),
                name=path.name,
                count=len(wanted),
                found=", ".join(m.filename for m in wanted) or "–",
            )
        target = Path(folder)
        try:
            for member in members:
                if PurePosixPath(member.filename).parent == PurePosixPath(wanted[0].filename).parent:
                    plain = PurePosixPath(member.filename).name
                    with archive.open(member) as packed, target.joinpath(plain).open("wb") as file:
                        shutil.copyfileobj(packed, file)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError) as error:
            raise SourceError(N_("{name} is a broken or truncated ZIP archive"), name=path.name) from error
        yield target / PurePosixPath(wanted[0].filename).name


def _is_layer(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() in _LAYER_SUFFIXES and not name.startswith("__MACOSX/")


def _check(members: list[zipfile.ZipInfo], path: Path) -> None:
    size = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if len(members) > MAX_FILES or size > MAX_BYTES or size > MAX_RATIO * max(packed, 1):
        raise SourceError(
            N_("{name} would unpack to {files} files and {megabytes} MB, which is beyond what a layer needs"),
            name=path.name,
            files=len(members),
            megabytes=size // 1024**2,
        )
    for member in members:
        parts = PurePosixPath(member.filename.replace("\\", "/"))
        if parts.is_absolute() or ".." in parts.parts or stat.S_ISLNK(member.external_attr >> 16):
            raise SourceError(
                N_("{name} holds {member}, which points outside the archive"), name=path.name, member=member.filename
            )
