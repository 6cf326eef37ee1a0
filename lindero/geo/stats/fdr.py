"""Many tests at once: how few of what they find may be chance, and what is to be made of uncertain data."""

import math

import numpy as np

from lindero.geo.geometry.projection import Floats

MOST = 0.95  # of the draws: in so many of them a place must be remarkable
RATE = 0.05  # of the places called hot, the share expected to be so by chance alone
_MARGIN = 2  # so that a single chance exceedance does not undo a lone hotspot


def benjamini_hochberg(p: Floats) -> Floats:
    """
    Give the least false discovery rate at which each test passes.

    q of the k-th smallest p is the smallest of n · p / rank from there on (Benjamini and Hochberg 1995, *Controlling
    the false discovery rate*, Journal of the Royal Statistical Society B 57). It holds for tests that are independent
    or, as those of neighbouring places, positively dependent (Benjamini and Yekutieli 2001, Annals of Statistics 29).
    """
    order = np.argsort(p, kind="stable")
    scaled = p[order] * len(p) / np.arange(1, len(p) + 1)
    q = np.empty(len(p))
    q[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1)
    return q


def pool(p: Floats) -> Floats:
    """
    Give one p-value for each place from those of several draws, (draws, places).

    The p-value that nineteen draws of twenty do not exceed, divided by 19/20, is one, however the draws depend on each
    other (Meinshausen, Meier and Bühlmann 2009, *p-Values for high-dimensional regression*, Journal of the American
    Statistical Association 104, theorem 3.1). A place that is remarkable in some draws only is so no longer.
    """
    if len(p) == 1:
        return np.asarray(p[0])
    return np.asarray(np.minimum(np.quantile(p, MOST, axis=0, method="higher") / MOST, 1))


def permutations_for(tests: int, *, draws: int = 1, rate: float = RATE) -> int:
    """
    Count the permutations with which one place alone, of all that are tested, can pass the correction.

    The smallest p-value is 1 / (permutations + 1), pooled over draws a little more; it must not exceed rate / tests.
    """
    least = tests / rate / (MOST if draws > 1 else 1) * _MARGIN
    return max(1_000, math.ceil(least / 1_000) * 1_000) - 1
