"""The command that shows which records of a vault may be one case or one person, and writes down what is decided."""

from typing import TYPE_CHECKING, Annotated

import typer

from lindero.app.commands.options import FormatOption, WorkspaceOption, say, workspace_at
from lindero.app.commands.vault.key import KeyFileOption, opened_by
from lindero.app.commands.vault.vault import vault_program
from lindero.app.output.formats import Format
from lindero.app.text.i18n import _, ngettext, number

if TYPE_CHECKING:
    import pandas as pd

    from lindero.layers.vault.vault_file import Vault
    from lindero.layers.workspace.manifest_file import Workspace

_PAIR = "ID ID"


@vault_program.command(
    help=_("Records that may be one case or one person, and are counted once; or say what they are.")
)
def duplicates(
    accept: Annotated[
        tuple[str, str] | None, typer.Option(metavar=_PAIR, help=_("Two records of the vault that are one case."))
    ] = None,
    apart: Annotated[
        tuple[str, str] | None, typer.Option(metavar=_PAIR, help=_("Two records that are two cases of two people."))
    ] = None,
    form: FormatOption = Format.TABLE,
    workspace: WorkspaceOption = None,
    key_file: KeyFileOption = None,
) -> None:
    """Print what is suspected, or write down a decision in the vault."""
    from lindero.app.output.export import write
    from lindero.layers.vault import journal

    space = workspace_at(workspace)
    vault = opened_by(space, key_file)
    decided = accept or apart
    if decided is not None:
        with journal.act(space.folder, journal.DECIDED):
            _decide(vault, space, decided, is_same=accept is not None)
        say(_("Written down in the vault; it holds for the next publication."))
        return
    rows = _suspected(vault, space)
    write(rows, form, None)
    text = ngettext("{n} pair may be one case or one person.", "{n} pairs may be one case or one person.", len(rows))
    say(text.format(n=number(len(rows))))


def _suspected(vault: "Vault", space: "Workspace") -> "pd.DataFrame":
    """Give the pairs with a restricted record in them: `left_id`, `right_id`, `reasons`, and each side's visibility."""
    import pandas as pd

    from lindero.app.products.publication.cases import counted_pairs, joint_incidents
    from lindero.app.record.incidents import incidents_of
    from lindero.app.text.codes import word
    from lindero.layers.database import map_database
    from lindero.layers.disk import builds
    from lindero.layers.vault import vault_file

    with map_database.connect(builds.current_map(space.build_folder)) as con, vault_file.opened(vault) as private:
        incidents = joint_incidents(private, incidents_of(con))
        pairs = counted_pairs(private, incidents)
    visibility = incidents.set_index("id")["visibility"]
    rows = [
        (left, right, ", ".join(map(word, reasons)), visibility[left], visibility[right])
        for (left, right), reasons in sorted(pairs.items())
    ]
    columns = ["left_id", "right_id", "reasons", "left_visibility", "right_visibility"]
    return pd.DataFrame(rows, columns=columns)


def _decide(vault: "Vault", space: "Workspace", pair: tuple[str, str], *, is_same: bool) -> None:
    from lindero.app.record.incidents import incidents_of
    from lindero.layers.database import map_database
    from lindero.layers.disk import builds
    from lindero.layers.errors import N_, AnswerError
    from lindero.layers.publish import published_database
    from lindero.layers.vault import vault_file

    with map_database.connect(builds.current_map(space.build_folder)) as con, vault_file.opened(vault) as private:
        in_vault = set(published_database.visibilities(private).index)
        existing = in_vault if is_same else in_vault | set(incidents_of(con)["id"])
    if missing := [name for name in pair if name not in existing]:
        raise AnswerError(N_("neither the map nor the vault holds an incident {id}"), id=missing[0])
    if pair[0] == pair[1]:
        raise AnswerError(N_("an incident is the same as itself: name another"))
    with vault_file.changed(vault) as con:
        published_database.decide(con, pair, is_same=is_same)
