"""A check of the compiled area kernel: a sample of the areas is measured again with GEOS."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lindero.geo.geometry.projection import Floats, Geometries, Ints
from lindero.geo.overlay.intersection import ROUNDING_M2, find_candidates, shared_area_m2
from lindero.geo.overlay.prepared_layer import PolygonLayer
from lindero.machine.threads import map_chunks

SAMPLE = 1_000
TOLERANCE = 1e-6  # share of the area

_CHUNK_PAIRS = 100  # pairs; the geometry of both sides is built in memory


def find_disagreements(
    left: gpd.GeoDataFrame | PolygonLayer,
    right: gpd.GeoDataFrame | PolygonLayer,
    *,
    seed: int = 0,
    sample: int = SAMPLE,
) -> pd.DataFrame:
    """Measure a random sample of pairs with intersecting boxes again with GEOS, and return those that disagree.

    GEOS itself is sometimes wrong by a whole lobe, in one order of its arguments and not in the other. An area
    therefore counts as wrong only if it disagrees with both orders and with the area from the union (inclusion and
    exclusion). The tolerance is `TOLERANCE` or the possible rounding error.

    Parameters
    ----------
    left, right
        Frames of valid polygons, or prepared layers, in any CRS, with a unique `id`.
    seed
        Seed of the sample.
    sample
        Number of pairs at most.

    Returns
    -------
    DataFrame
        `left_id`, `right_id`, `area_m2`, `geos_m2`, `left`, `right` (WKB on the equal-area plane). Empty if all areas
        agree.

    Raises
    ------
    GeoError
        If a frame is not valid, as in `geo.overlay.overlap`. A `ValueError`.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import box
    >>> left = gpd.GeoDataFrame({"id": ["a"]}, geometry=[box(0, 0, 1, 1)], crs="OGC:CRS84")
    >>> right = gpd.GeoDataFrame({"id": ["b"]}, geometry=[box(0.5, 0, 1.5, 1)], crs="OGC:CRS84")
    >>> len(find_disagreements(left, right))
    0
    """
    left, right = PolygonLayer.from_frame(left), PolygonLayer.from_frame(right)
    at_left, at_right = find_candidates(left, right)
    sampled = np.sort(np.random.default_rng(seed).permutation(len(at_left))[:sample])
    at_left, at_right = at_left[sampled], at_right[sampled]

    def measure(chunk: slice) -> pd.DataFrame:
        return _compare_with_geos(left, right, at_left[chunk], at_right[chunk])

    return pd.concat(map_chunks(measure, len(sampled), chunk=_CHUNK_PAIRS) or [measure(slice(0))], ignore_index=True)


def _compare_with_geos(left: PolygonLayer, right: PolygonLayer, at_left: Ints, at_right: Ints) -> pd.DataFrame:
    area = shared_area_m2(left, right, at_left, at_right)
    sides = left.shapes[at_left], right.shapes[at_right]
    geos = np.asarray(shapely.area(shapely.intersection(*sides)))
    wrong = np.flatnonzero(_differs(area, geos))
    wrong = wrong[_differs_from_all(area[wrong], sides[0][wrong], sides[1][wrong])]
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


def _differs_from_all(area: Floats, left: Geometries, right: Geometries) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    by_union = shapely.area(left) + shapely.area(right) - shapely.area(shapely.union(left, right))
    alternatives = shapely.area(shapely.intersection(right, left)), by_union
    return np.asarray(np.all([_differs(area, alternative) for alternative in alternatives], axis=0))


def _differs(area: Floats, reference: Floats) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.asarray(np.abs(area - reference) > np.maximum(TOLERANCE * reference, ROUNDING_M2))
