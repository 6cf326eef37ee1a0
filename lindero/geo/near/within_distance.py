"""Features within a distance of many places at once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
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
    is_polygonal,
    make_boxes,
    project,
    to_plane,
)
from lindero.geo.geometry.rings import Rings, expand_ranges
from lindero.geo.geometry.units import M_PER_KM
from lindero.geo.kernels import numba_jit
from lindero.geo.overlay.prepared_layer import PolygonLayer
from lindero.machine.threads import iter_chunk_results

if TYPE_CHECKING:
    from lindero.geo.kernels.chain_tree import ChainTrees

SLACK = 1.01  # distances on the local plane are accurate to 1 %
PAIRS_AT_ONCE = 20_000
BOX_SLACK = 1.02  # margin for results from bounding boxes alone: metres on the plane differ by up to 1 % between places
PLACES_AT_ONCE = 125
_WIDEST = 0.015  # of the Earth's radius: up to this extent and 50° latitude, bounds from boxes are within the slack
_HIGHEST = np.sin(np.radians(50))


def find_within_distance(places: gpd.GeoDataFrame, features: gpd.GeoDataFrame, *, within_km: float) -> pd.DataFrame:
    """Find the features within a distance of each place, from edge to edge.

    `places`, `features`: frames of points or valid polygons, each with a unique `id`, in any CRS. Rows without geometry
    are ignored. Returns: `place_id`, `id`, `distance_m` (accurate to 1 %; 0 where the two intersect), sorted by place
    and distance.
    """
    nothing = pd.DataFrame({"place_id": [], "id": [], "distance_m": []}).astype({"place_id": object, "id": object})
    if places.empty or features.empty:  # before anything is projected
        return nothing
    (place_ids, place_shapes), (ids, feature_shapes) = project_frame(places), project_frame(features)
    if not len(place_shapes) or not len(feature_shapes):
        return nothing
    place_rows, feature_rows, distance_m = pair_shapes(
        place_shapes, shapely.STRtree(feature_shapes), within_km=within_km
    )
    pairs = pd.DataFrame({"place_id": place_ids[place_rows], "id": ids[feature_rows], "distance_m": distance_m})
    return pairs.sort_values(["place_id", "distance_m", "id"], ignore_index=True)


def near_area(area: shapely.Geometry, shapes: Geometries, *, within_km: float) -> tuple[Ints, Floats]:
    """Find the shapes within a distance of one area, with the same distances as `find_within_distance`.

    The compiled kernels are not loaded, because one area is measured before they would be ready.

    `area`: A valid polygon or multipolygon, in degrees. `shapes`: points and valid polygons, in degrees. Missing and
    empty ones are ignored. Returns: positions in `shapes`, and the distance of each in metres (to 1 %; 0 where the two
    intersect).
    """
    at = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
    drawn = _draw_on_plane(np.array([*shapes[at], area], dtype=object))
    _own, to, distance_m = pair_shapes(drawn[-1:], shapely.STRtree(drawn[:-1]), within_km=within_km)
    return at[to], distance_m


def _draw_on_plane(shapes: Geometries) -> Geometries:
    """Draw points and valid polygons in degrees on the equal-area plane; rings run the way that `Ground` has them."""
    is_area, drawn = is_polygonal(shapes), shapes.copy()
    across = is_area & antimeridian.crosses(shapes)
    drawn[across] = [antimeridian.split_polygon(antimeridian.unwrap_polygon(shape)) for shape in shapes[across]]
    drawn[is_area] = shapely.orient_polygons(to_plane(drawn[is_area]))
    drawn[~is_area] = shapely.transform(drawn[~is_area], project)
    return drawn


def pair_shapes(shapes: Geometries, tree: shapely.STRtree, *, within_km: float) -> tuple[Ints, Ints, Floats]:
    """Return the pairs of plane shapes and shapes of a tree within a distance, with the metres between them, to 1 %."""
    shape_rows, tree_rows = tree.query(shapes, predicate="dwithin", distance=within_km * M_PER_KM * max_stretch(shapes))
    distance_m = _distances_m(shapes, tree.geometries, shape_rows, tree_rows)
    is_near = distance_m <= within_km * M_PER_KM
    return shape_rows[is_near], tree_rows[is_near], distance_m[is_near]


def max_stretch(shapes: Geometries) -> Floats:
    """Return the largest number of plane units per metre on the ground at each shape.

    It includes slack for an error of 1 %.
    """
    max_height = np.abs(shapely.bounds(shapes)[:, [1, 3]]).max(axis=1)
    return scale_factor.plane_per_m(max_height) * SLACK


def _distances_m(shapes: Geometries, feature_shapes: Geometries, shape_rows: Ints, feature_rows: Ints) -> Floats:
    """Compute the distances of pairs in metres around each shape.

    Pairs are processed in chunks, because a feature is reprojected for every pair.
    """
    centres = scale_factor.bbox_centres(shapes)
    local = scale_factor.to_local_metres(shapes, centres)
    chunks = (slice(i, i + PAIRS_AT_ONCE) for i in range(0, len(shape_rows), PAIRS_AT_ONCE))
    parts = [
        shapely.distance(
            local[shape_rows[chunk]],
            scale_factor.to_local_metres(feature_shapes[feature_rows[chunk]], centres[shape_rows[chunk]]),
        )
        for chunk in chunks
    ]
    return np.concatenate([np.empty(0), *parts])


def project_frame(frame: gpd.GeoDataFrame) -> tuple[Geometries, Geometries]:
    """Return the ids and the shapes on the equal-area plane of a frame of polygons and points."""
    plane = PlaneFrame.from_frame(frame)
    return plane.ids, np.concatenate((plane.polygons.shapes, plane.points))


@dataclass(frozen=True)
class PlaneFrame:
    """The polygons of a frame on the equal-area plane, followed by its points."""

    polygons: PolygonLayer
    points: Geometries
    ids: Geometries

    @classmethod
    def from_frame(cls, frame: gpd.GeoDataFrame) -> Self:
        """Project a frame of polygons and points."""
        layer = PolygonLayer.from_frame(frame)
        shapes = frame.geometry.to_crs(DEGREES).to_numpy()
        is_point = shapely.get_type_id(shapes) == shapely.GeometryType.POINT
        if len(layer.ids) + is_point.sum() < (~(shapely.is_missing(shapes) | shapely.is_empty(shapes))).sum():
            raise FrameError(N_("some geometries are neither points nor polygons"))
        points = shapely.transform(shapes[is_point], project)
        ids = np.concatenate((layer.ids.to_numpy(dtype=object), frame["id"].to_numpy(dtype=object)[is_point]))
        return cls(layer, points, ids)

    @cached_property
    def bounds(self) -> Floats:
        """The bounding boxes, (n, 4)."""
        return np.concatenate((self.polygons.outlines.bounds, shapely.bounds(self.points)))

    @cached_property
    def trees(self) -> "ChainTrees | None":
        """The chain trees of the polygons; None without numba, or without polygons."""
        return self.polygons.trees if numba_jit.HAS_NUMBA and len(self.polygons.ids) else None

    def select_shapes(self, positions: Ints) -> Geometries:
        """Return the shapes at some positions."""
        is_polygon = positions < len(self.polygons.ids)
        shapes = np.empty(len(positions), dtype=object)
        shapes[is_polygon] = self.polygons.shapes[positions[is_polygon]]
        shapes[~is_polygon] = self.points[positions[~is_polygon] - len(self.polygons.ids)]
        return shapes


# Counts of features within distances of many places. Pairs that bounding boxes decide are not measured.


def count_within_distance(
    places: gpd.GeoDataFrame,
    features: gpd.GeoDataFrame,
    *,
    within_km: Sequence[float],
    progress: Callable[[int, int], None] = lambda *_: None,
) -> pd.DataFrame:
    """Count the features within several distances of each place, from edge to edge.

    The counts are those of the pairs of `find_within_distance`. Pairs that are certainly near or far according to their
    bounding boxes are not measured.

    `places`, `features`: frames of points or valid polygons, each with a unique `id`, in any CRS. Rows without geometry
    are ignored. Returns: one column of counts per distance, indexed by the `id` of the places with a geometry.
    """
    return DistanceCounter.from_frame(features, within_km=within_km).count(places, progress=progress)


@dataclass(frozen=True)
class DistanceCounter:
    """A counter of the features within several distances of places. The features are indexed once, for many places."""

    within_km: tuple[float, ...]
    features: PlaneFrame
    tree: shapely.STRtree  # of the bounding boxes

    @classmethod
    def from_frame(cls, features: gpd.GeoDataFrame, *, within_km: Sequence[float]) -> Self:
        """Index features, as `count_within_distance` takes them, before any thread starts."""
        plane = PlaneFrame.from_frame(features)
        _ = plane.trees
        return cls(tuple(within_km), plane, shapely.STRtree(make_boxes(plane.bounds)))

    def count(
        self, places: gpd.GeoDataFrame, *, progress: Callable[[int, int], None] = lambda *_: None
    ) -> pd.DataFrame:
        """Count the features near each place, as `count_within_distance` returns them."""
        plane = PlaneFrame.from_frame(places)
        counts = np.zeros((len(plane.ids), len(self.within_km)), dtype=np.int64)
        if len(plane.ids) and len(self.features.ids):
            _ = plane.bounds, plane.trees

            def count_chunk(chunk: slice) -> int:
                counts[chunk] = self._count_pairs(plane, np.arange(chunk.start, chunk.stop))
                return int(chunk.stop)

            for done in iter_chunk_results(count_chunk, len(plane.ids), chunk=PLACES_AT_ONCE):
                progress(done, len(plane.ids))
        return pd.DataFrame(counts, columns=list(self.within_km), index=pd.Index(plane.ids, name="id"))

    def _count_pairs(self, places: PlaneFrame, positions: Ints) -> npt.NDArray[np.int64]:
        """Count features by distance. A pair is measured only where its bounding boxes leave the result open."""
        metres, bounds, boxes = np.asarray(self.within_km) * M_PER_KM, places.bounds[positions], self.features.bounds
        max_height = np.abs(bounds[:, [1, 3]]).max(axis=1)
        reach_units = metres.max() * scale_factor.plane_per_m(max_height) * BOX_SLACK
        place_rows, feature_rows = self.tree.query(make_boxes(bounds + np.outer(reach_units, (-1, -1, 1, 1))))
        least, most = _distance_bounds_m(bounds[place_rows], boxes[feature_rows])
        distance_m = most * BOX_SLACK
        is_open = (least[:, None] <= metres * BOX_SLACK) & (distance_m[:, None] > metres)
        rows = np.flatnonzero(is_open.any(axis=1))
        enough_m = np.where(is_open[rows], metres, np.inf).min(axis=1)
        most_m = np.where(is_open[rows], metres, 0.0).max(axis=1) * BOX_SLACK
        pairs = positions[place_rows[rows]], feature_rows[rows]
        distance_m[rows] = np.minimum(
            _open_distances_m(places, self.features, *pairs, enough_m, most_m), distance_m[rows]
        )
        return np.column_stack(
            [np.bincount(place_rows[distance_m <= radius], minlength=len(positions)) for radius in metres]
        )


def _open_distances_m(  # noqa: PLR0917
    places: PlaneFrame, features: PlaneFrame, at_place: Ints, at_feature: Ints, enough_m: Floats, most_m: Floats
) -> Floats:
    """Compute the distances of pairs in metres around each place, exact only between the given bounds.

    Distances below `enough_m` need not be exact, and distances above `most_m` are not computed. Two polygons are
    measured with chain trees, and points by GEOS.
    """
    distances = np.empty(len(at_place))
    by_trees = np.zeros(len(at_place), dtype=bool)
    if places.trees is not None and features.trees is not None:
        by_trees = (at_place < len(places.polygons.ids)) & (at_feature < len(features.polygons.ids))
    others, place_row = np.unique(at_place[~by_trees], return_inverse=True)
    distances[~by_trees] = _distances_m(
        places.select_shapes(others),
        features.select_shapes(at_feature[~by_trees]),
        place_row,
        np.arange(len(place_row)),
    )
    if places.trees is not None and features.trees is not None and by_trees.any():
        from lindero.geo.kernels.edge_distance import distances_m  # needs numba

        drawn, at_local = np.unique(at_place[by_trees], return_inverse=True)
        centres = (places.bounds[drawn, :2] + places.bounds[drawn, 2:]) / 2
        local = _build_local_trees(places.trees, drawn, centres)
        pair_bounds = enough_m[by_trees], most_m[by_trees]
        distances[by_trees] = distances_m(local, features.trees, centres, at_local, at_feature[by_trees], *pair_bounds)
    return distances


def _build_local_trees(trees: "ChainTrees", positions: Ints, centres: Floats) -> "ChainTrees":
    """Build the chain trees of some plane polygons in metres around their own centres."""
    from lindero.geo.kernels.chain_tree import build_chain_trees  # needs numba

    ring, first_ring = expand_ranges(trees.rings[positions, 0], trees.rings[positions, 1])
    vertex, ring_start = expand_ranges(trees.ring_start[ring], trees.ring_start[ring + 1])
    origin = np.repeat(centres, np.diff(ring_start[first_ring]), axis=0)
    x, y = scale_factor.project_to_local_metres(np.column_stack((trees.x[vertex], trees.y[vertex])), origin).T.copy()
    return build_chain_trees(Rings(x, y, ring_start, first_ring, trees.is_hole[ring]))


def _distance_bounds_m(place_boxes: Floats, feature_boxes: Floats) -> tuple[Floats, Floats]:
    """Return lower and upper bounds of the distance between the shapes in pairs of boxes, in metres to about 1 %.

    A shape touches all four sides of its box. The distance between two sides is therefore at most that of their farther
    ends.
    """
    middle = (place_boxes[:, 1] + place_boxes[:, 3]) / 2
    per_east, per_north = scale_factor.metres_per_plane(middle)
    scale = np.column_stack((per_east, per_north, per_east, per_north))
    place_m, feature_m = place_boxes * scale, feature_boxes * scale
    gap = np.maximum(np.maximum(feature_m[:, :2] - place_m[:, 2:], place_m[:, :2] - feature_m[:, 2:]), 0)
    least = np.hypot(gap[:, 0], gap[:, 1])
    extent = np.maximum(place_m[:, 2:], feature_m[:, 2:]) - np.minimum(place_m[:, :2], feature_m[:, :2])
    most = np.full(len(place_m), np.inf)
    for along, across in ((0, 1), (1, 0)):
        for i, j in ((0, 0), (0, 2), (2, 0), (2, 2)):
            most = np.minimum(most, np.hypot(place_m[:, along + i] - feature_m[:, along + j], extent[:, across]))
    is_reliable = (np.abs(middle) < _HIGHEST * POLE_M) & (extent.max(axis=1, initial=0.0) < _WIDEST * SPHERE_M)
    return np.where(is_reliable, least, 0.0), np.where(is_reliable, most, np.inf)
