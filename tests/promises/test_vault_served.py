"""The vault served: a banner on every page, its rows on pages and tiles of that server alone, and nothing kept of them."""

import datetime as dt
import gzip
import json
import math
from functools import partial
from pathlib import Path

import pytest
import streamlit

from lindero.app.answers.place.spot import Spot
from lindero.app.media.pages.current import map_layers, open_map, rights
from lindero.app.media.text import assets
from lindero.app.serving.asgi import SCRIPT
from lindero.app.serving.light import answer as light_answer
from lindero.app.serving.routes import tiles
from lindero.layers.disk import builds
from lindero.layers.tiles import tile_archive, tile_query
from tests import app_page, http_answer, small_map
from tests.secret_files import SECRETS
from tests.shown_tables import tables

BANNER = "The vault is open"
VIEWS = sorted(path.stem for path in (SCRIPT.parent / "media" / "pages" / "views").glob("*.py"))


def served(world, held):
    open_map.use_folder(world.files.space.build_folder, held)
    open_map.set_operated_workspace(world.files.folder)


def first_page(world, held):
    served(world, held)
    return app_page.at_page("near_me")


def at_page(world, name, held):
    served(world, held)
    return app_page.at_page(name)


@pytest.fixture(autouse=True)
def _nobody_operates():
    yield
    open_map.set_operated_workspace(None)
    rights.use_roles(None)


@pytest.fixture(scope="module")
def reader(world):
    """A reader of the open vault, who goes from page to page."""
    return first_page(world, world.held)


@pytest.mark.parametrize("name", VIEWS)
def test_the_banner_stands_on_every_page(world, reader, name):
    served(world, world.held)
    shown = reader.switch_page(f"media/pages/views/{name}.py").run()

    assert not shown.exception
    assert shown.title[0].value
    assert BANNER in shown.error[0].value


def test_no_banner_stands_where_the_vault_is_closed(world):
    shown = at_page(world, "sources", None)

    assert not any(BANNER in each.value for each in shown.error)


def told_near(world, secret, held):
    shown = at_page(world, "near_me", held)
    shown.text_input[0].input(f"{secret.latitude}, {secret.longitude}").run()
    assert not shown.exception
    return "\n".join([*(str(frame.to_dict()) for frame in tables(shown)), *(m.value for m in shown.markdown)])


def test_private_rows_are_in_the_lists_of_the_open_vault_alone(world):
    title = SECRETS[0].row()["title"]

    assert title in told_near(world, SECRETS[0], world.held)
    assert title not in told_near(world, SECRETS[0], None)


@pytest.fixture(scope="module")
def opened(world):
    with small_map.serving(world.files.space.build_folder, held=world.held, operated=world.files.folder) as address:
        yield address.removeprefix("http://")


@pytest.fixture(scope="module")
def closed(world):
    with small_map.serving(world.files.space.build_folder) as address:
        yield address.removeprefix("http://")


ask = partial(http_answer.ask, **{"Host": "localhost", "Accept-Encoding": "gzip"})


SCRIPT_OF_STREAMLIT = next(
    path.name for path in Path(streamlit.__file__).parent.joinpath("static/static/js").glob("index*.js")
)
ADDRESSES = [
    "/",
    "/health",
    f"{assets.PREFIX}map.js",
    "/tiles/map/0/0/0",
    "/tiles/base/0/0/0",
    "/feed/community/communities/K1.atom",
    "/ogc/collections",
    "/media/none.csv",
    "/_stcore/health",
    f"/static/js/{SCRIPT_OF_STREAMLIT}",
]


@pytest.mark.parametrize("path", ADDRESSES)
def test_every_answer_of_the_open_vault_forbids_to_keep_it(opened, path):
    assert ask(opened, path).headers.get_all("cache-control") == ["no-store"]


def test_without_the_vault_scripts_may_be_kept(closed):
    assert "immutable" in ask(closed, f"/static/js/{SCRIPT_OF_STREAMLIT}").headers["cache-control"]


def test_tiles_hold_private_rows_where_the_vault_is_open_alone(opened, closed):
    path, title = tile_of(SECRETS[0]), SECRETS[0].row()["title"].encode()

    assert title in gzip.decompress(ask(opened, path).body)
    assert ask(closed, path).status == 204


def test_who_asks_for_features_gets_none_of_the_vault_also_where_it_is_open(opened, closed):
    path = "/ogc/collections/incidents/items?limit=2000"
    answers = [gzip.decompress(ask(server, path).body) for server in (opened, closed)]
    titles = {feature["properties"]["title"] for feature in json.loads(answers[0])["features"]}

    assert titles == {feature["properties"]["title"] for feature in json.loads(answers[1])["features"]}
    assert titles
    assert not any(secret.row()["title"].encode() in answer for secret in SECRETS for answer in answers)


def tile_of(secret):
    """Where the tile of a place is asked for: numbers of the Mercator projection that tiles are cut in."""
    zoom = tile_query.LAST_ZOOM
    across = (secret.longitude + 180) / 360
    down = (1 - math.asinh(math.tan(math.radians(secret.latitude))) / math.pi) / 2
    return f"/tiles/map/{zoom}/{int(across * 2**zoom)}/{int(down * 2**zoom)}"


@pytest.mark.parametrize(
    "may", [{rights.SEE}, {rights.SEE, rights.ADD}, {rights.VAULT}], ids=lambda may: "+".join(sorted(may))
)
def test_private_rows_are_told_only_to_who_may_see_the_vault(world, may):
    has_it = rights.VAULT in may
    open_map.use_folder(world.files.space.build_folder, world.held)
    rights.use_roles(rights.Roles("sub", "groups", frozenset(), ()))
    zoom, x, y = map(int, tile_of(SECRETS[0]).split("/")[-3:])
    title = SECRETS[0].row()["title"]
    spot = Spot("here", SECRETS[0].latitude, SECRETS[0].longitude)
    with rights.use_person(rights.Person("one", frozenset(may))):
        tile = tiles._read_tile(zoom, x, y) or gzip.compress(b"")
        told = str(light_answer.answer_place(spot, today=dt.date(2026, 11, 26)))
        near = str(map_layers.find_nearby(spot, within_km=20))

    assert (title.encode() in gzip.decompress(tile), title in near, title in told) == (has_it, has_it, has_it)


def test_tiles_cut_beforehand_are_not_used_where_the_vault_is_open(world):
    folder = world.files.space.build_folder
    path = builds.current_map(folder)
    file = path.with_suffix(builds.TILES)
    assert tile_archive.write_archive(path, file, fewest=1)
    try:
        assert open_map.ServedMap(folder).open_archive() is not None
        assert open_map.ServedMap(folder, world.held).open_archive() is None
    finally:
        file.unlink()
