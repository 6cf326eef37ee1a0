"""Rates of small numbers, drawn towards the rate of all."""

import numpy as np

from lindero.geo.errors import N_, FrameError
from lindero.geo.geometry.projection import Floats


def empirical_bayes(events: Floats, base: Floats) -> Floats:
    """
    Smooth rates by global empirical Bayes: the smaller the base, the more a rate is drawn to the mean.

    rate_i = w_i · events_i / base_i + (1 - w_i) · m,  w_i = A / (A + m / base_i),  m = Σ events / Σ base,
    A = Σ base_i (events_i / base_i - m)² / Σ base - m / mean(base), not below 0.

    Marshall (1991), *Mapping disease and mortality rates using empirical Bayes estimators*, Applied Statistics 40; as
    `esda.smoothing.Empirical_Bayes`, which lets A fall below 0.

    Parameters
    ----------
    events
        (draws, places), or (places,).
    base
        (places,): what the events are counted against, all above 0.

    Raises
    ------
    FrameError
        If a base is not above 0. A `ValueError`.
    """
    if not (base > 0).all():
        raise FrameError(N_("a rate needs something above 0 to be counted against"))
    raw = events / base
    mean = events.sum(axis=-1, keepdims=True) / base.sum()
    between = (base * (raw - mean) ** 2).sum(axis=-1, keepdims=True) / base.sum() - mean / base.mean()
    between = np.maximum(between, 0)
    spread = between + mean / base
    weight = np.divide(between, spread, out=np.zeros_like(raw), where=spread > 0)
    return np.asarray(weight * raw + (1 - weight) * mean)
