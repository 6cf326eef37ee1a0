"""Commands of the record: duplicates, template."""

from typing import Annotated

import typer

from app.commands.answers import FormatOption, OutputOption, layer_of
from app.commands.options import WorkspaceOption, map_of, program, say, workspace_at
from app.record.counted import record_of
from app.wording.i18n import _, ngettext, number
from app.wording.output import Format, write
from app.wording.words import word
from layers import accepted, record, redirects, refused
from layers.duplicates import LEAST, proposed
from layers.schema import INCIDENTS
from layers.template import template as template_of


@program.command(help=_("Incidents that two sources may both tell, with reasons; nothing is merged unasked."))
def duplicates(
    accept: Annotated[
        tuple[str, str] | None, typer.Option(help=_("Two ids that are one incident, told under the first."))
    ] = None,
    least: Annotated[float, typer.Option(help=_("Lowest score to show (0 to 1)."), min=0, max=1)] = LEAST,
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Print the proposals, or write down a decision."""
    con = map_of(workspace)
    if accept is not None:
        known = redirects.led(con, INCIDENTS, accept)
        one, other = (known.get(name, name) for name in accept)
        accepted.accept(workspace_at(workspace), (one, other), known=frozenset(record.current_ids(con)))
        say(_("Written to lindero.toml. Next: lindero build"))
        return
    found = proposed(record_of(con).incidents, least=least)
    told = found.assign(reasons=[", ".join(map(word, reasons)) for reasons in found["reasons"]])
    write(found if form is Format.JSON else told, form, output)
    text = ngettext("{count} pair may be the same incident.", "{count} pairs may be the same incident.", len(found))
    say(text.format(count=number(len(found))))


@program.command(help=_("Say that the likely reading of refused rows is right; the next build keeps them."))
def accept(
    source: Annotated[str, typer.Argument(help=_("The source, as lindero report names it."))],
    rows: Annotated[list[int], typer.Argument(help=_("Numbers of the refused rows."))],
    workspace: WorkspaceOption = None,
) -> None:
    """Write the decision into the manifest."""
    refused.accept(workspace_at(workspace), map_of(workspace), source, rows)
    say(_("Written to lindero.toml. Next: lindero build"))


@program.command(help=_("An empty table to fill in, with the columns of a layer; lindero add reads it."))
def template(layer: Annotated[str, typer.Argument(help=_("A layer, such as incidents."))]) -> None:
    """Print the header as CSV, and the codes that coded columns take as a note."""
    made = template_of(layer_of(layer))
    typer.echo(made.header)
    for name, codes in made.codes.items():
        say(f"{name}: {' | '.join(codes)}")
