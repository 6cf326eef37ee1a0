"""Commands that analyse the map: changes."""

from typing import Annotated

import pandas as pd
import typer

from app.changes import change_reports
from app.commands.answers import FormatOption, OutputOption
from app.commands.options import WorkspaceOption, map_of, program, say
from app.i18n import _
from app.output import Format, records, write


@program.command(help=_("What is new, gone or changed in the registers since a day, and whose ground it touches."))
def changes(
    since: Annotated[str, typer.Option(help=_("A date (YYYY-MM-DD) or an earlier snapshot (ID@YYYY-MM-DD)."))],
    source: Annotated[str, typer.Option(help=_("Only the source of this id."))] = "",
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Print one row per change."""
    reports = change_reports(map_of(workspace), since=since, source=source)
    head: dict[str, object] = {
        "summaries": [report.head() for report in reports],
        "touched": [record for report in reports for record in records(report.touched)],
    }
    write(pd.concat([report.rows for report in reports]), form, output, head=head, called="changes")
    for report in reports:
        say(report.said())
