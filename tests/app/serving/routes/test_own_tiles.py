"""Tiles of the operator's own background: of the workspace that is served, looked at before each leaves."""

import gzip

import pytest
from pmtiles.tile import TileType
from starlette.applications import Starlette

from lindero.app.media.pages.current import open_map
from lindero.app.media.pages.maps import map_view
from lindero.app.serving.routes import tiles
from lindero.layers.errors import DamagedError
from lindero.layers.tiles import background_archive
from lindero.layers.workspace import backgrounds, manifest_file
from tests.app.serving.routes.test_light import Client
from tests.background_files import inside, pmtiles, png, vector_tile

AT = "/".join(map(str, inside(8, 8)[0]))


@pytest.fixture
def space(tmp_path):
    manifest_file.create_workspace(tmp_path / "space", title="Own", country="PE")
    open_map.use_folder(tmp_path / "space" / "build")
    return tmp_path / "space"


@pytest.fixture
def client(space):
    return Client(Starlette(routes=tiles.routes()), space)


def added(space, name="photos", **options):
    file = pmtiles(space.parent / f"{name}.pmtiles", **options)
    looked = backgrounds.InspectedArchive(file, background_archive.Background(file).about, 1)
    backgrounds.add_background(space, looked, title=name, attribution='<b>© Example</b> & "Sons"')


def test_images_come_as_images_and_where_there_are_none_as_nothing_to_be_seen(space, client):
    added(space)

    answer = client.get(f"/tiles/own/photos/{AT}")

    assert (answer.status_code, answer.headers["content-type"], answer.content) == (200, "image/png", png())
    assert client.get("/tiles/own/photos/8/0/0").content.startswith(b"\x89PNG")
    assert [client.get(f"/tiles/own/{path}").status_code for path in ("photos/3/9/0", "photos/30/0/0", "no/1/0/0")] == [
        404
    ] * 3


def test_vector_tiles_come_packed(space, client):
    added(space, kind=TileType.MVT)

    answer = client.get(f"/tiles/own/photos/{AT}")

    assert (answer.headers["content-encoding"], answer.content) == ("gzip", vector_tile())
    assert client.get("/tiles/own/photos/8/0/0").status_code == 204


def test_a_tile_that_would_burst_a_browser_does_not_leave(space, client):
    added(space, kind=TileType.MVT, tiles={inside(8, 8)[0]: gzip.compress(b"\x1a" + bytes(40 * 1024**2))})

    answer = client.get(f"/tiles/own/photos/{AT}")

    assert (answer.status_code, answer.content) == (503, b"")


def test_what_is_added_and_taken_out_meanwhile_is_known_at_once(space, client):
    assert client.get(f"/tiles/own/photos/{AT}").status_code == 404
    added(space)
    assert client.get(f"/tiles/own/photos/{AT}").status_code == 200
    backgrounds.TABLE.remove_entry(space, "photos")
    assert client.get(f"/tiles/own/photos/{AT}").status_code == 404


def test_a_file_put_in_its_place_is_left_out_and_the_map_goes_on(space, client):
    added(space)
    (space / "basemap" / "photos.pmtiles").write_bytes(b"PMTiles\x03")

    assert client.get(f"/tiles/own/photos/{AT}").status_code == 404
    with pytest.raises(DamagedError):
        background_archive.Background(space / "basemap" / "photos.pmtiles")


def test_the_page_is_told_whose_it_is_as_text_and_for_leaflet_as_harmless_html(space):
    added(space)

    told = map_view._map_settings([], "", "", map_view.NO_FILTER, 8)["backgrounds"]

    assert [(one["attribution"], one["credit"]) for one in told] == [
        ('© Example & "Sons"', "© Example &amp; &quot;Sons&quot;")
    ]
