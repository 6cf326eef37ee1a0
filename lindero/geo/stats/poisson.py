"""The exact confidence interval of a Poisson count."""

import math

import numpy as np

CONFIDENCE = 0.95
_STEPS = 60  # bisections: far below the precision of a float


def poisson_interval(count: int, *, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Compute the exact confidence interval of the mean of a Poisson distribution from one count.

    Garwood (1936), *Fiducial limits for the Poisson distribution*, Biometrika 28.
    """
    tail = (1 - confidence) / 2
    low = _find_mean(count - 1, 1 - tail) if count else 0.0
    return low, _find_mean(count, tail)


def _find_mean(count: int, probability: float) -> float:
    """Return the mean at which at most `count` events have the given probability."""
    low, high = 0.0, count + 10 * math.sqrt(count + 1) + 10
    for _step in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if _probability_at_most(count, middle) > probability else (low, middle)
    return (low + high) / 2


def _probability_at_most(count: int, mean: float) -> float:
    numbers = np.arange(count + 1)
    logs = np.concatenate(([0.0], np.cumsum(np.log(numbers[1:]))))
    return float(np.exp(numbers * math.log(mean) - mean - logs).sum())
