import json

import pytest

from lindero.app.text import digits
from tests import small_map
from tests.answered import at_page, typed
from tests.shown_tables import tables

QUICK = {"of": "overlap-ha", "over": "communities"}  # answered in seconds


@pytest.fixture(scope="module")
def page(demonstration):
    return at_page(demonstration[0] / "build", "hotspots", **QUICK)


def test_the_page_opens_on_an_answer_and_answers_what_the_reader_asks_instead(demonstration):
    page = at_page(demonstration[0] / "build", "hotspots")

    assert page.markdown[0].value.startswith("**Hotspots")
    assert "attacks and conflicts\\, compared with" in page.markdown[1].value
    assert len([each for each in page.markdown[1].value.split(". ") if each]) == 2  # what is not counted is folded
    folded = next(box for box in page.expander if box.label == "How sure this is, and what is not counted")
    assert "have only an area as their location" in folded.markdown[0].value
    assert tables(page)[0]["result"].iloc[0] == "more than expected"
    assert not {*page.query_params} & {*QUICK}

    page.selectbox[0].set_value("overlap-ha")
    page.selectbox[1].set_value("communities")
    page.button[0].click().run()

    assert "hectares of concessions on community land\\, compared with" in page.markdown[1].value
    assert tables(page)[0]["result"].iloc[0] == "more than expected"
    assert {name: page.query_params[name] for name in QUICK} == QUICK


def test_a_link_asks_again_and_the_answer_is_in_plain_numbers(page):
    told = " ".join(each.value for each in page.markdown[:2]).replace("\\", "")

    assert [box.value for box in page.selectbox] == ["overlap-ha", "communities", "", ""]
    assert "Hotspots: 9 of 218 places" in told
    assert "hectares of concessions on community land, compared with 51,543 expected" in told
    assert "firm: under almost any settings" in tables(page)[0]["result~"].tolist()


def test_the_map_holds_the_places_of_the_list(page):
    drawn = json.loads(page.get("component_instance")[0].proto.json_args)["script"]

    assert drawn.count('"look": "hot"') == (tables(page)[0]["result"] == "more than expected").sum() == 9
    assert drawn.count('"look": ') == len(tables(page)[0])


def test_the_command_on_the_page_gives_the_rows_on_the_page(page, demonstration, monkeypatch):
    answer = typed(page, demonstration[0], monkeypatch)
    listed = tables(page)[0]
    rows = answer["places_compared"]

    assert [row["name"] or row["id"] for row in rows] == listed["name"].tolist()
    assert [row["expected"] for row in rows] == pytest.approx(listed["expected"].tolist(), abs=0.051)
    assert [row["stability"] for row in rows] == pytest.approx(listed["stability"].tolist())
    assert [digits.format_probability(row["q"]) for row in rows] == listed["q_told"].tolist()
    made = next(box for box in page.expander if box.label == "How was this computed?")
    assert answer["command"] == made.text[0].value


def test_a_map_without_attacks_opens_on_what_it_holds(tmp_path):
    build = small_map.publish(
        tmp_path, shapes={name: small_map.SHAPES[name] for name in ("concessions", "communities")}
    )

    page = at_page(build.parent, "hotspots")

    assert page.selectbox[0].value == "titles"


def test_a_map_of_nothing_to_count_says_so(tmp_path):
    build = small_map.publish(tmp_path, shapes={"communities": small_map.SHAPES["communities"]})

    page = at_page(build.parent, "hotspots")

    assert "no data at all on attacks or conflicts or concessions" in page.info[0].value
    assert not page.selectbox


def test_what_cannot_be_asked_of_this_map_is_said(tmp_path):
    small_map.publish(tmp_path)

    page = at_page(tmp_path, "hotspots", of="incidents", over="provinces")

    assert "the map has no places of this kind: Provinces" in page.error[0].value
