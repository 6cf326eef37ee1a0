"""Sentences that are made with a pocket map: of its communities and named areas, and of the map as a whole."""

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, NamedTuple

import geopandas as gpd
import pandas as pd

from lindero.app.answers.coverage import coverage_text
from lindero.app.answers.coverage.coverage import Coverage, LayerCoverage
from lindero.app.answers.defaults import NEAR_KM
from lindero.app.answers.holder_spellings import across_spellings, by_spelling
from lindero.app.answers.overlap import named_area, overlaps
from lindero.app.answers.overlap.first_sight import LEFT, RIGHT, SLIVER, FirstSight, first_sight
from lindero.app.answers.overlap.land import Land, lands_coverage, lands_of
from lindero.app.answers.overlap.report import Overlaps, ranged
from lindero.app.answers.place import place_report
from lindero.app.answers.place.nearby import incidents_near
from lindero.app.answers.place.place_answer import PlaceFacts, ground_section, incidents_section, message
from lindero.app.answers.place.place_report import GROUND
from lindero.app.answers.place.spot import Spot, area_by_key
from lindero.app.answers.regions import country_at
from lindero.app.answers.registers import Registers
from lindero.app.products.pocket.about import About
from lindero.app.record import consultation_text, consultations
from lindero.app.record.commitments import TREATIES, binds, facts, standing
from lindero.app.text import i18n
from lindero.app.text.commitment_names import gives, instrument
from lindero.app.text.countries import country_name
from lindero.app.text.dates import when
from lindero.app.text.escape import plain, without_links
from lindero.app.text.i18n import _, number
from lindero.geo import Totals
from lindero.geo.near.points_inside import is_point
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Connection
from lindero.layers.database.queries import map_queries
from lindero.layers.model.schema import COMMUNITIES, INCIDENTS
from lindero.layers.reference import state_facts


@dataclass(frozen=True)
class Facts:
    """What is known of each community of a pack, by its id, before anything is said of it in a language."""

    con: Connection
    registers: Registers
    covered: Coverage
    communities: list[dict[Hashable, Any]]
    lands: dict[str, Land]
    titles: dict[str, LayerCoverage]  # what can be said of concessions on its land
    consultations: dict[str, LayerCoverage]
    acts: pd.DataFrame
    countries: dict[str, str]
    points: frozenset[str]  # communities known by a point


def gathered_facts(con: Connection, communities: list[str], pairs: pd.DataFrame, covered: Coverage) -> Facts:
    """
    Measure the land of communities, and find what is on record of them.

    Parameters
    ----------
    pairs
        Overlaps of concessions with communities, as `app.answers.overlap.land.titles_on_lands` gives them.
    """
    rows = map_database.read_layer(con, COMMUNITIES, where={"id": communities})
    middles = dict(zip(rows["id"], gpd.GeoSeries(rows.geometry).representative_point(), strict=True))
    registers = Registers.of_map(con)
    return Facts(
        con,
        registers,
        covered,
        rows.drop(columns="geometry").to_dict("records"),
        lands_of(con, communities, pairs),
        lands_coverage(con, communities, covered, "concessions"),
        lands_coverage(con, communities, covered, "consultations"),
        consultations.acts(con, country_at, left_out=registers.counted["concessions"].ids),
        {id_: "" if middle is None else country_at(middle.y, middle.x) for id_, middle in middles.items()},
        frozenset(rows.loc[is_point(rows), "id"]),
    )


def each(of: Facts, about: About) -> dict[str, Any]:
    """Give in the language spoken: communities by id (`about`, `asked`), `promises`, `lacks`, `limits`."""
    return {"communities": dict(of_communities(of)), **of_map(of, [about.country])}


def of_communities(of: Facts) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give in the language spoken what is said of each community: `about`, `asked`."""
    acts = dict(list(of.acts.groupby("community_id")))
    nothing = of.acts.iloc[:0]

    of_state = cache(state_facts.consultation_rules)

    @cache
    def rule(country: str, kind: str) -> str:
        return consultation_text.rule(of_state(country), kind)

    @cache
    def rules(country: str, kinds: tuple[str, ...], *, is_point: bool) -> list[str]:
        told = partial(rule, country)
        return consultation_text.requirements(of_state(country), kinds, is_point=is_point, told=told)

    for row in of.communities:
        report = place_report.community(row, of.lands[row["id"]], of.titles[row["id"]])
        yield row["id"], {"about": report, "asked": _consultations(of, row["id"], acts.get(row["id"], nothing), rules)}


def of_map(of: Facts, countries: list[str]) -> dict[str, Any]:
    """Give in the language spoken what is said of no place: `promises`, `lacks`, `limits`."""
    layers = ("concessions", "communities", "protected_areas", "incidents")
    every = {country: _promises(of.con, country) for country in countries}
    named = len(every) > 1
    return {
        "promises": [
            line for country, lines in every.items() for line in ([f"**{country_name(country)}**"] * named) + lines
        ],
        "lacks": coverage_text.lacking(of.covered, layers),
        "limits": [*of.registers.sentences(), *_limits()],
    }


class OpeningFacts(NamedTuple):
    """The concessions on communities' land, and their ground, before a place is asked for."""

    sight: FirstSight
    found: Overlaps
    totals: Totals


