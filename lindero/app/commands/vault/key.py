"""How commands come by the key of the vault: from a file, the environment or a prompt; never from an argument."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from lindero.app.commands.options import messages, say
from lindero.app.text.i18n import _, ngettext
from lindero.layers.errors import N_, JournalError, KeyNotGivenError, VaultError, WrongKeyError

if TYPE_CHECKING:
    from collections.abc import Callable

    from lindero.layers.vault.vault_file import Vault
    from lindero.layers.workspace.manifest_file import Workspace

Told = TypeVar("Told")
KeyFileOption = Annotated[
    Path | None,
    typer.Option(help=_("A file that holds the key; else LINDERO_VAULT_KEY, else it is asked for. Never an argument.")),
]


def opened_by(space: "Workspace", key_file: Path | None) -> "Vault":
    """
    Ask for the key of a workspace's vault, prove that it opens it, and bring it up to date with what was withdrawn.

    Raises
    ------
    VaultError
        If there is no vault, no key was given, or it is not the key.
    """
    from lindero.app.pipeline.consent import up_to_date
    from lindero.layers.vault import vault_file

    folder = vault_file.folder_of(space.folder)
    if not vault_file.exists(space.folder):
        raise VaultError(N_("{folder} holds no vault"), folder=space.folder)
    vault, was_old = _that_opens(folder, passphrase_of(key_file, new=False), vault_file.migrate)
    if was_old:
        say(_("The vault was of an earlier version of Lindero and is of this one now; its copies are as they were."))
    _note_opening(space)
    update = up_to_date(space, vault)
    if update.removed:
        line = ngettext(
            "{n} record was withdrawn since this copy of the vault was made: it was taken out.",
            "{n} records were withdrawn since this copy of the vault was made: they were taken out.",
            update.removed,
        )
        say(line.format(n=update.removed))
    if update.like:
        line = _("These records are like withdrawn ones: {ids}. `lindero withdraw ID` takes one out.")
        say(line.format(ids=", ".join(update.like)))
    return vault


def _note_opening(space: "Workspace") -> None:
    """Note that the vault was opened; on a medium that can only be read, say that it was not noted."""
    from lindero.app.text.error_advice import error_text
    from lindero.layers.vault import journal

    try:
        journal.note(space.folder, journal.OPENED)
    except JournalError as error:
        say(_("Not noted in the journal: {why}").format(why=error_text(error)))


def _that_opens(folder: Path, passphrase: str, ask: "Callable[[Vault], Told]") -> tuple["Vault", "Told"]:
    """Give the vault with the one of the passphrase's keys that opens it, and what it told who asked and opened it."""
    from lindero.layers.vault import key_derivation
    from lindero.layers.vault.vault_file import Vault

    for key in key_derivation.candidates(passphrase, folder):
        vault = Vault(folder, key)
        try:
            return vault, ask(vault)
        except WrongKeyError as error:
            wrong = error
    raise wrong


def passphrase_of(file: Path | None, *, new: bool) -> str:
    """Take the key from the file or the environment, else ask for it; it is not shown as it is typed."""
    from lindero.layers.vault import key_derivation

    secret = key_derivation.configured_secret(file)
    if secret is not None:
        return secret
    if not messages.is_terminal:
        raise KeyNotGivenError(
            N_("no key was given: name a file with --key-file or set {name}"), name=key_derivation.ENVIRONMENT
        )
    prompt = _("New key of the vault") if new else _("Key of the vault")
    return str(typer.prompt(prompt, hide_input=True, confirmation_prompt=new, err=True))
