import datetime as dt
import os
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import duckdb
import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lindero.layers.database import map_database, map_writer
from lindero.layers.errors import AnswerError, BuildError, NotBuiltError
from lindero.layers.model.schema import CONCESSIONS, LAYERS, SOURCES
from lindero.layers.model.vocabularies import VOCABULARIES
from tests import small_map
from tests.amount import amount
from tests.files import square

DAY = dt.date(2026, 1, 1)
LETTERS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12)
OF_TYPE = {
    "VARCHAR": LETTERS,
    "DATE": st.dates(min_value=dt.date(1500, 1, 1), max_value=dt.date(2200, 1, 1)),
    "DOUBLE": st.floats(allow_nan=False, allow_infinity=False),
    "INTEGER": st.integers(-(2**31), 2**31 - 1),
    "BOOLEAN": st.booleans(),
}


def source_row(source_id="s", snapshot_on="2026-01-01", layer="concessions", **values):
    row = {
        "source_id": source_id,
        "snapshot_on": snapshot_on,
        "layer": layer,
        "fingerprint": f"{source_id}{snapshot_on}",
    }
    return pd.DataFrame([{**row, "is_current": True, **values}])


def value_of(column, number):
    if column.required:
        fixed = {"id": f"s/{number}", "source_id": "s", "snapshot_on": DAY, "row_number": number}
        if column.name in fixed:
            return st.just(fixed[column.name])
    codes = st.sampled_from(VOCABULARIES[column.vocabulary]) if column.vocabulary else OF_TYPE[column.type]
    values = st.lists(codes, min_size=1, max_size=3) if column.several else codes
    return values if column.required else st.one_of(st.none(), values)


@st.composite
def tables(draw, layer):
    count = draw(st.integers(1, 4))
    rows = [{column.name: draw(value_of(column, n)) for column in layer.columns} for n in range(1, count + 1)]
    frame = pd.DataFrame(rows, dtype=object)
    if not layer.has_geometry:
        return frame
    empty = not layer.needs_place
    shapes = [
        None if empty and draw(st.booleans()) else square(n).centroid if layer.name == "places" else square(n)
        for n in range(count)
    ]
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(shapes, crs="OGC:CRS84"))


def plain(value):
    if isinstance(value, list) or getattr(value, "ndim", 0):
        return list(value)
    if pd.isna(value):
        return None
    return value.date() if isinstance(value, pd.Timestamp | dt.datetime) else value


@contextmanager
def undone(con):
    """Take back what is written: making all tables takes longer than what one example writes."""
    con.execute("BEGIN")
    yield con
    con.execute("ROLLBACK")


