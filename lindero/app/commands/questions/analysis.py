"""Commands that analyse the map: changes, exposure, timing, hotspots, protection."""

import datetime as dt
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lindero.app.answers.defaults import DEPARTMENT, EXPOSURE_DRAWS, EXPOSURE_SEED, TIMING_DRAWS, TIMING_KM, TIMING_SEED
from lindero.app.answers.defaults import RateBase as PerOfNeed
from lindero.app.answers.hotspots.choices import DRAWS, SEED, CountedQuantity, PlaceKind, RateBase
from lindero.app.commands.options import (
    CountryOption,
    FormatOption,
    OutputOption,
    SchedulerOption,
    WithoutDuplicatesOption,
    WorkspaceOption,
    open_map,
    open_workspace,
    open_workspace_map,
    print_message,
    print_sentence,
    program,
    progress_bar,
    resolve_country,
)
from lindero.app.media.files.formats import Format
from lindero.app.text.i18n import _, format_number, ngettext

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lindero.app.answers.changes.events import Event

DAY = "%Y-%m-%d"
MOST_EVENTS = 100  # events printed as sentences

WeightOption = Annotated[
    list[str] | None, typer.Option(help=_("Weight of a column in the ranking: COLUMN=NUMBER. May be repeated."))
]
DrawsOption = Annotated[int, typer.Option(help=_("Number of other weightings to try."), min=1, max=100_000)]
SeedOption = Annotated[int, typer.Option(help=_("Seed of the random weightings: the same seed gives the same answer."))]


@program.command(help=_("List what is new, gone or changed in the registers."))
def changes(
    context: typer.Context,
    since: Annotated[str, typer.Option(help=_("A date (YYYY-MM-DD) or an earlier snapshot (ID@YYYY-MM-DD)."))] = "",
    until: Annotated[
        str, typer.Option(help=_("The later date or snapshot, in the same form (default: the current snapshot)."))
    ] = "",
    source: Annotated[str, typer.Option(help=_("Only the source with this id."))] = "",
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
    workspace: WorkspaceOption = None,
    *,
    dated: Annotated[
        bool,
        typer.Option(
            "--dated",
            help=_(
                "Concessions applied for or granted, by the dates in the register itself. One snapshot "
                "is enough. Default: the last twelve months; change them with --since and --until."
            ),
        ),
    ] = False,
) -> None:
    """Print one line per event; in other formats one row per change."""
    if dated:
        _write_dated_report(context, since, until, source, form, output, workspace)
        return
    if not since:
        raise typer.BadParameter(_("give --since DATE, or --dated for the last twelve months of the register"))
    import pandas as pd

    from lindero.app.answers.changes.changes_answer import changes_answer
    from lindero.app.answers.changes.event_text import event_to_dict
    from lindero.app.answers.changes.events import list_change_events, rank_events
    from lindero.app.answers.changes.register_changes import COLUMNS, change_reports
    from lindero.app.answers.overlap.row_selection import Side
    from lindero.app.commands.json_provenance import provenance
    from lindero.app.media.files.export import write_answer
    from lindero.app.media.files.files import to_records
    from lindero.layers.model.schema import COMMUNITIES, LAYERS, PROTECTED_AREAS

    con = open_map(workspace)
    reports = change_reports(con, since=since, until=until, source=source)
    compared = [snapshot for report in reports for snapshot in (report.before, report.after)]
    sides = [Side(LAYERS[snapshot.layer], (), snapshot.source_id, snapshot.snapshot_on) for snapshot in compared]
    head = provenance(context, con, "changes", [COMMUNITIES, PROTECTED_AREAS, *sides])
    head |= {
        "compared": [f"{snapshot.source_id}@{snapshot.snapshot_on}" for snapshot in compared],
        "summaries": [report.head() for report in reports],
        "coverage": [answer.to_dict() for report in reports for answer in report.reaches],
        "touched": [record for report in reports for record in to_records(report.touched)],
    }
    events = rank_events(event for report in reports for event in list_change_events(con, report))
    rows = pd.concat([report.rows for report in reports]) if reports else pd.DataFrame(columns=COLUMNS)
    if form is Format.TABLE and output is None:
        _print_events(events)
    else:
        head["events"] = [event_to_dict(event) for event in events] if form is Format.JSON else []
        write_answer(rows, form, output, head=head, rows_key="changes")
    for section in changes_answer(con, reports, since=since).sections:
        print_sentence(" ".join(section.sentences))


def _print_events(events: "Sequence[Event]") -> None:
    """Print the events that matter most as sentences, and how to get the others."""
    from lindero.app.answers.changes.event_text import event_sentence

    for event in events[:MOST_EVENTS]:
        typer.echo(event_sentence(event))
    rest = len(events) - MOST_EVENTS
    if rest > 0:
        text = ngettext("{n} more: list it with --format csv", "{n} more: list them with --format csv", rest)
        print_message(text.format(n=format_number(rest)))


