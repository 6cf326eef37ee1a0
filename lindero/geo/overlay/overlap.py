"""Where two polygon layers share ground."""

from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lindero.geo.errors import N_, FrameError
from lindero.geo.geometry.crs import DEGREES
from lindero.geo.geometry.projection import Floats, Geometries, Ints, is_polygonal, unproject
from lindero.geo.geometry.units import M2_PER_HA, MIN_HA
from lindero.geo.overlay.accuracy_buffers import IN, OUT, shared_moved_m2
from lindero.geo.overlay.certainty import CERTAIN, GRADES, POSSIBLE, certainty, within_accuracy
from lindero.geo.overlay.intersection import ROUNDING_M2, candidates, let_go, shared_area_m2, shared_ground
from lindero.geo.overlay.prepared_layer import Ground
from lindero.machine.threads import cores, shared_out

CHUNK = 20_000  # pairs at a time at most, so that memory follows what is kept and not the size of the layers
LEAST_CHUNK = 2_500  # where there are many cores: of fewer, the same boundaries would be drawn again and again
CHUNKS_A_CORE = 4  # so that the others do not wait long for the last
RANGE = ("certain", "possible")  # how much is shared at least and at most
_GRADES = pd.Series(GRADES, dtype=str)


def overlap(
    left: gpd.GeoDataFrame | Ground,
    right: gpd.GeoDataFrame | Ground,
    *,
    min_ha: float = MIN_HA,
    with_geometry: bool = False,
    grown: bool = False,
    with_range: bool = False,
) -> pd.DataFrame:
    """
    Lay every polygon of `left` over every polygon of `right`.

    Parameters
    ----------
    left, right
        Valid polygons in one CRS, each with a unique `id`; `boundary_accuracy_m` in metres where known (assumed 50
        otherwise). Rows that are points or have no geometry share no area and make no pair. Neither frame is changed.
        A layer that is laid over several others may be prepared once, with `Ground.of`.
    min_ha
        Drop smaller overlaps, which are digitising slivers.
    with_geometry
        Also draw what each pair shares.
    grown
        Also give pairs that share nothing as drawn but would if both boundaries lay as far out as their accuracy
        allows: `area_ha` 0, `possible`.
    with_range
        Also measure what each pair shares with both boundaries drawn in by their accuracies, and drawn out.

    Returns
    -------
    DataFrame
        One row per pair, largest first: `left_id`, `right_id`, `area_ha` (hectares on the ellipsoid, to 0.1 %),
        `share_of_left` and `share_of_right` (0 to 1), `certainty` (`certain`, `possible`, `sliver`). With a range
        `certain_ha` and `possible_ha` beside `area_ha`: no more and no less than it; `certain_ha` is 0 where the pair
        is not `certain`. With geometry a GeoDataFrame in OGC:CRS84.

    Raises
    ------
    FrameError
        If a CRS or `id` is missing, the CRSs differ, or ids repeat. A `ValueError`.
    InvalidGeometryError
        If a geometry is invalid or outside the world. A `ValueError`.
    """
    if not isinstance(left, Ground) and not isinstance(right, Ground) and left.crs != right.crs:
        raise FrameError(N_("left is in {left}, right in {right}: reproject one"), left=left.crs, right=right.crs)
    sides = Ground.of(left), Ground.of(right)
    measured = _measured(*sides, min_ha)
    if grown:
        measured = pd.concat([measured, _only_grown(*sides, measured)], ignore_index=True)
    table = _table(*sides, _ranged(*sides, measured) if with_range else measured)
    pairs = table.drop(columns=["at_left", "at_right"])
    if not with_geometry:
        return pairs
    shared = shared_ground(sides[0].drawn(table["at_left"].to_numpy()), sides[1].drawn(table["at_right"].to_numpy()))
    return gpd.GeoDataFrame(pairs, geometry=shapely.transform(_polygons_only(shared), unproject), crs=DEGREES)


def _measured(left: Ground, right: Ground, min_ha: float) -> pd.DataFrame:
    """Pair by bounding boxes and measure, by and by."""
    at_left, at_right = candidates(left, right)
    _ = [(side.perimeter_m, side.holes) for side in (left, right)]  # made once, before threads ask for them
    let_go(left, right)

    def measure(chunk: slice) -> pd.DataFrame:
        found = _measure(left, right, (at_left[chunk], at_right[chunk]), min_ha)
        let_go(left, right)
        return found

    chunks = shared_out(measure, len(at_left), chunk=_at_once(len(at_left)))
    return pd.concat(chunks or [measure(slice(0))], ignore_index=True)


