"""What atheris makes of good files, following the branches of our code, is read row for row or refused."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.amount import amount

pytestmark = pytest.mark.statistics

SECONDS = os.environ.get("LINDERO_FUZZ_SECONDS", amount("3", "300"))


@pytest.mark.slow
def test_files_bred_for_new_branches_are_read_row_for_row_or_refused():
    pytest.importorskip("atheris", reason="there is no wheel of it for this machine or Python")
    ran = subprocess.run(
        [sys.executable, "-m", "tests.coverage_fuzz", SECONDS, "1"],
        cwd=Path(__file__).parents[4],
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, (ran.stdout + ran.stderr)[-5_000:]
    assert "seeds: 6 read, 0 refused" in ran.stdout
    assert int(re.search(r"Done (\d+) runs", ran.stderr)[1]) > 6
