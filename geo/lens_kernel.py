"""
How wide and how long the ground is that two polygons share, without drawing it.

The line of `geo.sweep_line` goes over the edges of both. Where it is in both polygons, its stretches are heights of the
shared ground; what bounds them above, below and, from stop to stop, at the sides is its outline.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from geo import local
from geo.chains import HIGH_X, HIGH_Y, LOW_X, LOW_Y, ChainTrees
from geo.compiled import compiled, inlined
from geo.depth_kernel import deepens
from geo.plane import Floats, Ints
from geo.sweep_line import (
    COLUMNS,
    edges_within,
    height_at,
    keep_active,
    spans_of,
    stops_of,
)
from geo.threads import in_threads

_metres_per_plane = compiled(local.metres_per_plane)

_NOTHING_M = 1e-6  # thinner ground is rounding
_TRIES = 32  # places at which a disc is tried


class Lens(NamedTuple):
    """What pairs share, on the ground."""

    outline_m: Floats
    width_m: Floats  # no disc in it is wider
    holds: npt.NDArray[np.bool_]  # a place was found that is farther from both boundaries than was asked


def lenses(  # noqa: PLR0917  two of each
    left: ChainTrees, right: ChainTrees, at_left: Ints, at_right: Ints, left_m: Floats, right_m: Floats
) -> Lens:
    """
    Measure what pairs share.

    Parameters
    ----------
    left_m, right_m
        (pairs): how far, in metres on the ground, a place should be from the boundary of either side.
    """
    width, holds = np.empty(len(at_left)), np.empty(len(at_left), dtype=bool)

    def measure(chunk: slice, outline: Floats) -> None:
        some = at_left[chunk], at_right[chunk], left_m[chunk], right_m[chunk]
        _measure_lenses(left, right, *some, Lens(outline, width[chunk], holds[chunk]))

    outline = in_threads(measure, len(at_left), chunk=256)
    return Lens(outline, width, holds)


@compiled
def _measure_lenses(  # noqa: PLR0917
    left: ChainTrees, right: ChainTrees, at_left: Ints, at_right: Ints, left_m: Floats, right_m: Floats, found: Lens
) -> None:
    box, places = np.empty(4), np.empty((_TRIES, 3))
    edges = np.empty((64, COLUMNS))
    for pair in range(len(at_left)):
        p, q = left.root[at_left[pair]], right.root[at_right[pair]]
        for low, high in ((LOW_X, HIGH_X), (LOW_Y, HIGH_Y)):
            box[low] = max(left.box[p, low], right.box[q, low])
            box[high] = min(left.box[p, high], right.box[q, high])
        edges, known = edges_within(box, left, at_left[pair : pair + 1], right, at_right[pair : pair + 1], edges)
        found.outline_m[pair], found.width_m[pair] = _sweep(edges[:known], places)
        found.holds[pair] = False
        if found.width_m[pair] < 2 * min(left_m[pair], right_m[pair]):
            continue
        for place in places:
            if place[2] > 0 and deepens(left, p, right, q, place[0], place[1], left_m[pair], right_m[pair]):
                found.holds[pair] = True
                break


@compiled
def _sweep(edges: Floats, places: Floats) -> tuple[float, float]:
    """Give the outline and the width; write to `places` where each part of it is highest: x, y, how high."""
    stops = stops_of(edges)
    active, height, alive, entered = np.empty(len(edges), np.int64), np.empty(len(edges)), 0, 0
    spans, before, count, count_before = np.empty((len(edges), 2), np.int64), np.empty((len(edges), 2), np.int64), 0, 0
    places[:, 2] = 0.0
    outline, first, last, level = 0.0, np.inf, -np.inf, np.inf
    for stop in range(len(stops) - 1):
        left, right = stops[stop], stops[stop + 1]
        if left == right:
            continue
        alive, entered = keep_active(edges, active, height, alive, entered, left, right)
        count = spans_of(edges, active[:alive], 2, left, right, _NOTHING_M, spans)
        outline += _sides_m(edges, before[:count_before], spans[:count], left)
        part = int((left - stops[0]) / (stops[-1] - stops[0]) * len(places))
        for k in range(count):
            low_left, low_right = height_at(edges, spans[k, 0], left), height_at(edges, spans[k, 0], right)
            top_left, top_right = height_at(edges, spans[k, 1], left), height_at(edges, spans[k, 1], right)
            outline += _length_m(right - left, low_right - low_left, (low_left + low_right) / 2)
            outline += _length_m(right - left, top_right - top_left, (top_left + top_right) / 2)
            high = _length_m(0.0, max(top_left - low_left, top_right - low_right), low_left)
            level = min(level, abs(low_left), abs(top_left))  # a step to the east is longest near the equator
            if high > places[part, 2]:
                middle = (low_left + low_right + top_left + top_right) / 4
                places[part, 0], places[part, 1], places[part, 2] = (left + right) / 2, middle, high
        if count:
            first, last = min(first, left), max(last, right)
        spans, before, count_before = before, spans, count
    if first >= last:
        return 0.0, 0.0
    outline += _sides_m(edges, before[:count_before], spans[:0], stops[-1])
    return outline, min(places[:, 2].max(), _length_m(last - first, 0.0, level))


@compiled
def _sides_m(edges: Floats, one: Ints, other: Ints, x: float) -> float:
    """Measure where, along the line at x, there is shared ground on one side alone."""
    length, i, j = 0.0, 0, 0
    for spans in (one, other):
        for k in range(len(spans)):
            low, high = height_at(edges, spans[k, 0], x), height_at(edges, spans[k, 1], x)
            length += _length_m(0.0, high - low, (low + high) / 2)
    while i < len(one) and j < len(other):
        top_one, top_other = height_at(edges, one[i, 1], x), height_at(edges, other[j, 1], x)
        low = max(height_at(edges, one[i, 0], x), height_at(edges, other[j, 0], x))
        high = min(top_one, top_other)
        if high > low:
            length -= 2 * _length_m(0.0, high - low, (low + high) / 2)
        if top_one <= top_other:
            i += 1
        else:
            j += 1
    return length


@inlined
def _length_m(east: float, north: float, y: float) -> float:
    """Measure a step on the plane at height y in metres on the ground."""
    per_east, per_north = _metres_per_plane(y)
    return float(np.hypot(east * per_east, north * per_north))
