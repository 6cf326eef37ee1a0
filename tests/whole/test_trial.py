"""
Each fault that the trials of 25 November 2026 found is held by tests that are there.

`trial.csv` has a row for each fault: by attack (V), with real files by an analyst (A to F), in the browser (B). No test
repeats a real power cut, a memory dump through a pipe of the system, Safari, Windows or macOS.
"""

import csv
import re
from pathlib import Path

import pytest

from tests.promises.test_sentences import every_test

FAULTS = list(csv.DictReader(Path(__file__).with_name("trial.csv").read_text(encoding="utf-8").splitlines()))


@pytest.mark.parametrize(("trial", "count"), [("attack", 18), ("browser", 25)])
def test_every_number_has_a_row(trial, count):
    numbers = {int(re.sub(r"\D", "", fault["number"])) for fault in FAULTS if fault["trial"] == trial}

    assert numbers == {*range(1, count + 1)}


def test_every_fault_is_held_by_tests_that_are_there():
    assert len(FAULTS) > 90
    assert [fault["number"] for fault in FAULTS if not fault["tests"].split()] == []
    assert {name for fault in FAULTS for name in fault["tests"].split()} - every_test() == set()
