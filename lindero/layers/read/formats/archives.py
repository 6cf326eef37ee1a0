"""Files inside archives, taken out within limits: one may be made to fill the disk or to write elsewhere."""

import gzip
import shutil
import stat
import zipfile
import zlib
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from lindero.layers.errors import N_, DamagedError, SourceError

MAX_BYTES = 4 * 1024**3
MAX_RATIO = 200
MAX_FILES = 1_000
MAX_DEPTH = 2  # an archive in an archive, and no deeper
GEODATABASE = ".gdb"  # the name of a File Geodatabase, which is a folder, ends so
_BLOCK = 1024**2
_ALWAYS = (1980, 1, 1, 0, 0, 0)  # so that the same files make the same archive
_LAYER_SUFFIXES = (
    ".shp",
    ".kml",
    ".kmz",
    ".gpx",
    ".geojson",
    ".json",
    ".gpkg",
    ".fgb",
    ".parquet",
    ".csv",
    ".xlsx",
    ".xlsb",
    ".xls",
    ".ods",
    ".gml",
    ".tab",
    ".mif",
    ".dxf",
    ".zip",
)
_IN_SEVERAL_FILES = frozenset({".shp", ".tab", ".mif"})
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError)


@contextmanager
def unpack(path: Path, *, sublayer: str | None = None, scratch: Path | None = None, depth: int = 1) -> Generator[Path]:
    """
    Take out of the archive at `path` the one file that holds a layer (with what stands beside it), for a while.

    Of several the one is taken whose name is `sublayer`. A File Geodatabase is a folder.

    Raises
    ------
    SourceError
        If the archive holds no such file or several, is broken or encrypted, too deep in others, or exceeds the limits.
    """
    _check_depth(depth, path)
    with TemporaryDirectory(prefix="lindero-", dir=scratch) as folder:
        try:
            with zipfile.ZipFile(path) as archive:
                yield_path = _taken(archive, path, Path(folder), sublayer)
        except _BROKEN as error:
            raise DamagedError(N_("{name} is a broken or truncated ZIP archive"), name=path.name) from error
        yield yield_path


@contextmanager
def gunzip(path: Path, *, scratch: Path | None = None, depth: int = 1) -> Generator[Path]:
    """
    Unpack the one file that the gzip file at `path` holds, for a while.

    Raises
    ------
    SourceError
        If it is broken, lies too deep in others, or exceeds the limits.
    """
    _check_depth(depth, path)
    with TemporaryDirectory(prefix="lindero-", dir=scratch) as folder:
        target = Path(folder) / (path.stem or "inside")
        most = min(MAX_BYTES, MAX_RATIO * path.stat().st_size)
        try:
            with gzip.open(path) as packed, target.open("wb") as file:
                while block := packed.read(_BLOCK):
                    file.write(block)
                    if file.tell() > most:
                        raise SourceError(
                            N_("{name} would unpack to {files} files and {megabytes} MB, more than a layer needs"),
                            name=path.name,
                            files=1,
                            megabytes=f"> {most // 1024**2}",
                        )
        except (OSError, EOFError, zlib.error) as error:
            raise DamagedError(N_("{name} is a broken or truncated archive"), name=path.name) from error
        yield target


def pack(folder: Path, target: Path) -> Path:
    """
    Pack a File Geodatabase, which is a folder, into the archive `target`: the same files always as the same bytes.

    Raises
    ------
    SourceError
        If something in it is no plain file.
    """
    files = sorted(folder.iterdir())
    if odd := [file.name for file in files if file.is_symlink() or not file.is_file()]:
        raise SourceError(
            N_("{name} holds {member}, which is no plain file of a geodatabase"), name=folder.name, member=odd[0]
        )
    with zipfile.ZipFile(target, "w") as archive:
        for file in files:
            member = zipfile.ZipInfo(f"{folder.name}/{file.name}", _ALWAYS)
            member.compress_type = zipfile.ZIP_DEFLATED
            with file.open("rb") as source, archive.open(member, "w", force_zip64=True) as into:
                shutil.copyfileobj(source, into)
    return target


def _check_depth(depth: int, path: Path) -> None:
    if depth > MAX_DEPTH:
        raise SourceError(
            N_("{name} is an archive in an archive in an archive; unpack it and add what is inside"), name=path.name
        )


def _taken(archive: zipfile.ZipFile, path: Path, target: Path, sublayer: str | None) -> Path:
    members = [member for member in archive.infolist() if not member.is_dir()]
    _check(members, path)
    wanted = _wanted(members, path, sublayer)
    place = PurePosixPath(wanted)
    beside = [m for m in members if _belongs(PurePosixPath(m.filename), place)]
    folder = target
    if place.suffix.lower() == GEODATABASE:
        folder = target / place.name
        folder.mkdir()  # and written into at once: behind the walls nothing can be moved from folder to folder
    for member in beside:
        plain = PurePosixPath(member.filename).name
        with archive.open(member) as packed, folder.joinpath(plain).open("wb") as file:
            shutil.copyfileobj(packed, file)
    return target / place.name


def _wanted(members: list[zipfile.ZipInfo], path: Path, sublayer: str | None) -> str:
    """Name the member (or the folder of a File Geodatabase) that is the layer."""
    geodatabases = {
        str(p) for m in members for p in PurePosixPath(m.filename).parents if p.suffix.lower() == GEODATABASE
    }
    single = [
        m.filename
        for m in members
        if _is_layer(m.filename) and not any(m.filename.startswith(f"{g}/") for g in geodatabases)
    ]
    found = [*sorted(geodatabases), *single]
    named = [name for name in found if sublayer in {name, PurePosixPath(name).name, PurePosixPath(name).stem}]
    if len(found) != 1 and len(named) != 1:
        raise SourceError(
            N_("{name} holds {count} files that could be a layer ({found}); name one with --sublayer"),
            name=path.name,
            count=len(found),
            found=", ".join(found) or ", ".join(m.filename for m in members[:5]) or "–",
        )
    return (named or found)[0]


def _belongs(member: PurePosixPath, place: PurePosixPath) -> bool:
    """Whether a member stands beside the wanted file, or in the wanted folder."""
    if place.suffix.lower() == GEODATABASE:
        return member.parent == place
    if place.suffix.lower() in _IN_SEVERAL_FILES:
        return member.parent == place.parent and member.stem.lower() == place.stem.lower()
    return member == place


def _is_layer(name: str) -> bool:
    path = PurePosixPath(name)
    return path.suffix.lower() in _LAYER_SUFFIXES and path.parts[0] != "__MACOSX" and not path.name.startswith("._")


def _check(members: list[zipfile.ZipInfo], path: Path) -> None:
    size = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if len(members) > MAX_FILES or size > MAX_BYTES or size > MAX_RATIO * max(packed, 1):
        raise SourceError(
            N_("{name} would unpack to {files} files and {megabytes} MB, more than a layer needs"),
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
        if member.flag_bits & 1:
            raise SourceError(N_("{name} is protected by a password: unpack it and add what is inside"), name=path.name)
