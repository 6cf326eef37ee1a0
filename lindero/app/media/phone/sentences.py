"""Sentences composed when a pocket map is made: on its communities, its named areas, and the map as a whole."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from itertools import islice
from typing import Any, NamedTuple

import geopandas as gpd
import pandas as pd

from lindero.app.answers.coverage import coverage_text
from lindero.app.answers.coverage.coverage import Coverage, LayerCoverage
from lindero.app.answers.defaults import NEAR_KM
from lindero.app.answers.engine import Progress
from lindero.app.answers.holder_spellings import group_spellings, map_spellings
from lindero.app.answers.overlap import named_area, overlaps
from lindero.app.answers.overlap.first_sight import LEFT, RIGHT, SLIVER, MapOverview, first_sight
from lindero.app.answers.overlap.land import LANDS_AT_ONCE, Land, measure_neighbours
from lindero.app.answers.overlap.named_area import AreaReport
from lindero.app.answers.overlap.report import Overlaps, footprint_range_text
from lindero.app.answers.place import place_report
from lindero.app.answers.place.nearby import Snapshots, find_nearby_incidents
from lindero.app.answers.place.place_answer import PlaceFacts, format_sms, ground_section, incidents_section
from lindero.app.answers.place.place_report import AREA_LAYERS
from lindero.app.answers.place.spot import Spot, find_areas_by_key
from lindero.app.answers.record import consultation_text, consultations
from lindero.app.answers.record.commitments import TREATIES, is_binding, read_commitment_steps, summarize_commitments
from lindero.app.answers.regions import find_country_at_point
from lindero.app.answers.registers import Registers
from lindero.app.media.phone.about import MapScope
from lindero.app.text import i18n
from lindero.app.text.countries import country_name
from lindero.app.text.dates import format_partial_date
from lindero.app.text.escape import escape_markdown, remove_links
from lindero.app.text.i18n import _, format_number
from lindero.app.text.pack_texts import translate_pack_text
from lindero.geo import Totals
from lindero.geo.near.points_inside import is_point
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Connection
from lindero.layers.database.queries import map_queries
from lindero.layers.model.schema import COMMUNITIES, INCIDENTS
from lindero.layers.reference import state_facts


@dataclass(frozen=True)
class CommunityFacts:
    """The language-independent facts on a community of a pocket map."""

    row: Mapping[Hashable, Any]
    land: Land
    titles: LayerCoverage  # coverage of concessions on its land
    consultations: LayerCoverage
    country: str
    is_point: bool


@dataclass(frozen=True)
class Facts:
    """The language-independent facts of a pocket map, with those on each community by its id."""

    con: Connection
    registers: Registers
    covered: Coverage
    communities: Mapping[str, CommunityFacts]
    acts: pd.DataFrame

    @property
    def lands(self) -> dict[str, Land]:
        """The concessions on the land of each community, by its id."""
        return {id_: community.land for id_, community in self.communities.items()}


def collect_facts(
    con: Connection,
    communities: list[str],
    pairs: pd.DataFrame,
    covered: Coverage,
    *,
    progress: Progress = lambda *_: None,
) -> Facts:
    """Measure the land of communities, and collect the records about them.

    `pairs`: overlaps of concessions with communities, as `app.answers.overlap.land.read_concessions_on_land` returns
    them.
    """
    registers = Registers.from_map(con)
    facts: dict[str, CommunityFacts] = {}
    for land in map_queries.iter_layer_parts(con, COMMUNITIES, at_once=LANDS_AT_ONCE, ids=communities):
        progress(_("measuring the land of communities"), len(facts), len(communities))
        facts |= _iter_community_facts(con, land, pairs, covered)
    acts = consultations.list_acts(con, find_country_at_point, left_out=registers.counted_rows["concessions"].ids)
    return Facts(con, registers, covered, facts, acts)


def _iter_community_facts(
    con: Connection, land: gpd.GeoDataFrame, pairs: pd.DataFrame, covered: Coverage
) -> Iterator[tuple[str, CommunityFacts]]:
    lands = measure_neighbours(con, land, pairs)
    rows = land.drop(columns="geometry").to_dict("records")
    inner_points = gpd.GeoSeries(land.geometry).representative_point()
    answers = [covered.land_coverages(layer, land.geometry) for layer in ("concessions", "consultations")]
    for row, inner_point, has_point, titles, consultation in zip(
        rows, inner_points, is_point(land), *answers, strict=True
    ):
        country = "" if inner_point is None else find_country_at_point(inner_point.y, inner_point.x)
        yield row["id"], CommunityFacts(row, lands[row["id"]], titles, consultation, country, bool(has_point))


def compose_texts(pack_facts: Facts, scope: MapScope) -> dict[str, Any]:
    """Return the texts in the current language: communities by id (`about`, `asked`), `promises`, `lacks`, `limits`."""
    communities = dict(iter_community_texts(pack_facts, pack_facts.communities))
    return {"communities": communities, **compose_map_texts(pack_facts, [scope.country])}


def iter_community_texts(pack_facts: Facts, communities: Iterable[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the texts on some communities in the current language, each with its id: `about`, `asked`."""
    acts = dict(list(pack_facts.acts.groupby("community_id")))
    no_acts = pack_facts.acts.iloc[:0]

    load_rules = cache(state_facts.load_consultation_rules)

    @cache
    def describe_rule(country: str, kind: str) -> str:
        return consultation_text.rule_text(load_rules(country), kind)

    @cache
    def list_rules(country: str, kinds: tuple[str, ...], *, is_point: bool) -> list[str]:
        describe = partial(describe_rule, country)
        return consultation_text.list_requirements(load_rules(country), kinds, is_point=is_point, describe=describe)

    for id_ in communities:
        facts = pack_facts.communities[id_]
        about = place_report.format_community(facts.row, facts.land, facts.titles)
        yield id_, {"about": about, "asked": _consultation_sentences(facts, acts.get(id_, no_acts), list_rules)}


