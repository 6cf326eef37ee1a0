"""Commands that ask services: fetch, sources."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lindero.app.commands.options import (
    AcceptOption,
    TextFormatOption,
    WorkspaceOption,
    YesOption,
    expect_files,
    program,
    say,
    workspace_at,
)
from lindero.app.text.i18n import _

if TYPE_CHECKING:
    from lindero.layers.services.catalogue import Offer

AllowPrivate = Annotated[
    bool, typer.Option("--allow-private", help=_("Ask also hosts on this machine or a private network."))
]

CaFile = Annotated[
    Path | None,
    typer.Option(
        "--ca-file",
        envvar="LINDERO_CA_FILE",
        help=_("Certificates (PEM) to trust besides, for a server that leaves some out of its chain."),
    ),
]


@program.command(help=_("Fetch a known source, or a newer version of one."))
def fetch(
    name: Annotated[str, typer.Argument(help=_("As `lindero sources` or lindero.toml names it."))],
    workspace: WorkspaceOption = None,
    *,
    accept: AcceptOption = False,
    allow_private: AllowPrivate = False,
    ca_file: CaFile = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=_("Fetch, but only show what it would do."))] = False,
    yes: YesOption = False,
) -> None:
    """Fetch whole, show, ask on a terminal, and add as a new snapshot."""
    expect_files()
    from dataclasses import replace

    from lindero.app.commands.workspace.add_flow import Consent, take_service
    from lindero.app.pipeline.services import find_service

    space = workspace_at(workspace)
    what = replace(find_service(name, space), ca_file=ca_file)
    take_service(
        space, what, Consent(dry_run=dry_run, yes=yes, accept=accept), allow_private=allow_private, skip_unchanged=True
    )


@program.command(help=_("List the known sources; `sources check` asks each service."))
def sources(
    context: typer.Context,
    action: Annotated[str, typer.Argument(help=_("Empty: list. check: ask each service what it has."))] = "",
    names: Annotated[list[str] | None, typer.Argument(help=_("Only these."))] = None,
    form: TextFormatOption = "text",
    *,
    allow_private: AllowPrivate = False,
    ca_file: CaFile = None,
) -> None:
    """List or check the catalogue; one service that fails does not keep the others from being asked."""
    if form not in {"text", "json"}:
        raise typer.BadParameter(_("{value} is not one of: {choices}").format(value=form, choices="text, json"))
    if action not in {"", "check"}:
        raise typer.BadParameter(_("{value} is not one of: {choices}").format(value=action, choices="check"))

    from lindero.app.commands.json_provenance import asked_for
    from lindero.app.output.plain import print_json
    from lindero.app.pipeline.services import offer_record, offers_shown
    from lindero.layers.services.catalogue import catalogue, offer

    chosen = [offer(name) for name in names] if names else list(catalogue().values())
    if action:
        _check(context, chosen, form, allow_private=allow_private, ca_file=ca_file)
    elif form == "json":
        print_json({**asked_for(context), "services": [offer_record(one) for one in chosen]})
    else:
        typer.echo(offers_shown(chosen))


def _check(
    context: typer.Context, chosen: "list[Offer]", form: str, *, allow_private: bool, ca_file: Path | None
) -> None:
    from lindero.app.commands.json_provenance import asked_for
    from lindero.app.output.plain import print_json
    from lindero.app.pipeline.services import found_record, found_shown
    from lindero.layers.services.check import check

    found = []
    for one in check(chosen, allow_private=allow_private, ca_file=ca_file):
        found.append(one)
        if form == "text":
            typer.echo(found_shown(one))
    if form == "json":
        print_json({**asked_for(context), "services": [found_record(one) for one in found]})
    count = sum(one.state != "by_hand" for one in found)
    well = sum(one.state == "as_expected" for one in found)
    say(_("{well} of {asked} services are as the catalogue says.").format(well=well, asked=count))
