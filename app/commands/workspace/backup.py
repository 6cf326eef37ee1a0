"""Commands that keep a workspace safe and put it back: backup, restore."""

from pathlib import Path
from typing import Annotated

import typer

from lindero.app.commands.options import WorkspaceOption, program, say, workspace_at
from lindero.app.text.i18n import _, number


@program.command(help=_("Write the workspace into one file: what was received, the vault as it is encrypted, no maps."))
def backup(
    file: Annotated[Path, typer.Argument(help=_("The file to write, such as backup-2026-11-26.zip."))],
    workspace: WorkspaceOption = None,
) -> None:
    """Write, and read again to see that it is right."""
    from lindero.layers.vault import vault_file
    from lindero.layers.workspace import backup as backups

    space = workspace_at(workspace)
    contents = backups.write(space, file)
    say(_("{file} holds {count} files, each held to its hash.").format(file=file, count=number(len(contents.files))))
    if vault_file.exists(space.folder):
        say(_("The vault is in it, encrypted; its key is not: keep that elsewhere, or nobody can open it again."))


@program.command(help=_("Put a backup back into a folder; what was withdrawn there stays withdrawn."))
def restore(
    file: Annotated[Path, typer.Argument(help=_("The file that `lindero backup` wrote."))],
    folder: Annotated[Path, typer.Argument(help=_("Where: a new folder, or the workspace that it was made of."))],
) -> None:
    """Check, put back whole or not at all, and say what is left aside."""
    from lindero.layers.vault import journal
    from lindero.layers.workspace import backup as backups

    aside = backups.restore(file, folder)
    journal.note(folder, journal.RESTORED)
    say(_("{folder} is as it was. Next: lindero build {folder}").format(folder=folder))
    if aside is not None:
        say(
            _("What was there is in {aside}. It may hold what was withdrawn since: delete it in time.").format(
                aside=aside
            )
        )
