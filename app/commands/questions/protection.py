"""The command that tells where protection is missing."""

from typing import Annotated

import typer

from lindero.app.answers.protection.per import Per
from lindero.app.answers.usual import DEPARTMENT, EXPOSURE_DRAWS, EXPOSURE_SEED
from lindero.app.commands.options import WorkspaceOption, map_of, program, tell, workspace_at
from lindero.app.commands.questions.query import FormatOption, OutputOption
from lindero.app.output.format import Format
from lindero.app.text.i18n import _


@program.command(help=_("Where protection is missing: attacks, exposure, open cases and measures, side by side."))
def protection(
    context: typer.Context,
    by: Annotated[str, typer.Option(help=_("department, province or community."))] = DEPARTMENT,
    per: Annotated[Per | None, typer.Option(help=_("Count attacks in regions against people, or communities."))] = None,
    since: Annotated[int | None, typer.Option(help=_("Only attacks of this year or later."))] = None,
    until: Annotated[int | None, typer.Option(help=_("Only attacks of this year or earlier."))] = None,
    weight: Annotated[list[str] | None, typer.Option(help=_("COLUMN=NUMBER for the ranking; several times."))] = None,
    draws: Annotated[int, typer.Option(help=_("How many other weights to try."), min=1, max=100_000)] = EXPOSURE_DRAWS,
    seed: Annotated[
        int, typer.Option(help=_("Of the weights that are tried: the same seed, the same answer."))
    ] = EXPOSURE_SEED,
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Print one row per region or community, the greatest need first."""
    from lindero.app.answers.coverage.coverage import coverage_of
    from lindero.app.answers.protection import needs_text
    from lindero.app.answers.protection.needs import LAYERS as ASKED_OF
    from lindero.app.answers.protection.needs import WEIGHTS, Asked, levels, needs
    from lindero.app.answers.ranking.weights import weights_in
    from lindero.app.commands.json_provenance import provenance
    from lindero.app.output.export import write
    from lindero.layers.model.schema import LAYERS

    con = map_of(workspace)
    known = levels(con)
    if by not in known:
        raise typer.BadParameter(_("{value} is not one of: {choices}").format(value=by, choices=", ".join(known)))
    weights = tuple(weights_in(weight or [], WEIGHTS).items())
    asked = Asked(by, per, since, until, weights, draws, seed)
    found = needs(con, asked, country=workspace_at(workspace).country)
    head = provenance(context, con, "protection", [LAYERS[name] for name in ASKED_OF]) | found.head()
    covered = coverage_of(con)
    head |= {"lacks": [name for name in ASKED_OF if covered.lacks(name)]}
    write(found.rows, form, output, head=head, called="rows")
    tell(needs_text.said(found))
