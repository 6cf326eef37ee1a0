"""The operator's watches on the page *Add data*: what is asked before saving, and who sees them."""

import json
import shutil

import pytest
import shapely
from shapely import box
from shapely.geometry import mapping
from streamlit.testing.v1 import AppTest

from lindero.app.media.pages.current import open_map, rights
from lindero.layers.watch.watches_file import read_watches
from tests.app_page import SECONDS, at_page


@pytest.fixture
def folder(demonstration, tmp_path):
    folder = shutil.copytree(demonstration[0], tmp_path / "space")
    open_map.use_folder(folder / "build")
    open_map.set_operated_workspace(folder)
    yield folder
    open_map.set_operated_workspace(None)


def written(page):
    return "\n".join(
        part.value for kind in ("title", "header", "subheader", "markdown", "error") for part in page.get(kind)
    )


def button(page, label):
    (found,) = [one for one in page.button if one.label == label]
    return found


def estimate(page, name, areas):
    page.text_input[-2].set_value(name)
    page.text_area[0].set_value(areas)
    button(page, "Estimate how many messages").click()
    return page.run()


def test_a_watch_is_estimated_then_saved_then_removed(folder):
    page = at_page("add_data")
    assert "Tuyllumarca" in written(page)
    page = estimate(page, "Norte", "Cajamarca")
    assert not page.exception
    assert "would have sent 52 messages" in written(page)
    assert [watch.name for watch in read_watches(folder)] == ["Tuyllumarca"]

    button(page, "Save this watch").click().run()
    assert [(watch.name, watch.areas) for watch in read_watches(folder)][1:] == [("Norte", ("region/PE-CAJ",))]
    assert "**Norte**" in written(page)
    assert set(page.query_params) <= {"lang"}
    [one for one in page.button if one.label == "Remove this watch"][1].click().run()
    assert [watch.name for watch in read_watches(folder)] == ["Tuyllumarca"]


def test_an_own_polygon_comes_from_a_file(folder):
    page = at_page("add_data")
    page.file_uploader[-1].upload(
        "mi tierra.geojson", json.dumps(mapping(box(-77, -12, -76.9, -11.9))).encode(), "application/geo+json"
    )
    page = estimate(page, "Mi tierra", "")
    assert not page.exception
    assert "**Mi tierra**: own polygon" in written(page)

    button(page, "Save this watch").click().run()
    watch = read_watches(folder)[-1]
    assert (watch.areas, shapely.from_wkt(watch.polygon).bounds) == (("polygon",), (-77, -12, -76.9, -11.9))


@pytest.mark.usefixtures("folder")
def test_a_file_without_a_polygon_is_refused():
    page = at_page("add_data")
    page.file_uploader[-1].upload(
        "punto.geojson", b'{"type": "Point", "coordinates": [-77, -12]}', "application/geo+json"
    )
    page = estimate(page, "Mi tierra", "")
    assert "contains no polygon" in written(page)
    assert not [one for one in page.button if one.label == "Save this watch"]


@pytest.mark.usefixtures("folder")
def test_a_watch_on_everything_is_confirmed_before_it_can_be_saved():
    page = estimate(at_page("add_data"), "Todo", "everything")
    assert button(page, "Save this watch").disabled
    page.checkbox(key="watch-everything").check().run()
    assert not button(page, "Save this watch").disabled


@pytest.mark.usefixtures("folder")
def test_a_name_of_several_places_lists_what_to_write():
    page = estimate(at_page("add_data"), "Quell", "Quellmiorco")
    assert "community/demo-communities/INV-COM-JUN-003" in written(page)
    assert not [one for one in page.button if one.label == "Save this watch"]


def test_an_old_watch_is_asked_for_and_confirmed(folder):
    file = folder / "watches.toml"
    file.write_text(file.read_text().replace("2026-06-01", "2020-06-01"))
    page = at_page("add_data")
    button(page, "Yes, keep it").click().run()
    assert read_watches(folder)[0].confirmed_on > read_watches(folder)[0].created_on
    assert not [one for one in page.button if one.label == "Yes, keep it"]


def shown():
    from lindero.app.media.pages.forms.watch_form import show_watches

    show_watches()


@pytest.mark.usefixtures("folder")
def test_only_an_operator_who_may_accept_sees_the_watches(monkeypatch):
    assert "Tuyllumarca" in written(AppTest.from_function(shown, default_timeout=SECONDS).run())
    monkeypatch.setattr(rights, "has_right", lambda right: right != rights.ACCEPT)
    assert written(AppTest.from_function(shown).run()) == ""
    monkeypatch.undo()
    open_map.set_operated_workspace(None)
    assert written(AppTest.from_function(shown).run()) == ""
