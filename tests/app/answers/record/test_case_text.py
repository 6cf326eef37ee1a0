"""One incident in words: its place, what is known of it, and who told it."""

import pandas as pd
import pytest

from lindero.app.answers.record import case_text
from lindero.app.text.escape import escape_markdown
from lindero.app.text.i18n import set_language

ROW = {
    "title": "Ataque",
    "occurred_on": pd.Timestamp("2015-03-01"),
    "date_precision": "month",
    "place_text": "Espinar",
    "region": "Cusco",
    "country": "PE",
    "location_precision": "district",
    "is_placed": True,
    "types": ["threat", "killing"],
    "people": 3,
    "killed": 1,
    "is_killing": True,
    "sector": "mining",
    "perpetrator_kind": "police",
    "company": None,
    "conflict_phase": "unknown",
    "violent": None,
    "in_dialogue": None,
    "sources": "Diario, p. 3; https://example.org/b",
    "source_title": "La lista",
    "publisher": "Una ONG",
    "told_by": ["otra/7"],
}


@pytest.mark.parametrize(
    ("known", "name"),
    [
        ({}, "Espinar, Cusco"),
        ({"region": None}, "Espinar, Peru"),
        ({"place_text": None}, "Cusco"),
        ({"place_text": "Cusco"}, "Cusco"),
        ({"place_text": None, "region": None}, "Peru"),
        ({"place_text": None, "region": None, "country": None}, ""),
    ],
)
def test_a_place_is_named_from_the_smallest_to_the_largest_and_the_country_where_no_region_is_known(known, name):
    assert case_text.incident_place({**ROW, **known}) == name


def test_incidents_are_named_by_what_is_known_of_each():
    rows = pd.DataFrame([ROW, {**ROW, "occurred_on": pd.NaT, "place_text": None, "region": None, "country": None}])

    assert case_text.incident_labels(rows) == ["Ataque · March 2015 · Espinar, Cusco", "Ataque · date not known"]


def test_what_is_known_is_told_and_what_is_not_is_said_not_to_be():
    lines = list(case_text.incident_facts(ROW))

    assert lines == [
        "**Date**: March 2015",
        f"**Place**: {escape_markdown('Espinar, Cusco')} (precision: district)",
        "**Acts**: threat, killing",
        "**People attacked**: 3",
        "**People killed**: 1",
        "**Sector**: mining",
        "**By whom**: police",
    ]
    unknown = {"place_text": None, "region": None, "country": None, "types": [], "people": pd.NA, "killed": pd.NA}
    told = "\n".join(case_text.incident_facts({**ROW, **unknown, "is_killing": False}))
    assert "**Place**: not stated (" in told
    assert "no act of violence is recorded" in told
    assert "**People attacked**: not stated" in told
    assert "People killed" not in told
    assert "**People killed**: not stated" in case_text.incident_facts({**ROW, "killed": pd.NA})
    assert "**People killed**: 1" in case_text.incident_facts({**ROW, "is_killing": False})


@pytest.mark.parametrize(
    ("precision", "is_placed", "sentence"),
    [
        ("exact", True, "The point marks the place given by the source."),
        ("exact", False, "The exact place is not known or not published. It is somewhere in the area drawn."),
        ("district", True, "The exact place is not known or not published. It is somewhere in the area drawn."),
    ],
)
def test_a_point_is_called_the_place_only_where_it_is(precision, is_placed, sentence):
    assert case_text.location_text({**ROW, "location_precision": precision, "is_placed": is_placed}) == sentence


def test_every_source_is_cited_with_the_file_and_what_else_tells_it():
    assert list(case_text.incident_sources(ROW)) == [
        escape_markdown(text)
        for text in (
            "Diario, p. 3",
            "https://example.org/b",
            "File on this map: La lista (Una ONG)",
            "Also recorded as otra/7",
        )
    ]
    alone = case_text.incident_sources({**ROW, "sources": None, "publisher": None, "told_by": []})
    assert alone == (escape_markdown("File on this map: La lista (publisher not stated)"),)


def test_it_is_told_in_spanish():
    set_language("es")

    assert case_text.incident_place({**ROW, "region": None, "country": "BR"}) == "Espinar, Brasil"
