"""Commands that answer questions from the map: overlaps, near, regions."""

import re
from shlex import quote
from typing import TYPE_CHECKING, Annotated

import typer

from lindero.app.answers.defaults import DEPARTMENT, NEAR_KM
from lindero.app.commands.options import (
    BoxOption,
    CountryOption,
    FormatOption,
    OutputOption,
    SnapshotOption,
    WhereOption,
    WithoutDuplicatesOption,
    WorkspaceOption,
    open_map,
    open_workspace,
    open_workspace_map,
    print_message,
    program,
    resolve_country,
    warn_if_slow,
)
from lindero.app.media.files.formats import Format
from lindero.app.text.i18n import _
from lindero.geo.geometry.units import MIN_HA

if TYPE_CHECKING:
    from lindero.app.answers.coverage.coverage import Coverage
    from lindero.app.answers.place.spot import Spot
    from lindero.layers.database.map_database import Connection


AREA_LAYERS = ("concessions", "communities", "protected_areas")
_OPTION = re.compile(r"-{1,2}[^\W\d]")
_NUMBERS = re.compile(r"([-+]?\d+(?:\.\d+)?) ([-+]?\d+(?:\.\d+)?)")


@program.command(help=_("Measure where two layers overlap: pairs and hectares."))
def overlaps(
    context: typer.Context,
    left: Annotated[str, typer.Argument(help=_("A layer, such as concessions."))],
    right: Annotated[str, typer.Argument(help=_("A layer, such as communities."))],
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
    left_source: SnapshotOption = "",
    right_source: SnapshotOption = "",
    left_where: WhereOption = None,
    right_where: WhereOption = None,
    certainty: Annotated[
        list[str] | None,
        typer.Option(help=_("Only overlaps of this kind: certain, possible or sliver. May be repeated.")),
    ] = None,
    contains: Annotated[str, typer.Option(help=_("Only pairs with this text in a name or a holder."))] = "",
    min_share: Annotated[
        float, typer.Option(help=_("Minimum overlap as a share of either feature (0 to 1)."), min=0, max=1)
    ] = 0,
    min_ha: Annotated[float, typer.Option(help=_("Minimum area of an overlap, in hectares."))] = MIN_HA,
    bbox: BoxOption = "",
    apportion: Annotated[str, typer.Option(help=_("Apportion this column of the first layer (LEFT) by area."))] = "",
    workspace: WorkspaceOption = None,
    *,
    grown: Annotated[
        bool, typer.Option("--grown", help=_("Include pairs that meet only within the accuracy of their boundaries."))
    ] = False,
    without_duplicates: WithoutDuplicatesOption = False,
) -> None:
    """Print the pairs, largest first, with gross and footprint totals."""
    from lindero.app.answers.overlap.overlaps import overlap_report
    from lindero.app.answers.overlap.overlaps_answer import overlaps_sections
    from lindero.app.answers.overlap.pair_filter import PairFilter
    from lindero.app.answers.overlap.row_selection import Side, get_layer
    from lindero.app.commands.json_provenance import provenance
    from lindero.app.media.files.export import write_answer, write_batches
    from lindero.app.media.text.plain_text import format_sentences, iter_lines

    warn_if_slow()
    con = open_map(workspace)
    sides = (
        Side.from_options(get_layer(left), left_source, left_where or [], bbox),
        Side.from_options(get_layer(right), right_source, right_where or [], bbox),
    )
    pair_filter = PairFilter(
        least_share=min_share, certainties=tuple(map(_parse_certainty, certainty or [])), contains=contains
    )
    with_geometry = form in {Format.GEOJSON, Format.GPKG, Format.GEOPARQUET}
    report = overlap_report(
        con,
        *sides,
        min_ha=min_ha,
        grown=grown,
        with_geometry=with_geometry,
        column=apportion,
        pair_filter=pair_filter,
        registers="refuse",
        without_duplicates=without_duplicates,
        with_names=False,
    )
    head = provenance(context, con, "overlaps", sides) | report.head()
    if with_geometry:
        write_answer(report.pairs, form, output, head=head)
    else:
        write_batches(report.iter_rows(), form, output, head=head, rows_key="overlaps")
    finding, doubts = overlaps_sections(report)
    print_message("\n".join([*iter_lines(finding), format_sentences([doubts])]).strip())


