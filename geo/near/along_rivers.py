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
from lindero.geo.geometry.projection import Floats, Geometries, Ints, project, unproject, with_geodesic_edges
from lindero.geo.near.within_distance import within

STEP_M = 1_000.0  # a bed is walked in steps of at most this length
JOIN_M = 750.0  # a line that ends this close to another flows into it, or out of it
MARGIN_DEGREES = 0.5


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
    beds = _Beds.of(_round_about(rivers, places), step_m, join_m)
    nodes = gpd.GeoDataFrame({"id": range(len(beds.nodes))}, geometry=_points(unproject(beds.nodes)), crs=DEGREES)
    at_place, at_feature = (within(frame, nodes, within_km=near_km) for frame in (places, features))
    lying = _Lying.of(at_feature, len(beds.nodes))
    found = [(at_place["place_id"].iloc[:0].to_numpy(), lying.names[:0], np.empty(0))]
    for place, starts in at_place.groupby("place_id", sort=True)["id"]:
        feature, along_m = lying.met(beds.reached(starts.tolist(), within_km * 1000))
        found.append((np.full(len(feature), place, dtype=object), feature, along_m))
    columns = zip(("place_id", "id", "along_m"), map(np.concatenate, zip(*found, strict=True)), strict=True)
    pairs = pd.DataFrame(dict(columns)).astype({"place_id": object, "id": object})
    pairs = pairs.sort_values(["place_id", "along_m", "id"], ignore_index=True)
    return OnRivers(pairs.astype({"along_m": float}), pd.Index(at_place["place_id"].unique()))


@dataclass(frozen=True)
class _Lying:
    """Which features lie at each node of the beds: one node after the other, and where those of each begin."""

    names: npt.NDArray[np.object_]
    feature: Ints
    first: Ints

    @classmethod
    def of(cls, at_feature: pd.DataFrame, nodes: int) -> "_Lying":
        feature, names = pd.factorize(at_feature["place_id"])
        node = at_feature["id"].to_numpy(dtype=np.int64)
        order = np.argsort(node, kind="stable")
        first = np.searchsorted(node[order], np.arange(nodes + 1))
        return cls(np.asarray(names, dtype=object), feature[order], first)

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

    nodes: Floats
    first: list[int]
    onto: list[int]
    metres: list[float]

    @classmethod
    def of(cls, lines: Geometries, step_m: float, join_m: float) -> "_Beds":
        drawn = shapely.transform(with_geodesic_edges(lines, max_piece_m=step_m), project)
        nodes, line = shapely.get_coordinates(drawn, return_index=True)
        onward = np.flatnonzero(line[1:] == line[:-1])
        lengths = scale_factor.edge_lengths_m(nodes[:, 0], nodes[:, 1])[onward]
        near, far, gap = _joins(nodes, line, join_m)
        begin, end = np.concatenate((onward, near)), np.concatenate((onward + 1, far))
        both, metres = np.concatenate((begin, end)), np.tile(np.concatenate((lengths, gap)), 2)
        order = np.argsort(both, kind="stable")
        first = np.searchsorted(both[order], np.arange(len(nodes) + 1))
        onto = np.concatenate((end, begin))[order]
        return cls(nodes, first.tolist(), onto.tolist(), metres[order].tolist())

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


def _joins(nodes: Floats, line: Ints, join_m: float) -> tuple[Ints, Ints, Floats]:
    """Join the ends of lines to the nodes of other lines that are near, with the metres between them."""
    if not len(line):
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), np.empty(0)
    turns = np.flatnonzero(np.diff(line)) + 1
    ends = np.unique(np.concatenate(([0], turns - 1, turns, [len(line) - 1])))
    reach = join_m * scale_factor.plane_per_m(np.abs(nodes[ends, 1]))
    at, other = shapely.STRtree(_points(nodes)).query(_points(nodes[ends]), predicate="dwithin", distance=reach)
    apart = line[ends[at]] != line[other]
    end, other = ends[at[apart]], other[apart]
    pairs = np.stack((nodes[end], nodes[other]), axis=1).reshape(-1, 2)
    gap = scale_factor.edge_lengths_m(pairs[:, 0], pairs[:, 1])[::2]
    return end, other, gap


def _round_about(rivers: gpd.GeoDataFrame, places: gpd.GeoDataFrame) -> Geometries:
    """Cut rivers off where they are far from all places."""
    west, south, east, north = places.to_crs(DEGREES).total_bounds
    box = west - MARGIN_DEGREES, south - MARGIN_DEGREES, east + MARGIN_DEGREES, north + MARGIN_DEGREES
    cut = shapely.clip_by_rect(rivers.geometry.to_numpy(), *box)
    parts = shapely.get_parts(cut[~shapely.is_empty(cut)])
    return np.asarray(parts[shapely.get_type_id(parts) == shapely.GeometryType.LINESTRING])


def _points(coordinates: Floats) -> Geometries:
    return np.asarray(shapely.points(coordinates), dtype=object)
