"""Built maps on the disk, replaced atomically even if a process is killed.

Readers open the file that `current.json` names. A build writes a new file beside it and changes the name last.
"""

import datetime as dt
import json
import os
import re
import shutil
import sys
import zlib
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from lindero.layers.disk import checksums, format_version
from lindero.layers.errors import N_, BusyError, NotBuiltError

POINTER = "current.json"
BUSY = N_("another build is running in {folder}")
_MAP = re.compile(r"map-(\d+)-\w+\.duckdb")
TILES = ".pmtiles"  # suffix of the file beside a map that shares its name
READING = ".reading"  # suffix of the rows that `add` read from a file, for the next build
_OBSOLETE_SUFFIXES = (".trees", ".edges")
_KEPT_MAPS = 2  # readers may still be switching from the previous map


@contextmanager
def lock_folder(build_folder: Path, *, busy: str = BUSY) -> Generator[None]:
    """Lock the folder for one build, and delete files that a killed build left behind."""
    build_folder.mkdir(parents=True, exist_ok=True)
    with build_folder.joinpath(".lock").open("w") as lock:
        try:
            acquire_lock(lock.fileno())
        except OSError as error:
            raise BusyError(busy, folder=build_folder.parent) from error
        for leftover in build_folder.glob(".map-*"):
            shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink(missing_ok=True)
        yield  # the lock is released with the file, also when the process is killed


def current_map(build_folder: Path) -> Path:
    """Return the path of the map that readers open.

    `build_folder`: the folder of the workspace that contains `current.json`.
    """
    try:
        pointer = _read_pointer(build_folder)
        format_version.check_version(pointer.get("format"), format_version.POINTER, file=build_folder / POINTER)
        name = str(pointer["map"])
    except FileNotFoundError as error:
        raise NotBuiltError(N_("{folder} has no map yet"), folder=build_folder.parent) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NotBuiltError(
            N_("{file} is damaged or was changed by somebody, so its map is not opened"),
            file=build_folder / POINTER,
        ) from error
    path = build_folder / name
    if not _MAP.fullmatch(name) or path.is_symlink():
        raise NotBuiltError(
            N_("{folder} refers to the map {map}, which is not a map of this folder"),
            folder=build_folder.parent,
            map=name,
        )
    if "crc32" not in pointer:
        raise NotBuiltError(N_("the map was built by an earlier version of Lindero"))
    return path


def read_inputs_fingerprint(build_folder: Path) -> str:
    """Return the fingerprint of everything that the current map was built from.

    Returns: the `inputs` given to `publish_map`; empty if there is no map, or its pointer is damaged.
    """
    try:
        return str(_read_pointer(build_folder)["inputs"]) if current_map(build_folder).is_file() else ""
    except (OSError, ValueError, KeyError, TypeError, NotBuiltError):
        return ""


def list_readings(build_folder: Path) -> list[Path]:
    """List the files in which `add` stored what it read, for the next build.

    Returns: files in no order; empty if `add` was not run since the last build, or the folder does not exist.
    """
    return list(build_folder.glob(f"*{READING}"))


def find_damaged_files(build_folder: Path) -> list[str]:
    """Return the names of the damaged files of the current map, by reading all of them completely.

    A missing file is not damaged: readers work without the files beside the map, and a missing map is reported by its
    build.
    """
    try:
        path, pointer = current_map(build_folder), _read_pointer(build_folder)
    except (OSError, ValueError, KeyError, TypeError, NotBuiltError):
        return []
    tiles = path.with_suffix(TILES)
    damaged_by_file = {
        path: "crc32" in pointer and path.is_file() and checksums.crc32(path) != pointer["crc32"],
        tiles: tiles.is_file() and checksums.is_damaged(tiles),
    }
    return [file.name for file, is_damaged in damaged_by_file.items() if is_damaged]


def _read_pointer(build_folder: Path) -> Mapping[str, object]:
    """Read the pointer. Raise ValueError if its checksum does not match."""
    file = build_folder / POINTER
    status = file.stat()
    return _parse_pointer(file, (status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns))


