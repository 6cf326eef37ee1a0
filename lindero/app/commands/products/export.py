"""Commands that write files for other programs: layers (export), feeds, alerts."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lindero.app.answers.defaults import AlertShape
from lindero.app.commands.options import (
    BoxOption,
    OutputFileOption,
    OutputOption,
    SnapshotOption,
    WhereOption,
    WorkspaceOption,
    open_map,
    print_message,
    program,
)
from lindero.app.commands.workspace.fetch import AllowPrivate, CaFile
from lindero.app.output.formats import EVERY_KIND, MULTI_LAYER_FORMATS, Format
from lindero.app.text.i18n import _, format_number, ngettext
from lindero.layers.errors import N_, KeyNotGivenError

if TYPE_CHECKING:
    import geopandas as gpd

    from lindero.app.answers.overlap.row_selection import Side
    from lindero.layers.database.map_database import Connection

if TYPE_CHECKING:
    from lindero.layers.services.connection.http import HostClient


_ARCHIVE_FORMATS = {".zip": "shp"}  # a Shapefile consists of several files
ENVIRONMENT = "LINDERO_COMAPEO_TOKEN"


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
    from lindero.app.output.export import export_layer
    from lindero.app.output.files import add_layer
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
    from lindero.app.output.export import export_layer, write_answer
    from lindero.app.output.files import count_losses
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
    from lindero.app.output.files import require_geometry, write_layers

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
    from lindero.app.output.files import require_geometry
    from lindero.app.output.formats import qgis_project

    _check_layers(
        sides, qgis_project.STYLED_LAYERS, _("a QGIS project cannot contain {layers}; it can contain: {choices}")
    )
    rows = {side.layer.name: require_geometry(_read_rows(con, side)) for side in sides}
    terms = {side.layer.name: _source_terms(con, [side]) for side in sides}
    data_file = qgis_project.write_project(rows, output, title=output.stem, terms=terms)
    print_message(_("Its layers are in {file}. Keep both files together.").format(file=data_file))
    return sum(map(len, rows.values()))


def _export_map_package(con: "Connection", sides: Sequence["Side"], output: Path) -> int:
    from lindero.app.output.formats import map_package

    _check_layers(sides, map_package.LAYERS, _("a map package cannot contain {layers}; it can contain: {choices}"))
    rows = {side.layer.name: _drop_rows_without_place(_read_rows(con, side)) for side in sides}
    zoom = map_package.write_package(
        rows, output, title=output.stem, terms=_source_terms(con, sides), within=sides[0].bounds
    )
    print_message(_("The tiles go up to zoom level {zoom}. Closer in, the phone enlarges them.").format(zoom=zoom))
    return sum(map(len, rows.values()))


def _read_rows(con: "Connection", side: "Side") -> "gpd.GeoDataFrame":
    """
    Read the rows that intersect the bounding box.

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
    from lindero.app.commands.json_provenance import list_sources
    from lindero.app.output.invented import short_mark
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


# The command that writes changes on watched land: as a feed, or for the phones of a CoMapeo project.


