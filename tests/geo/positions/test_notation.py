import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Proj

from lindero.geo.positions.notation import PositionError, parse_angle, read_map_link, readings
from tests.positions import ways

HUANCAYO = (-12.0651, -75.2049)
CELENDIN = (-6.9117, -78.2551)
LINKS = [
    "geo:-6.9117,-78.2551?z=15",
    "geo:0,0?q=-6.9117,-78.2551(Casa)",
    "https://maps.google.com/maps?q=-6.9117%2C-78.2551&z=17&hl=es",
    "https://www.google.com/maps/@-6.9117,-78.2551,15z",
    "https://www.google.com/maps/place/Celend%C3%ADn/@-6.86,-78.14,14z/data=!3m1!4b1!8m2!3d-6.9117!4d-78.2551",
    "https://www.google.com/maps/search/-6.9117,+-78.2551",
    "https://www.google.com/maps/search/?api=1&query=-6.9117,-78.2551",
    "https://www.openstreetmap.org/#map=15/-6.9117/-78.2551",
    "https://www.openstreetmap.org/?mlat=-6.9117&mlon=-78.2551#map=12/-6/-78",
    "https://maps.apple.com/?ll=-6.9117,-78.2551&q=Casa",
    "Estoy aquí: https://maps.google.com/?q=-6.9117,-78.2551.",
]


def position(text, **known):
    first = readings(text, **known)[0]
    return first.latitude, first.longitude


@pytest.mark.parametrize(
    "text",
    [
        "-12.0651, -75.2049",
        "-12.0651 -75.2049",
        "-12,0651; -75,2049",
        "-12,0651, -75,2049",
        "12°03'54.4\"S 75°12'17.6\"W",
        "12º 03' 54.4'' S, 75º 12' 17.6'' O",
        "S 12°03.9060' W 75°12.2940'",
        "S12 03.906 W75 12.294",
        "12 grados 3 minutos 54.4 segundos sur, 75 grados 12 minutos 17.6 segundos oeste",
        "12-03-54.4S 75-12-17.6W",
        "75.2049° W, 12.0651° S",
        "12.0651 S 75.2049 O",
        "12.0651S, 75.2049W",
        "lat: -12.0651, long: -75.2049",
        "longitud -75.2049 latitud -12.0651",
        "(-12.0651°; -75.2049°)",
        "18L 477700 8666239",
        "UTM 18 L 477700 mE 8666239 mN",
        "UTM 18 Sur E 477700 N 8666239",
        "477700 E, 8666239 N, zona 18S",
        "477,700 8,666,239 18 S",
        "EPSG:32718 477700 8666239",
        "18L VM 77700 66239",
    ],
)
def test_a_place_is_the_same_however_it_is_written(text):
    first = readings(text)[0]

    assert (first.latitude, first.longitude) == pytest.approx(HUANCAYO, abs=5e-5)
    assert first.doubts == ()


@pytest.mark.parametrize("text", ["", "Huancayo", "12", "17 de Octubre", "61L 1 1", "Km 12 y 13"])
def test_what_is_no_position_is_none(text):
    assert readings(text) == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("-17, -200", "not on Earth"),
        ("12°N 75°S", "two latitudes"),
        ("6°91'S 78°15'W", "above 59"),
        ("6°54'60\"S 78°15'18\"W", "above 59"),
        ("-12.0 -75.2 3", "not a position"),
        ("61L 500000 8000000", "UTM zone 61 does not exist"),
        ("803000 9235000", "has no UTM zone"),
        ("18L 50000 8000000", "not in any UTM zone|easting"),
        ("3PQV+8X", "write the town"),
        ("18L AA 11 11", "military grid"),
    ],
)
def test_what_can_be_nowhere_is_refused_and_why(text, why):
    with pytest.raises(PositionError, match=why):
        readings(text)


def test_17s_is_the_south_for_the_zone_and_a_band_only_where_the_northing_allows_it():
    (only,) = readings("17S 803000 9235000")
    south, band = readings("17S 500000 4000000")

    assert (only.latitude, only.zone) == (pytest.approx(-6.913, abs=0.001), "17S")
    assert (south.zone, south.doubts) == ("17S", ())
    assert (band.zone, band.doubts) == ("17N", ("band",))
    assert 36 < band.latitude < 37


