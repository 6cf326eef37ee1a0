import gzip
import re

import pytest
from pmtiles.reader import Reader
from pmtiles.tile import tileid_to_zxy, zxy_to_tileid

from lindero.app.builder import build as build_module
from lindero.app.builder.build import build_map
from lindero.app.media.pages.current import open_map
from lindero.app.media.site import publication_files
from lindero.app.serving.routes import tiles
from lindero.layers.database import extensions, map_database
from lindero.layers.disk import builds
from lindero.layers.reference import base_data
from lindero.layers.tiles import pyramid, tile_archive, tile_query
from tests import small_map
from tests.files import concessions
from tests.layers.tiles.test_tile_query import address

IN_BOTH = -74.93, -9.97


@pytest.fixture
def map_file(tmp_path):
    return small_map.publish(tmp_path / "build")


def test_every_tile_of_the_low_zooms_is_as_the_database_cuts_it(map_file, tmp_path):
    assert tile_archive.write_archive(map_file, tmp_path / "a.pmtiles", fewest=1)
    archive = tile_archive.Archive(tmp_path / "a.pmtiles")
    con = map_database.connect(map_file, spatial=True)

    found = 0
    for z in range(archive.last_zoom + 1):
        _, column, row = address(z, *IN_BOTH)
        for x in range(max(column - 1, 0), min(column + 3, 2**z)):
            for y in range(max(row - 1, 0), min(row + 2, 2**z)):
                kept = archive.tile(z, x, y)
                assert (gzip.decompress(kept) if kept else b"") == tile_query.build_tile(con, z, x, y)
                found += kept is not None
    assert found > archive.last_zoom


def test_a_zoom_of_what_was_read_before_is_as_the_database_cuts_each_of_its_tiles(map_file):
    con = map_database.connect(map_file, spatial=True)
    read = [tile_query.read_features(con, layer, map_database.WORLD) for layer in tile_query.TILE_LAYERS]
    one = [map_database.read_sources(con)[0].source_id]
    for z, left_out in [*((z, ()) for z in range(publication_files.LAST_ZOOM + 1)), (0, one)]:
        there = pyramid.build_zoom(con, read, z, left_out)
        _, x, y = address(z, *IN_BOTH)
        beside = {(min(x + 1, 2**z - 1), y), (x, min(y + 1, 2**z - 1))}

        assert there
        for x, y in {tileid_to_zxy(number)[1:] for number in there} | beside:
            assert there.get(zxy_to_tileid(z, x, y), b"") == tile_query.build_tile(con, z, x, y, left_out)
    assert there != pyramid.build_zoom(con, read, 0, ())  # what is left out is not counted


def test_the_same_map_gives_the_same_archive(map_file, tmp_path):
    for name in ("a", "b"):
        tile_archive.write_archive(map_file, tmp_path / name, fewest=1)

    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_map_of_few_features_gets_none_and_loads_nothing_for_them(map_file, tmp_path, monkeypatch):
    monkeypatch.setattr(extensions, "load_extension", None)  # a third of a second, of a build that takes one

    assert not tile_archive.write_archive(map_file, tmp_path / "a.pmtiles")
    assert not (tmp_path / "a.pmtiles").exists()


def test_an_archive_of_another_format_is_not_served(map_file, tmp_path, monkeypatch):
    monkeypatch.setattr(tile_archive, "FORMAT", "0")
    tile_archive.write_archive(map_file, tmp_path / "a.pmtiles", fewest=1)
    monkeypatch.undo()

    assert tile_archive.Archive(tmp_path / "a.pmtiles").last_zoom == -1


@pytest.fixture
def tiled(monkeypatch):
    """Builds that cut tiles of the smallest map."""
    write = tile_archive.write_archive
    monkeypatch.setattr(
        build_module.tile_archive, "write_archive", lambda *args, **named: write(*args, **named, fewest=1)
    )


@pytest.mark.usefixtures("tiled")
def test_a_build_puts_the_tiles_beside_the_map_and_forgets_old_ones(files):
    for row in range(4):
        files.add("concessions", concessions(3, row=row), id=f"s{row}")
        path = build_map(files.space).path
        folder = path.parent

        assert path.with_suffix(builds.TILES).is_file()

    assert len(list(folder.glob("*.pmtiles"))) == len(list(folder.glob("map-*.duckdb"))) == 2


def test_what_a_build_left_that_was_killed_between_the_two_names_is_cleared(tmp_path):
    stray = tmp_path / "map-1-abc.pmtiles"
    stray.write_text("x")
    for number in range(3):
        new = tmp_path / ".map-new.duckdb"
        new.write_text("map")
        path = builds.publish_map(tmp_path, new, digest=str(number), inputs=str(number))

    assert path.name.startswith("map-4-")
    assert not stray.exists()


@pytest.mark.usefixtures("tiled")
def test_the_server_gives_the_tiles_of_the_current_map(files, monkeypatch):
    files.add("concessions", concessions(3))
    folder = build_map(files.space).path.parent
    open_map.use_folder(folder)
    at = address(6, -78.49, -6.99)

    with monkeypatch.context() as patch:
        patch.setattr(tile_query, "build_tile", lambda *_: pytest.fail("cut anew"))
        first = tiles._read_tile(*at)
    files.add("concessions", concessions(3, row=1), id="more")
    build_map(files.space)
    second = tiles._read_tile(*at)

    assert gzip.decompress(first) != gzip.decompress(second)
    assert b"more/" in gzip.decompress(second)


def test_directories_of_the_background_are_taken_apart_once():
    content, looked_at = base_data.BASEMAP.read_bytes(), []

    def read(offset, length):
        looked_at.append((offset, length))
        return content[offset : offset + length]

    found = tile_archive.TileReader(read)
    first = found.tile(8, 74, 133)
    looked_at.clear()
    again = found.tile(8, 74, 133)

    assert len(looked_at) == 1  # the tile alone
    assert again == first == Reader(read).get(8, 74, 133)
    assert first is not None
    assert found.tile(9, 149, 266) is None  # closer than it goes


@pytest.mark.usefixtures("tiled")
def test_far_out_what_two_registers_tell_is_counted_once(files):
    files.add("concessions", concessions(4), id="whole")
    files.add("concessions", concessions(3), id="light")
    path = build_map(files.space).path
    open_map.use_folder(path.parent)

    assert re.findall(rb"x\d+", gzip.decompress(tiles._read_tile(0, 0, 0))) == [b"x4"]
    with map_database.connect(path, spatial=True) as con:
        assert re.findall(rb"x\d+", publication_files.build_tiles(con)[0][3]) == [b"x4"]
