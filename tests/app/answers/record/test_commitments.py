"""Commitments: what states promised, each with its date, its source and whether anybody checked it."""

import csv
from datetime import date

import pandas as pd
import pytest

from lindero.app.answers.record import commitments_text
from lindero.app.answers.record.commitments import summarize_commitments
from lindero.layers.model.schema import LAYERS
from lindero.layers.model.vocabularies import VOCABULARIES
from lindero.layers.reference import packs

COUNTRIES = {
    "AG", "AR", "BB", "BO", "BR", "BS", "BZ", "CL", "CO", "CR", "CU", "DM", "DO", "EC", "GD", "GT", "GY",
    "HN", "HT", "JM", "KN", "LC", "MX", "NI", "PA", "PE", "PY", "SR", "SV", "TT", "UY", "VC", "VE",
}  # fmt: skip
ESCAZU, ILO_169 = "Escazú Agreement", "ILO Convention 169"


@pytest.fixture(scope="module")
def commitments():
    rows = []
    for path in packs.find_files("commitments.csv").values():
        with path.open(encoding="utf-8", newline="") as file:
            rows += csv.DictReader(file)
    return rows


def dated(commitments, instrument, stage):
    return {
        row["jurisdiction"]: row["dated_on"]
        for row in commitments
        if (row["instrument"], row["stage"]) == (instrument, stage)
    }


def test_every_row_has_a_source_and_says_whether_it_was_verified(commitments):
    for row in commitments:
        assert row["source_url"].startswith(("http://", "https://"))
        assert row["verified"] in {"yes", "copy", "no", "disputed"}
        assert row["verified"] in {"yes", "copy"} or row["note"]


def test_every_stage_and_required_column_is_as_the_schema_has_it(commitments):
    required = [column.name for column in LAYERS["commitments"].own_columns if column.required]
    for row in commitments:
        assert row["stage"] in VOCABULARIES["commitment_stage"]
        assert all(row[name] for name in required)


def test_a_date_is_no_finer_than_its_precision(commitments):
    for row in commitments:
        if not row["dated_on"]:
            assert row["date_precision"] == "unknown"
            continue
        day = date.fromisoformat(row["dated_on"])
        assert row["date_precision"] in {"day", "month", "year"}
        assert row["date_precision"] == "day" or day.day == 1
        assert row["date_precision"] != "year" or day.month == 1


@pytest.mark.parametrize("instrument", [ESCAZU, ILO_169])
def test_all_33_countries_of_the_region_are_accounted_for(commitments, instrument):
    assert {row["jurisdiction"] for row in commitments if row["instrument"] == instrument} >= COUNTRIES


def test_a_charter_of_another_continent_is_a_treaty_too(commitments):
    steps = pd.DataFrame(commitments).replace("", None)
    steps["dated_on"] = pd.to_datetime(steps["dated_on"])
    states = summarize_commitments(steps, "ZM").set_index("instrument")

    assert states.loc["African Charter on Human and Peoples' Rights", ["kind", "state"]].tolist() == [
        "treaty",
        "ratified",
    ]
    assert states.loc[ILO_169, ["kind", "state"]].tolist() == ["treaty", "not_joined"]


def test_24_countries_signed_escazu_and_18_are_parties(commitments):
    assert len(dated(commitments, ESCAZU, "signed")) == 24
    assert len(dated(commitments, ESCAZU, "ratified")) == 18
    assert dated(commitments, ESCAZU, "ratified")["CL"] == "2022-06-13"


def test_escazu_binds_ninety_days_after_ratification_and_nobody_before_22_april_2021(commitments):
    ratified = dated(commitments, ESCAZU, "ratified")
    for country, day in dated(commitments, ESCAZU, "in_force").items():
        waited = date.fromisoformat(day) - date.fromisoformat(ratified[country])
        assert waited.days == 90 or (day == "2021-04-22" and waited.days > 90)


def test_15_countries_ratified_ilo_169_and_peru_in_1994(commitments):
    ratified = dated(commitments, ILO_169, "ratified")

    assert len(ratified) == 15
    assert ratified["PE"] == "1994-02-02"


def test_peru_signed_escazu_and_rejected_it_twice(commitments):
    peru = [row for row in commitments if (row["jurisdiction"], row["instrument"]) == ("PE", ESCAZU)]

    assert [(row["stage"], row["dated_on"]) for row in peru] == [
        ("signed", "2018-09-27"),
        ("rejected", "2020-10-20"),
        ("rejected", "2022-07-11"),
    ]


def test_what_is_superseded_says_when_and_by_what(commitments):
    superseded = {row["instrument"]: row["dated_on"] for row in commitments if row["stage"] == "superseded"}
    by = {old: row["dated_on"] for row in commitments for old in row["supersedes"].split(";") if old}

    assert superseded == by != {}


def test_the_number_of_the_protocol_is_said_to_be_disputed(commitments):
    protocol = next(row for row in commitments if row["instrument"] == "RM 0159-2019-JUS")

    assert protocol["verified"] == "disputed"
    assert "059-2019-JUS" in protocol["note"]


def test_no_two_rows_tell_the_same(commitments):
    told = [(row["jurisdiction"], row["instrument"], row["stage"], row["dated_on"]) for row in commitments]

    assert len(set(told)) == len(told)


def test_the_map_s_own_country_stands_before_those_with_more_attacks():
    promises = pd.DataFrame({"country": ["BR", "CO", "PE"], "attacks": [342, 322, 51]})
    names = {"BR": "Brazil", "CO": "Colombia", "PE": "Peru"}

    assert commitments_text.sort_countries(promises, names, own_country="PE") == ["PE", "BR", "CO"]
    assert commitments_text.sort_countries(promises, names) == ["BR", "CO", "PE"]
