import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import LineString, Point

from lindero.geo.geometry.crs import DEGREES
from lindero.geo.near import along_rivers
from lindero.geo.near.along_rivers import find_on_same_river
from lindero.layers.reference import base_data

KM = 1 / 111.195  # of a degree, on a meridian or at the equator, to 0.5 %


def lines(*shapes):
    return gpd.GeoDataFrame(geometry=list(shapes), crs=DEGREES)


def points(**places):
    return gpd.GeoDataFrame({"id": list(places)}, geometry=[Point(*xy) for xy in places.values()], crs=DEGREES)


# A river of 100 km from west to east, and one that comes in from the north at 50 km, ending 300 m short of it.
RIVERS = lines(LineString([(0, 0), (100 * KM, 0)]), LineString([(50 * KM, 60 * KM), (50 * KM, 0.3 * KM)]))


def along(place, feature, **options):
    found = find_on_same_river(points(p=place), points(f=feature), RIVERS, **{"near_km": 2, "within_km": 40, **options})
    return found.pairs["along_m"].tolist(), list(found.river_place_ids)


def test_the_distance_is_along_the_bed_between_the_nearest_places_on_it():
    metres, at_river = along((10 * KM, 1 * KM), (40 * KM, -1 * KM))

    assert metres == pytest.approx(
        [30_000 - 2 * 1_700], abs=2_100
    )  # each end lies within 2 km of the bed, by steps of 1 km
    assert at_river == ["p"]


def test_a_tributary_is_followed_over_its_confluence_whichever_way_the_lines_run():
    there, _ = along((30 * KM, 0), (50 * KM, 15 * KM))
    back, _ = along((50 * KM, 15 * KM), (30 * KM, 0))
    turned = RIVERS.assign(geometry=shapely.reverse(RIVERS.geometry.to_numpy()))
    again = find_on_same_river(points(p=(30 * KM, 0)), points(f=(50 * KM, 15 * KM)), turned, near_km=2, within_km=40)

    assert there == pytest.approx([35_000 - 4_000], abs=2_100)
    assert back == pytest.approx(there, abs=1_000)
    assert again.pairs["along_m"].tolist() == pytest.approx(there, abs=2_000)


def test_what_is_near_but_on_no_river_or_too_far_along_it_is_not_paired():
    assert along((10 * KM, 0), (60 * KM, 0)) == ([], ["p"])
    assert along((10 * KM, 0), (12 * KM, 5 * KM)) == ([], ["p"])
    assert along((10 * KM, 30 * KM), (10 * KM, 0)) == ([], [])
    assert along((10 * KM, 0), (10 * KM, 0))[0] == [0]


def test_reach_ends_where_it_is_said_to_within_a_step():
    """A place and a feature may each lie half a kilometre from the bed: what is reached along it lies so much farther."""
    towns = points(**{f"at {km}": (km * KM, 0) for km in (1, 35.7, 36.3, 60, 84.3)})
    found = find_on_same_river(points(p=(10 * KM, 0)), towns, RIVERS, near_km=0.5, within_km=25, step_m=100)
    other_way = find_on_same_river(towns, points(f=(10 * KM, 0)), RIVERS, near_km=0.5, within_km=25, step_m=100)

    assert found.pairs["id"].tolist() == ["at 1", "at 35.7"]
    assert found.pairs["along_m"].tolist() == pytest.approx([8_000, 24_700], abs=200)
    assert other_way.pairs["place_id"].tolist() == ["at 1", "at 35.7"]


@pytest.mark.parametrize(("gap_km", "is_one"), [(0.7, True), (0.8, False)])
def test_a_bed_whose_lines_do_not_meet_is_two(gap_km, is_one):
    bed = lines(LineString([(0, 0), (20 * KM, 0)]), LineString([((20 + gap_km) * KM, 0), (60 * KM, 0)]))
    found = find_on_same_river(
        points(p=(10 * KM, 0)), points(f=(30 * KM, 0)), bed, near_km=0.1, within_km=25, step_m=100
    )

    assert found.river_place_ids.tolist() == ["p"]
    assert found.pairs["along_m"].tolist() == ([pytest.approx(19_800, abs=200)] if is_one else [])


def test_what_is_left_out_of_a_network_is_what_nobody_reaches(monkeypatch):
    rng = np.random.default_rng(1)
    starts = rng.uniform(-0.6, 0.6, (60, 2))
    winding = [LineString(np.cumsum([start, *rng.normal(0, 0.03, (200, 2))], axis=0)) for start in starts]
    net = lines(*winding, *(LineString([(x, -1), (x, 1)]) for x in np.arange(-0.5, 0.5, 0.1)))
    places = points(**{f"p{i}": xy for i, xy in enumerate(rng.normal(0, 0.1, (12, 2)))})
    features = points(**{f"f{i}": xy for i, xy in enumerate(rng.normal(0, 0.3, (400, 2)))})
    asked = {"near_km": 2, "within_km": 25, "step_m": 3_000, "join_m": 1_500}
    monkeypatch.setattr(along_rivers, "CELL_M", 50.0)  # as little as can be is kept
    found, left_out = find_on_same_river(places, features, net, **asked), []

    def nothing_left_out(nodes, boxes):
        left_out.append((~in_boxes(nodes, boxes)).mean())
        return np.ones(len(nodes), dtype=bool)

    in_boxes = along_rivers._is_in_boxes
    monkeypatch.setattr(along_rivers, "_is_in_boxes", nothing_left_out)
    of_all = find_on_same_river(places, features, net, **asked)

    assert left_out[0] > 0.1
    assert len(found.pairs) > 100
    pd.testing.assert_frame_equal(found.pairs, of_all.pairs)
    pd.testing.assert_index_equal(found.river_place_ids, of_all.river_place_ids)


def test_without_rivers_nothing_is_on_one():
    found = find_on_same_river(points(p=(0, 0)), points(f=(0, 0)), RIVERS.iloc[:0], near_km=2, within_km=40)

    assert found.pairs.empty
    assert found.river_place_ids.empty


def test_towns_on_the_ucayali_are_on_one_river():
    """Contamana lies some 130 km as the crow flies, and more along the meanders, from Pucallpa; Cajamarca on no such river."""
    towns = points(contamana=(-75.01, -7.35), pucallpa=(-74.55, -8.38), cajamarca=(-78.51, -7.16))
    found = find_on_same_river(towns, towns, base_data.load_rivers(), near_km=10, within_km=400)
    pairs = found.pairs.set_index(["place_id", "id"])["along_m"]

    assert set(found.river_place_ids) == {"contamana", "pucallpa"}
    assert 100_000 < pairs["contamana", "pucallpa"] < 350_000
    assert pairs["contamana", "pucallpa"] == pytest.approx(pairs["pucallpa", "contamana"])
