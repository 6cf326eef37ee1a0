"""Hotspots held to PySAL, to printed values, to worlds in which the truth is known, and to the rules of chance."""

import json
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import h3
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from lindero.geo import FrameError
from lindero.geo.geometry.crs import DEGREES
from lindero.geo.geometry.projection import project, unproject
from lindero.geo.near.window import disc
from lindero.geo.stats.fdr import benjamini_hochberg, count_permutations, pool
from lindero.geo.stats.getis_ord import local_g
from lindero.geo.stats.h3_grid import cell_centres, cells, choose_resolution, find_cells, measure_cells_ha
from lindero.geo.stats.hotspots import (
    COLD,
    HIGH,
    HOT,
    NONE,
    UNKNOWN,
    PlaceCounts,
    Setting,
    empirical_bayes,
    hotspots,
    sample_positions,
    stability,
)
from lindero.geo.stats.neighbours import Neighbours, cell_neighbours, nearest_neighbours, touching_neighbours
from tests.amount import amount

HERE = Path(__file__).parents[2]
IDS = sorted(h3.grid_disk(h3.latlng_to_cell(-7.0, -78.0, 5), 8))  # 217 cells
NEAR = cell_neighbours(IDS, rings=1)
WORLDS = amount(60, 200)  # of each kind


