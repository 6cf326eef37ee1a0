"""An operator's own background in a pocket map: as deep as there is room, with whose it is, and asking nothing."""

import base64
import gzip
import random
import re

import pytest
from pmtiles.tile import TileType, tileid_to_zxy

from lindero.app.builder.build import build_map
from lindero.app.media.phone import background
from lindero.app.media.phone.about import MOST_BYTES, Subject
from lindero.app.media.phone.background import ChosenBackground, extract_tiles
from lindero.app.media.site.pack import create_pack
from lindero.app.media.site.pack_check import check_pocket_map, read_page
from lindero.layers.tiles.background_archive import Background
from lindero.layers.workspace import backgrounds
from tests import background_files
from tests.background_files import inside, png
from tests.client import ask
from tests.files import SOUTH, TODAY, WEST, Files, concessions
from tests.patience import until

AROUND = (WEST - 0.3, SOUTH - 0.3, WEST + 0.3, SOUTH + 0.3)
GROUND = (WEST, SOUTH, WEST + 0.02, SOUTH + 0.02)
WHOSE = "© Example & Sons"
STREETS = gzip.compress(background_files.vector_tile(), mtime=0)
SEEN = {"photos": [239, 167, 102], "streets": [0xF6, 0xF3, 0xEA]}  # orange under the veil, and `earth`
POLICY = re.compile('Content-Security-Policy" content="([^"]*)')


def heavy(first, last, *, kilobytes=20):
    """Tiles that no page packs any further."""
    noise = random.Random(7)
    return {at: png() + noise.randbytes(1000 * kilobytes) for at in inside(first, last, bounds=AROUND)}


def chosen(tmp_path, tiles, *, kind=TileType.PNG, bounds=AROUND):
    file = background_files.pmtiles(tmp_path / "own.pmtiles", tiles, kind=kind, bounds=bounds)
    return ChosenBackground(Background(file), "Own", WHOSE)


@pytest.fixture(scope="module")
def space(tmp_path_factory):
    files = Files(tmp_path_factory.mktemp("cut") / "space")
    files.add("concessions", concessions(2))
    files.add("communities", concessions(1).drop(columns=["holder", "status"]).assign(code=["K1"]))
    build_map(files.space)
    streets = dict.fromkeys(inside(8, 12, bounds=AROUND), STREETS)
    for name, kind, tiles, bounds in [
        ("photos", TileType.PNG, heavy(8, 13), AROUND),
        ("streets", TileType.MVT, streets, AROUND),
        ("elsewhere", TileType.PNG, None, background_files.BOUNDS),
    ]:
        file = background_files.pmtiles(files.folder.parent / f"{name}.pmtiles", tiles, kind=kind, bounds=bounds)
        looked = backgrounds.InspectedArchive(file, Background(file).about, 1)
        backgrounds.add_background(files.folder, looked, title=name, attribution=WHOSE)
    return files.space


@pytest.fixture(scope="module", params=list(SEEN))
def packed(request, space, tmp_path_factory):
    """A pocket map with images, and one with vector tiles; what the page is to show, and its file."""
    made = create_pack(space, Subject.COMMUNITY, "communities/K1", today=TODAY, basemap=request.param)
    page = tmp_path_factory.mktemp("packed") / f"{request.param}.html"
    page.write_text(made.html, encoding="utf-8")
    return request.param, page, made


def test_half_the_room_is_for_all_round_and_the_rest_for_the_place_itself(tmp_path):
    found = extract_tiles(chosen(tmp_path, heavy(8, 13)), AROUND, GROUND, 800_000)
    zooms = [tileid_to_zxy(number)[0] for number in found.tiles]

    assert (found.first, found.frame_last, found.last, found.file_last) == (9, 10, 13, 13)
    assert zooms.count(10) == len(inside(10, 10, bounds=AROUND))
    assert zooms.count(13) == len(inside(13, 13, bounds=GROUND))
    assert sum(len(text) for _size, text in found.tiles.values()) < 800_000
    assert found.to_dict()["is_cut"]


