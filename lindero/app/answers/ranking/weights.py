"""What rankings share: weights as they are written, what tells nothing, and who is not ranked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from lindero.app.text.i18n import _
from lindero.geo.stats.ranking import NOTHING, Dull, Floats, dull, ranking
from lindero.layers.errors import N_, AnswerError

HALF = 0.5
NAMED = 5  # of those that are not ranked


@dataclass(frozen=True)
class Gaps:
    """
    How rows are ranked of which some indicators are not known: by the others, with a wider range.

    The indicator `always` takes part if two rows have it, any other one if half of the rows that are ranked do.
    `varied` is as `geo.stats.ranking.ranking` takes it.
    """

    always: str
    varied: Mapping[str, Floats] = field(default_factory=dict)

    def dull(self, table: pd.DataFrame, names: Sequence[str]) -> dict[str, Dull]:
        """Find the indicators that tell nothing of the rows of which anything is known."""
        known = table[table[list(names)].notna().any(axis=1)]
        return dull(known, names, least_known=HALF, always=self.always)


def weights_in(texts: Sequence[str], usual: Mapping[str, float]) -> dict[str, float]:
    """
    Read weights written `COLUMN=NUMBER`; the usual ones if there are none.

    Raises
    ------
    AnswerError
        If a text is not of that form.
    """
    try:
        read = {name: float(value) for name, _sign, value in (text.partition("=") for text in texts)}
    except ValueError as error:
        raise AnswerError(N_("weights are written COLUMN=NUMBER: {texts}"), texts=", ".join(texts)) from error
    return read or dict(usual)


def typed_weights(weights: Mapping[str, float]) -> list[str]:
    """Give weights as a command takes them."""
    return [part for name, weight in weights.items() for part in ("--weight", f"{name}={weight:g}")]


def telling(
    table: pd.DataFrame, weights: Mapping[str, float], usual: Mapping[str, float], *, gaps: Gaps | None = None
) -> tuple[Mapping[str, float], Mapping[str, Dull]]:
    """Leave out of the usual weights what tells nothing of the rows; weights of the reader's own stay."""
    if dict(weights) != dict(usual):
        return weights, {}
    found = dull(table, list(weights)) if gaps is None else gaps.dull(table, list(weights))
    kept = {name: weight for name, weight in weights.items() if name not in found}
    if kept:
        return kept, found
    weighed = {name: weight for name, weight in weights.items() if found[name] is not Dull.UNKNOWN}
    return (weighed, {name: found[name] for name in weights if name not in weighed}) if weighed else (weights, {})


@dataclass(frozen=True)
class Ranked:
    """`ranks` of `geo.stats.ranking` by `id`; the `weights` that took part; `unmeasured`: the rows without a rank."""

    ranks: pd.DataFrame
    weights: Mapping[str, float]
    left: Mapping[str, Dull]
    unmeasured: pd.Index


def rank(
    table: pd.DataFrame,
    weights: Mapping[str, float],
    usual: Mapping[str, float],
    *,
    draws: int,
    seed: int,
    gaps: Gaps | None = None,
) -> Ranked:
    """
    Rank the rows of a table of indicators by those that tell something.

    A row that misses one of these is not ranked; with `gaps`, only a row that misses all of them.
    """
    weights, left = telling(table, weights, usual, gaps=gaps)
    varied = gaps.varied if gaps else NOTHING
    found = ranking(table, weights, draws=draws, seed=seed, with_gaps=gaps is not None, varied=varied)
    ranks = found.set_index("id")
    return Ranked(ranks, weights, left, table.index[~table.index.isin(ranks.index)])


def without_false_ranges(ranks: pd.DataFrame) -> pd.DataFrame:
    """Return the ranks without their ranges: one indicator decides, so that other weights were not tried."""
    ranges = ranks.columns.intersection(["rank_low", "rank_high", "in_top_ten"])
    return ranks.assign(**dict.fromkeys(ranges, pd.Series(pd.NA, ranks.index, dtype="Int64")))


def one_indicator(weights: Mapping[str, float], labels: Mapping[str, str]) -> str:
    """Say that one indicator decides alone, where it does; else empty. `labels` are not yet translated."""
    if len(weights) != 1:
        return ""
    name = next(iter(weights))
    label = _(labels[name]) if name in labels else name
    text = _("One indicator decides alone, {name}: other weights would change nothing.")
    return text.format(name=label[:1].lower() + label[1:])


def left_out(left: Mapping[str, Dull], labels: Mapping[str, str]) -> str:
    """Say what was left out of the usual weights, and why; empty if nothing was. `labels` are not yet translated."""
    why = {
        Dull.CONSTANT: _("the same for all"),
        Dull.COPY: _("in the same order as another"),
        Dull.UNKNOWN: _("known of fewer than nine in ten"),
    }
    reasons = [f"{_(labels[name])} ({why[reason]})" for name, reason in left.items()]
    return (
        _("Left out of the weights, for it tells nothing here: {what}.").format(what=", ".join(reasons))
        if reasons
        else ""
    )


def rank_label(rows: pd.DataFrame) -> str:
    """Return the heading of ranks: one indicator alone decides them, or they have a range under other weights."""
    indicators = set(" ".join(rows["rank_by"].dropna()).split())
    if len(indicators) == 1:
        return _("Rank (one indicator alone decides)")
    return _("Rank (under other weights)")


def names(rows: pd.DataFrame) -> str:
    """Name the first few rows by `name`, else `id`."""
    every = list(rows["name"].fillna(rows["id"]))
    return ", ".join([*every[:NAMED], *(["…"] if len(every) > NAMED else [])])
