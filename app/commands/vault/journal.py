"""The command that shows the journal: who did what, when."""

from typing import TYPE_CHECKING, Annotated

import typer

from lindero.app.commands.options import WorkspaceOption, say, workspace_at
from lindero.app.commands.vault.key import KeyFileOption, opened_by
from lindero.app.commands.vault.vault import vault_program
from lindero.app.output.format import Format
from lindero.app.text.i18n import _, number
from lindero.layers.errors import N_, JournalError

if TYPE_CHECKING:
    import pandas as pd

    from lindero.layers.vault.journal import Entry

_NAMED = 10  # entries in one sentence


@vault_program.command(help=_("Who did what, when: adds, withdrawals, openings of the vault, logins. Opens the vault."))
def journal(
    form: Annotated[Format, typer.Option("--format", help=_("How the answer is written."))] = Format.TABLE,
    workspace: WorkspaceOption = None,
    key_file: KeyFileOption = None,
) -> None:
    """Print every entry, and fail if any is missing or was changed."""
    from lindero.app.output.export import write
    from lindero.layers.vault import journal as journals
    from lindero.layers.vault import vault_file

    held = opened_by(workspace_at(workspace), key_file)
    with vault_file.opened(held) as con:
        told = journals.read(con, held.folder)
    write(_rows(told.entries, in_words=form is Format.TABLE), form, None)
    if told.begins:
        say(_("The first {count} entries were let go: there were too many.").format(count=number(told.begins)))
    if told.broken or told.is_cut:
        raise JournalError(
            N_("the journal is not as Lindero wrote it: {count} entries are missing or changed ({first}); {end}"),
            count=len(told.broken),
            first=", ".join(map(str, told.broken[:_NAMED])) or "–",
            end=_("its end was cut off or replaced") if told.is_cut else _("its end is as it was"),
        )
    say(_("No entry is missing, and none was changed."))


def _rows(entries: "tuple[Entry, ...]", *, in_words: bool) -> "pd.DataFrame":
    import pandas as pd

    from lindero.layers.vault import journal as journals

    said = {one.what: journals.WHAT.get(one.what, one.what) for one in entries}
    rows = [(one.number, one.at, one.who, _(said[one.what]) if in_words else one.what, _about(one)) for one in entries]
    return pd.DataFrame(rows, columns=["number", "at", "who", "what", "about"])


def _about(entry: "Entry") -> str:
    return ", ".join(f"{name}={value}" for name, value in entry.about.items())
