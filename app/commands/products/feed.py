"""The command that writes feeds of what is new."""

from pathlib import Path
from typing import Annotated

import typer

from lindero.app.commands.options import WorkspaceOption, map_of, program, say
from lindero.app.output.format import Format
from lindero.app.text.i18n import _, number


@program.command(help=_("An Atom feed of what is new for communities and regions; with no key, what there is."))
def feed(
    keys: Annotated[list[str] | None, typer.Argument(help=_("community/SOURCE/CODE or region/CODE; several."))] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help=_("A file; else standard output."))] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Write one feed of all that is named, or list what can be."""
    import pandas as pd

    from lindero.app.answers.changes import feed as feeds
    from lindero.app.answers.changes import watchlist
    from lindero.app.answers.changes.register_changes import successive
    from lindero.app.output.export import text_to, write

    con = map_of(workspace)
    if not keys:
        known = watchlist.watchable(con).values()
        write(pd.DataFrame([{"key": each.key, "name": each.name} for each in known]), Format.CSV, output)
        return
    written = feeds.atom(con, watchlist.chosen(con, keys), successive(con)).decode()
    if output is None:
        typer.echo(written)
    else:
        text_to(output, written)
        say(_("{size} bytes written to {file}").format(size=number(output.stat().st_size), file=output))
