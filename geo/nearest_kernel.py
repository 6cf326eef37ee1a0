"""The nearest place on many outlines: `geo.proximity` for those who ask again and again."""

from typing import NamedTuple

import numpy as np

from geo.compiled import compiled
from geo.plane import Floats, Ints

RUN = 16  # edges


class Runs(NamedTuple):
    """Edges in runs of up to `RUN` of one feature, each with a ball that holds it, so that far ones are passed over."""

    first_run: Ints  # (features + 1): where in the runs each feature begins
    first_edge: Ints  # (runs + 1): where in the edges each run begins
    ball: Floats  # (runs, 4): x, y, z of its centre and its radius, in metres


@compiled
def runs(start: Floats, step: Floats, first_edge: Ints) -> Runs:
    """Put the edges of each feature into runs; arguments as in `geo.proximity.EdgeIndex`."""
    features = len(first_edge) - 1
    first_run = np.zeros(features + 1, np.int64)
    for feature in range(features):
        edges = first_edge[feature + 1] - first_edge[feature]
        first_run[feature + 1] = first_run[feature] + (edges + RUN - 1) // RUN
    begins = np.empty(first_run[-1] + 1, np.int64)
    begins[-1] = first_edge[-1]
    ball = np.empty((first_run[-1], 4))
    for feature in range(features):
        for run in range(first_run[feature], first_run[feature + 1]):
            begin = first_edge[feature] + (run - first_run[feature]) * RUN
            end = min(begin + RUN, first_edge[feature + 1])
            begins[run] = begin
            for axis in range(3):
                low, high = np.inf, -np.inf
                for edge in range(begin, end):
                    here, there = start[edge, axis], start[edge, axis] + step[edge, axis]
                    low, high = min(low, here, there), max(high, here, there)
                ball[run, axis] = (low + high) / 2
            reach2 = 0.0
            for edge in range(begin, end):
                reach2 = max(
                    reach2, _distance2(start[edge], ball[run]), _distance2(start[edge] + step[edge], ball[run])
                )
            ball[run, 3] = np.sqrt(reach2)
    return Runs(first_run, begins, ball)


@compiled
def _distance2(place: Floats, centre: Floats) -> float:
    x, y, z = place[0] - centre[0], place[1] - centre[1], place[2] - centre[2]
    return float(x * x + y * y + z * z)


@compiled
def nearest_feet(  # noqa: PLR0917  compiled code knows no keywords
    start: Floats, step: Floats, runs: Runs, at: Ints, point: Floats, within_m: float
) -> Floats:
    """
    Find, for each feature, the place on its chords that is nearest to a point in space.

    Parameters
    ----------
    start, step
        As in `geo.proximity.EdgeIndex`.
    at
        Positions of the features.
    point
        x, y, z in metres from the centre of the Earth.
    within_m
        Features farther away need no answer.

    Returns
    -------
    array
        (len(at), 3): places relative to the point; infinite for features that are farther than `within_m`.
    """
    feet = np.full((len(at), 3), np.inf)
    for row in range(len(at)):
        least = within_m * within_m
        for run in range(runs.first_run[at[row]], runs.first_run[at[row] + 1]):
            radius = runs.ball[run, 3]
            if _distance2(point, runs.ball[run]) > (np.sqrt(least) + radius) ** 2:
                continue
            for edge in range(runs.first_edge[run], runs.first_edge[run + 1]):
                x, y, z = start[edge, 0] - point[0], start[edge, 1] - point[1], start[edge, 2] - point[2]
                dx, dy, dz = step[edge, 0], step[edge, 1], step[edge, 2]
                length2 = dx * dx + dy * dy + dz * dz
                along = min(max(-(x * dx + y * dy + z * dz) / length2, 0.0), 1.0) if length2 > 0 else 0.0
                x, y, z = x + along * dx, y + along * dy, z + along * dz
                distance2 = x * x + y * y + z * z
                if distance2 <= least:
                    least = distance2
                    feet[row, 0], feet[row, 1], feet[row, 2] = x, y, z
    return feet
