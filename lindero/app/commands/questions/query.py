"""Commands that answer from the map: overlaps, near, regions."""

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
    country_meant,
    map_in,
    map_of,
    program,
    say,
    say_if_slow,
    workspace_at,
)
from lindero.app.output.formats import Format
from lindero.app.text.i18n import _
from lindero.geo.geometry.units import MIN_HA

if TYPE_CHECKING:
    from lindero.app.answers.coverage.coverage import Coverage
    from lindero.app.answers.place.spot import Spot
    from lindero.layers.database.map_database import Connection


GROUND = ("concessions", "communities", "protected_areas")
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
    certainty: Annotated[list[str] | None, typer.Option(help=_("certain, possible or sliver; several times."))] = None,
    contains: Annotated[str, typer.Option(help=_("Only where a name or a holder contains this."))] = "",
    min_share: Annotated[float, typer.Option(help=_("Least share of either side (0 to 1)."), min=0, max=1)] = 0,
    min_ha: Annotated[float, typer.Option(help=_("Leave out smaller overlaps (hectares)."))] = MIN_HA,
    bbox: BoxOption = "",
    apportion: Annotated[str, typer.Option(help=_("Share out this column of the left layer by area."))] = "",
    workspace: WorkspaceOption = None,
    *,
    grown: Annotated[bool, typer.Option("--grown", help=_("Also pairs that meet only within their accuracy."))] = False,
    without_duplicates: WithoutDuplicatesOption = False,
) -> None:
    """Print the pairs, largest first, with gross and footprint totals."""
    from lindero.app.answers.overlap.overlaps import overlap_report
    from lindero.app.answers.overlap.overlaps_answer import overlaps_answer
    from lindero.app.answers.overlap.pair_filter import PairFilter
    from lindero.app.answers.overlap.row_selection import Side, layer_of
    from lindero.app.commands.json_provenance import provenance
    from lindero.app.output.export import write
    from lindero.app.renderers.plain_text import lines, sentences

    say_if_slow()
    con = map_of(workspace)
    sides = (
        Side.named(layer_of(left), left_source, left_where or [], bbox),
        Side.named(layer_of(right), right_source, right_where or [], bbox),
    )
    wanted = PairFilter(least_share=min_share, certainties=tuple(map(_certainty, certainty or [])), contains=contains)
    with_geometry = form in {Format.GEOJSON, Format.GPKG, Format.PARQUET}
    report = overlap_report(
        con,
        *sides,
        min_ha=min_ha,
        grown=grown,
        with_geometry=with_geometry,
        column=apportion,
        wanted=wanted,
        registers="refuse",
        without_duplicates=without_duplicates,
    )
    head = provenance(context, con, "overlaps", sides) | report.head()
    write(report.pairs if with_geometry else report.rows(), form, output, head=head)
    finding, doubts = overlaps_answer(report).only("finding", "doubts")
    say("\n".join([*lines(finding), sentences([doubts])]).strip())


@program.command(
    help=_("List what is near a place, or on the land of a community."),
    context_settings={"ignore_unknown_options": True},  # a southern latitude begins with a minus
)
def near(
    context: typer.Context,
    place: Annotated[list[str], typer.Argument(help=_("A name, a position as people write it, or a link to a map."))],
    km: Annotated[float, typer.Option(help=_("Distance in kilometres."), min=0)] = NEAR_KM,
    layer: Annotated[list[str] | None, typer.Option(help=_("Only this layer; several times."))] = None,
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
    workspace: WorkspaceOption = None,
    *,
    abroad: Annotated[bool, typer.Option("--abroad", help=_("Look for the name in other countries, too."))] = False,
) -> None:
    """Print features by geodesic distance to their edge; 0 inside."""
    from lindero.app.answers.coverage import coverage_text
    from lindero.app.answers.overlap.row_selection import layer_of
    from lindero.app.answers.place.nearby import feature_frame, nearby
    from lindero.app.answers.registers import Registers
    from lindero.app.commands.json_provenance import provenance
    from lindero.app.output import plain
    from lindero.app.pipeline.rows.refused_text import refused_on
    from lindero.app.text.escape import bare
    from lindero.layers.database.queries.map_queries import without_place
    from lindero.layers.model.schema import INCIDENTS

    if option := next(filter(_OPTION.match, place), None):
        context.fail(_("No such option: {option}").format(option=option))
    wanted = [layer_of(name) for name in layer or ["concessions", "communities", "protected_areas", "incidents"]]
    space = workspace_at(workspace)
    con = map_in(space)
    spot, notes = _meant(" ".join(place), con, space.country, abroad=abroad)
    registers = Registers.of_map(con, [one.name for one in wanted])
    found = registers.once(nearby(con, spot, within_km=km, layers=wanted))
    covered = registers.coverage(con, [*GROUND, *(one.name for one in wanted)])
    answers = {one.name: spot.coverage(covered, one.name, within_km=km) for one in wanted}
    head = provenance(context, con, "near", wanted)
    head |= {"place": spot.name, "latitude": spot.latitude, "longitude": spot.longitude, "within_km": km}
    finding, figures = _area(con, spot, covered)
    head |= figures
    head["coverage"] = [answer.as_dict() for answer in answers.values()]
    placeless = {one.name: without_place(con, one) for one in wanted}
    head["without_place"] = placeless
    head["left_out"] = registers.left_out()
    if output is None and form in {Format.JSON, Format.TABLE}:  # JSON's head names the place
        plain.write(found, json_of=head if form is Format.JSON else None, called="near")
    else:
        from lindero.app.output.export import write

        rows = feature_frame(found)
        named = rows if form in {Format.JSON, Format.TABLE} else rows.assign(place=spot.name)
        write(named, form, output, head=head, called="near")
    where = _("Within {km} km of this place: {place}.").format(km=f"{km:g}", place=spot.name)
    absent = answers.keys() - {row["layer"] for row in found}
    sentences = [coverage_text.none(answers[one.name]) for one in wanted if one.name in absent]
    sentences += [coverage_text.partly(answers[one.name]) for one in wanted if one.name not in absent]
    sentences += [coverage_text.without_place(*one) for one in placeless.items() if one[0] != INCIDENTS.name]
    sentences += refused_on(con, spot.ground(km), [one.name for one in wanted])
    sentences += registers.sentences()
    say(" ".join(filter(None, [finding, where, *notes, *map(bare, filter(None, sentences))])))


