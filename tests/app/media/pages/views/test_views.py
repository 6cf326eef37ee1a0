import json
import re
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from lindero.app.media.pages.forms import position_form
from lindero.app.serving.asgi import SCRIPT
from tests import small_map
from tests.answered import at_page
from tests.app.answers.record.test_periods import listed
from tests.app.media.pages.views.test_paragraphs import MOST, sentences, visible_paragraphs
from tests.built import build
from tests.files import SIDE, concessions, square
from tests.shown_tables import tables, texts

VIEWS = sorted((Path(SCRIPT).parent / "media" / "pages" / "views").glob("*.py"))


@pytest.fixture
def build_folder(tmp_path):
    return tmp_path / "build"


@pytest.fixture
def small(build_folder):
    """The folder of a small map."""
    small_map.publish(build_folder)
    return build_folder


def map_arguments(page) -> dict:
    return json.loads(page.get("component_instance")[0].proto.json_args)


def sent_to_map(page) -> dict:
    script = map_arguments(page)["script"]
    start = script.index("{", script.index("lindero.show("))
    return json.JSONDecoder().raw_decode(script[start:])[0]


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.stem)
def test_a_view_is_short_and_leaves_geometry_and_sql_to_others(view):
    text = view.read_text(encoding="utf-8")

    assert len(text.splitlines()) <= 80
    assert not re.search(r"\b(SELECT|duckdb|geopandas|shapely|pyproj)\b", text)


def test_overlaps_lists_the_pairs_with_gross_and_footprint(small):
    page = at_page(small, "overlaps")

    assert tables(page)[0]["left_name"].tolist() == ["The concessions row"]
    gross, footprint = (float(metric.value.replace(",", "")) for metric in page.metric[1:3])
    assert gross == 6_100.0
    assert footprint == pytest.approx(6_059, rel=0.01)  # 0.05° by 0.1° at 10° south


def test_the_map_of_overlaps_opens_on_them_and_not_on_all_that_there_is(small):
    page = at_page(small, "overlaps")

    shared = small_map.SHAPES["concessions"].intersection(small_map.SHAPES["communities"])
    assert sent_to_map(page)["bounds"] == pytest.approx(shared.buffer(0.01).bounds)
    assert sent_to_map(page)["is_counted"] is False


def test_a_map_of_everything_opens_on_the_country_of_its_workspace(files):
    abroad = concessions(1, code=["far"], applied_on="2020-03-01").set_geometry(
        [square(600, 0)]
    )  # 6 degrees east: in Peru still
    beyond = concessions(1, code=["beyond"], applied_on="2020-03-01").set_geometry(
        [square(3000, 0)]
    )  # 30 degrees east: Brazil's coast
    files.add("concessions", gpd.GeoDataFrame(pd.concat([abroad, beyond], ignore_index=True)))
    build(files.space)

    west, _south, east, _north = sent_to_map(at_page(files.space.build_folder, "over_time"))["bounds"]

    assert -73 < west < -72
    assert east < -68


@pytest.mark.parametrize(("text", "left"), [("PEÑON NANDU 1", 1), ("sanchez", 2), ("nobody", 0)])
def test_overlaps_are_filtered_by_name_or_holder_accents_forgiven(files, text, left):
    files.add("concessions", concessions(2))
    both = gpd.GeoDataFrame({"code": ["K"], "name": ["Comunidad"]}, geometry=[square(side=2 * SIDE)], crs="OGC:CRS84")
    files.add("communities", both)
    page = at_page(build(files.space).path.parent, "overlaps")

    page.text_input[0].input(text).run()

    assert not page.exception
    assert (len(tables(page)[0]) if tables(page) else 0) == left


def test_a_register_that_says_of_no_title_when_it_was_granted_is_not_said_to_have_granted_none(files):
    files.add("concessions", concessions(2, applied_on="2020-03-01"))

    page = at_page(build(files.space).path.parent, "over_time")

    assert "No concession on this map has a grant date." in texts(page)


def test_what_is_not_known_over_time_is_told_in_short_paragraphs(files):
    files.add("concessions", concessions(2, applied_on="2020-03-01"))
    listed(files, "2012-03-01", covers_from="2012-01-01", covers_to="2021-12-31")

    page = at_page(build(files.space).path.parent, "over_time")

    paragraphs = list(visible_paragraphs(page.main))
    assert any("Attacks are recorded" in text for text in paragraphs)
    assert max(len(sentences(text)) for text in paragraphs) <= MOST


