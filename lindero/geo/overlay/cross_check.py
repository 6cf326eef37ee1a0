"""Whether the fast areas can be trusted: a sample measured again by another program."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lindero.geo.geometry.projection import Floats, Geometries, Ints
from lindero.geo.overlay.intersection import ROUNDING_M2, candidates, let_go, shared_area_m2
from lindero.geo.overlay.prepared_layer import Ground
from lindero.machine.threads import shared_out

SAMPLE = 1_000
TOLERANCE = 1e-6  # of the area

_AT_ONCE = 100  # pairs, for both sides of them are drawn


def distrust(
    left: gpd.GeoDataFrame | Ground, right: gpd.GeoDataFrame | Ground, *, seed: int = 0, sample: int = SAMPLE
) -> pd.DataFrame:
    """
    Measure a seeded sample of the pairs whose boxes meet again with GEOS, and give those on which the two disagree.

    GEOS itself errs now and then, by a whole lobe, in one order of its arguments and not in the other. So an area is
    taken to be wrong only if neither order of GEOS, nor the union of the two (inclusion and exclusion), agrees with it
    to `TOLERANCE` or to what rounding may do.

    Returns
    -------
    DataFrame
        `left_id`, `right_id`, `area_m2`, `geos_m2`, `left`, `right` (WKB on the equal-area plane); empty if all is
        well.
    """
    left, right = Ground.of(left), Ground.of(right)
    at_left, at_right = candidates(left, right)
    drawn = np.sort(np.random.default_rng(seed).permutation(len(at_left))[:sample])
    at_left, at_right = at_left[drawn], at_right[drawn]

    def measure(some: slice) -> pd.DataFrame:
        return _distrusted(left, right, at_left[some], at_right[some])

    return pd.concat(shared_out(measure, len(drawn), chunk=_AT_ONCE) or [measure(slice(0))], ignore_index=True)


def _distrusted(left: Ground, right: Ground, at_left: Ints, at_right: Ints) -> pd.DataFrame:
    let_go(left, right)
    area = shared_area_m2(left, right, at_left, at_right)
    sides = left.drawn(at_left), right.drawn(at_right)
    geos = np.asarray(shapely.area(shapely.intersection(*sides)))
    wrong = np.flatnonzero(_differ(area, geos))
    wrong = wrong[_differ_every_way(area[wrong], sides[0][wrong], sides[1][wrong])]
    return pd.DataFrame(
        {
            "left_id": left.ids.iloc[at_left[wrong]].reset_index(drop=True),
            "right_id": right.ids.iloc[at_right[wrong]].reset_index(drop=True),
            "area_m2": area[wrong],
            "geos_m2": geos[wrong],
            "left": shapely.to_wkb(sides[0][wrong]),
            "right": shapely.to_wkb(sides[1][wrong]),
        }
    )


def _differ_every_way(area: Floats, left: Geometries, right: Geometries) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    by_union = shapely.area(left) + shapely.area(right) - shapely.area(shapely.union(left, right))
    other_ways = shapely.area(shapely.intersection(right, left)), by_union
    return np.asarray(np.all([_differ(area, other) for other in other_ways], axis=0))


def _differ(area: Floats, other: Floats) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.asarray(np.abs(area - other) > np.maximum(TOLERANCE * other, ROUNDING_M2))
