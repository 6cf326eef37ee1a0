import subprocess
import sys

import pandas as pd
import pytest

from lindero.app.answers.changes import near_place, register_changes
from lindero.app.answers.place.nearby import nearby
from lindero.app.overlays import edge_cache
from lindero.app.pipeline.build import build
from lindero.geo.geometry import chunks
from lindero.geo.near.edge_index import EdgeIndex
from lindero.layers.database import map_database
from lindero.layers.model.schema import LAYERS
from tests.files import Files, concessions

WANTED = [LAYERS["concessions"], LAYERS["communities"]]


@pytest.fixture
def files(tmp_path):
    files = Files(tmp_path / "space")
    files.add("concessions", concessions(6), id="first")
    files.add("communities", concessions(3).drop(columns=["holder", "status"]).assign(code=["K1", "K2", "K3"]))
    return files


@pytest.fixture
def place():
    west, south, east, north = concessions(6).to_crs("OGC:CRS84").total_bounds
    return {"lat": (south + north) / 2, "lon": west + (east - west) * 0.3, "within_km": 200}


def found(map_file, place, **how):
    return nearby(map_database.connect(map_file), **place, layers=WANTED, **how)


def test_from_what_is_kept_comes_what_the_rows_give(files, place):
    path = build(files.space).path
    assert edge_cache.cached_edges(map_database.connect(path)) is not None
    kept = found(path, place)
    edge_cache.beside(path).unlink()
    rows = found(path, place)

    assert len(rows) == 9
    pd.testing.assert_frame_equal(kept, rows, atol=0.01)


def test_to_be_told_what_is_near_no_outline_is_read(files, place, monkeypatch):
    path = build(files.space).path
    monkeypatch.setattr(map_database, "read_layer", lambda *_, **__: pytest.fail("rows are read with their outlines"))

    assert len(found(path, place)) == 9


def test_it_is_kept_the_same_however_many_rows_are_read_together(files, monkeypatch):
    path = build(files.space).path
    whole = edge_cache.beside(path).read_bytes()
    monkeypatch.setattr(edge_cache, "AT_ONCE", 2)
    monkeypatch.setattr(chunks, "CORNERS", 5)  # less than two outlines have
    indexed = []
    of = EdgeIndex.of
    monkeypatch.setattr(EdgeIndex, "of", lambda shapes: (indexed.append(len(shapes)), of(shapes))[1])

    edge_cache.write(path, digest=path.stem.rpartition("-")[2])

    assert max(indexed) == 1
    assert edge_cache.beside(path).read_bytes() == whole


def test_only_layers_that_are_asked_for_are_told(files, place):
    con = map_database.connect(build(files.space).path)

    assert set(nearby(con, **place, layers=WANTED[1:])["layer"]) == {"communities"}
    assert nearby(con, **place, layers=[LAYERS["incidents"]]).empty


@pytest.mark.parametrize("harm", ["gone", "cut short", "no such file", "empty", "of another map", "of another version"])
def test_what_is_absent_stale_or_damaged_is_done_without(files, place, monkeypatch, harm):
    path = build(files.space).path
    kept, told = edge_cache.beside(path), found(path, place)
    if harm == "gone":
        kept.unlink()
    elif harm == "cut short":
        kept.write_bytes(kept.read_bytes()[:-64])
    elif harm == "no such file":
        kept.write_text("ceci n'est pas une arête\n")
    elif harm == "empty":
        kept.write_bytes(b"")
    elif harm == "of another map":
        kept.unlink()
        edge_cache.write(path, digest="0" * 64)
    else:
        monkeypatch.setattr(edge_cache, "VERSION", -1)

    assert edge_cache.cached_edges(map_database.connect(path)) is None
    pd.testing.assert_frame_equal(found(path, place), told, atol=0.01)


def test_a_snapshot_that_was_replaced_is_near_only_if_it_is_asked_for(files, place):
    files.add("concessions", concessions(4), id="first", snapshot_on="2026-12-31")
    path = build(files.space).path
    con = map_database.connect(path)
    for _ in ("kept", "rows"):
        shown, every = (edge_cache.near_on(con, WANTED[:1], **place, every_snapshot=every) for every in (False, True))
        assert (len(shown), len(every)) == (4, 10)
        edge_cache.beside(path).unlink(missing_ok=True)


def test_changes_near_a_place_are_the_same_from_what_is_kept(files, place):
    files.add("concessions", concessions(4), id="first", snapshot_on="2026-12-31")
    path = build(files.space).path
    con = map_database.connect(path)
    report = register_changes.change_reports(con, since="2026-12-30")[0]
    kept = near_place.changed_near(con, report, **place)
    edge_cache.beside(path).unlink()

    assert len(kept) == 2
    pd.testing.assert_frame_equal(near_place.changed_near(con, report, **place), kept, atol=0.01)
    assert near_place.changed_near(con, report, **{**place, "lat": 60}).empty


def test_equally_near_ones_come_by_layer_and_id(files):
    path = build(files.space).path
    middle = concessions(6).to_crs("OGC:CRS84").geometry.iloc[0].representative_point()
    here = found(path, {"lat": middle.y, "lon": middle.x, "within_km": 1}).query("distance_m == 0")

    assert here["layer"].tolist() == ["communities", "concessions"]


def test_what_is_kept_goes_with_its_map(files):
    for row in range(4):
        files.add("concessions", concessions(3, row=row), id=f"s{row}")
        folder = build(files.space).path.parent

    assert {path.stem for path in folder.glob("*.edges")} == {path.stem for path in folder.glob("map-*.duckdb")}
    assert len(list(folder.glob("*.edges"))) == 2


def test_a_map_that_holds_nothing_has_nothing_near(tmp_path, place):
    path = build(Files(tmp_path / "empty").space).path

    assert edge_cache.cached_edges(map_database.connect(path)) is not None
    assert found(path, place).empty


def test_a_command_answers_without_loading_what_compiles(files, place):
    build(files.space)
    ask = f"""
import sys
from lindero.app import cli
place = ["{place["lat"]}", "{place["lon"]}", "--km", "50"]
sys.argv = ["lindero", "near", *place, "--workspace", {str(files.space.folder)!r}]
try:
    cli.main()
except SystemExit as end:
    assert not end.code
assert not {{"numba", "streamlit"}} & sys.modules.keys()
"""
    done = subprocess.run([sys.executable, "-W", "error", "-c", ask], check=False, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    assert "first/" in done.stdout or "concessions" in done.stdout
