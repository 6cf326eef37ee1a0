"""The key of the vault as commands receive it: from a file, the environment or a prompt, never from an argument."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from lindero.app.commands.options import messages, print_message
from lindero.app.text.i18n import _, ngettext
from lindero.layers.errors import N_, JournalError, KeyNotGivenError, VaultError, WrongKeyError

if TYPE_CHECKING:
    from collections.abc import Callable

    from lindero.layers.vault.vault_file import Vault
    from lindero.layers.workspace.manifest_file import Workspace

Result = TypeVar("Result")
KeyFileOption = Annotated[
    Path | None,
    typer.Option(help=_("A file that holds the key; else LINDERO_VAULT_KEY, else it is asked for. Never an argument.")),
]


def unlock_vault(space: "Workspace", key_file: Path | None) -> "Vault":
    """
    Read the key of a workspace's vault, check it, and remove the records that were withdrawn since.

    Raises
    ------
    VaultError
        If there is no vault, no key was given, or the key is wrong.
    """
    from lindero.app.pipeline.consent import sync_withdrawals
    from lindero.layers.vault import vault_file

    folder = vault_file.vault_folder(space.folder)
    if not vault_file.has_vault(space.folder):
        raise VaultError(N_("{folder} holds no vault"), folder=space.folder)
    vault, was_old = _find_key(folder, read_passphrase(key_file, new=False), vault_file.migrate_vault)
    if was_old:
        print_message(
            _("The vault was of an earlier version of Lindero and is of this one now; its copies are as they were.")
        )
    _record_opening(space)
    update = sync_withdrawals(space, vault)
    if update.removed:
        line = ngettext(
            "{n} record was withdrawn since this copy of the vault was made: it was taken out.",
            "{n} records were withdrawn since this copy of the vault was made: they were taken out.",
            update.removed,
        )
        print_message(line.format(n=update.removed))
    if update.similar_ids:
        line = _("These records are like withdrawn ones: {ids}. `lindero withdraw ID` takes one out.")
        print_message(line.format(ids=", ".join(update.similar_ids)))
    return vault


def _record_opening(space: "Workspace") -> None:
    """
    Record in the audit log that the vault was opened.

    On a read-only medium, print that it was not recorded.
    """
    from lindero.app.text.error_advice import error_text
    from lindero.layers.vault import journal

    try:
        journal.record_entry(space.folder, journal.OPENED)
    except JournalError as error:
        print_message(_("Not noted in the journal: {why}").format(why=error_text(error)))


def _find_key(folder: Path, passphrase: str, use: "Callable[[Vault], Result]") -> tuple["Vault", "Result"]:
    """Return the vault with the key of the passphrase that opens it, and the result of `ask` with that vault."""
    from lindero.layers.vault import key_derivation
    from lindero.layers.vault.vault_file import Vault

    for key in key_derivation.iter_candidate_keys(passphrase, folder):
        vault = Vault(folder, key)
        try:
            return vault, use(vault)
        except WrongKeyError as error:
            last_error = error
    raise last_error


def read_passphrase(file: Path | None, *, new: bool) -> str:
    """Read the passphrase from the file or the environment, or else ask for it without showing it."""
    from lindero.layers.vault import key_derivation

    secret = key_derivation.read_secret(file)
    if secret is not None:
        return secret
    if not messages.is_terminal:
        raise KeyNotGivenError(
            N_("no key was given: name a file with --key-file or set {name}"), name=key_derivation.ENVIRONMENT
        )
    prompt = _("New key of the vault") if new else _("Key of the vault")
    return str(typer.prompt(prompt, hide_input=True, confirmation_prompt=new, err=True))
