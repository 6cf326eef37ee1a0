"""The record by hand: three incidents in two regions, and what is counted of them."""

import pandas as pd
import pytest

from lindero.app.answers.commitments import CommitmentFacts, commitments_answer
from lindero.app.answers.record.commitments import (
    COUNTS_SINCE,
    add_attacks_since,
    compare_countries,
    filter_attacks,
    read_commitment_steps,
    summarize_commitments,
)
from lindero.app.answers.record.commitments_text import commitment_notes, list_attacked_regions, undated_text
from lindero.app.answers.record.incidents import read_record
from lindero.app.answers.record.measures import count_by_region
from lindero.app.answers.record.periods import find_periods
from lindero.app.answers.record.tallies import KilledCount, count_killed_people
from lindero.layers.database import map_database
from tests.built import build
from tests.files import Files, incidents

HEADER = "code,occurred_on,place_text,region,country,location_precision,visibility,longitude,latitude"
ID = "incidents/"


@pytest.fixture(scope="module")
def con(tmp_path_factory):
    files = Files(tmp_path_factory.mktemp("record") / "space")
    rows = [
        "a,2015-03-01,Mara,Apurimac,Peru,region,public_record,,",
        "b,2021-05-01,Santa,Junín,PE,exact,public_record,-75.3,-11.5",
        "c,,,,Perú,region,public_record,,",
        "conflict,2020-01-01,,Junín,Peru,region,public_record,,",
        "hidden,2022-01-01,,Junín,Peru,region,confidential,,",
    ]
    files.add("incidents", incidents(*rows, header=HEADER))
    acts = [("a", "killing"), ("a", "threat"), ("b", "killing"), ("c", "criminalisation"), ("hidden", "killing")]
    files.add("acts", "\n".join(["incident_id,type", *(f"{ID}{code},{act}" for code, act in acts)]))
    people = [
        *(("a", "2", "man", "killed"), ("a", "1", "woman", "survived"), ("b", "1", "woman", "")),
        *(("c", "", "unknown", ""), ("hidden", "9", "man", "killed")),
    ]
    files.add("victims", "\n".join(["incident_id,count,gender,outcome", *(f"{ID}{','.join(row)}" for row in people)]))
    measures = [
        "a,true,false,2016-01-01,2016-02-01,expired",
        "a,false,,2016-01-01,,refused",
        "b,,true,2021-06-01,,requested",
    ]
    header = "incident_id,gender_responsive,collective,requested_on,granted_on,status"
    files.add("protection_measures", "\n".join([header, *(f"{ID}{row}" for row in measures)]))
    with map_database.connect(build(files.space).path) as con:
        yield con


@pytest.fixture(scope="module")
def told(con):
    return read_record(con)


def test_places_are_said_as_the_gazetteer_does_and_never_finer_than_they_are_known(told):
    known = told.incidents.set_index("code")[["country", "region", "region_code", "location_precision", "place_text"]]

    assert known.loc["a"].tolist() == ["PE", "Apurímac", "PE-APU", "region", "Mara"]
    assert known.loc["c", ["country", "location_precision"]].tolist() == ["PE", "country"]
    assert known.loc["c", ["region", "region_code"]].isna().all()


def test_people_are_counted_apart_from_events_and_never_guessed(told):
    counted = told.attacks.set_index("code")["people"]

    assert counted["a"] == 3
    assert counted["b"] == 1
    assert counted.isna()["c"]


def test_people_killed_are_those_killed_and_not_all_who_were_attacked_in_the_same_event(told):
    killed = told.attacks.set_index("code")["killed"]

    assert killed["a"] == 2
    assert killed.isna()[["b", "c"]].all()
    assert count_killed_people(told.attacks) == KilledCount(people=2, unstated=1)


def test_a_conflict_without_an_act_is_no_attack_and_what_is_withheld_is_nowhere(told):
    assert told.attacks["code"].tolist() == ["a", "b", "c"]
    assert told.incidents["code"].tolist() == ["a", "conflict", "b", "c"]
    assert len(told.victims) == 4


def test_measures_are_counted_by_region_beside_the_attacks_that_have_none(told):
    table = count_by_region(told).set_index("region_code")

    assert table.loc[
        "PE-APU", ["attacks", "attacks_without", "requested", "granted", "refused", "expired"]
    ].tolist() == [1, 0, 2, 1, 1, 1]
    assert table.loc["PE-APU", ["gender_responsive", "gender_stated", "collective", "collective_stated"]].tolist() == [
        1,
        2,
        0,
        1,
    ]
    assert table.loc["PE-JUN", ["attacks", "requested", "granted", "unanswered", "collective"]].tolist() == [
        1,
        1,
        0,
        1,
        1,
    ]
    nowhere = table[table.index.isna()].iloc[0]
    assert nowhere[["attacks", "attacks_without", "requested"]].tolist() == [1, 1, 0]
    assert table["attacks"].sum() == len(told.attacks)
    assert table["requested"].sum() == len(told.protection_measures)


@pytest.fixture(scope="module")
def peru(con):
    return summarize_commitments(read_commitment_steps(con), "PE").set_index("instrument")


