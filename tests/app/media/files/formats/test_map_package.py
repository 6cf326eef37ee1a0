"""
Styled map packages: everything that the style refers to is there, for npm's `styled-map-package`, whose makers wrote the
format; what the tiles hold is read by GDAL.
"""

import gzip
import json
import math
import zipfile

import geopandas as gpd
import pyogrio
import pytest
import shapely

from lindero.app.media.files.formats import map_package
from lindero.app.media.files.formats.map_package import MOST_TILES, closest_zoom, tile_range
from lindero.layers.errors import AnswerError
from tests.files import SIDE, SOUTH, WEST, concessions, square
from tests.promises.conftest import PAYLOADS
from tests.real_servers import read_map_package

TERMS = ["Catastro de prueba. INGEMMET, 2026. Licence: open."]


def layers(count=3, **columns):
    kinds = ["mining", "forestry", "unheard of"] * count
    titles = concessions(count, kind=kinds[:count], **columns).assign(id=[f"c{n}" for n in range(count)])
    land = gpd.GeoDataFrame({"id": ["k1"], "name": ["Ñuñoa <b>"]}, geometry=[square(1, side=SIDE * 2)], crs="OGC:CRS84")
    return {"communities": land, "concessions": titles}


def package(tmp_path, found=None, **options):
    file = tmp_path / "mapa.smp"
    map_package.write_package(found or layers(), file, title="mapa", terms=TERMS, **options)
    return file


def style_of(file):
    with zipfile.ZipFile(file) as archive:
        return json.loads(archive.read("style.json"))


def drawn(file, tmp_path, layer):
    """The features of a layer in the closest tiles, in degrees, as GDAL reads them."""
    last = style_of(file)["sources"]["features"]["maxzoom"]
    found = []
    with zipfile.ZipFile(file) as archive:
        for name in archive.namelist():
            if not name.startswith(f"s/features/{last}/"):
                continue
            data = gzip.decompress(archive.read(name))
            if not data:
                continue
            *_, z, x, y = name.removesuffix(".mvt.gz").split("/")
            tile = tmp_path / "tiles" / z / x / f"{y}.mvt"
            tile.parent.mkdir(parents=True, exist_ok=True)
            tile.write_bytes(data)
            if layer in pyogrio.list_layers(tile)[:, 0]:
                found.append(pyogrio.read_dataframe(tile, layer=layer).to_crs("OGC:CRS84"))
    return [row for frame in found for row in frame.to_dict("records")]


@pytest.mark.servers
def test_npms_reader_finds_all_that_the_style_refers_to(tmp_path):
    told = read_map_package(package(tmp_path))

    assert told["name"] == "mapa"
    assert told["metadata"]["smp:maxzoom"] == 12
    assert told["metadata"]["smp:bounds"] == pytest.approx([WEST, SOUTH, WEST + 3 * SIDE, SOUTH + 2 * SIDE])
    assert told["sources"]["features"]["zooms"] == [5, 12]
    assert told["sources"]["features"]["tiles"] > told["sources"]["features"]["empty"]
    assert told["sources"]["ground"]["zooms"] == [0, 8]
    assert told["sources"]["ground"]["empty"] == 0
    assert {0, 256} <= set(told["glyphs"]["DejaVu Sans"])


@pytest.mark.servers
def test_npms_reader_misses_a_tile_that_was_taken_out(tmp_path):
    file, less = package(tmp_path), tmp_path / "less.smp"
    with zipfile.ZipFile(file) as whole, zipfile.ZipFile(less, "w") as part:
        taken = next(name for name in whole.namelist() if name.startswith("s/features/12/"))
        for name in whole.namelist():
            if name != taken:
                part.writestr(name, whole.read(name))

    with pytest.raises(AssertionError, match=taken):
        read_map_package(less)


def test_tiles_hold_the_rows_where_they_lie(tmp_path):
    found = layers()
    file = package(tmp_path, found)
    titles = {row["id"]: row for row in found["concessions"].to_dict("records")}

    read = drawn(file, tmp_path, "concessions")
    assert {row["id"] for row in read} == titles.keys()
    for one in titles:
        parts = shapely.union_all([row["geometry"] for row in read if row["id"] == one])
        assert parts.symmetric_difference(titles[one]["geometry"]).area < 2e-3 * titles[one]["geometry"].area
    assert {(row["id"], row["name"], row["kind"]) for row in read} == {
        (row["id"], row["name"], row["kind"]) for row in titles.values()
    }


