"""Commands that write files for others to read: layers (export), feeds, alerts."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lindero.app.answers.defaults import Shape
from lindero.app.commands.options import (
    BoxOption,
    OutputFileOption,
    OutputOption,
    SnapshotOption,
    WhereOption,
    WorkspaceOption,
    map_of,
    program,
    say,
)
from lindero.app.commands.workspace.fetch import AllowPrivate, CaFile
from lindero.app.output.formats import EVERY_KIND, TOGETHER, Format
from lindero.app.text.i18n import _, ngettext, number
from lindero.layers.errors import N_, KeyNotGivenError

if TYPE_CHECKING:
    import geopandas as gpd

    from lindero.app.answers.overlap.row_selection import Side
    from lindero.layers.database.map_database import Connection

if TYPE_CHECKING:
    from lindero.layers.services.connection.http import Web


_ARCHIVED = {".zip": "shp"}  # a Shapefile is several files
ENVIRONMENT = "LINDERO_COMAPEO_TOKEN"


@program.command(help=_("Write layers to a file."))
def export(
    context: typer.Context,
    layers: Annotated[
        list[str], typer.Argument(help=_("A layer, such as concessions; for some formats several."), metavar="LAYER")
    ],
    output: OutputFileOption,
    form: Annotated[
        str,
        typer.Option(
            "--format", help=_("geojson, gpkg, fgb, parquet, csv, json, xlsx, kml, kml-phone, kmz, gpx, shp, smp, qgz.")
        ),
    ] = "",
    source: SnapshotOption = "",
    where: WhereOption = None,
    bbox: BoxOption = "",
    workspace: WorkspaceOption = None,
) -> None:
    """Export the current snapshot, or the one named."""
    kind = form or _ARCHIVED.get(output.suffix.lower(), output.suffix.lstrip(".").lower())
    _hold_known(kind, layers)

    from lindero.app.answers.coverage.coverage_text import beside
    from lindero.app.answers.overlap.row_selection import Side, layer_of
    from lindero.app.commands.json_provenance import provenance
    from lindero.app.output.export import export_layer
    from lindero.app.output.files import add_layer
    from lindero.layers.database import coverage

    sides = [Side.named(layer_of(name), source, where or [], bbox) for name in layers]
    con = map_of(workspace)
    made = provenance(context, con, "export", sides) if kind == "json" else {}
    count = _together(con, sides, kind, output) if kind in TOGETHER else _alone(con, sides[0], kind, output, made)
    say(_("{count} rows written to {file}").format(count=count, file=output))
    covered = _coverage(con, sides)
    if kind == "gpkg":
        add_layer(covered, coverage.TABLE, output)
        say(_("Where the sources have data, and as of when, stands in its layer {layer}").format(layer=coverage.TABLE))
    else:
        export_layer(covered, "geojson", beside(output))
        say(_("Where the sources have data, and as of when, stands in {file}").format(file=beside(output)))


def _hold_known(kind: str, layers: Sequence[str]) -> None:
    kinds = dict.fromkeys((*EVERY_KIND, *TOGETHER))
    if kind not in kinds:
        raise typer.BadParameter(_("{value} is not one of: {choices}").format(value=kind, choices=", ".join(kinds)))
    if len(layers) > 1 and kind not in TOGETHER:
        template = _("a file of the format {kind} holds one layer; several go into: {choices}")
        raise typer.BadParameter(template.format(kind=kind, choices=", ".join(TOGETHER)))


def _alone(con: "Connection", side: "Side", kind: str, output: Path, made: dict[str, object]) -> int:
    from lindero.app.output.export import export_layer, write
    from lindero.app.output.files import losses
    from lindero.app.text.codes import word
    from lindero.layers.database.map_database import with_stated_days

    rows = with_stated_days(con, side.read(con))
    terms = _terms(con, [side])
    if kind == "json":
        head = {**made, "layer": side.layer.name, "terms": terms}
        write(rows, Format.JSON, output, head=head, called="rows")
        return len(rows)
    count = export_layer(rows, kind, output, layer=side.layer, terms=terms)
    for lost, times in losses(rows, kind).items():
        say(f"{word(lost)}: {number(times)}")
    return count


def _together(con: "Connection", sides: Sequence["Side"], kind: str, output: Path) -> int:
    from lindero.app.output.files import with_geometry, write_together

    if kind == "smp":
        return _map_package(con, sides, output)
    if kind == "qgz":
        return _project(con, sides, output)
    rows = {side.layer.name: _placed(with_geometry(_read(con, side))) for side in sides}
    write_together(rows, kind, output, terms=_terms(con, sides))
    return sum(map(len, rows.values()))


def _hold_drawn(sides: Sequence["Side"], drawn: Iterable[str], template: str) -> None:
    choices = list(drawn)
    if wrong := [side.layer.name for side in sides if side.layer.name not in choices]:
        raise typer.BadParameter(template.format(layers=", ".join(wrong), choices=", ".join(choices)))


def _project(con: "Connection", sides: Sequence["Side"], output: Path) -> int:
    from lindero.app.output.files import with_geometry
    from lindero.app.output.formats import qgis_project

    _hold_drawn(sides, qgis_project.DRAWN, _("{layers} is not drawn by a project of QGIS, which holds: {choices}"))
    rows = {side.layer.name: with_geometry(_read(con, side)) for side in sides}
    terms = {side.layer.name: _terms(con, [side]) for side in sides}
    beside = qgis_project.write(rows, output, title=output.stem, terms=terms)
    say(_("Its layers stand in {file}: keep both together.").format(file=beside))
    return sum(map(len, rows.values()))


def _map_package(con: "Connection", sides: Sequence["Side"], output: Path) -> int:
    from lindero.app.output.formats import map_package

    _hold_drawn(sides, map_package.LAYERS, _("{layers} is not drawn by a map package, which holds: {choices}"))
    rows = {side.layer.name: _placed(_read(con, side)) for side in sides}
    zoom = map_package.write(rows, output, title=output.stem, terms=_terms(con, sides), within=sides[0].bounds)
    say(_("Drawn exactly to zoom {zoom}; closer, the phone enlarges it.").format(zoom=zoom))
    return sum(map(len, rows.values()))


def _read(con: "Connection", side: "Side") -> "gpd.GeoDataFrame":
    """Read the rows that meet the box; of several layers one may have none there."""
    rows = replace(side, bounds=None).read(con)
    if side.bounds is None:
        return rows
    west, south, east, north = side.bounds
    return rows.cx[west:east, south:north]


def _placed(rows: "gpd.GeoDataFrame") -> "gpd.GeoDataFrame":
    """Leave out what no format for phones can hold, and say how many rows these are."""
    without = int(rows.geometry.isna().sum())
    if without:
        sentence = ngettext(
            "{n} row has no place on record: this format cannot hold it, and the file leaves it out.",
            "{n} rows have no place on record: this format cannot hold them, and the file leaves them out.",
            without,
        )
        say(sentence.format(n=number(without)))
    return rows[rows.geometry.notna()]


def _coverage(con: "Connection", sides: Sequence["Side"]) -> "gpd.GeoDataFrame":
    import geopandas as gpd
    import pandas as pd

    from lindero.app.answers.coverage.coverage_text import coverage_table

    tables = [coverage_table(con, side) for side in sides]
    return gpd.GeoDataFrame(pd.concat(tables, ignore_index=True), geometry="geometry", crs=tables[0].crs)


def _terms(con: "Connection", sides: Sequence["Side"]) -> list[str]:
    """Say of each source of an export whose it is, of what day, and on what terms: a line each."""
    from lindero.app.commands.json_provenance import sources
    from lindero.app.text.codes import word

    template = _("{title}. {publisher}, {date}. Licence: {licence}. {url}")
    return [
        template.format(
            title=one.title,
            publisher=one.publisher,
            date=one.as_of or _("date not stated"),
            licence=word(one.licence),
            url=one.url or "",
        ).strip()
        for one in sources(con, sides)
    ]


# The command that writes what changed on watched land: as a feed, or to the phones of a CoMapeo project.


@program.command(help=_("Write what changed on watched land: Atom, or for CoMapeo."))
def alerts(
    context: typer.Context,
    keys: Annotated[
        list[str] | None, typer.Argument(help=_("community/SOURCE/CODE or region/CODE, several; none lists them."))
    ] = None,
    output: OutputOption = None,
    comapeo: Annotated[
        str, typer.Option(metavar="URL", help=_("Alerts for CoMapeo, by the address of its archive server."))
    ] = "",
    project: Annotated[str, typer.Option(help=_("The project's id; else the one that the server has."))] = "",
    token_file: Annotated[
        Path | None,
        typer.Option(help=_("A file that holds the server's token; else LINDERO_COMAPEO_TOKEN. Never an argument.")),
    ] = None,
    shape: Annotated[Shape, typer.Option(help=_("outline; point for servers that take points alone."))] = Shape.OUTLINE,
    ca_file: CaFile = None,
    workspace: WorkspaceOption = None,
    *,
    allow_private: AllowPrivate = False,
    send: Annotated[bool, typer.Option("--send", help=_("Send them; else they are only shown."))] = False,
) -> None:
    """Write a feed, or show alerts for a CoMapeo project and send those that it does not have yet."""
    from lindero.app.answers.changes import alerts as made
    from lindero.app.answers.changes import watchlist
    from lindero.app.answers.changes.register_changes import successive
    from lindero.app.commands.json_provenance import provenance
    from lindero.app.output.plain import print_json
    from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS
    from lindero.layers.services.connection.url_guard import place_of

    if not (keys and comapeo):
        _write_feed(map_of(workspace), keys or [], output)
        return
    place = place_of(comapeo)
    con = map_of(workspace)
    current = [report for report in successive(con) if report.after.is_current]
    found = made.alerts(watchlist.chosen(con, keys), current, shape=shape)
    if not current:
        say(_("Nothing can be told: of no register does the map hold two snapshots."))
    if send:
        web = _server(comapeo, place.scheme, token_file, allow_private=allow_private, ca_file=ca_file)
        _send(web, comapeo, project, found)
    else:
        made_by = provenance(context, con, "changes", [CONCESSIONS, COMMUNITIES])
        print_json({**made_by, "server": comapeo, "alerts": found})
        say(
            _("{count} alerts. Nothing was sent: --send does, to {host} alone.").format(
                count=len(found), host=place.host
            )
        )


def _write_feed(con: "Connection", keys: list[str], output: Path | None) -> None:
    """Write one Atom feed of all that is watched, or list what can be."""
    import pandas as pd

    from lindero.app.answers.changes import feed, watchlist
    from lindero.app.answers.changes.register_changes import successive
    from lindero.app.answers.changes.register_dates import dated_report
    from lindero.app.output.export import text_to, write

    if not keys:
        places = watchlist.watchable(con).values()
        write(pd.DataFrame([{"key": each.key, "name": each.name} for each in places]), Format.CSV, output)
        return
    written = feed.atom(con, watchlist.chosen(con, keys), successive(con), dated_report(con)).decode()
    if output is None:
        typer.echo(written)
    else:
        text_to(output, written)
        say(_("{size} bytes written to {file}").format(size=number(output.stat().st_size), file=output))


def _server(url: str, scheme: str, token_file: Path | None, *, allow_private: bool, ca_file: Path | None) -> "Web":
    """Give the server's host with the token; over a network of others it is sent encrypted alone."""
    from lindero.layers.errors import AddressError
    from lindero.layers.services.connection.http import Web
    from lindero.layers.vault import key_derivation

    if scheme != "https" and not allow_private:
        raise AddressError(
            N_("a token is sent to https:// alone, or with --allow-private within a network of your own")
        )
    token = key_derivation.configured_secret(token_file, ENVIRONMENT)
    if token is None:
        raise KeyNotGivenError(N_("no token was given: name a file with --token-file or set {name}"), name=ENVIRONMENT)
    return Web(url, allow_private=allow_private, ca_file=ca_file, token=token)


def _send(web: "Web", url: str, project: str, found: list[dict[str, object]]) -> None:
    from lindero.layers.services.comapeo import Archive

    archive = Archive(web, url, project)
    sent = archive.known()
    new = [alert for alert in found if alert["sourceId"] not in sent]
    for alert in new:
        archive.add(alert)
    template = _("{new} alerts sent to the project {project} at {host}; {known} were there already.")
    say(template.format(new=len(new), project=archive.project, host=web.host, known=len(found) - len(new)))
