"""Comparison of regions or communities by their need of protection, with ranks and the ranges of ranks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from lindero.app.answers import regions
from lindero.app.answers.coverage.coverage import WHOLE_SHARE, ZERO, Coverage, read_coverage
from lindero.app.answers.defaults import DEPARTMENT, EXPOSURE_DRAWS, EXPOSURE_SEED, RateBase
from lindero.app.answers.protection import counts
from lindero.app.answers.ranking.exposure import ExposureMeasures, add_shapes, measure_exposure
from lindero.app.answers.ranking.weights import Gaps, mask_false_ranges, rank, weights_to_arguments
from lindero.app.answers.record.incidents import Record, filter_known_places, read_placed_attacks, read_record
from lindero.geo.near.within_distance import find_within_distance
from lindero.geo.stats.ranking import Uninformative
from lindero.layers.database.map_database import Connection
from lindero.layers.errors import N_
from lindero.layers.model.schema import (
    CASE_STEPS,
    COMMUNITIES,
    CONCESSIONS,
    INCIDENTS,
    PROTECTION_MEASURES,
    REGIONS,
    VICTIMS,
)

COMMUNITY = "community"
KM = 25  # from the land of a community
PEOPLE_UNIT, COMMUNITIES_UNIT = 100_000, 100
LEAST_KNOWN = 0.9  # share of regions with known population for rates per person to be the default
LAYERS = tuple(
    one.name for one in (CONCESSIONS, COMMUNITIES, REGIONS, INCIDENTS, VICTIMS, CASE_STEPS, PROTECTION_MEASURES)
)
INDICATORS = ("attacks", "killings", "without_outcome", "without_measure")
WEIGHTS = dict.fromkeys(("attacks", "killings", "share", "without_outcome", "without_measure"), 1.0)
LABELS = {
    "attacks": N_("Attacks"),
    "killings": N_("Killings"),
    "share": N_("Land under concession"),
    "without_outcome": N_("Cases without an outcome"),
    "without_measure": N_("Attacks without a protection measure"),
}


@dataclass(frozen=True)
class NeedsQuestion:
    """A question about needs: `level` of regions or communities, reference of the rates, years and weights.

    If `per` is None, rates are per people if the population of nine regions in ten is known, else per communities under
    the same condition; otherwise attacks are not divided. Communities have no rates. Their attacks are those within 25
    km of their land.
    """

    level: str = DEPARTMENT
    per: RateBase | None = None
    since: int | None = None
    until: int | None = None
    weights: tuple[tuple[str, float], ...] = tuple(WEIGHTS.items())
    draws: int = EXPOSURE_DRAWS
    seed: int = EXPOSURE_SEED

    def command(self) -> list[str]:
        """Return the command that answers this question."""
        typed = ["lindero", "protection", "--by", self.level]
        typed += ["--per", self.per.value] if self.per else []
        typed += ["--since", str(self.since)] if self.since is not None else []
        typed += ["--until", str(self.until)] if self.until is not None else []
        typed += [] if dict(self.weights) == WEIGHTS else weights_to_arguments(dict(self.weights))
        return [*typed, "--draws", str(self.draws), "--seed", str(self.seed), "--format", "json"]


@dataclass(frozen=True)
class Needs:
    """The needs of regions or communities: one row each in `rows`, the greatest need first, those not ranked last.

    A row is ranked by its known indicators. Without any it is not ranked.

    Columns:

    - `id`, `name`
    - `rank`, `rank_low`, `rank_high`: missing if the row is not ranked. The range is also missing if one indicator
    decides for all rows and nothing else varies.
    - `rank_by`: the known indicators
    - `population`, `counted_on`, `population_source`, `communities`
    - `share`, `share_low`, `share_high`: of the land under concession, 0 to 1. `share_high` is missing if the map has
    data of a part of the ground only.
    - `covered`: share of the ground with data of concessions
    - the counts of `app.answers.protection.counts`
    - for regions a `…_rate` for each of `INDICATORS`, per `unit` people or communities
    """

    question: NeedsQuestion
    per: RateBase | None  # None: counts are not divided
    rows: pd.DataFrame
    weights: Mapping[str, float]
    left: Mapping[str, Uninformative]
    attacks: (
        pd.DataFrame
    )  # of `counts.build_attack_table`, with `is_counted` in any row and `is_placed` well enough for it
    distributed_attacks: int  # attacks without a known region; ranges assign them to regions at random

    @property
    def uncounted_attacks(self) -> int:
        """The number of attacks of the country that are counted in none of the rows."""
        return int((~self.attacks["is_counted"]).sum())

    @property
    def unit(self) -> int | None:
        """The number of people or communities that a rate refers to; None if there are no rates."""
        return None if self.per is None else PEOPLE_UNIT if self.per is RateBase.PEOPLE else COMMUNITIES_UNIT

    @property
    def ranked_rows(self) -> pd.DataFrame:
        """The rows with a rank."""
        return self.rows[self.rows["rank"].notna()]

    @property
    def is_by_attacks(self) -> bool:
        """True if an indicator of attacks takes part in the ranking, not only the land under concession."""
        return any(name in INDICATORS for name in self.weights)

    @property
    def has_gaps(self) -> bool:
        """True if a ranked row lacks one of the weighted indicators."""
        columns = [f"{name}_rate" if self.per and name in INDICATORS else name for name in self.weights]
        table = self.ranked_rows.assign(share=_whole_share(self.ranked_rows))
        return bool(table[columns].isna().any(axis=None))

    @property
    def unranked_rows(self) -> pd.DataFrame:
        """The rows without a rank, because none of the weighted indicators is known."""
        return self.rows[self.rows["rank"].isna()]

    def json_header(self) -> dict[str, object]:
        """Return the fields of the JSON output that precede the rows."""
        return {
            "by": self.question.level,
            "per": self.per and self.per.value,
            "rates_of": self.unit,
            "since": self.question.since,
            "until": self.question.until,
            "weights": dict(self.weights),
            "draws": self.question.draws,
            "left_out_of_the_weights": {name: reason.value for name, reason in self.left.items()},
            "not_ranked": list(self.unranked_rows["id"]),
            "attacks_elsewhere": self.uncounted_attacks,
            "attacks_dealt_by_chance": self.distributed_attacks,
        }


def list_levels(con: Connection) -> list[str]:
    """List the levels that can be compared: those of regions, and communities."""
    return [*regions.list_levels(con), COMMUNITY]


def compare_needs(
    con: Connection,
    question: NeedsQuestion,
    *,
    country: str = "",
    compared: pd.DataFrame | None = None,
    exposed: ExposureMeasures | None = None,
    record: Record | None = None,
    covered: Coverage | None = None,
) -> Needs:
    """Compare regions of a country, or communities, by the protection that they need and have.

    `country`: the country of the regions and of the attacks (ISO 3166-1 alpha-2); empty for all countries. `compared`,
    `exposed`: earlier results, if the caller has them: of `app.answers.regions` with ranges, or of
    `app.answers.ranking.exposure.measure_exposure`.
    """
    record, covered = (record or read_record(con)).filter_country(country), covered or read_coverage(con)
    attack_table = counts.filter_years(counts.build_attack_table(record), question.since, question.until)
    if question.level == COMMUNITY:
        attacks = filter_known_places(read_placed_attacks(con, record))
        measured = exposed or measure_exposure(con, record=record, covered=covered)
        land = add_shapes(con, measured.about)
        return _rank_communities(question, attack_table, attacks, measured, covered, land=land)
    if compared is None:
        compared = regions.compare_regions(
            con, question.level, country=country, with_range=True, record=record, covered=covered
        )
    places = compared[regions.CODE]
    region_by_attack = regions.find_attack_regions(con, question.level, places, record)
    layers = [*dict.fromkeys(counts.LAYERS_BY_COUNT.values()), COMMUNITIES.name]
    shares = regions.measure_covered_shares(con, question.level, places, layers, covered)
    people = regions.read_population(con, question.level, places)
    region_by_event = region_by_attack.reindex(attack_table.index)
    is_placed = region_by_event.notna()
    if question.level == DEPARTMENT:
        is_placed |= record.incidents.set_index("id")["region_code"].notna().reindex(attack_table.index)
    attack_table = attack_table.assign(is_counted=region_by_event.notna(), is_placed=is_placed)
    ranking_input = _count_in_regions(
        question, attack_table, compared.set_index(regions.CODE), region_by_attack, shares, people
    )
    return _rank_rows(ranking_input, is_distributed=bool(country) and question.level == DEPARTMENT)


@dataclass(frozen=True)
class _RankingInput:
    """Rows to rank, by id: their columns, their indicators, the divisor of their counts, and the attacks."""

    question: NeedsQuestion
    per: RateBase | None
    table: pd.DataFrame
    indicators: pd.DataFrame
    base: "pd.Series[float]"  # divisor of the rates
    events: pd.DataFrame


def _count_in_regions(  # noqa: PLR0917  what was read of them
    question: NeedsQuestion,
    events: pd.DataFrame,
    about: pd.DataFrame,
    region_by_attack: "pd.Series[str]",
    shares: pd.DataFrame,
    populations: pd.DataFrame,
) -> _RankingInput:
    places = about.index
    pairs = region_by_attack.dropna().rename("place").rename_axis("id").reset_index()
    counts_by_region = counts.mask_false_zeros(counts.count_by_place(events, pairs, places), _flag_whole_layers(shares))
    lands = about["communities"].where((about["communities"] > 0) | (shares[COMMUNITIES.name] >= ZERO))
    bases = {
        RateBase.PEOPLE: populations["population"].astype(float) / PEOPLE_UNIT,
        RateBase.COMMUNITIES: lands.astype(float) / COMMUNITIES_UNIT,
    }
    per = question.per or next((unit for unit in bases if bases[unit].notna().mean() >= LEAST_KNOWN), None)
    base = pd.Series(1.0, index=places) if per is None else bases[per].where(bases[per] > 0)
    divided = {name: counts_by_region[name].astype(float) / base for name in INDICATORS}
    rates = {f"{name}_rate": rate for name, rate in divided.items() if per is not None}
    ground = {"share": "conceded_share", "share_low": "conceded_low", "share_high": "conceded_high"}
    table = counts_by_region.assign(
        **populations,
        communities=lands,
        **{name: about[column] for name, column in ground.items()},
        covered=about["concessions_covered"],
        **rates,
    )
    indicators = pd.DataFrame({**divided, "share": _whole_share(table)})
    return _RankingInput(question, per, table.assign(name=about["name"]), indicators, base, events)


def _rank_communities(
    question: NeedsQuestion,
    events: pd.DataFrame,
    attacks: gpd.GeoDataFrame,
    exposed: ExposureMeasures,
    covered: Coverage,
    *,
    land: gpd.GeoDataFrame,
) -> Needs:
    near_attacks = find_within_distance(land.reset_index()[["id", "geometry"]], attacks, within_km=KM)
    pairs = near_attacks.rename(columns={"place_id": "place"})[["place", "id"]]
    layers = dict.fromkeys(counts.LAYERS_BY_COUNT.values())
    shares = pd.DataFrame({layer: covered.measure_shapes(layer, land.geometry)["share"] for layer in layers})
    counts_by_community = counts.mask_false_zeros(
        counts.count_by_place(events, pairs, land.index), _flag_whole_layers(shares)
    )
    ground = exposed.table[["share", "share_low", "share_high"]]
    table = counts_by_community.assign(
        name=land["name"], **ground, covered=exposed.table["concessions_covered"], population=land["population"]
    )
    indicators = counts_by_community[list(INDICATORS)].astype(float).assign(share=_whole_share(table))
    base = pd.Series(1.0, index=land.index)
    ids = events.index
    counted = events.assign(is_counted=ids.isin(pairs["id"]), is_placed=ids.isin(attacks["id"]))
    return _rank_rows(_RankingInput(question, None, table, indicators, base, counted), is_distributed=False)


def _whole_share(table: pd.DataFrame) -> "pd.Series[float]":
    """Return the share under concession of rows with data of the whole ground; else missing.

    A share of a part cannot be ranked.
    """
    return table["share"].where(table["covered"] >= WHOLE_SHARE)


def _rank_rows(counted: _RankingInput, *, is_distributed: bool) -> Needs:
    """Rank the rows. Attacks in an unknown region are distributed by chance if `is_distributed`."""
    question, table, indicators = counted.question, counted.table, counted.indicators
    lost = counted.events[~counted.events["is_placed"] & is_distributed]
    flags = lost[["is_killing", "without_outcome", "without_measure"]].rename(columns={"is_killing": "killings"})
    sampling = {"draws": question.draws, "seed": question.seed}
    more = (
        counts.distribute_unlocated_attacks(flags.assign(attacks=1), table["attacks"], **sampling)
        if len(lost) and len(table)
        else {}
    )
    base = counted.base.to_numpy()[:, None]
    varied = {name: indicators[name].to_numpy()[:, None] + extra / base for name, extra in more.items()}
    ranked = rank(indicators, dict(question.weights), WEIGHTS, **sampling, gaps=Gaps("attacks", varied))
    ranks = ranked.ranks[["rank", "rank_low", "rank_high"]].reindex(table.index).astype("Int64")
    if len(ranked.weights) == 1 and not more:
        ranks = mask_false_ranges(ranks)
    is_known = indicators[list(ranked.weights)].notna().to_numpy()
    names = [" ".join(np.compress(row, list(ranked.weights))) or None for row in is_known]
    rows = (
        ranks.assign(rank_by=pd.Series(names, index=table.index, dtype=object))
        .join(_mask_open_shares(table))
        .rename_axis("id")
        .reset_index()
    )
    rows["population"] = rows["population"].astype("Int64")
    rows = rows.sort_values(["rank", "attacks", "name"], ascending=[True, False, True], na_position="last")
    first = ["rank", "rank_low", "rank_high", "rank_by", "id", "name"]
    ordered = rows[[*first, *rows.columns.drop(first)]].reset_index(drop=True)
    return Needs(question, counted.per, ordered, ranked.weights, ranked.left, counted.events, len(lost) if more else 0)


def _mask_open_shares(table: pd.DataFrame) -> pd.DataFrame:
    """Set shares under concession to missing if the data do not bound them.

    Without data all three are missing. With data of a part of the ground, `share_high` is missing.
    """
    shares = ["share", "share_low", "share_high"]
    is_covered = (table["covered"] > 0).to_numpy()
    result = table.assign(**{name: table[name].where(is_covered) for name in shares})
    return result.assign(share_high=result["share_high"].where(result["covered"] >= WHOLE_SHARE))


def _flag_whole_layers(shares: pd.DataFrame) -> dict[str, Any]:
    return {str(name): shares[name] >= ZERO for name in shares}
