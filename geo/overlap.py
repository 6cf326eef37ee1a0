"""Where two polygon layers share ground."""

from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.areas import M2_PER_HA
from geo.certainty import certainty, within_accuracy
from geo.crs import DEGREES
from geo.errors import N_, FrameError
from geo.ground import Ground
from geo.plane import Geometries, Ints, is_polygonal, unproject

CHUNK = 20_000  # pairs at a time, so that memory follows what is kept and not the size of the layers


def overlap(
    left: gpd.GeoDataFrame,
    right: gpd.GeoDataFrame,
    *,
    min_ha: float = 0.01,
    with_geometry: bool = False,
    grown: bool = False,
) -> pd.DataFrame:
    """
    Lay every polygon of `left` over every polygon of `right`.

    Parameters
    ----------
    left, right
        Valid polygons in one CRS, each with a unique `id`; `boundary_accuracy_m` in metres where known (assumed 50
        otherwise). Rows that are points or have no geometry share no area and make no pair. Neither frame is changed.
    min_ha
        Drop smaller overlaps, which are digitising slivers.
    with_geometry
        Also draw what each pair shares.
    grown
        Also give pairs that share nothing as drawn but would if both boundaries lay as far out as their accuracy
        allows: `area_ha` 0, `possible`.

    Returns
    -------
    DataFrame
        One row per pair, largest first: `left_id`, `right_id`, `area_ha` (hectares on the ellipsoid, to 0.1 %),
        `share_of_left` and `share_of_right` (0 to 1), `certainty` (`certain`, `possible`, `sliver`). With geometry a
        GeoDataFrame in OGC:CRS84.

    Raises
    ------
    FrameError
        If a CRS or `id` is missing, the CRSs differ, or ids repeat. A `ValueError`.
    InvalidGeometryError
        If a geometry is invalid or outside the world. A `ValueError`.
    """
    if left.crs != right.crs:
        raise FrameError(N_("left is in {left}, right in {right}: reproject one"), left=left.crs, right=right.crs)
    sides = Ground.of(left), Ground.of(right)
    dropped = [] if with_geometry else ["geometry"]  # chunk by chunk, for geometry is most of the memory
    chunks = [_measure(*sides, pairs, min_ha).drop(columns=dropped) for pairs in _candidates(*sides)]
    if grown:
        chunks.append(_grown(*sides, chunks))
    measured = pd.concat(chunks, ignore_index=True)
    return _table(*sides, measured, with_geometry)


def _candidates(left: Ground, right: Ground) -> Iterator[tuple[Ints, Ints]]:
    """Pair by bounding boxes, by and by; at least one chunk, which may be empty."""
    at_left, at_right = shapely.STRtree(right.shapes).query(left.shapes)
    order = np.lexsort((at_left, at_right))
    for start in range(0, max(len(order), 1), CHUNK):
        chunk = order[start : start + CHUNK]
        yield at_left[chunk], at_right[chunk]


def shared_ground(left: Geometries, right: Geometries) -> Geometries:
    """
    Intersect two arrays of plane polygons pair by pair.

    The side with more corners is prepared, so that most pairs are settled by whether it covers the other, or misses it.
    """
    left_is_larger = shapely.get_num_coordinates(left) > shapely.get_num_coordinates(right)
    large, small = np.where(left_is_larger, left, right), np.where(left_is_larger, right, left)
    shapely.prepare(large)
    shared = small.copy()
    crossing = np.flatnonzero(~shapely.covers(large, small))
    crossing_large, crossing_small = large[crossing], small[crossing]
    meet = shapely.intersects(crossing_large, crossing_small)
    shared[crossing] = shapely.Polygon()
    shared[crossing[meet]] = shapely.intersection(crossing_small[meet], crossing_large[meet])
    shapely.destroy_prepared(large)
    return shared


def _measure(left: Ground, right: Ground, pairs: tuple[Ints, Ints], min_ha: float) -> pd.DataFrame:
    """Measure and grade the overlaps of pairs given by position."""
    at_left, at_right = pairs
    shared = shared_ground(left.shapes[at_left], right.shapes[at_right])
    area_m2 = shapely.area(shared)
    kept = np.flatnonzero((area_m2 > 0) & (area_m2 >= min_ha * M2_PER_HA))
    at_left, at_right, shared = at_left[kept], at_right[kept], shared[kept]
    grades = certainty(
        shared, left.shapes[at_left], right.shapes[at_right], left.accuracy_m[at_left], right.accuracy_m[at_right]
    )
    return pd.DataFrame(
        {
            "at_left": at_left,
            "at_right": at_right,
            "area_m2": area_m2[kept],
            "certainty": grades.astype(object),
            "geometry": shared,
        }
    )


def _grown(left: Ground, right: Ground, drawn: list[pd.DataFrame]) -> pd.DataFrame:
    """List the pairs that share ground only if both sides grow."""
    near = pd.DataFrame(dict(zip(("at_left", "at_right"), within_accuracy(left, right), strict=True)))
    known = pd.concat([chunk[["at_left", "at_right"]] for chunk in drawn])
    only = near[~pd.MultiIndex.from_frame(near).isin(pd.MultiIndex.from_frame(known))]
    nothing = np.full(len(only), shapely.Polygon(), dtype=object)
    pairs = only.assign(area_m2=0.0, certainty="possible", geometry=nothing)
    return pairs[drawn[0].columns]


def _table(left: Ground, right: Ground, measured: pd.DataFrame, with_geometry: bool) -> pd.DataFrame:  # noqa: FBT001
    """Name the pairs and put the largest first; equal ones by their ids."""
    at_left, at_right = measured["at_left"].to_numpy(dtype=int), measured["at_right"].to_numpy(dtype=int)
    area_m2 = measured["area_m2"].to_numpy(dtype=float)
    pairs = pd.DataFrame(
        {
            "left_id": left.ids.iloc[at_left].reset_index(drop=True),
            "right_id": right.ids.iloc[at_right].reset_index(drop=True),
            "area_ha": area_m2 / M2_PER_HA,
            "share_of_left": np.minimum(area_m2 / left.area_m2[at_left], 1.0),
            "share_of_right": np.minimum(area_m2 / right.area_m2[at_right], 1.0),
            "certainty": measured["certainty"].astype(str),
        }
    )
    if with_geometry:
        shapes = shapely.transform(_polygons_only(measured["geometry"].to_numpy()), unproject)
        pairs = gpd.GeoDataFrame(pairs, geometry=shapes, crs=DEGREES)
    return pairs.sort_values(
        ["area_ha", "left_id", "right_id"], ascending=[False, True, True], ignore_index=True, kind="stable"
    )


def _polygons_only(shapes: Geometries) -> Geometries:
    """Leave out the lines and points along which a pair merely touches."""
    shapes = shapes.copy()
    for at in np.flatnonzero(~is_polygonal(shapes)):
        parts = shapely.get_parts(shapes[at])
        shapes[at] = shapely.union_all(parts[shapely.area(parts) > 0])
    return shapes
