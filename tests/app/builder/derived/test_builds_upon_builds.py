"""A build upon another gives the same rows as one from nothing, and equal ground is measured once."""

import pytest

from lindero.app.answers import engine
from lindero.app.builder.build import build_map
from lindero.layers.database import map_database
from tests.built import build
from tests.files import Files, concessions


@pytest.fixture
def files(tmp_path):
    files = Files(tmp_path / "space")
    files.add("concessions", concessions(4), id="first")
    files.add("communities", concessions(2).drop(columns=["holder", "status"]).assign(code=["K1", "K2"]))
    return files


def overlaps(map_file):
    return map_database.read_table(map_database.connect(map_file), "overlap_pairs").sort_values(["left_id", "right_id"])


@pytest.fixture
def measured(monkeypatch):
    """The ids of each pair of layers that were laid over each other."""
    asked = []
    compute = engine.overlap
    monkeypatch.setattr(
        engine,
        "overlap",
        lambda left, right, **how: (asked.append((set(left.ids), set(right.ids))), compute(left, right, **how))[1],
    )
    return asked


def test_a_build_upon_another_gives_the_rows_of_a_build_from_nothing(files):
    build(files.space)
    files.add("concessions", concessions(3, row=1), id="second")
    files.add("communities", concessions(3, row=1).drop(columns=["holder", "status"]), id="more")
    by_and_by = build(files.space).path
    kept = overlaps(by_and_by)
    for path in by_and_by.parent.iterdir():
        path.unlink()

    assert kept.equals(overlaps(build(files.space).path))


@pytest.mark.parametrize("changed", [0, 1], ids=["same ground", "one moved"])
def test_ground_of_two_snapshots_is_measured_once_and_has_the_same_pairs(files, measured, changed):
    again = concessions(4).assign(holder="Otra S.A.")
    again.loc[again.index[:changed], "geometry"] = again.geometry.iloc[:changed].translate(xoff=0.001)
    files.add("concessions", again, id="first", snapshot_on="2026-06-30")
    pairs = overlaps(build_map(files.space).path)
    is_same = pairs["left_id"].ne("first/C1") | (changed == 0)
    earlier, later = (
        rows.drop(columns="left_snapshot_on").reset_index(drop=True)
        for _day, rows in pairs[is_same].groupby("left_snapshot_on")
    )

    assert len(measured[0][0]) == 4 + changed
    assert earlier.equals(later)
    assert len(earlier) > 0


def test_a_changed_accuracy_is_changed_ground(files, measured):
    files.add("concessions", concessions(4).assign(boundary_accuracy_m=500.0), id="first", snapshot_on="2026-06-30")
    build_map(files.space)

    assert len(measured[0][0]) == 2 * 4
