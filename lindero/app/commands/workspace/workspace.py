"""Commands of a workspace and its map: init, add, build, report, backup, restore."""

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
    expect_files,
    map_of,
    program,
    progress_bar,
    say,
    say_if_slow,
    workspace_at,
)
from lindero.app.commands.source_options import takes_options
from lindero.app.commands.workspace.fetch import AllowPrivate, CaFile
from lindero.app.text.i18n import _, number
from lindero.layers.workspace.source_options import ADD, DESCRIBE, SourceOptions

if TYPE_CHECKING:
    from lindero.layers.database.map_database import Connection
    from lindero.layers.workspace.manifest_file import Workspace

NOTHING = "-"  # takes a value out


@program.command(help=_("Make a folder a workspace."))
def init(
    folder: Annotated[Path, typer.Argument(help=_("The folder; it is made if it is not there."))],
    title: Annotated[str, typer.Option(help=_("What the map is called; the folder's name unless said."))] = "",
    country: Annotated[str, typer.Option(help=_("Two letters (ISO 3166), such as PE."))] = "",
) -> None:
    """Make a workspace."""
    from lindero.layers.workspace import manifest_file as workspaces

    space = workspaces.create(folder, title=title or folder.resolve().name, country=country.upper())
    said = _(
        "{folder} is a workspace now. Its map is called “{title}”: the line title in lindero.toml says so, and can be "
        "changed there. Next: lindero add FILE --workspace {folder}"
    )
    say(said.format(folder=folder, title=space.title))


@program.command(help=_("Add a received file; first show what that would do."))
@takes_options(ADD)
def add(
    file: Annotated[str, typer.Argument(help=_("A file (GeoJSON, Shapefile, CSV, XLSX …) or a service's address."))],
    said: Mapping[str, Any],
    service: Annotated[str, typer.Option(help=_("Of an address: arcgis, ogc_api, wfs or file; else found out."))] = "",
    workspace: WorkspaceOption = None,
    *,
    accept: AcceptOption = False,
    allow_private: AllowPrivate = False,
    ca_file: CaFile = None,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
) -> None:
    """Plan, show, ask on a terminal, and add."""
    from lindero.app.commands.workspace.add_flow import Consent, take

    expect_files()
    space, options = workspace_at(workspace), SourceOptions(**said)
    consent = Consent(dry_run=dry_run, yes=yes, accept=accept)
    take(space, file, options, consent, service=service, ca_file=ca_file, allow_private=allow_private)


@program.command(help=_("State dates, coverage or licence of an added source."))
@takes_options(DESCRIBE)
def describe(
    source: Annotated[str, typer.Argument(help=_("The id of a source."))],
    said: Mapping[str, Any],
    snapshot: Annotated[str, typer.Option(help=_("The date of one snapshot, where the source has several."))] = "",
    workspace: WorkspaceOption = None,
) -> None:
    """Change the manifest and show what it says then; the map is as it was until the next build."""
    from lindero.app.pipeline.description import describe_source
    from lindero.layers.workspace.manifest_file import manifest_values

    stated = {name: ("" if value == NOTHING else value.strip()) for name, value in said.items() if value}
    if not stated:
        raise typer.BadParameter(_("say what to change, such as --covers PE or --covers-to 2021-12-31"))
    for entry in describe_source(workspace_at(workspace), source, stated, snapshot_on=snapshot):
        told = manifest_values(entry)
        lines = [f"  {name} = {told[name]}" for name in said if name in told]
        say("\n".join([f"{entry.id}@{entry.snapshot_on}", *lines]))
    say(_("The map is as it was until the next lindero build."))


@program.command(help=_("Remove a source, or one version of it, with its file."))
def remove(
    source: Annotated[str, typer.Argument(help=_("ID, or ID@YYYY-MM-DD for one snapshot."))],
    workspace: WorkspaceOption = None,
    *,
    yes: YesOption = False,
) -> None:
    """Say what would go, ask on a terminal, and take it out; the map is as it was until the next build."""
    from lindero.layers.vault import journal
    from lindero.layers.workspace import manifest_tables

    space = workspace_at(workspace)
    source_id, _sign, day = source.partition("@")
    confirm_removal(source, yes=yes)
    with journal.act(space.folder, journal.REMOVED, source=source_id, date=day):
        removed = manifest_tables.remove(space, source_id, snapshot_on=day)
    for gone in removed:
        say(
            _("Taken out: {id} of {date}, {file}.").format(id=gone.id, date=gone.snapshot_on, file=Path(gone.file).name)
        )
    say(_("The map is as it was until the next lindero build."))