def test_a_letter_that_does_not_fit_the_northing_is_doubted():
    assert readings("17L 803000 9235000")[0].doubts == ("band",)


def test_eastings_alone_are_read_in_every_zone_that_is_given():
    found = readings("803000 9235000", zones=(17, 18))

    assert {(reading.zone, reading.doubts) for reading in found} == {
        (zone, ("zone", "hemisphere")) for zone in ("17S", "17N", "18S", "18N")
    }
    assert readings("9235000 803000", zones=(17,))[0].doubts == ("zone", "order", "hemisphere")


def test_axes_and_signs_that_may_be_wrong_are_read_the_other_way_too():
    swapped = readings("-78.2551, -6.9117")
    unsigned = readings("6.9117, 78.2551")

    assert [(reading.latitude, reading.doubts) for reading in swapped] == [(-78.2551, ()), (-6.9117, ("axes",))]
    assert (-6.9117, -78.2551, ("latitude_sign", "longitude_sign")) in [
        (reading.latitude, reading.longitude, reading.doubts) for reading in unsigned
    ]
    assert len(readings("S 6.9117, W 78.2551")) == 1


def test_older_maps_of_peru_are_read_on_their_own_datum():
    old, new = position("PSAD56 17S 803000 9235000"), position("WGS84 17S 803000 9235000")

    assert 300 < abs(old[0] - new[0]) * 111_000 < 450


def test_full_plus_codes_are_those_of_the_specification():
    assert position("8FVC9G8F+6X") == pytest.approx((47.365563, 8.524938), abs=1e-4)  # its own example
    assert position("7FG49Q00+") == pytest.approx((20.375, 2.775), abs=1e-6)
    assert position("9G8F+6X", near=(47.4, 8.6)) == pytest.approx((47.365563, 8.524938), abs=1e-4)


def test_the_military_grid_is_read():
    assert position("4QFJ1234567890") == pytest.approx((21.4098, -157.9161), abs=1e-3)


@pytest.mark.parametrize("link", LINKS)
def test_links_of_messengers_say_where_they_point(link):
    assert position(read_map_link(link)) == pytest.approx(CELENDIN)


def test_a_link_to_a_name_gives_the_name_and_a_short_one_nothing():
    assert read_map_link("https://www.google.com/maps/place/Celend%C3%ADn/") == "Celendín"
    assert read_map_link("Celendín") is None
    for link in ("https://maps.app.goo.gl/abc", "https://goo.gl/maps/abc"):
        with pytest.raises(PositionError, match="short link"):
            read_map_link(link)
    with pytest.raises(PositionError, match="does not contain a place"):
        read_map_link("https://example.org/about")


def test_one_angle_is_read():
    assert parse_angle("7°09'36\" S") == pytest.approx(-7.16)
    assert parse_angle("-7°09'36\"") == pytest.approx(-7.16)
    for text in ("7°69' S", "", "S", "7 8 9 10", "7, 8"):
        with pytest.raises(PositionError):
            parse_angle(text)


@given(st.floats(-80, 84), st.floats(-180, 180))
def test_decimal_degrees_come_back_as_they_were(latitude, longitude):
    assert position(f"{latitude:.6f}, {longitude:.6f}") == pytest.approx((latitude, longitude), abs=1e-6)


@given(st.one_of(st.floats(-79, -0.1), st.floats(0.1, 79)), st.floats(-179, 179))
def test_utm_comes_back_to_the_metre(latitude, longitude):
    zone = int((longitude + 180) // 6) + 1
    band = "CDEFGHJKLMNPQRSTUVWX"[int((latitude + 80) // 8)]
    easting, northing = Proj(proj="utm", zone=zone, south=band < "N", ellps="WGS84")(longitude, latitude)

    found = readings(f"{zone}{band} {easting:.1f} {northing:.1f}")

    assert any((r.latitude, r.longitude) == pytest.approx((latitude, longitude), abs=2e-5) for r in found)


@given(ways())
def test_every_way_to_write_a_place_of_peru_reads_it(way):
    text, place, degrees = way

    found = readings(text, zones=(17, 18, 19))

    assert any((r.latitude, r.longitude) == pytest.approx(place, abs=degrees) for r in found), text


@given(st.text(max_size=40))
def test_any_text_is_a_position_or_not(text):
    try:
        found = readings(text, zones=(17, 18, 19))
    except PositionError:
        return
    assert all(reading.is_on_earth for reading in found)
