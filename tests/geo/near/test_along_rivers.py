import geopandas as gpd
import pytest
import shapely
from shapely import LineString, Point

from lindero.geo.geometry.crs import DEGREES
from lindero.geo.near.along_rivers import on_same_river
from lindero.layers.reference import base_data

KM = 1 / 111.195  # of a degree, on a meridian or at the equator, to 0.5 %


def lines(*shapes):
    return gpd.GeoDataFrame(geometry=list(shapes), crs=DEGREES)


def points(**places):
    return gpd.GeoDataFrame({"id": list(places)}, geometry=[Point(*xy) for xy in places.values()], crs=DEGREES)


# A river of 100 km from west to east, and one that comes in from the north at 50 km, ending 300 m short of it.
RIVERS = lines(LineString([(0, 0), (100 * KM, 0)]), LineString([(50 * KM, 60 * KM), (50 * KM, 0.3 * KM)]))


def along(place, feature, **options):
    found = on_same_river(points(p=place), points(f=feature), RIVERS, **{"near_km": 2, "within_km": 40, **options})
    return found.pairs["along_m"].tolist(), list(found.at_river)


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
    again = on_same_river(points(p=(30 * KM, 0)), points(f=(50 * KM, 15 * KM)), turned, near_km=2, within_km=40)

    assert there == pytest.approx([35_000 - 4_000], abs=2_100)
    assert back == pytest.approx(there, abs=1_000)
    assert again.pairs["along_m"].tolist() == pytest.approx(there, abs=2_000)


def test_what_is_near_but_on_no_river_or_too_far_along_it_is_not_paired():
    assert along((10 * KM, 0), (60 * KM, 0)) == ([], ["p"])
    assert along((10 * KM, 0), (12 * KM, 5 * KM)) == ([], ["p"])
    assert along((10 * KM, 30 * KM), (10 * KM, 0)) == ([], [])
    assert along((10 * KM, 0), (10 * KM, 0))[0] == [0]


def test_without_rivers_nothing_is_on_one():
    found = on_same_river(points(p=(0, 0)), points(f=(0, 0)), RIVERS.iloc[:0], near_km=2, within_km=40)

    assert found.pairs.empty
    assert found.at_river.empty


def test_towns_on_the_ucayali_are_on_one_river():
    """Contamana lies some 130 km as the crow flies, and more along the meanders, from Pucallpa; Cajamarca on no such river."""
    towns = points(contamana=(-75.01, -7.35), pucallpa=(-74.55, -8.38), cajamarca=(-78.51, -7.16))
    found = on_same_river(towns, towns, base_data.rivers(), near_km=10, within_km=400)
    pairs = found.pairs.set_index(["place_id", "id"])["along_m"]

    assert set(found.at_river) == {"contamana", "pucallpa"}
    assert 100_000 < pairs["contamana", "pucallpa"] < 350_000
    assert pairs["contamana", "pucallpa"] == pytest.approx(pairs["pucallpa", "contamana"])
