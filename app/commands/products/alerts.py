"""The command that hands new and changed concessions to the phones of a CoMapeo project."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lindero.app.answers.usual import Shape
from lindero.app.commands.options import WorkspaceOption, map_of, program, say
from lindero.app.commands.workspace.fetch import AllowPrivate, CaFile
from lindero.app.text.i18n import _
from lindero.layers.errors import N_, KeyNotGivenError

if TYPE_CHECKING:
    from lindero.layers.services.connection.http import Web

ENVIRONMENT = "LINDERO_COMAPEO_TOKEN"


@program.command(help=_("New and changed concessions on watched land, as alerts for CoMapeo; --send hands them over."))
def alerts(
    keys: Annotated[list[str], typer.Argument(help=_("community/SOURCE/CODE or region/CODE; several."))],
    comapeo: Annotated[str, typer.Option(metavar="URL", help=_("The address of the archive server."))],
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
    """Show what would be sent, and send what the project does not have yet."""
    from lindero.app.answers.changes import alerts as made
    from lindero.app.answers.changes import watchlist
    from lindero.app.answers.changes.register_changes import successive
    from lindero.app.output.plain import print_json
    from lindero.layers.services.connection.url_guard import place_of

    place = place_of(comapeo)
    con = map_of(workspace)
    current = [report for report in successive(con) if report.after.is_current]
    found = made.alerts(watchlist.chosen(con, keys), current, shape=shape)
    if not current:
        say(_("Nothing can be told: of no register does the map hold two snapshots."))
    if send:
        web = _asked(comapeo, place.scheme, token_file, allow_private=allow_private, ca_file=ca_file)
        _send(web, comapeo, project, found)
    else:
        print_json({"server": comapeo, "alerts": found})
        say(
            _("{count} alerts. Nothing was sent: --send does, to {host} alone.").format(
                count=len(found), host=place.host
            )
        )


def _asked(url: str, scheme: str, token_file: Path | None, *, allow_private: bool, ca_file: Path | None) -> "Web":
    """Give the server's host with the token; over a network of others it is sent encrypted alone."""
    from lindero.layers.services.connection.errors import AddressError
    from lindero.layers.services.connection.http import Web
    from lindero.layers.vault import key_derivation

    if scheme != "https" and not allow_private:
        raise AddressError(
            N_("a token is sent to https:// alone, or with --allow-private within a network of your own")
        )
    token = key_derivation.given(token_file, ENVIRONMENT)
    if token is None:
        raise KeyNotGivenError(N_("no token was given: name a file with --token-file or set {name}"), name=ENVIRONMENT)
    return Web(url, allow_private=allow_private, ca_file=ca_file, token=token)


def _send(web: "Web", url: str, project: str, found: list[dict[str, object]]) -> None:
    from lindero.layers.services.comapeo import Archive

    archive = Archive(web, url, project)
    known = archive.known()
    new = [alert for alert in found if alert["sourceId"] not in known]
    for alert in new:
        archive.add(alert)
    told = _("{new} alerts sent to the project {project} at {host}; {known} were there already.")
    say(told.format(new=len(new), project=archive.project, host=web.host, known=len(found) - len(new)))
