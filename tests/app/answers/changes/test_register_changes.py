"""A record that is equal in both snapshots is not read, and the comparison says what it would say with it."""

import datetime as dt
from contextlib import contextmanager
from unittest.mock import patch

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lindero.app.answers.changes import register_changes
from lindero.app.answers.changes.register_changes import compare_all_snapshots
from lindero.app.answers.overlap.touched_features import RECORD
from lindero.geo.near.points_inside import points_inside
from lindero.layers.database import coverage, map_database, map_writer
from lindero.layers.database.queries import snapshot_rows
from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS, CRS
from tests.amount import amount
from tests.built import build
from tests.files import Files, concessions, square

DAYS = ("2024-01-01", "2025-01-01", "2026-01-01")
PLACES = [
    None,
    *(square(column) for column in range(4)),
    shapely.affinity.translate(square(0), 0.0001),  # within its accuracy
    shapely.affinity.translate(square(1), 0.003),
    square(1).centroid,
    square(3).centroid,
]
FIELDS = {
    "code": st.sampled_from(["1-A", "1a", "2", "3", "4", "5", "6", "", None]),
    "name": st.sampled_from(["Veta", "Veta Grande", "Otra"]),
    "holder": st.sampled_from(["Minera A", "Minera A SAC", "Minera Costeña", None]),
    "status": st.sampled_from(["granted", "applied", "unknown", None]),
    "applied_on": st.sampled_from([dt.date(2020, 5, 1), dt.date(2021, 1, 1), None]),
    "boundary_accuracy_m": st.sampled_from([5.0, 50.0, None]),
    "geometry": st.sampled_from(PLACES[1:]),
}
FATES = st.sampled_from([*["same"] * 8, "gone", "other id", *FIELDS])
LANDS = gpd.GeoDataFrame(
    {"id": ["lands/over", "lands/point", "lands/far", "lands/nowhere"], "name": ["Over", None, "Far", "Nowhere"]},
    geometry=[shapely.union_all([square(2), square(3)]), square(0).centroid, square(90), None],
    crs=CRS,
).assign(source_id="lands", snapshot_on=DAYS[0], row_number=[1, 2, 3, 4])


@st.composite
def registers(draw):
    """Three snapshots of a register, by id: most records stay as they are, and codes may be missing or repeated."""
    record = st.fixed_dictionaries(FIELDS)
    snapshots = [dict(enumerate(draw(st.lists(record, max_size=7))))]
    for number in range(1, len(DAYS)):
        rows = {}
        for id_, row in snapshots[-1].items():
            fate = draw(FATES)
            if fate != "gone":
                rows[id_ + 100 * (fate == "other id")] = row | ({fate: draw(FIELDS[fate])} if fate in FIELDS else {})
        snapshots.append(rows | dict(enumerate(draw(st.lists(record, max_size=2)), 1_000 * number)))
    return snapshots


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    with map_writer.create_map(tmp_path_factory.mktemp("map") / "map.duckdb") as con:
        map_writer.write_layer(con, COMMUNITIES, LANDS)
        map_writer.write_table(con, "sources", source("lands", DAYS[0], COMMUNITIES.name))
        yield con


def source(source_id, day, layer):
    row = {"source_id": source_id, "snapshot_on": day, "layer": layer, "fingerprint": f"{source_id}{day}"}
    row |= {"title": source_id, "publisher": "Editora", "licence": "", "invented": False}
    row |= dict.fromkeys(("rows_read", "rows_kept", "rows_repaired", "rows_rejected"), 0)
    return pd.DataFrame([row | {"is_current": day == DAYS[-1] or source_id == "lands"}])


@contextmanager
def written(con, snapshots, *, is_covered):
    """Write the snapshots, and take them back: making all tables takes longer than what one example writes."""
    con.execute("BEGIN")
    try:
        for day, rows in zip(DAYS, snapshots, strict=True):
            keys = {
                "source_id": "s",
                "snapshot_on": day,
                "row_number": range(len(rows)),
                "id": [f"s/{id_}" for id_ in rows],
            }
            columns = {name: pd.Series([row[name] for row in rows.values()], dtype=object) for name in FIELDS}
            frame = gpd.GeoDataFrame(keys | columns, geometry="geometry", crs=CRS)
            if len(frame):
                map_writer.write_layer(con, CONCESSIONS, frame)
            map_writer.write_table(con, "sources", source("s", day, CONCESSIONS.name))
        if is_covered:
            known = {
                "source_id": "s",
                "layer": CONCESSIONS.name,
                "basis": "declared",
                "extent": "covered",
                "name": "here",
            }
            rows = [known | {"snapshot_on": day, "geometry": square(1, side=0.02)} for day in DAYS]
            coverage.write_coverage(con, gpd.GeoDataFrame(rows, geometry="geometry", crs=CRS))
        yield
    finally:
        con.execute("ROLLBACK")


