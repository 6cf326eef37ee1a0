"""The nearest place on many outlines, edge by edge: `geo.proximity` for those who ask again and again."""

import numpy as np

from geo.compiled import compiled
from geo.plane import Floats, Ints


@compiled
def nearest_feet(start: Floats, step: Floats, first_edge: Ints, at: Ints, point: Floats) -> Floats:
    """
    Find, for each feature, the place on its chords that is nearest to a point in space.

    Parameters
    ----------
    start, step, first_edge
        As in `EdgeIndex`.
    at
        Positions of the features.
    point
        x, y, z in metres from the centre of the Earth.

    Returns
    -------
    array
        (len(at), 3): places relative to the point.
    """
    feet = np.empty((len(at), 3))
    for row in range(len(at)):
        least = np.inf
        for edge in range(first_edge[at[row]], first_edge[at[row] + 1]):
            x, y, z = start[edge, 0] - point[0], start[edge, 1] - point[1], start[edge, 2] - point[2]
            dx, dy, dz = step[edge, 0], step[edge, 1], step[edge, 2]
            length2 = dx * dx + dy * dy + dz * dz
            along = min(max(-(x * dx + y * dy + z * dz) / length2, 0.0), 1.0) if length2 > 0 else 0.0
            x, y, z = x + along * dx, y + along * dy, z + along * dz
            distance2 = x * x + y * y + z * z
            if distance2 < least:
                least = distance2
                feet[row, 0], feet[row, 1], feet[row, 2] = x, y, z
    return feet