def test_near_me_tells_what_is_at_a_written_position(small):
    page = at_page(small, "near_me")

    page.text_input[0].input("-9.97, -74.93").run()

    said = [part.value for part in page.markdown]
    text = " ".join(said)
    finding = said.index("**1 concession covers this place, on the land of The communities row.**")
    assert not page.exception
    assert said[finding + 1].startswith("Where: ")
    assert said[finding + 1].endswith("Peru.")
    assert (
        said[finding + 2] == "This place is not in a recorded protected area. Sources: A register, as of June 30, 2026."
    )
    assert "The concessions row" in text
    assert "The communities row" in text
    assert len(page.text[0].value) <= 160


def test_near_me_asks_for_a_place_by_a_misspelt_name_and_answers_nothing_before(small):
    page = at_page(small, "near_me")

    page.text_input[0].input("huancallo").run()

    assert not page.exception
    assert "Did you mean" in page.radio[0].label
    assert page.radio[0].value is None
    assert "No concession is recorded" not in texts(page)

    page.radio[0].set_value(0).run()

    assert "Where: Huancayo" in texts(page)


def test_near_me_offers_the_town_first_and_offers_the_region_too(small):
    page = at_page(small, "near_me")

    page.text_input[0].input("cajamarca").run()

    offered = page.radio[0].options
    assert offered[0] == r"Cajamarca \(locality\; Provincia de Cajamarca\, Peru\)"
    assert any("region" in option for option in offered)


def test_near_me_says_that_a_place_is_not_known(small):
    page = at_page(small, "near_me")

    page.text_input[0].input("xqzwvk").run()

    assert not page.exception
    assert page.info


def test_a_community_is_told_with_its_titles_and_the_ground_they_cover(small):
    page = at_page(small, "community")

    assert tables(page)[0]["left_name"].tolist() == ["The concessions row"]
    assert len(page.metric) == 4


def test_community_opens_on_the_one_with_most_land_under_concession(files):
    lands = concessions(3)[["code", "geometry"]].assign(name=["Arriba", "Belén", "Cuzco"])
    files.add("communities", lands)
    files.add("concessions", concessions(3).iloc[2:], coverage="PE")
    build_folder = build(files.space).path.parent

    page = at_page(build_folder, "community")
    bare = at_page(build_folder, "community", id="communities/C1")

    assert page.selectbox[0].value == "communities/C3"
    assert "The State's consultation rules for the concessions on this land" not in texts(bare)


def test_the_field_for_a_place_shows_a_community_of_the_map(files):
    files.add("communities", concessions(2)[["code", "geometry"]].assign(name=["Arriba", "Belén"]))
    files.add("concessions", concessions(2).iloc[1:])

    page = at_page(build(files.space).path.parent, "near_me")

    assert page.text_input[0].placeholder.startswith("Belén  ·  -6.9")


@pytest.mark.parametrize("name", ["community", "browse"])
def test_what_the_state_promised_is_named_in_the_readers_language_and_dated_no_finer_than_known(small, name):
    table = next(table for table in tables(at_page(small, name, language="es")) if "instrument" in table)
    told = table.set_index("instrument")

    assert "Acuerdo de Escazú" in told.index
    assert not told.index.str.contains("Universal Periodic Review").any()
    assert told.loc["DS 002-2018-JUS", ["state", "state~"]].tolist() == ["adoptado", "2018"]


def test_a_list_without_rows_says_so_in_the_readers_language_and_is_not_offered(files):
    files.add("communities", concessions(1)[["code", "name", "geometry"]])

    page = at_page(build(files.space).path.parent, "community", language="es")

    assert "No hay nada que listar." in texts(page)
    assert all("instrument" in table for table in tables(page))
    assert "Descargar como CSV" not in [button.label for button in page.get("download_button")]


def test_a_holder_s_spellings_are_shown_and_can_be_taken_apart(files):
    files.add("concessions", concessions(3, holder=["Acme S.A.", "Acme S.A.", "ACME SA"]))
    page = at_page(build(files.space).path.parent, "holder")
    assert page.multiselect[0].value == ["Acme S.A.", "ACME SA"]
    assert page.metric[0].value == "3"
    assert page.expander[0].label == "Change what is shown"  # after the answer, folded
    assert [box.label for box in page.expander[0].multiselect] == [page.multiselect[0].label]

    page.multiselect[0].set_value(["ACME SA"]).run()

    assert page.metric[0].value == "1"


