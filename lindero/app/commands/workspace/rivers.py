"""Commands for rivers of the operator's own: add, list, remove."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from lindero.app.commands.options import (
    TitleIdOption,
    WorkspaceOption,
    YesOption,
    confirm_removal,
    messages,
    program,
    say,
    workspace_at,
)
from lindero.app.commands.program import Program
from lindero.app.commands.source_options import takes_options
from lindero.app.text.i18n import _, number
from lindero.layers.errors import N_, LayerError, SourceError
from lindero.layers.workspace.source_options import RIVERS

rivers_program = Program(no_args_is_help=True, help=_("Manage your own rivers, for `lindero exposure`."))
program.add_typer(rivers_program, name="rivers")


@rivers_program.command(help=_("Add a file of lines as the rivers of where it has coverage."))
@takes_options(RIVERS)
def add(
    file: Annotated[Path, typer.Argument(help=_("Lines: GeoPackage, Shapefile, GeoJSON or another file of a map."))],
    publisher: Annotated[str, typer.Option(help=_("Who published them."))],
    accuracy: Annotated[
        float,
        typer.Option(
            "--accuracy-m", min=0.1, max=10_000, help=_("How far off beds may lie, in metres: 50 at 1:100,000.")
        ),
    ],
    said: Mapping[str, Any],
    dated_on: Annotated[str, typer.Option(help=_("The day that they stand for (YYYY-MM-DD); else not stated."))] = "",
    coverage: Annotated[
        str,
        typer.Option(help=_("Countries and regions of which it has all rivers: PE or PE-CAJ,PE-AMA; else its hull.")),
    ] = "",
    id_: TitleIdOption = "",
    workspace: WorkspaceOption = None,
    *,
    yes: YesOption = False,
) -> None:
    """Read the file, say what becomes of its rows, and keep the lines."""
    from lindero.app.pipeline.river_networks import hold_codes, read_rivers
    from lindero.app.pipeline.rows.row_location import Land
    from lindero.app.text.codes import word
    from lindero.layers.reference import base_data
    from lindero.layers.workspace import rivers
    from lindero.layers.workspace.manifest_file import slug

    space = workspace_at(workspace)
    title = " ".join(said["title"].split()) or file.stem
    publisher = " ".join(publisher.split())
    if not publisher:
        raise SourceError(N_("whose the rivers are has to be said, for every answer by them says it: --publisher"))
    codes, day = hold_codes(coverage), rivers.hold_date(dated_on)
    land = Land(base_data.countries(), space.country)
    how = {name: said[name] for name in ("crs", "encoding", "sublayer")}
    found = read_rivers(file, land, accuracy_m=accuracy, **how)
    rejected = found.rejected.total()
    template = _("{read} received = {kept} kept + {rejected} rejected")
    say(template.format(read=number(found.read), kept=number(found.read - rejected), rejected=number(rejected)))
    for reason, count in found.rejected.most_common():
        say(f"  {word(reason)}: {number(count)}")
    if messages.is_terminal and not yes:
        typer.confirm(_("Keep it in the workspace?"), abort=True, err=True)
    whose = title, publisher, said["licence"].strip() or "not stated"
    new = rivers.Entry(slug(id_ or title), *whose, day, found.accuracy_m, codes)
    entry = rivers.add(space.folder, found.lines, new)
    template = _("Kept as {id}, off by up to {metres} m. lindero exposure follows them where they have coverage.")
    say(template.format(id=entry.id, metres=number(entry.accuracy_m)))


@rivers_program.command("list", help=_("The rivers of the workspace."))
def listed(workspace: WorkspaceOption = None) -> None:
    """Print a line for each."""
    from lindero.app.text.error_advice import error_text
    from lindero.layers.workspace import rivers

    space = workspace_at(workspace)
    for entry in rivers.TABLE.entries(space.folder):
        try:
            rivers.TABLE.check_whole(space.folder, entry)
            what = _("off by up to {metres} m").format(metres=number(entry.accuracy_m))
        except LayerError as error:
            what = error_text(error)
        date = entry.dated_on or _("date not stated")
        where = entry.coverage or _("within the hull of its lines")
        typer.echo(f"{entry.id}\t{entry.title}\t{entry.publisher}\t{entry.licence}\t{date}\t{what}\t{where}")
    if not rivers.TABLE.entries(space.folder):
        say(_("None but those that Lindero brings along."))


@rivers_program.command(help=_("Take rivers out of the workspace, with their file."))
def remove(
    id_: Annotated[str, typer.Argument(metavar="ID", help=_("Their id, as lindero rivers list names it."))],
    workspace: WorkspaceOption = None,
    *,
    yes: YesOption = False,
) -> None:
    """Ask on a terminal, and take them out."""
    from lindero.layers.workspace import rivers

    space = workspace_at(workspace)
    confirm_removal(id_, yes=yes)
    gone = rivers.TABLE.remove(space.folder, id_)
    say(_("Taken out: {id}.").format(id=gone.id))
