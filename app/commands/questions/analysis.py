"""Commands that analyse the map: changes, exposure."""

from typing import Annotated

import typer

from lindero.app.answers.usual import EXPOSURE_DRAWS, EXPOSURE_SEED, TIMING_DRAWS, TIMING_KM, TIMING_SEED
from lindero.app.commands.options import WorkspaceOption, map_of, program, progress_bar, tell
from lindero.app.commands.questions.query import FormatOption, OutputOption
from lindero.app.output.format import Format
from lindero.app.text.i18n import _


@program.command(help=_("What is new, gone or changed in the registers since a day, and whose ground it touches."))
def changes(
    context: typer.Context,
    since: Annotated[str, typer.Option(help=_("A date (YYYY-MM-DD) or an earlier snapshot (ID@YYYY-MM-DD)."))],
    until: Annotated[
        str, typer.Option(help=_("The later snapshot, named likewise; the current one unless said."))
    ] = "",
    source: Annotated[str, typer.Option(help=_("Only the source of this id."))] = "",
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Print one row per change."""
    import pandas as pd

    from lindero.app.answers.changes.register_changes import COLUMNS, change_reports, none_later
    from lindero.app.answers.overlap.row_selection import Side
    from lindero.app.commands.json_provenance import provenance
    from lindero.app.output.export import write
    from lindero.app.output.files import records
    from lindero.layers.model.schema import COMMUNITIES, LAYERS, PROTECTED_AREAS

    con = map_of(workspace)
    reports = change_reports(con, since=since, until=until, source=source)
    compared = [each for report in reports for each in (report.before, report.after)]
    sides = [Side(LAYERS[each.layer], (), each.source_id, each.snapshot_on) for each in compared]
    head = provenance(context, con, "changes", [COMMUNITIES, PROTECTED_AREAS, *sides])
    head |= {
        "compared": [f"{each.source_id}@{each.snapshot_on}" for each in compared],
        "summaries": [report.head() for report in reports],
        "coverage": [one.as_dict() for report in reports for one in report.covered],
        "touched": [record for report in reports for record in records(report.touched)],
    }
    rows = pd.concat([report.rows for report in reports]) if reports else pd.DataFrame(columns=COLUMNS)
    write(rows, form, output, head=head, called="changes")
    if not reports:
        tell(none_later(con, since))
    for report in reports:
        tell(report.said())


@program.command(help=_("How exposed each community is, the most exposed first, with how firm its rank is."))
def exposure(
    context: typer.Context,
    status: Annotated[list[str] | None, typer.Option(help=_("Only titles of this status; several times."))] = None,
    weight: Annotated[list[str] | None, typer.Option(help=_("COLUMN=NUMBER for the ranking; several times."))] = None,
    draws: Annotated[int, typer.Option(help=_("How many other weights to try."), min=1, max=100_000)] = EXPOSURE_DRAWS,
    seed: Annotated[
        int, typer.Option(help=_("Of the weights that are tried: the same seed, the same answer."))
    ] = EXPOSURE_SEED,
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Print one row per community."""
    import pandas as pd

    from lindero.app.answers.overlap.row_selection import Side
    from lindero.app.answers.ranking.exposure import IN_FORCE, WEIGHTS, exposure_report
    from lindero.app.answers.ranking.exposure import LAYERS as EXPOSURE_LAYERS
    from lindero.app.answers.ranking.weights import weights_in
    from lindero.app.commands.json_provenance import provenance
    from lindero.app.output.export import write
    from lindero.app.output.files import records
    from lindero.layers.model.schema import CONCESSIONS, LAYERS

    con = map_of(workspace)
    if status:  # one that no title states would make every community's share 0
        Side.named(CONCESSIONS, "", [f"status={one}" for one in status]).read(con)
    weights = weights_in(weight or [], WEIGHTS)
    with progress_bar(_("Exposure")) as step:
        report = exposure_report(
            con, statuses=status or IN_FORCE, weights=weights, draws=draws, seed=seed, progress=step
        )
    head = provenance(context, con, "exposure", [LAYERS[name] for name in EXPOSURE_LAYERS])
    head |= {**report.settings, "parts": records(report.parts), "attacks_by_year": records(report.attacks)}
    head |= {"not_ranked": records(pd.concat([report.unranked, report.unmeasured]))}
    head |= {"without_any_place": records(report.placeless)}
    head |= {"left_out_of_the_weights": {name: reason.value for name, reason in report.left.items()}}
    write(report.rows, form, output, head=head, called="communities")
    tell(report.said())


@program.command(help=_("Titles granted in the twelve months before and after attacks near them, beside chance."))
def timing(
    context: typer.Context,
    km: Annotated[int, typer.Option(help=_("Distance in kilometres."), min=1, max=200)] = TIMING_KM,
    draws: Annotated[int, typer.Option(help=_("How often to deal the days anew."), min=1, max=100_000)] = TIMING_DRAWS,
    seed: Annotated[int, typer.Option(help=_("Of all chance: the same seed, the same answer."))] = TIMING_SEED,
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Print one row per attack."""
    from lindero.app.answers.before_after import timing_report
    from lindero.app.commands.json_provenance import provenance
    from lindero.app.output.export import write
    from lindero.app.output.files import records
    from lindero.layers.model.schema import CONCESSIONS, INCIDENTS

    con = map_of(workspace)
    report = timing_report(con, km=km, draws=draws, seed=seed)
    head = provenance(context, con, "timing", [CONCESSIONS, INCIDENTS])
    head |= {
        **report.settings,
        "attacks_left_out": report.left_out,
        "titles_undated": report.undated,
        "sums": records(report.timing.sums),
        "coverage": [report.covered.as_dict()],
    }
    write(report.rows, form, output, head=head, called="attacks")
    tell(report.said())
