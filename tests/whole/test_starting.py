"""What a person waits for before anything is done: help, a word mistyped and a question load what they need alone."""

import ast
import inspect
import json
import os
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

from lindero.app import commands
from lindero.app.answers.place.nearby import feature_frame, find_nearby_features
from lindero.app.answers.place.spot import Spot
from lindero.app.commands import index
from lindero.app.media.files.files import to_records
from lindero.app.text import i18n
from lindero.layers.database import map_database
from lindero.layers.disk import builds
from lindero.layers.model.schema import LAYERS
from tests.files import Files, concessions
from tests.once import made_once

ROOT = Path(__file__).parents[2]
LIBRARIES = {"numpy", "pandas", "geopandas", "duckdb", "shapely", "pyarrow", "pyogrio", "streamlit", "numba"}
OF_FRAMES = {"pandas", "geopandas", "pyogrio"}
OF_PAGES_AND_FILES = {"streamlit", "folium", "altair", "numba", "llvmlite", "openpyxl", "owslib", "httpx", "uvicorn"}
TO_MEASURE = {"numba", "llvmlite", "scipy"}
TO_WRITE_MANIFESTS = {"tomlkit"}
TO_FIND_MISSPELT_NAMES = {"rapidfuzz"}
MOST_MEMORY_MB = 80
PEAK = Path("/proc/self/status")
# What is loaded is told after the command has ended, on a line of its own.
TOLD = "import atexit, json, sys; atexit.register(lambda: print(json.dumps(sorted(sys.modules))))"
RUN = f"{TOLD}; from lindero.app.cli import main; main()"


def loaded(*words):
    """Give what a process that runs a command has loaded, and how it ended."""
    environment = {**os.environ, "LINDERO_LANG": "es"}
    ended = subprocess.run(
        [sys.executable, "-c", RUN, *map(str, words)], capture_output=True, text=True, env=environment, check=False
    )
    names = json.loads(ended.stdout.splitlines()[-1])
    return {name.partition(".")[0] for name in names}, ended


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--help",), 0),
        (("--version",), 0),
        (("near", "--help"), 0),
        (("vault", "--help"), 0),
        (("hotspots", "--help"), 0),
        (("doctor", "--help"), 0),
        (("no-such-command",), 2),
        (("doctor", "--format", "nothing"), 2),
        (("near",), 2),
        (("overlaps", "concessions", "communities", "--min-share", "2"), 2),
        (("hotspots", "--of", "nothing"), 2),
        (("sources", "nothing"), 2),
        (("sources", "--format", "nothing"), 2),
        (("export", "concessions", "-o", "map.nothing"), 2),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_help_and_usage_errors_load_no_library_of_frames_or_maps(words, code):
    found, ended = loaded(*words)

    assert ended.returncode == code
    assert not found & LIBRARIES


@pytest.mark.skipif(not PEAK.exists(), reason="needs Linux's account of a process's memory")
def test_help_takes_little_memory():
    read = f"import atexit; atexit.register(lambda: print(open('{PEAK}').read()))"
    ended = subprocess.run(
        [sys.executable, "-c", f"{read}; from lindero.app.cli import main; main()", "--help"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert int(re.search(r"VmHWM:\s+(\d+) kB", ended.stdout)[1]) <= MOST_MEMORY_MB * 1024


@pytest.mark.parametrize(
    "words", [("near", "-7.0", "-78.5"), ("near", "-7.0", "-78.5", "--format", "json")], ids=" ".join
)
def test_what_is_near_is_told_without_a_library_of_frames(words, tmp_path_factory):
    space = made_once(tmp_path_factory, "starting", built)
    found, ended = loaded(*words, "--workspace", space)

    assert ended.returncode == 0
    assert "duckdb" in found
    assert not found & (OF_FRAMES | OF_PAGES_AND_FILES | TO_WRITE_MANIFESTS | TO_FIND_MISSPELT_NAMES)


def test_nothing_is_looked_through_before_a_command_ends():
    told = "import atexit, gc; atexit.register(lambda: print(gc.get_freeze_count()))"
    run = f"{told}; from lindero.app.cli import main; main()"
    ended = subprocess.run([sys.executable, "-c", run, "--version"], capture_output=True, text=True, check=True)

    assert int(ended.stdout.splitlines()[-1]) > 0


def test_a_name_is_found_without_a_library_of_frames(tmp_path_factory):
    space = made_once(tmp_path_factory, "starting", built)
    found, ended = loaded("near", "Cajamarca", "--workspace", space)

    assert "Cajamarca" in ended.stderr
    assert not found & (OF_FRAMES | OF_PAGES_AND_FILES | TO_WRITE_MANIFESTS)


@pytest.mark.parametrize("form", ["table", "json", "csv", "parquet"])
def test_pairs_that_a_build_stored_are_told_without_what_measures_them(form, tmp_path_factory):
    space = made_once(tmp_path_factory, "starting", built)
    file = ("--output", space / "a.parquet") if form == "parquet" else ()
    found, ended = loaded("overlaps", "concessions", "communities", "--format", form, *file, "--workspace", space)

    assert ended.returncode == 0
    assert "Peñón Ñandú 1" in ended.stdout or form == "parquet"
    assert not found & (TO_MEASURE | OF_PAGES_AND_FILES | TO_WRITE_MANIFESTS)


def test_what_became_of_rows_is_told_without_a_library_of_frames(tmp_path_factory):
    space = made_once(tmp_path_factory, "starting", built)
    found, ended = loaded("report", space)

    assert "lands (" in ended.stdout
    assert not found & (OF_FRAMES | TO_MEASURE | OF_PAGES_AND_FILES | TO_WRITE_MANIFESTS)


def test_what_is_near_is_the_same_with_frames_and_without(tmp_path_factory):
    con = map_database.connect(builds.current_map(made_once(tmp_path_factory, "starting", built) / "build"))
    asked = {"spot": Spot("", -7.0, -78.5), "within_km": 60, "layers": [LAYERS["concessions"], LAYERS["incidents"]]}
    rows = find_nearby_features(con, **asked)

    assert rows
    assert to_records(feature_frame(rows)) == rows


def built(folder):
    from lindero.app.builder.build import build_map

    i18n.set_language("en")
    files = Files(folder / "space")
    files.add("concessions", concessions(3))
    lands = concessions(2).drop(columns=["holder", "status"]).assign(code=["K1", "K2"])
    files.add("communities", lands, id="lands")
    build_map(files.space)
    return files.folder


def declares(name):
    """Whether a module of the folder declares a command."""
    text = ROOT.joinpath(*name.split(".")).with_suffix(".py").read_text(encoding="utf-8")
    calls = [ast.unparse(node) for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    return any(re.match(r"(\w*program\.command|\w+_program\.callback)\(", call) for call in calls)


def test_every_module_that_declares_a_command_is_in_the_index():
    modules = {
        each.name for each in pkgutil.walk_packages(commands.__path__, f"{commands.__name__}.") if not each.ispkg
    }

    named = {each.__name__ for each in vars(index).values() if inspect.ismodule(each)}
    assert {name for name in modules if declares(name)} == named


def test_geo_names_what_it_gives_and_no_folder_takes_the_name():
    import lindero.geo.near.nearest  # the folder has the name of a function

    assert all(callable(getattr(lindero.geo, name)) for name in lindero.geo.__all__)
    with pytest.raises(AttributeError):
        _ = lindero.geo.nothing
