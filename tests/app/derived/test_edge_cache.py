import os
import subprocess
import sys

import duckdb
import pandas as pd
import pytest

from lindero.app.answers.changes import near_place, register_changes
from lindero.app.answers.place.nearby import feature_frame, find_nearby_features
from lindero.app.answers.place.spot import Spot
from lindero.app.derived import edge_cache
from lindero.geo.geometry import chunks
from lindero.geo.near.edge_index import EdgeIndex
from lindero.layers.database import map_database
from lindero.layers.disk import builds, checksums
from lindero.layers.model.schema import LAYERS
from lindero.layers.workspace import manifest_file, manifest_tables
from tests.built import build
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
    return {"spot": Spot("", (south + north) / 2, west + (east - west) * 0.3), "within_km": 200}


def at(place):
    return {"lat": place["spot"].latitude, "lon": place["spot"].longitude, "within_km": place["within_km"]}


def write(map_file, **how):
    """Write the edges of a finished map anew."""
    with duckdb.connect(map_file) as con:
        edge_cache.write_edges(con, map_file, **how)


def found(map_file, place, **how):
    return feature_frame(find_nearby_features(map_database.connect(map_file), **place, layers=WANTED, **how))


def test_from_what_is_kept_comes_what_the_rows_give(files, place):
    path = build(files.space).path
    assert edge_cache.open_edges(map_database.connect(path)) is not None
    kept = found(path, place)
    path.with_suffix(builds.EDGES).unlink()
    rows = found(path, place)

    assert len(rows) == 9
    pd.testing.assert_frame_equal(kept, rows, atol=0.01)


def test_to_be_told_what_is_near_no_outline_is_read(files, place, monkeypatch):
    path = build(files.space).path
    monkeypatch.setattr(map_database, "read_layer", lambda *_, **__: pytest.fail("rows are read with their outlines"))

    assert len(found(path, place)) == 9


def test_the_file_is_compared_with_its_checksum_once_and_again_when_it_was_written_to(files, place, monkeypatch):
    path, looked_at, crc32 = build(files.space).path, [], checksums.crc32
    monkeypatch.setattr(checksums, "crc32", lambda file: (looked_at.append(file), crc32(file))[1])
    told = [found(path, place) for _ in range(3)]
    assert len(looked_at) == 1

    os.utime(path.with_suffix(builds.EDGES), (0, 0))  # as if it was written to
    told.append(found(path, place))
    assert len(looked_at) == 2
    assert all(one.equals(told[0]) for one in told)


def test_it_is_kept_the_same_however_many_rows_are_read_together(files, monkeypatch):
    path = build(files.space).path
    whole = path.with_suffix(builds.EDGES).read_bytes()
    monkeypatch.setattr(edge_cache, "BATCH_ROWS", 2)
    monkeypatch.setattr(chunks, "VERTICES", 5)  # less than two outlines have
    indexed = []
    of = EdgeIndex.from_shapes
    monkeypatch.setattr(EdgeIndex, "from_shapes", lambda shapes: (indexed.append(len(shapes)), of(shapes))[1])

    write(path)

    assert max(indexed) == 1
    assert path.with_suffix(builds.EDGES).read_bytes() == whole


def test_only_layers_that_are_asked_for_are_told(files, place):
    con = map_database.connect(build(files.space).path)

    assert {row["layer"] for row in find_nearby_features(con, **place, layers=WANTED[1:])} == {"communities"}
    assert not find_nearby_features(con, **place, layers=[LAYERS["incidents"]])


@pytest.mark.parametrize(
    "harm", ["gone", "cut short", "no such file", "empty", "of another map", "of another version", "no checksum"]
)
def test_what_is_absent_stale_or_damaged_is_done_without(files, place, monkeypatch, harm):
    path = build(files.space).path
    kept, told = path.with_suffix(builds.EDGES), found(path, place)
    if harm == "gone":
        kept.unlink()
    elif harm == "cut short":
        kept.write_bytes(kept.read_bytes()[:-64])
    elif harm == "no such file":
        kept.write_text("ceci n'est pas une arête\n")
    elif harm == "empty":
        kept.write_bytes(b"")
    elif harm == "of another map":
        files.add("concessions", concessions(2, row=5), id="more")
        kept.write_bytes(build(files.space).path.with_suffix(builds.EDGES).read_bytes())
    elif harm == "no checksum":  # a map of an earlier version
        with duckdb.connect(path) as con:
            con.execute("DROP TABLE near_index")
    else:
        monkeypatch.setattr(edge_cache, "_SCHEMA", edge_cache._SCHEMA.with_metadata({"version": "0"}))
        monkeypatch.setattr(edge_cache, "_opened", {})  # another process

    assert edge_cache.open_edges(map_database.connect(path)) is None
    pd.testing.assert_frame_equal(found(path, place), told, atol=0.01)


