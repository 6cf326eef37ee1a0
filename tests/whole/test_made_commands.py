"""The command under *How was this made?* gives the numbers on the page, whatever the reader left out there."""

import pandas as pd
import pytest

from lindero.app.text.i18n import format_number
from tests.answered import at_page, typed
from tests.shown_tables import figures, tables

# Exposure, hotspots, what is new and time have their own tests beside their pages.


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
    shown, listed = figures(page), tables(page)[0]
    measured = [row["area_ha"] for row in answer["overlaps"] if row["area_ha"] is not None]  # points have none

    assert 0 < answer["pairs"] == len(listed) == len(measured)
    assert [round(area, 1) for area in measured] == pytest.approx(listed["area_ha"].tolist())
    assert shown["Number of overlaps"] == format_number(answer["pairs"])
    assert shown["Gross hectares (overlaps added up)"] == format_number(answer["gross_ha"], decimals=1)
    assert shown["Hectares, each counted once (footprint)"] == format_number(answer["footprint_ha"], decimals=1)


def test_a_holder_under_the_spellings_that_were_left(build, demonstration, monkeypatch):
    page = at_page(build, "holder")
    page.selectbox[0].select_index(1).run()
    answer = typed(page, demonstration[0], monkeypatch)
    listed = next(table for table in tables(page) if "right_name" in table)

    assert figures(page)["Overlapping communities"] == format_number(answer["right_features"])
    measured = [row["area_ha"] for row in answer["overlaps"] if row["area_ha"] is not None]  # points have none
    assert 0 < len(measured) == len(listed)
    assert [round(area, 1) for area in measured] == pytest.approx(listed["area_ha"].tolist())


def test_a_community(build, demonstration, monkeypatch):
    page = at_page(build, "community")
    answer = typed(page, demonstration[0], monkeypatch)
    shown = figures(page)

    assert shown["Under concession, each hectare counted once (ha)"] == format_number(
        answer["footprint_ha"], decimals=1
    )
    assert shown["Added up by concession (ha)"] == format_number(answer["gross_ha"], decimals=1)


@pytest.mark.parametrize("asked", [{}, {"level": "department"}, {"level": "province"}])
def test_browse_at_each_level(build, demonstration, monkeypatch, asked):
    page = at_page(build, "browse", **asked)
    answer = {row["name"]: row for row in typed(page, demonstration[0], monkeypatch)["regions"]}
    measures = ["concessions", "communities", "communities_touched", "attacks", "measures_granted", "conceded_ha"]
    every = [table.set_index("name") for table in tables(page) if {"name", *measures} <= set(table)]
    parts = [table for table in every if not answer.keys().isdisjoint(table.index)]
    listed = pd.concat(parts)  # what is known of a part only is a list of its own

    assert set(answer) == set(listed.index)
    assert listed.index.is_unique
    for name, row in answer.items():
        for measure in measures:
            there = listed.loc[name, measure]
            assert (pd.isna(there) and row[measure] is None) or round(row[measure]) == there


def test_near_me(build, demonstration, monkeypatch):
    page = at_page(build, "near_me")
    page.text_input[0].set_value("-6.9, -78.4").run()
    answer = typed(page, demonstration[0], monkeypatch)["near"]
    near = [row for row in answer if row["distance_m"] > 0 and row["layer"] != "incidents"]

    assert len(near) == len(tables(page)[0])
