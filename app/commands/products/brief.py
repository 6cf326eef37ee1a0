"""Command of the brief: a community, a holder or a region on two to four pages."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lindero.app.commands.options import WorkspaceOption, map_of, program, say
from lindero.app.text import i18n
from lindero.app.text.i18n import _

if TYPE_CHECKING:
    from lindero.app.brief.parts import Brief
    from lindero.layers.database.map_database import Connection


class About(StrEnum):
    """What a brief is about."""

    COMMUNITY = "community"
    HOLDER = "holder"
    REGION = "region"


@program.command(help=_("A printed brief of a community, a holder or a region, as PDF."))
def brief(
    about: Annotated[About, typer.Argument(help=_("community, holder or region."))],
    of: Annotated[str, typer.Argument(metavar="ID", help=_("Its id; of a holder also the name, as written."))],
    output: Annotated[Path, typer.Option("--output", "-o", help=_("The file to write."))],
    language: Annotated[str, typer.Option(help=_("es or en; else that of the program."))] = "",
    workspace: WorkspaceOption = None,
) -> None:
    """Write the brief; the figures are those of the pages and of the other commands."""
    if language and language not in i18n.languages():
        choices = ", ".join(i18n.languages())
        raise typer.BadParameter(_("{value} is not one of: {choices}").format(value=language, choices=choices))

    from lindero.app.brief.typesetting import pdf
    from lindero.layers.errors import N_, AnswerError

    con = map_of(workspace)
    if language:
        i18n.use(language)
    made = pdf(_brief(con, about, of))
    try:
        output.write_bytes(made)
    except OSError as error:
        raise AnswerError(N_("{file} cannot be written: {why}"), file=output, why=error.strerror) from error
    say(_("Written to {file}").format(file=output))


def _brief(con: "Connection", about: About, of: str) -> "Brief":
    from lindero.app.brief import community, holder, region
    from lindero.layers.database import redirects
    from lindero.layers.model.schema import COMMUNITIES

    if about is About.COMMUNITY:
        return community.brief(con, redirects.led(con, COMMUNITIES, (of,)).get(of, of))
    if about is About.HOLDER:
        return holder.brief(con, holder.known(con, of))
    return region.brief(con, of)
