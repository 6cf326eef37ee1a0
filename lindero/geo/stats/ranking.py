"""A ranking by several indicators, and how far it depends on their weights and on what is not known."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd

from lindero.geo.errors import N_, FrameError

Floats = npt.NDArray[np.float64]
NOTHING: Mapping[str, Floats] = MappingProxyType({})

TOP = 10
LEAST_KNOWN = 0.9  # share of the rows of which an indicator must be known: one that few have would leave the others out
LEAST_ROWS = 2  # of which an indicator must be known to order anything
MIDDLE = 0.5  # of an order: where a row stands of which an indicator is not known
RANGE = (0.05, 0.95)  # nine draws in ten


class Dull(StrEnum):
    """Why an indicator tells nothing about the order."""

    CONSTANT = "constant"  # the same for all of which it is known
    COPY = "copy"  # orders them as another one does
    UNKNOWN = "unknown"  # it is known of fewer than nine in ten


def dull(
    indicators: pd.DataFrame, names: Sequence[str], *, least_known: float = LEAST_KNOWN, always: str = ""
) -> dict[str, Dull]:
    """
    Find the indicators that tell nothing: known of few, the same for all, or in the same order as an earlier one.

    `least_known` is the share of the rows of which an indicator must be known; for `always` two rows are enough.
    """
    found: dict[str, Dull] = {}
    ranks = indicators[list(names)].astype(float).rank()
    for at, name in enumerate(names):
        earlier = [other for other in names[:at] if other not in found]
        known = ranks[name].notna()
        if known.sum() < min(LEAST_ROWS, len(known)) or (known.mean() < least_known and name != always):
            found[name] = Dull.UNKNOWN
        elif ranks[name].min() == ranks[name].max():
            found[name] = Dull.CONSTANT
        elif any(ranks[name].equals(ranks[other]) for other in earlier):
            found[name] = Dull.COPY
    return found


def ranking(
    indicators: pd.DataFrame,
    weights: Mapping[str, float],
    *,
    draws: int,
    seed: int,
    with_gaps: bool = False,
    varied: Mapping[str, Floats] = NOTHING,
) -> pd.DataFrame:
    """
    Rank rows by a weighted sum of indicators, and again under many other weights.

    Each indicator is first turned into the share of rows that it is greater than (ties share the middle), so that no
    unit and no outlier decides. The other weights are drawn from a Dirichlet distribution whose mean is the weights
    given and whose parameters add up to the number of indicators: for equal weights every mixture is equally likely.
    As in Saisana, Saltelli and Tarantola (2005), *Uncertainty and sensitivity analysis techniques as tools for
    the quality assessment of composite indicators*, Journal of the Royal Statistical Society A 168.

    Parameters
    ----------
    indicators
        One row per thing ranked, under its id; more is worse.
    weights
        For columns of `indicators`; positive.
    draws, seed
        How many other weights to try, and the seed of them.
    with_gaps
        Also rank rows that miss some of the indicators, if not all: in the middle of the order of a missing one, and in
        each draw at a random place in it, so that the range of their rank is wider.
    varied
        Other values that an indicator may have: for each row of `indicators` one a draw.

    Returns
    -------
    DataFrame
        Highest first: `id`, `score` (0 to 1), `rank` (1 the highest; ties share the best), `rank_low` and `rank_high`
        (nine draws in ten lie between), `in_top_ten` (share of draws); without rows that miss an indicator, or all of
        them with gaps.

    Raises
    ------
    FrameError
        If a weight is not positive or is of no indicator. A `ValueError`.
    """
    if set(weights) - set(indicators.columns) or not weights or min(weights.values()) <= 0:
        raise FrameError(N_("weights must be positive and of indicators: {names}"), names=", ".join(indicators.columns))
    values = indicators[list(weights)].astype(float)
    is_ranked = values.notna().any(axis=1) if with_gaps else values.notna().all(axis=1)
    values = values[is_ranked]
    scaled = _scaled(values)
    shares = np.array(list(weights.values())) / sum(weights.values())
    random = np.random.default_rng(seed)
    drawn = random.dirichlet(shares * len(shares), size=draws)
    scores = np.nan_to_num(scaled) @ drawn.T
    for at, name in enumerate(weights):
        if name in varied:
            other = _scaled(pd.DataFrame(varied[name][is_ranked.to_numpy()]))
            scores += np.nan_to_num(other - scaled[:, [at]]) * drawn[:, at]
        gaps = np.isnan(scaled[:, at])
        scores[gaps] += random.random((int(gaps.sum()), draws)) * drawn[:, at]
    ranks = pd.DataFrame(-scores).round(12).rank(method="min")
    low, high = (ranks.quantile(q, axis=1, interpolation="nearest").to_numpy(dtype=int) for q in RANGE)
    score = np.nan_to_num(scaled, nan=MIDDLE) @ shares
    table = pd.DataFrame(
        {
            "id": values.index.to_numpy(),
            "score": score,
            "rank": pd.Series(-score).round(12).rank(method="min").to_numpy(dtype=int),
            "rank_low": low,
            "rank_high": high,
            "in_top_ten": (ranks <= TOP).mean(axis=1).to_numpy(),
        }
    )
    return table.sort_values(["rank", "id"], ignore_index=True)


def _scaled(values: pd.DataFrame) -> Floats:
    """Return the place of each value in the order of its column: 0 the lowest, 1 the highest, a single one between."""
    steps = values.notna().sum() - 1
    return np.asarray(((values.rank() - 1) / steps.where(steps > 0)).where(values.isna() | (steps > 0), MIDDLE), float)
