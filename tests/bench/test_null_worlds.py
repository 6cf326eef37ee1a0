"""Where nothing but chance is at work, Lindero finds something no more often than it says: a share of the bench."""

import datetime as dt

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point

from bench import null_worlds
from lindero.app.answers.hotspots.choices import PlaceKind
from lindero.app.answers.hotspots.question import Question
from lindero.app.answers.hotspots.report import hotspot_report
from lindero.app.answers.record.incidents import group_events
from lindero.layers.model.schema import CRS
from tests.amount import amount

pytestmark = pytest.mark.statistics

SHARE = amount(3, 4)  # worlds of each kind; `python -m bench null_worlds` makes a hundred
MOST = {0.0: 0, 0.05: 1, 0.1: amount(1, 2)}


@pytest.mark.parametrize("kind", null_worlds.KINDS)
def test_chance_alone_is_found_out_no_more_often_than_is_said(kind):
    assert null_worlds.count_findings(kind, SHARE) <= MOST[null_worlds.KINDS[kind][1]]


def test_what_is_known_by_region_is_compared_by_region():
    names = pd.Series(["Cajamarca"] * 20)
    rng = np.random.default_rng(1)
    rows = null_worlds._rows(rng, np.full(20, None, dtype=object), region=names, known_to="region")
    report = hotspot_report(null_worlds._build_map({"incidents": rows}), Question(within="PE"))

    assert report.question.over is PlaceKind.REGIONS
    assert report.rows.set_index("name")["count"].loc["Cajamarca"] == report.total == 20
    assert "--over regions" in report.provenance.command_line()


def told(**columns):
    rows = {
        "id": ["a", "b", "c", "d", "e", "f"],
        "occurred_on": [dt.date(2020, 5, 1)] * 4 + [None, None],
        "date_precision": ["day", "day", "day", "month", "day", "day"],
        "location_precision": "district",
        "region_code": None,
        "place_text": None,
        "is_attack": True,
        "types": [["killing"], ["killing"], ["threat"], ["killing"], ["killing"], ["killing"]],
        "people": pd.array([1, 2, 4, None, None, 1], dtype="Int64"),
    }
    return gpd.GeoDataFrame({"geometry": [Point(-78, -7)] * 6, **rows, **columns}, crs=CRS)


def test_rows_of_one_day_area_and_act_are_one_event_and_their_people_are_added_up():
    events = group_events(told()).set_index("id")

    assert list(events.index) == ["a", "c", "d", "e", "f"]
    assert events["rows"].tolist() == [2, 1, 1, 1, 1]
    assert events["people"].dropna().to_dict() == {"a": 3, "c": 4, "f": 1}


def test_killings_of_one_day_in_several_municipalities_are_as_many_events():
    rows = told(geometry=[None] * 6, region_code="CO-CAU", place_text=["Caloto", "Corinto", " caloto", *"xyz"])

    assert group_events(rows.assign(types=[["killing"]] * 6)).set_index("id")["rows"].to_dict() == {
        "a": 2,
        "b": 1,
        **dict.fromkeys("def", 1),
    }


def test_days_of_a_siege_and_places_300_m_apart_are_one_event():
    days = [dt.date(2020, 5, day) for day in (1, 2, 3, 30)] + [dt.date(2020, 8, 1), dt.date(2020, 5, 3)]
    places = [Point(-78 + step * 0.0027, -7) for step in (0, 1, 2, 3, 3)] + [Point(-77.9, -7)]
    rows = told(occurred_on=days, date_precision="day", location_precision="exact", geometry=places)

    assert group_events(rows).set_index("id")["rows"].to_dict() == {"a": 4, "e": 1, "f": 1}


def test_the_kinds_of_worlds_can_be_named(capsys):
    null_worlds.main("0", "events")

    assert capsys.readouterr().out.splitlines()[2:] == ["| events of 1 to 8 rows: a cell is hot | 5% | 0 of 0 |"]
