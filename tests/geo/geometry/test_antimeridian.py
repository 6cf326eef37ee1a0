"""Why the cut at the 180th meridian is our own: where the package `antimeridian` gives ground that was never drawn."""

import antimeridian
import geopandas as gpd
import pytest
from shapely import Polygon, box

from lindero.geo import area_ha, repair
from lindero.geo.geometry.crs import DEGREES

ACROSS = {
    "straight": box(179, -17, 181, -16),
    "slanted": Polygon([(170, 60), (190, 70), (190, 72), (170, 65)]),
}
BOW_TIE = Polygon([(179, -10), (179, 10), (-179, -10), (-179, 10)])
ROUND_THE_POLE = Polygon([(0, -80), (120, -80), (-120, -80)])


def hectares(shape):
    return area_ha(gpd.GeoSeries([shape], crs=DEGREES)).iloc[0]


def by_the_package(shape):
    return antimeridian.fix_polygon(shape, fix_winding=False)


def ours(shape):
    return repair(gpd.GeoSeries([shape], crs=DEGREES), "polygon")


@pytest.mark.parametrize("shape", ACROSS.values(), ids=ACROSS)
def test_where_one_reading_is_possible_both_cut_off_the_same_ground(shape):
    assert hectares(ours(shape).geometry.iloc[0]) == pytest.approx(hectares(by_the_package(shape)), rel=1e-3)


def test_of_a_bow_tie_across_it_the_package_makes_ground_and_we_make_none():
    assert hectares(by_the_package(BOW_TIE)) > 1e7
    assert ours(BOW_TIE).rejects["reason"].tolist() == ["ambiguous_geometry"]


def test_a_ring_round_a_pole_is_either_side_of_it_to_the_package_and_neither_to_us():
    one, other = by_the_package(ROUND_THE_POLE), by_the_package(ROUND_THE_POLE.reverse())

    assert max(hectares(one), hectares(other)) > 100 * min(hectares(one), hectares(other))
    assert ours(ROUND_THE_POLE).rejects["reason"].tolist() == ["ambiguous_geometry"]
    assert ours(ROUND_THE_POLE.reverse()).rejects["reason"].tolist() == ["ambiguous_geometry"]


def test_a_clockwise_shell_is_the_rest_of_the_world_to_the_package():
    clockwise = box(179, -17, 181, -16, ccw=False)

    assert hectares(by_the_package(clockwise)) > 1e10
    assert hectares(ours(clockwise).geometry.iloc[0]) == pytest.approx(hectares(box(0, -17, 2, -16)), rel=1e-5)