@program.command(help=_("Write changes on watched land, as an Atom feed or for CoMapeo."))
def alerts(
    context: typer.Context,
    keys: Annotated[
        list[str] | None,
        typer.Argument(
            help=_(
                "The land or region to watch: community/SOURCE/CODE or region/CODE. May be repeated. Without "
                "any, the command lists all that can be watched."
            )
        ),
    ] = None,
    output: OutputOption = None,
    comapeo: Annotated[
        str, typer.Option(metavar="URL", help=_("Address of a CoMapeo archive server, to write alerts for CoMapeo."))
    ] = "",
    project: Annotated[str, typer.Option(help=_("Id of the project (default: the only one on the server)."))] = "",
    token_file: Annotated[
        Path | None,
        typer.Option(
            help=_(
                "File with the server's token (default: the variable LINDERO_COMAPEO_TOKEN). The token is never "
                "an argument."
            )
        ),
    ] = None,
    shape: Annotated[
        AlertShape, typer.Option(help=_("Shape of the alerts: outline, or point for servers that accept only points."))
    ] = AlertShape.OUTLINE,
    ca_file: CaFile = None,
    workspace: WorkspaceOption = None,
    *,
    allow_private: AllowPrivate = False,
    send: Annotated[
        bool, typer.Option("--send", help=_("Send the alerts. Without this option they are only shown."))
    ] = False,
) -> None:
    """Write a feed, or show alerts for a CoMapeo project and send those that it does not have yet."""
    from lindero.app.answers.changes.alerts import build_alerts
    from lindero.app.answers.changes.events import filter_events, list_change_events
    from lindero.app.answers.changes.register_changes import compare_all_snapshots
    from lindero.app.answers.changes.watchlist import find_watched_places
    from lindero.app.commands.json_provenance import provenance
    from lindero.app.output.plain import print_json
    from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS
    from lindero.layers.services.connection.url_guard import parse_endpoint

    if (comapeo or send) and not (comapeo and keys):
        raise typer.BadParameter(
            _("alerts for CoMapeo need the places to watch and --comapeo; run `lindero alerts` to list the places")
        )
    if not (keys and comapeo):
        _write_feed(open_map(workspace), keys or [], output)
        return
    server_url = parse_endpoint(comapeo)
    con = open_map(workspace)
    current = [report for report in compare_all_snapshots(con) if report.after.is_current]
    watched_keys = [place.key for place in find_watched_places(con, keys)]
    events = [event for report in current for event in list_change_events(con, report)]
    alert_records = build_alerts(filter_events(con, events, watched_keys), shape=shape)
    if not current:
        print_message(_("Changes cannot be shown: the map does not have two snapshots of any register."))
    if send:
        web = _connect_server(comapeo, server_url.scheme, token_file, allow_private=allow_private, ca_file=ca_file)
        _send_alerts(web, comapeo, project, alert_records)
    else:
        record = provenance(context, con, "changes", [CONCESSIONS, COMMUNITIES])
        print_json({**record, "server": comapeo, "alerts": alert_records})
        print_message(
            _("Alerts: {count}. Nothing was sent. --send sends them, and only to {host}.").format(
                count=len(alert_records), host=server_url.host
            )
        )


def _write_feed(con: "Connection", keys: list[str], output: Path | None) -> None:
    """Write one Atom feed of everything that is watched, or list what can be watched."""
    import pandas as pd

    from lindero.app.answers.changes import feed, watchlist
    from lindero.app.answers.changes.events import list_register_events
    from lindero.app.answers.changes.register_changes import compare_all_snapshots
    from lindero.app.output.export import write_answer, write_text

    if not keys:
        places = watchlist.list_watchable(con).values()
        write_answer(pd.DataFrame([{"key": place.key, "name": place.name} for place in places]), Format.CSV, output)
        return
    reports = compare_all_snapshots(con)
    events = list_register_events(con, None, dt.datetime.now(dt.UTC).date(), reports=reports)
    feed_text = feed.write_place_feed(con, watchlist.find_watched_places(con, keys), events, reports).decode()
    if output is None:
        typer.echo(feed_text)
    else:
        write_text(output, feed_text)
        print_message(
            _("{size} bytes written to {file}").format(size=format_number(output.stat().st_size), file=output)
        )


def _connect_server(
    url: str, scheme: str, token_file: Path | None, *, allow_private: bool, ca_file: Path | None
) -> "HostClient":
    """Return the connection to the server, with the token. On a network of others it is only sent encrypted."""
    from lindero.layers.errors import AddressError
    from lindero.layers.services.connection.http import HostClient
    from lindero.layers.vault import key_derivation

    if scheme != "https" and not allow_private:
        raise AddressError(
            N_(
                "a token is sent only over https://; use an https:// address, or --allow-private for a "
                "server on your own network"
            )
        )
    token = key_derivation.read_secret(token_file, ENVIRONMENT)
    if token is None:
        raise KeyNotGivenError(
            N_("no token was given: give a file with --token-file, or set the variable {name}"), name=ENVIRONMENT
        )
    return HostClient(url, allow_private=allow_private, ca_file=ca_file, token=token)


def _send_alerts(web: "HostClient", url: str, project: str, alert_records: list[dict[str, object]]) -> None:
    from lindero.layers.services.comapeo import Archive

    archive = Archive(web, url, project)
    sent = archive.fetch_alert_ids()
    new = [alert for alert in alert_records if alert["sourceId"] not in sent]
    for alert in new:
        archive.add(alert)
    template = _("Alerts sent to the project {project} at {host}: {new}. Already there: {known}.")
    print_message(
        template.format(new=len(new), project=archive.project, host=web.host, known=len(alert_records) - len(new))
    )
