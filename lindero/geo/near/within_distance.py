"""What lies within a distance of many places at once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from lindero.geo.errors import N_, FrameError
from lindero.geo.geometry import antimeridian, scale_factor
from lindero.geo.geometry.crs import DEGREES
from lindero.geo.geometry.projection import (
    POLE_M,
    SPHERE_M,
    Floats,
    Geometries,
    Ints,
    boxes_of,
    is_polygonal,
    project,
    to_plane,
)
from lindero.geo.geometry.units import M_PER_KM
from lindero.geo.kernels import numba_jit
from lindero.geo.overlay.outlines import DrawnOutlines
from lindero.geo.overlay.prepared_layer import Ground
from lindero.machine.threads import one_by_one

if TYPE_CHECKING:
    from lindero.geo.kernels.chain_tree import ChainTrees

SLACK = 1.01  # distances on the local plane are true to 1 %
PAIRS_AT_ONCE = 20_000
BOX_SLACK = 1.02  # what is told by boxes alone is told with this to spare: metres of one place are others' to 1 %
PLACES_AT_ONCE = 500
_WIDEST = 0.015  # of the Earth's radius: boxes that lie no wider, up to 50°, are told apart to less than the slack
_HIGHEST = np.sin(np.radians(50))


def within(places: gpd.GeoDataFrame, features: gpd.GeoDataFrame, *, within_km: float) -> pd.DataFrame:
    """
    Pair places with the features that come within a distance of their edge.

    Parameters
    ----------
    places, features
        Points or valid polygons, each with a unique `id`; rows without geometry are left out. Any CRS.
    within_km
        Distance from edge to edge, kilometres on the ground. Not across the antimeridian.

    Returns
    -------
    DataFrame
        `place_id`, `id`, `distance_m` (to 1 %; 0 where they meet), by place and distance.

    Raises
    ------
    GeoError
        As `geo.overlay.overlap`. A `ValueError`.
    """
    (place_ids, own), (ids, others) = on_plane(places), on_plane(features)
    if not len(own) or not len(others):
        return pd.DataFrame({"place_id": [], "id": [], "distance_m": []}).astype({"place_id": object, "id": object})
    at, to, distance_m = paired(own, shapely.STRtree(others), within_km=within_km)
    pairs = pd.DataFrame({"place_id": place_ids[at], "id": ids[to], "distance_m": distance_m})
    return pairs.sort_values(["place_id", "distance_m", "id"], ignore_index=True)


def near_area(area: shapely.Geometry, shapes: Geometries, *, within_km: float) -> tuple[Ints, Floats]:
    """
    Find the shapes that come within a distance of one area: the distances of `within`, to the last digit.

    Nothing compiled is loaded: one area is measured before the kernels would be ready.

    Parameters
    ----------
    area
        A valid polygon or multipolygon, in degrees.
    shapes
        Points and valid polygons, in degrees. Those that are missing or empty are left out.

    Returns
    -------
    tuple
        Positions in `shapes`, and the distance of each in metres (to 1 %; 0 where they meet).
    """
    at = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
    drawn = _drawn(np.array([*shapes[at], area], dtype=object))
    _own, to, distance_m = paired(drawn[-1:], shapely.STRtree(drawn[:-1]), within_km=within_km)
    return at[to], distance_m


def _drawn(shapes: Geometries) -> Geometries:
    """Draw points and valid polygons in degrees on the equal-area plane; rings run the way that `Ground` has them."""
    is_area, drawn = is_polygonal(shapes), shapes.copy()
    across = is_area & antimeridian.crosses(shapes)
    drawn[across] = [antimeridian.split(antimeridian.run_on(shape)) for shape in shapes[across]]
    drawn[is_area] = shapely.orient_polygons(to_plane(drawn[is_area]))
    drawn[~is_area] = shapely.transform(drawn[~is_area], project)
    return drawn


def paired(own: Geometries, others: shapely.STRtree, *, within_km: float) -> tuple[Ints, Ints, Floats]:
    """Pair shapes on the plane with those of a tree that come as near, and give the metres between them, to 1 %."""
    at, to = others.query(own, predicate="dwithin", distance=within_km * M_PER_KM * stretch(own))
    distance_m = _distances(own, others.geometries, at, to)
    near = distance_m <= within_km * M_PER_KM
    return at[near], to[near], distance_m[near]


def stretch(shapes: Geometries) -> Floats:
    """Give the most that a metre on the ground is on the plane where each shape lies, distances being true to 1 %."""
    height = np.abs(shapely.bounds(shapes)[:, [1, 3]]).max(axis=1)
    return scale_factor.plane_per_m(height) * SLACK


def _distances(own: Geometries, others: Geometries, at: Ints, to: Ints) -> Floats:
    """Measure each pair in metres round its place; some at a time, for a feature is redrawn for every place near it."""
    centres = scale_factor.middles(own)
    drawn = scale_factor.around(own, centres)
    some = (slice(i, i + PAIRS_AT_ONCE) for i in range(0, len(at), PAIRS_AT_ONCE))
    parts = [shapely.distance(drawn[at[k]], scale_factor.around(others[to[k]], centres[at[k]])) for k in some]
    return np.concatenate([np.empty(0), *parts])


def on_plane(frame: gpd.GeoDataFrame) -> tuple[Geometries, Geometries]:
    """Give ids and shapes on the equal-area plane, of polygons and of points."""
    ground = Ground.of(frame)
    shapes = frame.geometry.to_crs(DEGREES).to_numpy()
    is_point = shapely.get_type_id(shapes) == shapely.GeometryType.POINT
    if len(ground.ids) + is_point.sum() < (~(shapely.is_missing(shapes) | shapely.is_empty(shapes))).sum():
        raise FrameError(N_("the geometries are neither points nor polygons"))
    points = shapely.transform(shapes[is_point], project)
    ids = np.concatenate((ground.ids.to_numpy(dtype=object), frame["id"].to_numpy(dtype=object)[is_point]))
    return ids, np.concatenate((ground.shapes, points))


# How many features come within some distances of many places, without measuring those that surely do or do not.


def counts_within(
    places: gpd.GeoDataFrame,
    features: gpd.GeoDataFrame,
    *,
    within_km: Sequence[float],
    progress: Callable[[int, int], None] = lambda *_: None,
) -> pd.DataFrame:
    """
    Count for each place the features that come within some distances of its edge.

    The same as to count what `within_distance.within` pairs: whether a box lies so near that its feature does, or so
    far that it does not, is seen first, and only what is left is drawn and asked about.

    Parameters
    ----------
    places, features
        As `within_distance.within` takes them.
    within_km
        Distances, kilometres on the ground.
    progress
        Is told how many places are done, and how many there are.

    Returns
    -------
    DataFrame
        A column of counts for each distance, by the `id` of the places that have a geometry.

    Raises
    ------
    GeoError
        As `geo.overlay.overlap`. A `ValueError`.
    """
    (place_ids, own), (_ids, others) = on_plane(places), on_plane(features)
    counts = np.zeros((len(own), len(within_km)), dtype=np.int64)
    if len(own) and len(others):
        boxes = shapely.bounds(others)
        tree = shapely.STRtree(boxes_of(boxes))
        metres = np.asarray(within_km) * M_PER_KM
        apart = _Apart.of(others)

        def count(some: slice) -> int:
            counts[some] = _counted(own[some], boxes, tree, metres, apart)
            return int(some.stop)

        for done in one_by_one(count, len(own), chunk=PLACES_AT_ONCE):
            progress(done, len(own))
    return pd.DataFrame(counts, columns=list(within_km), index=pd.Index(place_ids, name="id"))


@dataclass(frozen=True)
class _Apart:
    """How far places and features are apart: polygons by trees, built once, points by GEOS."""

    others: Geometries
    is_drawn: npt.NDArray[np.bool_]  # whether a feature is among the trees
    trees: "ChainTrees | None"

    @classmethod
    def of(cls, others: Geometries) -> Self:
        """Build the trees, before there are any threads."""
        is_drawn = is_polygonal(others) & numba_jit.AVAILABLE
        return cls(others, is_drawn, DrawnOutlines(others[is_drawn]).trees if is_drawn.any() else None)

    def metres(self, own: Geometries, at: Ints, to: Ints, enough_m: Floats, most_m: Floats) -> Floats:
        """Measure pairs round each place; what is nearer than enough, or farther than the most, no better than that."""
        land = is_polygonal(own)
        by_trees = land[at] & self.is_drawn[to]
        distances = np.empty(len(at))
        distances[~by_trees] = _distances(own, self.others, at[~by_trees], to[~by_trees])
        if self.trees is not None and by_trees.any():
            from lindero.geo.kernels.edge_distance import distances_m  # needs numba

            centres = scale_factor.middles(own[land])
            drawn = DrawnOutlines(scale_factor.around(own[land], centres)).trees
            where = np.cumsum(land)[at[by_trees]] - 1, np.cumsum(self.is_drawn)[to[by_trees]] - 1
            distances[by_trees] = distances_m(drawn, self.trees, centres, *where, enough_m[by_trees], most_m[by_trees])
        return distances


def _counted(
    own: Geometries, boxes: Floats, tree: shapely.STRtree, metres: Floats, apart: _Apart
) -> npt.NDArray[np.int64]:
    """Count by distance; a pair is measured where its boxes leave it open whether it comes within any of them."""
    bounds = shapely.bounds(own)
    height = np.abs(bounds[:, [1, 3]]).max(axis=1)
    reach = metres.max() * scale_factor.plane_per_m(height) * BOX_SLACK
    at, to = tree.query(boxes_of(bounds + np.outer(reach, (-1, -1, 1, 1))))
    least, most = _apart_m(bounds[at], boxes[to])
    far = most * BOX_SLACK
    is_open = (least[:, None] <= metres * BOX_SLACK) & (far[:, None] > metres)
    rows = np.flatnonzero(is_open.any(axis=1))
    enough = np.where(is_open[rows], metres, np.inf).min(axis=1)
    beyond = np.where(is_open[rows], metres, 0.0).max(axis=1) * BOX_SLACK
    far[rows] = np.minimum(apart.metres(own, at[rows], to[rows], enough, beyond), far[rows])
    return np.column_stack([np.bincount(at[far <= radius], minlength=len(own)) for radius in metres])


def _apart_m(ours: Floats, theirs: Floats) -> tuple[Floats, Floats]:
    """
    Tell how far apart the shapes in pairs of boxes are, at least and at most, in metres to some 1 %.

    A shape touches all four sides of its box: from side to side it is at most as far as the farther ends of the two.
    """
    middle = (ours[:, 1] + ours[:, 3]) / 2
    per_east, per_north = scale_factor.metres_per_plane(middle)
    scale = np.column_stack((per_east, per_north, per_east, per_north))
    a, b = ours * scale, theirs * scale
    gap = np.maximum(np.maximum(b[:, :2] - a[:, 2:], a[:, :2] - b[:, 2:]), 0)
    least = np.hypot(gap[:, 0], gap[:, 1])
    spread = np.maximum(a[:, 2:], b[:, 2:]) - np.minimum(a[:, :2], b[:, :2])
    most = np.full(len(a), np.inf)
    for along, across in ((0, 1), (1, 0)):
        for i, j in ((0, 0), (0, 2), (2, 0), (2, 2)):
            most = np.minimum(most, np.hypot(a[:, along + i] - b[:, along + j], spread[:, across]))
    sure = (np.abs(middle) < _HIGHEST * POLE_M) & (spread.max(axis=1, initial=0.0) < _WIDEST * SPHERE_M)
    return np.where(sure, least, 0.0), np.where(sure, most, np.inf)
