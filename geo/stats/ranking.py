"""A ranking by several indicators, and how far it depends on their weights."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

import numpy as np
import pandas as pd

from lindero.geo.errors import N_, FrameError

TOP = 10
LEAST_KNOWN = 0.9  # share of the rows of which an indicator must be known: one that few have would leave the others out
RANGE = (0.05, 0.95)  # nine draws in ten


class Dull(StrEnum):
    """Why an indicator tells nothing about the order."""

    CONSTANT = "constant"  # the same for all of which it is known
    COPY = "copy"  # orders them as another one does
    UNKNOWN = "unknown"  # it is known of fewer than nine in ten


def dull(indicators: pd.DataFrame, names: Sequence[str]) -> dict[str, Dull]:
    """Name the indicators that tell nothing: known of few, the same for all, or in the same order as one before."""
    found: dict[str, Dull] = {}
    ranks = indicators[list(names)].astype(float).rank()
    for at, name in enumerate(names):
        earlier = [other for other in names[:at] if other not in found]
        if ranks[name].notna().mean() < LEAST_KNOWN:
            found[name] = Dull.UNKNOWN
        elif ranks[name].min() == ranks[name].max():
            found[name] = Dull.CONSTANT
        elif any(ranks[name].equals(ranks[other]) for other in earlier):
            found[name] = Dull.COPY
    return found


def ranking(indicators: pd.DataFrame, weights: Mapping[str, float], *, draws: int, seed: int) -> pd.DataFrame:
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
        One row per thing ranked, under its id; more is worse. Of what misses one that weighs nothing is said.
    weights
        For columns of `indicators`; positive.
    draws, seed
        How many other weights to try, and the seed of them.

    Returns
    -------
    DataFrame
        Highest first: `id`, `score` (0 to 1), `rank` (1 the highest; ties share the best), `rank_low` and `rank_high`
        (nine draws in ten lie between), `in_top_ten` (share of draws); without what misses an indicator.

    Raises
    ------
    FrameError
        If a weight is not positive or is of no indicator. A `ValueError`.
    """
    if set(weights) - set(indicators.columns) or not weights or min(weights.values()) <= 0:
        raise FrameError(N_("weights must be positive and of indicators: {names}"), names=", ".join(indicators.columns))
    complete = indicators[list(weights)].astype(float).dropna()
    scaled = ((complete.rank() - 1) / max(len(complete) - 1, 1)).to_numpy()
    shares = np.array(list(weights.values())) / sum(weights.values())
    drawn = np.random.default_rng(seed).dirichlet(shares * len(shares), size=draws)
    ranks = pd.DataFrame(-scaled @ drawn.T).round(12).rank(method="min")
    low, high = (ranks.quantile(q, axis=1, interpolation="nearest").to_numpy(dtype=int) for q in RANGE)
    score = scaled @ shares
    table = pd.DataFrame(
        {
            "id": complete.index.to_numpy(),
            "score": score,
            "rank": pd.Series(-score).round(12).rank(method="min").to_numpy(dtype=int),
            "rank_low": low,
            "rank_high": high,
            "in_top_ten": (ranks <= TOP).mean(axis=1).to_numpy(),
        }
    )
    return table.sort_values(["rank", "id"], ignore_index=True)
