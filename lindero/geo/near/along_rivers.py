"""
What lies on the same river: near its bed, and no farther off than a distance along it.

Along, not up or down: the lines say where a river runs, not which way it flows.
"""

import heapq
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from lindero.geo.geometry import scale_factor
from lindero.geo.geometry.crs import DEGREES
from lindero.geo.geometry.projection import Floats, Geometries, Ints, project, with_geodesic_edges
from lindero.geo.geometry.units import M_PER_KM
from lindero.geo.near.within_distance import on_plane, paired, stretch

STEP_M = 1_000.0  # a bed is walked in steps of at most this length
JOIN_M = 750.0  # a line that ends this close to another flows into it, or out of it
MARGIN_DEGREES = 0.5
CELL_M = 10_000.0  # the side of the cells in which what lies near places is told from what nobody reaches


@dataclass(frozen=True)
class OnRivers:
    """`pairs`: `place_id`, `id`, `along_m`, by place and distance. `at_river`: ids of the places on a river."""

    pairs: pd.DataFrame
    at_river: "pd.Index[str]"


def on_same_river(
    places: gpd.GeoDataFrame,
    features: gpd.GeoDataFrame,
    rivers: gpd.GeoDataFrame,
    *,
    near_km: float,
    within_km: float,
    step_m: float = STEP_M,
    join_m: float = JOIN_M,
) -> OnRivers:
    """
    Pair places with the features that lie on the same river.

    A place lies on every river whose bed comes within `near_km` of its edge, and so does a feature. The distance along
    the bed is from the places on it that are nearest to each other (0 where the two meet the same stretch), over
    confluences too, at steps of at most `step_m`.

    Parameters
    ----------
    places, features
        Points or valid polygons with a unique `id`. Any CRS. Not across the antimeridian.
    rivers
        Lines in degrees, which way they run does not matter. Tributaries end on, or within `join_m` of, what they join.
    near_km, within_km
        How near a river, and how far along it, kilometres on the ground.
    step_m, join_m
        How finely beds are walked, and how far apart lines may end that meet, metres: as coarse as the lines are.

    Returns
    -------
    OnRivers
        A place that is not among `at_river` lies on no river that the lines hold, which is not to say on none.

    Raises
    ------
    GeoError
        As `geo.overlay.overlap`. A `ValueError`.
    """
    (place_ids, own), (names, others) = on_plane(places), on_plane(features)
    around = _boxes_about(own, (near_km + within_km) * M_PER_KM)
    beds = _Beds.of(_round_about(rivers, places), around, step_m, join_m)
    at_place, at_feature = (paired(shapes, beds.tree, within_km=near_km)[:2] for shapes in (own, others))
    lying = _Lying.of(names, *at_feature, len(beds.tree))
    at_river: pd.Index[str] = pd.Index(np.unique(place_ids[at_place[0]]), dtype=str)
    found = [(place_ids[:0], names[:0], np.empty(0))]
    for place, starts in pd.Series(at_place[1]).groupby(place_ids[at_place[0]], sort=True):
        feature, along_m = lying.met(beds.reached(starts.tolist(), within_km * M_PER_KM))
        found.append((np.full(len(feature), place, dtype=object), feature, along_m))
    place_id, feature_id, along = (np.concatenate(parts) for parts in zip(*found, strict=True))
    pairs = pd.DataFrame({"place_id": place_id, "id": feature_id, "along_m": along})
    pairs = pairs.astype({"place_id": object, "id": object})
    pairs = pairs.sort_values(["place_id", "along_m", "id"], ignore_index=True)
    return OnRivers(pairs.astype({"along_m": float}), at_river)


@dataclass(frozen=True)
class _Lying:
    """Which features lie at each node of the beds: one node after the other, and where those of each begin."""

    names: npt.NDArray[np.object_]
    feature: Ints
    first: Ints

    @classmethod
    def of(cls, names: npt.NDArray[np.object_], feature: Ints, node: Ints, nodes: int) -> "_Lying":
        order = np.argsort(node, kind="stable")
        first = np.searchsorted(node[order], np.arange(nodes + 1))
        return cls(names, feature[order], first)

    def met(self, reached: dict[int, float]) -> tuple[npt.NDArray[np.object_], Floats]:
        """Give the features at nodes, which come the nearest first, each once with the distance to its nearest node."""
        node, along_m = np.fromiter(reached, np.int64), np.fromiter(reached.values(), np.float64)
        count = self.first[node + 1] - self.first[node]
        before = np.concatenate((np.zeros(1, np.int64), np.cumsum(count)))
        at = np.arange(before[-1]) + np.repeat(self.first[node] - before[:-1], count)
        feature, nearest = np.unique(self.feature[at], return_index=True)
        return self.names[feature], np.repeat(along_m, count)[nearest]