@program.command(
    help=_("List what is near a place, or on the land of a community."),
    context_settings={"ignore_unknown_options": True},  # a southern latitude begins with a minus
)
def near(
    context: typer.Context,
    place: Annotated[
        list[str], typer.Argument(help=_("A name, coordinates in any common notation, or a link to a map."))
    ],
    km: Annotated[float, typer.Option(help=_("Distance in kilometres."), min=0)] = NEAR_KM,
    layer: Annotated[list[str] | None, typer.Option(help=_("Only this layer. May be repeated."))] = None,
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
    workspace: WorkspaceOption = None,
    *,
    abroad: Annotated[bool, typer.Option("--abroad", help=_("Also look for the name in other countries."))] = False,
) -> None:
    """Print features by geodesic distance to their edge; 0 inside."""
    from lindero.app.answers.coverage import coverage_text
    from lindero.app.answers.coverage.refused_text import list_refused_in_area
    from lindero.app.answers.overlap.row_selection import get_layer
    from lindero.app.answers.place.nearby import feature_frame, find_nearby_features
    from lindero.app.answers.registers import Registers
    from lindero.app.commands.json_provenance import provenance
    from lindero.app.media.files import plain
    from lindero.app.text.escape import remove_markup
    from lindero.layers.database.queries.map_queries import count_unplaced_rows
    from lindero.layers.model.schema import INCIDENTS

    if option := next(filter(_OPTION.match, place), None):
        context.fail(_("No such option: {option}").format(option=option))
    feature_layers = [
        get_layer(name) for name in layer or ["concessions", "communities", "protected_areas", "incidents"]
    ]
    space = open_workspace(workspace)
    con = open_workspace_map(space)
    spot, notes = _resolve_place(" ".join(place), con, space.country, abroad=abroad)
    registers = Registers.from_map(con, [one.name for one in feature_layers])
    nearby_rows = registers.filter_rows(find_nearby_features(con, spot, within_km=km, layers=feature_layers))
    covered = registers.read_coverage(con, [*AREA_LAYERS, *(one.name for one in feature_layers)])
    answers = {one.name: spot.coverage(covered, one.name, within_km=km) for one in feature_layers}
    head = provenance(context, con, "near", feature_layers)
    head |= {"place": spot.name, "latitude": spot.latitude, "longitude": spot.longitude, "within_km": km}
    finding, figures = _area_answer(con, spot, covered)
    head |= figures
    head["coverage"] = [answer.to_dict() for answer in answers.values()]
    placeless = {one.name: count_unplaced_rows(con, one) for one in feature_layers}
    head["without_place"] = placeless
    head["left_out"] = registers.list_left_out()
    if output is None and form in {Format.JSON, Format.TABLE}:  # JSON's head names the place
        plain.print_rows(nearby_rows, json_head=head if form is Format.JSON else None, rows_key="near")
    else:
        from lindero.app.media.files.export import write_answer

        rows = feature_frame(nearby_rows)
        named = rows if form in {Format.JSON, Format.TABLE} else rows.assign(place=spot.name)
        write_answer(named, form, output, head=head, rows_key="near")
    scope = _("Within {km} km of this place: {place}.").format(km=f"{km:g}", place=spot.name)
    absent = answers.keys() - {row["layer"] for row in nearby_rows}
    sentences = [coverage_text.none_found_text(answers[one.name]) for one in feature_layers if one.name in absent]
    sentences += [
        coverage_text.partial_coverage_text(answers[one.name]) for one in feature_layers if one.name not in absent
    ]
    sentences += [coverage_text.missing_places_text(*one) for one in placeless.items() if one[0] != INCIDENTS.name]
    sentences += list_refused_in_area(con, spot.ground(km), [one.name for one in feature_layers])
    sentences += registers.sentences()
    print_message(" ".join(filter(None, [finding, scope, *notes, *map(remove_markup, filter(None, sentences))])))


