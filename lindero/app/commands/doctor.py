"""The command that checks an installation, a workspace and a served map, and says what to repair."""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Annotated

import typer

from lindero.app.builder.doctor.finding import Finding, State
from lindero.app.commands.options import TextFormatOption, program
from lindero.app.commands.workspace.fetch import CaFile
from lindero.app.text.i18n import _, ngettext
from lindero.layers.errors import N_

_WORDS = {State.WELL: N_("ok"), State.NOTE: N_("note"), State.MEND: N_("to fix")}


@program.command(help=_("Check the installation and a workspace, and say what to fix."))
def doctor(
    context: typer.Context,
    what: Annotated[
        Path | None,
        typer.Argument(envvar="LINDERO_WORKSPACE", help=_("A workspace or a map file (default: the current folder).")),
    ] = None,
    address: Annotated[
        str,
        typer.Option(
            help=_("Also check a running server by its health address, such as http://localhost:8501/health.")
        ),
    ] = "",
    key_file: Annotated[
        Path | None,
        typer.Option(
            help=_("Check that only you can read the file that contains the vault's key. The key itself is not tried.")
        ),
    ] = None,
    ca_file: CaFile = None,
    form: TextFormatOption = "text",
) -> None:
    """Check the installation and the workspace without changing them; exit with 1 if something needs repair."""
    if form not in {"text", "json"}:
        raise typer.BadParameter(
            _("'{value}' is not a valid choice; use one of: {choices}").format(value=form, choices="text, json")
        )
    from lindero.app.commands.json_provenance import command_record
    from lindero.app.media.files.plain import print_json

    findings: list[Finding] = []
    for finding in _iter_findings(what, key_file, address, ca_file):
        findings.append(finding)
        if form == "text":
            typer.echo(f"{_(_WORDS[finding.state])}: {finding.text}")
    wrong = sum(finding.state is State.MEND for finding in findings)
    if form == "json":
        print_json(
            {**command_record(context), "well": not wrong, "findings": [finding.__dict__ for finding in findings]}
        )
    else:
        typer.echo(_summary_text(wrong))
    if wrong:
        raise typer.Exit(1)


def _iter_findings(target: Path | None, key_file: Path | None, address: str, ca_file: Path | None) -> Iterator[Finding]:
    """Check everything that was named, and yield each finding as soon as it is known."""
    from lindero.app.builder.doctor import installation, workspace_checks
    from lindero.layers.workspace.manifest_file import MANIFEST

    checks = [installation.check_installation()]
    if target is not None and target.is_file():
        checks.append(workspace_checks.check_map_file(target))
    elif target is not None or Path(MANIFEST).is_file():
        checks.append(workspace_checks.check_workspace(target or Path()))
    if key_file is not None:
        checks.append(workspace_checks.check_key_file(key_file))
    if address:
        checks.append(installation.check_server(address, ca_file=ca_file))
    return chain.from_iterable(checks)


def _summary_text(wrong: int) -> str:
    if not wrong:
        return _("No problems found.")
    return ngettext("{n} problem to fix.", "{n} problems to fix.", wrong).format(n=wrong)
