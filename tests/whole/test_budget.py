"""The size of each room stays within its line of `budget.csv`: to grow one, shrink another in the same change."""

import ast
import io
import tokenize
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).parents[2]
BUDGET = pd.read_csv(ROOT / "budget.csv", index_col="room")
LAST_VERSION = "last version"  # row with the sums of the last release, which no change may exceed
LEAST_USED = 0.97  # of its code lines: a deletion lowers the line in the same commit
MOST_DOCSTRINGS, MOST_TESTS = 0.3, 0.85  # of the lines of code
BLANK = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}


def measure(path: Path) -> tuple[int, int]:
    """Return the number of code lines of a module (no comments, blank lines and docstrings), and of docstring lines."""
    text = path.read_text(encoding="utf-8")
    docs: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            docs |= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    code: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        code |= set() if token.type in BLANK else set(range(token.start[0], token.end[0] + 1))
    return len(code - docs), len(docs)


@pytest.fixture(scope="module")
def rooms() -> pd.DataFrame:
    """Code lines, modules and docstring lines by room: a folder of `lindero`, or of one of its parts."""
    rows = []
    for path in sorted((ROOT / "lindero").rglob("*.py")):
        code, docstrings = measure(path)
        rows.append(("/".join(path.relative_to(ROOT / "lindero").parts[:-1][:2]) or ".", code, 1, docstrings))
    return pd.DataFrame(rows, columns=["room", *BUDGET.columns]).groupby("room").sum()


def test_no_room_grows_above_its_line_and_a_deletion_lowers_it(rooms):
    lines = BUDGET.drop(LAST_VERSION)
    assert list(lines.index) == list(rooms.index)

    is_wrong = (rooms > lines).any(axis=1) | (rooms["code"] < lines["code"] * LEAST_USED)
    assert rooms[is_wrong].to_csv() == "room,code,modules,docstrings\n"  # what is shown are the lines to write


def test_the_whole_does_not_grow_above_the_last_version():
    assert (BUDGET.drop(LAST_VERSION).sum() <= BUDGET.loc[LAST_VERSION]).all()


def test_docstrings_and_tests_stay_shorter_than_code(rooms):
    outside = rooms[~rooms.index.str.startswith("geo")].sum()
    tests = sum(measure(path)[0] for path in (ROOT / "tests").rglob("*.py"))

    assert outside["docstrings"] <= outside["code"] * MOST_DOCSTRINGS
    assert tests <= rooms["code"].sum() * MOST_TESTS
