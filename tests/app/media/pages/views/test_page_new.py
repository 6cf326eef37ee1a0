import json
import re

import pytest

from lindero.app.builder.build import build_map
from lindero.app.media.pages.frame.page import VIEWS
from lindero.app.media.pages.maps import legends
from tests import small_map
from tests.answered import at_page, typed
from tests.files import Files, concessions
from tests.shown_tables import tables


@pytest.fixture(scope="module")
def page(demonstration):
    return at_page(demonstration[0] / "build", "new", by="snapshots")


def script(page) -> str:
    return json.loads(page.get("component_instance")[0].proto.json_args)["script"]


def test_the_command_on_the_page_gives_the_rows_on_the_page(page, demonstration, monkeypatch):
    answer = typed(page, demonstration[0], monkeypatch)
    listed = tables(page)[0]

    assert [row["name"] for row in answer["events"]] == listed["name"].tolist()
    assert {row["after_id"] or row["before_id"] for row in answer["changes"] if row["change"] != "holder_respelt"} == {
        row["record_id"] for row in answer["events"]
    }
    assert sum(row["gained_ha"] or 0 for row in answer["changes"]) == pytest.approx(listed["gained_ha"].sum(), abs=10)
    assert f"{answer['summaries'][0]['new']} new" in page.markdown[0].value


def test_the_map_holds_what_the_list_holds(page):
    drawn = script(page)

    assert drawn.count('"properties":') == len(tables(page)[0])


def test_of_many_changes_the_largest_are_drawn(demonstration, monkeypatch):
    page = at_page(demonstration[0] / "build", "new", by="snapshots")
    listed = tables(page)[0]
    told = []
    monkeypatch.setattr(legends, "MAX_AREAS", 3)
    monkeypatch.setattr(legends, "event_sentence", lambda event: told.append(event.name) or "")
    page.run()

    assert script(page).count('"properties":') == len(told) == 3
    assert len(listed) > 3


def test_fewer_changes_are_shown_on_demand(page):
    page.multiselect[1].set_value(["gone"]).run()
    gone = tables(page)[0]
    page.checkbox[0].check().run()
    touching = tables(page)[0]

    assert set(gone["what"]) == {"No longer in the register"}
    assert 0 < len(touching) < len(gone)
    assert (touching["communities"].notna() | touching["protected_areas"].notna()).all()


def test_the_page_opens_with_the_dates_in_the_register(demonstration, monkeypatch):
    page = at_page(demonstration[0] / "build", "new")
    answer = typed(page, demonstration[0], monkeypatch)
    listed = tables(page)[0]

    assert f"{answer['applied']} concessions were applied for" in page.markdown[0].value
    assert len(answer["concessions"]) == len(listed) > 0
    assert [row["name"] for row in answer["concessions"]] == listed["name"].tolist()


def test_a_list_of_before_is_answered_by_dates_too(demonstration):
    everything = tables(at_page(demonstration[0] / "build", "new"))[0]
    page = at_page(demonstration[0] / "build", "new", watch=["region/PE-CUS"])

    assert 0 < len(tables(page)[0]) < len(everything)


def test_a_link_opens_the_readers_own_list_with_its_feeds(demonstration):
    page = at_page(demonstration[0] / "build", "new", by="snapshots", watch=["region/PE-CAJ"])
    listed = tables(page)[0]

    assert page.multiselect[0].value == ["region/PE-CAJ"]
    assert 0 < len(listed) < 100
    assert page.selectbox[1].value == "demo-concessions"
    assert any("feed/region/PE-CAJ.atom?lang=en" in part.value for part in page.markdown)
    assert any("The server keeps nothing of it" in part.value for part in page.markdown)


def test_a_list_whose_places_are_gone_says_so_and_is_not_answered_by_the_whole_country(demonstration):
    page = at_page(demonstration[0] / "build", "new", by="snapshots", watch=["community/gone/1"])

    assert "community/gone/1" in page.warning[-1].value
    assert not tables(page)
    assert not any("gone," in part.value for part in page.markdown)


def test_a_list_of_before_opens_as_it_was_and_the_sentence_counts_the_list(demonstration):
    old = "community/demo-communities/2026-06-30/INV-COM-CUS-008"
    page = at_page(demonstration[0] / "build", "new", by="snapshots", watch=[old])
    listed = tables(page)[0]

    assert page.multiselect[0].value == ["community/demo-communities/INV-COM-CUS-008"]
    assert 0 < len(listed) < 100
    bold = next(part.value for part in page.markdown if part.value.startswith("**"))
    assert "On your list" in bold
    kinds = ["New concession", "Concession applied for", "Concession where there were others before"]
    assert f" {listed['what'].isin(kinds).sum()} new" in bold


def test_one_snapshot_alone_says_why_nothing_is_new(tmp_path):
    small_map.publish(tmp_path)

    page = at_page(tmp_path, "new", by="snapshots")

    assert "one snapshot of each register" in page.info[0].value
    assert "June 30, 2026" in page.markdown[0].value


@pytest.fixture(scope="module")
def of_odd_ids(tmp_path_factory):
    files = Files(tmp_path_factory.mktemp("odd") / "space")
    files.add("concessions", concessions(2), id="c-minera.2026")
    files.add(
        "communities", concessions(2).drop(columns=["holder", "status"]).assign(code=["K-1", "K_2"]), id="c-campesina"
    )
    build_map(files.space)
    return files.space.build_folder


def test_an_id_to_be_typed_is_written_to_the_letter(of_odd_ids):
    page = at_page(of_odd_ids, "new", by="snapshots")

    assert sorted(re.findall(r"with id `+([^`]+)`", page.markdown[0].value)) == ["c-campesina", "c-minera.2026"]


@pytest.mark.parametrize("name", [module for module, _title in VIEWS.values()])
def test_no_page_shows_the_backslash_that_keeps_signs_from_meaning_something(of_odd_ids, name):
    page = at_page(of_odd_ids, name)
    shown = [part.value for kind in ("markdown", "caption", "info", "warning", "error") for part in page.get(kind)]

    assert shown
    assert [text for text in shown if re.search(r"`[^`\n]*\\[^`\n]*`", text)] == []
