"""Where protection is missing: the need of regions and communities side by side, ranked, and how firm a rank is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from lindero.app.answers import regions
from lindero.app.answers.coverage.coverage import WHOLE, ZERO, Coverage, coverage_of
from lindero.app.answers.defaults import DEPARTMENT, EXPOSURE_DRAWS, EXPOSURE_SEED, Per
from lindero.app.answers.protection import counts
from lindero.app.answers.ranking.exposure import Measured, measure_exposure
from lindero.app.answers.ranking.weights import Gaps, rank, typed_weights, without_false_ranges
from lindero.app.record.incidents import Record, placed_attacks, record_of, well_placed
from lindero.geo.near.within_distance import within
from lindero.geo.stats.ranking import Dull
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
KM = 25  # of a community's land
PEOPLE_UNIT, COMMUNITIES_UNIT = 100_000, 100
LEAST_KNOWN = 0.9  # of the regions, to count against people unasked
LAYERS = tuple(
    one.name for one in (CONCESSIONS, COMMUNITIES, REGIONS, INCIDENTS, VICTIMS, CASE_STEPS, PROTECTION_MEASURES)
)
RATED = ("attacks", "killings", "without_outcome", "without_measure")
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
    """
    A question about needs: regions of a `level` or communities, what attacks are counted against, years and weights.

    `per` of None is people where they are known of nine regions in ten, else communities where these are, else nothing.
    Of communities nothing is counted against: their attacks are those within 25 km of their land.
    """

    level: str = DEPARTMENT
    per: Per | None = None
    since: int | None = None
    until: int | None = None
    weights: tuple[tuple[str, float], ...] = tuple(WEIGHTS.items())
    draws: int = EXPOSURE_DRAWS
    seed: int = EXPOSURE_SEED

    def command(self) -> list[str]:
        """Give the command that answers this."""
        typed = ["lindero", "protection", "--by", self.level]
        typed += ["--per", self.per.value] if self.per else []
        typed += ["--since", str(self.since)] if self.since is not None else []
        typed += ["--until", str(self.until)] if self.until is not None else []
        typed += [] if dict(self.weights) == WEIGHTS else typed_weights(dict(self.weights))
        return [*typed, "--draws", str(self.draws), "--seed", str(self.seed), "--format", "json"]


@dataclass(frozen=True)
class Needs:
    """
    One row per region or community in `rows`, the greatest need first, those not ranked last.

    A row is ranked by what is known of it; if nothing that weighs is, it is not ranked.

    Columns: `id`, `name`, `rank`, `rank_low`, `rank_high` (missing where it is not ranked; the range also where one
    indicator decides for all rows and nothing else varies), `rank_by` (the indicators known of it), `population`,
    `counted_on`, `population_source`, `communities`, `share` (of the land under concession, 0 to 1), `share_low`,
    `share_high` (missing where it is at least so much, because the map has data of a part only), `covered` (share
    of its ground that the map has data of concessions of), the counts of
    `app.answers.protection.counts`, and for regions `…_rate` of `RATED`, by `unit` people or communities.
    """

    question: NeedsQuestion
    per: Per | None  # None: counts are divided by nothing
    rows: pd.DataFrame
    weights: Mapping[str, float]
    left: Mapping[str, Dull]
    elsewhere: int  # attacks of the country that are counted at none of the rows
    dealt: int  # of these, those of no known region, which are dealt among the regions by chance for the ranges

    @property
    def unit(self) -> int | None:
        """How many people or communities a rate is of; None where there are no rates."""
        return None if self.per is None else PEOPLE_UNIT if self.per is Per.PEOPLE else COMMUNITIES_UNIT

    @property
    def ranked(self) -> pd.DataFrame:
        """The rows that are ranked."""
        return self.rows[self.rows["rank"].notna()]

    @property
    def is_by_attacks(self) -> bool:
        """Whether anything of attacks takes part in the ranking, and not the land under concession alone."""
        return any(name in RATED for name in self.weights)

    @property
    def has_gaps(self) -> bool:
        """Whether something that weighs is missing of a ranked row."""
        columns = [f"{name}_rate" if self.per and name in RATED else name for name in self.weights]
        ranked = self.ranked.assign(share=_whole_share(self.ranked))
        return bool(ranked[columns].isna().any(axis=None))

    @property
    def unranked(self) -> pd.DataFrame:
        """The rows of which nothing that weighs is known."""
        return self.rows[self.rows["rank"].isna()]

    def head(self) -> dict[str, object]:
        """Give what JSON says before the rows."""
        return {
            "by": self.question.level,
            "per": self.per and self.per.value,
            "rates_of": self.unit,
            "since": self.question.since,
            "until": self.question.until,
            "weights": dict(self.weights),
            "draws": self.question.draws,
            "left_out_of_the_weights": {name: reason.value for name, reason in self.left.items()},
            "not_ranked": list(self.unranked["id"]),
            "attacks_elsewhere": self.elsewhere,
            "attacks_dealt_by_chance": self.dealt,
        }


def levels(con: Connection) -> list[str]:
    """Give what can be compared: regions by level, and communities."""
    return [*regions.levels(con), COMMUNITY]


def needs(
    con: Connection,
    question: NeedsQuestion,
    *,
    country: str = "",
    compared: pd.DataFrame | None = None,
    exposed: Measured | None = None,
    record: Record | None = None,
    covered: Coverage | None = None,
) -> Needs:
    """
    Compare regions of a country, or communities, by what protection they need and have.

    Parameters
    ----------
    country
        ISO 3166-1 alpha-2, of the regions and of the attacks; of all countries if empty.
    compared, exposed
        What was measured before: `app.answers.regions.compare` with its range, or
        `app.answers.ranking.exposure.measure_exposure`.
    record, covered
        What was read before, as for `app.answers.regions.compare`.
    """
    record, covered = (record or record_of(con)).in_country(country), covered or coverage_of(con)
    some = counts.between(counts.events(record), question.since, question.until)
    if question.level == COMMUNITY:
        attacks = well_placed(placed_attacks(con, record))
        measured = exposed or measure_exposure(con, record=record, covered=covered)
        return _of_communities(question, some, attacks, measured, covered)
    if compared is None:
        compared = regions.compare(
            con, question.level, country=country, with_range=True, record=record, covered=covered
        )
    places = compared[regions.CODE]
    at = regions.regions_of_attacks(con, question.level, places, record)
    layers = [*dict.fromkeys(counts.LAYER_OF.values()), COMMUNITIES.name]
    shares = regions.covered_in(con, question.level, places, layers, covered)
    people = regions.people_of(con, question.level, places)
    found = _of_regions(question, some, compared.set_index(regions.CODE), at, shares, people)
    is_lost = record.incidents.set_index("id")["region_code"].isna().reindex(some.index) & at.reindex(some.index).isna()
    return _ranked(found, some[is_lost.to_numpy()] if country and question.level == DEPARTMENT else some[:0])


@dataclass(frozen=True)
class _Counted:
    """Rows to rank by id: what is listed of them, by what they are ranked, and what their counts are divided by."""

    question: NeedsQuestion
    per: Per | None
    table: pd.DataFrame
    indicators: pd.DataFrame
    base: "pd.Series[float]"  # a rate is a count divided by this
    elsewhere: int


def _of_regions(  # noqa: PLR0917  what was read of them
    question: NeedsQuestion,
    events: pd.DataFrame,
    about: pd.DataFrame,
    at: "pd.Series[str]",
    shares: pd.DataFrame,
    people: pd.DataFrame,
) -> _Counted:
    places = about.index
    pairs = at.dropna().rename("place").rename_axis("id").reset_index()
    counts_by_region = counts.without_false_zeros(counts.count_by_place(events, pairs, places), _whole(shares))
    lands = about["communities"].where((about["communities"] > 0) | (shares[COMMUNITIES.name] >= ZERO))
    bases = {
        Per.PEOPLE: people["population"].astype(float) / PEOPLE_UNIT,
        Per.COMMUNITIES: lands.astype(float) / COMMUNITIES_UNIT,
    }
    per = question.per or next((each for each in bases if bases[each].notna().mean() >= LEAST_KNOWN), None)
    base = pd.Series(1.0, index=places) if per is None else bases[per].where(bases[per] > 0)
    divided = {name: counts_by_region[name].astype(float) / base for name in RATED}
    rates = {f"{name}_rate": rate for name, rate in divided.items() if per is not None}
    ground = {"share": "conceded_share", "share_low": "conceded_low", "share_high": "conceded_high"}
    table = counts_by_region.assign(
        **people,
        communities=lands,
        **{name: about[column] for name, column in ground.items()},
        covered=about["concessions_covered"],
        **rates,
    )
    indicators = pd.DataFrame({**divided, "share": _whole_share(table)})
    return _Counted(question, per, table.assign(name=about["name"]), indicators, base, _beyond(events, pairs))


def _of_communities(
    question: NeedsQuestion, events: pd.DataFrame, attacks: gpd.GeoDataFrame, exposed: Measured, covered: Coverage
) -> Needs:
    land = exposed.about
    near = within(land.reset_index()[["id", "geometry"]], attacks, within_km=KM)
    pairs = near.rename(columns={"place_id": "place"})[["place", "id"]]
    layers = dict.fromkeys(counts.LAYER_OF.values())
    shares = pd.DataFrame({layer: covered.over_each(layer, land.geometry)["share"] for layer in layers})
    counts_by_community = counts.without_false_zeros(counts.count_by_place(events, pairs, land.index), _whole(shares))
    ground = exposed.table[["share", "share_low", "share_high"]]
    table = counts_by_community.assign(
        name=land["name"], **ground, covered=exposed.table["concessions_covered"], population=land["population"]
    )
    indicators = counts_by_community[list(RATED)].astype(float).assign(share=_whole_share(table))
    base = pd.Series(1.0, index=land.index)
    return _ranked(_Counted(question, None, table, indicators, base, _beyond(events, pairs)), events[:0])


def _whole_share(table: pd.DataFrame) -> "pd.Series[float]":
    """Return the share under concession where the map has data of all of the ground: a part cannot be ranked."""
    return table["share"].where(table["covered"] >= WHOLE)


def _ranked(found: _Counted, lost: pd.DataFrame) -> Needs:
    """Rank the rows; `lost` are the attacks of no known region, which are dealt among them by chance."""
    question, table, indicators = found.question, found.table, found.indicators
    flags = lost[["is_killing", "without_outcome", "without_measure"]].rename(columns={"is_killing": "killings"})
    asked = {"draws": question.draws, "seed": question.seed}
    more = counts.deal_by_chance(flags.assign(attacks=1), table["attacks"], **asked) if len(lost) and len(table) else {}
    base = found.base.to_numpy()[:, None]
    varied = {name: indicators[name].to_numpy()[:, None] + each / base for name, each in more.items()}
    ranked = rank(indicators, dict(question.weights), WEIGHTS, **asked, gaps=Gaps("attacks", varied))
    ranks = ranked.ranks[["rank", "rank_low", "rank_high"]].reindex(table.index).astype("Int64")
    if len(ranked.weights) == 1 and not more:
        ranks = without_false_ranges(ranks)
    known = indicators[list(ranked.weights)].notna().to_numpy()
    names = [" ".join(np.compress(row, list(ranked.weights))) or None for row in known]
    rows = (
        ranks.assign(rank_by=pd.Series(names, index=table.index, dtype=object))
        .join(_without_open_shares(table))
        .rename_axis("id")
        .reset_index()
    )
    rows["population"] = rows["population"].astype("Int64")
    rows = rows.sort_values(["rank", "attacks", "name"], ascending=[True, False, True], na_position="last")
    first = ["rank", "rank_low", "rank_high", "rank_by", "id", "name"]
    ordered = rows[[*first, *rows.columns.drop(first)]].reset_index(drop=True)
    return Needs(question, found.per, ordered, ranked.weights, ranked.left, found.elsewhere, len(lost) if more else 0)


def _without_open_shares(table: pd.DataFrame) -> pd.DataFrame:
    """Leave missing how much land is under concession at most, where the map has data of a part; all, of none of it."""
    shares = ["share", "share_low", "share_high"]
    is_covered = (table["covered"] > 0).to_numpy()
    result = table.assign(**{name: table[name].where(is_covered) for name in shares})
    return result.assign(share_high=result["share_high"].where(result["covered"] >= WHOLE))


def _whole(shares: pd.DataFrame) -> dict[str, Any]:
    return {str(name): shares[name] >= ZERO for name in shares}


def _beyond(events: pd.DataFrame, pairs: pd.DataFrame) -> int:
    return int((~events.index.isin(pairs["id"])).sum())
