"""The latest check of each source survives a crash, stays private, and gives its state of health."""

import datetime as dt
import stat
import sys
from dataclasses import replace

import pytest

from lindero.layers.watch import source_checks
from lindero.layers.watch.source_checks import SourceCheck, health, read_checks, store_check

DAY = dt.datetime(2026, 3, 2, 6, 0, tzinfo=dt.UTC)
CHECK = SourceCheck(
    "mining", DAY, "incomplete", 100, 60, dt.date(2026, 2, 28), "fewer rows", 2, DAY - dt.timedelta(7), "snapshot"
)


def test_a_stored_check_reads_back_and_other_sources_stay(tmp_path):
    store_check(tmp_path, CHECK)
    store_check(tmp_path, replace(CHECK, source_id="parks", newest_on=None, complete_at=None))
    store_check(tmp_path, replace(CHECK, result="complete"))

    assert read_checks(tmp_path)["mining"] == replace(CHECK, result="complete")
    assert read_checks(tmp_path)["parks"].newest_on is None


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no file modes")
def test_the_checks_are_readable_by_their_owner_only(tmp_path):
    store_check(tmp_path, CHECK)

    modes = [stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "watch", tmp_path / "watch" / "checks.json")]
    assert modes == [0o700, 0o600]


@pytest.mark.parametrize("text", ["", "[]", '{"mining": {}}', '{"mining": {"checked_at": "yesterday"}}'])
def test_a_damaged_file_makes_every_source_due(tmp_path, text):
    store_check(tmp_path, CHECK)
    tmp_path.joinpath("watch", "checks.json").write_text(text)

    assert read_checks(tmp_path) == {}


@pytest.mark.parametrize(
    ("changed", "state"),
    [
        ({}, "aside"),
        ({"aside": ""}, "failing"),
        ({"aside": "", "failures": 0}, "failing"),
        ({"aside": "", "failures": 0, "result": "complete"}, "current"),
        ({"aside": "", "failures": 0, "result": "complete", "complete_at": DAY - dt.timedelta(15)}, "late"),
        ({"aside": "", "failures": 0, "result": "complete", "complete_at": None}, "late"),
    ],
)
def test_a_source_has_one_of_four_states(changed, state):
    assert health(replace(CHECK, **changed), DAY, 7) == state
    assert state in source_checks.HEALTH_STATES
