"""The page of the kernels names each of them, its twin and its test, and is right about their length."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "lindero" / "geo" / "kernels"
PAGE = FOLDER.joinpath("README.md").read_text(encoding="utf-8")
HELPERS = {"__init__", "numba_jit"}
ROWS = [line.split("|")[1:-1] for line in PAGE.splitlines() if re.match(r"\| `\w+`", line)]


def names(cell):
    return re.findall(r"`([\w./]+)`", cell)


def test_every_kernel_has_its_row():
    named = {name for row in ROWS for name in names(row[0])}

    assert named == {path.stem for path in FOLDER.glob("*.py")} - HELPERS
    assert all(f"`{name}`" in PAGE for name in HELPERS - {"__init__"})


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0].strip())
def test_twin_test_and_length_are_as_they_are_told(row):
    modules, _, _, twin, lines, test = row
    length = sum(len(FOLDER.joinpath(f"{name}.py").read_text().splitlines()) for name in names(modules))

    assert all(ROOT.joinpath(path).exists() for path in names(twin) if path.endswith(".py"))
    assert all(Path(__file__).parent.joinpath(path).exists() for path in names(test))
    assert int(lines) == pytest.approx(length, rel=0.2)


def test_nothing_is_compiled_elsewhere():
    code = [path for folder in ("app", "geo", "layers") for path in (ROOT / "lindero" / folder).rglob("*.py")]
    compiling = {
        path for path in code if re.search(r"^@(jit|jit_inline|numba\.)", path.read_text(), flags=re.MULTILINE)
    }

    assert compiling
    assert {path.parent for path in compiling} == {FOLDER}
