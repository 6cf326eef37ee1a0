"""Features within a distance of many places at once."""

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
    is_polygonal,
    make_boxes,
    project,
    to_plane,
)
from lindero.geo.geometry.units import M_PER_KM
from lindero.geo.kernels import numba_jit
from lindero.geo.overlay.outlines import ShapeOutlines
from lindero.geo.overlay.prepared_layer import PolygonLayer
from lindero.machine.threads import iter_chunk_results

if TYPE_CHECKING:
    from lindero.geo.kernels.chain_tree import ChainTrees

SLACK = 1.01  # distances on the local plane are accurate to 1 %
PAIRS_AT_ONCE = 20_000
BOX_SLACK = 1.02  # margin for results from bounding boxes alone: metres on the plane differ by up to 1 % between places
PLACES_AT_ONCE = 500
_WIDEST = 0.015  # of the Earth's radius: up to this extent and 50° latitude, bounds from boxes are within the slack
_HIGHEST = np.sin(np.radians(50))


def find_within_distance(places: gpd.GeoDataFrame, features: gpd.GeoDataFrame, *, within_km: float) -> pd.DataFrame:
    """
    Find the features within a distance of each place, from edge to edge.

    Parameters
    ----------
    places, features
        Frames of points or valid polygons, each with a unique `id`, in any CRS. Rows without geometry are ignored.
    within_km
        Maximum distance from edge to edge, in kilometres on the ground. Distances across the antimeridian are not
        found.

    Returns
    -------
    DataFrame
        `place_id`, `id`, `distance_m` (accurate to 1 %; 0 where the two intersect), sorted by place and distance.

    Raises
    ------
    GeoError
        If a frame is not valid, as in `geo.overlay.overlap`. A `ValueError`.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import Point, box
    >>> towns = gpd.GeoDataFrame({"id": ["t"]}, geometry=[Point(0, 0)], crs="OGC:CRS84")
    >>> mines = gpd.GeoDataFrame({"id": ["m", "n"]}, geometry=[box(0.1, 0, 1, 1), Point(0, 5)], crs="OGC:CRS84")
    >>> pairs = find_within_distance(towns, mines, within_km=50)
    >>> pairs[["place_id", "id"]].to_numpy().tolist(), pairs["distance_m"].round(-3).tolist()
    ([['t', 'm']], [11000.0])
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
    """
    Find the shapes within a distance of one area, with the same distances as `find_within_distance`.

    The compiled kernels are not loaded, because one area is measured before they would be ready.

    Parameters
    ----------
    area
        A valid polygon or multipolygon, in degrees.
    shapes
        Points and valid polygons, in degrees. Missing and empty ones are ignored.

    Returns
    -------
    tuple
        Positions in `shapes`, and the distance of each in metres (to 1 %; 0 where the two intersect).

    Examples
    --------
    >>> import numpy as np
    >>> from shapely import Point, box
    >>> points = np.array([Point(1.1, 0.5), None, Point(9, 9)])
    >>> positions, distance_m = near_area(box(0, 0, 1, 1), points, within_km=50)
    >>> positions.tolist(), distance_m.round(-3).tolist()
    ([0], [11000.0])
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
    """
    Return the largest number of plane units per metre on the ground at each shape.

    It includes slack for an error of 1 %.
    """
    max_height = np.abs(shapely.bounds(shapes)[:, [1, 3]]).max(axis=1)
    return scale_factor.plane_per_m(max_height) * SLACK


