"""The bench runs: what it measures is for people to look at, but that it still fits the code is for a test."""

import importlib
import re
from pathlib import Path

import pytest

from bench import map_data, overlap
from lindero.geo.kernels import numba_jit

ROOT = Path(__file__).parents[2] / "bench"
MODULES = sorted(".".join(path.relative_to(ROOT.parent).with_suffix("").parts) for path in ROOT.rglob("[a-z]*.py"))


@pytest.mark.parametrize("module", [name for name in MODULES if not name.endswith("map_peer")])  # a page of Streamlit's
def test_every_part_of_it_can_be_loaded(module):
    assert importlib.import_module(module)


@pytest.mark.slow
@pytest.mark.skipif(not numba_jit.AVAILABLE, reason="numba is not here")
def test_overlaps_are_measured_and_agree_pair_by_pair(capsys):
    overlap.main("XS", "prepared", "kernel", "kept", "graded", "footprints")

    told = capsys.readouterr().out
    assert "every pair agrees" in told
    assert len(re.findall(r"^\| (?!way|---).*\d \|$", told, re.MULTILINE)) == 5


def test_a_map_is_made_to_be_looked_at(tmp_path):
    some = map_data.generated(min(map_data.SIZES)).sample(1_000, random_state=1)
    path = map_data.publish(some, tmp_path / "build")

    assert path.is_file()
