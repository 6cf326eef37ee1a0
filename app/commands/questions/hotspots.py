"""The command that finds hotspots."""

import datetime as dt
from typing import Annotated

import typer

from lindero.app.answers.hotspots.choices import DRAWS, SEED, Of, Over, Per
from lindero.app.commands.options import SchedulerOption, WorkspaceOption, map_of, program, progress_bar, tell
from lindero.app.commands.questions.query import FormatOption, OutputOption
from lindero.app.output.format import Format
from lindero.app.text.i18n import _

DAY = "%Y-%m-%d"


@program.command(help=_("Where more was counted than chance would put there, and how firm that is."))
def hotspots(
    of: Annotated[Of, typer.Option(help=_("What is counted."))] = Of.INCIDENTS,
    over: Annotated[Over, typer.Option(help=_("The places that are compared."))] = Over.H3,
    per: Annotated[Per | None, typer.Option(help=_("What it is counted against."))] = None,
    resolution: Annotated[int | None, typer.Option(help=_("Of H3 cells, 1 to 8; else by the area."))] = None,
    within: Annotated[str, typer.Option(help=_("A country or region by its code: PE, PE-CAJ."))] = "",
    since: Annotated[dt.datetime | None, typer.Option(formats=[DAY], help=_("From this day on (YYYY-MM-DD)."))] = None,
    until: Annotated[dt.datetime | None, typer.Option(formats=[DAY], help=_("Up to this day (YYYY-MM-DD)."))] = None,
    draws: Annotated[int, typer.Option(help=_("How often to draw what is only known to an area."), min=2)] = DRAWS,
    seed: Annotated[int, typer.Option(help=_("Of all chance: the same seed, the same answer."), min=0)] = SEED,
    source: Annotated[
        str, typer.Option(help=_("Of the places: the source of regions that tells them, by its id."))
    ] = "",
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
    scheduler: SchedulerOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Print one row per place, hotspots first."""
    from lindero.app.answers.hotspots.question import Question
    from lindero.app.answers.hotspots.report import hotspot_report
    from lindero.app.output.export import write
    from lindero.app.overlays.dask_engine import engine_at

    first, last = (day.date() if day else None for day in (since, until))
    asked = Question(of, over, per, resolution, within, first, last, draws, seed, source)
    con = map_of(workspace)
    with progress_bar(_("Hotspots")) as step, engine_at(scheduler) as engine:
        report = hotspot_report(con, asked, step=step, engine=engine)
    write(report.rows, form, output, head=report.head(), called="places_compared")
    tell(report.said())
