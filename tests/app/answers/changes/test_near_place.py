"""Which two snapshots of each register are held against each other where a place is asked about."""

from types import SimpleNamespace

from lindero.app.answers.changes.near_place import compare_latest
from lindero.app.answers.changes.register_changes import Register


def register(source_id, *days):
    return Register(tuple(SimpleNamespace(source_id=source_id, snapshot_on=day) for day in days))


def test_the_last_two_snapshots_of_each_register_that_has_two_are_held_against_each_other():
    registers = [register("three", "2024-01-01", "2025-01-01", "2026-01-01"), register("one", "2026-01-01")]

    assert compare_latest(registers, lambda *two: two) == [("three@2025-01-01", "three@2026-01-01")]
