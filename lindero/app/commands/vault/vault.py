"""Commands of the vault: init, add, list, rekey, journal; and withdraw."""

import datetime as dt
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
    program,
    progress_bar,
    say,
    workspace_at,
)
from lindero.app.commands.program import Program
from lindero.app.commands.source_options import takes_options
from lindero.app.commands.vault.key import KeyFileOption, opened_by, passphrase_of
from lindero.app.output.formats import Format
from lindero.app.text.i18n import _, ngettext, number
from lindero.layers.errors import N_, JournalError, VaultError
from lindero.layers.workspace.source_options import VAULT, SourceOptions

if TYPE_CHECKING:
    import pandas as pd

    from lindero.app.pipeline.consent import Withdrawal
    from lindero.layers.vault.journal import Entry
    from lindero.layers.vault.vault_file import Vault
    from lindero.layers.workspace.manifest_file import Workspace

vault_program = Program(no_args_is_help=True, help=_("Manage records that are not public, encrypted."))
_NAMED = 10  # entries in one sentence


program.add_typer(vault_program, name="vault")


@vault_program.command(help=_("Make the workspace a vault. Losing its key loses the data."))
def init(workspace: WorkspaceOption = None, key_file: KeyFileOption = None) -> None:
    """Make a vault."""
    from lindero.layers.vault import key_derivation, vault_file
    from lindero.layers.vault.vault_file import Vault

    space = workspace_at(workspace)
    say(_("Whoever loses the key of the vault loses what is in it: nobody can bring it back. Keep a copy elsewhere."))
    passphrase = key_derivation.checked_new(passphrase_of(key_file, new=True))
    folder = vault_file.prepare(space.folder)
    vault_file.create(Vault(folder, key_derivation.derive(passphrase, folder)))
    say(_("{folder} is the vault. Copy the whole folder when you make a copy.").format(folder=folder))


@vault_program.command(help=_("Put a file into the vault; nothing of it is kept elsewhere."))
@takes_options(VAULT)
def add(
    file: Annotated[str, typer.Argument(help=_("GeoJSON, GeoPackage, CSV, XLSX and others; no archives."))],
    said: Mapping[str, Any],
    workspace: WorkspaceOption = None,
    key_file: KeyFileOption = None,
    *,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
) -> None:
    """Plan, show, ask on a terminal, and keep."""
    from lindero.app.pipeline.add.plan import plan_text
    from lindero.app.pipeline.consent import remember
    from lindero.app.pipeline.vault import keep, planned_for
    from lindero.layers.vault import journal

    space = workspace_at(workspace)
    vault = opened_by(space, key_file)
    taken = planned_for(vault, file, SourceOptions(**said), space, today=dt.datetime.now(dt.UTC).date())
    say(plan_text(taken, with_samples=False))
    if dry_run:
        return
    if messages.is_terminal and not yes and not typer.confirm(_("Add it?"), err=True):
        raise typer.Exit(1)
    with journal.act(space.folder, journal.ADDED, source=taken.entry.id, date=taken.entry.snapshot_on, into="vault"):
        remember(space, vault, taken.answers)
        keep(vault, taken, Path(file))
    _say_alike(vault, space, taken.entry.id)
    say(_("It is in the vault. {file} still lies where it was: delete it, and empty the bin.").format(file=file))


@vault_program.command(help=_("Destroy the vault for good: afterwards nobody can open it, not even with its key."))
def destroy(workspace: WorkspaceOption = None, *, yes: YesOption = False) -> None:
    """Destroy the salt of a vault, which needs no key, after the name of the workspace is typed."""
    from lindero.layers.vault import key_derivation, vault_file

    space = workspace_at(workspace)
    folder, name = vault_file.folder_of(space.folder), space.folder.resolve().name
    if not vault_file.exists(space.folder) and not folder.joinpath(key_derivation.SALT_FILE).exists():
        raise VaultError(N_("{folder} holds no vault"), folder=space.folder)
    if not yes:
        if not messages.is_terminal:
            raise VaultError(N_("to destroy the vault without being asked, add --yes; nothing was destroyed"))
        if (
            typer.prompt(_("This cannot be undone. Type {name} to destroy the vault").format(name=name), err=True)
            != name
        ):
            say(_("That is not the name: nothing was destroyed."))
            raise typer.Exit(1)
    count = key_derivation.destroy(folder)
    say(
        _(
            "The vault is destroyed: its salt was overwritten and deleted, without which the key opens nothing, and {n}"
            " other files of {folder} were deleted."
        ).format(n=number(count), folder=folder)
    )
    say(
        _(
            "This command cannot destroy: copies of the vault and backups (delete each); what a USB stick, an SSD or a"
            " phone's memory keeps of overwritten data; the key in a server that runs (stop it); files that you gave to"
            " the vault and left where they were; received public files and publications."
        )
    )


