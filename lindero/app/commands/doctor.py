"""The command that looks at an installation, a workspace and a served map, and says what to mend."""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Annotated

import typer

from lindero.app.commands.options import TextFormatOption, program
from lindero.app.commands.workspace.fetch import CaFile
from lindero.app.pipeline.doctor.finding import Finding, State
from lindero.app.text.i18n import _, ngettext
from lindero.layers.errors import N_

_WORDS = {State.WELL: N_("well"), State.NOTE: N_("good to know"), State.MEND: N_("to mend")}


@program.command(help=_("Check the installation and a workspace, and advise."))
def doctor(
    context: typer.Context,
    what: Annotated[
        Path | None,
        typer.Argument(
            envvar="LINDERO_WORKSPACE", help=_("A workspace, or the file of a map; else the current folder.")
        ),
    ] = None,
    address: Annotated[
        str, typer.Option(help=_("Ask the map that is served there, such as http://localhost:8501/health."))
    ] = "",
    key_file: Annotated[
        Path | None, typer.Option(help=_("See that this file with the vault's key is yours alone; it is not tried."))
    ] = None,
    ca_file: CaFile = None,
    form: TextFormatOption = "text",
) -> None:
    """Look at everything that is named, change nothing, and exit 1 if something is to mend."""
    if form not in {"text", "json"}:
        raise typer.BadParameter(_("{value} is not one of: {choices}").format(value=form, choices="text, json"))
    from lindero.app.commands.json_provenance import asked_for
    from lindero.app.output.plain import print_json

    found: list[Finding] = []
    for one in _findings(what, key_file, address, ca_file):
        found.append(one)
        if form == "text":
            typer.echo(f"{_(_WORDS[one.state])}: {one.text}")
    wrong = sum(one.state is State.MEND for one in found)
    if form == "json":
        print_json({**asked_for(context), "well": not wrong, "findings": [one.__dict__ for one in found]})
    else:
        typer.echo(_summary(wrong))
    if wrong:
        raise typer.Exit(1)


def _findings(what: Path | None, key_file: Path | None, address: str, ca_file: Path | None) -> Iterator[Finding]:
    """Look at what was named, one after the other, so that each is told when it is known."""
    from lindero.app.pipeline.doctor import installation, server, workspace_checks
    from lindero.layers.workspace.manifest_file import MANIFEST

    looks = [installation.findings()]
    if what is not None and what.is_file():
        looks.append(workspace_checks.map_findings(what))
    elif what is not None or Path(MANIFEST).is_file():
        looks.append(workspace_checks.findings(what or Path()))
    if key_file is not None:
        looks.append(workspace_checks.key_findings(key_file))
    if address:
        looks.append(server.findings(address, ca_file=ca_file))
    return chain.from_iterable(looks)


def _summary(wrong: int) -> str:
    if not wrong:
        return _("Nothing is to mend.")
    return ngettext("{n} thing is to mend.", "{n} things are to mend.", wrong).format(n=wrong)
