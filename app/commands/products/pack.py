"""The command that makes a pocket map: one page for a phone, a USB stick or a messenger."""

import datetime as dt
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lindero.app.commands.options import WorkspaceOption, program, say, workspace_at
from lindero.app.text.i18n import _, number

if TYPE_CHECKING:
    from lindero.app.pocket.background_cut import Cut


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
    basemap: Annotated[
        str,
        typer.Option(metavar="ID", help=_("A background of the workspace to cut out into it: lindero basemap list.")),
    ] = "",
    workspace: WorkspaceOption = None,
) -> None:
    """Write the page, from what a publication without the vault would hold."""
    from lindero.app.pipeline.consent import hold_withdrawn
    from lindero.app.pocket import outlines
    from lindero.app.pocket.about import Subject
    from lindero.app.publication.pack import pack as made
    from lindero.layers.errors import N_, AnswerError
    from lindero.layers.vault import journal

    space = workspace_at(workspace)
    hold_withdrawn(space)
    with journal.act(space.folder, journal.PUBLISHED, folder=of):
        found = made(space, Subject(subject.value), of, today=dt.datetime.now(dt.UTC).date(), basemap=basemap)
    target = output or Path(found.file_name)
    if target.is_dir():
        target /= found.file_name
    try:
        target.write_text(found.html, encoding="utf-8")
    except OSError as error:
        raise AnswerError(N_("{file} cannot be written: {why}"), file=target, why=error.strerror) from error
    exact = _("to a decimetre") if found.step == outlines.FINE else _("to a metre")
    told = _("Written to {file}: {kb} kB, outlines {exact}; it holds what a publication without the vault would.")
    for text in _background(space.folder, found.background):
        say(text)
    say(told.format(file=target, kb=number(target.stat().st_size / 1000), exact=exact))


def _background(folder: Path, cut: "Cut | None") -> Iterator[str]:
    """Say what is in the page of a background, and what is left out; or which ones could be in it."""
    from lindero.layers.workspace import backgrounds

    if cut is None:
        if own := ", ".join(entry.id for entry in backgrounds.listed(folder)):
            yield _("Not in it: {backgrounds}. --basemap puts one in, beside the one of Lindero.").format(
                backgrounds=own
            )
        return
    zooms = {"first": cut.first, "all_round": cut.all_round, "last": cut.last, "file": cut.file_last}
    told = _("Background: {title}, shown with: {attribution}.")
    yield told.format(title=cut.of.title, attribution=cut.of.attribution)
    if cut.all_round < cut.first:
        yield _("Zooms {first} to {last} of its own ground; round it there was no room.").format(**zooms)
    elif cut.last > cut.all_round:
        yield _("Zooms {first} to {all_round} all round, to {last} on its own ground.").format(**zooms)
    else:
        yield _("Zooms {first} to {last} all round.").format(**zooms)
    if cut.last < cut.file_last:
        yield _("Left out, for want of room: finer zooms, which the file has to {file}.").format(**zooms)
