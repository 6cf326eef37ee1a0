"""A build upon another computes what is fresh, and gives the same rows as one from nothing."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lindero.app.answers.overlap import overlaps as answers
from lindero.app.derived import engine
from lindero.app.pipeline import freshness
from lindero.app.pipeline.build import build_map
from lindero.layers.database import map_database
from lindero.layers.model.schema import LAYERS
from lindero.layers.workspace import manifest_file
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
from lindero.app.pipeline import freshness
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


@pytest.fixture
def computed(monkeypatch):
    """What was computed: a name for each overlay and each set of footprints."""
    asked = []
    for name in ("overlap", "footprint"):
        compute = getattr(engine, name)
        monkeypatch.setattr(
            engine, name, lambda *sides, _of=compute, _as=name, **how: (asked.append(_as), _of(*sides, **how))[1]
        )
    return asked


def test_a_build_upon_another_gives_the_rows_of_a_build_from_nothing(files):
    build(files.space)
    files.add("concessions", concessions(3, row=1), id="second")
    files.add("communities", concessions(3, row=1).drop(columns=["holder", "status"]), id="more")
    by_and_by = build(files.space).path
    kept = overlaps(by_and_by)
    for path in by_and_by.parent.iterdir():
        path.unlink()

    assert kept.equals(overlaps(build(files.space).path))


def footprints(map_file):
    rows = map_database.read_table(map_database.connect(map_file), "footprints")
    return rows.sort_values(["layer", "id"], ignore_index=True)


def rows_from_nothing(files, folder, table):
    """Return the rows of a map of the same workspace that no earlier map was used for."""
    space = shutil.copytree(files.folder, folder, ignore=shutil.ignore_patterns("build"))
    return table(build_map(manifest_file.load_workspace(space)).path)


@pytest.mark.parametrize("changed", [0, 1], ids=["same ground", "one moved"])
def test_ground_that_is_received_again_is_not_computed_again(files, tmp_path, computed, changed):
    build_map(files.space)
    again = concessions(4).assign(holder="Otra S.A.")
    again.loc[again.index[:changed], "geometry"] = again.geometry.iloc[:changed].translate(xoff=0.001)
    files.add("concessions", again, id="first", snapshot_on="2026-06-30")
    computed.clear()
    path = build_map(files.space).path

    assert computed == ["overlap", "footprint", "footprint", "overlap", "footprint"] * changed  # the last two: cells
    assert (
        overlaps(path)
        .reset_index(drop=True)
        .equals(rows_from_nothing(files, tmp_path / "anew", overlaps).reset_index(drop=True))
    )
    assert footprints(path).equals(rows_from_nothing(files, tmp_path / "once more", footprints))
    assert set(overlaps(path)["left_snapshot_on"].astype(str)) > {"2026-06-30"}


def test_a_changed_accuracy_is_changed_ground(files, tmp_path, computed):
    build_map(files.space)
    files.add("concessions", concessions(4).assign(boundary_accuracy_m=500.0), id="first", snapshot_on="2026-06-30")
    computed.clear()
    path = build_map(files.space).path

    assert "overlap" in computed
    assert footprints(path).equals(rows_from_nothing(files, tmp_path / "anew", footprints))


def test_rules_of_another_version_compute_everything_again(files, monkeypatch, computed):
    build_map(files.space)
    computed.clear()
    monkeypatch.setattr(freshness, "READER", "another")
    build_map(files.space)

    assert computed == ["overlap", "footprint", "footprint", "overlap", "footprint"]
