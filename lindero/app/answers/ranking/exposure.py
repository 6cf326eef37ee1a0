"""How exposed each community is: titles on and near its land, attacks near it, consultations on record; and a rank."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

import geopandas as gpd
import pandas as pd

from lindero.app.answers.coverage import coverage_text
from lindero.app.answers.coverage.coverage import WHOLE, Coverage, coverage_of, lacking, without_false_zeros
from lindero.app.answers.defaults import EXPOSURE_DRAWS, EXPOSURE_SEED
from lindero.app.answers.ranking import along_rivers
from lindero.app.answers.ranking.along_rivers import ALONG_KM, titles_along
from lindero.app.answers.ranking.weights import (
    left_out,
    names,
    one_indicator,
    rank,
    typed_weights,
    without_false_ranges,
)
from lindero.app.answers.registers import entries, one_register
from lindero.app.answers.repeated_ground import NONE_REPEATED, RepeatedRows, repeated_in
from lindero.app.derived.engine import Progress
from lindero.app.record.incidents import Record, placed_attacks, well_placed
from lindero.app.text.codes import word
from lindero.app.text.i18n import _, ngettext, number, percent
from lindero.geo.geometry.units import M_PER_KM
from lindero.geo.near.points_inside import points_inside
from lindero.geo.near.within_distance import counts_within, within
from lindero.geo.stats.exposure import STATUSES, exposure
from lindero.geo.stats.ranking import TOP, Dull
from lindero.layers.database import map_database
from lindero.layers.errors import N_
from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS, CONSULTATIONS, INCIDENTS, PROTECTED_AREAS
from lindero.layers.workspace.rivers import Network

LAYERS = (COMMUNITIES.name, CONCESSIONS.name, PROTECTED_AREAS.name, INCIDENTS.name, CONSULTATIONS.name)
KM = (5, 10, 25)
ON_RIVER = f"titles_along_river_within_{ALONG_KM}_km"
RIVERS = "rivers_by"  # the id of the rivers that ON_RIVER is counted by
IN_FORCE = tuple(status for status in STATUSES if status != "expired")
WEIGHTS = {"share": 1.0, "titles_within_10_km": 1.0, "attacks_within_25_km": 1.0}
FIRM, LOOSE = 0.9, 0.5  # share of draws in which a community is among the ten first
CONSULTED = "consultations_on_record"  # never weighs: what is not on record may have been held, or not be asked for
LABELS = {
    "share": N_("Land under title"),
    "titles_within_10_km": N_("Titles within 10 km"),
    "attacks_within_25_km": N_("Attacks within 25 km"),
}


@dataclass(frozen=True)
class ExposureReport:
    """
    One row per community in `rows`, the most exposed first.

    `rank_by` names the indicators that weigh; if it is one, `rank_low`, `rank_high` and `in_top_ten` are missing: no
    other weights could be tried.
    `parts` splits the hectares under title by kind and by status (`geo.stats.exposure`); `attacks` counts by community
    and year those within 25 km whose place is known.
    """

    rows: pd.DataFrame
    parts: pd.DataFrame
    attacks: pd.DataFrame
    settings: Mapping[str, object]  # what gives the same numbers again
    unranked: pd.DataFrame  # `id`, `name` of communities on whose land the map has no data of concessions
    lacks: tuple[str, ...] = ()  # layers of which the map has no data at all
    left: Mapping[str, Dull] = field(default_factory=dict)  # usual weights that tell nothing on this map
    unmeasured: pd.DataFrame = field(default_factory=pd.DataFrame)  # like `unranked`: a thing that weighs is not known
    placeless: pd.DataFrame = field(default_factory=pd.DataFrame)  # `id`, `code`, `name` of those without any place
    rivers: tuple[dict[str, object], ...] = ()  # by which titles along rivers are counted, and for how many communities
    repeated: RepeatedRows = NONE_REPEATED  # rows that cover the ground of another row

    def steady(self) -> str:
        """Say whether the first ten would be the first ten under other weights, too."""
        first = self.rows[self.rows["rank"] <= TOP]
        firm, loose = int((first["in_top_ten"] >= FIRM).sum()), int((first["in_top_ten"] < LOOSE).sum())
        if alone := self.alone():
            return alone
        if len(self.rows) <= TOP:
            return _("There are no more than ten communities: all are among the first ten.")
        if firm == len(first):
            return _("The first ten are stable: they are the first ten in nine of ten other ways to weigh.")
        text = ngettext(
            "The first ten are not stable: {firm} of them is among the first ten in nine of ten other ways to weigh, "
            "{loose} in fewer than half. Read the order as groups, not as places.",
            "The first ten are not stable: {firm} of them are among the first ten in nine of ten other ways to weigh, "
            "{loose} in fewer than half. Read the order as groups, not as places.",
            firm,
        )
        return text.format(firm=number(firm), loose=number(loose))

    def besides(self) -> str:
        """Say what the ranking leaves out: who is not ranked, what does not weigh, of what the map has no data."""
        lacks = self._unranked(), self._unmeasured(), self._placeless(), self._left(), self.lacking
        parts = *lacks, self._rivers(), self.repeated.sentence()
        return " ".join(filter(None, parts))

    @property
    def lacking(self) -> str:
        """What the map has no data of at all, in a sentence; empty if it has some of each."""
        return coverage_text.lacks(self.lacks)

    def _unranked(self) -> str:
        if self.unranked.empty:
            return ""
        text = ngettext(
            "{n} community is not ranked, for this map has no data of concessions on its land: {names}.",
            "{n} communities are not ranked, for this map has no data of concessions on their land: {names}.",
            len(self.unranked),
        )
        return text.format(n=number(len(self.unranked)), names=names(self.unranked))

    def _unmeasured(self) -> str:
        if self.unmeasured.empty:
            return ""
        text = ngettext(
            "{n} community is not ranked, for something that weighs is not known of it: {names}.",
            "{n} communities are not ranked, for something that weighs is not known of them: {names}.",
            len(self.unmeasured),
        )
        return text.format(n=number(len(self.unmeasured)), names=names(self.unmeasured))

    def _placeless(self) -> str:
        if self.placeless.empty:
            return ""
        text = ngettext(
            "{n} community is on record without any place, so that nothing is measured of it: {names}.",
            "{n} communities are on record without any place, so that nothing is measured of them: {names}.",
            len(self.placeless),
        )
        return text.format(n=number(len(self.placeless)), names=names(self.placeless))

    def _rivers(self) -> str:
        return along_rivers.sentence(self.rivers)

    def _left(self) -> str:
        return left_out(self.left, LABELS)

    def first(self) -> str:
        """Return which community is the most exposed; empty if none of those on record is ranked."""
        if self.rows.empty:
            return _("There is no community on the map.") if self.unranked.empty and self.placeless.empty else ""
        first = self.rows.iloc[0]
        share = _("an unknown part") if pd.isna(first["share"]) else percent(first["share"])
        name = first["id"] if pd.isna(first["name"]) else first["name"]
        if len(self.rows) == 1:
            text = _("Only {name} can be ranked, with {share} of its land under title: there is nothing to compare.")
            return text.format(name=name, share=share)
        text = _("Most exposed by these weights: {name}, with {share} of its land under title.")
        return text.format(name=name, share=share)

    def parameters(self) -> dict[str, object]:
        """Give what the numbers hang on beside the seed: titles that count, weights, draws, and by which rivers."""
        chosen = {name: value for name, value in self.settings.items() if name != "seed"}
        return chosen | {"rivers": [one["id"] for one in self.rivers]}

    def alone(self) -> str:
        """Return the sentence that one indicator decides the order, so that ranks have no range; else empty."""
        return one_indicator({name: 1.0 for name, weight in self._weights().items() if weight}, LABELS)

    def _weights(self) -> Mapping[str, float]:
        weights = self.settings["weights"]
        assert isinstance(weights, dict)
        return weights

    def firm(self) -> str:
        """Say how firm the rank of the most exposed is, among how many; empty if fewer than two are ranked."""
        if len(self.rows) <= 1:
            return ""
        if alone := self.alone():
            return " ".join([alone, _("What nobody has recorded is not counted.")])
        first = self.rows.iloc[0]
        text = _("Of {count} communities its rank under other weights is {low} to {high}, in nine draws of ten.")
        if first["rank_low"] == first["rank_high"]:
            text = _("It is so by almost all other weights, too, among {count} communities.")
        sentence = text.format(count=number(len(self.rows)), low=first["rank_low"], high=first["rank_high"])
        return " ".join([sentence, _("What nobody has recorded is not counted.")])


def command(settings: Mapping[str, object]) -> list[str]:
    """Give the command that measures and ranks by the settings of a report."""
    statuses, weights = settings["statuses"], settings["weights"]
    assert isinstance(statuses, list)
    assert isinstance(weights, dict)
    typed = ["lindero", "exposure"]
    typed += [part for status in statuses for part in ("--status", status)]
    typed += typed_weights(weights)
    typed += ["--without-duplicates"] if settings.get("without_duplicates") else []
    return [*typed, "--draws", str(settings["draws"]), "--seed", str(settings["seed"]), "--format", "json"]


@dataclass(frozen=True)
class Measured:
    """
    What a ranking is made from.

    `table` has the measures of each community by its id, `about` its name, recognition, population and place, `parts`
    and `attacks` are those of `ExposureReport`.
    """

    statuses: tuple[str, ...]
    table: pd.DataFrame
    about: gpd.GeoDataFrame
    parts: pd.DataFrame
    attacks: pd.DataFrame
    covered: Coverage
    known: pd.Series  # whether titles are on record on the land, or the map has data of concessions on all of it
    placeless: pd.DataFrame  # as in `ExposureReport`
    rivers: tuple[dict[str, object], ...]  # as in `ExposureReport`
    by_rivers: pd.Series  # the id of the rivers of `rivers` by which titles along them are counted
    repeated: RepeatedRows = NONE_REPEATED  # as in `ExposureReport`

    def ranked(
        self, weights: Mapping[str, float] = WEIGHTS, *, draws: int = EXPOSURE_DRAWS, seed: int = EXPOSURE_SEED
    ) -> ExposureReport:
        """Rank the communities by some weights, and see how firm the ranks are under others."""
        found = rank(self.table[self.known.to_numpy()], weights, WEIGHTS, draws=draws, seed=seed)
        weighed = [name for name, weight in found.weights.items() if weight]
        ranks = found.ranks if len(weighed) > 1 else without_false_ranges(found.ranks)
        rows = ranks.assign(rank_by=" ".join(weighed)).join(pd.DataFrame(self.about[["name", "recognition"]]))
        rows = rows.join(self.table)
        rows = rows.join(self.by_rivers.rename(RIVERS)).reset_index()
        first = ["rank", "rank_low", "rank_high", "rank_by", "name", "recognition"]
        settings = {"statuses": list(self.statuses), "weights": dict(found.weights), "draws": draws, "seed": seed}
        if self.repeated.left_out:
            settings["without_duplicates"] = True
        unranked, unmeasured = (
            pd.DataFrame(self.about.loc[some, ["name"]]).reset_index() for some in (~self.known, found.unmeasured)
        )
        lacks = tuple(lacking(self.covered, LAYERS))
        ordered = rows[[*first, *rows.columns.drop(first)]]
        remarks = unranked, lacks, found.left, unmeasured, self.placeless, self.rivers, self.repeated
        return ExposureReport(ordered, self.parts, self.attacks, settings, *remarks)


def measure_exposure(
    con: map_database.Connection,
    statuses: Sequence[str] = IN_FORCE,
    *,
    rivers: Sequence[Network] = (),
    progress: Progress = lambda *_: None,
    record: Record | None = None,
    covered: Coverage | None = None,
    without_duplicates: bool = False,
) -> Measured:
    """
    Measure the exposure of every community of the map to the concessions of some statuses.

    `rivers` are the operator's own, which count along rivers in place of those of Lindero where they have coverage.
    `record` and `covered` are what was read before, as for `app.answers.regions.compare`. With `without_duplicates`,
    communities and concessions that repeat the ground of another one are left out.

    Raises
    ------
    AnswerError
        If two sources are registers of the same communities or titles, which would be counted twice.
    """
    every = map_database.read_layer(con, COMMUNITIES)
    land = every[every.geometry.notna()].reset_index(drop=True)
    titles = map_database.read_layer(con, CONCESSIONS)
    for layer, rows in ((COMMUNITIES, every), (CONCESSIONS, titles)):
        one_register(layer, entries(rows))
    titles = titles[titles["status"].fillna("unknown").isin(statuses)]
    again = repeated_in(COMMUNITIES, land), repeated_in(CONCESSIONS, titles)
    repeated = RepeatedRows(len(again[0]), len(again[1]), without_duplicates)
    if without_duplicates:
        land, titles = (
            rows[~rows["id"].isin(ids)].reset_index(drop=True) for rows, ids in zip((land, titles), again, strict=True)
        )
    attacks = well_placed(placed_attacks(con, record))
    with ThreadPoolExecutor(1) as beside:  # walks along rivers take one core, and the rest leaves one idle at times
        walked = beside.submit(titles_along, land, titles, rivers)
        under, parts = exposure(land, titles, progress=partial(progress, word(COMMUNITIES.name)))
        near_titles = counts_within(land, titles, within_km=KM, progress=partial(progress, word(CONCESSIONS.name)))
        near_attacks = within(land, attacks, within_km=max(KM))
        along = walked.result()
    columns = {
        **under.set_index("id").to_dict("series"),
        **{f"titles_within_{km}_km": near_titles[km] for km in KM},
        ON_RIVER: along["titles"],
        "protected_share": _protected(con),
        **{f"attacks_within_{km}_km": _count(near_attacks, km) for km in KM},
        CONSULTED: _consultations(con),
    }
    table = with_points(pd.DataFrame(columns, index=pd.Index(land["id"], name="id")), land, titles)
    counted = [CONSULTED, *(name for name in columns if name.startswith(("titles_", "attacks_")) and name != ON_RIVER)]
    whole = dict.fromkeys(counted, int) | dict.fromkeys(("titles", ON_RIVER), "Int64")
    table = table.fillna(dict.fromkeys(counted, 0)).astype(whole)
    table["protected_share"] = table["protected_share"].where(
        table["land_ha"].isna(), table["protected_share"].fillna(0)
    )
    about = land.set_index("id")[["name", "recognition", "population", "geometry"]]
    about["name"] = about["name"].fillna(land.set_index("id")["code"])
    covered = covered or coverage_of(con)
    concessions = covered.over_each(CONCESSIONS.name, land.geometry)["share"].to_numpy()
    is_covered = pd.Series((table["titles"].fillna(0) > 0).to_numpy() | (concessions >= WHOLE), index=table.index)
    table = _without_false_zeros(table, land, covered).assign(concessions_covered=concessions)
    placeless = pd.DataFrame(every.loc[every.geometry.isna(), ["id", "code", "name"]]).reset_index(drop=True)
    by_year = _by_year(near_attacks, attacks)
    river_records = tuple(along_rivers.network_records(rivers, along["by"]))
    found = table, about, parts, by_year, covered, is_covered, placeless, river_records, along["by"]
    return Measured(tuple(statuses), *found, repeated)


def with_points(table: pd.DataFrame, land: gpd.GeoDataFrame, titles: gpd.GeoDataFrame) -> pd.DataFrame:
    """
    Count titles of which only a point lies on the land, or the land's point in theirs; these have no hectares.

    Where no other title lies on the land, its share is missing, and not 0.
    """
    count = points_inside(titles, land).groupby("right_id")["left_id"].nunique().reindex(table.index)
    has_points = count.notna()
    is_open = has_points & ~(table["title_ha"] > 0)
    result = table.assign(titles=table["titles"].where(~has_points, table["titles"].fillna(0) + count.fillna(0)))
    measured = ["title_ha", "share", "share_low", "share_high"]
    return result.assign(**{name: result[name].mask(is_open) for name in measured})


def _without_false_zeros(table: pd.DataFrame, land: gpd.GeoDataFrame, covered: Coverage) -> pd.DataFrame:
    """Leave missing what is 0 only because the map has no data of it there."""
    result = table.copy()
    for layer, beginnings in _COUNTED_OF.items():
        shares = covered.over_each(layer, land.geometry)["share"]
        for name in (name for name in table.columns if name.startswith(beginnings)):
            column = table[name].astype("Int64") if table[name].dtype.kind == "i" else table[name]
            result[name] = without_false_zeros(column, shares)
    return result


_COUNTED_OF = {  # what a column is counted of, by the beginning of its name
    CONCESSIONS.name: ("titles", "share", "under_ha", "certain"),
    PROTECTED_AREAS.name: ("protected_share",),
    INCIDENTS.name: ("attacks_",),
    CONSULTATIONS.name: (CONSULTED,),
}


def _count(pairs: pd.DataFrame, km: int) -> pd.Series:
    return pairs[pairs["distance_m"] <= km * M_PER_KM].groupby("place_id").size()


def _protected(con: map_database.Connection) -> pd.Series:
    """Give the share of each community's land that lies in protected areas."""
    return map_database.read_footprints(con, COMMUNITIES.name, covered_by=PROTECTED_AREAS.name).set_index("id")["share"]


def _consultations(con: map_database.Connection) -> pd.Series:
    """Count the consultations on record of each community; that one was not sought is no consultation."""
    rows = pd.DataFrame(map_database.read_layer(con, CONSULTATIONS))
    return rows[rows["consent_status"] != "not_sought"].groupby("community_id").size()


def _by_year(pairs: pd.DataFrame, attacks: gpd.GeoDataFrame) -> pd.DataFrame:
    """Count attacks within the widest distance by community and year; without a date the year is missing."""
    years = pd.to_datetime(attacks.set_index("id")["occurred_on"]).dt.year.astype("Int64")
    counted = pairs.assign(year=pairs["id"].map(years)).groupby(["place_id", "year"], dropna=False).size()
    return counted.rename("attacks").reset_index().rename(columns={"place_id": "id"})
