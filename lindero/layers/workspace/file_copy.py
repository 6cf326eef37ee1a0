"""A private copy of a received file while it is inspected, so that nobody changes it meanwhile."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from lindero.layers.disk.scratch import memory_folder, temporary_folder
from lindero.layers.errors import N_, SourceError
from lindero.layers.read.formats.archives import GEODATABASE, pack
from lindero.layers.workspace.manifest_file import list_parts

_CHUNK_BYTES = 16 * 1024**2  # bytes copied at a time


@contextmanager
def copy_to_memory(path: Path) -> Generator[Path]:
    """Copy a received file to memory for the duration of the context.

    This way the file that is read, shown and stored is always the same.

    Yields: the copy; a File Geodatabase is packed into one zip file. If memory is too small, it is the path of the file
    itself; `add_source` refuses the file if it has changed.
    """
    if not path.exists():
        raise SourceError(N_("the file {name} does not exist"), name=path)
    if path.is_dir() and path.suffix.lower() == GEODATABASE:
        with temporary_folder(memory_folder(sum(file.stat().st_size for file in path.iterdir()))) as folder:
            yield pack(path, folder / f"{path.name}.zip")
        return
    if not path.is_file():
        raise SourceError(N_("{name} cannot be stored: it is a folder or a device, not a file"), name=path)
    wal_file = path.with_name(f"{path.name}-wal")  # of a GeoPackage open elsewhere, which is refused because of it
    files = [*list_parts(path), *([wal_file] if wal_file.is_file() else [])]
    copy_folder = memory_folder(sum(file.stat().st_size for file in files))
    if copy_folder is None:
        yield path
        return
    with temporary_folder(copy_folder) as folder:
        _copy_bytes(path, folder / path.name)
        for part in files[1:]:
            target = folder / part.name
            target.symlink_to(part.resolve()) if part.is_symlink() else _copy_bytes(
                part, target
            )  # links are refused later
        yield folder / path.name


def _copy_bytes(source: Path, target: Path) -> None:
    """Copy as many bytes as the file's size states: some system files never end."""
    remaining = source.stat().st_size
    with source.open("rb") as file, target.open("xb") as copy:
        while block := file.read(min(remaining, _CHUNK_BYTES)):
            copy.write(block)
            remaining -= len(block)