def test_a_tile_that_is_cut_off_is_read_up_to_its_damage():
    tile = background_files.vector_tile()
    whole, cut_off = ask("features", [[0, 0, 0, base64.b64encode(one).decode()] for one in (tile, tile[:-20])])

    assert [one["layer"] for one in whole] == ["earth", "roads", "places"]
    assert cut_off == whole[: len(cut_off)]


def test_what_all_fits_is_all_there(tmp_path):
    found = extract_tiles(chosen(tmp_path, heavy(8, 11, kilobytes=1)), AROUND, GROUND, 800_000)

    assert (found.frame_last, found.last) == (11, 11)
    assert not found.to_dict()["is_cut"]


@pytest.mark.parametrize("room", [15_000, 0])
def test_no_room_and_no_tiles_give_nothing(tmp_path, room):
    assert extract_tiles(chosen(tmp_path, heavy(8, 9)), AROUND, GROUND, room) is None
    assert extract_tiles(chosen(tmp_path, None, bounds=background_files.BOUNDS), AROUND, GROUND, 800_000) is None


@pytest.mark.parametrize(
    "change",
    [
        {"attribution": ""},
        {"form": "svg+xml"},
        {"script": "x"},
        {"tiles": []},
        {"tiles": {"1": [4, "AAAA"]}},
        {"form": "mvt"},
    ],
    ids=["nobody's", "another form", "more", "no tiles", "no tile", "images as vector tiles"],
)
def test_what_is_no_background_is_found(tmp_path, change):
    told = extract_tiles(chosen(tmp_path, heavy(8, 9)), AROUND, GROUND, 800_000).to_dict()

    assert list(background.find_faults(told)) == []
    assert list(background.find_faults(told | change))


def test_a_page_with_a_background_is_small_enough_and_its_promises_are_proved(packed, space):
    name, page, made = packed
    plain = create_pack(space, Subject.COMMUNITY, "communities/K1", today=TODAY)

    told = check_pocket_map(page, None)

    assert told.broken == []
    assert any("basemap of tiles only" in line for line in told.proofs)
    assert len(plain.html.encode()) < len(made.html.encode()) <= MOST_BYTES[Subject.COMMUNITY]
    assert (made.background.last == 13) == (name == "photos")
    assert POLICY.search(made.html)[1] == POLICY.search(plain.html)[1]
    assert read_page(page)[1]["background"]["attribution"] == WHOSE


def test_it_is_chosen_beside_the_one_of_lindero_and_asks_nobody(packed, apart):
    name, page, _made = packed
    view = apart.new_page(viewport={"width": 360, "height": 740}, locale="en")
    asked = []
    view.on("request", lambda request: asked.append(request.url))
    colour = "canvas => [...canvas.getContext('2d').getImageData(30, canvas.height - 80, 1, 1).data].slice(0, 3)"
    view.goto(page.as_uri())
    shown = view.locator("canvas.map")

    view.get_by_label(name).check()
    for code in ("concessions", "communities"):
        view.locator(f"#shown-{code}").uncheck() if view.locator(f"#shown-{code}").count() else None

    until(lambda: shown.evaluate(colour) == pytest.approx(SEEN[name], abs=2), seconds=20)
    assert WHOSE in view.locator("#whose").text_content()
    view.get_by_label("Lindero's own").check()
    until(lambda: name == "streets" or shown.evaluate(colour) != pytest.approx(SEEN[name], abs=2), seconds=20)
    assert view.locator("#whose").text_content() == "Natural Earth, GeoNames, GSHHG"
    assert [one for one in asked if not one.startswith("data:")] == [page.as_uri()]
    view.close()


def test_by_command_it_is_said_what_is_in_and_what_is_left_out(typed, space, tmp_path):
    asked = ("pack", "community", "communities/K1", "--workspace", space.folder, "--output", tmp_path)

    assert "Not included: photos, streets, elsewhere." in typed(*asked)[2]
    told = typed(*asked, "--basemap", "photos")[2]
    assert "Basemap: photos. Attribution: © Example & Sons." in told
    assert re.search(r"Zoom levels 9 to \d+ for the whole map, up to 13 for the place itself", told)
    assert "no tiles here" in typed(*asked, "--basemap", "elsewhere")[2]
    assert "there is no basemap 'nowhere'" in typed(*asked, "--basemap", "nowhere")[2]