def _write_dated_report(
    context: typer.Context,
    since: str,
    until: str,
    source: str,
    form: Format,
    output: Path | None,
    workspace: Path | None,
) -> None:
    from lindero.app.answers.changes.changes_answer import dated_section
    from lindero.app.answers.changes.register_dates import dated_report
    from lindero.app.answers.overlap.row_selection import parse_date
    from lindero.app.commands.json_provenance import provenance
    from lindero.app.media.files.export import write_answer
    from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS, PROTECTED_AREAS

    con = open_map(workspace)
    first, last = (parse_date(text) if text else None for text in (since, until))
    report = dated_report(con, since=first, until=last, source=source)
    head = provenance(context, con, "register_dates", [CONCESSIONS, COMMUNITIES, PROTECTED_AREAS]) | report.head()
    write_answer(report.rows, form, output, head=head, rows_key="concessions")
    print_sentence(" ".join(dated_section(con, report).sentences))


@program.command(help=_("Rank communities by exposure, and show how firm each rank is."))
def exposure(
    context: typer.Context,
    status: Annotated[
        list[str] | None, typer.Option(help=_("Only concessions with this status. May be repeated."))
    ] = None,
    weight: WeightOption = None,
    draws: DrawsOption = EXPOSURE_DRAWS,
    seed: SeedOption = EXPOSURE_SEED,
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
    workspace: WorkspaceOption = None,
    *,
    without_duplicates: WithoutDuplicatesOption = False,
) -> None:
    """Print one row per community."""
    import pandas as pd

    from lindero.app.answers.overlap.row_selection import Side
    from lindero.app.answers.ranking.exposure import LAYERS as EXPOSURE_LAYERS
    from lindero.app.answers.ranking.exposure import WEIGHTS, measure_exposure
    from lindero.app.answers.ranking.exposure_answer import exposure_answer
    from lindero.app.answers.ranking.weights import parse_weights
    from lindero.app.commands.json_provenance import provenance
    from lindero.app.media.files.export import write_answer
    from lindero.app.media.files.files import to_records
    from lindero.app.media.text.plain_text import format_sentences
    from lindero.geo.stats.exposure import STATUSES_IN_FORCE
    from lindero.layers.model.schema import CONCESSIONS, LAYERS
    from lindero.layers.workspace.rivers import load_networks

    space = open_workspace(workspace)
    con, rivers = open_workspace_map(space), load_networks(space.folder)
    if status:  # a status without concessions is an error; otherwise every share would be 0
        Side.from_options(CONCESSIONS, "", [f"status={value}" for value in status]).read(con)
    weights = parse_weights(weight or [], WEIGHTS)
    with progress_bar(_("Exposure")) as step:
        measures = measure_exposure(
            con, status or STATUSES_IN_FORCE, rivers=rivers, progress=step, without_duplicates=without_duplicates
        )
        report = measures.rank_communities(weights, draws=draws, seed=seed)
    head = provenance(context, con, "exposure", [LAYERS[name] for name in EXPOSURE_LAYERS])
    if form is Format.JSON:
        head |= {**report.settings, "parts": to_records(report.parts), "attacks_by_year": to_records(report.attacks)}
        head |= {"not_ranked": to_records(pd.concat([report.unranked, report.unmeasured]))}
        head |= {"repeated_ground": asdict(report.repeated)}
        head |= {"without_any_place": to_records(report.placeless), "rivers": list(report.rivers)}
        head |= {"left_out_of_the_weights": {name: reason.value for name, reason in report.left.items()}}
    write_answer(report.rows, form, output, head=head, rows_key="communities")
    print_message(format_sentences(exposure_answer(report).sections))