def compose_map_texts(pack_facts: Facts, countries: list[str]) -> dict[str, Any]:
    """Return the texts that belong to no place, in the current language: `promises`, `lacks`, `limits`."""
    layers = ("concessions", "communities", "protected_areas", "incidents")
    lines_by_country = {country: _commitment_sentences(pack_facts.con, country) for country in countries}
    has_headings = len(lines_by_country) > 1
    return {
        "promises": [
            line
            for country, lines in lines_by_country.items()
            for line in ([f"**{country_name(country)}**"] * has_headings) + lines
        ],
        "lacks": coverage_text.missing_data_text(pack_facts.covered, layers),
        "limits": [*pack_facts.registers.sentences(), *_limit_sentences()],
    }


class OpeningFacts(NamedTuple):
    """The concessions on communities' land and their area, for the start page without a place."""

    sight: MapOverview
    overlaps: Overlaps
    totals: Totals


def measure_opening(con: Connection) -> OpeningFacts:
    """Count and measure the concessions on communities' land, as the first page of a served map does."""
    report = overlaps.find_overlaps(con, LEFT, RIGHT)
    pairs = report.pairs[report.pairs["certainty"] != SLIVER]
    return OpeningFacts(first_sight(con), report, overlaps.compute_pair_totals(con, LEFT, RIGHT, pairs))


def compose_opening(pack_facts: Facts, first: OpeningFacts) -> dict[str, Any]:
    """Return the first texts of a site in the current language: `finding`, `besides`, and its certainty (`sure`)."""
    sight, report, totals = first
    if not sight.concessions:
        finding = coverage_text.missing_data_text(pack_facts.covered, (LEFT, RIGHT)) or coverage_text.no_overlap_text(
            report.coverage
        )
        return {"finding": finding, "besides": "", "sure": []}
    ground = _(
        "{ha} hectares of their land are under concession, counting land with several concessions once. "
        "Overlaps: {pairs}."
    )
    measured = ground.format(ha=format_number(totals.footprint_ha, decimals=0), pairs=format_number(totals.pairs))
    return {
        "finding": escape_markdown(sight.sentence()),
        "besides": escape_markdown(" ".join(filter(None, (measured, sight.slivers_text())))),
        "sure": [escape_markdown(line) for line in (footprint_range_text(totals), *report.doubts()) if line],
    }


def _consultation_sentences(
    community: CommunityFacts, acts: pd.DataFrame, rules: Callable[..., list[str]]
) -> list[str]:
    """List the recorded consultations of a community, and what the rules require on its land."""
    answer = community.consultations
    has_statement = answer.is_covered or bool(acts["on_record"].any())
    first = consultation_text.consultations_text(acts) if has_statement else coverage_text.none_found_text(answer)
    kinds = tuple(dict.fromkeys(str(kind) for kind in acts["kind"] if pd.notna(kind)))
    return [first, *rules(community.country, kinds, is_point=community.is_point)]