@pytest.fixture(scope="module")
def pysal():
    pytest.importorskip("esda")
    done = subprocess.run([sys.executable, str(HERE / "pysal_answers.py")], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def neighbours(lists):
    owner = np.repeat(np.arange(len(lists)), [len(near) for near in lists])
    return Neighbours(owner, np.array([j for near in lists for j in near]), len(lists))


def lists(near):
    return [near.neighbour[near.owner == i].tolist() for i in range(near.places)]


def test_gi_star_is_what_esdas_documentation_prints():
    """`esda.getisord.G_Local`, the example "local G* test using a binary weights object": points within 15 of each other."""
    xy = np.array([(10, 10), (20, 10), (40, 10), (15, 20), (30, 20), (30, 30)])
    near = [[j for j in range(6) if j != i and np.hypot(*(xy[i] - xy[j])) <= 15] for i in range(6)]
    found = local_g(np.array([[2, 3, 3.2, 5, 8, 7]]), neighbours(near), permutations=999, seed=10)

    printed = [-1.39727626, -0.28917762, 0.65064964, -0.28917762, 1.23452088, 2.02424331]
    assert found.z[0].tolist() == pytest.approx(printed, abs=1e-8)
    # of the ten pairs that can be the first one's neighbours two come to no more, (3, 3.2) and its own, (3, 5); esda
    # prints 0.101, for on this side it counts only what is less
    assert found.p_cold[0, 0] == pytest.approx(0.2, abs=0.05)


def test_burglary_in_columbus_gives_the_statistics_and_p_values_of_esda(pysal):
    crime, near = np.array([pysal["crime"]]), neighbours(pysal["queen"])
    found = local_g(crime, near, permutations=9_999, seed=1)
    ours = np.where(found.z[0] > 0, found.p_hot[0], found.p_cold[0])
    theirs = np.array(pysal["p_folded"])

    assert found.z[0].tolist() == pytest.approx(pysal["z"], abs=1e-9)
    assert np.abs(np.minimum(found.p_hot[0], found.p_cold[0]) - theirs).max() < 0.02
    # four standard errors of 9,999 permutations on both sides
    assert (np.abs(ours - theirs)[ours < 0.3] < 4 * np.sqrt(2 * 0.3 * 0.7 / 9_999)).all()


def test_neighbours_are_pysals(pysal):
    shapes = np.array(shapely.from_wkt(pysal["shapes"]), dtype=object)
    assert lists(touching_neighbours(shapes, gap_m=0.0)) == pysal["queen"]
    xy = np.array(pysal["xy"])
    ours, theirs = (
        [sorted(np.hypot(*(xy[i] - xy[near]).T)) for i, near in enumerate(found)]
        for found in (lists(nearest_neighbours(project(xy / 100), count=4)), pysal["nearest"])
    )
    assert np.array(ours) == pytest.approx(np.array(theirs), rel=0.01)  # a degree east is 0.7 % longer than one north


def test_rates_and_corrections_are_pysals_and_scipys(pysal):
    events, births = np.array(pysal["sids"], dtype=float), np.array(pysal["births"], dtype=float)

    assert empirical_bayes(events, births).tolist() == pytest.approx(pysal["rates"], rel=1e-9)
    p = np.array(pysal["p_folded"])
    q = benjamini_hochberg(p)
    assert q.tolist() == pytest.approx(pysal["q"])
    assert (q <= 0.05).tolist() == (p <= pysal["fdr"]).tolist()


def test_where_every_place_has_one_or_none_chance_is_hypergeometric():
    """Exact: of 216 others 30 (29) have one, and six of them are dealt out."""
    hypergeom = pytest.importorskip("scipy.stats").hypergeom
    rng = np.random.default_rng(3)
    has = np.zeros(len(IDS))
    has[rng.choice(len(IDS), 30, replace=False)] = 1
    found = local_g(has[None], NEAR, permutations=19_999, seed=4)
    around = NEAR.sums(has)
    others = 30 - has
    exact_hot = hypergeom.sf(around - 1, len(IDS) - 1, others, NEAR.degrees)
    exact_cold = hypergeom.cdf(around, len(IDS) - 1, others, NEAR.degrees)

    for ours, exact in ((found.p_hot[0], exact_hot), (found.p_cold[0], exact_cold)):
        assert (np.abs(ours - exact) <= 5 * np.sqrt(exact * (1 - exact) / 19_999) + 1e-4).all()


def test_in_worlds_of_chance_at_most_one_in_twenty_has_a_hotspot():
    """Where nothing is hot, all that is found is false: 5 % of the worlds may have any (Benjamini and Hochberg 1995)."""
    rng = np.random.default_rng(2026)
    worlds = {
        "even": lambda: (rng.poisson(0.5, len(IDS)).astype(float), None),
        "in clumps": lambda: (rng.negative_binomial(0.2, 0.2 / 0.7, len(IDS)).astype(float), None),
        "rates": lambda: (rng.poisson(base * 0.02).astype(float), base),
    }
    base = rng.lognormal(3, 1, len(IDS))
    for name, world in worlds.items():
        found = [hotspots(PlaceCounts(counts[None], NEAR, against), seed=seed)["result"]
                 for seed in range(WORLDS) for counts, against in [world()]]  # fmt: skip
        for kind in (HOT, COLD):
            assert sum((result == kind).any() for result in found) <= WORLDS / 20, (name, kind)


@pytest.mark.parametrize(("times", "power"), [(4, 0.5), (6, 0.9)])
def test_a_planted_hotspot_is_found_with_the_stated_power(times, power):
    """Twelve cells and their neighbours in which 4 (6) events come about where 1 does elsewhere."""
    rng = np.random.default_rng(11)
    middle = h3.latlng_to_cell(-7.0, -78.0, 5)
    planted = np.isin(IDS, list(h3.grid_disk(middle, 2)))
    found = []
    for seed in range(60):
        counts = rng.poisson(np.where(planted, times, 1.0)).astype(float)
        hot = (hotspots(PlaceCounts(counts[None], NEAR), seed=seed)["result"] == HOT).to_numpy()
        found.append(hot[planted].any())
        assert hot[~planted].sum() <= 8

    assert np.mean(found) >= power


def test_one_hotspot_alone_passes_the_correction_with_the_permutations_that_are_counted_for_it():
    counts = np.zeros(len(IDS))
    middle = IDS.index(h3.latlng_to_cell(-7.0, -78.0, 5))
    counts[[middle, *NEAR.neighbour[NEAR.owner == middle]]] = 3
    table = hotspots(PlaceCounts(counts[None], NEAR), seed=1)

    assert table.loc[middle, "result"] == HOT
    assert table.loc[middle, ["count", "observed"]].tolist() == [3, 21]
    assert table.loc[middle, "expected"] == pytest.approx(7 * 21 / len(IDS))
    few = hotspots(PlaceCounts(counts[None], NEAR), seed=1, permutations=99)
    assert few.loc[middle, "result"] == HIGH
    assert count_permutations(900) >= 900 / 0.05 - 1


def test_what_is_known_to_an_area_only_widens_the_answer():
    """The same events, once each in its cell, once somewhere in all the cells: hot, and not."""
    rng = np.random.default_rng(5)
    middle = IDS.index(h3.latlng_to_cell(-7.0, -78.0, 5))
    known = np.zeros((20, len(IDS)))
    known[:, [middle, *NEAR.neighbour[NEAR.owner == middle]]] = 3
    spread_out = np.array([np.bincount(rng.integers(0, len(IDS), 21), minlength=len(IDS)) for _ in range(20)])
    both = np.where(np.arange(20)[:, None] % 4 == 0, spread_out, known)  # unlike in one draw of four

    results = [hotspots(PlaceCounts(counts.astype(float), NEAR), seed=1) for counts in (known, spread_out, both)]
    assert [table.loc[middle, "result"] for table in results] == [HOT, NONE, NONE]
    assert results[0].loc[middle, ["observed_low", "observed_high"]].tolist() == [21, 21]
    assert results[2].loc[middle, "observed_low"] < 5
    firm = stability([Setting(PlaceCounts(both.astype(float), NEAR), np.arange(len(IDS)))], seed=1)
    assert firm[middle] == pytest.approx(0.75)


def test_a_place_without_a_base_is_not_tested_and_does_not_count():
    base = np.full(len(IDS), 10.0)
    base[0] = 0
    table = hotspots(PlaceCounts(np.ones((1, len(IDS))), NEAR, base), seed=1)

    assert table.loc[0, "result"] == UNKNOWN
    assert np.isnan(table.loc[0, "z"])
    assert set(table.loc[1:, "result"]) == {NONE}
    assert table.loc[1:, "observed"].to_numpy(dtype=float) == pytest.approx(table.loc[1:, "expected"].to_numpy(float))


def test_among_too_few_places_nothing_is_said():
    with pytest.raises(FrameError, match="only 6 places"):
        hotspots(PlaceCounts(np.ones((1, 6)), cell_neighbours(IDS[:6], rings=1)), seed=1)


def test_hotspots_side_by_side_are_one_area():
    hot = np.zeros(len(IDS), dtype=bool)
    first, far = IDS.index(h3.latlng_to_cell(-7.0, -78.0, 5)), 0
    hot[[first, NEAR.neighbour[NEAR.owner == first][0], far]] = True
    groups = NEAR.label_groups(hot)

    assert (groups >= 0).tolist() == hot.tolist()
    assert len(set(groups[hot])) == 2 + (far in NEAR.neighbour[NEAR.owner == first])


def test_neighbours_of_neighbours_are_the_second_ring():
    twice, rings = NEAR.expand(2), cell_neighbours(IDS, rings=2)

    assert (twice.owner.tolist(), twice.neighbour.tolist()) == (rings.owner.tolist(), rings.neighbour.tolist())


@settings(max_examples=25)
@given(p=st.lists(st.floats(1e-6, 1), min_size=1, max_size=30), draws=st.integers(1, 5))
def test_corrected_and_pooled_chances_are_chances_and_keep_their_order(p, draws):
    q = benjamini_hochberg(np.array(p))

    assert ((q >= np.array(p) - 1e-12) & (q <= 1)).all()
    assert (np.diff(q[np.argsort(p, kind="stable")]) >= -1e-12).all()
    together = pool(np.tile(p, (draws, 1)))
    assert ((together >= np.array(p) - 1e-12) & (together <= 1)).all()


def test_cells_cover_an_area_and_every_point_of_it_lies_in_one():
    area = shapely.box(-79, -8, -77, -6)
    drawn = cells(area, resolution=5)
    ids = list(drawn["id"])
    rng = np.random.default_rng(1)
    points = project(np.column_stack((rng.uniform(-79, -77, 500), rng.uniform(-8, -6, 500))))
    at = find_cells(points, ids)

    assert (at >= 0).all()
    inside = drawn.geometry.contains(gpd.GeoSeries(shapely.points(unproject(points)), crs=DEGREES).iloc[0])
    assert inside.to_numpy().nonzero()[0].tolist() in ([at[0]], [])
    assert find_cells(cell_centres(ids), ids).tolist() == list(range(len(ids)))
    assert find_cells(project(np.array([[-60.0, 0.0]])), ids).tolist() == [-1]
    assert find_cells(np.array([[np.nan, np.nan]]), ids).tolist() == [-1]
    whole = gpd.GeoSeries([area], crs=DEGREES)
    from lindero.geo.geometry.areas import area_ha

    assert measure_cells_ha(drawn, area).sum() == pytest.approx(
        area_ha(whole).iloc[0], rel=0.06
    )  # cells whose middle is out
    assert 30 <= len(cells(area, resolution=choose_resolution(48_000, cells=200))) <= 200


def test_events_fall_anywhere_in_their_area_and_where_they_are_known():
    area = disc(-75.0, -10.0, 30_000)
    supports = gpd.GeoSeries([shapely.Point(-70, -5), area, None, area], crs=DEGREES)
    drawn = sample_positions(supports, draws=200, seed=1)

    assert drawn.shape == (200, 4, 2)
    assert np.ptp(drawn[:, 0], axis=0).tolist() == [0, 0]
    assert np.isnan(drawn[:, 2]).all()
    fallen = unproject(drawn[:, [1, 3]].reshape(-1, 2))
    assert shapely.contains_xy(area, fallen).all()
    inner = shapely.contains_xy(disc(-75.0, -10.0, 30_000 / np.sqrt(2)), fallen).mean()
    assert inner == pytest.approx(0.5, abs=0.08)  # half of the ground
    assert (drawn[:, 1] != drawn[:, 3]).any()
    again = sample_positions(supports, draws=200, seed=1)
    assert np.array_equal(drawn, again, equal_nan=True)


def test_a_disc_has_its_radius():
    geod = __import__("pyproj").Geod(ellps="WGS84")
    vertices = shapely.get_coordinates(disc(-75.0, -10.0, 15_000))
    lengths = [geod.inv(-75.0, -10.0, x, y)[2] for x, y in vertices]

    assert lengths == pytest.approx([15_000] * len(vertices), rel=1e-6)


def test_rates_are_never_above_or_below_all_that_was_counted():
    rates = empirical_bayes(np.array([0.0, 5.0, 1.0]), np.array([10.0, 10.0, 1_000.0]))

    assert 0 <= rates.min() <= rates.max() <= 0.5
    with pytest.raises(FrameError):
        empirical_bayes(np.ones(2), np.array([1.0, 0.0]))


def test_a_count_far_above_the_expected_one_is_never_called_as_expected():
    counts = np.zeros(len(IDS))
    middle = IDS.index(h3.latlng_to_cell(-7.0, -78.0, 5))
    counts[[middle, *NEAR.neighbour[NEAR.owner == middle]]] = 1
    few = hotspots(PlaceCounts(counts[None], NEAR), seed=1, permutations=99)

    assert few.loc[middle, "q"] > 0.05
    assert few.loc[middle, "result"] == HIGH
    alone = few[few["observed"] == 1]  # one event among 900 places is no more than chance
    assert set(alone["result"]) == {NONE}