def compare_reading_all(con):
    """Compare all snapshots as if no record were equal in both."""
    compare = snapshot_rows.compare_rows
    with patch.object(snapshot_rows, "compare_rows", lambda *about: compare(*about).assign(is_equal=False)):
        return compare_all_snapshots(con)


def assert_same_reports(reports, expected):
    assert [report.head() for report in reports] == [report.head() for report in expected]
    for report, other in zip(reports, expected, strict=True):
        pd.testing.assert_frame_equal(report.rows, other.rows)
        pd.testing.assert_frame_equal(report.touched, other.touched)
        pd.testing.assert_frame_equal(pd.DataFrame(report.shapes), pd.DataFrame(other.shapes))
        for layer, verdicts in report.verdicts.items():
            pd.testing.assert_frame_equal(verdicts, other.verdicts[layer])


@settings(max_examples=amount(10, 60), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(snapshots=registers(), is_covered=st.booleans())
def test_a_comparison_is_the_same_as_if_every_record_were_read(empty, snapshots, is_covered):
    with written(empty, snapshots, is_covered=is_covered):
        reports = compare_all_snapshots(empty)
        assert_same_reports(reports, compare_reading_all(empty))
        frames = map_database.read_layer(empty, CONCESSIONS, every_snapshot=True)
    for report in reports:
        assert_touches_what_points_are_inside(report, frames)


def assert_touches_what_points_are_inside(report, frames):
    """No overlap is stored in these maps: a change touches a community only where one of them is a point."""
    expected = set()
    for side, snapshot in zip(RECORD, (report.before, report.after), strict=True):
        ground = frames[pd.to_datetime(frames["snapshot_on"]) == pd.Timestamp(snapshot.snapshot_on)]
        changed = ground[ground["id"].isin(report.rows[side])]
        expected |= {(side, *pair) for pair in points_inside(changed, LANDS)[["left_id", "right_id"]].to_numpy()}
    records = report.touched[[*RECORD, "id"]].to_dict("records")
    assert expected <= {(side, row[side], row["id"]) for row in records for side in RECORD}
    for row in records:
        assert {(side, row[side], row["id"]) for side in RECORD} & expected


def test_only_the_records_that_changed_are_read(tmp_path):
    before, files = concessions(60), Files(tmp_path / "space")
    after = before.assign(code=np.where(before.index == 1, "C1000", before["code"])).drop(index=0)
    after.loc[2, "holder"] = "Minera Costeña"
    after.loc[3, "geometry"] = shapely.affinity.translate(after.geometry[3], 0.003)
    after.loc[[4, 5], "code"] = before.loc[[4, 5], "code"] = "twice"
    for day, frame in zip(DAYS, (before, before, after), strict=True):
        files.add("concessions", frame, snapshot_on=day, id="cadastre")
    lands = gpd.GeoDataFrame({"name": ["Land"]}, geometry=[square(0, side=0.05)], crs=CRS)
    files.add("communities", lands, snapshot_on=DAYS[0])
    con = map_database.connect(build(files.space).path)

    with patch.object(register_changes, "changes", wraps=register_changes.changes) as compared:
        reports = compare_all_snapshots(con)

    assert [[len(side) for side in call.args] for call in compared.call_args_list] == [[6, 5], [2, 2]]
    assert [report.rows["change"].tolist() for report in reports] == [["gone", "renumbered", "holder", "boundary"], []]
    assert reports[0].changes.found_again == 59
    assert len(reports[0].touched) == 4
    assert_same_reports(reports, compare_reading_all(con))


def test_the_demonstration_changes_as_if_every_record_were_read(demonstration):
    con = demonstration[1]

    reports = compare_all_snapshots(con)

    assert any(len(report.touched) for report in reports)
    assert_same_reports(reports, compare_reading_all(con))
