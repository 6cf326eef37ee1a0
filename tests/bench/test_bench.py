"""The bench runs: what it measures is for people to look at, but that it still fits the code is for a test."""

import importlib
import itertools
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from bench import beside, cores, map_data, overlap
from lindero.geo.kernels import numba_jit
from lindero.machine import threads
from tests import forked

ROOT = Path(__file__).parents[2] / "bench"
MODULES = sorted(".".join(path.relative_to(ROOT.parent).with_suffix("").parts) for path in ROOT.rglob("[a-z]*.py"))


@pytest.mark.parametrize("module", [name for name in MODULES if not name.endswith("map_peer")])  # a page of Streamlit's
def test_every_part_of_it_can_be_loaded(module):
    assert importlib.import_module(module)


def test_what_a_peer_does_faster_stands_first_in_the_table(monkeypatch):
    monkeypatch.setattr(beside, "_rows", [])
    beside.add_measurement("a to b", 2.0, {"Slow peer.": 60.0, "Fast peer": 1.5})
    beside.add_measurement("a to c", 0.004, {"Peer": 0.02}, unit="ms")

    versions, _head, _line, *rows = beside.format_table().splitlines()

    assert "geopandas 1." in versions
    assert [row.split(" | ")[1:] for row in rows] == [
        ["Fast peer", "2 s", "1.5 s", "**0.75** |"],
        ["Peer", "0.004 ms", "0.02 ms", "5.00 |"],
        ["Slow peer", "2 s", "60 s", "30 |"],
    ]


@pytest.fixture
def forks(tmp_path, monkeypatch):
    """Let modules that are run by themselves be forks, which have their libraries loaded; gives the words of each."""
    run = []

    def forked_run(command, **_how):
        assert command[:2] == [sys.executable, "-m"]
        code, said = (
            f"import runpy; runpy.run_module({command[2]!r}, run_name='__main__')",
            tmp_path / f"{len(run)}.txt",
        )
        said.touch()
        run.append(command[3:])
        process = forked.program(code, [str(word) for word in command[3:]], said)
        process.join(forked.PATIENCE_S)
        return subprocess.CompletedProcess(command, process.exitcode, said.read_text().splitlines()[-1])

    monkeypatch.setattr(overlap, "subprocess", SimpleNamespace(PIPE=subprocess.PIPE, run=forked_run))
    return run


@pytest.mark.slow
@pytest.mark.skipif(not numba_jit.HAS_NUMBA, reason="numba is not here")
def test_overlaps_are_measured_and_agree_pair_by_pair(monkeypatch, capsys, forks):
    monkeypatch.setattr(beside, "_rows", [])
    monkeypatch.setattr(overlap, "TURNS", 1)
    overlap.main("XS", "prepared", "kernel", "graded", "footprints")

    told = capsys.readouterr().out
    assert [row.peer for row in beside._rows] == [overlap.WAYS["prepared"].__doc__.rstrip(".")]
    assert "every pair agrees" in told
    assert len(re.findall(r"^\| (?!way|---).*\d \|$", told, re.MULTILINE)) == 4
    assert [words[0] for words in forks] == ["--alone"] * 4


def test_a_map_is_made_to_be_looked_at(tmp_path, monkeypatch):
    monkeypatch.setattr(map_data, "SIZES", {5_000: "XS"})
    some = map_data.generate_polygons(5_000).sample(1_000, random_state=1)
    path = map_data.publish_polygons(some, tmp_path / "build")

    assert path.is_file()


def test_chunks_go_to_the_first_core_that_is_free():
    assert cores.makespan([3.0, 1.0, 1.0, 1.0], 2) == 3
    assert cores.makespan([1.0, 1.0, 1.0, 3.0], 2) == 4  # the longest comes last
    assert cores.makespan([], 16) == 0
    step = cores.Step("one", all=7.0, stretches=[cores.Stretch([3.0, 1.0, 1.0, 1.0])])
    assert (step.estimate_seconds(1), step.estimate_seconds(2), step.estimate_seconds(16)) == (7, 4, 4)


def test_what_holds_the_lock_is_done_by_one_core_at_a_time():
    stretch = cores.Stretch([1.0] * 16, locked=4.0)
    assert [stretch.estimate_seconds(count) for count in (1, 2, 4, 16)] == [16, 8, 4, 4]


def test_what_threads_share_out_is_noted_chunk_by_chunk_and_comes_to_the_same(monkeypatch):
    step = cores.Step("one")
    told = itertools.count(step=10)  # ns without the lock
    monkeypatch.setattr(threads, "iter_chunk_results", cores._record_stretches(step, lambda: next(told)))

    def work(some):
        return sum(threads.map_chunks(lambda within: within.start, some.stop - some.start, chunk=1)) + some.start

    assert threads.map_chunks(work, 5, chunk=2) == [1, 3, 4]
    [stretch] = step.stretches  # what a chunk shares out is its own
    assert len(stretch.chunks) == 3
    assert stretch.locked == pytest.approx(sum(stretch.chunks) - 3 * 10e-9, abs=1e-12)
