"""Commands that send requests to services: fetch, sources."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lindero.app.commands.options import (
    AcceptOption,
    TextFormatOption,
    WorkspaceOption,
    YesOption,
    open_workspace,
    print_message,
    program,
    start_reader,
)
from lindero.app.text.i18n import _
from lindero.layers.workspace.source_options import COMPARABLE, option_prompt

if TYPE_CHECKING:
    from lindero.layers.services.catalogue import CatalogueEntry

AllowPrivate = Annotated[
    bool, typer.Option("--allow-private", help=_("Allow servers on this computer or on a private network."))
]

CaFile = Annotated[
    Path | None,
    typer.Option(
        "--ca-file",
        envvar="LINDERO_CA_FILE",
        help=_("Additional trusted certificates (PEM), for a server with an incomplete certificate chain."),
    ),
]


@program.command(help=_("Fetch a known source, or a newer snapshot of one."))
def fetch(
    name: Annotated[str, typer.Argument(help=_("Name of the source, as in `lindero sources` or lindero.toml."))],
    workspace: WorkspaceOption = None,
    *,
    accept: AcceptOption = False,
    allow_private: AllowPrivate = False,
    ca_file: CaFile = None,
    accept_fewer: Annotated[bool, typer.Option("--accept-fewer", help=_(option_prompt(COMPARABLE).help))] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=_("Fetch the source and show what would change, but change nothing."))
    ] = False,
    yes: YesOption = False,
) -> None:
    """Fetch whole, show, ask on a terminal, and add as a new snapshot."""
    start_reader()
    from dataclasses import replace

    from lindero.app.builder.services import find_service
    from lindero.app.commands.workspace.add_flow import Consent, add_from_service

    space = open_workspace(workspace)
    request = find_service(name, space)
    request = replace(request, ca_file=ca_file, options=replace(request.options, comparable=accept_fewer))
    add_from_service(
        space,
        request,
        Consent(dry_run=dry_run, yes=yes, accept=accept),
        allow_private=allow_private,
        skip_unchanged=True,
    )


@program.command(help=_("List the known sources; `sources check` asks each service."))
def sources(
    context: typer.Context,
    action: Annotated[
        str, typer.Argument(help=_("check: ask each service what it has. Empty: list the sources."))
    ] = "",
    names: Annotated[list[str] | None, typer.Argument(help=_("Only these sources."))] = None,
    form: TextFormatOption = "text",
    *,
    country: Annotated[
        str, typer.Option(help=_("Only sources of this country (ISO 3166, two letters) and of several countries."))
    ] = "",
    allow_private: AllowPrivate = False,
    ca_file: CaFile = None,
) -> None:
    """List or check the catalogue; one service that fails does not keep the others from being asked."""
    if form not in {"text", "json"}:
        raise typer.BadParameter(
            _("'{value}' is not a valid choice; use one of: {choices}").format(value=form, choices="text, json")
        )
    if action not in {"", "check"}:
        raise typer.BadParameter(
            _("'{value}' is not a valid choice; use one of: {choices}").format(value=action, choices="check")
        )

    from lindero.app.builder.services import entry_to_dict, format_catalogue
    from lindero.app.commands.json_provenance import command_record
    from lindero.app.media.files.plain import print_json
    from lindero.layers.services.catalogue import find_entry, load_catalogue

    chosen = [find_entry(name) for name in names] if names else list(load_catalogue().values())
    if country:
        chosen = [entry for entry in chosen if entry.country in {country.upper(), ""}]
    if action:
        _check_services(context, chosen, form, allow_private=allow_private, ca_file=ca_file)
    elif form == "json":
        print_json({**command_record(context), "services": [entry_to_dict(entry) for entry in chosen]})
    else:
        typer.echo(format_catalogue(chosen))


def _check_services(
    context: typer.Context, chosen: "list[CatalogueEntry]", form: str, *, allow_private: bool, ca_file: Path | None
) -> None:
    from lindero.app.builder.services import check_to_dict, format_check
    from lindero.app.commands.json_provenance import command_record
    from lindero.app.media.files.plain import print_json
    from lindero.layers.services.check import check_services

    results = []
    for result in check_services(chosen, allow_private=allow_private, ca_file=ca_file):
        results.append(result)
        if form == "text":
            typer.echo(format_check(result))
    if form == "json":
        print_json({**command_record(context), "services": [check_to_dict(result) for result in results]})
    count = sum(result.state != "by_hand" for result in results)
    well = sum(result.state == "as_expected" for result in results)
    print_message(_("{well} of {asked} services match the catalogue.").format(well=well, asked=count))
