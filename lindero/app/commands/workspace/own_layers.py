"""Commands for the operator's own backgrounds and rivers: add, list, remove."""

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
    open_workspace,
    print_message,
    program,
)
from lindero.app.commands.program import Program
from lindero.app.commands.source_options import add_source_options
from lindero.app.text.i18n import _, format_number, ngettext
from lindero.layers.errors import N_, LayerError, SourceError
from lindero.layers.workspace.source_options import RIVERS

if TYPE_CHECKING:
    from lindero.layers.tiles.background_archive import TileMetadata
    from lindero.layers.workspace import backgrounds, rivers
    from lindero.layers.workspace.manifest_tables import FileTable

basemap_program = Program(no_args_is_help=True, help=_("Manage your own basemaps."))
program.add_typer(basemap_program, name="basemap")
rivers_program = Program(no_args_is_help=True, help=_("Manage your own rivers, for `lindero exposure`."))
program.add_typer(rivers_program, name="rivers")


@basemap_program.command("add", help=_("Add a tile file (PMTiles or MBTiles) as a basemap: satellite, streets."))
def add_background(
    file: Annotated[Path, typer.Argument(help=_("A .pmtiles or .mbtiles file: an extract of Protomaps, or images."))],
    attribution: Annotated[
        str, typer.Option(help=_("Attribution that every map shows (default: from the file)."))
    ] = "",
    title: Annotated[str, typer.Option(help=_("Title by which readers choose it (default: from the file)."))] = "",
    id_: TitleIdOption = "",
    workspace: WorkspaceOption = None,
    *,
    yes: YesOption = False,
) -> None:
    """Check the file, show its contents, and keep it."""
    from lindero.layers.disk.scratch import temporary_folder
    from lindero.layers.workspace import backgrounds

    space = open_workspace(workspace)
    asks = messages.is_terminal and not yes
    with temporary_folder(space.folder) as folder:
        archive = backgrounds.inspect_archive(file, folder)
        title = title or archive.about.title or file.stem
        tiles = ngettext("{count} tile", "{count} tiles", archive.tiles).format(count=format_number(archive.tiles))
        print_message(f"{title}: {_summary_text(archive.about)}, {tiles}.")
        credit = attribution or archive.about.attribution
        if not credit and asks:
            credit = typer.prompt(_("Which attribution should every map show?"), err=True)
        if asks:
            print_message(_("Every map will show: {attribution}").format(attribution=credit))
            typer.confirm(_("Keep it in the workspace?"), abort=True, err=True)
        entry = backgrounds.add_background(space.folder, archive, title=title, attribution=credit, id_=id_)
    template = _(
        "Added as {id}, with the attribution: {attribution}. Readers of lindero serve can choose it on the map."
    )
    print_message(template.format(id=entry.id, attribution=entry.attribution))


@rivers_program.command("add", help=_("Add a file of lines as the rivers of the area that it covers."))
@add_source_options(RIVERS)
def add_rivers(
    file: Annotated[
        Path, typer.Argument(help=_("A file of lines: GeoPackage, Shapefile, GeoJSON or another map format."))
    ],
    publisher: Annotated[str, typer.Option(help=_("Who published them."))],
    accuracy: Annotated[
        float,
        typer.Option(
            "--accuracy-m",
            min=0.1,
            max=10_000,
            help=_("Maximum position error of the river beds, in metres, such as 50 at 1:100,000."),
        ),
    ],
    said: Mapping[str, Any],
    dated_on: Annotated[str, typer.Option(help=_("Date of the data (YYYY-MM-DD; default: not stated)."))] = "",
    coverage: Annotated[
        str,
        typer.Option(
            help=_(
                "Countries and regions with complete rivers, by ISO 3166 codes separated by commas (default: the "
                "convex hull of the lines)."
            )
        ),
    ] = "",
    id_: TitleIdOption = "",
    workspace: WorkspaceOption = None,
    *,
    yes: YesOption = False,
) -> None:
    """Read the file, count the rows kept and rejected, and keep the lines."""
    from lindero.app.builder.rows.river_lines import read_rivers
    from lindero.app.builder.rows.row_location import Land
    from lindero.app.text.codes import translate_code
    from lindero.layers.reference import base_data
    from lindero.layers.workspace import rivers
    from lindero.layers.workspace.manifest_file import choose_id

    space = open_workspace(workspace)
    title = " ".join(said["title"].split()) or file.stem
    publisher = " ".join(publisher.split())
    if not publisher:
        raise SourceError(
            N_(
                "the publisher of the rivers is missing, and every answer based on them states it; give it with "
                "--publisher"
            )
        )
    codes, date = rivers.check_codes(coverage), rivers.check_date(dated_on)
    land = Land(base_data.load_countries(), space.country)
    reading_options = {name: said[name] for name in ("crs", "encoding", "sublayer")}
    lines_read = read_rivers(file, land, accuracy_m=accuracy, **reading_options)
    rejected = lines_read.rejected.total()
    template = _("{read} received = {kept} kept + {rejected} rejected")
    print_message(
        template.format(
            read=format_number(lines_read.read),
            kept=format_number(lines_read.read - rejected),
            rejected=format_number(rejected),
        )
    )
    for reason, count in lines_read.rejected.most_common():
        print_message(f"  {translate_code(reason)}: {format_number(count)}")
    if messages.is_terminal and not yes:
        typer.confirm(_("Keep it in the workspace?"), abort=True, err=True)
    whose = title, publisher, said["licence"].strip() or "not stated"
    taken = {entry.id for entry in rivers.TABLE.read_entries(space.folder)}
    new = rivers.RiverEntry(choose_id(id_ or title, taken), *whose, date, lines_read.accuracy_m, codes)
    entry = rivers.add_rivers(space.folder, lines_read.lines, new)
    template = _(
        "Added as {id}, with a position error of up to {metres} m. lindero exposure uses these rivers in the "
        "area that they cover."
    )
    print_message(template.format(id=entry.id, metres=format_number(entry.accuracy_m)))


