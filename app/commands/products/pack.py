"""The command that makes a pocket map: one page for a phone, a USB stick or a messenger."""

import datetime as dt
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from lindero.app.commands.options import WorkspaceOption, program, say, workspace_at
from lindero.app.text.i18n import _, number


class Of(StrEnum):
    """What a pocket map is of."""

    COMMUNITY = "community"
    REGION = "region"


@program.command(help=_("A pocket map: one file that answers on a phone, with no network and no server."))
def pack(
    subject: Annotated[Of, typer.Argument(help=_("community or region."))],
    of: Annotated[str, typer.Argument(metavar="ID", help=_("Its id; of a department its code, as in PE-CAJ."))],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help=_("The file to write; else one named by place and day, here.")),
    ] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Write the page, from what a publication without the vault would hold."""
    from lindero.app.pipeline.consent import hold_withdrawn
    from lindero.app.pocket import outlines
    from lindero.app.pocket.about import Subject
    from lindero.app.publication.pack import pack as made
    from lindero.layers.errors import N_, AnswerError
    from lindero.layers.workspace import backgrounds

    space = workspace_at(workspace)
    hold_withdrawn(space)
    found = made(space, Subject(subject.value), of, today=dt.datetime.now(dt.UTC).date())
    target = output or Path(found.file_name)
    if target.is_dir():
        target /= found.file_name
    try:
        target.write_text(found.html, encoding="utf-8")
    except OSError as error:
        raise AnswerError(N_("{file} cannot be written: {why}"), file=target, why=error.strerror) from error
    exact = _("to a decimetre") if found.step == outlines.FINE else _("to a metre")
    told = _("Written to {file}: {kb} kB, outlines {exact}; it holds what a publication without the vault would.")
    own = ", ".join(entry.title for entry in backgrounds.listed(space.folder))
    if own:
        say(_("Not in it: {backgrounds}. A pocket map has the background of Lindero.").format(backgrounds=own))
    say(told.format(file=target, kb=number(target.stat().st_size / 1000), exact=exact))
