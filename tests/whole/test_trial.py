"""Each line of the trials by attack, by an analyst and in the browser that is held names tests that are there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TRIAL = (ROOT / "tests" / "whole" / "trial.md").read_text(encoding="utf-8").splitlines()
LINES = [line for line in TRIAL if line.startswith("| V")]
OF_ANALYST = [line for line in TRIAL if re.match(r"\| (B|[ACDEF]\d+) ", line) and "| not " not in line]
IN_BROWSER = [line for line in TRIAL if re.match(r"\| B\d+", line)]
NAMED = re.compile(r"`(tests/[\w/]+\.py): ([\w, ]+)`")


def test_every_finding_has_a_line():
    assert {re.match(r"\| V(\d+)", line)[1] for line in LINES} == {str(number) for number in range(1, 19)}


def test_every_bug_of_the_browser_has_a_line():
    numbers = [number for line in IN_BROWSER for number in re.findall(r"B(\d+)", line.split("|")[1])]

    assert numbers == [str(number) for number in range(1, 26)]


@pytest.mark.parametrize(
    "line",
    LINES + OF_ANALYST + IN_BROWSER,
    ids=lambda line: re.match(r"\| (\w+) \| (.{12})", line)[0][2:].replace(" | ", " "),
)
def test_every_line_is_held_by_tests_that_are_there(line):
    named = [(path, name.strip()) for path, names in NAMED.findall(line) for name in names.split(",")]

    assert named
    assert [one for one in named if f"def {one[1]}(" not in (ROOT / one[0]).read_text(encoding="utf-8")] == []
