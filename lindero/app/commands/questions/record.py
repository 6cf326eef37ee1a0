"""Commands of the record: consultations, duplicates, holders on attacked land, template."""

from typing import TYPE_CHECKING, Annotated

import typer

from lindero.app.commands.options import (
    FormatOption,
    OutputOption,
    WorkspaceOption,
    map_of,
    program,
    say,
    tell,
    workspace_at,
)
from lindero.app.output.formats import Format
from lindero.app.text.i18n import _, ngettext, number
from lindero.layers.check.least_likeness import LEAST

if TYPE_CHECKING:
    from lindero.layers.database.map_database import Connection
    from lindero.layers.model.layer import Layer


@program.command(help=_("List incidents that two sources may both record."))
def duplicates(
    context: typer.Context,
    accept: Annotated[
        tuple[str, str] | None, typer.Option(help=_("Two ids that are one incident, told under the first."))
    ] = None,
    least: Annotated[float, typer.Option(help=_("Lowest score to show (0 to 1)."), min=0, max=1)] = LEAST,
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Print the proposals, or write down a decision."""
    from lindero.app.commands.json_provenance import provenance
    from lindero.app.output.export import write
    from lindero.app.record.incidents import record_of
    from lindero.app.text.codes import word
    from lindero.layers.check.same_incidents import propose
    from lindero.layers.database.queries import record_queries, redirects
    from lindero.layers.model.schema import INCIDENTS
    from lindero.layers.vault import journal
    from lindero.layers.workspace import manifest_tables

    con = map_of(workspace)
    if accept is not None:
        ids_now = redirects.led(con, INCIDENTS, accept)
        one, other = (ids_now.get(name, name) for name in accept)
        space = workspace_at(workspace)
        with journal.act(space.folder, journal.DECIDED):
            manifest_tables.accept(space, (one, other), existing=frozenset(record_queries.current_ids(con)))
        say(_("Written to lindero.toml. Next: lindero build"))
        return
    found = propose(record_of(con).incidents, least=least)
    table = found.assign(reasons=[", ".join(map(word, reasons)) for reasons in found["reasons"]])
    head = provenance(context, con, "duplicates", [INCIDENTS])
    write(found if form is Format.JSON else table, form, output, head=head, called="pairs")
    text = ngettext("{count} pair may be the same incident.", "{count} pairs may be the same incident.", len(found))
    say(text.format(count=number(len(found))))


@program.command(help=_("Accept the likely reading of rejected rows."))
def accept(
    source: Annotated[str, typer.Argument(help=_("The source, as lindero report names it."))],
    rows: Annotated[list[int], typer.Argument(help=_("Numbers of the refused rows."))],
    workspace: WorkspaceOption = None,
) -> None:
    """Write the decision into the manifest."""
    from lindero.layers.vault import journal
    from lindero.layers.workspace import refused_rows

    space = workspace_at(workspace)
    with journal.act(space.folder, journal.ACCEPTED, source=source, rows=len(rows)):
        refused_rows.accept(space, map_of(workspace), source, rows)
    say(_("Written to lindero.toml. Next: lindero build"))


@program.command(help=_("Write an empty table of a layer, to fill in and add."))
def template(layer: Annotated[str, typer.Argument(help=_("A layer, such as incidents."))]) -> None:
    """Print the header as CSV, and the codes that coded columns take as a note."""
    from lindero.app.answers.overlap.row_selection import layer_of
    from lindero.layers.sources.mapping import template as template_of

    made = template_of(layer_of(layer))
    typer.echo(made.header)
    for name, codes in made.codes.items():
        say(f"{name}: {' | '.join(codes)}")


@program.command(help=_("List holders of concessions on land of attacked communities."))
def holders(
    context: typer.Context,
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Print one row for each holder and community."""
    from lindero.app.answers.overlap.attacked_lands import LAYERS as OF_HOLDERS
    from lindero.app.answers.overlap.attacked_lands import attacked_lands
    from lindero.app.commands.json_provenance import provenance
    from lindero.app.output.export import write
    from lindero.layers.model.schema import LAYERS

    con = map_of(workspace)
    found = attacked_lands(con)
    head = provenance(context, con, "holders", [LAYERS[name] for name in OF_HOLDERS]) | found.head()
    write(found.rows, form, output, head=head, called="holders")
    tell(" ".join(filter(None, (found.finding(), found.besides()))))


# Command of consultations: which acts are on record, which the rules ask for, which are contested.


@program.command(help=_("List acts of the State that communities were consulted about."))
def consultations(
    context: typer.Context,
    community: Annotated[str, typer.Option(help=_("Only this community, by its id."))] = "",
    concession: Annotated[str, typer.Option(help=_("Only this concession, by its id."))] = "",
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Print one row for each consultation on record, and for each act that a rule names and of which none is."""
    from lindero.app.answers.overlap.land import asked_of
    from lindero.app.answers.regions import country_at
    from lindero.app.answers.registers import Registers
    from lindero.app.commands.json_provenance import provenance
    from lindero.app.output.export import write
    from lindero.app.output.files import records
    from lindero.app.record import consultations as record
    from lindero.app.record.consultation_text import on_record
    from lindero.app.text.escape import bare
    from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS, CONSULTATIONS
    from lindero.layers.reference import state_facts

    con = map_of(workspace)
    parameters = {
        "community": _known(con, COMMUNITIES, community),
        "concession": _known(con, CONCESSIONS, concession),
    }
    registers = Registers.of_map(con, [CONCESSIONS.name])
    found = record.acts(con, country_at, **parameters, left_out=registers.counted[CONCESSIONS.name].ids)
    head = provenance(context, con, "consultations", (CONSULTATIONS, COMMUNITIES, CONCESSIONS))
    head |= {"rules": records(state_facts.consultation_rules())}
    write(found, form, output, head=head, called="acts")
    rules = asked_of(con, found, parameters["community"]) if parameters["community"] else []
    tell(" ".join([on_record(found), *map(bare, [*rules, *registers.sentences()])]))


def _known(con: "Connection", layer: "Layer", id_: str) -> str:
    """
    Give the id by which the map knows a feature, which may have had another.

    Raises
    ------
    AnswerError
        If there is none.
    """
    from lindero.layers.database.queries import redirects
    from lindero.layers.errors import N_, AnswerError

    if not id_:
        return ""
    led = redirects.led(con, layer, (id_,)).get(id_, id_)
    if not redirects.is_current(con, layer, led):
        raise AnswerError(N_("the map holds no {layer} {id}"), layer=layer.name, id=id_)
    return led
