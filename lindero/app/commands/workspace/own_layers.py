"""Commands for backgrounds and rivers of the operator's own: add, list, remove."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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
from lindero.app.text.i18n import _, ngettext, number
from lindero.layers.errors import N_, LayerError, SourceError
from lindero.layers.workspace.source_options import RIVERS

if TYPE_CHECKING:
    from lindero.layers.tiles.background_archive import About
    from lindero.layers.workspace import backgrounds, rivers
    from lindero.layers.workspace.manifest_tables import FileTable

basemap_program = Program(no_args_is_help=True, help=_("Manage your own background maps."))
program.add_typer(basemap_program, name="basemap")
rivers_program = Program(no_args_is_help=True, help=_("Manage your own rivers, for `lindero exposure`."))
program.add_typer(rivers_program, name="rivers")


@basemap_program.command("add", help=_("Add a file of tiles (PMTiles or MBTiles) as a background: satellite, streets."))
def add_background(
    file: Annotated[Path, typer.Argument(help=_("A .pmtiles or .mbtiles: an extract of Protomaps, or images."))],
    attribution: Annotated[str, typer.Option(help=_("Whose it is, as every map shows it; the file may tell."))] = "",
    title: Annotated[str, typer.Option(help=_("What readers choose it by; the file may tell."))] = "",
    id_: TitleIdOption = "",
    workspace: WorkspaceOption = None,
    *,
    yes: YesOption = False,
) -> None:
    """Check the file, show its contents, and keep it."""
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


@rivers_program.command("add", help=_("Add a file of lines as the rivers of where it has coverage."))
@takes_options(RIVERS)
def add_rivers(
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
    """Read the file, count the rows kept and rejected, and keep the lines."""
    from lindero.app.pipeline.rows.river_lines import read_rivers
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
    codes, day = rivers.hold_codes(coverage), rivers.hold_date(dated_on)
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


def _add_list_and_remove(
    group: Program,
    table: "Callable[[], FileTable[Any]]",
    cells: Callable[[Any, str], tuple[str, ...]],
    describe: Callable[[Path, Any], str],
    *,
    helps: tuple[str, str, str],
    none: str,
) -> None:
    """
    Add to a group the commands that list and remove the entries of a table.

    `describe` returns what a whole file holds, `cells` the line of an entry with that, or with why it cannot be used.
    `helps` are those of list, of remove, and of the id; `none` is what is said where there are no entries, in English.
    """
    list_help, remove_help, id_help = helps

    @group.command("list", help=list_help)
    def list_entries(workspace: WorkspaceOption = None) -> None:
        """Print a line for each entry."""
        from lindero.app.text.error_advice import error_text

        folder = workspace_at(workspace).folder
        entries = table().entries(folder)
        for entry in entries:
            try:
                table().check_whole(folder, entry)
                contents = describe(folder, entry)
            except LayerError as error:
                contents = error_text(error)
            typer.echo("\t".join((entry.id, entry.title, *cells(entry, contents))))
        if not entries:
            say(_(none))

    @group.command("remove", help=remove_help)
    def remove_entry(
        id_: Annotated[str, typer.Argument(metavar="ID", help=id_help)],
        workspace: WorkspaceOption = None,
        *,
        yes: YesOption = False,
    ) -> None:
        """Confirm on a terminal, and remove the entry with its file."""
        space = workspace_at(workspace)
        confirm_removal(id_, yes=yes)
        gone = table().remove(space.folder, id_)
        say(_("Taken out: {id}.").format(id=gone.id))


def _background_table() -> "FileTable[backgrounds.Entry]":
    from lindero.layers.workspace.backgrounds import TABLE

    return TABLE


def _describe_background(folder: Path, entry: "backgrounds.Entry") -> str:
    from lindero.layers.tiles.background_archive import Background

    return _summary(Background(folder / entry.file).about)


def _summary(about: "About") -> str:
    kind = _("images ({form})").format(form=about.form.upper()) if about.is_raster else _("vector tiles")
    west, south, east, north = (number(degrees, decimals=2) for degrees in about.bounds)
    template = _("{kind}, zooms {first} to {last}, {west} to {east} and {south} to {north} degrees")
    zooms = {"first": about.first_zoom, "last": about.last_zoom}
    return template.format(kind=kind, west=west, east=east, south=south, north=north, **zooms)


def _rivers_table() -> "FileTable[rivers.Entry]":
    from lindero.layers.workspace.rivers import TABLE

    return TABLE


def _rivers_cells(entry: "rivers.Entry", contents: str) -> tuple[str, ...]:
    date = entry.dated_on or _("date not stated")
    where = entry.coverage or _("within the hull of its lines")
    return entry.publisher, entry.licence, date, contents, where


_add_list_and_remove(
    basemap_program,
    _background_table,
    lambda entry, contents: (contents, entry.attribution),
    _describe_background,
    helps=(
        _("The backgrounds of the workspace."),
        _("Take a background out of the workspace, with its file."),
        _("Its id, as lindero basemap list names it."),
    ),
    none=N_("None but the one that Lindero brings along."),
)
_add_list_and_remove(
    rivers_program,
    _rivers_table,
    _rivers_cells,
    lambda _folder, entry: _("off by up to {metres} m").format(metres=number(entry.accuracy_m)),
    helps=(
        _("The rivers of the workspace."),
        _("Take rivers out of the workspace, with their file."),
        _("Their id, as lindero rivers list names it."),
    ),
    none=N_("None but those that Lindero brings along."),
)
