import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import MultiPolygon, box

from lindero.geo import overlap, totals
from lindero.geo.kernels import numba_jit
from lindero.geo.overlay import footprint
from tests.needed import missing
from tests.world import polygons, squares

if not numba_jit.HAS_NUMBA:
    missing("numba is not here")

from lindero.geo.geometry.rings import Rings
from lindero.geo.kernels import pair_union
from lindero.geo.kernels.chain_tree import build_chain_trees
from lindero.geo.kernels.pair_union import find_enclosed_pairs, pair_boxes, split_into_cells, union_area
from tests.fuzz import POOLS, pool, turned

WAYS = ["as drawn", "far away", "on its side", "askew"]


def measured(left, right, pairs, **within):
    trees = [build_chain_trees(Rings.from_polygons(np.array(side, dtype=object))) for side in (left, right)]
    at = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return union_area(*trees, at[:, 0].copy(), at[:, 1].copy(), **within)


def test_ground_of_several_pairs_counts_once():
    lands = [box(0, 0, 10, 10), box(5, 0, 15, 10)]
    titles = [box(0, 0, 8, 5), box(6, 0, 20, 5)]

    assert measured(lands, titles, [(0, 0), (1, 1)]) == 8 * 5 + 9 * 5 - 2 * 5
    assert measured(lands, titles, [(0, 0), (0, 1), (1, 0), (1, 1)]) == 15 * 5


def test_ground_counts_only_where_a_pair_shares_it():
    lands, titles = [box(0, 0, 10, 10), box(5, 0, 15, 10)], [box(0, 0, 20, 5)]

    assert measured(lands, titles, [(1, 0)]) == 10 * 5
    assert measured(lands, titles, []) == 0


def test_parts_and_holes():
    ring = box(0, 0, 10, 10).difference(box(2, 2, 8, 8))

    assert measured([ring], [MultiPolygon([box(0, 0, 5, 10), box(6, 0, 7, 10)])], [(0, 0)]) == 2 * 10 + 3 * 4 + 4


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", POOLS)
def test_adversaries_share_what_geos_says(name, way, monkeypatch):
    monkeypatch.setattr(pair_union, "PAIRS", 7)
    seed = POOLS.index(name)
    rng = np.random.default_rng(seed)
    left, right = turned(pool(name, 30, seed), way), turned(pool(name, 30, seed + 50), way)
    pairs = np.argwhere(rng.random((30, 30)) < 0.05)

    expected = shapely.union_all(shapely.intersection(left[pairs[:, 0]], right[pairs[:, 1]])).area
    assert measured(left, right, pairs) == pytest.approx(expected, rel=1e-9)


def test_cells_cover_the_plane_and_hold_each_pair_where_it_lies():
    rng = np.random.default_rng(2)
    low = rng.uniform(0, 100, (300, 2))
    boxes = np.column_stack((low[:, 0], low[:, 0] + 4, low[:, 1], low[:, 1] + 4))
    cells = split_into_cells(boxes, max_pairs=20)

    assert max(len(cell.pairs) for cell in cells) <= 20
    for x, y in rng.uniform(-10, 110, (200, 2)):
        (cell,) = (cell for cell in cells if cell.box[0] <= x < cell.box[1] and cell.box[2] <= y < cell.box[3])
        inside = np.flatnonzero((boxes[:, 0] < x) & (x < boxes[:, 1]) & (boxes[:, 2] < y) & (y < boxes[:, 3]))
        assert set(inside) <= set(cell.pairs)


def test_pairs_on_top_of_each_other_stay_in_one_cell():
    same = np.tile([0.0, 1.0, 0.0, 1.0], (50, 1))

    assert [len(cell.pairs) for cell in split_into_cells(same, max_pairs=10)] == [50]
    trees = [build_chain_trees(Rings.from_polygons(np.array([box(0, 0, 2, 2)], dtype=object)))] * 2
    assert pair_boxes(*trees, np.array([0]), np.array([0])).tolist() == [[0, 2, 0, 2]]


