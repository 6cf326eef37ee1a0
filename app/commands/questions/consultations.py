"""Command of consultations: which acts are on record, which the rules ask for, which are contested."""

from typing import TYPE_CHECKING, Annotated

import typer

from lindero.app.commands.options import WorkspaceOption, map_of, program, tell
from lindero.app.commands.questions.query import FormatOption, OutputOption
from lindero.app.output.format import Format
from lindero.app.text.i18n import _

if TYPE_CHECKING:
    from lindero.layers.database.map_database import Connection
    from lindero.layers.model.layer import Layer


@program.command(help=_("Acts of the State that communities were consulted about, and what the rules ask for."))
def consultations(
    context: typer.Context,
    community: Annotated[str, typer.Option(help=_("Only this community, by its id."))] = "",
    concession: Annotated[str, typer.Option(help=_("Only this concession, by its id."))] = "",
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Print one row for each consultation on record, and for each act that a rule names and of which none is."""
    from lindero.app.answers.regions import country_at
    from lindero.app.commands.json_provenance import provenance
    from lindero.app.output.export import write
    from lindero.app.output.files import records
    from lindero.app.record import consultations as record
    from lindero.app.record.consultation_text import on_record
    from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS, CONSULTATIONS
    from lindero.layers.reference import consultation_rules

    con = map_of(workspace)
    asked = {
        "community": _known(con, COMMUNITIES, community),
        "concession": _known(con, CONCESSIONS, concession),
    }
    found = record.acts(con, country_at, **asked)
    head = provenance(context, con, "consultations", (CONSULTATIONS, COMMUNITIES, CONCESSIONS))
    head |= {"rules": records(consultation_rules.every())}
    write(found, form, output, head=head, called="acts")
    tell(on_record(found))


def _known(con: "Connection", layer: "Layer", id_: str) -> str:
    """
    Give the id by which the map knows a feature, which may have had another.

    Raises
    ------
    AnswerError
        If there is none.
    """
    from lindero.layers.database import redirects
    from lindero.layers.errors import N_, AnswerError

    if not id_:
        return ""
    led = redirects.led(con, layer, (id_,)).get(id_, id_)
    if not redirects.is_current(con, layer, led):
        raise AnswerError(N_("the map holds no {layer} {id}"), layer=layer.name, id=id_)
    return led
