import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point, Polygon, box

from lindero.geo import find_misplaced_rows, likely_crs, looks_like_degrees
from lindero.geo.geometry import guess_crs
from lindero.geo.geometry.crs import DEGREES, WEB_MERCATOR, national_systems, utm
from lindero.geo.geometry.guess_crs import are_degrees, find_outliers
from lindero.layers.reference import base_data

PERU = box(-81.3, -18.3, -68.7, 0)
CADASTRE_17S = (195_000.0, 8_773_637.5, 834_232.25, 9_616_000.0)  # bounds of a real file that says nothing
LAND = gpd.GeoDataFrame(
    {"name": ["Peru", "Spain", "Antarctica"]},
    geometry=[PERU, box(-9, 36, 3, 43), box(-180, -90, 180, -63)],
    crs=DEGREES,
)


def found(*shapes, expected=None):
    rows = gpd.GeoSeries(list(shapes), index=range(1, len(shapes) + 1), crs=DEGREES)
    return find_misplaced_rows(rows, LAND, expected=expected).to_numpy().tolist()


def best(bounds, **evidence):
    return likely_crs(bounds, **evidence)[0]


def test_metres_do_not_look_like_degrees():
    assert looks_like_degrees((-81.3, -18.3, -68.7, 0))
    assert looks_like_degrees((170, -50, 190, -30))
    assert not looks_like_degrees(CADASTRE_17S)
    assert not looks_like_degrees((float("nan"),) * 4)


def test_each_of_many_rows_is_asked_whether_it_is_of_degrees():
    rows = [(-81.3, -18.3, -68.7, 0), CADASTRE_17S, (float("nan"),) * 4, (0, 0, float("inf"), 1)]

    assert are_degrees(np.array(rows)).tolist() == [True, False, False, False]
    assert are_degrees(np.empty((0, 4))).tolist() == []


@pytest.mark.parametrize(
    "hint", ["17s_100326.geojson", "Concesiones UTM 17S", "catastro zona 17 sur.zip", "wgs84-17-S", "epsg32717.shp"]
)
def test_the_zone_in_a_file_name_is_believed(hint):
    candidate = best(CADASTRE_17S, hint=hint)

    assert candidate.crs == "EPSG:32717"
    assert candidate.evidence == ("hint_names_it", "range_fits")


def test_a_place_and_a_name_weigh_more_than_either():
    assert best(CADASTRE_17S, hint="17s_100326", expected=PERU).evidence == (
        "hint_names_it",
        "lies_in_expected",
        "range_fits",
    )


def test_how_a_datum_lies_is_looked_up_only_of_systems_for_the_place_where_they_put_the_rows(monkeypatch):
    asked, real = set(), guess_crs.degrees_transformer
    monkeypatch.setattr(guess_crs, "degrees_transformer", lambda crs: (asked.add(crs), real(crs))[1])
    bounds = (9_000.0, 9_500_000.0, 12_000.0, 9_502_000.0)  # of no zone of UTM

    assert likely_crs(bounds, expected=box(95, -11, 141, 6), country="Indonesia") == []
    assert len(national_systems("Indonesia")) > 50
    assert len(asked) < 5

    asked.clear()
    told = likely_crs(
        (430_000.0, 8_500_000.0, 440_000.0, 8_510_000.0), expected=box(-77, -14, -75, -12), country="Peru"
    )
    assert "EPSG:32718" in {candidate.crs for candidate in told}
    assert asked == {
        "EPSG:32718",
        "EPSG:24878",
        "EPSG:5387",
    }  # not those of the zones beside, which put them beside the place


@pytest.mark.parametrize(
    ("country", "bounds", "system"),
    [
        ("Tunisia", (500_000, 4_000_000, 501_000, 4_001_000), "EPSG:32632"),
        ("Portugal", (530_000, 4_400_000, 531_000, 4_401_000), "EPSG:32629"),
    ],
)
def test_a_system_that_nothing_brings_into_degrees_is_left_out(country, bounds, system):
    assert system in {candidate.crs for candidate in likely_crs(bounds, expected=box(-10, 30, 12, 43), country=country)}


def test_the_country_narrows_the_zones_down():
    zones = {candidate.crs for candidate in likely_crs(CADASTRE_17S, expected=PERU)}

    assert {utm(17, south=True), utm(18, south=True), utm(19, south=True)} <= zones
    assert utm(21, south=True) not in zones


def test_older_datums_come_first_only_when_named():
    assert best(CADASTRE_17S, hint="17S psad56").crs == "EPSG:24877"
    assert likely_crs(CADASTRE_17S, hint="17S")[1].crs == "EPSG:24877"


@pytest.mark.parametrize("hint", ["", "mapas_100326_v17special.zip"])
def test_without_a_place_or_a_zone_in_the_name_metres_fit_too_many_zones_to_say(hint):
    assert likely_crs(CADASTRE_17S, hint=hint) == []


def test_degrees_and_web_mercator_are_recognised_by_their_range():
    assert [c.crs for c in likely_crs((-81, -18, -69, 0))] == [DEGREES]
    peru = shapely.box(-81, -18, -69, 0)
    assert [c.crs for c in likely_crs((-9e6, -2e6, -7.7e6, 0), expected=peru)] == [WEB_MERCATOR]
    assert likely_crs((-9e6, -2e6, -7.7e6, 0)) == []  # any metres fit it
    assert likely_crs((float("inf"),) * 4) == []