@dataclass(frozen=True)
class _Beds:
    """
    Rivers as steps: nodes on the equal-area plane, and for each the nodes one step away with the metres to them.

    The steps of one node after the other, and where those of each begin: a network has many times the nodes that are
    walked to.
    """

    tree: shapely.STRtree
    first: list[int]
    onto: list[int]
    metres: list[float]

    @classmethod
    def of(cls, lines: Geometries, around: Floats, step_m: float, join_m: float) -> "_Beds":
        """Walk lines, in degrees; what lies outside all of some boxes on the plane is left out."""
        corners, line = shapely.get_coordinates(with_geodesic_edges(lines, max_piece_m=step_m), return_index=True)
        nodes = project(corners)
        turns = np.flatnonzero(np.diff(line)) + 1
        ends = np.unique(np.concatenate(([0], turns - 1, turns, [len(line) - 1]))) if len(line) else turns
        kept = np.flatnonzero(_in_boxes(nodes, around))
        ends = np.flatnonzero(np.isin(kept, ends))
        nodes, line = nodes[kept], line[kept]
        onward = np.flatnonzero((np.diff(line) == 0) & (np.diff(kept) == 1))
        lengths = scale_factor.edge_lengths_m(nodes[:, 0], nodes[:, 1])[onward]
        tree = shapely.STRtree(np.asarray(shapely.points(nodes), dtype=object))
        near, far, gap = _joins(nodes, line, ends, tree, join_m)
        begin, end = np.concatenate((onward, near)), np.concatenate((onward + 1, far))
        both, metres = np.concatenate((begin, end)), np.tile(np.concatenate((lengths, gap)), 2)
        order = np.argsort(both, kind="stable")
        first = np.searchsorted(both[order], np.arange(len(nodes) + 1))
        onto = np.concatenate((end, begin))[order]
        return cls(tree, first.tolist(), onto.tolist(), metres[order].tolist())

    def reached(self, starts: list[int], farthest_m: float) -> dict[int, float]:
        """Give the nodes within a distance along the beds, with the distance, the nearest first (Dijkstra)."""
        found: dict[int, float] = {}
        queue = [(0.0, start) for start in starts]
        heapq.heapify(queue)
        while queue:
            so_far, node = heapq.heappop(queue)
            if node in found:
                continue
            found[node] = so_far
            for step in range(self.first[node], self.first[node + 1]):
                along_m = so_far + self.metres[step]
                if self.onto[step] not in found and along_m <= farthest_m:
                    heapq.heappush(queue, (along_m, self.onto[step]))
        return found


def _joins(nodes: Floats, line: Ints, ends: Ints, tree: shapely.STRtree, join_m: float) -> tuple[Ints, Ints, Floats]:
    """Join the ends of lines to the nodes of other lines that are near, with the metres between them."""
    reach = join_m * scale_factor.plane_per_m(np.abs(nodes[ends, 1]))
    at, other = tree.query(tree.geometries[ends], predicate="dwithin", distance=reach)
    apart = line[ends[at]] != line[other]
    end, other = ends[at[apart]], other[apart]
    pairs = np.stack((nodes[end], nodes[other]), axis=1).reshape(-1, 2)
    gap = scale_factor.edge_lengths_m(pairs[:, 0], pairs[:, 1])[::2]
    near = gap <= join_m  # on the plane a metre may be longer one way than the other
    return end[near], other[near], gap[near]


def _boxes_about(shapes: Geometries, metres: float) -> Floats:
    """Give the boxes on the plane that hold all that is no farther from each shape."""
    return np.asarray(shapely.bounds(shapes) + np.outer(metres * stretch(shapes), (-1, -1, 1, 1)))


def _in_boxes(points: Floats, boxes: Floats) -> npt.NDArray[np.bool_]:
    """Tell which points lie in any of some boxes, or at most the side of a cell away: boxes are laid out in cells."""
    found = np.zeros(len(points), dtype=bool)
    if not len(boxes) or not len(points):
        return found
    least, most = points.min(axis=0), points.max(axis=0)
    low, high = (np.floor(np.clip(side, least, most) / CELL_M).astype(np.int64) for side in np.split(boxes, 2, axis=1))
    origin = low.min(axis=0)
    cells = np.zeros(high.max(axis=0) - origin + 1, dtype=bool)
    for (west, south), (east, north) in zip(low - origin, high - origin + 1, strict=True):
        cells[west:east, south:north] = True
    at = np.floor(points / CELL_M).astype(np.int64) - origin
    within = np.flatnonzero(((at >= 0) & (at < cells.shape)).all(axis=1))
    found[within] = cells[at[within, 0], at[within, 1]]
    return found


def _round_about(rivers: gpd.GeoDataFrame, places: gpd.GeoDataFrame) -> Geometries:
    """Cut rivers off where they are far from all places."""
    west, south, east, north = places.to_crs(DEGREES).total_bounds
    box = west - MARGIN_DEGREES, south - MARGIN_DEGREES, east + MARGIN_DEGREES, north + MARGIN_DEGREES
    cut = shapely.clip_by_rect(rivers.geometry.to_numpy(), *box)
    parts = shapely.get_parts(cut[~shapely.is_empty(cut)])
    return np.asarray(parts[shapely.get_type_id(parts) == shapely.GeometryType.LINESTRING])
