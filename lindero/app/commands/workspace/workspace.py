"""Commands of a workspace and its map: init, add, describe, remove, build, report, backup, restore."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lindero.app.commands.options import (
    AcceptOption,
    DryRunOption,
    SchedulerOption,
    TextFormatOption,
    WorkspaceArgument,
    WorkspaceOption,
    YesOption,
    confirm_removal,
    open_map,
    open_workspace,
    print_message,
    program,
    progress_bar,
    start_reader,
    warn_if_slow,
)
from lindero.app.commands.source_options import add_source_options
from lindero.app.commands.workspace.fetch import AllowPrivate, CaFile
from lindero.app.text.i18n import _, format_number, ngettext
from lindero.layers.workspace.source_options import ADD, DESCRIBE, SourceOptions

if TYPE_CHECKING:
    from lindero.layers.database.map_database import Connection
    from lindero.layers.workspace.manifest_file import Workspace

NO_VALUE = "-"  # clears a value


@program.command(help=_("Turn a folder into a workspace."))
def init(
    folder: Annotated[Path, typer.Argument(help=_("The folder. It is created if it does not exist."))],
    title: Annotated[str, typer.Option(help=_("Title of the map (default: the name of the folder)."))] = "",
    country: Annotated[str, typer.Option(help=_("Country code of two letters (ISO 3166)."))] = "",
) -> None:
    """Create a workspace."""
    from lindero.app.text.countries import country_name
    from lindero.layers.reference.draft import write_draft
    from lindero.layers.reference.packs import list_codes
    from lindero.layers.workspace import manifest_file as workspaces

    space = workspaces.create_workspace(folder, title=title or folder.resolve().name, country=country.upper())
    message = _(
        "{folder} is now a workspace. Its map is called “{title}”; to change that, edit the line title "
        "in lindero.toml. Next: lindero add FILE --workspace {folder}"
    )
    print_message(message.format(folder=folder, title=space.title))
    if space.country and space.country not in list_codes():
        draft = write_draft(folder / "country-pack", space.country)
        text = _(
            "Lindero has no pack for {country}: files are read by the names of their fields, and pages about the law "
            "are empty. A first draft of a pack is in {folder}; docs/countries.md says how to complete it."
        )
        print_message(text.format(country=country_name(space.country), folder=draft))


@program.command(help=_("Add a received file, after showing what it would change."))
@add_source_options(ADD)
def add(
    file: Annotated[
        str, typer.Argument(help=_("A file (GeoJSON, Shapefile, CSV, XLSX …) or the address of a service."))
    ],
    said: Mapping[str, Any],
    service: Annotated[
        str, typer.Option(help=_("Kind of service at an address: arcgis, ogc_api, wfs or file (default: detected)."))
    ] = "",
    workspace: WorkspaceOption = None,
    *,
    accept: AcceptOption = False,
    allow_private: AllowPrivate = False,
    ca_file: CaFile = None,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
) -> None:
    """Plan, show, ask on a terminal, and add."""
    from lindero.app.commands.workspace.add_flow import Consent, add_input

    start_reader()
    space, options = open_workspace(workspace), SourceOptions(**said)
    consent = Consent(dry_run=dry_run, yes=yes, accept=accept)
    add_input(space, file, options, consent, service=service, ca_file=ca_file, allow_private=allow_private)


@program.command(help=_("Set the dates, coverage or licence of an added source."))
@add_source_options(DESCRIBE)
def describe(
    source: Annotated[str, typer.Argument(help=_("Id of the source."))],
    said: Mapping[str, Any],
    snapshot: Annotated[str, typer.Option(help=_("Date of the snapshot, if the source has several."))] = "",
    workspace: WorkspaceOption = None,
) -> None:
    """Change the manifest and show what it says then; the map is as it was until the next build."""
    from lindero.app.builder.description import describe_source
    from lindero.layers.workspace.manifest_file import manifest_values

    stated = {name: ("" if value == NO_VALUE else value.strip()) for name, value in said.items() if value}
    if not stated:
        raise typer.BadParameter(
            _("no change was given; add an option such as --covers CODE or --covers-to 2021-12-31")
        )
    for entry in describe_source(open_workspace(workspace), source, stated, snapshot_on=snapshot):
        values = manifest_values(entry)
        lines = [f"  {name} = {values[name]}" for name in said if name in values]
        print_message("\n".join([f"{entry.id}@{entry.snapshot_on}", *lines]))
    print_message(_("The map does not change until the next lindero build."))


@program.command(help=_("Remove a source, or one snapshot of it, with its file."))
def remove(
    source: Annotated[str, typer.Argument(help=_("ID, or ID@YYYY-MM-DD for one snapshot."))],
    workspace: WorkspaceOption = None,
    *,
    yes: YesOption = False,
) -> None:
    """List what would be removed, ask on a terminal, and remove it; the map stays as it is until the next build."""
    from lindero.layers.vault import journal
    from lindero.layers.workspace import manifest_tables

    space = open_workspace(workspace)
    source_id, _sign, date = source.partition("@")
    confirm_removal(source, yes=yes)
    with journal.record_action(space.folder, journal.REMOVED, source=source_id, date=date):
        removed = manifest_tables.remove_source(space, source_id, snapshot_on=date)
    for entry in removed:
        print_message(
            _("Removed: {id} of {date}, {file}.").format(
                id=entry.id, date=entry.snapshot_on, file=Path(entry.file).name
            )
        )
    print_message(_("The map does not change until the next lindero build."))


@program.command(help=_("Build the map: read, check and overlay all sources."))
def build(
    workspace: WorkspaceArgument = None,
    scheduler: SchedulerOption = None,
) -> None:
    """Build the map and account for every row."""
    from lindero.layers.disk import builds

    space = open_workspace(workspace)
    if not (
        builds.read_inputs_fingerprint(space.build_folder) or builds.list_readings(space.build_folder)
    ):  # otherwise few files are read
        start_reader()
    from lindero.app.builder.build import build_map
    from lindero.app.builder.derived.dask_engine import open_engine
    from lindero.layers.workspace import manifest_file as workspaces

    warn_if_slow()
    if not workspaces.is_manifest_unchanged(space.folder):
        print_message(
            _(
                "lindero.toml has changed since Lindero last wrote it. Someone edited it, or the disk is "
                "failing: check that its content is right."
            )
        )
    with progress_bar(_("Building")) as step, open_engine(scheduler) as engine:
        result = build_map(space, progress=step, engine=engine)
    if result.changed:
        workspaces.store_manifest_hash(space.folder)
    if result.mended:
        print_message(_("Files damaged on the disk, now rebuilt: {files}").format(files=", ".join(result.mended)))
    if not result.changed:
        print_message(_("Nothing changed since the last build; the map stays as it is."))
    print_message(summary_text(space))


@program.command(help=_("Show what was received, kept and rejected, and why."))
def report(
    context: typer.Context,
    workspace: WorkspaceArgument = None,
    form: TextFormatOption = "text",
) -> None:
    """Print the account of every source."""
    from lindero.app.answers.coverage.source_report import read_report, report_text
    from lindero.app.answers.coverage.sources_answer import rows_section
    from lindero.layers.database import map_database

    con = open_map(workspace)
    if form == "json":
        from lindero.app.commands.json_provenance import provenance
        from lindero.app.media.files.files import to_records
        from lindero.app.media.files.plain import print_json
        from lindero.layers.model.schema import LAYERS

        tables = {name: to_records(frame) for name, frame in read_report(con).items()}
        print_json(provenance(context, con, "report", LAYERS.values()) | tables)
    elif form == "text":
        typer.echo(report_text(con))
    else:
        raise typer.BadParameter(
            _("'{value}' is not a valid choice; use one of: {choices}").format(value=form, choices="text, json")
        )
    print_message(rows_section(map_database.read_sources(con)).finding)


def summary_text(space: "Workspace") -> str:
    """Return the account of every source of a built map, and the next commands."""
    from lindero.app.answers.coverage.health import refused_snapshot_texts
    from lindero.app.answers.coverage.source_report import format_source
    from lindero.layers.database import map_database
    from lindero.layers.model.schema import OVERLAP_TABLE

    con = open_map(space.folder)
    count = map_database.count_rows(con)[OVERLAP_TABLE]
    last_line = ngettext(
        "{count} overlap. lindero report explains each rejection and repair; lindero serve opens the map.",
        "{count} overlaps. lindero report explains each rejection and repair; lindero serve opens the map.",
        count,
    ).format(count=format_number(count))
    sources = map(format_source, map_database.read_sources(con))
    return "\n".join([*sources, *refused_snapshot_texts(con), *_held_back_text(con), last_line])


def _held_back_text(con: "Connection") -> list[str]:
    """Return the question about rows that a build held back because they resemble withdrawn records."""
    from lindero.layers.check.visibility import LIKE_WITHDRAWN
    from lindero.layers.database import map_database

    rejects = map_database.read_table(con, "rejects")
    rows = rejects[rejects["reason"] == LIKE_WITHDRAWN]
    row_names = (
        rows["source_id"] + "/" + rows["snapshot_on"].astype(str).str[:10] + "/" + rows["row_number"].astype(str)
    )
    template = _(
        "Not on the map, because they resemble withdrawn records: {rows} (SOURCE/DATE/ROW). For each "
        "one, run `lindero withdraw ROW` if it is the same case, or `lindero withdraw --another ROW` if "
        "it is another person's."
    )
    return [template.format(rows=", ".join(row_names))] if len(rows) else []


# Commands that back up a workspace and restore it.


@program.command(help=_("Write the workspace to one file, without the built maps."))
def backup(
    file: Annotated[Path, typer.Argument(help=_("Output file, such as backup-2026-11-26.zip."))],
    workspace: WorkspaceOption = None,
) -> None:
    """Write, and read again to see that it is right."""
    from lindero.layers.vault import vault_file
    from lindero.layers.workspace import backup as backups

    space = open_workspace(workspace)
    contents = backups.write_backup(space, file)
    print_message(
        ngettext(
            "{file} contains {count} file. Its hash was checked.",
            "{file} contains {count} files. The hash of each one was checked.",
            len(contents.files),
        ).format(file=file, count=format_number(len(contents.files)))
    )
    if vault_file.has_vault(space.folder):
        print_message(
            _(
                "It contains the encrypted vault, but not the key. Keep the key elsewhere: without it nobody "
                "can open the vault again."
            )
        )


@program.command(help=_("Restore a backup; what was withdrawn stays withdrawn."))
def restore(
    file: Annotated[Path, typer.Argument(help=_("The file that `lindero backup` wrote."))],
    folder: Annotated[Path, typer.Argument(help=_("A new folder, or the workspace from which the backup was made."))],
) -> None:
    """Check, put back whole or not at all, and say what is left aside."""
    from lindero.layers.vault import journal
    from lindero.layers.workspace import backup as backups

    aside = backups.restore_backup(file, folder)
    journal.record_entry(folder, journal.RESTORED)
    print_message(_("Restored: {folder}. Next: lindero build {folder}").format(folder=folder))
    if aside is not None:
        print_message(
            _(
                "The previous workspace is now in {aside}. Delete it soon: it may contain records that "
                "were withdrawn since."
            ).format(aside=aside)
        )
