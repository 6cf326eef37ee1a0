import math

import pyogrio
import pytest
from shapely import box

from lindero.layers.database import map_database
from lindero.layers.tiles import tile_query
from tests.small_map import SHAPES, publish


@pytest.fixture(scope="module")
def con(tmp_path_factory):
    return map_database.connect(publish(tmp_path_factory.mktemp("tiles") / "build"), spatial=True)


def address(z: int, lon: float, lat: float) -> tuple[int, int, int]:
    side = 2**z
    return z, int((lon + 180) / 360 * side), int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * side)


def read(tile: bytes, at: tuple[int, int, int], layer: str, tmp_path):
    """Read a tile by GDAL, which knows of it only its bytes and its place."""
    z, x, y = at
    folder = tmp_path / str(z) / str(x)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{y}.mvt"
    path.write_bytes(tile)
    return pyogrio.read_dataframe(path, layer=layer, X=x, Y=y, Z=z, CLIP="NO").to_crs("OGC:CRS84")


@pytest.mark.parametrize("z", [8, 12])
def test_features_lie_in_the_tile_where_they_lie_on_earth(con, tmp_path, z):
    at = address(z, -74.93, -9.97)
    tile = tile_query.build_tile(con, *at)
    window = box(*tile_query.tile_bounds(*at))

    for name in ("concessions", "communities"):
        drawn = read(tile, at, name, tmp_path).geometry.union_all()
        wanted = SHAPES[name].intersection(window)
        assert drawn.symmetric_difference(wanted).area < 0.01 * wanted.area


def test_a_tile_says_what_the_filters_need(con, tmp_path):
    at = address(9, -74.93, -9.97)
    row = read(tile_query.build_tile(con, *at), at, "concessions", tmp_path).iloc[0]

    assert (row["id"], row["kind"], row["status"], row["year"]) == ("concessions/1", "mining", "granted", 2009)


def test_nothing_there_is_no_bytes(con):
    assert tile_query.build_tile(con, *address(9, 20, 40)) == b""
    assert tile_query.build_tile(con, *address(2, 20, 40)) == b""


@pytest.mark.parametrize("z", range(tile_query.FIRST_FEATURE_ZOOM))
def test_far_out_every_feature_is_counted_once(con, tmp_path, z):
    totals: dict[str, int] = {}
    for x in range(2**z) if z < 4 else [address(z, -74.93, -9.97)[1]]:
        for y in range(2**z) if z < 4 else [address(z, -74.93, -9.97)[2]]:
            if tile := tile_query.build_tile(con, z, x, y):
                cells = read(tile, (z, x, y), "counts", tmp_path)
                for name in cells.columns.drop(["geometry", "mvt_id", "by"], errors="ignore"):
                    totals[name] = totals.get(name, 0) + int(cells[name].sum())

    assert totals == {"mining": 1, "communities": 1, "protected_areas": 1, "incidents": 1}


def test_a_cell_holds_the_middle_of_what_it_counts(con, tmp_path):
    at = address(4, -74.93, -9.97)
    cells = read(tile_query.build_tile(con, *at), at, "counts", tmp_path)

    assert cells[cells["mining"] > 0].geometry.union_all().covers(SHAPES["concessions"].centroid)


def test_a_cell_tells_its_counts_by_class_state_and_year(con, tmp_path):
    at = address(4, -74.93, -9.97)
    cells = read(tile_query.build_tile(con, *at), at, "counts", tmp_path)
    told = {one for by in cells["by"] for one in by.split(",")}

    assert told == {"communities::-", "incidents::-", "mining:granted:2009", "protected_areas::-"}


def test_what_is_too_small_to_draw_is_a_dot_where_it_lies(tmp_path):
    speck = box(-74.9301, -9.9701, -74.93, -9.97)
    con = map_database.connect(publish(tmp_path / "build", shapes={"concessions": speck}), spatial=True)
    at = address(6, -74.93, -9.97)

    row = read(tile_query.build_tile(con, *at), at, "concessions", tmp_path).iloc[0]

    assert (row["id"], row["tiny"]) == ("concessions/1", 1)
    assert row.geometry.distance(speck.centroid) < 0.01


class Counting:
    """A connection that counts what it is asked."""

    def __init__(self, con):
        self.con, self.asked = con, 0

    def execute(self, *question):
        self.asked += 1
        return self.con.execute(*question)

    def __getattr__(self, name):
        return getattr(self.con, name)


def test_where_nothing_is_one_question_tells_it(con):
    counted = Counting(con)

    assert tile_query.build_tile(counted, *address(9, 20, 40)) == b""
    assert counted.asked == 1


@pytest.mark.parametrize("z", [6, 9, 12])
def test_a_tile_holds_all_that_each_layer_has_there(con, z):
    at = address(z, -74.93, -9.97)
    apart = [tile_query._encode_layer(con, layer, *at) for layer in tile_query.TILE_LAYERS]

    assert tile_query.build_tile(con, *at) == b"".join(apart) != b""
