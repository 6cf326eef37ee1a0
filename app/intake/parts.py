"""How a layer is cut into parts of neighbours: to be shared out, or to be worked on by and by."""

import numpy as np

from geo.plane import Ints


def runs(corners: Ints, *, features: int, most_corners: int) -> list[slice]:
    """
    Part features that lie in a row, each of so many `corners`.

    A part has at most so many features; its corners are about as many as `most_corners`, for no feature is cut.
    """
    number = np.arange(len(corners)) // features + np.cumsum(corners) // most_corners
    starts = np.flatnonzero(np.diff(number, prepend=-1))
    return [slice(begin, end) for begin, end in zip(starts, [*starts[1:], len(corners)], strict=True)]