def test_a_box_is_enclosed_if_no_edge_is_within_the_margin():
    ring = box(0, 0, 10, 10).difference(box(4, 4, 5, 5))
    inner = [box(1, 1, 2, 2), box(4.2, 4.2, 4.8, 4.8), box(3, 3, 6, 6), box(20, 20, 21, 21), box(-5, -5, 15, 15)]
    outer, inner = (build_chain_trees(Rings.from_polygons(np.array(side, dtype=object))) for side in ([ring], inner))
    at = np.zeros(5, np.int64), np.arange(5)

    assert find_enclosed_pairs(outer, inner, *at, np.full(5, 0.9)).tolist() == [True, False, False, False, False]
    assert not find_enclosed_pairs(outer, inner, *at, np.full(5, 1.1)).any()


@pytest.mark.parametrize("accuracy_m", [0.0, 50.0, 400.0])
def test_pairs_of_what_is_deep_inside_another_feature_change_no_total(accuracy_m, monkeypatch):
    rng = np.random.default_rng(11)
    titles, lands = (
        polygons(**{f"{name}{i}": box(x, y, x + side, y + side) for i, (x, y) in enumerate(corners)})
        for name, side, corners in (
            ("t", 1_000, rng.uniform(0, 20_000, (60, 2))),
            ("l", 6_000, rng.uniform(-3_000, 17_000, (25, 2))),
        )
    )
    wide = polygons(l90=box(2_000, 2_000, 9_000, 9_000), t90=box(1_000, 1_000, 10_000, 10_000))
    titles, lands = pd.concat([titles, wide[1:]]), pd.concat([lands, wide[:1]])
    sides = titles.assign(boundary_accuracy_m=accuracy_m), lands
    pairs, measured = overlap(*sides), []
    measure = footprint._union_area_m2
    monkeypatch.setattr(
        footprint, "_union_area_m2", lambda *given: (measured.append(len(given[2].members)), measure(*given))[1]
    )
    few = totals(pairs, *sides, with_range=True)
    monkeypatch.setattr(footprint, "_drop_redundant_pairs", lambda _base, _cover, groups: groups)
    every = totals(pairs, *sides, with_range=True)

    assert figures(few) == pytest.approx(figures(every), rel=1e-12)
    assert measured[0] < 0.9 * measured[3] == 0.9 * len(pairs)


@pytest.fixture
def crowd():
    rng = np.random.default_rng(5)
    titles = squares(**{f"t{i}": tuple(rng.uniform(0, 60_000, 2)) for i in range(60)})
    stars = {f"l{i}": shapely.transform(shape, lambda xy: xy * 3_000) for i, shape in enumerate(pool("stars", 10, 9))}
    return titles, polygons(**stars)


def figures(sums):
    return [sums.footprint_ha, sums.certain_ha, sums.possible_ha]


def test_totals_in_parts_are_the_totals(crowd, monkeypatch):
    pairs = overlap(*crowd)
    whole = totals(pairs, *crowd, with_range=True)
    monkeypatch.setattr(footprint, "PAIRS_A_PART", 9)

    assert figures(totals(pairs, *crowd, with_range=True)) == pytest.approx(figures(whole), rel=1e-9)


def test_totals_in_parts_follow_what_moves_across_the_antimeridian(monkeypatch):
    lands = polygons(**{f"l{i}": box(20_037_400, i * 3_000, 20_037_508, i * 3_000 + 2_000) for i in range(4)})
    pairs = overlap(lands.assign(boundary_accuracy_m=500.0), lands)
    sides = lands.assign(boundary_accuracy_m=500.0), lands
    whole = totals(pairs, *sides, with_range=True)
    monkeypatch.setattr(footprint, "PAIRS_A_PART", 1)

    assert figures(totals(pairs, *sides, with_range=True)) == pytest.approx(figures(whole), rel=1e-9)


def test_totals_are_the_same_without_numba(crowd, monkeypatch):
    pairs = overlap(*crowd)
    fast = totals(pairs, *crowd, with_range=True)
    monkeypatch.setattr(numba_jit, "HAS_NUMBA", False)

    assert figures(totals(pairs, *crowd, with_range=True)) == pytest.approx(figures(fast), rel=1e-9)
