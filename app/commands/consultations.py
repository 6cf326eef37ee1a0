"""Command of consultations: which acts are on record, which the rules ask for, which are contested."""

from typing import Annotated

import typer

from app.analysis.regions import country_at
from app.commands.answers import FormatOption, OutputOption
from app.commands.options import WorkspaceOption, map_of, program, say
from app.commands.provenance import provenance
from app.record import consultations as record
from app.record.consultation_text import on_record
from app.wording.i18n import _
from app.wording.output import Format, records, write
from layers import consultation_rules, redirects
from layers.errors import N_, AnswerError
from layers.layer import Layer
from layers.schema import COMMUNITIES, CONCESSIONS, CONSULTATIONS
from layers.store import Connection


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
    con = map_of(workspace)
    asked = {
        "community": _known(con, COMMUNITIES, community),
        "concession": _known(con, CONCESSIONS, concession),
    }
    found = record.acts(con, country_at, **asked)
    head = provenance(context, con, "consultations", (CONSULTATIONS, COMMUNITIES, CONCESSIONS))
    head |= {"rules": records(consultation_rules.every())}
    write(found, form, output, head=head, called="acts")
    say(on_record(found))


def _known(con: Connection, layer: Layer, id_: str) -> str:
    """
    Give the id by which the map knows a feature, which may have had another.

    Raises
    ------
    AnswerError
        If there is none.
    """
    if not id_:
        return ""
    led = redirects.led(con, layer, (id_,)).get(id_, id_)
    if not redirects.is_current(con, layer, led):
        raise AnswerError(N_("the map holds no {layer} {id}"), layer=layer.name, id=id_)
    return led