def test_a_snapshot_that_was_replaced_is_near_only_if_it_is_asked_for(files, place):
    files.add("concessions", concessions(4), id="first", snapshot_on="2026-12-31")
    path = build(files.space).path
    con = map_database.connect(path)
    for _ in ("kept", "rows"):
        shown, every = (
            edge_cache.find_nearby_frame(con, WANTED[:1], **at(place), every_snapshot=every) for every in (False, True)
        )
        assert (len(shown), len(every)) == (4, 10)
        path.with_suffix(builds.EDGES).unlink(missing_ok=True)


def test_edges_of_unchanged_sources_are_taken_over_and_those_of_others_anew(files, place, monkeypatch):
    files.add("concessions", concessions(2), id="gone")
    build(files.space)
    manifest_tables.remove_source(files.space, "gone")
    files.space = manifest_file.load_workspace(files.folder)
    files.add("concessions", concessions(4, row=1), id="first", snapshot_on="2026-12-31")  # the earlier one stays
    indexed = []
    of = EdgeIndex.from_shapes
    monkeypatch.setattr(EdgeIndex, "from_shapes", lambda shapes: (indexed.append(len(shapes)), of(shapes))[1])

    path = build(files.space).path

    assert sum(indexed) == 4
    con = map_database.connect(path)
    upon = [edge_cache.find_nearby_frame(con, WANTED, **at(place), every_snapshot=every) for every in (False, True)]
    assert [len(rows) for rows in upon] == [7, 13]
    con.close()
    write(path)
    con = map_database.connect(path)
    for every, kept in enumerate(upon):
        pd.testing.assert_frame_equal(
            kept, edge_cache.find_nearby_frame(con, WANTED, **at(place), every_snapshot=bool(every))
        )


@pytest.mark.parametrize("stale", ["damaged", "of another version", "without a row"])
def test_edges_that_cannot_be_taken_over_are_made_anew(files, place, monkeypatch, stale):
    last = build(files.space).path
    held = bytearray(last.with_suffix(builds.EDGES).read_bytes())
    if stale == "damaged":
        held[len(held) // 2] ^= 1
        last.with_suffix(builds.EDGES).write_bytes(held)
    elif stale == "of another version":
        monkeypatch.setattr(edge_cache, "_SCHEMA", edge_cache._SCHEMA.with_metadata({"version": "0"}))
        monkeypatch.setattr(edge_cache, "_opened", {})  # another process
    files.add("communities", concessions(2, row=3).drop(columns=["holder", "status"]), id="more")
    path = build(files.space).path
    con = map_database.connect(path)
    if stale == "without a row":
        con.close()
        with duckdb.connect(path) as own:
            own.execute("INSERT INTO communities BY NAME SELECT * REPLACE ('x' AS id) FROM communities LIMIT 1")
        write(path, previous=last)
        assert len(found(path, place)) == 12
        return

    assert len(found(path, place)) == 11
    assert edge_cache.open_edges(con) is not None


def test_changes_near_a_place_are_the_same_from_what_is_kept(files, place):
    files.add("concessions", concessions(4), id="first", snapshot_on="2026-12-31")
    path = build(files.space).path
    con = map_database.connect(path)
    report = register_changes.change_reports(con, since="2026-12-30")[0]
    kept = near_place.filter_nearby_changes(con, report, **place)
    path.with_suffix(builds.EDGES).unlink()

    assert len(kept) == 2
    pd.testing.assert_frame_equal(near_place.filter_nearby_changes(con, report, **place), kept, atol=0.01)
    assert near_place.filter_nearby_changes(con, report, **{**place, "spot": Spot("", 60, -78)}).empty


def test_equally_near_ones_come_by_layer_and_id(files):
    path = build(files.space).path
    middle = concessions(6).to_crs("OGC:CRS84").geometry.iloc[0].representative_point()
    here = found(path, {"spot": Spot("", middle.y, middle.x), "within_km": 1}).query("distance_m == 0")

    assert here["layer"].tolist() == ["communities", "concessions"]


def test_what_is_kept_goes_with_its_map(files):
    for row in range(3):
        files.add("concessions", concessions(3, row=row), id=f"s{row}")
        folder = build(files.space).path.parent

    maps = {path.stem for path in folder.glob("map-*.duckdb")}
    assert len(maps) == 2
    assert sorted(path.stem for path in folder.glob("*.edges")) == sorted(maps)


def test_a_map_that_holds_nothing_has_nothing_near(tmp_path, place):
    path = build(Files(tmp_path / "empty").space).path

    assert edge_cache.open_edges(map_database.connect(path)) is not None
    assert found(path, place).empty


def test_a_command_answers_without_loading_what_compiles(files, place):
    build(files.space)
    ask = f"""
import sys
from lindero.app import cli
place = ["{place["spot"].latitude}", "{place["spot"].longitude}", "--km", "50"]
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
