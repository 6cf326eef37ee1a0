import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

from lindero.app.answers.overlap import overlaps as answers
from lindero.app.answers.overlap import overlay
from lindero.app.overlays import prepared_cache, trees_file
from lindero.app.pipeline import build as pipeline
from lindero.geo import Ground
from lindero.geo.kernels import numba_jit
from lindero.geo.overlay import prepared_layer
from lindero.layers.database import map_database
from lindero.layers.disk import builds, memmap
from lindero.layers.model.identity import versions
from lindero.layers.model.schema import LAYERS
from tests.built import build
from tests.files import Files, concessions, incidents

if not numba_jit.AVAILABLE:
    pytest.fail("numba is not here") if "CI" in os.environ else pytest.skip(
        "numba is not here", allow_module_level=True
    )

SIDES = answers.Side(LAYERS["concessions"]), answers.Side(LAYERS["communities"])


@pytest.fixture
def files(tmp_path):
    files = Files(tmp_path / "space")
    files.add("concessions", concessions(4), id="first")
    files.add("communities", concessions(2).drop(columns=["holder", "status"]).assign(code=["K1", "K2"]))
    return files


@pytest.fixture
def prepared(monkeypatch):
    """The ids of what is prepared from now on."""
    ids = []
    checked = prepared_layer._check_columns
    monkeypatch.setattr(prepared_layer, "_check_columns", lambda frame: (ids.extend(frame["id"]), checked(frame)))
    return ids


def overlaps(map_file):
    return map_database.read_table(map_database.connect(map_file), "overlap_pairs").sort_values(["left_id", "right_id"])


def report(map_file):
    return answers.overlap_report(map_database.connect(map_file), *SIDES, min_ha=0.001)


def test_only_what_is_fresh_is_prepared_for_overlaps(files, prepared, monkeypatch):
    monkeypatch.setattr(
        "lindero.app.pipeline.build.add_cells", lambda *_, **__: None
    )  # they are drawn anew from all titles
    pipeline.build(files.space)
    files.add("concessions", concessions(3, row=1), id="second")
    prepared.clear()
    path = build(files.space).path

    assert {id_.split("/")[0] for id_ in prepared} == {"second"}
    assert set(prepared_cache.cached_layer(path, "concessions").ids) == set(
        versions(map_database.read_layer(map_database.connect(path), SIDES[0].layer))
    )


