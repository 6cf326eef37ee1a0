"""The map says of itself what every table, view and column holds, also to whoever opens it over the network."""

import re
import runpy
import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import duckdb
import pytest

from lindero.layers.database import comments, extensions, map_database, map_writer
from lindero.layers.model.schema import LAYERS, TABLES
from tests import small_map


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return small_map.publish(tmp_path_factory.mktemp("comments") / "build")


class Ranges(SimpleHTTPRequestHandler):
    """A server of files that answers ranges of bytes, as any web server does."""

    def do_GET(self):
        content = self.server.file.read_bytes()
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        first = int(asked[1]) if asked else 0
        last = min(int(asked[2] or len(content) - 1), len(content) - 1) if asked else len(content) - 1
        self.send_response(206 if asked else 200)
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Content-Length", str(last - first + 1))
        if asked:
            self.server.asked.append((first, last))
            self.send_header("Content-Range", f"bytes {first}-{last}/{len(content)}")
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content[first : last + 1])

    def do_HEAD(self):
        self.do_GET()

    def log_message(self, *_):
        pass


@contextmanager
def served(file):
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Ranges))
    server.file, server.asked = file, []
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/map.duckdb", server.asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


def test_every_table_view_and_column_has_a_comment(path):
    with duckdb.connect(str(path), read_only=True) as con:
        tables = dict(con.sql("SELECT table_name, comment FROM duckdb_tables()").fetchall())
        views = dict(con.sql("SELECT view_name, comment FROM duckdb_views() WHERE NOT internal").fetchall())
        silent = con.sql(
            "SELECT table_name, column_name FROM duckdb_columns() WHERE comment IS NULL AND NOT internal"
        ).fetchall()

    assert tables.keys() == {*LAYERS, *TABLES, "vocabularies"} == comments.TABLE_COMMENTS.keys()
    assert views.keys() == comments.VIEWS.keys()
    assert all(tables.values())
    assert all(views.values())
    assert silent == []


def test_a_map_that_a_test_begins_as_a_copy_is_the_same_as_one_that_is_made(tmp_path):
    begun = {"copy": map_writer.create_map, "made": map_writer.create_map.__wrapped__}
    for name, begin in begun.items():
        map_writer.finish_map(begin(tmp_path / f"{name}.duckdb"))

    copy, made = (_definitions(tmp_path / f"{name}.duckdb") for name in begun)
    assert copy == made
    assert len(made["columns"]) > 500


def _definitions(path):
    with map_database.connect(path) as con:
        of_map = "FROM duckdb_{}() WHERE database_name = 'map' ORDER BY ALL"
        told = {
            "tables": "table_name, comment, sql",
            "views": "view_name, comment, sql",
            "columns": "table_name, column_index, column_name, comment, data_type, is_nullable, column_default",
        }
        found = {kind: con.sql(f"SELECT {what} {of_map.format(kind)}").fetchall() for kind, what in told.items()}
        settings = con.sql("SELECT tags, options FROM duckdb_databases() WHERE database_name = 'map'").fetchall()
        return {**found, "settings": settings, "codes": con.sql("FROM vocabularies").fetchall()}


def test_a_view_shows_what_the_pages_show(path):
    with map_database.connect(path) as con:
        for view, name in comments.VIEWS.items():
            shown = con.execute(f"SELECT count(*) FROM {view}").fetchone()[0]
            assert shown == len(map_database.read_layer(con, LAYERS[name])), name


def test_no_comment_is_of_a_column_that_there_is_not():
    known = {column for table in comments.TABLE_COMMENTS for column in comments.list_columns(table)}

    assert comments.COLUMN_COMMENTS.keys() - known <= {"certain_ha", "possible_ha"}
    assert {column for _, column in comments.TABLE_COLUMN_COMMENTS} <= known


def test_the_page_is_as_it_would_be_made():
    made = runpy.run_path(str(Path(__file__).parents[3] / "docs" / "model.py"), run_name="model")
    text = made["PAGE"].read_text(encoding="utf-8")

    assert made["replace_section"](text) == text


def test_the_map_is_read_over_the_network_in_pieces(path):
    with served(path) as (address, asked), duckdb.connect() as con:
        for name in ("httpfs", "spatial"):
            extensions.load_extension(con, name)
        con.execute(f"ATTACH '{address}' AS map (READ_ONLY)")
        found = con.sql("SELECT name FROM map.current_communities ORDER BY area_ha DESC LIMIT 5").fetchall()

    assert found == [("The communities row",)]
    assert asked
