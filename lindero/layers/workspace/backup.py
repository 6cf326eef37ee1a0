"""
A workspace in one file: what was received, the manifest, the vault as it is encrypted, and what was withdrawn.

Maps are not in it: a build makes them again. Each file stands in it with its hash, which is held when it is written and
when it is put back. The vault's file holds the counts that publications were made from, so that they go together.
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
from lindero.layers.disk.builds import exclusive, put_in_place
from lindero.layers.errors import N_, BackupError
from lindero.layers.publish import releases
from lindero.layers.vault import journal, vault_file
from lindero.layers.workspace import manifest_file
from lindero.layers.workspace.manifest_file import MANIFEST, Workspace, check_file, load

FORMAT = 1
INDEX = "backup.json"
_DERIVED = "build"
_AT_ONCE = 16 * 1024**2
_BROKEN = (zipfile.BadZipFile, OSError, EOFError, ValueError, KeyError, TypeError, RuntimeError)


@dataclass(frozen=True)
class Contents:
    """What a backup holds: when and of which version it was made, and the hash of each file."""

    made_on: str
    made_by: str
    files: dict[str, str]


def write(space: Workspace, target: Path) -> Contents:
    """
    Write all of a workspace but its maps into a new file, and read it again to see that it is right.

    Nobody can add to the workspace or change its vault meanwhile.

    Raises
    ------
    BackupError
        If there is such a file already, or what was written is not what is read.
    SourceError
        If a received file is not as it was received: a backup of it would hide that.
    BusyError
        If a command is at work on the vault.
    """
    if target.exists():
        raise BackupError(N_("{file} exists already: name another"), file=target)
    for entry in space.sources:
        check_file(space, entry)
    # named by the workspace, so that the next backup writes over what a killed one left, whatever either is called
    new = target.with_name(f".lindero-{hashlib.sha256(bytes(space.folder.resolve())).hexdigest()[:12]}.new")
    with ExitStack() as alone:
        _keep_others_out(space.folder, alone)
        try:
            contents = _packed(space.folder, new)
            _verified(new)
            put_in_place(new, target)
        finally:
            new.unlink(missing_ok=True)
    return contents


def restore(source: Path, folder: Path) -> Path | None:
    """
    Put a backup back: all of it, or nothing.

    Where there is a workspace already, it is moved aside, and what was withdrawn in it stays withdrawn.

    Returns
    -------
    Path or None
        Where the workspace that was there is now.

    Raises
    ------
    BackupError
        If it is no backup or damaged, or `folder` holds something else than a workspace.
    PublishError
        If another command is replacing the folder.
    BusyError
        If a command is at work on the vault that is there.
    """
    folder = folder.resolve()
    folder_swap.clear(folder, is_kept=True)
    is_there = _is_workspace(folder)
    with ExitStack() as alone:
        if is_there and sys.platform != "win32":  # which moves no folder that holds an open file
            _keep_others_out(folder, alone)
        new = alone.enter_context(folder_swap.replacement(folder))
        new.rmdir()
        _unpacked(source, new)
        if is_there:
            registers = tombstones.merged(tombstones.read(new), tombstones.read(folder))
            tombstones.write(new, registers) if registers else None
            if last := releases.last_published(folder):
                releases.note_published(new, last)
            journal.keep_longer(vault_file.folder_of(folder), vault_file.folder_of(new))
        load(new)
        folder_swap.sync_all(new)
        if not is_there:
            folder_swap.put_in_place(new, folder)
            return None
        aside = folder_swap.kept_beside(folder)
        new.rename(aside)  # first, so that what was there has a name that is seen from the moment that it moves
        folder_swap.put_in_place(aside, folder)
        return aside


def _keep_others_out(folder: Path, alone: ExitStack) -> None:
    """Let nobody add to a workspace or change its vault meanwhile."""
    if os.access(folder, os.W_OK):  # else nobody can
        alone.enter_context(manifest_file.alone(folder))
        if vault_file.exists(folder):
            alone.enter_context(exclusive(vault_file.folder_of(folder), busy=vault_file.BUSY))


def _is_workspace(folder: Path) -> bool:
    """Whether a backup would take the place of a workspace, and not of nothing."""
    if not folder.exists() or not any(folder.iterdir()):
        return False
    if not folder.joinpath(MANIFEST).is_file():
        raise BackupError(N_("{folder} holds something else than a workspace: name an empty folder"), folder=folder)
    return True


def _packed(folder: Path, new: Path) -> Contents:
    made_on = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    hashes = {}
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    of_journal = {
        f"{vault_file.FOLDER}/{name}": content for name, content in journal.copied(vault_file.folder_of(folder)).items()
    }
    with os.fdopen(descriptor, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, path in _files(folder):
            digest = hashlib.sha256()
            here = io.BytesIO(of_journal[name]) if name in of_journal else path.open("rb")
            with here as content, archive.open(zipfile.ZipInfo(name), "w", force_zip64=True) as packed:
                while block := content.read(_AT_ONCE):
                    digest.update(block)
                    packed.write(block)
            hashes[name] = digest.hexdigest()
        contents = Contents(made_on, version("lindero"), hashes)
        archive.writestr(INDEX, json.dumps({"format": FORMAT, **contents.__dict__}, indent=1))
    return contents


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Give what is kept of a workspace, by its name in it; the vault may be a link to where it lies."""
    kept = folder / vault_file.FOLDER
    roots = [folder, *([kept] if kept.is_symlink() else [])]
    for root in roots:
        for parent, folders, names in os.walk(root):
            folders[:] = sorted(name for name in folders if not _is_passing(Path(parent, name), folder))
            for name in sorted(names):
                path = Path(parent, name)
                if not name.startswith(".") and path.is_file():
                    yield path.relative_to(folder).as_posix(), path


