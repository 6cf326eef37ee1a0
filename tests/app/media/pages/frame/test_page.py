"""The head of every page: the doors hold each page once, and the map says whose it is."""

import pytest

from lindero.app.media.pages.current import open_map
from lindero.app.media.pages.frame import page
from lindero.app.serving.asgi import SCRIPT
from lindero.app.text import i18n
from lindero.layers.workspace import manifest_file
from tests import app_page, small_map


@pytest.fixture
def build_folder(tmp_path):
    return tmp_path / "build"


def test_each_page_stands_behind_one_door():
    behind = [path for views in page.DOORS.values() for path in views]

    assert len(page.DOORS) == 4
    assert len(behind) == len(set(behind))
    assert set(behind) == set(page.VIEWS)
    modules = {path.stem for path in (SCRIPT.parent / "media" / "pages" / "views").glob("*.py")}
    assert {module for module, _title in (page.VIEWS | page.OPERATORS).values()} == modules
    assert next(iter(page.VIEWS)) == ""  # the page that opens


def test_no_two_links_of_a_page_are_called_the_same():
    for language in i18n.languages():
        i18n.set_language(language)
        doors = [i18n._(door) for door in page.DOORS]
        pages = [i18n._(title) for _module, title in page.VIEWS.values()]
        assert len(doors) == len(set(doors))
        assert len(pages) == len(set(pages))
        assert not set(doors) & set(pages)


def test_only_who_may_add_is_led_to_the_page_for_it(build_folder, tmp_path):
    small_map.publish(build_folder)
    open_map.use_folder(build_folder)
    leads = []
    for workspace in (None, tmp_path):
        open_map.set_operated_workspace(workspace)
        opened = app_page.at_page("sources")
        leads.append([link.proto.page for link in opened.get("page_link")])
    open_map.set_operated_workspace(None)

    assert set(leads[1]) - set(leads[0]) == {"add"}


def test_the_head_tells_whose_map_it_is_and_no_date_of_one_source_for_all(build_folder, tmp_path):
    manifest_file.create_workspace(tmp_path, title="Cuenca del <Marañón>", country="PE")
    small_map.publish(build_folder)
    open_map.use_folder(build_folder)

    said = page.map_name_html()

    assert "Cuenca del &lt;Marañón&gt;" in said
    assert i18n.format_long_date(small_map.DAY) not in said
    assert "nvented" not in said


def test_what_is_invented_says_so_in_the_head(build_folder):
    small_map.publish(build_folder, invented=True)
    open_map.use_folder(build_folder)

    assert "Invented data: a demonstration" in page.map_name_html()


def test_before_there_is_a_map_the_head_names_none(build_folder):
    open_map.use_folder(build_folder)
    opened = app_page.at_page("near_me")

    assert not opened.exception
    assert "lindero-map" not in "".join(part.proto.body for part in opened.get("html"))
