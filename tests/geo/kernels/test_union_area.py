import os

import numpy as np
import pytest
import shapely
from shapely import MultiPolygon, Polygon, box

from lindero.geo import footprint, overlap
from lindero.geo.kernels import numba_jit
from tests.needed import missing
from tests.world import polygons, squares

if not numba_jit.HAS_NUMBA:
    missing("numba is not here")

from lindero.geo.geometry.rings import Rings
from lindero.geo.kernels.chain_tree import build_chain_trees
from lindero.geo.kernels.shared_area import shared_areas
from lindero.geo.kernels.union_area import covered_areas
from tests.amount import amount
from tests.fuzz import POOLS, pool, turned

GROUPS = int(os.environ.get("LINDERO_FUZZ_PAIRS", amount(200, 3_000))) // 5  # of each of 16 kinds


def covered(own, others):
    """Area of a polygon that others cover together."""
    trees = [build_chain_trees(Rings.from_polygons(np.array(side, dtype=object))) for side in ([own], others)]
    members = np.arange(len(others))
    shared = shared_areas(*trees, np.zeros(len(others), np.int64), members)
    return covered_areas(*trees, np.array([0]), np.array([0, len(others)]), members, shared)[0]


LAND = box(0, 0, 10, 10)


def test_ground_counts_once_however_many_cover_it():
    assert covered(LAND, [box(0, 0, 5, 10), box(0, 0, 5, 10)]) == 50
    assert covered(LAND, [box(0, 0, 6, 10), box(4, 0, 10, 10), box(2, 2, 8, 8)]) == 100
    assert covered(LAND, [box(-5, -5, 5, 5), box(-5, 4, 5, 20), box(8, 8, 9, 9)]) == 51


def test_covers_that_only_touch_add_up():
    assert covered(LAND, [box(0, 0, 5, 5), box(5, 0, 10, 5), box(0, 5, 5, 10)]) == 75


def test_a_cover_larger_than_the_land_covers_it_all():
    assert covered(LAND, [box(-50, -50, 50, 50), box(-5, -5, 15, 15), box(1, 1, 2, 2)]) == 100


def test_holes_are_not_covered_unless_another_fills_them():
    ring = box(-5, -5, 15, 15).difference(box(2, 2, 8, 8))

    assert covered(LAND, [ring, ring]) == 64
    assert covered(LAND, [ring, box(3, 3, 5, 5)]) == 68


def test_what_covers_nothing_adds_nothing():
    assert covered(LAND, [box(20, 0, 30, 10), box(25, 0, 35, 10)]) == 0
    assert covered(LAND, [box(10, 0, 20, 10), box(10, 0, 20, 10)]) == 0
    assert covered(MultiPolygon([box(0, 0, 1, 10), box(9, 0, 10, 10)]), [box(2, 0, 8, 10), box(2, 1, 8, 9)]) == 0


def test_edges_that_cross():
    one, other = Polygon([(0, 0), (10, 0), (0, 10)]), Polygon([(0, 0), (10, 10), (0, 10)])

    assert covered(LAND, [one, other]) == pytest.approx(75)


@pytest.mark.parametrize("way", ["as drawn", "far away", "on its side", "askew"])
@pytest.mark.parametrize("name", POOLS)
def test_adversaries_cover_what_geos_says(name, way):
    seed = POOLS.index(name)
    rng = np.random.default_rng(seed)
    shapes = turned(pool(name, 60, seed), way)
    trees = build_chain_trees(Rings.from_polygons(shapes))
    at = rng.integers(0, len(shapes), GROUPS)
    members = [rng.choice(len(shapes), rng.integers(1, 12), replace=False) for _ in at]
    starts = np.cumsum([0, *map(len, members)])
    every = np.concatenate(members)
    shared = shared_areas(trees, trees, np.repeat(at, np.diff(starts)), every)
    found = covered_areas(trees, trees, at, starts, every, shared)

    own, together = shapes[at], [shapely.union_all(shapes[some]) for some in members]
    ways = np.array(
        [
            shapely.area(shapely.intersection(own, together)),
            shapely.area(own) - shapely.area(shapely.difference(own, together)),
        ]
    )
    assert (np.abs(ways - found).min(axis=0) / shapely.area(own)).max() < 1e-9


def test_a_crowd_is_cut_into_strips_and_stays_the_same_ground():
    rng = np.random.default_rng(3)
    crowd = [box(x, y, x + w, y + h) for x, y, w, h in rng.integers(1, 40, (800, 4)) / [1, 1, 8, 8]]
    land = shapely.Point(20, 20).buffer(18)

    assert covered(land, crowd) == pytest.approx(land.intersection(shapely.union_all(crowd)).area, rel=1e-9)


def test_footprints_are_the_same_without_numba(monkeypatch):
    rng = np.random.default_rng(5)
    titles = squares(**{f"t{i}": tuple(rng.uniform(0, 60_000, 2)) for i in range(60)})
    stars = {f"l{i}": shapely.transform(shape, lambda xy: xy * 3_000) for i, shape in enumerate(pool("stars", 10, 9))}
    lands = polygons(**stars)
    pairs = overlap(titles, lands)
    fast = [footprint(pairs, titles, lands, by=by) for by in ("left_id", "right_id")]
    monkeypatch.setattr(numba_jit, "HAS_NUMBA", False)

    for one, by in zip(fast, ("left_id", "right_id"), strict=True):
        plain = footprint(pairs, titles, lands, by=by).set_index("id").loc[one["id"]]
        assert one["footprint_ha"].to_numpy() == pytest.approx(plain["footprint_ha"].to_numpy(), rel=1e-9)