@vault_program.command(name="list", help=_("What the vault holds, by source; with --incidents each incident."))
def list_(
    form: FormatOption = Format.TABLE,
    workspace: WorkspaceOption = None,
    key_file: KeyFileOption = None,
    *,
    incidents: Annotated[bool, typer.Option("--incidents", help=_("One row per incident, with its id."))] = False,
) -> None:
    """Print what there is."""
    from lindero.app.output.export import write
    from lindero.layers.vault import contents, vault_file

    with vault_file.opened(opened_by(workspace_at(workspace), key_file)) as con:
        rows = contents.incidents(con) if incidents else contents.summary(con)
    write(rows, form, None)
    if rows.empty:
        say(_("The vault is empty."))


@vault_program.command(help=_("Give the vault a new key: the old one opens it no more."))
def rekey(
    workspace: WorkspaceOption = None,
    key_file: KeyFileOption = None,
    new_key_file: Annotated[
        Path | None, typer.Option(help=_("A file that holds the new key; else it is asked for."))
    ] = None,
) -> None:
    """Write the vault anew with another key."""
    from lindero.layers.vault import journal, key_derivation, vault_file

    space = workspace_at(workspace)
    vault = opened_by(space, key_file)
    passphrase = key_derivation.checked_new(passphrase_of(new_key_file, new=True))
    with journal.act(space.folder, journal.REKEYED):
        vault_file.rekey(vault, passphrase)
    say(_("The vault has a new key. Copies made before still open with the old one: delete them."))


@program.command(help=_("Withdraw an incident for good, as consent was withdrawn."))
def withdraw(
    incident_id: Annotated[
        str, typer.Argument(metavar="[ID]", help=_("Of the incident, as in `vault list --incidents`."))
    ] = "",
    also: Annotated[
        list[str] | None, typer.Option(help=_("ID of a record that is the same case; several times."))
    ] = None,
    another: Annotated[
        list[str] | None, typer.Option(help=_("ID of a record that is like it, and another's; several times."))
    ] = None,
    workspace: WorkspaceOption = None,
    key_file: KeyFileOption = None,
) -> None:
    """Withdraw an incident, and build the map without it."""
    from lindero.app.pipeline.build import build
    from lindero.app.pipeline.consent import keep_anothers
    from lindero.app.pipeline.consent import withdraw as take_out
    from lindero.layers.disk import builds
    from lindero.layers.vault import journal, vault_file

    space = workspace_at(workspace)
    vault = opened_by(space, key_file) if vault_file.exists(space.folder) else None
    if not incident_id:
        with journal.act(space.folder, journal.DECIDED):
            keep_anothers(space, vault, another or ())
        say(_("It is kept in mind that these are another's; the next build shows them."))
        return
    with journal.act(space.folder, journal.WITHDRAWN):  # not which: nothing is to tell of it any more
        done = take_out(space, vault, incident_id, also=also or (), another=another or ())
    _say_what_is_gone(done)
    if space.build_folder.joinpath(builds.POINTER).exists():
        with progress_bar(_("Building")) as step:
            build(space, progress=step)
        builds.forget_old(space.build_folder, keep_count=1)
    _say_what_stays(done)
    if not done.is_new:
        say(_("{id} was already withdrawn, and is kept out.").format(id=incident_id))
        return
    say(
        _(
            "Withdrawn: it is gone from the map, the vault and what is published next, and will not come back; what is"
            " like it is asked about. What was published before, and copies that others made, cannot be called back:"
            " publish again, and say so. A copy of the vault forgets it when it is opened in this workspace, and not"
            " before."
        )
    )
    if vault is not None:
        say(
            _(
                "A published number that counted it stays until at least 5 cases have changed; lindero publish DIR"
                " --without-vault publishes no number at once."
            )
        )