def opening_facts(of: Facts) -> OpeningFacts:
    """Count and measure concessions on communities' land as the first page of a served map does."""
    found = overlaps.find_overlaps(of.con, LEFT, RIGHT)
    pairs = found.pairs[found.pairs["certainty"] != SLIVER]
    return OpeningFacts(first_sight(of.con), found, overlaps.add_up_pairs(of.con, LEFT, RIGHT, pairs))


def opening(of: Facts, first: OpeningFacts) -> dict[str, Any]:
    """Return in the language spoken what a site says first: `finding`, `besides`, and how `sure` that is."""
    sight, found, totals = first
    if not sight.concessions:
        finding = coverage_text.lacking(of.covered, (LEFT, RIGHT)) or coverage_text.no_overlap(found.coverage)
        return {"finding": finding, "besides": "", "sure": []}
    ground = _("{ha} hectares of their land are under concession, each counted once, in {pairs} overlaps.")
    measured = ground.format(ha=number(totals.footprint_ha, decimals=0), pairs=number(totals.pairs))
    return {
        "finding": plain(sight.sentence()),
        "besides": plain(" ".join(filter(None, (measured, sight.not_counted())))),
        "sure": [plain(line) for line in (ranged(totals), *found.doubts()) if line],
    }


def _consultations(of: Facts, community: str, acts: pd.DataFrame, rules: Callable[..., list[str]]) -> list[str]:
    """Say which consultations of a community are on record, and what the rules ask for on its land."""
    answer = of.consultations[community]
    is_told = answer.is_covered or bool(acts["on_record"].any())
    first = consultation_text.on_record(acts) if is_told else coverage_text.none(answer)
    country = of.countries[community]
    kinds = tuple(dict.fromkeys(str(kind) for kind in acts["kind"] if pd.notna(kind)))
    return [first, *rules(country, kinds, is_point=community in of.points)]


def _promises(con: Connection, country: str) -> list[str]:
    """Say what binds the state here, what each instrument gives and whom to call, and which treaties do not bind it."""
    if not country:
        return []
    found = standing(facts(con), country)
    state = dict(zip(found["instrument"], found["state"], strict=True))
    binding = {name for name, one in state.items() if binds(name, one)}
    lines = [
        " ".join(filter(None, (_("**{name}**").format(name=plain(instrument(row["instrument"]))), _gives(row))))
        for row in state_facts.protections(country).fillna("").to_dict("records")
        if row["instrument"] in binding or row["instrument"] not in state
    ]
    absent = [instrument(name) for name in state if name in TREATIES and name not in binding]
    if absent:
        text = _("Does not bind {state}: {names}.")
        lines.append(text.format(state=country_name(country), names=i18n.listed(absent)))
    return lines


def _gives(row: dict[Any, Any]) -> str:
    article = f"({plain(row['article'])})" if row["article"] else ""
    telephone = plain(row["telephone"]) if row["telephone"] else _("its telephone is not on record here")
    office = f"{plain(row['office'])}: {telephone}." if row["office"] else ""
    stated = when(row["stated_on"] or None, row["date_precision"])
    source = _("Source: {source} ({date}).").format(source=plain(row["source_url"]), date=stated)
    return " ".join(filter(None, [article, f"{plain(gives(str(row['gives'])))}.", office, source]))


def _limits() -> list[str]:
    return [
        _(
            "An overlap is a fact of geometry: it does not say whether a concession is lawful. A consultation that is "
            "not on record may have been held, or may not be asked for at this act."
        ),
        _("Edges are as exact as their sources drew them: near an edge, ask for the register's own plan."),
        _(
            "Attacks and conflicts are shown as the area in which they are known, some 11 km wide or larger, never as "
            "a point. That none is on record does not mean that there was none."
        ),
        _(
            "Records of people who did not agree to be shown are not here, nor anything that somebody told in "
            "confidence."
        ),
        _("Beyond the edge of this map nothing is known to it: it says that it has no data there."),
    ]


def measure_areas(
    con: Connection, covered: Coverage, keys: Iterable[str], on_lands: pd.DataFrame
) -> dict[str, PlaceFacts]:
    """
    Measure the areas of some keys (`NamedArea.key`) on a whole published map; a row without an area is left out.

    Parameters
    ----------
    on_lands
        As for `app.answers.overlap.named_area.measure_area`.
    """
    holders = map_queries.holders(con, Registers.of_map(con).counted["concessions"].left_out)
    names = by_spelling(across_spellings(holders))
    areas = [area for area in (area_by_key(con, key) for key in keys) if area is not None]
    found = {}
    for report in named_area.measure_areas(con, areas, names, on_lands=on_lands):
        area = report.area
        point = area.shape.representative_point()
        spot = Spot(area.name, point.y, point.x, area)
        found[area.key] = PlaceFacts(
            spot,
            NEAR_KM,
            incidents_near(con, spot, within_km=NEAR_KM),
            ground={layer: spot.coverage(covered, layer) for layer in GROUND},
            around={INCIDENTS.name: spot.coverage(covered, INCIDENTS.name, within_km=NEAR_KM)},
            report=report,
        )
    return found


def area_texts(facts: PlaceFacts) -> dict[str, Any]:
    """Return what is said of an area in the language spoken: `verdict`, `besides`, `message`, `attacks`."""
    ground, attacks = ground_section(facts), incidents_section(facts, most=len(facts.found))
    return {
        "verdict": without_links(ground.finding),
        "besides": without_links(ground.note),
        "message": message(facts),
        "attacks": list(attacks.sentences),
    }
