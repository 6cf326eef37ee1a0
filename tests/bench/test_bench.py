"""The bench runs: what it measures is for people to look at, but that it still fits the code is for a test."""

import importlib
import itertools
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from bench import beside, commands, cores, generate, map_data, overlap, profile
from bench.peers.scripts import SCRIPTS
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


@pytest.fixture(scope="module")
def country_files(tmp_path_factory):
    """The files of `bench commands` for concessions of 1 km and communities of 6 km, in rows north of a place."""
    lat, lon = map(float, commands.PLACE)
    titles, lands = (
        gpd.GeoDataFrame(
            {"id": [f"{letter}{i}" for i in range(count)]},
            geometry=shapely.box(
                lon + across * columns,
                lat + across * rows,
                lon + across * (columns + side),
                lat + across * (rows + side),
            ),
            crs="OGC:CRS84",
        )
        for letter, count, across, side in (("t", 300, 0.01, 1.2), ("l", 20, 0.06, 0.7))
        for rows, columns in [np.divmod(np.arange(count), 15)]
    )
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(generate, "layers", lambda _size: (titles, lands))
        return commands.write_files("tiny", tmp_path_factory.mktemp("country"))


@pytest.mark.parametrize("command", [name for name, scripts in SCRIPTS.items() if "DuckDB spatial" in scripts])
def test_plain_scripts_of_a_command_give_the_same_answer(command, country_files, tmp_path, monkeypatch):
    answers = []
    for library, script in SCRIPTS[command].items():
        out = tmp_path / library
        monkeypatch.setattr(sys, "argv", ["-c", *map(str, country_files), str(commands.REGIONS), str(out)])
        exec(script, {})
        answers.append(gpd.read_file(f"{out}.gpkg") if command == "export" else pd.read_csv(out))

    first, second = (rows.select_dtypes("number").drop(columns="Unnamed: 0", errors="ignore") for rows in answers)
    assert len(first) == len(second) > 0
    for name in {*first} & {*second}:
        assert sorted(first[name]) == pytest.approx(sorted(second[name]), rel=1e-6, abs=1e-6)


def test_scripts_belong_to_measured_commands():
    assert {*SCRIPTS} == {command.words[0] for command in commands.COMMANDS} - {"protection", "publish", "pack"}


def test_rows_of_a_profile_add_up_to_all_of_it():
    steps = {"small": 1.0, "quick": 0.1, "long": 5.0}
    tree = profile.Node("build", 8.0, {name: profile.Node(name, seconds) for name, seconds in steps.items()})
    tree.children["long"].children["part"] = profile.Node("part", 3.0)

    rows = [line.strip("| ").split(" | ") for line in profile.format_profile(tree).splitlines()[2:]]

    assert dict(row[:2] for row in rows) == {
        "long › part": "3.0",
        "long, the rest": "2.0",
        "build, the rest": "2.0",
        "small": "1.0",
        "all else": "0.0",
        "all": "8.0",
    }