def test_every_kind_of_concession_is_drawn_by_one_class(tmp_path):
    filters = {
        layer["id"]: layer["filter"]
        for layer in style_of(package(tmp_path))["layers"]
        if layer["id"].endswith("-veil") and layer["source-layer"] == "concessions"
    }

    def is_drawn(condition, kind):
        sign, *parts = condition
        if sign == "all":
            return all(is_drawn(part, kind) for part in parts)
        if sign == "!":
            return not is_drawn(parts[0], kind)
        if sign == "has":
            return False  # what is drawn whole is not marked as tiny
        return kind in parts[1][1] if sign == "in" else kind == parts[1]

    for kind, wanted in {"mining": "mining-veil", "forestry": "forestry-veil", "unheard of": "other-veil"}.items():
        assert [name for name, condition in filters.items() if is_drawn(condition, kind)] == [wanted]


def test_the_style_refers_to_nothing_outside_and_says_whose_the_rows_are(tmp_path):
    style = style_of(package(tmp_path))
    addresses = [style["glyphs"], *(url for source in style["sources"].values() for url in source["tiles"])]

    assert all(address.startswith("smp://maps.v1/") for address in addresses)
    assert "://" not in json.dumps(style).replace("smp://maps.v1/", "")
    assert style["sources"]["features"]["attribution"] == TERMS[0]
    assert "GeoNames" in style["sources"]["ground"]["attribution"]


def test_entries_stand_in_the_order_that_the_format_advises_and_are_the_same_every_time(tmp_path):
    first = package(tmp_path)
    data = first.read_bytes()
    names = zipfile.ZipFile(first).namelist()
    zooms = [int(name.split("/")[2]) for name in names if name.startswith("s/")]

    assert names[:3] == ["VERSION", "style.json", "fonts/DejaVu Sans/0-255.pbf.gz"]
    assert zooms == sorted(zooms)
    assert zipfile.ZipFile(first).read("VERSION") == b"1.0"
    assert package(tmp_path).read_bytes() == data


@pytest.mark.parametrize("bounds", [(-81.4, -18.4, -68.6, 0.0), (-75.2, -10.2, -74.8, -9.8), (-180, -85, 180, 85)])
def test_no_package_has_too_many_tiles(bounds):
    last = closest_zoom(bounds)

    def count(zoom):
        boxes = [tile_range(bounds, z) for z in range(zoom + 1)]
        return sum((east - west + 1) * (south - north + 1) for west, north, east, south in boxes)

    assert count(last) <= MOST_TILES
    assert last == 12 or count(last + 1) > MOST_TILES


@pytest.mark.servers
def test_a_box_shows_its_own_ground_alone(tmp_path):
    within = (WEST, SOUTH, WEST + SIDE, SOUTH + SIDE)
    told = read_map_package(package(tmp_path, within=within))

    assert told["metadata"]["smp:bounds"] == pytest.approx(list(within))
    west, north, east, south = tile_range(within, 12)
    most = math.prod((east - west + 1, south - north + 1)) * told["sources"]["features"]["zooms"][1]
    assert told["sources"]["features"]["tiles"] <= most


def test_text_of_strangers_stays_in_the_tiles(tmp_path):
    file = package(tmp_path, layers(len(PAYLOADS), name=list(PAYLOADS)))

    assert {row["name"] for row in drawn(file, tmp_path, "concessions")} == set(PAYLOADS)
    assert not any(payload in json.dumps(style_of(file), ensure_ascii=False) for payload in PAYLOADS)


def test_what_has_no_place_is_refused(tmp_path):
    nowhere = concessions(1).assign(id=["a"], geometry=[None])

    with pytest.raises(AnswerError, match="these rows have no geometry"):
        package(tmp_path, {"concessions": gpd.GeoDataFrame(nowhere, crs="OGC:CRS84")})
