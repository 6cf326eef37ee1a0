"""The killings, the conflicts and the seed's three cases, as received, in one build."""

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest

from app import i18n
from app.adding import Wishes, planned
from app.build import build
from app.record import record_of
from layers import store, workspace
from layers.tile_store import TILE_LAYERS
from tests.files import Files, shared

KILLINGS = "killings-global-witness/global_witness_led_22-09-22.csv"
CONFLICTS = "peru-conflicts/conflictos.xlsx"
PUBLIC_RECORD = Path(__file__).parents[2] / "data" / "public_record"
TODAY = dt.date(2026, 11, 1)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    i18n.use("en")
    files = Files(tmp_path_factory.mktemp("record") / "space")
    for source_id, name in (("killings", KILLINGS), ("conflicts", CONFLICTS)):
        taken = planned(str(shared(name)), Wishes(id=source_id), files.space, today=TODAY)
        files.space = workspace.add(files.space, taken.entry, shared(name))
    for entry in workspace.load(PUBLIC_RECORD).sources:
        files.space = workspace.add(files.space, entry, PUBLIC_RECORD / entry.file)
    con = store.connect(build(files.space).path, spatial=True)
    yield con
    con.close()


@pytest.fixture(scope="module")
def told(built):
    return record_of(built)


@pytest.fixture(scope="module")
def received():
    rows = pd.read_csv(shared(KILLINGS))
    return rows[rows["country"] == "Peru"]


def of_peru(told, source):
    incidents = told.incidents
    return incidents[(incidents["country"] == "PE") & (incidents["source_id"] == source)]


def test_killings_conflicts_and_the_three_cases_stand_in_one_build(told):
    assert len(of_peru(told, "killings")) == 51
    assert len(of_peru(told, "conflicts")) == 81
    assert len(of_peru(told, "public-record-incidents")) == 3
    assert len(told.attacks) == 1_733 + 3  # a conflict is not an attack
    assert sorted(of_peru(told, "public-record-incidents")["region"]) == ["Cajamarca", "Cajamarca", "Cusco"]


def test_killings_by_year_add_up_to_those_of_the_file(told, received):
    ours = of_peru(told, "killings").groupby("year")["people"].sum()
    theirs = received.groupby(pd.to_datetime(received["date"]).dt.year)["number_of_victims"].sum()

    assert {int(year): int(count) for year, count in ours.items()} == theirs.to_dict()


def test_killings_by_department_add_up_to_those_of_the_file_and_what_it_does_not_say_is_nowhere(told, received):
    ours = of_peru(told, "killings").groupby("region", dropna=False)["people"].sum()
    spelt = {"Apurimac": "Apurímac", "Mara, Apurímac": "Apurímac", "Cotabambas": "Apurímac", "Pataz": "La Libertad"}
    theirs = received.groupby(received["local_region"].replace(spelt), dropna=False)["number_of_victims"].sum()

    assert ours.sum() == theirs.sum()
    assert ours.dropna().to_dict() == theirs.dropna().to_dict()
    assert int(ours[ours.index.isna()].sum()) == int(received["local_region"].isna().sum())


def test_no_killing_is_finer_than_a_region_and_none_is_a_point(told):
    killings = told.incidents[told.incidents["source_id"] == "killings"]

    assert set(killings["location_precision"]) == {"region", "country"}
    assert not killings["is_placed"].any()
    assert (killings["location_precision"] == "region").eq(killings["region_code"].notna()).all()


def test_no_point_of_a_conflict_is_drawn_because_it_stands_for_its_district(built, told):
    drawn = next(layer for layer in TILE_LAYERS if layer.name == "incidents").only
    count = built.sql(f"SELECT count(*) FROM incidents WHERE {drawn}").fetchone()[0]

    assert of_peru(told, "conflicts")["is_placed"].all()
    assert count == 0


def test_the_seed_s_cases_are_told_with_their_steps(told):
    steps = told.case_steps["step"].tolist()

    assert sorted(steps) == ["acquittal", "acquittal", "acquittal", "appeal"]
    assert told.victims[told.victims["incident_id"].str.startswith("public-record")]["count"].sum() == 20
