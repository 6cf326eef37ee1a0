import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Proj

from geo.notation import PositionError, position

HUANCAYO = (-12.0651, -75.2049)


@pytest.mark.parametrize(
    "text",
    [
        "-12.0651, -75.2049",
        "-12.0651 -75.2049",
        "-12,0651; -75,2049",
        "12°03'54.4\"S 75°12'17.6\"W",
        "12º 03' 54.4'' S, 75º 12' 17.6'' O",
        "S 12°03.9060' W 75°12.2940'",
        "75.2049° W, 12.0651° S",
        "18L 477700 8666239",
        "UTM 18 L 477700 mE 8666239 mN",
    ],
)
def test_a_place_is_the_same_however_it_is_written(text):
    assert position(text) == pytest.approx(HUANCAYO, abs=5e-5)


@pytest.mark.parametrize(
    "text", ["", "Huancayo", "12", "95, 10", "12°N 75°S", "12°03' 75°12'", "61L 1 1", "-12.0 -75.2 3"]
)
def test_what_is_no_position_is_refused(text):
    with pytest.raises(PositionError):
        position(text)


@given(st.floats(-80, 84), st.floats(-180, 180))
def test_decimal_degrees_come_back_as_they_were(latitude, longitude):
    assert position(f"{latitude:.6f}, {longitude:.6f}") == pytest.approx((latitude, longitude), abs=1e-6)


@given(st.floats(-79, 79), st.floats(-179, 179))
def test_utm_comes_back_to_the_metre(latitude, longitude):
    zone = int((longitude + 180) // 6) + 1
    band = "CDEFGHJKLMNPQRSTUVWX"[int((latitude + 80) // 8)]
    easting, northing = Proj(proj="utm", zone=zone, south=band < "N", ellps="WGS84")(longitude, latitude)

    assert position(f"{zone}{band} {easting:.1f} {northing:.1f}") == pytest.approx((latitude, longitude), abs=2e-5)
