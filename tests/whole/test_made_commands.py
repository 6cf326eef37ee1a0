"""The command under *How was this made?* gives the numbers on the page, whatever the reader left out there."""

import pytest

from lindero.app.text.i18n import number
from tests.answered import at_page, typed
from tests.shown_tables import tables

# Exposure, hotspots, what is new and time have their own tests beside their pages.


def figures(page):
    return {metric.label: metric.value for metric in page.metric}


@pytest.fixture
def build(demonstration):
    return demonstration[0] / "build"


def filtered(page):
    page.slider[0].set_value(5)
    page.number_input[0].set_value(20.0)
    page.multiselect[0].set_value(["certain"])
    page.text_input[0].set_value("a")
    return page.run()


@pytest.mark.parametrize("change", [lambda page: page, filtered])
def test_overlaps_as_the_reader_filtered_them(build, demonstration, monkeypatch, change):
    page = change(at_page(build, "overlaps"))
    answer = typed(page, demonstration[0], monkeypatch)
    shown = figures(page)

    assert 0 < answer["pairs"] == len(tables(page)[0])
    assert shown["Pairs"] == number(answer["pairs"])
    assert shown["Hectares, pairs added up (gross)"] == number(answer["gross_ha"], decimals=1)
    assert shown["Hectares of ground, counted once (footprint)"] == number(answer["footprint_ha"], decimals=1)


def test_a_holder_under_the_spellings_that_were_left(build, demonstration, monkeypatch):
    page = at_page(build, "holder")
    page.selectbox[0].select_index(1).run()
    answer = typed(page, demonstration[0], monkeypatch)

    assert figures(page)["Communities touched"] == number(answer["right_features"])


def test_a_community(build, demonstration, monkeypatch):
    page = at_page(build, "community")
    answer = typed(page, demonstration[0], monkeypatch)
    shown = figures(page)

    assert shown["Under concession, ground counted once (ha)"] == number(answer["footprint_ha"], decimals=1)
    assert shown["Added up title by title (ha)"] == number(answer["gross_ha"], decimals=1)


@pytest.mark.parametrize("level", ["department", "province"])
def test_browse_at_each_level(build, demonstration, monkeypatch, level):
    page = at_page(build, "browse", level=level)
    answer = {row["name"]: row for row in typed(page, demonstration[0], monkeypatch)["regions"]}
    listed = tables(page)[0].set_index("name")

    assert set(answer) == set(listed.index)
    for name, row in answer.items():
        for measure in ("concessions", "communities", "communities_touched", "attacks", "measures_granted"):
            assert row[measure] == listed.loc[name, measure]
        assert round(row["conceded_ha"]) == listed.loc[name, "conceded_ha"]


def test_near_me(build, demonstration, monkeypatch):
    page = at_page(build, "near_me")
    page.text_input[0].set_value("-6.9, -78.4").run()
    answer = typed(page, demonstration[0], monkeypatch)["near"]
    near = [row for row in answer if row["distance_m"] > 0 and row["layer"] != "incidents"]

    assert len(near) == len(tables(page)[0])
