"""Extraction of files from archives, within limits.

An archive can be made to fill the disk or to write elsewhere.
"""

import gzip
import shutil
import stat
import zipfile
import zlib
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import mkdtemp

from lindero.layers.errors import N_, DamagedError, SourceError

MAX_BYTES = 4 * 1024**3
MAX_RATIO = 200
MAX_FILES = 1_000
MAX_DEPTH = 2  # an archive inside an archive, and no deeper
GEODATABASE = ".gdb"  # suffix of a File Geodatabase, which is a folder
_BLOCK = 1024**2
_FIXED_TIME = (1980, 1, 1, 0, 0, 0)  # so that the same files make the same archive
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
_MULTI_FILE_SUFFIXES = frozenset({".shp", ".tab", ".mif"})
_READ_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError)


@contextmanager
def unpack(path: Path, *, sublayer: str | None = None, scratch: Path | None = None, depth: int = 1) -> Generator[Path]:
    """Extract the one layer file in the archive at `path`, with its sibling files, into a temporary folder.

    If there are several, the file named `sublayer` is extracted. A File Geodatabase is extracted as a folder.
    """
    _check_depth(depth, path)
    with _create_folder(scratch) as folder:
        try:
            with zipfile.ZipFile(path) as archive:
                layer_path = _extract_layer(archive, path, folder, sublayer)
        except _READ_ERRORS as error:
            raise DamagedError(N_("{name} is a broken or truncated ZIP archive"), name=path.name) from error
        yield layer_path


@contextmanager
def gunzip(path: Path, *, scratch: Path | None = None, depth: int = 1) -> Generator[Path]:
    """Decompress the one file in the gzip file at `path` into a temporary folder."""
    _check_depth(depth, path)
    with _create_folder(scratch) as folder:
        target = folder / (path.stem or "inside")
        max_bytes = min(MAX_BYTES, MAX_RATIO * path.stat().st_size)
        try:
            with gzip.open(path) as packed, target.open("wb") as file:
                while block := packed.read(_BLOCK):
                    file.write(block)
                    if file.tell() > max_bytes:
                        raise SourceError(
                            N_(
                                "{name} would unpack to {files} files and {megabytes} MB, which is over "
                                "the limit; pack only the layer and add it again"
                            ),
                            name=path.name,
                            files=1,
                            megabytes=f"> {max_bytes // 1024**2}",
                        )
        except (OSError, EOFError, zlib.error) as error:
            raise DamagedError(N_("{name} is a broken or truncated archive"), name=path.name) from error
        yield target


@contextmanager
def _create_folder(parent: Path | None) -> Generator[Path]:
    """Create a temporary folder. What the sandbox may not delete of it stays for the owner of `parent`."""
    folder = Path(mkdtemp(prefix="lindero-", dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def pack(folder: Path, target: Path) -> Path:
    """Pack a File Geodatabase, which is a folder, into the archive `target`. Equal files give equal bytes."""
    files = sorted(folder.iterdir())
    if irregular := [file.name for file in files if file.is_symlink() or not file.is_file()]:
        raise SourceError(
            N_(
                "{name} contains {member}, which is not a regular file of a geodatabase; remove it and add "
                "the geodatabase again"
            ),
            name=folder.name,
            member=irregular[0],
        )
    with zipfile.ZipFile(target, "w") as archive:
        for file in files:
            member = zipfile.ZipInfo(f"{folder.name}/{file.name}", _FIXED_TIME)
            member.compress_type = zipfile.ZIP_DEFLATED
            with file.open("rb") as source, archive.open(member, "w", force_zip64=True) as packed:
                shutil.copyfileobj(source, packed)
    return target


def _check_depth(depth: int, path: Path) -> None:
    if depth > MAX_DEPTH:
        raise SourceError(
            N_("{name} is inside too many nested archives; unpack them and add the file inside"), name=path.name
        )


def _extract_layer(archive: zipfile.ZipFile, path: Path, target: Path, sublayer: str | None) -> Path:
    members = [member for member in archive.infolist() if not member.is_dir()]
    _check_members(members, path)
    member_name = _choose_member(members, path, sublayer)
    member_path = PurePosixPath(member_name)
    layer_members = [m for m in members if _belongs_to_layer(PurePosixPath(m.filename), member_path)]
    folder = target
    if member_path.suffix.lower() == GEODATABASE:
        folder = target / member_path.name
        folder.mkdir()  # written into directly: the sandbox does not allow moving files between folders
    for member in layer_members:
        file_name = PurePosixPath(member.filename).name
        with archive.open(member) as packed, folder.joinpath(file_name).open("wb") as file:
            shutil.copyfileobj(packed, file)
    return target / member_path.name


def _choose_member(members: list[zipfile.ZipInfo], path: Path, sublayer: str | None) -> str:
    """Return the name of the member, or of the File Geodatabase folder, that is the layer."""
    geodatabases = {
        str(p) for m in members for p in PurePosixPath(m.filename).parents if p.suffix.lower() == GEODATABASE
    }
    single = [
        m.filename
        for m in members
        if _is_layer(m.filename) and not any(m.filename.startswith(f"{g}/") for g in geodatabases)
    ]
    candidates = [*sorted(geodatabases), *single]
    matching = [name for name in candidates if sublayer in {name, PurePosixPath(name).name, PurePosixPath(name).stem}]
    if not candidates:
        raise SourceError(
            N_("{name} does not contain a file that could be a layer; add a file that does. It contains: {found}")
            if members
            else N_("{name} is an empty archive; ask the sender for another one"),
            name=path.name,
            found=", ".join(m.filename for m in members[:5]),
        )
    if len(candidates) != 1 and len(matching) != 1:
        raise SourceError(
            N_("{name} contains {count} files that could be a layer ({found}); choose one with --sublayer"),
            name=path.name,
            count=len(candidates),
            found=", ".join(candidates),
        )
    return (matching or candidates)[0]


def _belongs_to_layer(member: PurePosixPath, chosen: PurePosixPath) -> bool:
    """Return whether a member belongs to the chosen layer: a sibling of its file, or a file in its folder."""
    if chosen.suffix.lower() == GEODATABASE:
        return member.parent == chosen
    if chosen.suffix.lower() in _MULTI_FILE_SUFFIXES:
        return member.parent == chosen.parent and member.stem.lower() == chosen.stem.lower()
    return member == chosen


def _is_layer(name: str) -> bool:
    path = PurePosixPath(name)
    return path.suffix.lower() in _LAYER_SUFFIXES and path.parts[0] != "__MACOSX" and not path.name.startswith("._")


def _check_members(members: list[zipfile.ZipInfo], path: Path) -> None:
    size = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if len(members) > MAX_FILES or size > MAX_BYTES or size > MAX_RATIO * max(packed, 1):
        raise SourceError(
            N_(
                "{name} would unpack to {files} files and {megabytes} MB, which is over the limit; pack "
                "only the layer and add it again"
            ),
            name=path.name,
            files=len(members),
            megabytes=size // 1024**2,
        )
    for member in members:
        parts = PurePosixPath(member.filename.replace("\\", "/"))
        if parts.is_absolute() or ".." in parts.parts or stat.S_ISLNK(member.external_attr >> 16):
            raise SourceError(
                N_("{name} contains {member}, which leads outside the archive; ask the sender for another archive"),
                name=path.name,
                member=member.filename,
            )
        if member.flag_bits & 1:
            raise SourceError(
                N_("{name} is protected by a password; unpack it and add the file inside"), name=path.name
            )
