"""Features on the same river as a place: near the river, and within a distance along it.

The distance is along the river in either direction. The lines show the course of a river, not the direction of its
flow.
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
from lindero.geo.geometry.projection import Floats, Geometries, Ints, densify_edges, project
from lindero.geo.geometry.units import M_PER_KM
from lindero.geo.near.within_distance import max_stretch, pair_shapes, project_frame

STEP_M = 1_000.0  # maximum length of a step along a river
JOIN_M = 750.0  # a line that ends this close to another line flows into it or out of it
MARGIN_DEGREES = 0.5
CELL_M = 10_000.0  # side of the grid cells that preselect points of rivers near places


@dataclass(frozen=True)
class RiverPairs:
    """The result of `find_on_same_river`.

    `pairs` has `place_id`, `id`, `along_m`, sorted by place and distance. `river_place_ids` contains the ids of the
    places on a river.
    """

    pairs: pd.DataFrame
    river_place_ids: "pd.Index[str]"


def find_on_same_river(
    places: gpd.GeoDataFrame,
    features: gpd.GeoDataFrame,
    rivers: gpd.GeoDataFrame,
    *,
    near_km: float,
    within_km: float,
    step_m: float = STEP_M,
    join_m: float = JOIN_M,
) -> RiverPairs:
    """Find the features that are on the same river as each place.

    A place or feature is on every river that comes within `near_km` of its edge. The distance along the river is
    between the nearest points of the two on the network. It is 0 where both reach the same point of the river. Paths
    may cross confluences.

    `places`, `features`: frames of points or valid polygons with a unique `id`, in any CRS, not across the
    antimeridian. `rivers`: lines in degrees, in either direction. Tributaries end on the river that they join, or
    within `join_m` of it. `step_m`, `join_m`: maximum step along the lines, and maximum gap between lines that join, in
    metres. Returns: places that are not in `at_river` are not on any river of the data. They may be on a river that the
    data lack.
    """
    (place_ids, place_shapes), (feature_ids, feature_shapes) = project_frame(places), project_frame(features)
    search_boxes = _search_boxes(place_shapes, (near_km + within_km) * M_PER_KM)
    network = _RiverNetwork.from_lines(_clip_rivers(rivers, places), search_boxes, step_m, join_m)
    at_place, at_feature = (
        pair_shapes(shapes, network.tree, within_km=near_km)[:2] for shapes in (place_shapes, feature_shapes)
    )
    features_by_node = _NodeFeatures.from_pairs(feature_ids, *at_feature, len(network.tree))
    at_river: pd.Index[str] = pd.Index(np.unique(place_ids[at_place[0]]), dtype=str)
    tables = [(place_ids[:0], feature_ids[:0], np.empty(0))]
    for place, start_nodes in pd.Series(at_place[1]).groupby(place_ids[at_place[0]], sort=True):
        feature, along_m = features_by_node.find_features(
            network.find_reachable(start_nodes.tolist(), within_km * M_PER_KM)
        )
        tables.append((np.full(len(feature), place, dtype=object), feature, along_m))
    place_id, feature_id, along_distances = (np.concatenate(parts) for parts in zip(*tables, strict=True))
    pairs = pd.DataFrame({"place_id": place_id, "id": feature_id, "along_m": along_distances})
    pairs = pairs.astype({"place_id": object, "id": object})
    pairs = pairs.sort_values(["place_id", "along_m", "id"], ignore_index=True)
    return RiverPairs(pairs.astype({"along_m": float}), at_river)


@dataclass(frozen=True)
class _NodeFeatures:
    """The features at each node of the river network, node after node, with the offset of each node."""

    names: npt.NDArray[np.object_]
    feature: Ints
    first: Ints

    @classmethod
    def from_pairs(cls, names: npt.NDArray[np.object_], feature: Ints, node: Ints, nodes: int) -> "_NodeFeatures":
        order = np.argsort(node, kind="stable")
        first = np.searchsorted(node[order], np.arange(nodes + 1))
        return cls(names, feature[order], first)

    def find_features(self, reached_nodes: dict[int, float]) -> tuple[npt.NDArray[np.object_], Floats]:
        """Return the features at nodes, each once with the distance of its nearest node.

        The nodes are sorted by distance.
        """
        node, along_m = np.fromiter(reached_nodes, np.int64), np.fromiter(reached_nodes.values(), np.float64)
        count = self.first[node + 1] - self.first[node]
        offsets = np.concatenate((np.zeros(1, np.int64), np.cumsum(count)))
        rows = np.arange(offsets[-1]) + np.repeat(self.first[node] - offsets[:-1], count)
        feature, nearest = np.unique(self.feature[rows], return_index=True)
        return self.names[feature], np.repeat(along_m, count)[nearest]


@dataclass(frozen=True)
class _RiverNetwork:
    """A river network: nodes on the equal-area plane, and for each the adjacent nodes with distances in metres.

    The adjacent nodes are stored node after node, with the offset of each node, because most nodes of a network are
    never visited.
    """

    tree: shapely.STRtree
    first: list[int]
    onto: list[int]
    metres: list[float]

    @classmethod
    def from_lines(cls, lines: Geometries, boxes: Floats, step_m: float, join_m: float) -> "_RiverNetwork":
        """Build the network of lines in degrees. Nodes outside all boxes on the plane are left out."""
        vertices, line = shapely.get_coordinates(densify_edges(lines, max_piece_m=step_m), return_index=True)
        nodes = project(vertices)
        line_starts = np.flatnonzero(np.diff(line)) + 1
        ends = (
            np.unique(np.concatenate(([0], line_starts - 1, line_starts, [len(line) - 1])))
            if len(line)
            else line_starts
        )
        node_rows = np.flatnonzero(_is_in_boxes(nodes, boxes))
        ends = np.flatnonzero(np.isin(node_rows, ends))
        nodes, line = nodes[node_rows], line[node_rows]
        onward = np.flatnonzero((np.diff(line) == 0) & (np.diff(node_rows) == 1))
        lengths = scale_factor.edge_lengths_m(nodes[:, 0], nodes[:, 1])[onward]
        tree = shapely.STRtree(np.asarray(shapely.points(nodes), dtype=object))
        join_start, join_end, gap = _join_ends(nodes, line, ends, tree, join_m)
        step_start, step_end = np.concatenate((onward, join_start)), np.concatenate((onward + 1, join_end))
        start_nodes, step_lengths = np.concatenate((step_start, step_end)), np.tile(np.concatenate((lengths, gap)), 2)
        order = np.argsort(start_nodes, kind="stable")
        first = np.searchsorted(start_nodes[order], np.arange(len(nodes) + 1))
        onto = np.concatenate((step_end, step_start))[order]
        return cls(tree, first.tolist(), onto.tolist(), step_lengths[order].tolist())

    def find_reachable(self, starts: list[int], farthest_m: float) -> dict[int, float]:
        """Return the nodes within a distance along the network with their distances, nearest first (Dijkstra)."""
        distances: dict[int, float] = {}
        queue = [(0.0, start) for start in starts]
        heapq.heapify(queue)
        while queue:
            distance_m, node = heapq.heappop(queue)
            if node in distances:
                continue
            distances[node] = distance_m
            for step in range(self.first[node], self.first[node + 1]):
                along_m = distance_m + self.metres[step]
                if self.onto[step] not in distances and along_m <= farthest_m:
                    heapq.heappush(queue, (along_m, self.onto[step]))
        return distances


def _join_ends(
    nodes: Floats, line: Ints, ends: Ints, tree: shapely.STRtree, join_m: float
) -> tuple[Ints, Ints, Floats]:
    """Join the ends of lines to nearby nodes of other lines, and return the gaps in metres."""
    reach = join_m * scale_factor.plane_per_m(np.abs(nodes[ends, 1]))
    end_rows, nearby = tree.query(tree.geometries[ends], predicate="dwithin", distance=reach)
    is_other_line = line[ends[end_rows]] != line[nearby]
    end, nearby = ends[end_rows[is_other_line]], nearby[is_other_line]
    pairs = np.stack((nodes[end], nodes[nearby]), axis=1).reshape(-1, 2)
    gap = scale_factor.edge_lengths_m(pairs[:, 0], pairs[:, 1])[::2]
    is_near = gap <= join_m  # a metre on the plane differs by direction, so the search radius is only an upper bound
    return end[is_near], nearby[is_near], gap[is_near]


def _search_boxes(shapes: Geometries, metres: float) -> Floats:
    """Return the boxes on the plane that contain everything within a distance of each shape."""
    return np.asarray(shapely.bounds(shapes) + np.outer(metres * max_stretch(shapes), (-1, -1, 1, 1)))


def _is_in_boxes(points: Floats, boxes: Floats) -> npt.NDArray[np.bool_]:
    """Return a mask of the points that are in any box, or at most one cell's side outside.

    The boxes are rasterized to cells.
    """
    is_inside = np.zeros(len(points), dtype=bool)
    if not len(boxes) or not len(points):
        return is_inside
    lowest, highest = points.min(axis=0), points.max(axis=0)
    low, high = (
        np.floor(np.clip(side, lowest, highest) / CELL_M).astype(np.int64) for side in np.split(boxes, 2, axis=1)
    )
    origin = low.min(axis=0)
    cells = np.zeros(high.max(axis=0) - origin + 1, dtype=bool)
    for (west, south), (east, north) in zip(low - origin, high - origin + 1, strict=True):
        cells[west:east, south:north] = True
    cell = np.floor(points / CELL_M).astype(np.int64) - origin
    rows = np.flatnonzero(((cell >= 0) & (cell < cells.shape)).all(axis=1))
    is_inside[rows] = cells[cell[rows, 0], cell[rows, 1]]
    return is_inside


def _clip_rivers(rivers: gpd.GeoDataFrame, places: gpd.GeoDataFrame) -> Geometries:
    """Clip rivers to the surroundings of all places."""
    west, south, east, north = places.to_crs(DEGREES).total_bounds
    box = west - MARGIN_DEGREES, south - MARGIN_DEGREES, east + MARGIN_DEGREES, north + MARGIN_DEGREES
    clipped = shapely.clip_by_rect(rivers.geometry.to_numpy(), *box)
    parts = shapely.get_parts(clipped[~shapely.is_empty(clipped)])
    return np.asarray(parts[shapely.get_type_id(parts) == shapely.GeometryType.LINESTRING])
