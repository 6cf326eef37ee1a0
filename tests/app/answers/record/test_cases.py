"""How cases end: six attacks by hand."""

import datetime as dt

import pytest

from lindero.app.answers.record.case_text import case_status_text
from lindero.app.answers.record.cases import (
    count_case_outcomes,
    count_cases_against_defenders,
    impunity_text,
    summarize_cases,
)
from lindero.app.answers.record.incidents import read_record
from lindero.app.text import i18n
from lindero.layers.database import map_database
from tests.built import build
from tests.files import Files, incidents

HEADER = "code,occurred_on,place_text,region,country,location_precision,visibility,longitude,latitude"
ID = "incidents/"
TODAY = dt.date(2026, 1, 11)


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    files = Files(tmp_path_factory.mktemp("cases") / "space")
    places = {"a": "Junín", "b": "Junín", "c": "Cusco", "d": "", "e": "Cusco", "f": "Junín"}
    rows = [f"{code},2015-03-01,,{region},PE,region,public_record,," for code, region in places.items()]
    files.add("incidents", incidents(*rows, header=HEADER))
    acts = ["a,killing", "b,killing", "b,threat", "c,killing", "d,threat", "e,criminalisation", "f,killing"]
    files.add("acts", "\n".join(["incident_id,type", *(ID + act for act in acts)]))
    steps = [
        "a,2016-01-01,complaint",
        "a,2026-01-01,conviction",
        "b,2016-01-01,acquittal",
        "b,2017-01-01,appeal",
        "c,,complaint",
        "e,2016-01-01,charge",
        "e,2018-01-01,conviction",
    ]
    files.add("case_steps", "\n".join(["incident_id,dated_on,step", *(ID + step for step in steps)]))
    with map_database.connect(build(files.space).path) as con:
        yield read_record(con)


@pytest.fixture(scope="module")
def of_cases(told):
    return summarize_cases(told, today=TODAY)


def test_the_last_step_says_how_a_case_ended_and_an_appeal_reopens_it(of_cases):
    outcome = dict(of_cases[["id", "outcome"]].to_numpy())

    assert {name.removeprefix(ID): end for name, end in outcome.items()} == {
        "a": "conviction",
        "b": "open",
        "c": "open",
        "d": "nothing_known",
        "e": "conviction",
        "f": "nothing_known",
    }


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("a", "Outcome: conviction. Last recorded step: 10 days ago."),
        ("c", "Outcome: case open."),
        ("d", "No court case is recorded."),
        ("conflict", "No court case is recorded."),
        ("e", "The accused are the people who were attacked: a conviction here is not justice."),
    ],
)
def test_how_a_case_stands_is_said(told, code, sentence):
    said = case_status_text(told.filter([ID + code]), today=TODAY)

    assert sentence in said if code == "e" else sentence == said


def test_days_are_counted_from_the_last_dated_step(of_cases):
    days = of_cases.set_index("id")["days_since"]

    assert days[ID + "a"] == 10
    assert days.isna()[[ID + "c", ID + "d"]].all()


def test_a_conviction_of_a_defender_is_no_justice_done(told, of_cases):
    by_act = count_case_outcomes(told, of_cases, group_by="act").set_index("group")

    assert "criminalisation" not in by_act.index
    assert by_act["conviction"].sum() == 1
    assert count_cases_against_defenders(of_cases) == {
        "attacks": 1, "conviction": 1, "acquittal": 0, "archived": 0, "open": 0, "nothing_known": 0
    }  # fmt: skip


def test_every_rate_has_its_denominator_and_the_parts_add_up(told, of_cases):
    by_region = count_case_outcomes(told, of_cases, group_by="region")
    parts = by_region[["conviction", "acquittal", "archived", "open", "nothing_known"]].sum(axis=1)

    assert (parts == by_region["attacks"]).all()
    assert by_region["attacks"].sum() == 5
    assert by_region["group"].fillna("").tolist() == ["Junín", "Cusco", ""]  # most attacks first, then by name
    assert by_region.set_index("group").loc["Junín", ["attacks", "known", "conviction"]].tolist() == [3, 2, 1]


def test_impunity_is_said_with_what_it_is_counted_of(told, of_cases):
    i18n.set_language("en")
    killings = count_case_outcomes(told, of_cases, group_by="act").set_index("group").loc["killing"]

    assert impunity_text(killings, "killing") == (
        "Of 3 attacks (killing) with a recorded court case, 1 ended in a conviction; 1 more has no recorded case."
    )


def test_without_any_step_nothing_is_known_of_any_case(told):
    alone = told.filter(told.incidents.loc[told.incidents["code"] == "d", "id"])

    assert summarize_cases(alone, today=TODAY)[["steps", "outcome"]].to_numpy().tolist() == [[0, "nothing_known"]]
    assert summarize_cases(told.filter(told.incidents["id"].iloc[:0]), today=TODAY).empty