def _register_list_and_remove(
    group: Program,
    table: "Callable[[], FileTable[Any]]",
    cells: Callable[[Any, str], tuple[str, ...]],
    describe: Callable[[Path, Any], str],
    *,
    helps: tuple[str, str, str],
    none: str,
) -> None:
    """Register the commands that list and remove the entries of a table.

    `describe` returns a description of an intact file. `cells` returns the line of an entry with this description, or
    with the reason why the file cannot be used. `helps` are the help texts of list, of remove, and of the id. `none` is
    the English message for an empty table.
    """
    list_help, remove_help, id_help = helps

    @group.command("list", help=list_help)
    def list_entries(workspace: WorkspaceOption = None) -> None:
        """Print a line for each entry."""
        from lindero.app.text.error_advice import error_text

        folder = open_workspace(workspace).folder
        entries = table().read_entries(folder)
        for entry in entries:
            try:
                table().check_file(folder, entry)
                contents = describe(folder, entry)
            except LayerError as error:
                contents = error_text(error)
            typer.echo("\t".join((entry.id, entry.title, *cells(entry, contents))))
        if not entries:
            print_message(_(none))

    @group.command("remove", help=remove_help)
    def remove_entry(
        id_: Annotated[str, typer.Argument(metavar="ID", help=id_help)],
        workspace: WorkspaceOption = None,
        *,
        yes: YesOption = False,
    ) -> None:
        """Confirm on a terminal, and remove the entry with its file."""
        space = open_workspace(workspace)
        confirm_removal(id_, yes=yes)
        gone = table().remove_entry(space.folder, id_)
        print_message(_("Removed: {id}.").format(id=gone.id))


def _background_table() -> "FileTable[backgrounds.BackgroundEntry]":
    from lindero.layers.workspace.backgrounds import TABLE

    return TABLE


def _describe_background(folder: Path, entry: "backgrounds.BackgroundEntry") -> str:
    from lindero.layers.tiles.background_archive import Background

    return _summary_text(Background(folder / entry.file).about)


def _summary_text(about: "TileMetadata") -> str:
    kind = _("images ({form})").format(form=about.form.upper()) if about.is_raster else _("vector tiles")
    west, south, east, north = (format_number(degrees, decimals=2) for degrees in about.bounds)
    template = _("{kind}, zoom levels {first} to {last}, longitude {west} to {east}, latitude {south} to {north}")
    zooms = {"first": about.first_zoom, "last": about.last_zoom}
    return template.format(kind=kind, west=west, east=east, south=south, north=north, **zooms)


def _rivers_table() -> "FileTable[rivers.RiverEntry]":
    from lindero.layers.workspace.rivers import TABLE

    return TABLE


def _rivers_cells(entry: "rivers.RiverEntry", contents: str) -> tuple[str, ...]:
    date = entry.dated_on or _("date not stated")
    coverage = entry.coverage or _("within the convex hull of its lines")
    return entry.publisher, entry.licence, date, contents, coverage


_register_list_and_remove(
    basemap_program,
    _background_table,
    lambda entry, contents: (contents, entry.attribution),
    _describe_background,
    helps=(
        _("List the basemaps of the workspace."),
        _("Remove a basemap and its file from the workspace."),
        _("Its id, as in lindero basemap list."),
    ),
    none=N_("Only the basemap that comes with Lindero."),
)
_register_list_and_remove(
    rivers_program,
    _rivers_table,
    _rivers_cells,
    lambda _folder, entry: _("position error up to {metres} m").format(metres=format_number(entry.accuracy_m)),
    helps=(
        _("List the rivers of the workspace."),
        _("Remove rivers and their file from the workspace."),
        _("Their id, as in lindero rivers list."),
    ),
    none=N_("Only the rivers that come with Lindero."),
)
