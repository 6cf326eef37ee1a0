"""A build upon another computes what is fresh, and gives the same rows as one from nothing."""

import subprocess
import sys
from pathlib import Path

import pytest

from lindero.app.answers.overlap import overlaps as answers
from lindero.layers.database import map_database
from lindero.layers.model.schema import LAYERS
from tests.built import build
from tests.files import Files, concessions, incidents

SIDES = answers.Side(LAYERS["concessions"]), answers.Side(LAYERS["communities"])


@pytest.fixture
def files(tmp_path):
    files = Files(tmp_path / "space")
    files.add("concessions", concessions(4), id="first")
    files.add("communities", concessions(2).drop(columns=["holder", "status"]).assign(code=["K1", "K2"]))
    return files


def overlaps(map_file):
    return map_database.read_table(map_database.connect(map_file), "overlap_pairs").sort_values(["left_id", "right_id"])


def report(map_file):
    return answers.overlap_report(map_database.connect(map_file), *SIDES, min_ha=0.001)


def test_a_build_that_lays_nothing_over_anything_reads_no_layer_and_loads_no_compiler(files):
    first = build(files.space).path
    files.add("incidents", incidents("1,2020-01-01,x,public_record,-78.5,-7"))
    program = f"""
import sys
from pathlib import Path
from lindero.app.derived import engine
from lindero.app.pipeline.build import build_map
from lindero.layers.workspace.manifest_file import load_workspace
engine.PreparedLayer = None
print(build_map(load_workspace(Path({str(files.folder)!r}))).path)
assert "numba" not in sys.modules
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    path = Path(ran.stdout.strip())

    assert path != first
    assert report(path).totals.pairs == len(overlaps(path)) == len(overlaps(first)) > 0


def test_a_build_upon_another_gives_the_rows_of_a_build_from_nothing(files):
    build(files.space)
    files.add("concessions", concessions(3, row=1), id="second")
    files.add("communities", concessions(3, row=1).drop(columns=["holder", "status"]), id="more")
    by_and_by = build(files.space).path
    kept = overlaps(by_and_by)
    for path in by_and_by.parent.iterdir():
        path.unlink()

    assert kept.equals(overlaps(build(files.space).path))
