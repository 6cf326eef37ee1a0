"""Overlaps of two polygon layers."""

from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lindero.geo.errors import N_, FrameError
from lindero.geo.geometry.crs import DEGREES
from lindero.geo.geometry.projection import Floats, Geometries, Ints, is_polygonal, unproject
from lindero.geo.geometry.units import M2_PER_HA, MIN_HA
from lindero.geo.overlay.accuracy_buffers import INWARD, OUTWARD, buffered_shared_area_m2
from lindero.geo.overlay.certainty import CERTAIN, GRADES, POSSIBLE, certainty, find_pairs_within_accuracy
from lindero.geo.overlay.intersection import (
    ROUNDING_M2,
    find_candidates,
    intersect_pairs,
    shared_area_m2,
)
from lindero.geo.overlay.prepared_layer import PolygonLayer
from lindero.machine.threads import cores, map_chunks

CHUNK = 20_000  # maximum pairs at a time, so that memory depends on the result and not on the size of the layers
LEAST_CHUNK = 2_500  # with many cores, smaller chunks would build the same boundaries again and again
CHUNKS_A_CORE = 4  # so that no thread waits long for the last chunk
RANGE = ("certain", "possible")  # lower and upper bound of the shared area
_GRADES = pd.Series(GRADES, dtype=str)


def overlap(
    left: gpd.GeoDataFrame | PolygonLayer,
    right: gpd.GeoDataFrame | PolygonLayer,
    *,
    min_ha: float = MIN_HA,
    with_geometry: bool = False,
    grown: bool = False,
    with_range: bool = False,
) -> pd.DataFrame:
    """Compute the overlaps of every polygon of `left` with every polygon of `right`.

    Parameters
    ----------
    left, right
        Frames of valid polygons in one CRS, each with a unique `id`, and with `boundary_accuracy_m` in metres where
        known (otherwise 50 is assumed). Points and rows without geometry form no pairs. The frames are not changed. A
        layer that is used several times can be prepared once, with `PolygonLayer.from_frame`.
    min_ha
        Drop overlaps smaller than this many hectares, which are digitising slivers.
    with_geometry
        Also compute the geometry of each intersection.
    grown
        Also return the pairs that overlap only if both boundaries are farther out, within their accuracy: `area_ha` is
        0 and `certainty` is `possible`.
    with_range
        Also compute the shared area with both boundaries buffered inward and outward by their accuracies.

    Returns
    -------
    DataFrame
        One row per pair, largest first: `left_id`, `right_id`, `area_ha` (hectares on the ellipsoid, to 0.1 %),
        `share_of_left` and `share_of_right` (0 to 1), `certainty` (`certain`, `possible`, `sliver`). With a range also
        `certain_ha`, at most `area_ha` and 0 unless the pair is `certain`, and `possible_ha`, at least `area_ha`. With
        geometry it is a GeoDataFrame in OGC:CRS84.

    Raises
    ------
    FrameError
        If a CRS or `id` is missing, the CRSs differ, or ids repeat. A `ValueError`.
    InvalidGeometryError
        If a geometry is invalid or outside the possible range of coordinates. A `ValueError`.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import box
    >>> from lindero.geo import overlap
    >>> left = gpd.GeoDataFrame({"id": ["a"]}, geometry=[box(0, 0, 1, 1)], crs="OGC:CRS84")
    >>> right = gpd.GeoDataFrame({"id": ["b"]}, geometry=[box(0.5, 0, 1.5, 1)], crs="OGC:CRS84")
    >>> pairs = overlap(left, right)
    >>> pairs[["left_id", "right_id", "certainty"]].to_numpy().tolist()
    [['a', 'b', 'certain']]
    >>> pairs["area_ha"].round(-3).tolist(), pairs["share_of_left"].round(2).tolist()
    ([615000.0], [0.5])
    """
    if not isinstance(left, PolygonLayer) and not isinstance(right, PolygonLayer) and left.crs != right.crs:
        raise FrameError(
            N_("the left layer is in {left} and the right one in {right}; reproject one of them"),
            left=left.crs,
            right=right.crs,
        )
    sides = PolygonLayer.from_frame(left), PolygonLayer.from_frame(right)
    measured = _measure_overlaps(*sides, min_ha)
    if grown:
        measured = pd.concat([measured, _find_possible_pairs(*sides, measured)], ignore_index=True)
    table = _build_table(*sides, _add_range(*sides, measured) if with_range else measured)
    pairs = table.drop(columns=["at_left", "at_right"])
    if not with_geometry:
        return pairs
    shared = intersect_pairs(
        sides[0].shapes[table["at_left"].to_numpy()], sides[1].shapes[table["at_right"].to_numpy()]
    )
    return gpd.GeoDataFrame(pairs, geometry=shapely.transform(_keep_polygons(shared), unproject), crs=DEGREES)


