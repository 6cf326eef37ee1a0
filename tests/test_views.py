import json

import pytest
from streamlit.testing.v1 import AppTest

from app import served
from app.server import SCRIPT
from tests import small_map

SECONDS = 60


def opened(build_folder) -> AppTest:
    served.use(build_folder)
    return AppTest.from_file(str(SCRIPT), default_timeout=SECONDS).run()


@pytest.fixture
def build_folder(tmp_path):
    return tmp_path / "build"


def test_the_map_page_opens_with_the_pairs_in_a_table(build_folder):
    small_map.publish(build_folder)

    page = opened(build_folder)

    assert not page.exception
    assert page.dataframe[0].value["left_name"].tolist() == ["The concessions row"]
    assert page.dataframe[0].value["area_ha"].tolist() == [6_100.0]


def test_the_map_gets_what_is_there_and_nothing_else(build_folder):
    small_map.publish(build_folder)

    sent = json.loads(opened(build_folder).get("component_instance")[0].proto.json_args)

    assert '"code": "protected_areas"' in sent["script"]
    assert '"code": "forestry"' not in sent["script"]
    assert all(address.startswith("../../assets/") for address in sent["js_links"] + sent["css_links"])
    assert sent["returned_objects"] == ["last_clicked"]


def test_without_a_map_the_page_says_what_to_do(build_folder):
    page = opened(build_folder)

    assert not page.exception
    assert "lindero build" in page.error[0].value


def test_an_empty_map_says_why_it_is_empty(build_folder, monkeypatch):
    monkeypatch.setattr(small_map, "SHAPES", {})
    monkeypatch.setattr(small_map.store, "write_table", lambda *_: None)
    small_map.publish(build_folder)

    page = opened(build_folder)

    assert not page.exception
    assert "lindero add" in page.info[0].value


@pytest.mark.parametrize("invented", [True, False])
def test_invented_data_is_marked_and_real_data_is_not(build_folder, invented):
    small_map.publish(build_folder, invented=invented)

    assert len(opened(build_folder).warning) == invented


def test_a_newer_map_is_shown_without_restart(build_folder):
    small_map.publish(build_folder, names={"concessions": "Old name"})
    page = opened(build_folder)
    small_map.publish(build_folder, names={"concessions": "New name"})

    page.run()

    assert page.dataframe[0].value["left_name"].tolist() == ["New name"]
