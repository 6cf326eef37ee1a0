"""Which two snapshots of each register are held against each other where a place is asked about."""

from types import SimpleNamespace

from lindero.app.answers.changes.near_place import compare_latest
from lindero.app.answers.changes.register_changes import Register
from lindero.app.answers.place.spot import Spot
from lindero.app.current import cache, cached_answers, open_map
from lindero.layers.database import coverage
from tests import small_map


def register(source_id, *days):
    return Register(tuple(SimpleNamespace(source_id=source_id, snapshot_on=day) for day in days))


def test_the_last_two_snapshots_of_each_register_that_has_two_are_held_against_each_other():
    registers = [register("three", "2024-01-01", "2025-01-01", "2026-01-01"), register("one", "2026-01-01")]

    assert compare_latest(registers, lambda *two: two) == [("three@2025-01-01", "three@2026-01-01")]


def test_the_coverage_of_a_snapshot_is_read_once_for_all_places(tmp_path, monkeypatch):
    open_map.use_folder(tmp_path)
    small_map.publish(tmp_path)
    cache._cached_answer.cache_clear()  # maps of other tests have the same name
    snapshot = SimpleNamespace(source_id="concessions", snapshot_on=small_map.DAY, layer="concessions")
    report = SimpleNamespace(before=snapshot, after=snapshot)
    read = []
    own = coverage.read_coverage_rows
    monkeypatch.setattr(coverage, "read_coverage_rows", lambda *about: read.append(about) or own(*about))

    latitude, longitude = small_map.IN_BOTH
    for step in range(3):
        spot = Spot("", latitude + step / 100, longitude)
        assert cached_answers.near_coverage(report, spot, within_km=5).is_covered

    assert len(read) == 1
