"""
A release: the folder of a publication and the vault's note of it come together or not at all.

First the files, proved and on the disk; then a note in the vault of what they were made from; then the folder takes its
place in one step; then the note is settled. Who dies on the way leaves a note that the next release compares with the
folder.
"""

import datetime as dt
import hashlib
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from lindero.app.products.publication import publication_files
from lindero.app.products.publication.publication_files import DESCRIPTION
from lindero.app.products.publication.select import Publication, publication_of
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Connection
from lindero.layers.disk import builds, folder_swap
from lindero.layers.errors import N_, PublishError, VaultError
from lindero.layers.publish import releases
from lindero.layers.publish.releases import Release
from lindero.layers.vault import vault_file
from lindero.layers.vault.vault_file import Vault
from lindero.layers.workspace.manifest_file import Workspace

Prove = Callable[[Path], None]
Tell = Callable[[Publication], None]


def release(
    space: Workspace,
    vault: Vault | None,
    folder: Path,
    *,
    today: dt.date,
    prove: Prove,
    tell: Tell = lambda _pub: None,
    was_published: bool | None = None,
) -> bool:
    """
    Publish a workspace, and its vault if its key is there, into a folder: whole, or not at all.

    Parameters
    ----------
    prove
        Looks at the files while they are in a folder that nobody knows; if it raises, they are gone.
    tell
        Is told what is published before any file is written.
    was_published
        Whether the last release, if it was cut short, came to its place; asked where the folder does not tell.

    Returns
    -------
    bool
        Whether the vault could note that the folder is in its place; if not, the next release looks at the folder.

    Raises
    ------
    PublishError
        If the folder holds anything but a publication, cannot be written, or its numbers are of another vault; or if
        nothing tells whether the last release came to its place.
    VaultError
        If the vault cannot be opened or written.
    """
    publication_files.check_target(folder)
    folder = folder.absolute()
    publication_files.clear_old(folder)
    with _words_for_disks(folder):
        if vault is None:
            with _own_map(space) as own:
                pub = publication_of(own, None, title=space.title, today=today, country=space.country)
                tell(pub)
                with folder_swap.replacement(folder) as new:
                    _written(own, pub, new, prove)
                    folder_swap.put_in_place(new, folder)
            return True
        with vault_file.alone(vault):
            _resolve(space, vault, was_published=was_published)
            if was_published is not False:
                _hold_known(space, vault)
            return _with_vault(space, vault, folder, today=today, prove=prove, tell=tell)


def _with_vault(space: Workspace, vault: Vault, folder: Path, *, today: dt.date, prove: Prove, tell: Tell) -> bool:
    with folder_swap.replacement(folder) as new:
        with vault_file.rewritten(vault) as con:
            if not releases.is_known(con, _mark(folder)) and publication_files.has_numbers(folder):
                raise PublishError(
                    N_(
                        "the numbers in {folder} were not made from this vault as it is: it is another one, or a copy "
                        "from before. Take the vault that they were made from; if nobody was given these numbers, "
                        "name another folder"
                    ),
                    folder=folder,
                )
            with _own_map(space) as own:
                pub = publication_of(own, con, title=space.title, today=today, country=space.country)
                tell(pub)
                _written(own, pub, new, prove)
            mark = _mark(new)
            releases.note(con, Release(mark, today, folder), pub.basis)
        folder_swap.put_in_place(new, folder)
        try:
            releases.note_published(space.folder, mark)
            with vault_file.rewritten(vault) as con:
                releases.settle(con, mark)
        except (VaultError, OSError):
            return False  # it is published: the note stays, and the next release settles it
        return True


def _own_map(space: Workspace) -> Connection:
    """Open the map that is published, once: what is chosen of it and what changed in it are of one build."""
    return map_database.connect(builds.current_map(space.build_folder))


def _written(own: Connection, pub: Publication, new: Path, prove: Prove) -> None:
    publication_files.write(pub, own, new)
    prove(new)
    new.chmod(0o755)
    folder_swap.sync_all(new)


def _hold_known(space: Workspace, vault: Vault) -> None:
    """Raise if the vault does not know of the last publication: the numbers of both would be compared."""
    last = releases.last_published(space.folder)
    with vault_file.opened(vault) as con:
        if last and not releases.is_known(con, last):
            raise PublishError(
                N_(
                    "this vault does not know of the last publication: it is another one, or a copy from before. Take "
                    "the vault that it was made from; if nobody was given that publication, publish with "
                    "--last-not-published"
                )
            )


def _resolve(space: Workspace, vault: Vault, *, was_published: bool | None) -> None:
    """Settle or drop what a release that was cut short noted, by what is in its place."""
    with vault_file.opened(vault) as con:
        noted = releases.pending(con)
    if noted is None:
        return
    came = _came_to_its_place(noted, was_published=was_published)
    if came:
        releases.note_published(space.folder, noted.mark)
    with vault_file.rewritten(vault) as con:
        (releases.settle if came else releases.drop)(con, noted.mark)
    folder_swap.clear(noted.folder)


def _came_to_its_place(noted: Release, *, was_published: bool | None) -> bool:
    if _mark(noted.folder) == noted.mark:
        return True
    if _mark(folder_swap.beside(noted.folder)) == noted.mark:
        return False
    if was_published is None:
        raise PublishError(
            N_(
                "the publication of {date} was cut short, and {folder} does not tell whether it was finished. If "
                "anybody has it, publish with --last-published, else with --last-not-published"
            ),
            date=noted.published_on,
            folder=noted.folder,
        )
    return was_published


def _mark(folder: Path) -> str:
    """Hash the description of a publication; empty if there is none."""
    path = folder / DESCRIPTION
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


@contextmanager
def _words_for_disks(folder: Path) -> Generator[None]:
    try:
        yield
    except OSError as error:
        raise PublishError(N_("{folder} cannot be written: {why}"), folder=folder, why=error.strerror) from error
