"""Parts that rankings share: weights, indicators that do not affect the order, and rows without a rank."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from lindero.app.text.i18n import _
from lindero.geo.stats.ranking import NO_MEASURES, Floats, Uninformative, find_uninformative, ranking
from lindero.layers.errors import N_, AnswerError

HALF = 0.5
MAX_NAMES = 5  # unranked rows named in a sentence


@dataclass(frozen=True)
class Gaps:
    """Options for ranking rows with missing indicators: by the other indicators, with a wider range.

    The indicator `always` takes part if two rows have it, any other if half of the ranked rows have it. `varied` is
    passed to `geo.stats.ranking.ranking`.
    """

    always: str
    varied: Mapping[str, Floats] = field(default_factory=dict)

    def find_uninformative(self, table: pd.DataFrame, names: Sequence[str]) -> dict[str, Uninformative]:
        """Find the indicators that do not affect the order of the rows with at least one known value."""
        known_rows = table[table[list(names)].notna().any(axis=1)]
        return find_uninformative(known_rows, names, least_known=HALF, always=self.always)


def parse_weights(texts: Sequence[str], usual: Mapping[str, float]) -> dict[str, float]:
    """Parse weights written `COLUMN=NUMBER`. Without any, return the usual weights."""
    try:
        weights = {name: float(value) for name, _sign, value in (text.partition("=") for text in texts)}
    except ValueError as error:
        raise AnswerError(N_("'{texts}' is not a weight; write COLUMN=NUMBER"), texts=", ".join(texts)) from error
    return weights or dict(usual)


def weights_to_arguments(weights: Mapping[str, float]) -> list[str]:
    """Convert weights to the arguments of a command."""
    return [part for name, weight in weights.items() for part in ("--weight", f"{name}={weight:g}")]


def drop_uninformative(
    table: pd.DataFrame, weights: Mapping[str, float], usual: Mapping[str, float], *, gaps: Gaps | None = None
) -> tuple[Mapping[str, float], Mapping[str, Uninformative]]:
    """Remove indicators that do not affect the order from the usual weights, and return the reasons.

    Other weights, chosen by the reader, are not changed.
    """
    if dict(weights) != dict(usual):
        return weights, {}
    uninformative = (
        find_uninformative(table, list(weights)) if gaps is None else gaps.find_uninformative(table, list(weights))
    )
    informative = {name: weight for name, weight in weights.items() if name not in uninformative}
    if informative:
        return informative, uninformative
    known_weights = {
        name: weight for name, weight in weights.items() if uninformative[name] is not Uninformative.UNKNOWN
    }
    return (
        (known_weights, {name: uninformative[name] for name in weights if name not in known_weights})
        if known_weights
        else (weights, {})
    )


@dataclass(frozen=True)
class RankingResult:
    """The result of `rank`.

    `ranks` is the table of `geo.stats.ranking` indexed by `id`. `weights` are the weights that took part. `left` has
    the reasons why the others were left out. `unmeasured` are the rows without a rank.
    """

    ranks: pd.DataFrame
    weights: Mapping[str, float]
    left: Mapping[str, Uninformative]
    unmeasured: pd.Index


def rank(
    table: pd.DataFrame,
    weights: Mapping[str, float],
    usual: Mapping[str, float],
    *,
    draws: int,
    seed: int,
    gaps: Gaps | None = None,
) -> RankingResult:
    """Rank the rows of a table of indicators by those that affect the order.

    A row with a missing indicator is not ranked. With `gaps`, only a row without any is not ranked.
    """
    weights, left = drop_uninformative(table, weights, usual, gaps=gaps)
    varied = gaps.varied if gaps else NO_MEASURES
    result = ranking(table, weights, draws=draws, seed=seed, with_gaps=gaps is not None, varied=varied)
    ranks = result.set_index("id")
    return RankingResult(ranks, weights, left, table.index[~table.index.isin(ranks.index)])


def mask_false_ranges(ranks: pd.DataFrame) -> pd.DataFrame:
    """Set the ranges of ranks to missing.

    Use it if one indicator decides, because no other weights were tried.
    """
    ranges = ranks.columns.intersection(["rank_low", "rank_high", "in_top_ten"])
    return ranks.assign(**dict.fromkeys(ranges, pd.Series(pd.NA, ranks.index, dtype="Int64")))


def single_indicator_text(weights: Mapping[str, float], labels: Mapping[str, str]) -> str:
    """Return the sentence that a single indicator decides the order; otherwise an empty text.

    `labels` are not yet translated.
    """
    if len(weights) != 1:
        return ""
    name = next(iter(weights))
    label = _(labels[name]) if name in labels else name
    text = _("Only one indicator decides the order: {name}. Other weights would not change it.")
    return text.format(name=label[:1].lower() + label[1:])


def left_out_text(left: Mapping[str, Uninformative], labels: Mapping[str, str]) -> str:
    """Return which of the usual weights were left out, and why; empty if none was.

    `labels` are not yet translated.
    """
    why = {
        Uninformative.CONSTANT: _("the same for all"),
        Uninformative.COPY: _("in the same order as another indicator"),
        Uninformative.UNKNOWN: _("known for fewer than nine in ten"),
    }
    reasons = [f"{_(labels[name])} ({why[reason]})" for name, reason in left.items()]
    return (
        _("Not used in the ranking, because they do not help to compare here: {what}.").format(what=", ".join(reasons))
        if reasons
        else ""
    )


def rank_label(rows: pd.DataFrame) -> str:
    """Return the heading of the column of ranks. It depends on whether one indicator alone decides."""
    indicators = set(" ".join(rows["rank_by"].dropna()).split())
    if len(indicators) == 1:
        return _("Rank (by one indicator only)")
    return _("Rank (with other weights)")


def join_row_names(rows: pd.DataFrame) -> str:
    """Join the names, or else ids, of the first few rows."""
    labels = list(rows["name"].fillna(rows["id"]))
    return ", ".join([*labels[:MAX_NAMES], *(["…"] if len(labels) > MAX_NAMES else [])])
