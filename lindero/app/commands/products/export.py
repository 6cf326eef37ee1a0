"""The command that writes layers to files for other programs."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lindero.app.commands.options import (
    BoxOption,
    OutputFileOption,
    SnapshotOption,
    WhereOption,
    WorkspaceOption,
    open_map,
    print_message,
    program,
)
from lindero.app.media.files.formats import EVERY_KIND, MULTI_LAYER_FORMATS, Format
from lindero.app.text.i18n import _, format_number, ngettext

if TYPE_CHECKING:
    import geopandas as gpd

    from lindero.app.answers.overlap.row_selection import Side
    from lindero.layers.database.map_database import Connection

_ARCHIVE_FORMATS = {".zip": "shp"}  # a Shapefile consists of several files


@program.command(help=_("Write layers to a file."))
def export(
    context: typer.Context,
    layers: Annotated[
        list[str], typer.Argument(help=_("A layer, such as concessions. Some formats take several."), metavar="LAYER")
    ],
    output: OutputFileOption,
    form: Annotated[
        str,
        typer.Option(
            "--format",
            help=_(
                "geojson, gpkg, fgb, parquet, csv, json, xlsx, kml, kml-phone, kmz, gpx, shp, smp, qgz "
                "(default: from the ending of the output file)."
            ),
        ),
    ] = "",
    source: SnapshotOption = "",
    where: WhereOption = None,
    bbox: BoxOption = "",
    workspace: WorkspaceOption = None,
) -> None:
    """Export the current snapshot, or the one named."""
    kind = form or _ARCHIVE_FORMATS.get(output.suffix.lower(), output.suffix.lstrip(".").lower())
    _check_format(kind, layers)

    from lindero.app.answers.coverage.coverage_text import coverage_path
    from lindero.app.answers.overlap.row_selection import Side, get_layer
    from lindero.app.commands.json_provenance import provenance
    from lindero.app.media.files.export import export_layer
    from lindero.app.media.files.files import add_layer
    from lindero.layers.database import coverage

    sides = [Side.from_options(get_layer(name), source, where or [], bbox) for name in layers]
    con = open_map(workspace)
    record = provenance(context, con, "export", sides) if kind == "json" else {}
    count = (
        _export_several_layers(con, sides, kind, output)
        if kind in MULTI_LAYER_FORMATS
        else _export_one_layer(con, sides[0], kind, output, record)
    )
    print_message(_("Rows written to {file}: {count}").format(count=count, file=output))
    coverage_rows = _coverage_table(con, sides)
    if kind == "gpkg":
        add_layer(coverage_rows, coverage.TABLE, output)
        print_message(
            _("Its layer {layer} shows where the sources have data, and as of which date").format(layer=coverage.TABLE)
        )
    else:
        export_layer(coverage_rows, "geojson", coverage_path(output))
        print_message(
            _("{file} shows where the sources have data, and as of which date").format(file=coverage_path(output))
        )


def _check_format(kind: str, layers: Sequence[str]) -> None:
    kinds = dict.fromkeys((*EVERY_KIND, *MULTI_LAYER_FORMATS))
    if kind not in kinds:
        raise typer.BadParameter(
            _("'{value}' is not a valid choice; use one of: {choices}").format(value=kind, choices=", ".join(kinds))
        )
    if len(layers) > 1 and kind not in MULTI_LAYER_FORMATS:
        template = _("the format {kind} takes only one layer; for several layers use: {choices}")
        raise typer.BadParameter(template.format(kind=kind, choices=", ".join(MULTI_LAYER_FORMATS)))


def _export_one_layer(con: "Connection", side: "Side", kind: str, output: Path, record: dict[str, object]) -> int:
    from lindero.app.media.files.export import export_layer, write_answer
    from lindero.app.media.files.files import count_losses
    from lindero.app.text.codes import translate_code
    from lindero.layers.database.map_database import clear_unstated_dates

    rows = clear_unstated_dates(con, side.read(con))
    terms = _source_terms(con, [side])
    if kind == "json":
        head = {**record, "layer": side.layer.name, "terms": terms}
        write_answer(rows, Format.JSON, output, head=head, rows_key="rows")
        return len(rows)
    count = export_layer(rows, kind, output, layer=side.layer, terms=terms)
    for loss, times in count_losses(rows, kind).items():
        print_message(f"{translate_code(loss)}: {format_number(times)}")
    return count


def _export_several_layers(con: "Connection", sides: Sequence["Side"], kind: str, output: Path) -> int:
    from lindero.app.media.files.files import require_geometry, write_layers

    if kind == "smp":
        return _export_map_package(con, sides, output)
    if kind == "qgz":
        return _export_qgis_project(con, sides, output)
    rows = {side.layer.name: _drop_rows_without_place(require_geometry(_read_rows(con, side))) for side in sides}
    write_layers(rows, kind, output, terms=_source_terms(con, sides))
    return sum(map(len, rows.values()))


def _check_layers(sides: Sequence["Side"], allowed: Iterable[str], template: str) -> None:
    choices = list(allowed)
    if wrong := [side.layer.name for side in sides if side.layer.name not in choices]:
        raise typer.BadParameter(template.format(layers=", ".join(wrong), choices=", ".join(choices)))


def _export_qgis_project(con: "Connection", sides: Sequence["Side"], output: Path) -> int:
    from lindero.app.media.files.files import require_geometry
    from lindero.app.media.files.formats import qgis_project

    _check_layers(
        sides, qgis_project.STYLED_LAYERS, _("a QGIS project cannot contain {layers}; it can contain: {choices}")
    )
    rows = {side.layer.name: require_geometry(_read_rows(con, side)) for side in sides}
    terms = {side.layer.name: _source_terms(con, [side]) for side in sides}
    data_file = qgis_project.write_project(rows, output, title=output.stem, terms=terms)
    print_message(_("Its layers are in {file}. Keep both files together.").format(file=data_file))
    return sum(map(len, rows.values()))


def _export_map_package(con: "Connection", sides: Sequence["Side"], output: Path) -> int:
    from lindero.app.media.files.formats import map_package

    _check_layers(sides, map_package.LAYERS, _("a map package cannot contain {layers}; it can contain: {choices}"))
    rows = {side.layer.name: _drop_rows_without_place(_read_rows(con, side)) for side in sides}
    zoom = map_package.write_package(
        rows, output, title=output.stem, terms=_source_terms(con, sides), within=sides[0].bounds
    )
    print_message(_("The tiles go up to zoom level {zoom}. Closer in, the phone enlarges them.").format(zoom=zoom))
    return sum(map(len, rows.values()))


def _read_rows(con: "Connection", side: "Side") -> "gpd.GeoDataFrame":
    """Read the rows that intersect the bounding box.

    If several layers are exported, one of them may have no row there.
    """
    rows = replace(side, bounds=None).read(con)
    if side.bounds is None:
        return rows
    west, south, east, north = side.bounds
    return rows.cx[west:east, south:north]


def _drop_rows_without_place(rows: "gpd.GeoDataFrame") -> "gpd.GeoDataFrame":
    """Remove rows without a geometry, which no phone format supports, and print how many there are."""
    count = int(rows.geometry.isna().sum())
    if count:
        sentence = ngettext(
            "{n} row has no recorded location and is not in the file: this format requires one.",
            "{n} rows have no recorded location and are not in the file: this format requires one.",
            count,
        )
        print_message(sentence.format(n=format_number(count)))
    return rows[rows.geometry.notna()]


def _coverage_table(con: "Connection", sides: Sequence["Side"]) -> "gpd.GeoDataFrame":
    import geopandas as gpd
    import pandas as pd

    from lindero.app.answers.coverage.coverage_text import coverage_table

    tables = [coverage_table(con, side) for side in sides]
    return gpd.GeoDataFrame(pd.concat(tables, ignore_index=True), geometry="geometry", crs=tables[0].crs)


def _source_terms(con: "Connection", sides: Sequence["Side"]) -> list[str]:
    """Return a line for each source of an export: title, publisher, date, licence, and whether it is invented."""
    from lindero.app.answers.invented import short_mark
    from lindero.app.commands.json_provenance import list_sources
    from lindero.app.text.codes import translate_code

    template = _("{title}. {publisher}, {date}. Licence: {licence}. {url}")
    return [
        (f"{short_mark()}: " if source.invented else "")
        + template.format(
            title=source.title,
            publisher=source.publisher,
            date=source.as_of or _("date not stated"),
            licence=translate_code(source.licence),
            url=source.url or "",
        ).strip()
        for source in list_sources(con, sides)
    ]
