import json
import warnings

import geopandas as gpd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from lindero.app.commands.index import program
from lindero.geo import FrameError, overlap
from lindero.geo.geometry.crs import EQUAL_AREA
from lindero.geo.overlay.apportion import apportion
from tests.amount import amount
from tests.built import build
from tests.files import SIDE, square
from tests.world import squares

SCARS = {"s1": (0, 0), "s2": (30_000, 0)}


def shared_out(values, parks, **options):
    scars = squares(**SCARS).assign(mined_ha=values)
    return apportion(overlap(scars, parks), scars, parks, column="mined_ha", **options)


def test_a_quarter_of_the_ground_carries_a_quarter_of_the_figure():
    found = shared_out([80.0, 40.0], squares(p1=(5_000, 5_000)))

    assert found.pairs["mined_ha"].tolist() == pytest.approx([20])
    assert found.by_right.to_numpy().tolist() == [["p1", pytest.approx(20)]]
    assert (found.total, found.inside, found.outside) == pytest.approx((120, 20, 100))


def test_ground_under_two_parks_counts_once_inside_and_for_each_of_them():
    found = shared_out([80.0, 40.0], squares(p1=(5_000, 0), p2=(5_000, 0)))

    assert found.by_right["mined_ha"].tolist() == pytest.approx([40, 40])
    assert found.inside == pytest.approx(40)


def test_a_polygon_without_a_figure_is_counted_as_such():
    found = shared_out([None, 40.0], squares(p1=(0, 0), p2=(30_000, 0)))

    assert (found.total, found.inside, found.not_stated) == pytest.approx((40, 40, 1))


def test_nothing_on_any_park_is_all_outside():
    found = shared_out([80.0, 40.0], squares(p1=(90_000, 0)))

    assert (found.inside, found.outside, len(found.by_right)) == (0, 120, 0)


@pytest.mark.parametrize("column", ["id", "nothing", "area_ha"])
def test_what_is_no_column_of_numbers_or_of_the_pairs_own_is_refused(column):
    scars = squares(**SCARS).assign(area_ha=1.0)
    parks = squares(p1=(0, 0))

    with pytest.raises(FrameError):
        apportion(overlap(scars, parks), scars, parks, column=column)


@settings(max_examples=amount(12, 40))
@given(
    values=st.lists(st.floats(0, 1e6), min_size=2, max_size=2),
    x=st.integers(-12_000, 40_000),
    y=st.integers(-12_000, 12_000),
)
def test_what_lies_inside_and_outside_is_the_whole(values, x, y):
    parks = squares(p1=(x, y), p2=(x + 10_000, y))  # side by side: nothing counts twice
    found = shared_out(values, parks)

    assert found.inside + found.outside == pytest.approx(sum(values))
    assert found.by_right["mined_ha"].sum() == pytest.approx(found.inside, rel=1e-9, abs=1e-3)
    assert found.outside >= -1e-6 * (1 + sum(values))


@settings(max_examples=10)
@given(x=st.integers(-9_000, 35_000), y=st.integers(-9_000, 9_000))
def test_tobler_says_the_same(x, y):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its own imports
        area_interpolate = pytest.importorskip("tobler.area_weighted").area_interpolate
    scars, parks = squares(**SCARS).assign(mined_ha=[80.0, 40.0]), squares(p1=(x, y), p2=(x + 10_000, y))
    sides = scars.to_crs(EQUAL_AREA), parks.to_crs(EQUAL_AREA)
    theirs = area_interpolate(*sides, extensive_variables=["mined_ha"], allocate_total=False)["mined_ha"]

    ours = shared_out([80.0, 40.0], parks).by_right.set_index("id")["mined_ha"].reindex(["p1", "p2"]).fillna(0)

    assert ours.tolist() == pytest.approx(theirs.tolist(), abs=1e-3)


def test_the_command_shares_a_column_out(files):
    people = gpd.GeoDataFrame({"name": ["A"], "population": [400]}, geometry=[square(side=2 * SIDE)], crs="OGC:CRS84")
    park = gpd.GeoDataFrame({"name": ["Park"]}, geometry=[square()], crs="OGC:CRS84")
    files.add("communities", people)
    files.add("protected_areas", park)
    build(files.space)
    order = [
        "overlaps",
        "communities",
        "protected_areas",
        "--apportion",
        "population",
        "--workspace",
        str(files.folder),
    ]

    answer = json.loads(CliRunner().invoke(program, [*order, "--format", "json"]).stdout)
    told = CliRunner().invoke(program, order).stderr

    assert answer["apportioned"]["by_right"][0]["population"] == pytest.approx(100, rel=1e-3)
    assert answer["overlaps"][0]["population"] == pytest.approx(100, rel=1e-3)
    assert (answer["apportioned"]["total"], answer["apportioned"]["outside"]) == pytest.approx((400, 300), rel=1e-3)
    assert "100.0 are inside" in told