@pytest.mark.parametrize(
    ("shapes", "expected", "odd"),
    [
        ([Point(-75, -10), box(-75, -10, -74, -9), None], "Peru", []),
        ([Point(-3, 40)], "Peru", []),
        ([box(-82, -5, -81, -4)], None, []),
        ([Point(-75, -10), Point(-85, -12)], None, [[2, "in_the_ocean", "-85 -12"]]),
        ([Point(0, 0), Point(1e-5, 0)], None, [[1, "null_island", "0 0 0 0"], [2, "null_island", "1e-05 0 1e-05 0"]]),
        ([Point(10, 95)], None, [[1, "out_of_range", "10 95 10 95"]]),
        ([Polygon([(0, 0), (500, 1), (500, 2)])], None, [[1, "out_of_range", "0 0 500 2"]]),
    ],
    ids=["on land", "in another country", "on the coast", "in the sea", "null island", "past the pole", "past 180"],
)
def test_what_lies_oddly_is_told_with_its_place(shapes, expected, odd):
    assert found(*shapes, expected=expected) == odd


def test_swapped_axes_are_recognised_by_the_country_that_they_would_reach():
    swapped = [Point(-10, -75), box(-10, -75, -9, -74)]  # the map's Antarctica, where there is no territory

    assert found(*swapped) == [[1, "swapped_axes", "Peru"], [2, "swapped_axes", "Peru"]]
    assert found(*swapped, expected="Peru") == [[1, "swapped_axes", "Peru"], [2, "swapped_axes", "Peru"]]


@pytest.mark.parametrize("at", [(78.4, -7.0), (-7.0, -78.4), (-78.4, 7.0)], ids=["sign", "axes", "latitude"])
def test_one_row_far_from_all_others_is_found_wherever_it_lies(at):
    rows = gpd.GeoSeries([shapely.Point(-78.4 + i / 100, -7) for i in range(9)] + [shapely.Point(at)], range(1, 11))
    found = find_outliers(rows)

    assert found["row"].tolist() == [10]
    assert found["finding"].tolist() == ["far_from_the_rest"]
    assert found["detail"].tolist() == [f"{at[0]:.6g} {at[1]:.6g}"]


def test_rows_of_a_long_country_with_islands_are_not_far_from_each_other():
    chile = [shapely.Point(-71, latitude) for latitude in range(-54, -17)]

    assert find_outliers(gpd.GeoSeries([*chile, shapely.Point(-109.3, -27.1)])).empty
    assert find_outliers(gpd.GeoSeries([shapely.Point(0, 0), None], index=[1, 2])).empty


def test_what_crosses_the_180th_meridian_uncut_is_found():
    crossing = shapely.Polygon([(179.99, -16.6), (-179.99, -16.6), (-179.99, -16.58), (179.99, -16.58)])

    assert find_outliers(gpd.GeoSeries([crossing])).to_numpy().tolist() == [
        [0, "round_the_earth", "-179.99 -16.6 179.99 -16.58"]
    ]
    cut = shapely.MultiPolygon([box(179.99, -16.6, 180, -16.58), box(-180, -16.6, -179.99, -16.58)])
    assert find_outliers(gpd.GeoSeries([cut])).empty


def test_nothing_odd_has_the_same_columns():
    none = find_misplaced_rows(gpd.GeoSeries([], crs=DEGREES), LAND)

    assert none.columns.tolist() == ["row", "finding", "detail"]
    assert none.empty


@given(st.floats(-81, -69), st.floats(-18, -0.5))
def test_a_swapped_point_of_peru_is_always_found_out(longitude, latitude):
    point = Point(latitude, longitude)

    assert [finding for _, finding, _ in found(point, expected="Peru")] == ["swapped_axes"]
    assert found(shapely.transform(point, lambda xy: xy[:, ::-1]), expected="Peru") == []


@pytest.mark.parametrize(
    ("code", "country", "place"),
    [
        ("CO", "EPSG:9377", (-74.1, 4.6)),
        ("CO", "EPSG:3116", (-74.1, 4.6)),
        ("MX", "EPSG:6372", (-99.1, 19.4)),
        ("BR", "EPSG:5880", (-55.0, -4.0)),
        ("AR", "EPSG:5345", (-66.0, -27.0)),
        ("AR", "EPSG:5343", (-71.0, -46.0)),
        ("PY", "EPSG:32721", (-57.0, -25.0)),
        ("EC", "EPSG:32717", (-79.0, -2.0)),
        ("BO", "EPSG:32719", (-68.1, -16.5)),
    ],
)
def test_the_systems_of_a_country_itself_are_tried_where_its_rows_must_lie(code, country, place):
    own = base_data.load_countries().set_index("code").loc[code]
    x, y = pyproj.Transformer.from_crs(DEGREES, country, always_xy=True).transform(*place)
    bounds = (x - 9_000, y - 9_000, x + 9_000, y + 9_000)

    found = [one.crs for one in likely_crs(bounds, expected=own.geometry, country=own["name"])]
    put = [pyproj.Transformer.from_crs(crs, DEGREES, always_xy=True).transform(x, y) for crs in found[:6]]

    assert any(at == pytest.approx(place, abs=5e-5) for at in put)  # in this system, or in a newer one that is the same
    assert WEB_MERCATOR not in found


def test_how_far_an_old_datum_puts_the_rows_is_told():
    best, *others = likely_crs((765_000, 9_250_000, 766_000, 9_251_000), hint="17s", expected=PERU, country="Peru")

    (old,) = [one for one in others if one.crs == "EPSG:24877"]
    assert best.crs == "EPSG:32717"
    assert 200 < old.away_m < 500


def test_what_puts_the_rows_elsewhere_is_no_candidate():
    assert likely_crs((-9e6, 4e6, -7.7e6, 5e6), expected=PERU, country="Peru") == []
