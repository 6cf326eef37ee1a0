"""What is counted as an attack where its place matters: no conflict without an act, and nothing twice."""

import datetime as dt

import geopandas as gpd
import pandas as pd
import pytest
from shapely import Point, box

from lindero.app.answers import before_after
from lindero.app.answers.ranking.exposure import measure_exposure
from lindero.app.answers.record.incidents import read_placed_attacks
from lindero.layers.database import map_database, map_writer
from lindero.layers.model.schema import CRS, LAYERS

DAY = dt.date(2026, 6, 30)
ATTACK, AGAIN, CONFLICT = "incidents/0", "incidents/1", "incidents/2"


@pytest.fixture
def con(tmp_path):
    """A community beside which an attack is told by two sources, and a conflict in which nobody was attacked."""
    path = tmp_path / "map.duckdb"
    con = map_writer.create_map(path)
    incidents = gpd.GeoDataFrame({"id": [ATTACK, AGAIN, CONFLICT]}, geometry=[Point(-78.5, -6.9)] * 3, crs=CRS)
    told = {"visibility": "public_record", "location_precision": "exact", "date_precision": "day"}
    land = gpd.GeoDataFrame({"id": ["land/0"]}, geometry=[box(-78.6, -7, -78.4, -6.8)], crs=CRS)
    title = land.assign(id="title/0", status="granted", granted_on=dt.date(2024, 5, 1))
    for name, rows in {
        "incidents": incidents.assign(title="Told", occurred_on=dt.date(2024, 4, 1), **told),
        "acts": pd.DataFrame({"id": ["a/0", "a/1"], "incident_id": [ATTACK, AGAIN], "type": "killing"}),
        "communities": land.assign(name="Land"),
        "concessions": title,
    }.items():
        keys = {"source_id": name, "snapshot_on": DAY}
        map_writer.write_layer(con, LAYERS[name], rows.assign(**keys, row_number=range(len(rows))))
        counts = {"rows_read": len(rows), "rows_kept": len(rows), "rows_repaired": 0, "rows_rejected": 0}
        source = keys | counts | {"layer": name, "publisher": "P", "licence": "CC0-1.0", "is_current": True}
        map_writer.write_table(con, "sources", pd.DataFrame([source | {"title": name, "fingerprint": name}]))
    map_writer.write_table(con, "same_incidents", pd.DataFrame({"incident_id": [AGAIN], "same_as": [ATTACK]}))
    map_writer.finish_map(con)
    with map_database.connect(path) as con:
        yield con


def test_a_conflict_is_no_attack_and_what_two_sources_tell_is_one(con):
    assert read_placed_attacks(con)["id"].tolist() == [ATTACK]


def test_exposure_counts_attacks_alone(con):
    found = measure_exposure(con)

    assert found.table["attacks_within_25_km"].tolist() == [1]
    assert found.attacks["attacks"].tolist() == [1]


def test_over_time_attacks_alone_are_counted_drawn_and_compared(con):
    report = before_after.timing_report(con, draws=2)

    assert before_after.count_by_year(con)["attacks"].tolist() == [1]
    assert (before_after.list_points_by_year(con, (2020, 2026))["what"] == "incidents").sum() == 1
    assert (report.rows["id"].tolist(), report.left_out) == ([ATTACK], 0)
