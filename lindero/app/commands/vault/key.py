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
    typer.Option(
        help=_(
            "File with the key of the vault. Without it, Lindero reads LINDERO_VAULT_KEY or asks. The key is "
            "never an argument."
        )
    ),
]


def unlock_vault(space: "Workspace", key_file: Path | None) -> "Vault":
    """Read the key of a workspace's vault, check it, and remove the records that were withdrawn since."""
    from lindero.app.builder.consent import sync_withdrawals
    from lindero.layers.vault import vault_file

    folder = vault_file.vault_folder(space.folder)
    if not vault_file.has_vault(space.folder):
        raise VaultError(N_("there is no vault in {folder}"), folder=space.folder)
    vault, was_old = _find_key(folder, read_passphrase(key_file, new=False), vault_file.migrate_vault)
    if was_old:
        print_message(
            _("The vault came from an earlier version of Lindero and has been converted. Copies of it have not.")
        )
    _record_opening(space)
    update = sync_withdrawals(space, vault)
    if update.removed:
        line = ngettext(
            "{n} record was withdrawn after this copy of the vault was made, and has now been removed from it.",
            "{n} records were withdrawn after this copy of the vault was made, and have now been removed from it.",
            update.removed,
        )
        print_message(line.format(n=update.removed))
    if update.similar_ids:
        line = _("These records resemble withdrawn ones: {ids}. To withdraw one of them: `lindero withdraw ID`.")
        print_message(line.format(ids=", ".join(update.similar_ids)))
    return vault


def _record_opening(space: "Workspace") -> None:
    """Record in the audit log that the vault was opened.

    On a read-only medium, print that it was not recorded.
    """
    from lindero.app.text.error_advice import error_text
    from lindero.layers.vault import journal

    try:
        journal.record_entry(space.folder, journal.OPENED)
    except JournalError as error:
        print_message(
            _("The opening of the vault was not recorded in the journal: {why}").format(why=error_text(error))
        )


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
            N_("no key was given: give a file with --key-file, or set the variable {name}"),
            name=key_derivation.ENVIRONMENT,
        )
    return _ask_passphrase(new=new)


def read_replacement(file: Path | None) -> str:
    """Read the passphrase that replaces the present one from a file, or ask for it without showing it.

    The environment variable holds the present passphrase, so it is never used here.
    """
    from lindero.layers.vault import key_derivation

    if file is not None and (secret := key_derivation.read_secret(file)) is not None:
        return secret
    if not messages.is_terminal:
        raise KeyNotGivenError(N_("no new key was given: give a file with --new-key-file"))
    return _ask_passphrase(new=True)


def _ask_passphrase(*, new: bool) -> str:
    prompt = _("New key of the vault") if new else _("Key of the vault")
    return str(typer.prompt(prompt, hide_input=True, confirmation_prompt=new, err=True))
