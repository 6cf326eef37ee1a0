"""The notebooks of the docs run from their first cell to their last, and hold what they were committed with."""

import json
import re

import pytest

from docs import notebooks
from tests.files import SHARED, shared

NAMED = {path.stem: path for path in notebooks.list_notebooks()}


def outputs(held):
    return "".join(
        "".join(output.get("text", output.get("data", {}).get("text/plain", "")))
        for cell in held["cells"]
        if cell["cell_type"] == "code"
        for output in cell["outputs"]
    )


def sources(held):
    return "".join("".join(cell["source"]) for cell in held["cells"] if cell["cell_type"] == "code")


def test_there_are_three():
    assert set(NAMED) == {"cajamarca", "hotspots", "published_table"}


@pytest.mark.parametrize("name", sorted(NAMED))
def test_it_is_a_notebook_as_jupyter_writes_it(name):
    held = json.loads(NAMED[name].read_text(encoding="utf-8"))

    assert (held["nbformat"], held["nbformat_minor"]) == (4, 5)
    assert len({cell["id"] for cell in held["cells"]}) == len(held["cells"])
    for number, cell in enumerate((each for each in held["cells"] if each["cell_type"] == "code"), 1):
        assert cell["execution_count"] == number, "run `python -m docs.notebooks`"
        assert not any(output["output_type"] == "error" for output in cell["outputs"])


@pytest.mark.parametrize("name", [pytest.param("cajamarca", marks=pytest.mark.slow), "published_table"])
def test_it_runs_and_shows_what_it_was_committed_with(name, tmp_path, monkeypatch, programs):
    monkeypatch.delenv("LINDERO_CAJAMARCA", raising=False)
    monkeypatch.setenv("RECEIVED", "")
    held = notebooks.run_notebook(NAMED[name], tmp_path, programs)

    assert outputs(held) == outputs(json.loads(NAMED[name].read_text(encoding="utf-8")))


@pytest.mark.slow
def test_hotspots_runs_on_the_demonstration(demonstration, tmp_path, monkeypatch):
    folder, _ = demonstration
    monkeypatch.setenv("LINDERO_WORKSPACE", str(folder))
    held = notebooks.run_notebook(NAMED["hotspots"], tmp_path)

    assert re.search(r"cells; \d+ with p < 0.05", outputs(held))
    assert "<a map of hot_spots" in outputs(held)


@pytest.mark.slow
def test_cajamarca_finds_what_lies_on_what_in_the_files_of_the_offices(tmp_path, monkeypatch, programs):
    shared("peru-cajamarca/ANP.geojson")
    monkeypatch.setenv("LINDERO_CAJAMARCA", str(SHARED / "peru-cajamarca"))
    monkeypatch.setenv("RECEIVED", "")
    held = notebooks.run_notebook(NAMED["cajamarca"], tmp_path, programs)

    assert "2,785 received = 2,785 kept + 0 rejected" in outputs(held)
    assert re.search(r"[1-9]\d* concessions lie on protected areas", outputs(held))
