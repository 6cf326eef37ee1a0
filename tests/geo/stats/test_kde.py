"""The picture of density held to scipy's, to what a kernel must do, and to what the page says of it."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point, box

from lindero.geo import FrameError, area_ha
from lindero.geo.geometry.crs import DEGREES, ELLIPSOID
from lindero.geo.geometry.projection import unproject
from lindero.geo.stats.kde import FLOOR_KM, LEVELS, KdeInput, prepare_kde

QUITO = Point(-78.5, -0.2)


def supports(*shapes):
    return gpd.GeoSeries(list(shapes), crs=DEGREES)


def clumps(count, *, seed=1):
    rng = np.random.default_rng(seed)
    middles = np.array([(-78.5, -6.9), (-76.0, -9.0)])[rng.integers(0, 2, count)]
    return supports(*map(Point, rng.normal(middles, 0.4))), rng.uniform(0.5, 3, count)


def drawn(shapes, km, weights=None, **options):
    weights = np.ones(len(shapes)) if weights is None else weights
    return prepare_kde(shapes, weights, **options).density(bandwidth_km=km)


def places_of(surface):
    x, y = np.meshgrid(surface.x_m, surface.y_m)
    return unproject(np.column_stack((x.ravel() / surface.stretch, y.ravel() * surface.stretch)))


def peak(surface):
    return places_of(surface)[surface.relative.argmax()]


def test_the_surface_is_scipys():
    """Of `scipy.stats.gaussian_kde`, whose kernel is as long as the cloud of points: here laid so that it is round."""
    stats = pytest.importorskip("scipy.stats")
    shapes, weights = clumps(300)
    cloud = prepare_kde(shapes, weights).points
    covariance = np.cov(cloud.T, aweights=weights)
    round_cloud = cloud @ np.linalg.inv(np.linalg.cholesky(covariance)).T * 100_000  # of variance 100 km each way
    ready = KdeInput(round_cloud, weights, np.array([], dtype=object), np.array([]), None, 1.0)
    theirs = stats.gaussian_kde(round_cloud.T, weights=weights, bw_method=0.3)
    surface = ready.density(bandwidth_km=30)
    x, y = np.meshgrid(surface.x_m, surface.y_m)
    expected = theirs(np.vstack((x.ravel(), y.ravel()))).reshape(x.shape)

    assert surface.relative == pytest.approx(expected / expected.max(), abs=1e-9)


def test_the_rule_is_silvermans_as_scipy_has_it():
    stats = pytest.importorskip("scipy.stats")
    shapes, weights = clumps(300)
    ready = prepare_kde(shapes, weights)
    theirs = stats.gaussian_kde(ready.points.T, weights=weights, bw_method="silverman")
    sigma = np.sqrt(np.trace(np.cov(ready.points.T, aweights=weights)) / 2)

    assert ready.silverman_bandwidth_km == pytest.approx(theirs.factor * sigma / 1_000)
    assert ready.silverman_bandwidth_km > FLOOR_KM


@pytest.mark.parametrize("latitude", [-45, -7, 0, 25])
def test_the_kernel_is_round_on_the_ground_and_as_wide_as_it_says(latitude):
    surface = drawn(supports(Point(-70, latitude)), 50)
    half = surface.levels().query("low >= 0.5").union_all()
    west, south, east, north = half.bounds
    across = ELLIPSOID.inv(west, latitude, east, latitude)[2]
    up = ELLIPSOID.inv(-70, south, -70, north)[2]
    true = 2 * 50_000 * np.sqrt(2 * np.log(2))  # the width at half height of a Gaussian

    assert across == pytest.approx(true, abs=2 * 6_250)  # a cell on each side
    assert up == pytest.approx(across, rel=0.01)


def test_the_steps_share_no_ground_and_hold_what_a_gaussian_holds():
    surface = drawn(supports(QUITO), 100)
    steps = surface.levels()
    hectares = area_ha(steps.geometry)

    assert steps["low"].tolist() == sorted(LEVELS, reverse=True)
    assert area_ha(gpd.GeoSeries([steps.union_all()], crs=DEGREES)).iloc[0] == pytest.approx(hectares.sum())
    radii = 100_000 * np.sqrt(-2 * np.log(np.array([1, *sorted(LEVELS, reverse=True)])))
    assert hectares.to_numpy() == pytest.approx(np.diff(np.pi * radii**2) / 10_000, rel=0.05)


def test_weights_count_as_so_many_events():
    shapes, _weights = clumps(40)
    counts = np.arange(40) % 3
    repeated = gpd.GeoSeries(shapes.repeat(counts), crs=DEGREES)

    once, often = prepare_kde(shapes, counts.astype(float)), prepare_kde(repeated, np.ones(len(repeated)))

    assert once.density(bandwidth_km=30).relative == pytest.approx(often.density(bandwidth_km=30).relative)


def test_an_event_known_to_an_area_is_spread_over_it_and_fakes_no_peak():
    area = box(-74, -10, -70, -6)
    surface = drawn(supports(*[area] * 5, Point(-71, -7)), 10)

    assert peak(surface) == pytest.approx((-71, -7), abs=0.05)
    others = surface.relative[np.hypot(*(places_of(surface) - (-71, -7)).T).reshape(surface.relative.shape) > 0.6]
    assert others.max() < LEVELS[0]  # five spread over 196,000 km² are nowhere as thick as one at its place
    only = drawn(supports(area), 10)
    inside = shapely.contains_xy(area.buffer(-0.4), places_of(only)).reshape(only.relative.shape)
    assert only.relative[inside] == pytest.approx(1, abs=0.01)


def test_an_area_smaller_than_a_cell_counts_at_its_middle():
    surface = drawn(supports(box(-74.0001, -10.0001, -74, -10), Point(-70, -6)), 60, np.array([2.0, 1.0]))

    assert peak(surface) == pytest.approx((-74, -10), abs=0.2)


def test_of_an_area_only_the_part_within_counts():
    surface = drawn(supports(box(-74, -10, -70, -6), Point(-60, 0)), 20, within=box(-75, -11, -72, -5))
    steps = surface.levels()

    assert steps.total_bounds[2] < -71.5
    assert steps.total_bounds[0] < -74


def test_regions_are_listed_by_the_most_it_rises_to_in_them():
    surface = drawn(supports(Point(-75, -8), Point(-75, -8), Point(-70, -8)), 30)
    areas = gpd.GeoSeries(
        {"far": box(0, 0, 1, 1), "east": box(-72, -9, -68, -7), "west": box(-77, -9, -73, -7)}, crs=DEGREES
    )
    found = surface.max_by_area(areas)

    assert found["west"] == 1
    assert found["east"] == pytest.approx(0.5, abs=0.01)
    assert "far" not in found


@settings(max_examples=15)
@given(width=st.floats(20, 300), seed=st.integers(0, 99))
def test_a_wider_bandwidth_never_sharpens_and_the_highest_is_one(width, seed):
    shapes, weights = clumps(20, seed=seed)
    narrow, wide = drawn(shapes, width, weights), drawn(shapes, 2 * width, weights)

    assert narrow.relative.max() == wide.relative.max() == 1
    assert narrow.relative.min() >= 0
    assert area_ha(wide.levels().geometry).sum() > area_ha(narrow.levels().geometry).sum()


def test_a_bandwidth_too_small_for_the_area_is_refused_with_the_least():
    ready = prepare_kde(supports(Point(-100, 25), Point(-60, -35)), np.ones(2))

    with pytest.raises(FrameError, match=f"use at least {np.ceil(ready.min_bandwidth_km):.0f} km"):
        ready.density(bandwidth_km=10)
    assert max(ready.density(bandwidth_km=ready.min_bandwidth_km).relative.shape) <= 401


def test_one_event_has_no_rule_and_no_picture_is_finer_than_the_floor():
    assert prepare_kde(supports(QUITO), np.ones(1)).silverman_bandwidth_km == FLOOR_KM
    with pytest.raises(FrameError, match="use at least 5 km"):
        drawn(supports(QUITO), 1)


def test_nothing_and_lines_are_refused():
    with pytest.raises(FrameError, match="no data here for a density map"):
        prepare_kde(supports(None, Point()), np.ones(2))
    with pytest.raises(FrameError, match="no data here for a density map"):
        prepare_kde(supports(QUITO), np.ones(1), within=box(0, 0, 1, 1))
    with pytest.raises(FrameError, match="neither points nor polygons"):
        prepare_kde(supports(shapely.LineString([(0, 0), (1, 1)])), np.ones(1))