def _distances_m(shapes: Geometries, feature_shapes: Geometries, shape_rows: Ints, feature_rows: Ints) -> Floats:
    """
    Compute the distances of pairs in metres around each shape.

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
    layer = PolygonLayer.from_frame(frame)
    shapes = frame.geometry.to_crs(DEGREES).to_numpy()
    is_point = shapely.get_type_id(shapes) == shapely.GeometryType.POINT
    if len(layer.ids) + is_point.sum() < (~(shapely.is_missing(shapes) | shapely.is_empty(shapes))).sum():
        raise FrameError(N_("some geometries are neither points nor polygons"))
    points = shapely.transform(shapes[is_point], project)
    ids = np.concatenate((layer.ids.to_numpy(dtype=object), frame["id"].to_numpy(dtype=object)[is_point]))
    return ids, np.concatenate((layer.shapes, points))


# Counts of features within distances of many places. Pairs that bounding boxes decide are not measured.


def count_within_distance(
    places: gpd.GeoDataFrame,
    features: gpd.GeoDataFrame,
    *,
    within_km: Sequence[float],
    progress: Callable[[int, int], None] = lambda *_: None,
) -> pd.DataFrame:
    """
    Count the features within several distances of each place, from edge to edge.

    The counts are those of the pairs of `find_within_distance`. Pairs that are certainly near or far according to their
    bounding boxes are not measured.

    Parameters
    ----------
    places, features
        Frames of points or valid polygons, each with a unique `id`, in any CRS. Rows without geometry are ignored.
    within_km
        Distances in kilometres on the ground.
    progress
        Called with the number of places done and the number of places.

    Returns
    -------
    DataFrame
        One column of counts per distance, indexed by the `id` of the places with a geometry.

    Raises
    ------
    GeoError
        If a frame is not valid, as in `geo.overlay.overlap`. A `ValueError`.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import Point
    >>> towns = gpd.GeoDataFrame({"id": ["t"]}, geometry=[Point(0, 0)], crs="OGC:CRS84")
    >>> mines = gpd.GeoDataFrame({"id": ["m", "n"]}, geometry=[Point(0, 0.05), Point(0, 0.5)], crs="OGC:CRS84")
    >>> count_within_distance(towns, mines, within_km=[10, 100]).loc["t"].tolist()
    [1, 2]
    """
    (place_ids, place_shapes), (_ids, feature_shapes) = project_frame(places), project_frame(features)
    counts = np.zeros((len(place_shapes), len(within_km)), dtype=np.int64)
    if len(place_shapes) and len(feature_shapes):
        boxes = shapely.bounds(feature_shapes)
        tree = shapely.STRtree(make_boxes(boxes))
        metres = np.asarray(within_km) * M_PER_KM
        meter = _DistanceMeter.from_features(feature_shapes)

        def count_chunk(chunk: slice) -> int:
            counts[chunk] = _count_pairs(place_shapes[chunk], boxes, tree, metres, meter)
            return int(chunk.stop)

        for done in iter_chunk_results(count_chunk, len(place_shapes), chunk=PLACES_AT_ONCE):
            progress(done, len(place_shapes))
    return pd.DataFrame(counts, columns=list(within_km), index=pd.Index(place_ids, name="id"))


@dataclass(frozen=True)
class _DistanceMeter:
    """A meter of distances between places and features: chain trees for polygons, built once, and GEOS for points."""

    feature_shapes: Geometries
    is_drawn: npt.NDArray[np.bool_]  # whether a feature has a chain tree
    trees: "ChainTrees | None"

    @classmethod
    def from_features(cls, shapes: Geometries) -> Self:
        """Build the chain trees before any thread starts."""
        is_drawn = is_polygonal(shapes) & numba_jit.HAS_NUMBA
        return cls(shapes, is_drawn, ShapeOutlines(shapes[is_drawn]).trees if is_drawn.any() else None)

    def measure(
        self, place_shapes: Geometries, place_rows: Ints, feature_rows: Ints, enough_m: Floats, most_m: Floats
    ) -> Floats:
        """
        Compute the distances of pairs in metres around each place, exact only between the given bounds.

        Distances below `enough_m` need not be exact, and distances above `most_m` are not computed.
        """
        is_polygon = is_polygonal(place_shapes)
        by_trees = is_polygon[place_rows] & self.is_drawn[feature_rows]
        distances = np.empty(len(place_rows))
        distances[~by_trees] = _distances_m(
            place_shapes, self.feature_shapes, place_rows[~by_trees], feature_rows[~by_trees]
        )
        if self.trees is not None and by_trees.any():
            from lindero.geo.kernels.edge_distance import distances_m  # needs numba

            centres = scale_factor.bbox_centres(place_shapes[is_polygon])
            local = ShapeOutlines(scale_factor.to_local_metres(place_shapes[is_polygon], centres)).trees
            tree_positions = (
                np.cumsum(is_polygon)[place_rows[by_trees]] - 1,
                np.cumsum(self.is_drawn)[feature_rows[by_trees]] - 1,
            )
            distances[by_trees] = distances_m(
                local, self.trees, centres, *tree_positions, enough_m[by_trees], most_m[by_trees]
            )
        return distances


def _count_pairs(
    place_shapes: Geometries, boxes: Floats, tree: shapely.STRtree, metres: Floats, meter: _DistanceMeter
) -> npt.NDArray[np.int64]:
    """Count features by distance. A pair is measured only where its bounding boxes leave the result open."""
    bounds = shapely.bounds(place_shapes)
    max_height = np.abs(bounds[:, [1, 3]]).max(axis=1)
    reach_units = metres.max() * scale_factor.plane_per_m(max_height) * BOX_SLACK
    place_rows, feature_rows = tree.query(make_boxes(bounds + np.outer(reach_units, (-1, -1, 1, 1))))
    least, most = _distance_bounds_m(bounds[place_rows], boxes[feature_rows])
    distance_m = most * BOX_SLACK
    is_open = (least[:, None] <= metres * BOX_SLACK) & (distance_m[:, None] > metres)
    rows = np.flatnonzero(is_open.any(axis=1))
    enough_m = np.where(is_open[rows], metres, np.inf).min(axis=1)
    most_m = np.where(is_open[rows], metres, 0.0).max(axis=1) * BOX_SLACK
    distance_m[rows] = np.minimum(
        meter.measure(place_shapes, place_rows[rows], feature_rows[rows], enough_m, most_m), distance_m[rows]
    )
    return np.column_stack(
        [np.bincount(place_rows[distance_m <= radius], minlength=len(place_shapes)) for radius in metres]
    )


def _distance_bounds_m(place_boxes: Floats, feature_boxes: Floats) -> tuple[Floats, Floats]:
    """
    Return lower and upper bounds of the distance between the shapes in pairs of boxes, in metres to about 1 %.

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
