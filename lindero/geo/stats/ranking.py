"""Rankings by several indicators, and their dependence on weights and missing values."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd

from lindero.geo.errors import N_, FrameError

Floats = npt.NDArray[np.float64]
NO_MEASURES: Mapping[str, Floats] = MappingProxyType({})

TOP = 10
LEAST_KNOWN = 0.9  # minimum share of rows with a value; an indicator that few have would exclude the other rows
LEAST_ROWS = 2  # minimum rows with a value; with fewer, an indicator cannot order anything
MIDDLE = 0.5  # relative position of a row without a value for an indicator
_SCORE_DECIMALS = 12  # further decimals of a score are rounding
_DIGITS = 9  # significant digits of a measure; further digits are rounding
RANGE = (0.05, 0.95)  # quantiles that enclose nine draws in ten


class Uninformative(StrEnum):
    """The reason why an indicator does not affect a ranking."""

    CONSTANT = "constant"  # all known values are the same
    COPY = "copy"  # it gives the same order as another indicator
    UNKNOWN = "unknown"  # fewer than nine rows in ten have a value


def find_uninformative(
    indicators: pd.DataFrame, names: Sequence[str], *, least_known: float = LEAST_KNOWN, always: str = ""
) -> dict[str, Uninformative]:
    """Find the indicators that do not affect a ranking.

    They are mostly unknown, constant, or in the same order as an earlier one.

    `least_known`: minimum share of rows (0 to 1) with a known value.
    """
    reasons: dict[str, Uninformative] = {}
    ranks = round_measures(indicators[list(names)].astype(float)).rank()
    for index, name in enumerate(names):
        earlier = [name_before for name_before in names[:index] if name_before not in reasons]
        is_known = ranks[name].notna()
        if is_known.sum() < min(LEAST_ROWS, len(is_known)) or (is_known.mean() < least_known and name != always):
            reasons[name] = Uninformative.UNKNOWN
        elif ranks[name].min() == ranks[name].max():
            reasons[name] = Uninformative.CONSTANT
        elif any(ranks[name].equals(ranks[name_before]) for name_before in earlier):
            reasons[name] = Uninformative.COPY
    return reasons


def ranking(
    indicators: pd.DataFrame,
    weights: Mapping[str, float],
    *,
    draws: int,
    seed: int,
    with_gaps: bool = False,
    varied: Mapping[str, Floats] = NO_MEASURES,
) -> pd.DataFrame:
    """Rank rows by a weighted sum of indicators, and test the ranks with many other weights.

    Each indicator is first converted to the share of rows that it exceeds (ties share the middle), so that units and
    outliers do not matter. The other weights are drawn from a Dirichlet distribution. Its mean is the given weights,
    and its parameters sum to the number of indicators: for equal weights every mixture is equally likely.

    `weights`: positive weights for columns of `indicators`. Returns: highest first: `id`, `score` (0 to 1), `rank` (1
    is the highest; ties share the best), `rank_low` and `rank_high` (interval of nine draws in ten), `in_top_ten`
    (share of draws). Rows with a missing indicator are left out, or with gaps only those without any value.

    Saisana, Saltelli and Tarantola (2005), *Uncertainty and sensitivity analysis techniques as tools for the quality
    assessment of composite indicators*, Journal of the Royal Statistical Society A 168.
    """
    if set(weights) - set(indicators.columns) or not weights or min(weights.values()) <= 0:
        raise FrameError(
            N_("weights must be positive and belong to these indicators: {names}"), names=", ".join(indicators.columns)
        )
    values = indicators[list(weights)].astype(float)
    is_ranked = values.notna().any(axis=1) if with_gaps else values.notna().all(axis=1)
    values = values[is_ranked]
    relative_ranks = _relative_ranks(values)
    shares = np.array(list(weights.values())) / sum(weights.values())
    random = np.random.default_rng(seed)
    drawn_weights = random.dirichlet(shares * len(shares), size=draws)
    scores = np.nan_to_num(relative_ranks) @ drawn_weights.T
    for column, name in enumerate(weights):
        if name in varied:
            varied_ranks = _relative_ranks(pd.DataFrame(varied[name][is_ranked.to_numpy()]))
            scores += np.nan_to_num(varied_ranks - relative_ranks[:, [column]]) * drawn_weights[:, column]
        is_missing = np.isnan(relative_ranks[:, column])
        scores[is_missing] += random.random((int(is_missing.sum()), draws)) * drawn_weights[:, column]
    ranks = _rank_each_draw(scores)
    low, high = np.quantile(ranks, RANGE, axis=1, method="nearest").astype(int)
    score = np.nan_to_num(relative_ranks, nan=MIDDLE) @ shares
    table = pd.DataFrame(
        {
            "id": values.index.to_numpy(),
            "score": score,
            "rank": _rank_each_draw(score[:, None])[:, 0].astype(int),
            "rank_low": low,
            "rank_high": high,
            "in_top_ten": (ranks <= TOP).mean(axis=1),
        }
    )
    return table.sort_values(["rank", "id"], ignore_index=True)


def _rank_each_draw(scores: Floats) -> npt.NDArray[np.int32]:
    """Return the ranks of scores, (rows, draws), in their column: 1 is the highest, and ties share the best."""
    ranks = np.empty(scores.shape, np.int32)
    for draw in range(scores.shape[1]):
        values = np.round(-scores[:, draw], _SCORE_DECIMALS)
        order = np.argsort(values)
        is_first = np.diff(values[order], prepend=-np.inf) > 0
        ranks[order, draw] = np.maximum.accumulate(np.where(is_first, np.arange(1, len(values) + 1), 0))
    return ranks


def _relative_ranks(values: pd.DataFrame) -> Floats:
    """Return the relative rank of each value in its column: 0 the lowest, 1 the highest, 0.5 for a single value."""
    steps = values.notna().sum() - 1
    relative = (round_measures(values).rank() - 1) / steps.where(steps > 0)
    return np.asarray(relative.where(values.isna() | (steps > 0), MIDDLE), float)


def round_measures(values: pd.DataFrame) -> pd.DataFrame:
    """Round values to the digits that count: equal measures may differ in their last ones."""
    numbers = values.to_numpy(dtype=float)
    with np.errstate(divide="ignore"):
        scale = 10.0 ** (_DIGITS - 1 - np.floor(np.log10(np.abs(numbers))))
    is_scaled = np.isfinite(numbers) & np.isfinite(scale) & (scale > 0)
    rounded = np.where(
        is_scaled, np.rint(numbers * np.where(is_scaled, scale, 1.0)) / np.where(is_scaled, scale, 1.0), numbers
    )
    return pd.DataFrame(rounded, index=values.index, columns=values.columns)
