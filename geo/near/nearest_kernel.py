"""The nearest place on many outlines: `geo.near.nearest` for those who ask again and again."""

import numpy as np

from lindero.geo.geometry.projection import Floats, Ints
from lindero.geo.kernels.numba_jit import compiled
from lindero.geo.near.edge_index import PER_M, Units


@compiled
def nearest_feet(  # noqa: PLR0917  compiled code knows no keywords
    first_run: Ints, first_corner: Ints, ball: Units, corner: Units, at: Ints, point: Floats, within_m: float
) -> Floats:
    """
    Find, for each feature, the place on its chords that is nearest to a point in space.

    Parameters
    ----------
    first_run, first_corner, ball, corner
        As in `geo.near.edge_index.EdgeIndex`.
    at
        Positions of the features.
    point
        x, y, z in metres from the centre of the Earth.
    within_m
        Features farther away need no answer.

    Returns
    -------
    array
        (3, len(at)): places relative to the point; infinite for features that are farther than `within_m`.
    """
    feet = np.full((3, len(at)), np.inf)
    for row in range(len(at)):
        least = within_m * within_m
        for run in range(first_run[at[row]], first_run[at[row] + 1]):
            x, y, z = _from(point, ball, run)
            if x * x + y * y + z * z > (np.sqrt(least) + ball[run, 3] / PER_M) ** 2:
                continue
            x, y, z = _from(point, corner, first_corner[run])
            for end in range(first_corner[run] + 1, first_corner[run + 1]):
                to_x, to_y, to_z = _from(point, corner, end)
                dx, dy, dz = to_x - x, to_y - y, to_z - z
                length2 = dx * dx + dy * dy + dz * dz
                along = min(max(-(x * dx + y * dy + z * dz) / length2, 0.0), 1.0) if length2 > 0 else 0.0
                foot_x, foot_y, foot_z = x + along * dx, y + along * dy, z + along * dz
                distance2 = foot_x * foot_x + foot_y * foot_y + foot_z * foot_z
                if distance2 <= least:
                    least = distance2
                    feet[0, row], feet[1, row], feet[2, row] = foot_x, foot_y, foot_z
                x, y, z = to_x, to_y, to_z
    return feet


@compiled
def _from(point: Floats, places: Units, at: int) -> tuple[float, float, float]:
    return places[at, 0] / PER_M - point[0], places[at, 1] / PER_M - point[1], places[at, 2] / PER_M - point[2]
