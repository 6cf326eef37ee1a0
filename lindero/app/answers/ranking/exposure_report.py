"""The communities ranked by exposure, in words: who comes first, how stable that is, and what is left out."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from lindero.app.answers.claims import Highest, find_highest
from lindero.app.answers.coverage import coverage_text
from lindero.app.answers.ranking import along_rivers
from lindero.app.answers.ranking.weights import (
    join_row_names,
    left_out_text,
    single_indicator_text,
    weights_to_arguments,
)
from lindero.app.answers.repeated_ground import NONE_REPEATED, RepeatedRows
from lindero.app.text.i18n import _, format_number, format_share, ngettext
from lindero.geo.stats.ranking import TOP, Uninformative
from lindero.layers.errors import N_

FIRM, LOOSE = 0.9, 0.5  # share of draws in which a community is in the top ten
LABELS = {
    "share": N_("Land under concession"),
    "titles_within_10_km": N_("Concessions within 10 km"),
    "attacks_within_25_km": N_("Attacks within 25 km"),
}


@dataclass(frozen=True)
class ExposureReport:
    """Communities ranked by exposure: one row each in `rows`, the most exposed first.

    `rank_by` contains the weighted indicators. If there is only one, `rank_low`, `rank_high` and `in_top_ten` are
    missing, because no other weights can be tried. `parts` splits the hectares under concession by kind and by status
    (`geo.stats.exposure`). `attacks` are the numbers of attacks at a known place within 25 km, by community and year.
    """

    rows: pd.DataFrame
    parts: pd.DataFrame
    attacks: pd.DataFrame
    settings: Mapping[str, object]  # parameters that reproduce the numbers
    unranked: pd.DataFrame  # `id`, `name` of communities on land without concession data
    lacks: tuple[str, ...] = ()  # layers for which the map has no data
    left: Mapping[str, Uninformative] = field(default_factory=dict)  # indicators without differences on this map
    unmeasured: pd.DataFrame = field(default_factory=pd.DataFrame)  # like `unranked`: a weighted indicator is not known
    placeless: pd.DataFrame = field(default_factory=pd.DataFrame)  # `id`, `code`, `name` of those without any place
    rivers: tuple[dict[str, object], ...] = ()  # for concessions along rivers, each with its number of communities
    repeated: RepeatedRows = NONE_REPEATED  # rows that repeat the ground of another row

    def stability_text(self) -> str:
        """Return whether the first ten are also the first ten under other weights."""
        first = self.rows[self.rows["rank"] <= TOP]
        firm, loose = int((first["in_top_ten"] >= FIRM).sum()), int((first["in_top_ten"] < LOOSE).sum())
        if single_indicator := self.single_indicator_text():
            return single_indicator
        if len(self.rows) <= TOP:
            return _("There are ten communities or fewer: all are among the first ten.")
        if firm == len(first):
            return _(
                "The first ten are stable: they stay among the first ten in nine of ten trials with other weights."
            )
        text = ngettext(
            "The first ten are not stable. With other weights, {firm} of them stays among the first ten "
            "in nine of ten trials, {loose} in fewer than half. Read the order as groups, not as exact "
            "ranks.",
            "The first ten are not stable. With other weights, {firm} of them stay among the first ten "
            "in nine of ten trials, {loose} in fewer than half. Read the order as groups, not as exact "
            "ranks.",
            firm,
        )
        return text.format(firm=format_number(firm), loose=format_number(loose))

    def list_caveats(self) -> list[str]:
        """Return sentences on what the ranking leaves out.

        This includes communities without a rank, indicators that do not affect the order, and layers without data.
        """
        lacks = (
            self._unranked_text(),
            self._unmeasured_text(),
            self._placeless_text(),
            self._left_out_text(),
            self.lacking_text,
        )
        return list(filter(None, (*lacks, self._rivers_text(), self.repeated.sentence())))

    @property
    def lacking_text(self) -> str:
        """A sentence on the layers without any data; empty if there are none."""
        return coverage_text.missing_layers_text(self.lacks)

    def _unranked_text(self) -> str:
        if self.unranked.empty:
            return ""
        text = ngettext(
            "{n} community is not ranked, because this map has no data on concessions on its land: {names}.",
            "{n} communities are not ranked, because this map has no data on concessions on their land: {names}.",
            len(self.unranked),
        )
        return text.format(n=format_number(len(self.unranked)), names=join_row_names(self.unranked))

    def _unmeasured_text(self) -> str:
        if self.unmeasured.empty:
            return ""
        text = ngettext(
            "{n} community is not ranked, because one of its indicators is not known: {names}.",
            "{n} communities are not ranked, because one of their indicators is not known: {names}.",
            len(self.unmeasured),
        )
        return text.format(n=format_number(len(self.unmeasured)), names=join_row_names(self.unmeasured))

    def _placeless_text(self) -> str:
        if self.placeless.empty:
            return ""
        text = ngettext(
            "{n} community is recorded without a location, so nothing can be measured for it: {names}.",
            "{n} communities are recorded without a location, so nothing can be measured for them: {names}.",
            len(self.placeless),
        )
        return text.format(n=format_number(len(self.placeless)), names=join_row_names(self.placeless))

    def _rivers_text(self) -> str:
        return along_rivers.rivers_text(self.rivers)

    def _left_out_text(self) -> str:
        return left_out_text(self.left, LABELS)

    @property
    def first_ties(self) -> int:
        """The number of communities that share the first rank."""
        return len(self._find_first().candidates)

    def _find_first(self) -> Highest:
        """Find the communities that may have the first rank. Those without a rank are not known."""
        without = sum(map(len, (self.unranked, self.unmeasured, self.placeless)))
        ranks = -pd.concat([self.rows["rank"].astype(float), pd.Series([float("nan")] * without, dtype=float)])
        return find_highest(ranks.reset_index(drop=True), ranks.reset_index(drop=True))

    def summarize(self) -> str:
        """Return the most exposed community; empty if communities are on record but none is ranked."""
        if self.rows.empty:
            return _("There is no community on the map.") if self.unranked.empty and self.placeless.empty else ""
        first = self.rows.iloc[0]
        share = _("an unknown part") if pd.isna(first["share"]) else format_share(first["share"])
        name = first["id"] if pd.isna(first["name"]) else first["name"]
        if len(self.rows) == 1:
            text = _(
                "Only {name} can be ranked, with {share} of its land under concession: there is nothing to "
                "compare it with."
            )
            return text.format(name=name, share=share)
        if self.first_ties > 1:
            text = _("With these weights, {n} of {count} communities share the first rank: {names}.")
            names = join_row_names(self.rows.head(self.first_ties))
            return text.format(n=format_number(self.first_ties), count=format_number(len(self.rows)), names=names)
        text = _("Most exposed with these weights: {name}, with {share} of its land under concession.")
        if not self._find_first().is_certain:
            text = _(
                "Most exposed with these weights, of the {count} communities that can be ranked: {name}, with {share} "
                "of its land under concession."
            )
        return text.format(name=name, share=share, count=format_number(len(self.rows)))

    def parameters(self) -> dict[str, object]:
        """Return the parameters of the report except the seed: statuses, weights, draws and rivers."""
        chosen = {name: value for name, value in self.settings.items() if name != "seed"}
        return chosen | {"rivers": [river["id"] for river in self.rivers]}

    def single_indicator_text(self) -> str:
        """Return the sentence that a single indicator decides the order; otherwise an empty text.

        Ranks then have no range.
        """
        return single_indicator_text({name: 1.0 for name, weight in self._weights().items() if weight}, LABELS)

    def _weights(self) -> Mapping[str, float]:
        weights = self.settings["weights"]
        assert isinstance(weights, dict)
        return weights

    def rank_stability_text(self) -> str:
        """Return the range of the first rank; empty if fewer than two communities are ranked."""
        if len(self.rows) <= 1:
            return ""
        if single_indicator := self.single_indicator_text():
            return " ".join([single_indicator, _("Unrecorded events are not counted.")])
        firsts = self.rows.head(self.first_ties)
        low, high = firsts["rank_low"].min(), firsts["rank_high"].max()
        text = _("With other weights, its rank among {count} communities is {low} to {high} in nine of ten trials.")
        if len(firsts) > 1:
            text = _(
                "With other weights, their ranks among {count} communities are {low} to {high} in nine of ten trials."
            )
        if low == high:
            text = _("Almost any weights give the same result, among {count} communities.")
        sentence = text.format(count=format_number(len(self.rows)), low=low, high=high)
        return " ".join([sentence, _("Unrecorded events are not counted.")])


def command(settings: Mapping[str, object]) -> list[str]:
    """Return the command that computes a report with the same settings."""
    statuses, weights = settings["statuses"], settings["weights"]
    assert isinstance(statuses, list)
    assert isinstance(weights, dict)
    typed = ["lindero", "exposure"]
    typed += [part for status in statuses for part in ("--status", status)]
    typed += weights_to_arguments(weights)
    typed += ["--without-duplicates"] if settings.get("without_duplicates") else []
    return [*typed, "--draws", str(settings["draws"]), "--seed", str(settings["seed"]), "--format", "json"]