@program.command(help=_("Build the map: read, check and overlay all sources."))
def build(
    workspace: WorkspaceArgument = None,
    scheduler: SchedulerOption = None,
) -> None:
    """Build the map and account for every row."""
    from lindero.layers.disk import builds

    space = workspace_at(workspace)
    if not (builds.built_from(space.build_folder) or builds.readings(space.build_folder)):  # else little is read
        expect_files()
    from lindero.app.derived.dask_engine import engine_at
    from lindero.app.pipeline.build import build as build_map
    from lindero.layers.workspace import manifest_file as workspaces

    say_if_slow()
    if not workspaces.is_as_written(space.folder):
        say(
            _(
                "lindero.toml was changed since Lindero wrote it last, by a person or by a disk that fails: "
                "see that it is as it should be."
            )
        )
    with progress_bar(_("Building")) as step, engine_at(scheduler) as engine:
        built = build_map(space, progress=step, engine=engine)
    if built.changed:
        workspaces.note_written(space.folder)
    if built.mended:
        say(_("Damaged on the disk, and made anew: {files}").format(files=", ".join(built.mended)))
    if built.of_earlier_form:
        text = _("Written by an earlier version or cut off, and made anew: {files}")
        say(text.format(files=", ".join(built.of_earlier_form)))
    if not built.changed:
        say(_("Nothing changed since the last build; the map stays as it is."))
    say(_summary(space))


@program.command(help=_("Show what was received, kept and rejected, and why."))
def report(
    context: typer.Context,
    workspace: WorkspaceArgument = None,
    form: TextFormatOption = "text",
) -> None:
    """Print the account of every source."""
    from lindero.app.answers.coverage.sources_answer import rows_section
    from lindero.app.pipeline.source_report import as_text, report_of
    from lindero.layers.database import map_database

    con = map_of(workspace)
    if form == "json":
        from lindero.app.commands.json_provenance import provenance
        from lindero.app.output.files import records
        from lindero.app.output.plain import print_json
        from lindero.layers.model.schema import LAYERS

        tables = {name: records(frame) for name, frame in report_of(con).items()}
        print_json(provenance(context, con, "report", LAYERS.values()) | tables)
    elif form == "text":
        typer.echo(as_text(con))
    else:
        raise typer.BadParameter(_("{value} is not one of: {choices}").format(value=form, choices="text, json"))
    say(rows_section(map_database.read_sources(con)).finding)


def _summary(space: "Workspace") -> str:
    from lindero.app.pipeline.source_report import line_of
    from lindero.layers.database import map_database
    from lindero.layers.model.schema import OVERLAP_TABLES

    con = map_of(space.folder)
    last = _("{count} overlaps. lindero report tells the reasons; lindero serve opens the map.")
    count = number(map_database.counts(con)[OVERLAP_TABLES[0]])
    return "\n".join([*map(line_of, map_database.read_sources(con)), *_held_back(con), last.format(count=count)])


def _held_back(con: "Connection") -> list[str]:
    """Ask about the rows that a build kept out for being like withdrawn records."""
    from lindero.layers.check.visibility import LIKE_WITHDRAWN
    from lindero.layers.database import map_database

    rejects = map_database.read_table(con, "rejects")
    rows = rejects[rejects["reason"] == LIKE_WITHDRAWN]
    named = rows["source_id"] + "/" + rows["snapshot_on"].astype(str).str[:10] + "/" + rows["row_number"].astype(str)
    template = _(
        "Held back, for they are like withdrawn records: {rows} (SOURCE/DATE/ROW). Of each say"
        " `lindero withdraw ROW` (the same case) or `lindero withdraw --another ROW` (another's)."
    )
    return [template.format(rows=", ".join(named))] if len(rows) else []


# Commands that keep a workspace safe and put it back: backup, restore.


@program.command(help=_("Write the workspace into one file, without maps."))
def backup(
    file: Annotated[Path, typer.Argument(help=_("The file to write, such as backup-2026-11-26.zip."))],
    workspace: WorkspaceOption = None,
) -> None:
    """Write, and read again to see that it is right."""
    from lindero.layers.vault import vault_file
    from lindero.layers.workspace import backup as backups

    space = workspace_at(workspace)
    contents = backups.write(space, file)
    say(_("{file} holds {count} files, each held to its hash.").format(file=file, count=number(len(contents.files))))
    if vault_file.exists(space.folder):
        say(_("The vault is in it, encrypted; its key is not: keep that elsewhere, or nobody can open it again."))


@program.command(help=_("Restore a backup; what was withdrawn stays withdrawn."))
def restore(
    file: Annotated[Path, typer.Argument(help=_("The file that `lindero backup` wrote."))],
    folder: Annotated[Path, typer.Argument(help=_("Where: a new folder, or the workspace that it was made of."))],
) -> None:
    """Check, put back whole or not at all, and say what is left aside."""
    from lindero.layers.vault import journal
    from lindero.layers.workspace import backup as backups

    aside = backups.restore(file, folder)
    journal.note(folder, journal.RESTORED)
    say(_("{folder} is as it was. Next: lindero build {folder}").format(folder=folder))
    if aside is not None:
        say(
            _("What was there is in {aside}. It may hold what was withdrawn since: delete it in time.").format(
                aside=aside
            )
        )
