"""Multiple tests: control of the false discovery rate, and p-values of uncertain data."""

import math

import numpy as np

from lindero.geo.geometry.projection import Floats

MIN_DRAW_SHARE = 0.95  # share of the draws in which a place must be significant
RATE = 0.05  # expected share of false positives among the places called hot
_MARGIN = 2  # so that a single chance exceedance does not undo a lone hotspot


def benjamini_hochberg(p: Floats) -> Floats:
    """Compute the lowest false discovery rate at which each test passes (q-value).

    q of the k-th smallest p is the minimum of n · p / rank from there on. It is valid for tests that are independent
    or, as those of neighbouring places, positively dependent.

    Benjamini and Hochberg (1995), *Controlling the false discovery rate*, Journal of the Royal Statistical Society B
    57. Benjamini and Yekutieli (2001), Annals of Statistics 29.
    """
    order = np.argsort(p, kind="stable")
    scaled = p[order] * len(p) / np.arange(1, len(p) + 1)
    q = np.empty(len(p))
    q[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1)
    return q


def pool(p: Floats) -> Floats:
    """Combine the p-values of several draws, (draws, places), into one p-value per place.

    The p-value that 19 of 20 draws do not exceed, divided by 19/20, is a p-value, whatever the dependence between the
    draws. A place that is significant in some draws only is not significant any more.

    Meinshausen, Meier and Bühlmann (2009), *p-Values for high-dimensional regression*, Journal of the American
    Statistical Association 104, theorem 3.1.
    """
    if len(p) == 1:
        return np.asarray(p[0])
    return np.asarray(np.minimum(np.quantile(p, MIN_DRAW_SHARE, axis=0, method="higher") / MIN_DRAW_SHARE, 1))


def count_permutations(tests: int, *, draws: int = 1, rate: float = RATE) -> int:
    """Compute the number of permutations at which a single hotspot among all places can pass the correction.

    The smallest p-value is 1 / (permutations + 1), or slightly more if it is pooled over draws. It must not exceed rate
    / tests.

    Returns: at least 999.
    """
    needed = tests / rate / (MIN_DRAW_SHARE if draws > 1 else 1) * _MARGIN
    return max(1_000, math.ceil(needed / 1_000) * 1_000) - 1