def _commitment_sentences(con: Connection, country: str) -> list[str]:
    """List the instruments that bind the state, with what each provides and a telephone number.

    A last sentence names the treaties that do not bind it.
    """
    if not country:
        return []
    summary = summarize_commitments(read_commitment_steps(con), country)
    state = dict(zip(summary["instrument"], summary["state"], strict=True))
    binding = {name for name, status in state.items() if is_binding(name, status)}
    lines = [
        " ".join(
            filter(
                None,
                (
                    _("**{name}**").format(name=escape_markdown(translate_pack_text(row["instrument"]))),
                    _benefit_text(row),
                ),
            )
        )
        for row in state_facts.load_protections(country).fillna("").to_dict("records")
        if row["instrument"] in binding or row["instrument"] not in state
    ]
    absent = [translate_pack_text(name) for name in state if name in TREATIES and name not in binding]
    if absent:
        text = _("Does not bind {state}: {names}.")
        lines.append(text.format(state=country_name(country), names=i18n.join_texts(absent)))
    return lines


def _benefit_text(row: dict[Any, Any]) -> str:
    article = f"({escape_markdown(row['article'])})" if row["article"] else ""
    telephone = (
        escape_markdown(row["telephone"]) if row["telephone"] else _("its telephone number is not recorded here")
    )
    office = f"{escape_markdown(row['office'])}: {telephone}." if row["office"] else ""
    stated_date = format_partial_date(row["stated_on"] or None, row["date_precision"])
    source = _("Source: {source} ({date}).").format(source=escape_markdown(row["source_url"]), date=stated_date)
    return " ".join(
        filter(None, [article, f"{escape_markdown(translate_pack_text(str(row['gives'])))}.", office, source])
    )


def _limit_sentences() -> list[str]:
    return [
        _(
            "An overlap is a fact of geometry: it does not say whether a concession is lawful. A "
            "consultation that is not recorded may have been held, or the rules may not ask for one at "
            "this act."
        ),
        _("Boundaries are only as exact as their sources drew them. Near a boundary, ask for the register's own plan."),
        _(
            "Attacks and conflicts are shown as a district, a province or a square about 11 km wide, never as "
            "points. If none is recorded, some may still have happened."
        ),
        _("This map leaves out records of people who did not agree to be shown, and anything told in confidence."),
        _("Beyond its edge, this map has no data, and it says so."),
    ]


def iter_measured_areas(
    con: Connection, covered: Coverage, keys: Iterable[str], on_lands: pd.DataFrame, lands: Mapping[str, Land]
) -> Iterator[tuple[str, PlaceFacts]]:
    """Measure the areas with the given keys (`NamedArea.key`) on a whole published map. Yield each with its key.

    Rows without an area are left out. Some areas are measured together, because all of them could need gigabytes.

    `on_lands`, `lands`: as for `app.answers.overlap.named_area.measure_areas`.
    """
    holders = map_queries.read_holders(con, Registers.from_map(con).counted_rows["concessions"].left_out)
    names = map_spellings(group_spellings(holders))
    undated = map_database.find_undated_snapshots(con)
    is_invented = map_queries.has_invented_data(con)
    remaining = iter(keys)
    while some_keys := list(islice(remaining, LANDS_AT_ONCE)):
        areas = list(find_areas_by_key(con, some_keys).values())
        for report in named_area.measure_areas(con, areas, names, on_lands=on_lands, lands=lands):
            facts = _collect_place_facts(con, covered, report, undated, is_invented=is_invented)
            yield report.area.key, facts


def _collect_place_facts(
    con: Connection, covered: Coverage, report: AreaReport, undated: Snapshots, *, is_invented: bool
) -> PlaceFacts:
    area = report.area
    point = area.shape.representative_point()
    spot = Spot(area.name, point.y, point.x, area)
    return PlaceFacts(
        spot,
        NEAR_KM,
        find_nearby_incidents(con, spot, within_km=NEAR_KM, undated=undated),
        ground={layer: spot.coverage(covered, layer) for layer in AREA_LAYERS},
        around={INCIDENTS.name: spot.coverage(covered, INCIDENTS.name, within_km=NEAR_KM)},
        report=report,
        is_invented=is_invented,
    )


def area_texts(facts: PlaceFacts) -> dict[str, Any]:
    """Return the texts on an area in the current language: `verdict`, `besides`, `message`, `attacks`."""
    ground, attacks = ground_section(facts), incidents_section(facts, most=len(facts.nearby_rows))
    return {
        "verdict": remove_links(ground.finding),
        "besides": remove_links(ground.note),
        "message": format_sms(facts),
        "attacks": list(attacks.sentences),
    }