def _say_what_is_gone(done: "Withdrawal") -> None:
    if done.records:
        say(_("It stands in (SOURCE/DATE/ROW): {records}").format(records=", ".join(done.records)))
    if done.files_given_up:
        sentence = ngettext(
            "The vault gave up {n} received file that held it; its other rows stay.",
            "The vault gave up {n} received files that held it; their other rows stay.",
            done.files_given_up,
        )
        say(sentence.format(n=done.files_given_up))


def _say_what_stays(done: "Withdrawal") -> None:
    for file in done.still:
        say(
            _(
                "{file} was received with it and still holds it: ask the sender for a file without it, add that,"
                " and delete this one with its entry in lindero.toml."
            ).format(file=file)
        )


def _say_alike(vault: "Vault", space: "Workspace", source_id: str) -> None:
    """Say how many of a source's restricted records may be told already, before anybody counts them twice."""
    from lindero.app.products.publication.cases import Likeness, likeness
    from lindero.layers.vault import vault_file

    with on_the_map(space) as incidents, vault_file.opened(vault) as private:
        like = likeness(private, incidents, source_id)
    if incidents is None:
        say(
            _(
                "The map was not asked: there is none, or an earlier version built it. After lindero build, see"
                " lindero vault duplicates."
            )
        )
    if like == Likeness(0, 0, 0):
        say(_("None of its restricted records is like another of the vault, of the map or of itself."))
        return
    sentence = _(
        "Of its restricted records {in_vault} may be of a case or person that the vault holds already, {on_map} of one"
        " on the map, {in_source} of another of this file. Each is counted once; lindero vault duplicates shows them."
    )
    say(sentence.format(**{name: number(count) for name, count in like.__dict__.items()}))


@contextmanager
def on_the_map(space: "Workspace") -> Generator["pd.DataFrame | None"]:
    """Give the incidents of the current map; None while there is no map that this version reads."""
    from lindero.app.record.incidents import incidents_of
    from lindero.layers.database import map_database
    from lindero.layers.disk import builds
    from lindero.layers.errors import NotBuiltError

    try:
        con = map_database.connect(builds.current_map(space.build_folder))
        incidents = incidents_of(con)
    except NotBuiltError:
        yield None
        return
    with con:
        yield incidents


# The command that shows the journal: who did what, when.


@vault_program.command(help=_("Who did what, when: adds, withdrawals, openings of the vault, logins. Opens the vault."))
def journal(
    form: FormatOption = Format.TABLE,
    workspace: WorkspaceOption = None,
    key_file: KeyFileOption = None,
) -> None:
    """Print every entry, and fail if any is missing or was changed."""
    from lindero.app.output.export import write
    from lindero.layers.vault import journal as journals
    from lindero.layers.vault import vault_file

    vault = opened_by(workspace_at(workspace), key_file)
    with vault_file.opened(vault) as con:
        entries = journals.read(con, vault.folder)
    write(_rows(entries.entries, in_words=form is Format.TABLE), form, None)
    if entries.begins:
        say(_("The first {count} entries were let go: there were too many.").format(count=number(entries.begins)))
    if entries.broken or entries.is_cut:
        raise JournalError(
            N_("the journal is not as Lindero wrote it: {count} entries are missing or changed ({first}); {end}"),
            count=len(entries.broken),
            first=", ".join(map(str, entries.broken[:_NAMED])) or "–",
            end=_("its end was cut off or replaced") if entries.is_cut else _("its end is as it was"),
        )
    say(_("No entry is missing, and none was changed."))


def _rows(entries: "tuple[Entry, ...]", *, in_words: bool) -> "pd.DataFrame":
    import pandas as pd

    from lindero.layers.vault import journal as journals

    labels = {one.what: journals.WHAT.get(one.what, one.what) for one in entries}
    rows = [
        (one.number, one.at, one.who, _(labels[one.what]) if in_words else one.what, _about(one)) for one in entries
    ]
    return pd.DataFrame(rows, columns=["number", "at", "who", "what", "about"])


def _about(entry: "Entry") -> str:
    return ", ".join(f"{name}={value}" for name, value in entry.about.items())
