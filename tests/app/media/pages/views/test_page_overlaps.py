"""Every pair of layers of areas, on a map that has all of them, opens and lists what lies there."""

import itertools

import geopandas as gpd
import pytest

from lindero.app.answers.overlap.overlaps import AREAS
from lindero.app.builder.build import build_map
from lindero.layers.model.schema import LAYERS
from tests.answered import at_page, typed
from tests.files import Files, concessions, square
from tests.shown_tables import tables

NAMED = {"name": "A name", "code": "A1", "level": "province"}


@pytest.fixture(scope="module")
def build_folder(tmp_path_factory):
    """A map with one square of every layer of areas, all of them on the same ground."""
    files = Files(tmp_path_factory.mktemp("overlaps") / "space")
    for name in AREAS:
        told = {column: value for column, value in NAMED.items() if column in LAYERS[name].names}
        files.add(name, gpd.GeoDataFrame([told | {"observed_on": "2020-01-01"}], geometry=[square()], crs="OGC:CRS84"))
    build_map(files.space)
    return files.space.build_folder


@pytest.mark.parametrize(("left", "right"), [*itertools.permutations(AREAS, 2)])
def test_every_layer_can_be_laid_over_every_other(build_folder, left, right):
    page = at_page(build_folder, "overlaps", left=left, right=right)

    assert [box.value for box in page.selectbox[:2]] == [left, right]
    assert tables(page)[0]["share_of_left"].tolist() == pytest.approx([1.0], rel=1e-3)
    assert tables(page)[0][["left_name", "right_name"]].notna().all(axis=None)


def test_of_two_registers_of_the_same_things_one_is_counted_and_the_page_says_so(files, monkeypatch):
    files.add("communities", concessions(4).drop(columns=["holder", "status"]), id="land")
    files.add("concessions", concessions(4), id="whole")
    files.add("concessions", concessions(3), id="light")
    build_map(files.space)
    page = at_page(files.space.build_folder, "overlaps", left="concessions", right="communities")
    rows = typed(page, files.folder, monkeypatch)["overlaps"]

    assert len(rows) == len(tables(page)[0]) == 4
    assert any("light repeats the data of whole and is left out" in text.value for text in page.markdown)
    community = at_page(files.space.build_folder, "community", communities="land/C1")
    assert len(tables(community)[0]) == 1
    assert any("light repeats the data of whole and is left out" in text.value for text in community.markdown)


def test_of_levels_of_regions_the_widest_is_counted_and_the_page_says_so(files, monkeypatch):
    files.add("concessions", concessions(3), id="titles")
    provinces = concessions(3).drop(columns=["holder", "status"]).assign(level="province")
    files.add("regions", provinces, id="provinces")
    files.add("regions", provinces.iloc[:1].assign(level="department", code="D1"), id="departments")
    build_map(files.space)
    page = at_page(files.space.build_folder, "overlaps", left="concessions", right="regions")
    rows = typed(page, files.folder, monkeypatch)["overlaps"]

    assert len(rows) == len(tables(page)[0]) == 1
    assert any("one level are counted (department). Left out: province" in text.value for text in page.markdown)
