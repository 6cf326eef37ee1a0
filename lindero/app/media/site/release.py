"""Releases: the folder of a publication and its record in the vault change together or not at all.

First the files are written, checked and synced to disk. Then the vault records what they were made from, the folder is
moved to its place in one step, and the record is marked as settled. An interrupted release leaves a record that the
next release compares with the folder.
"""

import datetime as dt
import hashlib
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from lindero.app.answers.engine import Progress
from lindero.app.media.site import publication_files
from lindero.app.media.site.publication_files import DESCRIPTION
from lindero.app.media.site.select import Publication, select_from_map
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Connection
from lindero.layers.disk import builds, folder_swap
from lindero.layers.errors import N_, PublishError, VaultError
from lindero.layers.publish import releases
from lindero.layers.publish.releases import Release
from lindero.layers.vault import vault_file
from lindero.layers.vault.vault_file import Vault
from lindero.layers.workspace.manifest_file import Workspace

CheckFolder = Callable[[Path], None]
Report = Callable[[Publication], None]


def publish_release(
    space: Workspace,
    vault: Vault | None,
    folder: Path,
    *,
    today: dt.date,
    prove: CheckFolder,
    announce: Report = lambda _pub: None,
    progress: Progress = lambda *_: None,
    was_published: bool | None = None,
) -> bool:
    """Publish a workspace, and its vault if the key is available, into a folder atomically."""
    publication_files.check_target(folder)
    folder = folder.absolute()
    publication_files.delete_old_folders(folder)
    with _translate_disk_errors(folder):
        if vault is None:
            with _open_map(space) as map_con:
                pub = select_from_map(map_con, None, title=space.title, today=today, country=space.country)
                announce(pub)
                with folder_swap.prepare_replacement(folder) as new:
                    _write_and_check(map_con, pub, new, prove, progress)
                    folder_swap.replace_folder(new, folder)
            return True
        with vault_file.lock_vault(vault):
            _resolve_pending(space, vault, was_published=was_published)
            if was_published is not False:
                _require_known_release(space, vault, was_published=was_published)
            return _publish_with_vault(
                space, vault, folder, today=today, prove=prove, announce=announce, progress=progress
            )


def _publish_with_vault(
    space: Workspace,
    vault: Vault,
    folder: Path,
    *,
    today: dt.date,
    prove: CheckFolder,
    announce: Report,
    progress: Progress,
) -> bool:
    with folder_swap.prepare_replacement(folder) as new:
        with vault_file.rewrite_vault(vault) as con:
            if not releases.is_known_release(con, _description_hash(folder)) and publication_files.has_counts(folder):
                raise PublishError(
                    N_(
                        "the numbers in {folder} were not made from this vault as it is: it is another "
                        "vault, or an older copy. Use the vault that they were made from. If nobody was "
                        "given these numbers, choose another folder"
                    ),
                    folder=folder,
                )
            with _open_map(space) as map_con:
                pub = select_from_map(map_con, con, title=space.title, today=today, country=space.country)
                announce(pub)
                _write_and_check(map_con, pub, new, prove, progress)
            mark = _description_hash(new)
            releases.record_release(con, Release(mark, today, folder), pub.basis)
        folder_swap.replace_folder(new, folder)
        try:
            releases.write_last_mark(space.folder, mark)
            with vault_file.rewrite_vault(vault) as con:
                releases.settle_release(con, mark)
        except (VaultError, OSError):
            return False  # it is published: the note stays, and the next release settles it
        return True


def _open_map(space: Workspace) -> Connection:
    """Open the map to publish. It is opened only once, so that its rows and its changes are of one build."""
    return map_database.connect(builds.current_map(space.build_folder))


def _write_and_check(map_con: Connection, pub: Publication, new: Path, prove: CheckFolder, progress: Progress) -> None:
    publication_files.write_publication(pub, map_con, new, progress=progress)
    prove(new)
    new.chmod(0o755)
    folder_swap.sync_tree(new)


def _require_known_release(space: Workspace, vault: Vault, *, was_published: bool | None) -> None:
    """Raise if the vault has no record of the last publication, or if the file that names it was lost.

    The numbers of both publications could be compared.
    """
    last = releases.read_last_mark(space.folder)
    with vault_file.open_vault(vault) as con:
        if not last and not was_published and (last is None or not releases.has_no_release(con)):
            raise PublishError(
                N_(
                    "{file} is missing or damaged, so nothing shows whether this vault is an older copy. Take the "
                    "file from a backup. If this vault is the newest one, publish with --last-published"
                ),
                file=releases.FILE,
            )
        if last and not releases.is_known_release(con, last):
            raise PublishError(
                N_(
                    "this vault does not know the last publication: it is another vault, or an older "
                    "copy. Use the vault that it was made from. If nobody was given that publication, "
                    "publish with --last-not-published"
                )
            )


def _resolve_pending(space: Workspace, vault: Vault, *, was_published: bool | None) -> None:
    """Settle or delete the record of an interrupted release, depending on the folder in its place."""
    with vault_file.open_vault(vault) as con:
        pending = releases.find_pending_release(con)
    if pending is None:
        return
    was_completed = _reached_its_place(pending, was_published=was_published)
    if was_completed:
        releases.write_last_mark(space.folder, pending.mark)
    with vault_file.rewrite_vault(vault) as con:
        (releases.settle_release if was_completed else releases.delete_release)(con, pending.mark)
    folder_swap.recover_folder(pending.folder)


def _reached_its_place(pending: Release, *, was_published: bool | None) -> bool:
    if _description_hash(pending.folder) == pending.mark:
        return True
    if _description_hash(folder_swap.replacement_path(pending.folder)) == pending.mark:
        return False
    if was_published is None:
        raise PublishError(
            N_(
                "the publication of {date} was interrupted, and {folder} does not show whether it was "
                "finished. If anybody has it, publish with --last-published; if not, with "
                "--last-not-published"
            ),
            date=pending.published_on,
            folder=pending.folder,
        )
    return was_published


def _description_hash(folder: Path) -> str:
    """Return the hash of the description of a publication; empty if there is none."""
    path = folder / DESCRIPTION
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


@contextmanager
def _translate_disk_errors(folder: Path) -> Generator[None]:
    try:
        yield
    except OSError as error:
        raise PublishError(N_("{folder} cannot be written: {why}"), folder=folder, why=error.strerror) from error