MANY = settings(max_examples=amount(5, 12), suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.parametrize("layer", LAYERS.values(), ids=lambda layer: layer.name)
@MANY
@given(data=st.data())
def test_what_goes_in_comes_out(layer, con, data):
    rows = data.draw(tables(layer))
    with undone(con):
        map_writer.write_layer(con, layer, rows)
        map_writer.write_table(con, "sources", source_row(layer=layer.name))
        out = map_database.read_layer(con, layer).set_index("id", drop=False).loc[rows["id"]]

    for column in layer.columns:
        assert [plain(v) for v in out[column.name]] == [plain(v) for v in rows[column.name]], column.name
    if layer.has_geometry:
        same = [a is b is None or a.equals(b) for a, b in zip(out.geometry, rows.geometry, strict=True)]
        assert all(same)


def some(count=3, **values):
    frame = {"id": [f"s/{n}" for n in range(count)], "source_id": "s", "snapshot_on": DAY, "row_number": range(count)}
    return gpd.GeoDataFrame(
        {**frame, "name": "Ñ", **values}, geometry=[square(n) for n in range(count)], crs="OGC:CRS84"
    )


@pytest.fixture
def con(tmp_path):
    made = map_writer.create_map(tmp_path / "map.duckdb")
    yield made
    made.close()


def test_no_log_lies_beside_a_map_that_is_made(con, tmp_path):
    for _ in range(3):
        map_writer.write_layer(con, CONCESSIONS, some(50))

    assert [file.name for file in tmp_path.iterdir()] == ["map.duckdb"]


def test_rows_of_many_frames_are_written_at_once_in_their_order(con):
    first, second = source_row(), source_row().assign(source_id="t")
    map_writer.write_table(con, "sources", first, first.iloc[:0], second)
    map_writer.write_table(con, "sources")

    assert con.execute("SELECT source_id FROM sources").fetchall() == [("s",), ("t",)]


@pytest.fixture
def path(con, tmp_path):
    map_writer.write_layer(con, CONCESSIONS, some(50))
    map_writer.write_table(con, "sources", source_row())
    map_writer.finish_map(con)
    return tmp_path / "map.duckdb"


@pytest.mark.parametrize("crs", ["EPSG:32717", "EPSG:4326"])
def test_the_database_refuses_another_crs(con, crs):
    with pytest.raises(BuildError, match="rows could not be written to the table concessions"):
        map_writer.write_layer(con, CONCESSIONS, some().to_crs(crs))


def test_the_database_refuses_a_value_of_another_type_and_a_missing_name(con):
    with pytest.raises(BuildError):
        map_writer.write_layer(con, CONCESSIONS, some(area_ha="mucho"))
    with pytest.raises(BuildError):
        map_writer.write_layer(con, CONCESSIONS, some(source_id=None))


def test_features_are_found_by_the_window_and_by_values(path):
    con = map_database.connect(path)
    near = map_database.read_layer(con, CONCESSIONS, bounds=square(0, side=0.001).bounds)

    assert near["id"].tolist() == ["s/0"]
    assert len(map_database.read_layer(con, CONCESSIONS, where={"id": ["s/1", "s/2"], "name": "Ñ"})) == 2
    with pytest.raises(AnswerError, match="has no column nombre"):
        map_database.read_layer(con, CONCESSIONS, where={"nombre": "x"})
    con.close()


def test_a_value_is_never_read_as_sql(path):
    con = map_database.connect(path)

    assert map_database.read_layer(con, CONCESSIONS, where={"name": "Ñ' OR '1'='1"}).empty
    con.close()


@pytest.mark.parametrize(
    "query",
    [
        "FROM read_text('/etc/hostname')",
        "FROM read_csv('/etc/passwd')",
        "COPY (SELECT 1) TO '{out}'",
        "ATTACH '{out}'",
        "SET enable_external_access=true",
        "INSTALL spatial",
        "LOAD httpfs",
        "DELETE FROM map.concessions",
        "CREATE TABLE map.x (a INTEGER)",
        "UPDATE map.sources SET title = 'x'",
    ],
)
def test_a_reader_reaches_no_other_file_and_changes_nothing(path, tmp_path, query):
    con = map_database.connect(path)

    with pytest.raises(duckdb.Error):
        con.execute(query.format(out=tmp_path / "out"))
    assert not (tmp_path / "out").exists()
    con.close()


def test_what_is_no_map_cannot_be_opened(tmp_path):
    tmp_path.joinpath("x.duckdb").write_text("no map")

    for name in ("x.duckdb", "nowhere.duckdb"):
        with pytest.raises(NotBuiltError, match=name):
            map_database.connect(tmp_path / name)


def test_each_thread_gets_its_own_answers(path):
    con = map_database.connect(path)

    def ask(number):
        own = map_database.open_cursor(con)
        return {
            row
            for _ in range(20)
            for row in map_database.read_layer(own, CONCESSIONS, where={"id": f"s/{number}"})["id"]
        }

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(ask, range(16))) == [{f"s/{number}"} for number in range(16)]
    con.close()


