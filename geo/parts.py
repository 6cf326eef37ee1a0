"""Layers cut into parts of features that lie in a row: to be shared out, or to be worked on by and by."""

import itertools

import numpy as np
import shapely

from geo.plane import Geometries, Ints

FEATURES = 100_000  # of a part that is worked on in memory, at most
CORNERS = 2_000_000  # of one, about: work on a corner takes some hundred bytes


def runs(corners: Ints, *, features: int, most_corners: int) -> list[slice]:
    """
    Part features of so many `corners`.

    A part has at most so many features; its corners are about as many as `most_corners`, for no feature is cut.
    """
    number = np.arange(len(corners)) // features + np.cumsum(corners) // most_corners
    begins = np.flatnonzero(np.diff(number, prepend=-1))
    return [slice(begin, end) for begin, end in itertools.pairwise([*begins, len(corners)])]


def parts(corners: Ints) -> list[slice]:
    """Part features of so many `corners`, so that any part can be worked on in memory."""
    return runs(corners, features=FEATURES, most_corners=CORNERS)


def parts_of(shapes: Geometries) -> list[slice]:
    """Part geometries, of which any may be absent; at least one part, which may be empty."""
    return parts(np.asarray(shapely.get_num_coordinates(shapes), dtype=np.int64)) or [slice(0, 0)]
