"""Layers cut into parts of features that lie in a row: to be shared out, or to be worked on by and by."""

import numpy as np
import shapely

from lindero.geo.geometry.projection import Geometries, Ints
from lindero.machine.threads import runs

FEATURES = 100_000  # of a part that is worked on in memory, at most
CORNERS = 2_000_000  # of one, about: work on a corner takes some hundred bytes


def parts(corners: Ints) -> list[slice]:
    """Part features of so many `corners`, so that any part can be worked on in memory."""
    return runs(corners, features=FEATURES, most=CORNERS)


def parts_of(shapes: Geometries) -> list[slice]:
    """Part geometries, of which any may be absent; at least one part, which may be empty."""
    return parts(np.asarray(shapely.get_num_coordinates(shapes), dtype=np.int64)) or [slice(0, 0)]
