"""Commands of the record: duplicates, accept, template, holders by community, consultations."""

from typing import TYPE_CHECKING, Annotated

import typer

from lindero.app.commands.options import (
    FormatOption,
    OutputOption,
    WorkspaceOption,
    open_map,
    open_workspace,
    print_message,
    print_sentence,
    program,
)
from lindero.app.media.files.formats import Format
from lindero.app.text.i18n import _, format_number, ngettext
from lindero.layers.check.least_likeness import MIN_LIKENESS

if TYPE_CHECKING:
    from lindero.layers.database.map_database import Connection
    from lindero.layers.model.layer import Layer


@program.command(help=_("List incidents that two sources may both record."))
def duplicates(
    context: typer.Context,
    accept: Annotated[
        tuple[str, str] | None,
        typer.Option(help=_("Ids of two records of one incident, which is shown under the first id.")),
    ] = None,
    least: Annotated[float, typer.Option(help=_("Lowest score to show (0 to 1)."), min=0, max=1)] = MIN_LIKENESS,
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Print the proposals, or write down a decision."""
    from lindero.app.answers.record.incidents import read_record
    from lindero.app.commands.json_provenance import provenance
    from lindero.app.media.files.export import write_answer
    from lindero.app.text.codes import translate_code
    from lindero.layers.check.same_incidents import propose_pairs
    from lindero.layers.database.queries import record_queries, redirects
    from lindero.layers.model.schema import INCIDENTS
    from lindero.layers.vault import journal
    from lindero.layers.workspace import manifest_tables

    con = open_map(workspace)
    if accept is not None:
        ids_now = redirects.resolve_ids(con, INCIDENTS, accept)
        first_id, second_id = (ids_now.get(name, name) for name in accept)
        space = open_workspace(workspace)
        with journal.record_action(space.folder, journal.DECIDED):
            manifest_tables.mark_same_incidents(
                space, (first_id, second_id), existing=frozenset(record_queries.read_current_ids(con))
            )
        print_message(_("Written to lindero.toml. Next: lindero build"))
        return
    pairs = propose_pairs(read_record(con).incidents, least=least)
    table = pairs.assign(reasons=[", ".join(map(translate_code, reasons)) for reasons in pairs["reasons"]])
    head = provenance(context, con, "duplicates", [INCIDENTS])
    write_answer(pairs if form is Format.JSON else table, form, output, head=head, rows_key="pairs")
    text = ngettext("{count} pair may be the same incident.", "{count} pairs may be the same incident.", len(pairs))
    print_message(text.format(count=format_number(len(pairs))))


@program.command(help=_("Accept the likely reading of rejected rows."))
def accept(
    source: Annotated[str, typer.Argument(help=_("Id of the source, as in lindero report."))],
    rows: Annotated[list[int], typer.Argument(help=_("Numbers of the rejected rows."))],
    workspace: WorkspaceOption = None,
) -> None:
    """Write the decision into the manifest."""
    from lindero.layers.vault import journal
    from lindero.layers.workspace import refused_rows

    space = open_workspace(workspace)
    with journal.record_action(space.folder, journal.ACCEPTED, source=source, rows=len(rows)):
        refused_rows.accept_rows(space, open_map(workspace), source, rows)
    print_message(_("Written to lindero.toml. Next: lindero build"))


@program.command(help=_("Write an empty table for a layer, to fill in and add."))
def template(layer: Annotated[str, typer.Argument(help=_("A layer, such as incidents."))]) -> None:
    """Print the header as CSV, and the codes that coded columns take as a note."""
    from lindero.app.answers.overlap.row_selection import get_layer
    from lindero.layers.sources.template import build_template as template_of

    table = template_of(get_layer(layer))
    typer.echo(table.header)
    for name, codes in table.codes.items():
        print_message(f"{name}: {' | '.join(codes)}")


@program.command(help=_("List holders of concessions on the land of communities near recorded attacks or conflicts."))
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
    from lindero.app.media.files.export import write_answer
    from lindero.layers.model.schema import LAYERS

    con = open_map(workspace)
    report = attacked_lands(con)
    head = provenance(context, con, "holders", [LAYERS[name] for name in OF_HOLDERS]) | report.head()
    write_answer(report.rows, form, output, head=head, rows_key="holders")
    print_sentence(" ".join(filter(None, (report.finding(), *report.list_limits()))))


# The command of consultations: acts on record, acts for which the rules require one, contested acts.


@program.command(help=_("List State acts and whether consultations are recorded."))
def consultations(
    context: typer.Context,
    community: Annotated[str, typer.Option(help=_("Only this community, by its id."))] = "",
    concession: Annotated[str, typer.Option(help=_("Only this concession, by its id."))] = "",
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Print one row for each consultation on record, and for each act that a rule names and of which none is."""
    from lindero.app.answers.overlap.land import list_required_consultations
    from lindero.app.answers.record import consultations as record
    from lindero.app.answers.record.consultation_text import consultations_text
    from lindero.app.answers.regions import find_country_at_point
    from lindero.app.answers.registers import Registers
    from lindero.app.commands.json_provenance import provenance
    from lindero.app.media.files.export import write_answer
    from lindero.app.media.files.files import to_records
    from lindero.app.text.escape import remove_markup
    from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS, CONSULTATIONS
    from lindero.layers.reference import state_facts

    con = open_map(workspace)
    parameters = {
        "community": _resolve_id(con, COMMUNITIES, community),
        "concession": _resolve_id(con, CONCESSIONS, concession),
    }
    registers = Registers.from_map(con, [CONCESSIONS.name])
    acts = record.list_acts(
        con, find_country_at_point, **parameters, left_out=registers.counted_rows[CONCESSIONS.name].ids
    )
    head = provenance(context, con, "consultations", (CONSULTATIONS, COMMUNITIES, CONCESSIONS))
    head |= {"rules": to_records(state_facts.load_consultation_rules(open_workspace(workspace).country or None))}
    write_answer(acts, form, output, head=head, rows_key="acts")
    rules = list_required_consultations(con, acts, parameters["community"]) if parameters["community"] else []
    print_sentence(" ".join([consultations_text(acts), *map(remove_markup, [*rules, *registers.sentences()])]))


def _resolve_id(con: "Connection", layer: "Layer", id_: str) -> str:
    """Return the id under which the map has a feature now. The feature may have had another id before."""
    from lindero.layers.database.queries import redirects
    from lindero.layers.errors import N_, AnswerError

    if not id_:
        return ""
    current_id = redirects.resolve_ids(con, layer, (id_,)).get(id_, id_)
    if not redirects.is_current(con, layer, current_id):
        raise AnswerError(
            N_("the layer {layer} of this map has no row with id '{id}'; check the id"), layer=layer.name, id=id_
        )
    return current_id
