import geopandas as gpd
import pytest

from app import regions
from geo import area_ha
from layers import base, store
from tests import small_map


@pytest.fixture(scope="module")
def con(tmp_path_factory):
    return store.connect(small_map.publish(tmp_path_factory.mktemp("regions")))


@pytest.fixture(scope="module")
def compared(con):
    return regions.compared(con)


def test_each_feature_is_counted_in_the_region_where_it_lies(compared):
    sums = compared[["concessions", "communities", "communities_touched", "attacks"]].sum()

    assert sums.tolist() == [1, 1, 1, 1]


def test_the_regions_are_those_that_something_lies_in(compared):
    known = base.regions().set_index("code").geometry
    shapes = list(small_map.SHAPES.values())

    assert all(known[code].intersects(gpd.GeoSeries(shapes).union_all()) for code in compared["region"])


def test_the_land_under_concession_adds_up_over_the_regions(compared):
    whole = area_ha(gpd.GeoSeries([small_map.SHAPES["concessions"]], crs="OGC:CRS84"))

    assert compared["conceded_ha"].sum() == pytest.approx(whole.iloc[0], rel=1e-3)
    assert compared["conceded_share"].between(0, 1).all()


def test_regions_are_drawn_coarsely_where_they_are(con, compared):
    drawn = regions.shapes(con, "department", tuple(compared["region"])).set_index("region").geometry
    known = base.regions().set_index("code").geometry

    assert set(drawn.index) == set(compared["region"])
    assert all(drawn[code].intersection(known[code]).area > 0.98 * known[code].area for code in drawn.index)
