"""`make new-answer` writes an answer that works at once."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.new_answer import write_answer

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A copy of the program with one answer more, and the files that were written for it."""
    root = tmp_path_factory.mktemp("clone")
    shutil.copytree(ROOT / "lindero", root / "lindero", symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
    for folder in ("docs", "tests/app/answers"):
        (root / folder).mkdir(parents=True)
    for page in (ROOT / "docs").glob("*.md"):
        shutil.copy(page, root / "docs")
    return root, write_answer("measured", root)


def test_the_command_of_a_new_answer_writes_its_rows(written, demonstration):
    root, _files = written
    command = [sys.executable, "-m", "lindero.app.cli", "measured", "--km", "7", "--format", "json", "--workspace"]
    done = subprocess.run(
        [*command, demonstration[0]],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=True,
    )
    answer = json.loads(done.stdout)

    assert answer["parameters"] == {"km": 7.0}
    assert answer["described_in"] == "docs/methods-analysis.md, Measured"
    assert {"id", "name"} <= answer["rows"][0].keys()


def test_its_files_are_few_and_pass_ruff_and_none_is_overwritten(written):
    root, files = written

    assert len(files) <= 6
    python = [file for file in files[:3] if file.suffix == ".py"]
    ruff = [sys.executable, "-m", "ruff", "check"]  # never by name: `make test` puts no folder on PATH
    checked = [*ruff, "--isolated", "--line-length", "120", "--select", "E,F,W", *python]
    assert subprocess.run(checked, check=False).returncode == 0
    with pytest.raises(SystemExit, match="exists already"):
        write_answer("measured", root)
    with pytest.raises(SystemExit, match="is no name"):
        write_answer("../x", root)
