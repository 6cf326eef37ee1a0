"""Backups: a workspace in one file with its received files, manifest, encrypted vault and withdrawals.

Maps are not included; a build makes them again. Each file is stored with its hash, which is verified after writing and
when restoring. The vault contains the counts behind publications, so both are always restored together.
"""

import datetime as dt
import hashlib
import io
import json
import os
import shutil
import sys
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path, PurePosixPath

from lindero.layers.consent import tombstones
from lindero.layers.disk import folder_swap
from lindero.layers.disk.builds import lock_folder, replace_file
from lindero.layers.errors import N_, BackupError
from lindero.layers.publish import releases
from lindero.layers.vault import journal, vault_file
from lindero.layers.workspace import manifest_file
from lindero.layers.workspace.manifest_file import MANIFEST, Workspace, check_file, load_workspace

FORMAT = 1
INDEX = "backup.json"
_DERIVED = "build"
_PRIVATE = (f"{vault_file.FOLDER}/", "watch/", "watches.toml")  # only their owner can read what is restored there
_OUTBOX = "watch/outbox"
_CHUNK_BYTES = 16 * 1024**2
_READ_ERRORS = (zipfile.BadZipFile, OSError, EOFError, ValueError, KeyError, TypeError, RuntimeError)


@dataclass(frozen=True)
class BackupContents:
    """The contents of a backup: its date, the version that made it, and the hash of each file."""

    made_on: str
    made_by: str
    files: dict[str, str]


def write_backup(workspace: Workspace, target: Path) -> BackupContents:
    """Write a workspace without its maps to a new file, and read the file back to verify it.

    The workspace and its vault are locked meanwhile.

    Returns: the date and version of the backup, and the SHA-256 of each file by its path in the workspace.
    """
    if target.exists():
        raise BackupError(N_("{file} already exists; choose another name"), file=target)
    for entry in workspace.sources:
        check_file(workspace, entry)
    # Named after the workspace: the next backup overwrites the rest of a killed one, even under another target name.
    unfinished = target.with_name(f".lindero-{hashlib.sha256(bytes(workspace.folder.resolve())).hexdigest()[:12]}.new")
    with ExitStack() as locks:
        _lock_workspace(workspace.folder, locks)
        try:
            contents = _write_archive(workspace.folder, unfinished)
            _verify_archive(unfinished)
            replace_file(unfinished, target)
        finally:
            unfinished.unlink(missing_ok=True)
    return contents


def restore_backup(source: Path, folder: Path) -> Path | None:
    """Restore a backup, completely or not at all.

    An existing workspace is moved aside. Records withdrawn in it stay withdrawn, and messages sent from it stay sent.
    """
    folder = folder.resolve()
    folder_swap.recover_folder(folder, is_kept=True)
    has_workspace = _is_workspace(folder)
    with ExitStack() as locks:
        if has_workspace and sys.platform != "win32":  # Windows does not move folders with open files
            _lock_workspace(folder, locks)
        new = locks.enter_context(folder_swap.prepare_replacement(folder))
        new.rmdir()
        _extract_archive(source, new)
        if has_workspace:
            registers = tombstones.merge_registers(tombstones.read_registers(new), tombstones.read_registers(folder))
            tombstones.write_registers(new, registers) if registers else None
            if last_mark := releases.read_last_mark(folder):
                releases.write_last_mark(new, last_mark)
            journal.keep_longer_journal(vault_file.vault_folder(folder), vault_file.vault_folder(new))
            if folder.joinpath(_OUTBOX).is_dir():  # so that what was sent since the backup is not sent again
                shutil.copytree(folder / _OUTBOX, new / _OUTBOX, dirs_exist_ok=True)
        load_workspace(new)
        folder_swap.sync_tree(new)
        if not has_workspace:
            folder_swap.replace_folder(new, folder)
            return None
        backup_path = folder_swap.free_backup_path(folder)
        new.rename(backup_path)  # first, so that the old workspace has a visible name as soon as it is moved
        folder_swap.replace_folder(backup_path, folder)
        return backup_path


