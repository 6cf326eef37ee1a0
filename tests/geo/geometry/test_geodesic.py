"""Ways on the ground by Vincenty's formulas beside pyproj's, which are Karney's."""

import numpy as np
import pyproj
import pytest

from lindero.geo.geometry import geodesic, projection
from lindero.geo.geometry.crs import ELLIPSOID

PEER = pyproj.Geod(ellps="WGS84")
NEAR_M, FAR_DEGREES = 1e-4, 50.0
PLACES = [(-70.4, -12.4), (179.9, -17.0), (0.0, 0.0), (-180.0, 0.0), (10.0, 89.99), (-75.0, -90.0), (30.0, 45.0)]


def test_the_measures_of_the_ellipsoid_are_those_of_pyproj():
    assert (ELLIPSOID.a, ELLIPSOID.b, ELLIPSOID.es) == (PEER.a, PEER.b, PEER.es)


@pytest.mark.parametrize(("longitude", "latitude"), PLACES, ids=str)
@pytest.mark.parametrize("degrees", [1e-6, 1e-3, 1.0, FAR_DEGREES, 170.0], ids=str)
def test_distances_and_bearings_are_those_of_pyproj(longitude, latitude, degrees):
    random = np.random.default_rng(1)
    longitudes = longitude + random.uniform(-1, 1, 300) * degrees
    latitudes = np.clip(latitude + random.uniform(-1, 1, 300) * degrees, -90, 90)
    longitudes[:20], latitudes[20:40] = longitude, latitude  # due north and south, and of one latitude

    bearing, metres = geodesic.inverse(longitude, latitude, longitudes, latitudes)

    expected, _back, expected_m = PEER.inv(np.full(300, longitude), np.full(300, latitude), longitudes, latitudes)
    turn = np.abs(np.mod(bearing - expected + 180, 360) - 180)
    assert np.abs(metres - expected_m).max() < NEAR_M
    assert (np.radians(turn) * np.minimum(expected_m, 1e5))[expected_m > 1].max(initial=0) < NEAR_M


def test_a_place_lies_no_way_off_from_itself():
    _bearing, metres = geodesic.inverse(-70.4, -12.4, np.array([-70.4]), np.array([-12.4]))

    assert metres.tolist() == [0]


def test_of_no_places_nothing_is_told():
    bearing, metres = geodesic.inverse(-70.4, -12.4, np.empty(0), np.empty(0))

    assert (len(bearing), len(metres)) == (0, 0)


@pytest.mark.parametrize(("longitude", "latitude"), PLACES, ids=str)
@pytest.mark.parametrize("metres", [1.0, 25_000.0, 2_000_000.0], ids=str)
def test_places_by_bearing_are_those_of_pyproj(longitude, latitude, metres):
    bearings = np.linspace(0, 360, 48, endpoint=False)

    east, north = geodesic.direct(longitude, latitude, bearings, metres)

    expected = PEER.fwd(np.full(48, longitude), np.full(48, latitude), bearings, np.full(48, metres))
    away = PEER.inv(np.mod(east + 180, 360) - 180, north, *expected[:2])[2]
    assert away.max() < NEAR_M


def test_corners_along_edges_are_those_of_pyproj():
    start = np.array([[-70.4, -12.4], [179.9, 5.0], [-60.0, 0.0], [10.0, 60.0]])
    end = np.array([[-69.9, -12.1], [180.6, 5.2], [-59.0, 0.0], [10.0, 61.0]])
    pieces = np.array([3, 5, 2, 4])

    assert geodesic.along(start, end, pieces) == pytest.approx(projection.along(start, end, pieces), rel=0, abs=1e-9)