@lru_cache(maxsize=16)
def _parse_pointer(file: Path, _stamp: tuple[int, ...]) -> Mapping[str, object]:
    """Parse a pointer, cached as long as the file is unchanged.

    Each answer of a served map needs the pointer many times.
    """
    pointer = dict(json.loads(file.read_text(encoding="utf-8")))
    if (check := pointer.pop("check", None)) is not None and check != _pointer_checksum(pointer):
        raise ValueError(check)
    return MappingProxyType(pointer)


def _pointer_checksum(pointer: Mapping[str, object]) -> int:
    return zlib.crc32(json.dumps(pointer, sort_keys=True).encode())


def publish_map(build_folder: Path, new: Path, *, digest: str, inputs: str, beside: Sequence[Path] = ()) -> Path:
    """Publish a finished map as the current one, atomically even if killed. Older maps are deleted.

    The file is on the disk before its name, and its name before the pointer.

    `build_folder`: the folder that contains the maps; it is locked (`lock_folder`). `digest`: hash of the map's content
    in hexadecimal; its first 12 digits become part of the name. Returns: the map under its new name,
    `map-NUMBER-DIGEST.duckdb`.
    """
    number = 1 + max((int(m[1]) for f in build_folder.iterdir() if (m := re.match(r"map-(\d+)-", f.name))), default=0)
    path = build_folder / f"map-{number}-{digest[:12]}.duckdb"
    for file in (*beside, new):
        sync(file)
        file.rename(path.with_suffix(file.suffix))
    sync(build_folder)
    pointer = {
        "format": format_version.POINTER,
        "map": path.name,
        "digest": digest,
        "inputs": inputs,
        "built_on": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "crc32": checksums.crc32(path),
    }
    write_atomically(
        build_folder / POINTER, json.dumps({**pointer, "check": _pointer_checksum(pointer)}, indent=1) + "\n"
    )
    delete_old_maps(build_folder)
    return path


def delete_old_maps(build_folder: Path, *, keep_count: int = _KEPT_MAPS) -> None:
    """Delete all maps except the newest, with the files beside them.

    `keep_count`: number of maps to keep, at least 1. After a withdrawal only the current map may be kept.
    """
    maps = [(int(m[1]), f.stem) for f in build_folder.iterdir() if (m := _MAP.fullmatch(f.name))]
    newest = {stem for _, stem in sorted(maps)[-keep_count:]}
    for path in build_folder.glob("map-*"):
        if path.suffix not in {".duckdb", TILES, *_OBSOLETE_SUFFIXES} or path.stem in newest:
            continue
        if _MAP.fullmatch(f"{path.stem}.duckdb"):
            path.unlink(missing_ok=True)


def write_atomically(path: Path, text: str) -> None:
    """Replace a file's text atomically."""
    new = path.with_name(f".{path.name}.new")
    try:
        new.write_text(text, encoding="utf-8")
        replace_file(new, path)
    except OSError:  # the disk is full: an unfinished file would stay
        new.unlink(missing_ok=True)
        raise


def replace_file(new: Path, path: Path) -> None:
    """Move a finished file to the place of another in the same folder, atomically."""
    sync(new)
    new.replace(path)
    sync(path.parent)


def sync(path: Path) -> None:
    """Flush a file, or the names in a folder, to the disk, so that they survive a power cut."""
    if os.name == "nt" and path.is_dir():
        return  # Windows cannot open a folder; NTFS orders the rename itself
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


if sys.platform == "win32":
    import msvcrt

    def acquire_lock(descriptor: int, *, wait: bool = False) -> None:
        """Lock an open file until it is closed.

        Raise OSError if another process holds the lock, even after waiting (with `wait`).
        """
        msvcrt.locking(descriptor, msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def acquire_lock(descriptor: int, *, wait: bool = False) -> None:
        """Lock an open file until it is closed; OSError if another process holds it and there is no `wait`."""
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))


def is_locked(file: Path) -> bool:
    """Return whether a process holds the lock of a file; False if the file does not exist."""
    try:
        with file.open("r+", encoding="utf-8") as lock:
            acquire_lock(lock.fileno())
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False