@program.command(help=_("Compare concessions granted before and after attacks."))
def timing(
    context: typer.Context,
    km: Annotated[int, typer.Option(help=_("Distance in kilometres."), min=1, max=200)] = TIMING_KM,
    draws: Annotated[
        int, typer.Option(help=_("Number of random reshuffles of the dates."), min=1, max=100_000)
    ] = TIMING_DRAWS,
    seed: Annotated[int, typer.Option(help=_("Random seed: the same seed gives the same answer."))] = TIMING_SEED,
    country: CountryOption = "",
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Print one row per event."""
    from lindero.app.answers.before_after import timing_report
    from lindero.app.answers.record.incidents import ALL_COUNTRIES
    from lindero.app.answers.time_answer import iter_timing_sections
    from lindero.app.commands.json_provenance import provenance
    from lindero.app.media.files.export import write_answer
    from lindero.app.media.files.files import to_records
    from lindero.layers.model.schema import CONCESSIONS, INCIDENTS

    space = open_workspace(workspace)
    con = open_workspace_map(space)
    country_code = resolve_country(country, space) or ALL_COUNTRIES
    report = timing_report(con, km=km, draws=draws, seed=seed, country=country_code)
    head = provenance(context, con, "timing", [CONCESSIONS, INCIDENTS])
    head |= {
        **report.settings,
        "events": report.events,
        "attacks_left_out": report.left_out,
        "titles_undated": report.undated,
        "sums": to_records(report.timing.sums),
        "coverage": [report.covered.to_dict()],
    }
    write_answer(report.rows, form, output, head=head, rows_key="attacks")
    print_sentence(" ".join(next(iter_timing_sections(report)).sentences))


# The command that finds hotspots.


@program.command(help=_("Find hotspots, and show how firm they are."))
def hotspots(
    of: Annotated[CountedQuantity, typer.Option(help=_("Quantity to count."))] = CountedQuantity.INCIDENTS,
    over: Annotated[PlaceKind, typer.Option(help=_("Places to compare."))] = PlaceKind.H3,
    per: Annotated[
        RateBase | None, typer.Option(help=_("Denominator of the rates. Without it, the plain numbers are compared."))
    ] = None,
    resolution: Annotated[
        int | None, typer.Option(help=_("Resolution of the H3 cells, 1 to 8 (default: according to the area)."))
    ] = None,
    within: Annotated[str, typer.Option(help=_("Only within this country or region: its ISO 3166 code."))] = "",
    since: Annotated[
        dt.datetime | None, typer.Option(formats=[DAY], help=_("Only from this date on (YYYY-MM-DD)."))
    ] = None,
    until: Annotated[
        dt.datetime | None, typer.Option(formats=[DAY], help=_("Only up to this date (YYYY-MM-DD)."))
    ] = None,
    draws: Annotated[
        int, typer.Option(help=_("Number of random draws for each location that is known only as an area."), min=2)
    ] = DRAWS,
    seed: Annotated[int, typer.Option(help=_("Random seed: the same seed gives the same answer."), min=0)] = SEED,
    source: Annotated[str, typer.Option(help=_("Id of the source of the regions to compare."))] = "",
    country: CountryOption = "",
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
    scheduler: SchedulerOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Print one row per place, hotspots first."""
    from lindero.app.answers.hotspots.hotspots_answer import hotspots_answer
    from lindero.app.answers.hotspots.question import Question
    from lindero.app.answers.hotspots.report import hotspot_report
    from lindero.app.answers.record.incidents import ALL_COUNTRIES
    from lindero.app.builder.derived.dask_engine import open_engine
    from lindero.app.media.files.export import write_answer
    from lindero.app.media.text.plain_text import format_sentences

    first, last = (day.date() if day else None for day in (since, until))
    question = Question(of, over, per, resolution, within, first, last, draws, seed, source)
    space = open_workspace(workspace)
    con, country_code = open_workspace_map(space), resolve_country(country, space) or ALL_COUNTRIES
    with progress_bar(_("Hotspots")) as step, open_engine(scheduler) as engine:
        report = hotspot_report(con, question, country=country_code, step=step, engine=engine)
    write_answer(report.rows, form, output, head=report.head(), rows_key="places_compared")
    print_message(format_sentences(hotspots_answer(report).select_sections("finding", "doubts")))


# The command that shows where protection is missing.


@program.command(help=_("Show where protection is missing."))
def protection(
    context: typer.Context,
    by: Annotated[str, typer.Option(help=_("Places to compare: department, province or community."))] = DEPARTMENT,
    per: Annotated[
        PerOfNeed | None, typer.Option(help=_("Denominator of the attack rates of regions: people or communities."))
    ] = None,
    since: Annotated[int | None, typer.Option(help=_("Only attacks from this year on."))] = None,
    until: Annotated[int | None, typer.Option(help=_("Only attacks up to this year."))] = None,
    country: CountryOption = "",
    weight: WeightOption = None,
    draws: DrawsOption = EXPOSURE_DRAWS,
    seed: SeedOption = EXPOSURE_SEED,
    form: FormatOption = Format.TABLE,
    output: OutputOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Print one row per region or community, the greatest need first."""
    from lindero.app.answers.coverage.coverage import read_coverage
    from lindero.app.answers.protection.need_answer import need_answer
    from lindero.app.answers.protection.needs import LAYERS as ASKED_OF
    from lindero.app.answers.protection.needs import WEIGHTS, NeedsQuestion, compare_needs, list_levels
    from lindero.app.answers.ranking.weights import parse_weights
    from lindero.app.commands.json_provenance import provenance
    from lindero.app.media.files.export import write_answer
    from lindero.app.media.text.plain_text import format_sentences
    from lindero.layers.model.schema import LAYERS

    space = open_workspace(workspace)
    con = open_workspace_map(space)
    choices = list_levels(con)
    if by not in choices:
        raise typer.BadParameter(
            _("'{value}' is not a valid choice; use one of: {choices}").format(value=by, choices=", ".join(choices))
        )
    weights = tuple(parse_weights(weight or [], WEIGHTS).items())
    question = NeedsQuestion(by, per, since, until, weights, draws, seed)
    report = compare_needs(con, question, country=resolve_country(country, space))
    head = provenance(context, con, "protection", [LAYERS[name] for name in ASKED_OF]) | report.json_header()
    covered = read_coverage(con)
    head |= {"lacks": [name for name in ASKED_OF if covered.has_no_data(name)]}
    write_answer(report.rows, form, output, head=head, rows_key="rows")
    print_message(format_sentences(need_answer(report).select_sections("finding", "doubts")))
