"""MBTiles of others become PMTiles, with the same tiles; a database that does harm is given up in a sentence."""

import gzip
import sqlite3
from contextlib import closing, nullcontext

import pytest

from lindero.layers.errors import DamagedError, SourceError
from lindero.layers.tiles.background_archive import Background
from lindero.layers.workspace import backgrounds
from tests.background_files import BOUNDS, inside, png, vector_tile
from tests.background_files import mbtiles as made

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT 6 AS zoom_level, 0 AS tile_column, 0 AS tile_row, x'00' AS tile_data FROM n WHERE i < 0"


def converted(tmp_path, *, seconds=60, **options):
    backgrounds.to_pmtiles(made(tmp_path / "own.mbtiles", **options), tmp_path / "own.pmtiles", seconds=seconds)
    return Background(tmp_path / "own.pmtiles")


def test_tiles_keep_their_places_though_rows_are_counted_from_the_south(tmp_path):
    found = converted(tmp_path)

    assert found.about.bounds == BOUNDS
    assert (found.about.form, found.about.attribution, found.check_tiles()) == ("png", "© Example", len(inside(6, 6)))
    assert all(found.tile(*at) == png() for at in inside(6, 6))


@pytest.mark.parametrize("tile", [vector_tile(), gzip.compress(vector_tile())])
def test_vector_tiles_are_packed_once(tmp_path, tile):
    found = converted(tmp_path, form="pbf", tile=tile)

    assert gzip.decompress(found.tile(*inside(6, 6)[0])) == vector_tile()


@pytest.mark.parametrize(
    "view", [ENDLESS, "SELECT 1 AS zoom_level, 0 AS tile_column, 0 AS tile_row, x'00' AS tile_data"]
)
def test_a_view_is_refused_whatever_it_is_of(tmp_path, view):
    with pytest.raises(SourceError, match="come from a query or from code"):
        converted(tmp_path, view=view)


@pytest.mark.parametrize("is_sound", [True, False])
def test_tiles_that_programs_keep_once_are_read_and_not_their_view(tmp_path, is_sound):
    path = made(tmp_path / "own.mbtiles")
    with closing(sqlite3.connect(path)) as con, con:
        con.execute("CREATE TABLE images (tile_id text, tile_data blob)")
        con.execute("INSERT INTO images SELECT DISTINCT 'same', tile_data FROM tiles")
        con.execute("CREATE TABLE map AS SELECT zoom_level, tile_column, tile_row, 'same' AS tile_id FROM tiles")
        con.execute("DROP TABLE tiles")
        con.execute(f"CREATE VIEW tiles AS {ENDLESS}")
        if not is_sound:
            con.execute("INSERT INTO images SELECT * FROM images")  # each would be joined with each

    with nullcontext() if is_sound else pytest.raises(SourceError, match="come from a query or from code"):
        backgrounds.to_pmtiles(path, tmp_path / "own.pmtiles")
        assert Background(tmp_path / "own.pmtiles").check_tiles() == len(inside(6, 6))


def test_a_question_that_takes_too_long_is_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr(backgrounds, "_STEPS", 1)
    with pytest.raises(DamagedError, match="cannot be read as MBTiles: interrupted"):
        converted(tmp_path, seconds=-1)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"form": "svg"}, "of a type that Lindero does not show"),
        ({"tile": b""}, "empty or too large"),
        ({"tile": bytes(5 * 1024**2)}, "empty or too large"),
    ],
)
def test_what_is_no_mbtiles_is_refused(tmp_path, options, told):
    with pytest.raises((DamagedError, SourceError), match=told):
        converted(tmp_path, **options)


def test_another_database_is_told_that_it_is_no_mbtiles(tmp_path):
    path = tmp_path / "own.mbtiles"
    with closing(sqlite3.connect(path)) as con, con:
        con.execute("CREATE TABLE gpkg_contents (table_name TEXT)")

    with pytest.raises(SourceError, match="is a database, but not MBTiles"):
        backgrounds.to_pmtiles(path, tmp_path / "own.pmtiles")


def test_a_database_cut_off_is_refused(tmp_path):
    path = made(tmp_path / "own.mbtiles")
    path.write_bytes(path.read_bytes()[:6000])

    with pytest.raises(DamagedError):
        backgrounds.to_pmtiles(path, tmp_path / "own.pmtiles")
