"""Counts of what comes within some distances are those of the pairs, whatever boxes alone tell."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lindero.geo import FrameError
from lindero.geo.geometry.crs import DEGREES
from lindero.geo.near.within_distance import count_within_distance, find_within_distance, near_area

KM = (5, 10, 25)


def blobs(rng, count, latitude, size, points=0.2):
    """Stars of random corners around random places, some of them points, some in two parts or with a hole."""
    shapes = []
    for x, y in rng.uniform(-0.6, 0.6, (count, 2)):
        turns = np.sort(rng.uniform(0, 2 * np.pi, rng.integers(3, 20)))
        far = rng.uniform(0.2, 1, len(turns)) * size * rng.uniform(0.05, 1)
        vertices = np.column_stack((x - 70 + far * np.cos(turns), y + latitude + far * np.sin(turns)))
        shapes.append(
            shapely.make_valid(shapely.Polygon(vertices), method="structure")
            if rng.random() >= points
            else shapely.Point(x - 70, y + latitude)
        )
    frame = gpd.GeoDataFrame({"id": [str(n) for n in range(count)]}, geometry=shapes, crs=DEGREES)
    return frame[~frame.geometry.is_empty]


def counted(places, features):
    pairs = find_within_distance(places, features, within_km=max(KM))
    return {
        km: pairs[pairs["distance_m"] <= km * 1000].groupby("place_id").size().reindex(places["id"], fill_value=0)
        for km in KM
    }


@given(st.sampled_from([-70, -52, -45, -12, 0, 8, 60]), st.sampled_from([0.02, 0.2, 1.5]), st.integers(0, 2**32 - 1))
@example(-12, 1.5, 7)
@settings(max_examples=25)
def test_counts_are_those_of_the_pairs(latitude, size, seed):
    rng = np.random.default_rng(seed)
    hold_counts(blobs(rng, 25, latitude, size), blobs(rng, 60, latitude, 0.1))


def test_what_lies_in_a_hole_round_a_part_or_in_one_is_counted_by_its_nearest_edge():
    ring = shapely.box(-70.4, -0.4, -69.6, 0.4).difference(shapely.box(-70.2, -0.2, -69.8, 0.2))
    parts = shapely.MultiPolygon([shapely.box(-69, 0, -68.99, 0.01), shapely.box(-70.01, -0.01, -70, 0)])
    inside, beyond = shapely.box(-70.35, 0.3, -70.34, 0.31), shapely.box(-69.1, 0, -69.09, 0.01)
    shapes = [ring, parts, inside, beyond, shapely.union_all([inside, beyond])]
    frame = gpd.GeoDataFrame({"id": [*"abcde"]}, geometry=shapes, crs=DEGREES)

    hold_counts(frame, frame)


def hold_counts(places, features):
    found = count_within_distance(places, features, within_km=KM)

    for km, counts in counted(places, features).items():
        assert found[km].reindex(counts.index).tolist() == counts.tolist()


def test_what_boxes_tell_for_sure_is_not_asked(monkeypatch):
    from lindero.geo.near import within_distance as module

    asked, ask = [], module._open_distances_m
    monkeypatch.setattr(module, "_open_distances_m", lambda *given: (asked.append(len(given[2])), ask(*given))[1])
    rng = np.random.default_rng(1)
    count_within_distance(blobs(rng, 25, -12, 0.02), blobs(rng, 60, -12, 0.02), within_km=KM)

    assert sum(asked) < 25 * 60 * len(KM) / 20


def test_where_there_is_nothing_nothing_is_near():
    nothing = blobs(np.random.default_rng(1), 3, 0, 0.1).iloc[:0]
    some = blobs(np.random.default_rng(2), 3, 0, 0.1)

    assert count_within_distance(some, nothing, within_km=KM).to_numpy().sum() == 0
    assert count_within_distance(nothing, some, within_km=KM).empty
    with pytest.raises(FrameError):
        count_within_distance(
            some.set_geometry(shapely.linestrings([[[0, 0], [1, 1]]] * len(some)), crs=DEGREES), some, within_km=KM
        )


@pytest.mark.parametrize("latitude", [-52, -12, 8])
def test_what_is_near_one_area_is_that_of_the_pairs_to_the_last_digit(latitude):
    rng = np.random.default_rng(latitude + 90)
    area = blobs(rng, 1, latitude, 0.2, points=0)
    features = blobs(rng, 80, latitude, 0.1)
    pairs = find_within_distance(area, features, within_km=25)

    at, distances_m = near_area(area.geometry.iloc[0], features.geometry.to_numpy(), within_km=25)

    assert len(pairs) > 1
    assert dict(zip(features["id"].to_numpy()[at], distances_m, strict=True)) == dict(
        pairs[["id", "distance_m"]].values
    )


def test_a_shape_that_is_missing_or_empty_is_near_nothing():
    shapes = np.array([None, shapely.Polygon(), shapely.Point(-70, -12)], dtype=object)

    at, distances_m = near_area(shapely.box(-70.1, -12.1, -69.9, -11.9), shapes, within_km=1)

    assert (at.tolist(), distances_m.tolist()) == ([2], [0.0])