@pytest.mark.parametrize(
    ("instrument", "state", "verified"),
    [
        ("RM 0159-2019-JUS", "superseded", "disputed"),
        ("RM 0255-2020-JUS", "superseded", "yes"),
        ("DS 004-2021-JUS", "in_force", "yes"),
        ("DS 002-2022-JUS", "in_force", "yes"),
        ("Escazú Agreement", "rejected", "yes"),
        ("ILO Convention 169", "in_force", "no"),
        ("Universal Periodic Review, third cycle", "recommended", "disputed"),
        ("Universal Periodic Review, fourth cycle", "recommended", "no"),
    ],
)
def test_how_the_commitments_of_peru_stand(peru, instrument, state, verified):
    assert peru.loc[instrument, ["state", "verified"]].tolist() == [state, verified]


def test_the_protocol_says_what_superseded_it_and_how_its_number_was_misprinted(peru):
    protocol = peru.loc["RM 0159-2019-JUS"]

    assert protocol["superseded_by"] == "DS 004-2021-JUS"
    assert any("059-2019-JUS" in note for note in protocol["notes"])


def test_a_treaty_that_nobody_signed_is_not_joined_and_has_no_since(con, told):
    table = add_attacks_since(
        summarize_commitments(read_commitment_steps(con), "CU"), told, country="CU", periods=find_periods(con)
    ).set_index("instrument")

    assert table["state"].tolist() == ["not_joined", "not_joined"]
    assert table["attacks_since"].isna().all()


def test_what_happened_since_a_promise_counts_attacks_and_people_from_its_day_on(con, told):
    steps, periods = summarize_commitments(read_commitment_steps(con), "PE"), find_periods(con)
    table = add_attacks_since(steps, told, country="PE", periods=periods).set_index("instrument")
    junin = add_attacks_since(steps, told, country="PE", region="PE-JUN", periods=periods).set_index("instrument")

    assert table.loc["ILO Convention 169", list(COUNTS_SINCE)].tolist() == [2, 2, 2, 1]
    assert table.loc["Escazú Agreement", list(COUNTS_SINCE)].isna().tolist() == [False, False, True, False]
    assert table.loc["Escazú Agreement", ["attacks_since", "killings_unstated_since"]].tolist() == [1, 1]
    assert junin.loc["ILO Convention 169", "attacks_since"] == 1
    assert undated_text(filter_attacks(told, country="PE")) == "1 attack without a date is not counted."


def test_countries_stand_side_by_side_with_treaties_measures_of_their_own_and_the_record(con, told):
    table = compare_countries(read_commitment_steps(con), told).set_index("country")

    assert table.loc["PE", ["escazu", "ilo_169", "attacks", "people_killed"]].tolist() == ["rejected", "in_force", 3, 2]
    assert table.loc["CU", ["escazu", "ilo_169", "national", "attacks"]].tolist() == ["not_joined", "not_joined", 0, 0]
    assert table.loc["CU", "people_killed"] is pd.NA  # of no killing it is told
    assert "PE-JUN" not in table.index  # a country's alone
    of_peru = summarize_commitments(read_commitment_steps(con), "PE")
    names = of_peru[(of_peru["kind"] == "national") & (of_peru["state"] != "superseded")]["instrument"]
    assert table.loc["PE", "national"] == len(names) > 0
    assert {"RM 0159-2019-JUS", "Escazú Agreement", "Universal Periodic Review, third cycle"}.isdisjoint(names)
    assert "DS 004-2021-JUS" in set(names)


def test_what_is_not_sure_of_a_commitment_is_said_with_where_it_is_told(con):
    lines = dict(
        zip(
            summarize_commitments(read_commitment_steps(con), "PE")["instrument"],
            commitment_notes(summarize_commitments(read_commitment_steps(con), "PE")),
            strict=True,
        )
    )

    assert "Disputed." in lines["RM 0159-2019-JUS"]
    assert "Not fully verified." in lines["ILO Convention 169"]
    assert "Disputed" not in lines["DS 004-2021-JUS"]
    assert "Not fully verified" not in lines["DS 004-2021-JUS"]
    assert all("`http" in line for line in lines.values())


def test_regions_to_choose_from_are_those_with_an_attack(told):
    assert list_attacked_regions("PE", told) == {"PE-APU": "Apurímac", "PE-JUN": "Junín"}
    assert list_attacked_regions("BR", told) == {}


def test_a_workspace_may_add_commitments_of_its_own(files):
    files.add(
        "commitments",
        "jurisdiction,instrument,stage,dated_on\nPE-JUN,Ordenanza 1,adopted,2020-01-01\nPE,Escazú Agreement,signed,2018-09-27\n",
    )
    con = map_database.connect(build(files.space).path)
    steps = read_commitment_steps(con)
    con.close()

    assert summarize_commitments(steps, "PE-JUN")[["instrument", "state"]].to_numpy().tolist() == [
        ["Ordenanza 1", "adopted"]
    ]
    assert len(steps[(steps["instrument"] == "Escazú Agreement") & (steps["jurisdiction"] == "PE")]) == 3


def test_treaties_decrees_and_reviews_are_counted_apart_and_never_in_one_total(con):
    facts = CommitmentFacts.read(con, "PE")
    answer = commitments_answer(facts, "Peru", compare_countries(read_commitment_steps(con), read_record(con)))
    finding = answer["finding"].finding.replace("\\", "")

    assert finding.startswith(
        "Peru: treaties (in force: 1, rejected: 1); "
        "national measures (adopted: 1, replaced: 2, in force: 2); reviews by other States (recommendations: 3); "
    )
    assert "10" not in finding
