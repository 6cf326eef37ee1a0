"""The command that writes and builds a demonstration of a country."""

from pathlib import Path
from typing import Annotated

import typer

from lindero.app.commands.options import print_message, program, progress_bar, start_reader
from lindero.app.text.i18n import _


@program.command(help=_("Write and build a demonstration map of a country. Everything on it is invented."))
def demo(
    folder: Annotated[Path, typer.Argument(help=_("The folder. It is created if it does not exist."))],
    country: Annotated[str, typer.Option(help=_("Country code of two letters (ISO 3166)."))],
) -> None:
    """Write a workspace in the words of a country and its registers, and build it."""
    from lindero.layers.reference import packs

    code = country.upper()
    if code not in packs.list_codes():
        message = _("there is no country pack for '{code}'; choose one of: {known}")
        raise typer.BadParameter(message.format(code=country, known=", ".join(packs.list_codes())))
    start_reader()
    from lindero.app.builder.build import build_map
    from lindero.app.commands.workspace.workspace import summary_text
    from lindero.data.demo_parts.territories import load_setting
    from lindero.data.make_demo import write_workspace

    space = write_workspace(folder, load_setting(code))
    with progress_bar(_("Building")) as step:
        build_map(space, progress=step)
    message = _("{folder} now has a demonstration map. Everything on it is invented. Next: lindero serve {folder}")
    print_message("\n".join([summary_text(space), message.format(folder=folder)]))