def _at_once(pairs: int) -> int:
    """Say how many of some pairs a thread takes at a time; what comes of them is the same however many."""
    return min(CHUNK, max(LEAST_CHUNK, -(-pairs // (CHUNKS_A_CORE * cores()))))


def _measure(left: Ground, right: Ground, pairs: tuple[Ints, Ints], min_ha: float) -> pd.DataFrame:
    """Measure and grade the overlaps of pairs given by position."""
    area_m2 = shared_area_m2(left, right, *pairs)
    kept = np.flatnonzero(area_m2 >= max(min_ha * M2_PER_HA, ROUNDING_M2))
    at_left, at_right, area_m2 = pairs[0][kept], pairs[1][kept], area_m2[kept]
    grades = certainty(left, right, at_left, at_right, area_m2)
    return pd.DataFrame({"at_left": at_left, "at_right": at_right, "area_m2": area_m2, "certainty": grades})


def _ranged(left: Ground, right: Ground, measured: pd.DataFrame) -> pd.DataFrame:
    """Measure the pairs with both boundaries drawn in, which concerns the certain ones alone, and drawn out."""
    at_left, at_right = measured[["at_left", "at_right"]].to_numpy().T
    area_m2, certain = measured["area_m2"].to_numpy(), measured["certainty"].to_numpy() == CERTAIN
    least, most = np.zeros(len(measured)), np.zeros(len(measured))
    at_once = CHUNK * cores()  # a boundary is moved once for all of these, by all threads
    for begin in range(0, len(measured), at_once):
        some = np.arange(begin, min(begin + at_once, len(measured)))
        inner = some[certain[some]]
        least[inner] = shared_moved_m2(left, right, at_left[inner], at_right[inner], IN)
        most[some] = shared_moved_m2(left, right, at_left[some], at_right[some], OUT)
        let_go(left, right)
    return measured.assign(certain_m2=np.minimum(least, area_m2), possible_m2=np.maximum(most, area_m2))


def _only_grown(left: Ground, right: Ground, drawn: pd.DataFrame) -> pd.DataFrame:
    """List the pairs that share ground only if both sides grow."""
    near = pd.DataFrame(dict(zip(("at_left", "at_right"), within_accuracy(left, right), strict=True)))
    known = pd.MultiIndex.from_frame(drawn[["at_left", "at_right"]])
    return near[~pd.MultiIndex.from_frame(near).isin(known)].assign(area_m2=0.0, certainty=np.int8(POSSIBLE))


def _table(left: Ground, right: Ground, measured: pd.DataFrame) -> pd.DataFrame:
    """Name the pairs and put them in order."""
    at = measured[["at_left", "at_right"]].to_numpy().T
    order = _largest_first(
        measured["area_m2"].to_numpy() / M2_PER_HA,
        lambda some: [side.rank[of_side[some]] for side, of_side in zip((left, right), at, strict=True)],
    )
    measured = measured.iloc[order].reset_index(drop=True)
    (at_left, at_right), area_m2 = at[:, order], measured["area_m2"].to_numpy()
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


def in_order(pairs: pd.DataFrame) -> pd.DataFrame:
    """Put the largest pairs first; equal ones by their ids. What rounding alone sets apart is equal."""
    sides = pairs["left_id"], pairs["right_id"]
    order = _largest_first(
        pairs["area_ha"].to_numpy(),
        lambda some: [ids.iloc[some].rank(method="dense").to_numpy().astype(np.int64) for ids in sides],
    )
    return pairs.iloc[order].reset_index(drop=True)


def _largest_first(area_ha: Floats, ranks: Callable[[Ints], list[Ints]]) -> Ints:
    """Order pairs by area, and those of equal area by how both sides' ids rank, which is asked for these alone."""
    area = -area_ha.round(6)
    order = np.argsort(area)
    same = np.diff(area[order]) == 0
    equal = np.flatnonzero(np.append(same, False) | np.append(False, same))
    some = order[equal]
    by_left, by_right = ranks(some)
    order[equal] = some[np.lexsort((by_right, by_left, area[some]))]
    return order


def _polygons_only(shapes: Geometries) -> Geometries:
    """Leave out the lines and points along which a pair merely touches."""
    shapes = shapes.copy()
    for at in np.flatnonzero(~is_polygonal(shapes)):
        parts = shapely.get_parts(shapes[at])
        shapes[at] = shapely.union_all(parts[shapely.area(parts) > 0])
    return shapes