@pytest.mark.parametrize("name", ["spatial", "httpfs"])
def test_extensions_load_with_no_network_and_no_home(name, tmp_path, monkeypatch):
    monkeypatch.setattr(socket.socket, "connect", lambda *_: pytest.fail("asked the network"))
    program = (
        "import duckdb; from lindero.layers.database.extensions import load_extension; con = duckdb.connect("
        f"config={{'home_directory': {str(tmp_path)!r}}}); load_extension(con, {name!r});"
        f"print(con.execute(\"SELECT loaded FROM duckdb_extensions() WHERE extension_name = '{name}'\").fetchone()[0])"
    )
    proxies = {"HTTP_PROXY": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9", "HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, **proxies}, capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "True"


@MANY
@given(order=st.permutations(range(6)))
def test_the_digest_is_of_the_rows_not_of_their_order(con, order):
    digests = []
    for rows in (some(6), some(6).iloc[order]):
        with undone(con):
            map_writer.write_layer(con, CONCESSIONS, rows)
            digests.append(map_writer.compute_digest(con))

    assert digests[0] == digests[1]


def test_the_digest_changes_with_one_value(con, tmp_path):
    other = map_writer.create_map(tmp_path / "other.duckdb")
    map_writer.write_layer(con, CONCESSIONS, some())
    map_writer.write_layer(other, CONCESSIONS, some(name=["Ñ", "Ñ", "N"]))

    assert map_writer.compute_digest(con) != map_writer.compute_digest(other)
    other.close()


def test_only_the_latest_snapshot_is_read_unless_all_are_wanted(con):
    old = some().assign(id=["o/0", "o/1", "o/2"], snapshot_on=dt.date(2025, 1, 1))
    for rows in (old, some()):
        map_writer.write_layer(con, CONCESSIONS, rows)
    for day in ("2025-01-01", "2026-01-01"):
        map_writer.write_table(con, "sources", source_row(snapshot_on=day))
    map_writer.mark_current(con)

    assert map_database.read_layer(con, CONCESSIONS)["id"].tolist() == ["s/0", "s/1", "s/2"]
    assert len(map_database.read_layer(con, CONCESSIONS, every_snapshot=True)) == 6


def test_rows_that_are_not_accounted_for_and_ids_of_several_rows_are_found(con):
    map_writer.write_layer(con, CONCESSIONS, pd.concat([some(), some(1)]))
    map_writer.write_table(con, "sources", source_row(rows_read=5, rows_kept=4, rows_rejected=0))

    assert map_writer.find_count_mismatches(con)["source_id"].tolist() == ["s"]
    assert map_writer.find_repeated_ids(con)[["layer", "id", "rows"]].to_numpy().tolist() == [["concessions", "s/0", 2]]


def test_a_table_is_known_by_the_schema_alone(path):
    con = map_database.connect(path)

    assert list(map_database.read_table(con, "sources")) == [column.name for column in SOURCES]
    with pytest.raises(NotBuiltError):
        map_database.read_table(con, "duckdb_settings()")
    con.close()


def test_rows_within_bounds_are_those_whose_boxes_meet_them(tmp_path):
    con = map_database.connect(small_map.publish(tmp_path / "build"))
    _, south, east, north = small_map.SHAPES["concessions"].bounds

    met = [
        map_database.read_layer(con, LAYERS["concessions"], bounds=bounds)["id"].tolist()
        for bounds in ((east, north, east + 1, north + 1), (east + 0.001, south, east + 1, north))
    ]

    assert met == [["concessions/1"], []]


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc to tell how much memory a process has")
@pytest.mark.parametrize("name", ["httpfs", "spatial"])
def test_an_extension_for_which_there_is_no_memory_is_refused(name):
    script = f"""
import resource
from pathlib import Path
from lindero.layers.database import extensions, map_database
con = map_database.open_in_memory()
taken = int(Path("/proc/self/status").read_text().split("VmSize:")[1].split()[0]) * 1024
resource.setrlimit(resource.RLIMIT_AS, (taken + 300 * 1024**2,) * 2)
try:
    extensions.load_extension(con, {name!r})
except MemoryError:
    print("refused")
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (0, "refused\n"), done.stderr
