"""Commands for backgrounds of the operator's own: add, list, remove."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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
from lindero.app.text.i18n import _, ngettext, number
from lindero.layers.errors import LayerError

if TYPE_CHECKING:
    from lindero.layers.tiles.background_archive import About

basemap_program = Program(no_args_is_help=True, help=_("Manage your own background maps."))
program.add_typer(basemap_program, name="basemap")


@basemap_program.command(help=_("Add a file of tiles (PMTiles or MBTiles) as a background: satellite, streets."))
def add(
    file: Annotated[Path, typer.Argument(help=_("A .pmtiles or .mbtiles: an extract of Protomaps, or images."))],
    attribution: Annotated[str, typer.Option(help=_("Whose it is, as every map shows it; the file may tell."))] = "",
    title: Annotated[str, typer.Option(help=_("What readers choose it by; the file may tell."))] = "",
    id_: TitleIdOption = "",
    workspace: WorkspaceOption = None,
    *,
    yes: YesOption = False,
) -> None:
    """Look through the file, say what it holds, and keep it."""
    from lindero.layers.disk.scratch import scratch
    from lindero.layers.workspace import backgrounds

    space = workspace_at(workspace)
    asks = messages.is_terminal and not yes
    with scratch(space.folder) as folder:
        looked = backgrounds.looked_at(file, folder)
        title = title or looked.about.title or file.stem
        tiles = ngettext("{count} tile", "{count} tiles", looked.tiles).format(count=number(looked.tiles))
        say(f"{title}: {_summary(looked.about)}, {tiles}.")
        whose = attribution or looked.about.attribution
        if not whose and asks:
            whose = typer.prompt(_("Whose is it, as every map is to show it?"), err=True)
        if asks:
            say(_("Every map will show: {attribution}").format(attribution=whose))
            typer.confirm(_("Keep it in the workspace?"), abort=True, err=True)
        entry = backgrounds.add(space.folder, looked, title=title, attribution=whose, id_=id_)
    template = _("Kept as {id}, shown with: {attribution}. Readers of lindero serve choose it on the map.")
    say(template.format(id=entry.id, attribution=entry.attribution))


@basemap_program.command("list", help=_("The backgrounds of the workspace."))
def listed(workspace: WorkspaceOption = None) -> None:
    """Print a line for each."""
    from lindero.app.text.error_advice import error_text
    from lindero.layers.tiles.background_archive import Background
    from lindero.layers.workspace import backgrounds

    space = workspace_at(workspace)
    for entry in backgrounds.TABLE.entries(space.folder):
        try:
            backgrounds.TABLE.check_whole(space.folder, entry)
            what = _summary(Background(space.folder / entry.file).about)
        except LayerError as error:
            what = error_text(error)
        typer.echo(f"{entry.id}\t{entry.title}\t{what}\t{entry.attribution}")
    if not backgrounds.TABLE.entries(space.folder):
        say(_("None but the one that Lindero brings along."))


@basemap_program.command(help=_("Take a background out of the workspace, with its file."))
def remove(
    id_: Annotated[str, typer.Argument(metavar="ID", help=_("Its id, as lindero basemap list names it."))],
    workspace: WorkspaceOption = None,
    *,
    yes: YesOption = False,
) -> None:
    """Ask on a terminal, and take it out."""
    from lindero.layers.workspace import backgrounds

    space = workspace_at(workspace)
    confirm_removal(id_, yes=yes)
    gone = backgrounds.TABLE.remove(space.folder, id_)
    say(_("Taken out: {id}.").format(id=gone.id))


def _summary(about: "About") -> str:
    kind = _("images ({form})").format(form=about.form.upper()) if about.is_raster else _("vector tiles")
    west, south, east, north = (number(degrees, decimals=2) for degrees in about.bounds)
    template = _("{kind}, zooms {first} to {last}, {west} to {east} and {south} to {north} degrees")
    zooms = {"first": about.first_zoom, "last": about.last_zoom}
    return template.format(kind=kind, west=west, east=east, south=south, north=north, **zooms)