def _is_passing(path: Path, folder: Path) -> bool:
    """Whether a folder is made again, or holds what is needed for a moment only."""
    return path.name.startswith((".", "lindero-")) or path == folder / _DERIVED


def _verified(source: Path) -> Contents:
    """Read a backup to its end and hold each file to its hash."""
    try:
        with zipfile.ZipFile(source) as archive:
            contents = _contents(archive)
            for name, digest in contents.files.items():
                with archive.open(name) as packed:
                    if hashlib.file_digest(packed, "sha256").hexdigest() != digest:  # type: ignore[arg-type]
                        raise ValueError(name)
    except _BROKEN as error:
        raise BackupError(N_("{file} is no whole backup: {why}"), file=source, why=error) from error
    return contents


def _contents(archive: zipfile.ZipFile) -> Contents:
    content = json.loads(archive.read(INDEX))
    if content.pop("format") > FORMAT:
        raise BackupError(N_("{file} was made by a newer version of Lindero: update this one"), file=archive.filename)
    contents = Contents(**content)
    paths = [PurePosixPath(name.replace("\\", "/")) for name in contents.files]
    if outside := [path for path in paths if path.is_absolute() or ".." in path.parts or ":" in path.parts[0]]:
        raise ValueError(outside[0])
    return contents


def _unpacked(source: Path, new: Path) -> None:
    contents = _verified(source)
    new.mkdir(parents=True, mode=0o700)
    with zipfile.ZipFile(source) as archive:
        for name, digest in contents.files.items():
            path = new / name
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700 if name.startswith("vault/") else 0o777)
            with archive.open(name) as packed, path.open("xb") as file:
                shutil.copyfileobj(packed, file, _AT_ONCE)
            if name.startswith(f"{vault_file.FOLDER}/"):
                path.chmod(0o600)
            with path.open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != digest:
                    raise BackupError(N_("{file} is no whole backup: {why}"), file=source, why=name)
    new.chmod(0o755)