def _area_answer(con: "Connection", spot: "Spot", covered: "Coverage") -> tuple[str, dict[str, object]]:
    """Return an area that was named by the reader in sentences and as figures. Both are empty for a position."""
    if spot.area is None:
        return "", {}
    from dataclasses import asdict

    from lindero.app.answers.holder_spellings import group_spellings, map_spellings
    from lindero.app.answers.overlap.named_area import measure_area
    from lindero.app.answers.place.place_answer import PlaceFacts, ground_section
    from lindero.app.answers.registers import Registers
    from lindero.app.media.text.plain_text import format_sentences
    from lindero.layers.database.queries.map_queries import read_holders

    left_out = Registers.from_map(con).counted_rows["concessions"].left_out
    report = measure_area(con, spot.area, map_spellings(group_spellings(read_holders(con, left_out))))
    facts = PlaceFacts(spot, 0, (), {layer: spot.coverage(covered, layer) for layer in AREA_LAYERS}, {}, report)
    parts = [part._asdict() for part in report.parts]
    figures = {"layer": spot.area.layer, "ids": list(spot.area.ids), **asdict(report.land), "parts": parts}
    return format_sentences([ground_section(facts)]), {"area": figures}


def _resolve_place(text: str, con: "Connection", country: str, *, abroad: bool) -> "tuple[Spot, list[str]]":
    """Find the one place that a text names, and the notes to print beside it.

    Two plain numbers are latitude and longitude, wherever they are. The key of an area means that area. If the text
    matches several places, or none, the choices are printed as commands, and the command fails.
    """
    from lindero.app.answers.place import place_text
    from lindero.app.answers.place.position_search import FoundPlace, UnknownPlace, locate_position
    from lindero.app.answers.place.spot import Spot, find_area, find_area_by_key, locate_spot
    from lindero.geo.positions.position import FARTHEST_NORTH

    if (numbers := _NUMBERS.fullmatch(text)) and abs(float(numbers[1])) <= FARTHEST_NORTH:
        position = locate_position(float(numbers[1]), float(numbers[2]))
        return Spot(place_text.place_name(position), position.latitude, position.longitude), place_text.position_notes(
            position
        )
    if area := find_area_by_key(con, text):
        point = area.shape.representative_point()
        return Spot(area.name, point.y, point.x, area), []
    from lindero.app.answers.place.place_search import find_place

    answer = find_place(text, con, country, abroad=abroad)
    if isinstance(answer, FoundPlace):
        name = place_text.place_name(answer)
        return locate_spot(con, name, answer.latitude, answer.longitude, answer.place), place_text.position_notes(
            answer
        )
    if isinstance(answer, UnknownPlace):
        print_message(place_text.unknown_place_text(answer, text))
    else:
        print_message(place_text.choice_question(answer, text))
        for choice, line in zip(answer.choices, place_text.format_choices(answer), strict=True):
            area = find_area(con, choice.place)
            argument = f"{choice.latitude:.5f} {choice.longitude:.5f}" if area is None else quote(area.key)
            print_message(f"  lindero near {argument}  # {line}")
        for topic in answer.topics:
            print_message(f"  {place_text.topic_name(topic)}")
        print_message(place_text.more_choices_text(answer))
    raise typer.Exit(1)


@program.command(help=_("Compare regions: concessions, communities, attacks."))
def regions(
    context: typer.Context,
    level: Annotated[str, typer.Option(help=_("department, or province if the map has provinces."))] = DEPARTMENT,
    country: CountryOption = "",
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Print one row per region, the one with most ground under concession first."""
    from lindero.app.answers.regions import LAYERS as OF_REGIONS
    from lindero.app.answers.regions import compare_regions, list_levels
    from lindero.app.answers.registers import read_regions
    from lindero.app.commands.json_provenance import provenance
    from lindero.app.media.files.export import write_answer
    from lindero.layers.model.schema import LAYERS

    warn_if_slow()
    space = open_workspace(workspace)
    con = open_workspace_map(space)
    choices = list_levels(con)
    if level not in choices:
        raise typer.BadParameter(
            _("'{value}' is not a valid choice; use one of: {choices}").format(value=level, choices=", ".join(choices))
        )
    country_code = resolve_country(country, space)
    table = compare_regions(con, level, country=country_code)
    head = provenance(context, con, "regions", [LAYERS[name] for name in OF_REGIONS]) | {
        "level": level,
        "country": country_code,
    }
    write_answer(table, form, output, head=head, rows_key="regions")
    if sources := read_regions(con, level).sentence():
        print_message(sources)
    if table.empty:
        print_message(_("Nothing on this map is in a known region."))


def _parse_certainty(code: str) -> str:
    from lindero.app.answers.overlap.pair_filter import CERTAINTIES

    if code not in CERTAINTIES:
        raise typer.BadParameter(
            _("'{value}' is not a valid choice; use one of: {choices}").format(
                value=code, choices=", ".join(CERTAINTIES)
            )
        )
    return code