def test_a_build_that_lays_nothing_over_anything_reads_no_layer_and_loads_no_compiler(files):
    first = build(files.space).path
    files.add("incidents", incidents("1,2020-01-01,x,public_record,-78.5,-7"))
    program = f"""
import sys
from pathlib import Path
from lindero.app.overlays import engine
from lindero.app.pipeline.build import build
from lindero.layers.workspace.manifest_file import load
engine._Whole = None
print(build(load(Path({str(files.folder)!r}))).path)
assert "numba" not in sys.modules
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    path = Path(ran.stdout.strip())

    assert path != first
    assert report(path).totals.pairs == len(overlaps(path)) == len(overlaps(first)) > 0
    for name in ("concessions", "communities"):
        kept, before = (prepared_cache.cached_layer(map_file, name) for map_file in (path, first))
        assert kept.ids.equals(before.ids)
        assert kept.area_m2.tolist() == before.area_m2.tolist()
        assert shapely.equals(kept.drawn(np.arange(2)), before.drawn(np.arange(2))).all()


def test_a_build_on_kept_grounds_gives_the_rows_of_a_build_from_nothing(files):
    build(files.space)
    files.add("concessions", concessions(3, row=1), id="second")
    files.add("communities", concessions(3, row=1).drop(columns=["holder", "status"]), id="more")
    by_and_by = build(files.space).path
    kept = overlaps(by_and_by)
    for path in by_and_by.parent.iterdir():
        path.unlink()

    assert kept.equals(overlaps(build(files.space).path))


def test_answers_of_a_map_prepare_nothing(files, prepared):
    path = build(files.space).path
    con = map_database.connect(path)
    prepared.clear()
    told = report(path)
    pairs = overlay.overlay(con, "concessions", "communities")
    overlay.sums(con, "concessions", "communities", pairs)
    assert len(overlay.overlay_geometry(con, "concessions", "communities", pairs)) == told.totals.pairs > 0

    assert not prepared


@pytest.mark.parametrize("harm", ["gone", "cut short", "no such file", "of another map", "of another version"])
def test_what_is_absent_stale_or_damaged_is_made_anew(files, prepared, monkeypatch, harm):
    path = build(files.space).path
    told, kept = report(path), path.with_suffix(builds.TREES)
    if harm == "gone":
        kept.unlink()
    elif harm == "cut short":
        kept.write_bytes(kept.read_bytes()[:-64])
    elif harm == "no such file":
        kept.write_text("ceci n'est pas un arbre\n")
    elif harm == "of another map":
        prepared_cache.write(kept, {"concessions": prepared_cache.cached_layer(path, "concessions")}, digest="0" * 64)
    else:
        monkeypatch.setattr(trees_file, "VERSION", -1)
    prepared.clear()

    again = report(path)
    assert prepared
    pd.testing.assert_frame_equal(again.pairs, told.pairs, check_exact=True)
    assert again.totals == told.totals


def test_shapes_are_drawn_again_as_they_were(tmp_path):
    from tests.fuzz import pool
    from tests.world import polygons

    shapes = {f"{name}{i}": shape for name in ("grids", "stars") for i, shape in enumerate(pool(name, 20, 1))}
    drawn = Ground.of(
        polygons(**{name: shapely.transform(shape, lambda xy: xy * 900) for name, shape in shapes.items()})
    )
    prepared_cache.write(tmp_path / "map-1-abc.trees", {"concessions": drawn}, digest="abc")
    kept = prepared_cache.cached_layer(tmp_path / "map-1-abc.duckdb", "concessions")

    assert shapely.equals(kept.shapes, drawn.shapes).all()
    assert shapely.equals(kept.drawn(np.array([3, 30, 3])), drawn.shapes[[3, 30, 3]]).all()
    assert kept.holes.tolist() == drawn.holes.tolist()
    assert kept.named(drawn.ids.iloc[[7, 5]]).area_m2.tolist() == drawn.area_m2[[7, 5]].tolist()
    assert kept.named(drawn.ids.iloc[[7]].str.upper()) is None


def test_arrays_come_back_as_they_were_written(tmp_path):
    held = {"a": np.arange(7.0), "b": np.array([], np.int64), "c": np.ones((3, 4)), "d": np.array([True, False])}
    memmap.write(tmp_path / "x", held, about={"of": "this"})

    back = memmap.read(tmp_path / "x", about={"of": "this"})
    assert all(np.array_equal(back[name], array) and back[name].dtype == array.dtype for name, array in held.items())
    assert memmap.read(tmp_path / "x", about={"of": "that"}) is None
    assert memmap.read(Path(tmp_path / "y"), about={}) is None


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the system does not tell what is in memory")
def test_what_was_read_of_a_file_is_let_go(tmp_path):
    memmap.write(tmp_path / "x", {"a": np.ones(8_000_000)}, about={})
    grown = memmap.Growing(tmp_path)
    grown.add(np.ones(8_000_000))
    held = memmap.read(tmp_path / "x", about={})["a"], grown.mapped()
    before = _mapped_mb()

    assert [array.sum() for array in held] == [8e6, 8e6]
    assert _mapped_mb() > before + 100
    memmap.let_go(held)
    assert _mapped_mb() < before + 10
    assert [array.sum() for array in held] == [8e6, 8e6]


def _mapped_mb() -> float:
    """How much of files is in memory."""
    told = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(told["RssFile"].split()[0]) / 1024