def test_a_holder_is_told_with_what_its_titles_lie_on(build_folder):
    small_map.publish(build_folder, text="Minera Ejemplo S.A.C.")

    page = at_page(build_folder, "holder")
    page.selectbox[0].select_index(1).run()

    assert not page.exception
    assert [metric.value for metric in page.metric][::2] == ["1", "1"]
    assert page.markdown[0].value.startswith("**1 recorded concession is under this name. Communities touched: 1;")


def test_browse_ranks_the_regions(small):
    page = at_page(small, "browse")

    assert tables(page)[0]["concessions"].sum() == 1


def test_sources_account_for_every_row(small):
    page = at_page(small, "sources")

    rows = tables(page)[0]
    for read, told in zip(rows["rows_read"], rows["rows_read~"], strict=True):
        became = {what: int(count) for count, what in re.findall(r"(\d+) (kept|rejected)", told)}
        assert read == sum(became.values())
    assert len(rows) == len(small_map.SHAPES)
    assert page.markdown[0].value.startswith(f"**{len(rows)} sources: ")
    assert [int(figure.value) for figure in page.metric[:2]] == [len(rows), rows["rows_read"].sum()]


def test_a_licence_that_nobody_stated_is_said_to_be_so_in_the_readers_language(build_folder):
    small_map.publish(build_folder, text="not stated")

    page = at_page(build_folder, "sources", language="es")

    assert set(tables(page)[0]["publisher~"]) == {"sin indicar"}


@pytest.mark.parametrize("name", ["near_me", "community", "holder", "overlaps", "browse", "sources"])
def test_every_page_stands_a_workspace_without_a_map(build_folder, name):
    page = at_page(build_folder, name)

    assert "lindero build" in page.error[0].value


def test_the_map_gets_what_is_there_and_nothing_else(small):
    sent = map_arguments(at_page(small, "near_me"))

    assert '"code": "protected_areas"' in sent["script"]
    assert '"code": "forestry"' not in sent["script"]
    assert all(address.startswith("../../assets/") for address in sent["js_links"] + sent["css_links"])
    assert sent["returned_objects"] == ["last_clicked", "last_active_drawing"]


def test_without_a_map_the_page_says_what_to_do(build_folder):
    page = at_page(build_folder, "near_me")

    assert "lindero build" in page.error[0].value


def test_an_empty_map_says_why_it_is_empty(build_folder, monkeypatch):
    monkeypatch.setattr(small_map, "SHAPES", {})
    monkeypatch.setattr(small_map.map_writer, "write_table", lambda *_: None)
    small_map.publish(build_folder)

    page = at_page(build_folder, "near_me")

    assert "lindero add" in page.info[0].value


@pytest.mark.parametrize("invented", [True, False])
def test_invented_data_is_marked_and_real_data_is_not(build_folder, invented):
    small_map.publish(build_folder, invented=invented)

    told = "".join(part.proto.body for part in at_page(build_folder, "near_me").get("html"))
    assert ("Invented data: a demonstration" in told) == invented


def test_a_workspace_that_has_changed_since_the_build_is_said_to_have(files):
    files.add("concessions", concessions())
    folder = build(files.space).path.parent
    told = [warning.value for warning in at_page(folder, "overlaps").warning]
    files.add("communities", concessions(1)[["code", "name", "geometry"]])
    told_later = [warning.value for warning in at_page(folder, "overlaps").warning]

    assert not any("has changed since this map was built" in text for text in told)
    assert any("has changed since this map was built" in text for text in told_later)


def test_a_newer_map_is_shown_without_restart(build_folder):
    small_map.publish(build_folder, names={"concessions": "Old name"})
    page = at_page(build_folder, "overlaps")
    small_map.publish(build_folder, names={"concessions": "New name"})

    page.run()

    assert tables(page)[0]["left_name"].tolist() == ["New name"]


@pytest.mark.parametrize(
    ("address", "may"),
    [
        ("http://192.168.1.20:8501/", False),
        ("http://box.local:8501/", False),
        ("http://localhost:8501/", True),
        ("http://[::1]:8501/", True),
        ("https://map.example/", True),
        ("", True),
    ],
)
def test_near_me_says_where_no_device_may_be_asked_how_to_type_what_it_shows(small, monkeypatch, address, may):
    judged = position_form.can_locate
    monkeypatch.setattr(position_form, "can_locate", lambda _unknown: judged(address))

    page = at_page(small, "near_me")

    said = [one.value for one in page.caption if "cannot get the position of your phone" in one.value]
    assert bool(said) is not may