def _lock_workspace(folder: Path, locks: ExitStack) -> None:
    """Lock a workspace and its vault against changes by other processes."""
    if os.access(folder, os.W_OK):  # otherwise nobody can change it
        locks.enter_context(manifest_file.lock_manifest(folder))
        if vault_file.has_vault(folder):
            locks.enter_context(lock_folder(vault_file.vault_folder(folder), busy=vault_file.BUSY))


def _is_workspace(folder: Path) -> bool:
    """Return whether the folder is a workspace. False if it is empty or does not exist.

    Raise BackupError if it contains something else.
    """
    if not folder.exists() or not any(folder.iterdir()):
        return False
    if not folder.joinpath(MANIFEST).is_file():
        raise BackupError(
            N_("{folder} contains something that is not a workspace; choose an empty folder"), folder=folder
        )
    return True


def _write_archive(folder: Path, new: Path) -> BackupContents:
    made_on = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    hashes = {}
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    journal_files = {
        f"{vault_file.FOLDER}/{name}": content
        for name, content in journal.read_files(vault_file.vault_folder(folder)).items()
    }
    with os.fdopen(descriptor, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, path in _iter_files(folder):
            digest = hashlib.sha256()
            source_file = io.BytesIO(journal_files[name]) if name in journal_files else path.open("rb")
            with source_file as content, archive.open(zipfile.ZipInfo(name), "w", force_zip64=True) as packed:
                while block := content.read(_CHUNK_BYTES):
                    digest.update(block)
                    packed.write(block)
            hashes[name] = digest.hexdigest()
        contents = BackupContents(made_on, version("lindero"), hashes)
        archive.writestr(INDEX, json.dumps({"format": FORMAT, **contents.__dict__}, indent=1))
    return contents


def _iter_files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield the files of a workspace to be stored, with their names in it.

    The vault may be a link to another folder.
    """
    vault_path = folder / vault_file.FOLDER
    roots = [folder, *([vault_path] if vault_path.is_symlink() else [])]
    for root in roots:
        for parent, folders, names in os.walk(root):
            folders[:] = sorted(name for name in folders if not _is_temporary(Path(parent, name), folder))
            for name in sorted(names):
                path = Path(parent, name)
                if not name.startswith(".") and path.is_file():
                    yield path.relative_to(folder).as_posix(), path


def _is_temporary(path: Path, folder: Path) -> bool:
    """Return whether a folder is temporary or can be built again."""
    return path.name.startswith((".", "lindero-")) or path == folder / _DERIVED


def _verify_archive(source: Path) -> BackupContents:
    """Read a backup completely and verify the hash of each file."""
    try:
        with zipfile.ZipFile(source) as archive:
            contents = _read_index(archive)
            for name, digest in contents.files.items():
                with archive.open(name) as packed:
                    if hashlib.file_digest(packed, "sha256").hexdigest() != digest:  # type: ignore[arg-type]
                        raise ValueError(name)
    except _READ_ERRORS as error:
        raise BackupError(N_("{file} is not a complete backup: {why}"), file=source, why=error) from error
    return contents


def _read_index(archive: zipfile.ZipFile) -> BackupContents:
    content = json.loads(archive.read(INDEX))
    if content.pop("format") > FORMAT:
        raise BackupError(
            N_("{file} was made by a newer version of Lindero; update Lindero on this computer"), file=archive.filename
        )
    contents = BackupContents(**content)
    paths = [PurePosixPath(name.replace("\\", "/")) for name in contents.files]
    if outside := [path for path in paths if path.is_absolute() or ".." in path.parts or ":" in path.parts[0]]:
        raise ValueError(outside[0])
    return contents


def _extract_archive(source: Path, new: Path) -> None:
    contents = _verify_archive(source)
    new.mkdir(parents=True, mode=0o700)
    with zipfile.ZipFile(source) as archive:
        for name, digest in contents.files.items():
            path = new / name
            for parent in reversed(PurePosixPath(name).parents):
                new.joinpath(parent).mkdir(exist_ok=True, mode=0o700 if name.startswith(_PRIVATE) else 0o777)
            with archive.open(name) as packed, path.open("xb") as file:
                shutil.copyfileobj(packed, file, _CHUNK_BYTES)
            if name.startswith(_PRIVATE):
                path.chmod(0o600)
            with path.open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != digest:
                    raise BackupError(N_("{file} is not a complete backup: {why}"), file=source, why=name)
    new.chmod(0o755)
