"""The command that shows vault records of possibly one case or person, and stores decisions about them."""

from typing import TYPE_CHECKING, Annotated

import typer

from lindero.app.commands.options import FormatOption, WorkspaceOption, open_workspace, print_message
from lindero.app.commands.vault.key import KeyFileOption, unlock_vault
from lindero.app.commands.vault.vault import vault_program
from lindero.app.media.files.formats import Format
from lindero.app.text.i18n import _, format_number, ngettext

if TYPE_CHECKING:
    import pandas as pd

    from lindero.layers.vault.vault_file import Vault
    from lindero.layers.workspace.manifest_file import Workspace

_PAIR = "ID ID"


@vault_program.command(
    help=_(
        "List records that may be one case or one person and are counted once, or store a decision about two of them."
    )
)
def duplicates(
    accept: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar=_PAIR, help=_("Ids of two records of the vault that are one case.")),
    ] = None,
    apart: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar=_PAIR, help=_("Ids of two records that are different cases of different people.")),
    ] = None,
    form: FormatOption = Format.TABLE,
    workspace: WorkspaceOption = None,
    key_file: KeyFileOption = None,
) -> None:
    """Print what is suspected, or write down a decision in the vault."""
    from lindero.app.media.files.export import write_answer
    from lindero.layers.vault import journal

    space = open_workspace(workspace)
    vault = unlock_vault(space, key_file)
    pair = accept or apart
    if pair is not None:
        with journal.record_action(space.folder, journal.DECIDED):
            _store_decision(vault, space, pair, is_same=accept is not None)
        print_message(_("Stored in the vault. It applies from the next publication on."))
        return
    rows = _find_suspected_pairs(vault, space)
    write_answer(rows, form, None)
    text = ngettext("{n} pair may be one case or one person.", "{n} pairs may be one case or one person.", len(rows))
    print_message(text.format(n=format_number(len(rows))))


def _find_suspected_pairs(vault: "Vault", space: "Workspace") -> "pd.DataFrame":
    """Return the pairs that contain a restricted record.

    Columns: `left_id`, `right_id`, `reasons`, and the visibility of each side.
    """
    import pandas as pd

    from lindero.app.answers.record.incidents import read_incidents
    from lindero.app.media.site.cases import find_relevant_pairs, join_incidents
    from lindero.app.text.codes import translate_code
    from lindero.layers.database import map_database
    from lindero.layers.disk import builds
    from lindero.layers.vault import vault_file

    with map_database.connect(builds.current_map(space.build_folder)) as con, vault_file.open_vault(vault) as private:
        incidents = join_incidents(private, read_incidents(con))
        pairs = find_relevant_pairs(private, incidents)
    visibility = incidents.set_index("id")["visibility"]
    rows = [
        (left, right, ", ".join(map(translate_code, reasons)), visibility[left], visibility[right])
        for (left, right), reasons in sorted(pairs.items())
    ]
    columns = ["left_id", "right_id", "reasons", "left_visibility", "right_visibility"]
    return pd.DataFrame(rows, columns=columns)


def _store_decision(vault: "Vault", space: "Workspace", pair: tuple[str, str], *, is_same: bool) -> None:
    from lindero.app.answers.record.incidents import read_incidents
    from lindero.layers.database import map_database
    from lindero.layers.disk import builds
    from lindero.layers.errors import N_, AnswerError
    from lindero.layers.publish import published_database
    from lindero.layers.vault import vault_file

    with map_database.connect(builds.current_map(space.build_folder)) as con, vault_file.open_vault(vault) as private:
        in_vault = set(published_database.read_visibilities(private).index)
        existing = in_vault if is_same else in_vault | set(read_incidents(con)["id"])
    if missing := [name for name in pair if name not in existing]:
        raise AnswerError(N_("neither the map nor the vault contains an incident with the id {id}"), id=missing[0])
    if pair[0] == pair[1]:
        raise AnswerError(N_("both ids are of the same incident; give two different ones"))
    with vault_file.change_vault(vault) as con:
        published_database.store_decision(con, pair, is_same=is_same)
