"""Commands of the vault: init, add, destroy, list, rekey, journal; and withdraw."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lindero.app.commands.options import (
    DryRunOption,
    FormatOption,
    WorkspaceOption,
    YesOption,
    messages,
    open_workspace,
    print_message,
    program,
    progress_bar,
)
from lindero.app.commands.program import Program
from lindero.app.commands.source_options import add_source_options
from lindero.app.commands.vault.key import KeyFileOption, read_passphrase, read_replacement, unlock_vault
from lindero.app.media.files.formats import Format
from lindero.app.text.i18n import _, format_number, ngettext
from lindero.layers.errors import N_, JournalError, VaultError
from lindero.layers.workspace.source_options import VAULT, SourceOptions
from lindero.machine.clock import local_today

if TYPE_CHECKING:
    import pandas as pd

    from lindero.app.builder.consent import Withdrawal
    from lindero.layers.vault.journal import JournalEntry
    from lindero.layers.vault.vault_file import Vault
    from lindero.layers.workspace.manifest_file import Workspace

vault_program = Program(no_args_is_help=True, help=_("Manage the encrypted records that are not public."))
_MAX_NAMED = 10  # entries named in one sentence


program.add_typer(vault_program, name="vault")


@vault_program.command(help=_("Create the vault of the workspace. If you lose its key, you lose the data."))
def init(workspace: WorkspaceOption = None, key_file: KeyFileOption = None) -> None:
    """Create a vault."""
    from lindero.layers.vault import key_derivation, vault_file
    from lindero.layers.vault.vault_file import Vault

    space = open_workspace(workspace)
    print_message(
        _(
            "If you lose the key of the vault, you lose everything in it: nobody can recover it. Keep a copy "
            "of the key elsewhere."
        )
    )
    passphrase = key_derivation.check_passphrase(read_passphrase(key_file, new=True))
    folder = vault_file.prepare_folder(space.folder)
    vault_file.create_vault(Vault(folder, key_derivation.derive_key(passphrase, folder)))
    print_message(_("The vault is in {folder}. To make a copy, copy the whole folder.").format(folder=folder))


@vault_program.command(help=_("Add a file to the vault; nothing of it is kept elsewhere."))
@add_source_options(VAULT)
def add(
    file: Annotated[str, typer.Argument(help=_("A GeoJSON, GeoPackage, CSV, XLSX or other file, but not an archive."))],
    said: Mapping[str, Any],
    workspace: WorkspaceOption = None,
    key_file: KeyFileOption = None,
    *,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
) -> None:
    """Plan, show, ask on a terminal, and keep."""
    from lindero.app.builder.add.plan import plan_text
    from lindero.app.builder.consent import store_decisions
    from lindero.app.builder.vault import plan_for_vault, store_in_vault
    from lindero.layers.vault import journal

    space = open_workspace(workspace)
    vault = unlock_vault(space, key_file)
    plan = plan_for_vault(vault, file, SourceOptions(**said), space, today=local_today())
    print_message(plan_text(plan, with_samples=False))
    if dry_run:
        return
    if messages.is_terminal and not yes and not typer.confirm(_("Add it?"), err=True):
        raise typer.Exit(1)
    with journal.record_action(
        space.folder, journal.ADDED, source=plan.entry.id, date=plan.entry.snapshot_on, into="vault"
    ):
        store_decisions(space, vault, plan.answers)
        store_in_vault(vault, plan, Path(file))
    _print_likeness(vault, space, plan.entry.id)
    print_message(
        _("Added to the vault. {file} is still where it was: delete it, and empty the recycle bin.").format(file=file)
    )


@vault_program.command(help=_("Destroy the vault for good; nobody can open it afterwards, not even with its key."))
def destroy(workspace: WorkspaceOption = None, *, yes: YesOption = False) -> None:
    """Destroy the salt of a vault, which needs no key, after the name of the workspace is typed."""
    from lindero.layers.vault import key_derivation, vault_file

    space = open_workspace(workspace)
    folder, name = vault_file.vault_folder(space.folder), space.folder.resolve().name
    if not vault_file.has_vault(space.folder) and not folder.joinpath(key_derivation.SALT_FILE).exists():
        raise VaultError(N_("there is no vault in {folder}"), folder=space.folder)
    if not yes:
        if not messages.is_terminal:
            raise VaultError(N_("nothing was destroyed; to destroy the vault without being asked, add --yes"))
        if (
            typer.prompt(_("This cannot be undone. Type {name} to destroy the vault").format(name=name), err=True)
            != name
        ):
            print_message(_("The name does not match. Nothing was destroyed."))
            raise typer.Exit(1)
    count = key_derivation.destroy_vault(folder)
    print_message(
        _(
            "The vault is destroyed. Its salt was overwritten and deleted; without it the key opens "
            "nothing. Other files deleted from {folder}: {n}."
        ).format(n=format_number(count), folder=folder)
    )
    print_message(
        _(
            "This command does not destroy copies of the vault or backups: delete each one. Nor does it "
            "destroy the key in a running server: stop the server. A USB stick, an SSD or a phone may "
            "still keep overwritten data. Files that you added to the vault and left where they were "
            "also remain. So do received public files and publications."
        )
    )


@vault_program.command(
    name="list", help=_("List the content of the vault by source, or each incident with --incidents.")
)
def list_(
    form: FormatOption = Format.TABLE,
    workspace: WorkspaceOption = None,
    key_file: KeyFileOption = None,
    *,
    incidents: Annotated[bool, typer.Option("--incidents", help=_("One row per incident, with its id."))] = False,
) -> None:
    """Print what there is."""
    from lindero.app.media.files.export import write_answer
    from lindero.layers.vault import contents, vault_file

    with vault_file.open_vault(unlock_vault(open_workspace(workspace), key_file)) as con:
        rows = contents.read_incidents(con) if incidents else contents.count_by_snapshot(con)
    write_answer(rows, form, None)
    if rows.empty:
        print_message(_("The vault is empty."))


@vault_program.command(help=_("Give the vault a new key; the old key no longer opens it."))
def rekey(
    workspace: WorkspaceOption = None,
    key_file: KeyFileOption = None,
    new_key_file: Annotated[
        Path | None, typer.Option(help=_("File with the new key. Without it, Lindero asks for the key."))
    ] = None,
) -> None:
    """Write the vault anew with another key."""
    from lindero.layers.vault import journal, key_derivation, vault_file

    space = open_workspace(workspace)
    vault = unlock_vault(space, key_file)
    passphrase = key_derivation.check_passphrase(read_replacement(new_key_file))
    with journal.record_action(space.folder, journal.REKEYED):
        vault_file.rekey(vault, passphrase)
    print_message(_("The vault has a new key. Earlier copies still open with the old key: delete them."))


@program.command(help=_("Withdraw an incident for good, after consent was withdrawn."))
def withdraw(
    incident_id: Annotated[
        str, typer.Argument(metavar="[ID]", help=_("Id of the incident, as in `vault list --incidents`."))
    ] = "",
    also: Annotated[
        list[str] | None, typer.Option(help=_("Id of another record of the same case. May be repeated."))
    ] = None,
    another: Annotated[
        list[str] | None, typer.Option(help=_("Id of a similar record about another person. May be repeated."))
    ] = None,
    workspace: WorkspaceOption = None,
    key_file: KeyFileOption = None,
) -> None:
    """Withdraw an incident, and build the map without it."""
    from lindero.app.builder.build import build_map
    from lindero.app.builder.consent import mark_as_other_person
    from lindero.app.builder.consent import withdraw as take_out
    from lindero.layers.disk import builds
    from lindero.layers.vault import journal, vault_file

    space = open_workspace(workspace)
    vault = unlock_vault(space, key_file) if vault_file.has_vault(space.folder) else None
    if not incident_id:
        with journal.record_action(space.folder, journal.DECIDED):
            mark_as_other_person(space, vault, another or ())
        print_message(_("Stored: these records are about other people. The next build shows them."))
        return
    with journal.record_action(space.folder, journal.WITHDRAWN):  # without the id: no trace of the record may remain
        withdrawal = take_out(space, vault, incident_id, also=also or (), another=another or ())
    _print_removals(withdrawal)
    if space.build_folder.joinpath(builds.POINTER).exists():
        with progress_bar(_("Building")) as step:
            build_map(space, progress=step)
        builds.delete_old_maps(space.build_folder, keep_count=1)
    _print_remaining_files(withdrawal)
    if not withdrawal.is_new:
        print_message(_("{id} was already withdrawn and stays out.").format(id=incident_id))
        return
    print_message(
        _(
            "Withdrawn. The record is gone from the map, the vault and later publications, and will not "
            "come back. Lindero asks about similar records. Earlier publications and copies that others "
            "made cannot be recalled: publish again, and tell those who have them. A copy of the vault "
            "loses the record only when it is opened in this workspace."
        )
    )
    if vault is not None:
        print_message(
            _(
                "A published number that counted it stays until at least 5 cases have changed. lindero "
                "publish DIR --without-vault publishes at once, without any number."
            )
        )


def _print_removals(withdrawal: "Withdrawal") -> None:
    if withdrawal.records:
        print_message(_("Withdrawn records (SOURCE/DATE/ROW): {records}").format(records=", ".join(withdrawal.records)))
    if withdrawal.files_given_up:
        sentence = ngettext(
            "{n} received file that contained it was deleted from the vault; its other rows stay.",
            "{n} received files that contained it were deleted from the vault; their other rows stay.",
            withdrawal.files_given_up,
        )
        print_message(sentence.format(n=withdrawal.files_given_up))


def _print_remaining_files(withdrawal: "Withdrawal") -> None:
    for file in withdrawal.remaining_files:
        print_message(
            _(
                "The received file {file} still contains it. Ask the sender for a file without it and "
                "add that one. Then delete {file} and its entry in lindero.toml."
            ).format(file=file)
        )


def _print_likeness(vault: "Vault", space: "Workspace", source_id: str) -> None:
    """Print how many restricted records of a source may be recorded already, so that nobody counts them twice."""
    from lindero.app.media.site.cases import PossibleDuplicates, count_possible_duplicates
    from lindero.layers.vault import vault_file

    with read_map_incidents(space) as incidents, vault_file.open_vault(vault) as private:
        counts = count_possible_duplicates(private, incidents, source_id)
    if incidents is None:
        print_message(
            _(
                "The records were not compared with the map: there is no map, or an earlier version "
                "built it. Run lindero build, then lindero vault duplicates."
            )
        )
    if counts == PossibleDuplicates(0, 0, 0):
        print_message(
            _("No restricted record of this file resembles another in the file, in the vault or on the map.")
            if incidents is not None
            else _("No restricted record of this file resembles another in the file or in the vault.")
        )
        return
    sentence = (
        _(
            "Restricted records of this file that may repeat a case or a person: {in_vault} from the vault, "
            "{on_map} from the map, {in_source} within the file. Each is counted once; lindero vault "
            "duplicates shows them."
        )
        if incidents is not None
        else _(
            "Restricted records of this file that may repeat a case or a person: {in_vault} from the vault, "
            "{in_source} within the file. Each is counted once; lindero vault duplicates shows them."
        )
    )
    print_message(sentence.format(**{name: format_number(count) for name, count in counts.__dict__.items()}))


@contextmanager
def read_map_incidents(space: "Workspace") -> Generator["pd.DataFrame | None"]:
    """Yield the incidents of the current map, or None if there is no map that this version can read."""
    from lindero.app.answers.record.incidents import read_incidents
    from lindero.layers.database import map_database
    from lindero.layers.disk import builds
    from lindero.layers.errors import NotBuiltError

    try:
        con = map_database.connect(builds.current_map(space.build_folder))
        incidents = read_incidents(con)
    except NotBuiltError:
        yield None
        return
    with con:
        yield incidents


# The command that shows the journal: who did what, when.


@vault_program.command(
    help=_("List who did what and when: additions, withdrawals, openings of the vault, logins. Opens the vault.")
)
def journal(
    form: FormatOption = Format.TABLE,
    workspace: WorkspaceOption = None,
    key_file: KeyFileOption = None,
) -> None:
    """Print every entry, and fail if any is missing or was changed."""
    from lindero.app.media.files.export import write_answer
    from lindero.layers.vault import journal as journals
    from lindero.layers.vault import vault_file

    vault = unlock_vault(open_workspace(workspace), key_file)
    with vault_file.open_vault(vault) as con:
        entries = journals.read_journal(con, vault.folder)
    write_answer(_journal_rows(entries.entries, in_words=form is Format.TABLE), form, None)
    if entries.begins:
        print_message(
            _("The {count} oldest entries were deleted, because there were too many.").format(
                count=format_number(entries.begins)
            )
        )
    if entries.broken or entries.is_cut:
        raise JournalError(
            N_("the journal is not as Lindero wrote it. Missing or changed entries: {count} ({first}); {end}"),
            count=len(entries.broken),
            first=", ".join(map(str, entries.broken[:_MAX_NAMED])) or "–",
            end=_("its end was cut off or replaced") if entries.is_cut else _("its end is intact"),
        )
    print_message(_("No entry is missing or changed."))


def _journal_rows(entries: "tuple[JournalEntry, ...]", *, in_words: bool) -> "pd.DataFrame":
    import pandas as pd

    from lindero.layers.vault import journal as journals

    labels = {entry.what: journals.ACTION_NAMES.get(entry.what, entry.what) for entry in entries}
    rows = [
        (entry.number, entry.at, entry.who, _(labels[entry.what]) if in_words else entry.what, _format_details(entry))
        for entry in entries
    ]
    return pd.DataFrame(rows, columns=["number", "at", "who", "what", "about"])


def _format_details(entry: "JournalEntry") -> str:
    return ", ".join(f"{name}={value}" for name, value in entry.about.items())
