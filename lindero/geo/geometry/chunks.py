"""Layers cut into parts of features that lie in a row: to be shared out, or to be worked on by and by."""

import itertools

import numpy as np
import shapely

from lindero.geo.geometry.projection import Geometries, Ints

FEATURES = 100_000  # of a part that is worked on in memory, at most
CORNERS = 2_000_000  # of one, about: work on a corner takes some hundred bytes


def runs(weights: Ints, *, features: int, most: int) -> list[slice]:
    """
    Part features of such weights: their numbers of corners, say.

    A part has at most so many features; it weighs about as much as `most`, for no feature is cut.
    """
    number = np.arange(len(weights)) // features + np.cumsum(weights) // most
    begins = np.flatnonzero(np.diff(number, prepend=-1))
    return [slice(begin, end) for begin, end in itertools.pairwise([*begins, len(weights)])]


def parts(corners: Ints) -> list[slice]:
    """Part features of so many `corners`, so that any part can be worked on in memory."""
    return runs(corners, features=FEATURES, most=CORNERS)


def parts_of(shapes: Geometries) -> list[slice]:
    """Part geometries, of which any may be absent; at least one part, which may be empty."""
    return parts(np.asarray(shapely.get_num_coordinates(shapes), dtype=np.int64)) or [slice(0, 0)]