def _measure_overlaps(left: PolygonLayer, right: PolygonLayer, min_ha: float) -> pd.DataFrame:
    """Find the pairs with intersecting bounding boxes, and measure their overlaps chunk by chunk."""
    at_left, at_right = find_candidates(left, right)
    _ = [(side.perimeter_m, side.hole_counts) for side in (left, right)]  # computed once, before threads read them

    def measure(chunk: slice) -> pd.DataFrame:
        return _measure_pairs(left, right, (at_left[chunk], at_right[chunk]), min_ha)

    chunks = map_chunks(measure, len(at_left), chunk=_chunk_size(len(at_left)))
    return pd.concat(chunks or [measure(slice(0))], ignore_index=True)


def _chunk_size(pairs: int) -> int:
    """Compute the number of pairs that a thread processes at a time. The results do not depend on it."""
    return min(CHUNK, max(LEAST_CHUNK, -(-pairs // (CHUNKS_A_CORE * cores()))))


def _measure_pairs(left: PolygonLayer, right: PolygonLayer, pairs: tuple[Ints, Ints], min_ha: float) -> pd.DataFrame:
    """Measure and grade the overlaps of pairs, given by position."""
    area_m2 = shared_area_m2(left, right, *pairs)
    rows = np.flatnonzero(area_m2 >= max(min_ha * M2_PER_HA, ROUNDING_M2))
    at_left, at_right, area_m2 = pairs[0][rows], pairs[1][rows], area_m2[rows]
    grades = certainty(left, right, at_left, at_right, area_m2)
    return pd.DataFrame({"at_left": at_left, "at_right": at_right, "area_m2": area_m2, "certainty": grades})


def _add_range(left: PolygonLayer, right: PolygonLayer, measured: pd.DataFrame) -> pd.DataFrame:
    """Add the shared areas with both boundaries buffered inward (certain pairs only) and outward."""
    at_left, at_right = measured[["at_left", "at_right"]].to_numpy().T
    area_m2, is_certain = measured["area_m2"].to_numpy(), measured["certainty"].to_numpy() == CERTAIN
    smallest_m2, largest_m2 = np.zeros(len(measured)), np.zeros(len(measured))
    chunk_size = CHUNK * cores()  # each boundary is buffered once per chunk, by all threads
    for begin in range(0, len(measured), chunk_size):
        rows = np.arange(begin, min(begin + chunk_size, len(measured)))
        certain_rows = rows[is_certain[rows]]
        smallest_m2[certain_rows] = buffered_shared_area_m2(
            left, right, at_left[certain_rows], at_right[certain_rows], INWARD
        )
        largest_m2[rows] = buffered_shared_area_m2(left, right, at_left[rows], at_right[rows], OUTWARD)
    return measured.assign(certain_m2=np.minimum(smallest_m2, area_m2), possible_m2=np.maximum(largest_m2, area_m2))


def _find_possible_pairs(left: PolygonLayer, right: PolygonLayer, measured: pd.DataFrame) -> pd.DataFrame:
    """Find the pairs that overlap only if both sides grow by their accuracies."""
    candidate_pairs = pd.DataFrame(
        dict(zip(("at_left", "at_right"), find_pairs_within_accuracy(left, right), strict=True))
    )
    measured_pairs = pd.MultiIndex.from_frame(measured[["at_left", "at_right"]])
    return candidate_pairs[~pd.MultiIndex.from_frame(candidate_pairs).isin(measured_pairs)].assign(
        area_m2=0.0, certainty=np.int8(POSSIBLE)
    )


def _build_table(left: PolygonLayer, right: PolygonLayer, measured: pd.DataFrame) -> pd.DataFrame:
    """Build the sorted table of pairs, with ids in place of positions."""
    positions = measured[["at_left", "at_right"]].to_numpy().T
    order = _sort_order(
        measured["area_m2"].to_numpy() / M2_PER_HA,
        lambda rows: [
            side.rank[side_positions[rows]] for side, side_positions in zip((left, right), positions, strict=True)
        ],
    )
    measured = measured.iloc[order].reset_index(drop=True)
    (at_left, at_right), area_m2 = positions[:, order], measured["area_m2"].to_numpy()
    return pd.DataFrame(
        {
            "left_id": left.ids.iloc[at_left].reset_index(drop=True),
            "right_id": right.ids.iloc[at_right].reset_index(drop=True),
            "area_ha": area_m2 / M2_PER_HA,
            **{f"{name}_ha": measured[f"{name}_m2"] / M2_PER_HA for name in RANGE if f"{name}_m2" in measured},
            "share_of_left": np.minimum(area_m2 / left.area_m2[at_left], 1.0),
            "share_of_right": np.minimum(area_m2 / right.area_m2[at_right], 1.0),
            "certainty": _GRADES.iloc[measured["certainty"].to_numpy()].reset_index(drop=True),
            "at_left": at_left,
            "at_right": at_right,
        }
    )


def sort_pairs(pairs: pd.DataFrame) -> pd.DataFrame:
    """Sort pairs by area, largest first, and by their ids where areas are equal except for rounding.

    Parameters
    ----------
    pairs
        Pairs with `left_id`, `right_id`, `area_ha` (hectares).

    Returns
    -------
    DataFrame
        The same rows with a new index from 0.

    Examples
    --------
    >>> import pandas as pd
    >>> pairs = pd.DataFrame({"left_id": ["a", "b", "a"], "right_id": ["x", "y", "y"], "area_ha": [1.0, 5, 5]})
    >>> sort_pairs(pairs).to_numpy().tolist()
    [['a', 'y', 5.0], ['b', 'y', 5.0], ['a', 'x', 1.0]]
    """
    sides = pairs["left_id"], pairs["right_id"]
    order = _sort_order(
        pairs["area_ha"].to_numpy(),
        lambda rows: [ids.iloc[rows].rank(method="dense").to_numpy().astype(np.int64) for ids in sides],
    )
    return pairs.iloc[order].reset_index(drop=True)


def _sort_order(area_ha: Floats, ranks: Callable[[Ints], list[Ints]]) -> Ints:
    """Return the order of pairs by area, and by both ids where areas are equal.

    `ranks` computes the ranks of ids, and is called for the pairs of equal area only.
    """
    area = -area_ha.round(6)
    order = np.argsort(area)
    is_same = np.diff(area[order]) == 0
    equal = np.flatnonzero(np.append(is_same, False) | np.append(False, is_same))
    equal_rows = order[equal]
    by_left, by_right = ranks(equal_rows)
    order[equal] = equal_rows[np.lexsort((by_right, by_left, area[equal_rows]))]
    return order


def _keep_polygons(shapes: Geometries) -> Geometries:
    """Drop the lines and points along which a pair only touches."""
    shapes = shapes.copy()
    for position in np.flatnonzero(~is_polygonal(shapes)):
        parts = shapely.get_parts(shapes[position])
        shapes[position] = shapely.union_all(parts[shapely.area(parts) > 0])
    return shapes