def _area(con: "Connection", spot: "Spot", covered: "Coverage") -> tuple[str, dict[str, object]]:
    """Return what is on an area that was asked for by name, in sentences and as figures; nothing of a position."""
    if spot.area is None:
        return "", {}
    from dataclasses import asdict

    from lindero.app.answers.holder_spellings import across_spellings, by_spelling
    from lindero.app.answers.overlap.named_area import measure_area
    from lindero.app.answers.place.place_answer import PlaceFacts, ground_section
    from lindero.app.answers.registers import Registers
    from lindero.app.renderers.plain_text import sentences
    from lindero.layers.database.queries.map_queries import holders

    left = Registers.of_map(con).counted["concessions"].left_out
    report = measure_area(con, spot.area, by_spelling(across_spellings(holders(con, left))))
    facts = PlaceFacts(spot, 0, (), {layer: spot.coverage(covered, layer) for layer in GROUND}, {}, report)
    parts = [part._asdict() for part in report.parts]
    figures = {"layer": spot.area.layer, "ids": list(spot.area.ids), **asdict(report.land), "parts": parts}
    return sentences([ground_section(facts)]), {"area": figures}


def _meant(text: str, con: "Connection", country: str, *, abroad: bool) -> "tuple[Spot, list[str]]":
    """
    Find the one place that a text means, and what has to be said beside it.

    Two plain numbers are latitude and longitude, wherever they are, and the key of an area is that area. Where the text
    may mean several places, or none is known, that is said, each as it can be asked for, and the command fails.
    """
    from lindero.app.answers.place import place_text
    from lindero.app.answers.place.position_search import Found, Unknown, found_at
    from lindero.app.answers.place.spot import Spot, area_by_key, area_of
    from lindero.geo.positions.position import FARTHEST_NORTH

    if (numbers := _NUMBERS.fullmatch(text)) and abs(float(numbers[1])) <= FARTHEST_NORTH:
        at = found_at(float(numbers[1]), float(numbers[2]))
        return Spot(place_text.place_name(at), at.latitude, at.longitude), place_text.notes(at)
    if area := area_by_key(con, text):
        point = area.shape.representative_point()
        return Spot(area.name, point.y, point.x, area), []
    from lindero.app.answers.place.place_search import find_place

    answer = find_place(text, con, country, abroad=abroad)
    if isinstance(answer, Found):
        area = area_of(con, answer.place)
        return Spot(place_text.place_name(answer), answer.latitude, answer.longitude, area), place_text.notes(answer)
    if isinstance(answer, Unknown):
        say(place_text.unknown(answer, text))
    else:
        say(place_text.question(answer, text))
        for choice, line in zip(answer.choices, place_text.choices(answer), strict=True):
            area = area_of(con, choice.place)
            typed = f"{choice.latitude:.5f} {choice.longitude:.5f}" if area is None else quote(area.key)
            say(f"  lindero near {typed}  # {line}")
        for topic in answer.topics:
            say(f"  {place_text.topic(topic)}")
        say(place_text.left_out(answer))
    raise typer.Exit(1)


@program.command(help=_("Compare regions: concessions, communities, attacks."))
def regions(
    context: typer.Context,
    level: Annotated[str, typer.Option(help=_("department, or province where the map has them."))] = DEPARTMENT,
    country: CountryOption = "",
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Print one row per region, the one with most ground under concession first."""
    from lindero.app.answers.regions import LAYERS as OF_REGIONS
    from lindero.app.answers.regions import compare, levels
    from lindero.app.answers.registers import regions_of
    from lindero.app.commands.json_provenance import provenance
    from lindero.app.output.export import write
    from lindero.layers.model.schema import LAYERS

    say_if_slow()
    space = workspace_at(workspace)
    con = map_in(space)
    choices = levels(con)
    if level not in choices:
        raise typer.BadParameter(_("{value} is not one of: {choices}").format(value=level, choices=", ".join(choices)))
    of_country = country_meant(country, space)
    found = compare(con, level, country=of_country)
    head = provenance(context, con, "regions", [LAYERS[name] for name in OF_REGIONS]) | {
        "level": level,
        "country": of_country,
    }
    write(found, form, output, head=head, called="regions")
    if sources := regions_of(con, level).sentence():
        say(sources)
    if found.empty:
        say(_("Nothing on this map lies in a region that is known."))


def _certainty(code: str) -> str:
    from lindero.app.answers.overlap.pair_filter import CERTAINTIES

    if code not in CERTAINTIES:
        raise typer.BadParameter(
            _("{value} is not one of: {choices}").format(value=code, choices=", ".join(CERTAINTIES))
        )
    return code
