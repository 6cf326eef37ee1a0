"""How the base data is made: the steps that decide what the map shows, on worlds checked by hand."""

import hashlib
import io
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from scripts.base_sources import admin, basemap, packages, relief, settlements, tiles, waters
from scripts.base_sources.areas import AREAS, Area

CRS = "OGC:CRS84"
WEST_LAND = shapely.box(-70, -10, -60, 0)
EAST_LAND = shapely.box(-60, -10, -50, 0)


def frame(geometry, **columns) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=geometry, crs=CRS)


def two_countries() -> gpd.GeoDataFrame:
    return frame([WEST_LAND, EAST_LAND], country=["WW", "EE"])


def test_a_boundary_line_that_ends_just_short_of_the_coast_still_cuts_the_country():
    line = gpd.GeoSeries([shapely.LineString([(-65, -9.99), (-65, -0.00001)])], crs=CRS)

    pieces = admin.split_countries(two_countries(), line)

    assert sorted(pieces["country"]) == ["EE", "WW", "WW"]
    assert shapely.coverage_is_valid(pieces.geometry.array)
    assert shapely.area(pieces.geometry.array).sum() == pytest.approx(200)


def test_a_piece_is_named_after_most_of_its_places_and_only_those_of_its_country():
    pieces = frame([WEST_LAND, EAST_LAND], country=["WW", "EE"])
    places = frame(
        shapely.points([(-65, -5), (-64, -5), (-63, -5), (-62, -5), (-55, -5)]),
        country=["WW", "WW", "WW", "EE", "EE"],
        level_1=["WW.01", "WW.01", "WW.02", "EE.09", "EE.01"],
    )

    assert admin.name_pieces(pieces, places)["level_1"].tolist() == ["WW.01", "EE.01"]


def test_an_islet_without_a_place_goes_with_the_nearest_region_of_its_country():
    pieces = frame([WEST_LAND, shapely.box(-48, -5, -47, -4), EAST_LAND], country=["WW", "WW", "EE"])
    places = frame(shapely.points([(-65, -5), (-55, -5)]), country=["WW", "EE"], level_1=["WW.01", "EE.01"])

    assert admin.name_pieces(pieces, places)["level_1"].tolist() == ["WW.01", "WW.01", "EE.01"]


def test_a_piece_whose_places_disagree_stays_without_a_region():
    pieces = frame([WEST_LAND], country=["WW"])
    places = frame(shapely.points([(-65, -5), (-64, -5)]), country=["WW", "WW"], level_1=["WW.01", "WW.02"])

    assert admin.name_pieces(pieces, places)["level_1"].isna().all()


def test_a_region_whose_outline_is_not_the_present_one_is_left_out():
    pieces = frame([WEST_LAND, EAST_LAND], country=["WW", "EE"], level_1=["WW.01", "EE.01"])
    places = frame(
        shapely.points([(-65, -5), (-64, -5), (-63, -5), (-55, -5), (-54, -5)]),
        level_1=["WW.01", "WW.01", "WW.02", "EE.01", "EE.01"],  # the west was split; WW.02 has no outline of its own
    )

    assert admin.remove_outdated_regions(pieces, places, 0.8)["level_1"].fillna("").tolist() == ["", "EE.01"]
    assert admin.remove_outdated_regions(pieces, places, 0.6)["level_1"].tolist() == ["WW.01", "EE.01"]


def test_large_places_are_listed_and_the_largest_of_each_province_that_has_none():
    area = Area((0, 0, 9, 9), countries=("WW",), outlined=("EE",), smallest_place=5_000)
    cities = frame(
        shapely.points([(1, 1)] * 7),
        name=["large", "small", "largest there", "smaller there", "not counted", "capital", "town"],
        country=["WW"] * 5 + ["EE"] * 2,
        level_2=["WW.01.1", "WW.01.1", "WW.01.2", "WW.01.2", "WW.01.3", "EE.01.1", "EE.01.2"],
        population=[9_000, 900, 800, 700, 0, 200_000, 90_000],
    )

    assert settlements.select_places(cities, area)["name"].tolist() == ["capital", "large", "largest there"]


def test_simplified_neighbours_still_share_their_edge():
    steps = [(-60 + 0.001 * (n % 2), -10 + n * 0.01) for n in range(1001)]
    west = shapely.Polygon([(-70, -10), *steps, (-70, 0)])
    east = shapely.Polygon([(-50, -10), *steps, (-50, 0)])

    simple = admin.simplify(frame([west, east]))

    assert shapely.coverage_is_valid(simple.geometry.array)
    assert shapely.get_num_coordinates(simple.geometry.array).max() < 500  # of 1,003


def test_a_border_is_what_two_areas_share():
    (border,) = basemap.shared_borders(frame([WEST_LAND, EAST_LAND]))

    assert border.equals(shapely.LineString([(-60, -10), (-60, 0)]))


def test_a_label_stands_inside_the_largest_part():
    horseshoe = shapely.box(0, 0, 10, 10) - shapely.box(3, 3, 7, 11)
    label = basemap.label_point(shapely.MultiPolygon([shapely.box(20, 20, 21, 21), horseshoe]))

    assert horseshoe.contains(label)


def test_of_two_neighbours_the_larger_is_labelled_first_and_in_the_end_both():
    zooms = settlements.label_zooms(
        np.array([20_000, 2_000_000, 2_000_000]), np.array([-70.0, -70.1, -50.0]), np.array([-10.0, -10.0, -10.0])
    )

    assert zooms[1] == zooms[2] == 3
    assert 3 < zooms[0] <= settlements.LAST_ZOOM


def test_a_province_stands_in_the_middle_of_its_places_and_reaches_to_the_farthest():
    cities = frame(shapely.points([(-70, -10), (-69, -10), (-65, -10)]), level_2=["PE.01.0101"] * 3, country=["PE"] * 3)
    names = pd.DataFrame(
        {"name": ["Chachapoyas", "Amazonas"], "code": ["PE.01.0101", "PE-AMA"], "aliases": [[], []], "country": "PE"},
        index=["PE.01.0101", "PE.01"],
    )

    province = settlements.build_provinces(cities, names, AREAS[0]).iloc[0]

    assert (province.geometry.x, province.geometry.y) == (-69, -10)
    assert province["region"] == "Amazonas"
    assert province["radius_m"] == pytest.approx(4 * 109_640, rel=0.001)  # a degree of longitude at 10° S


def test_pieces_of_one_river_are_joined():
    read = frame([shapely.LineString([(-70, 0), (-69, 0)]), shapely.LineString([(-69, 0), (-68, 1)])], rank=[1, 1])

    rivers = waters.merge_rivers(read)

    assert len(rivers) == 1
    assert rivers["rank"].tolist() == [1]


@given(
    x=st.floats(-1.9e7, 1.8e7),
    y=st.floats(-1.9e7, 1.8e7),
    size=st.floats(1e4, 1e6),
    zoom=st.integers(0, 5),
)
def test_what_is_split_into_tiles_is_all_there_and_each_in_its_tile(x, y, size, zoom):
    shape = shapely.box(x, y, x + size, y + size)

    pieces = tiles.split_into_tiles(np.array([shape]), zoom)

    assert shapely.union_all(pieces["shape"]).symmetric_difference(shape).area < 1e-6 * shape.area
    width = tiles.WORLD_M / 2**zoom
    for piece in pieces.itertuples():
        west, north = piece.x * width - tiles.WORLD_M / 2, tiles.WORLD_M / 2 - piece.y * width
        tile = shapely.box(west, north - width, west + width, north)
        assert tile.buffer(width * tiles.MARGIN / tiles.GRID * 1.001, join_style="mitre").contains(piece.shape)


def test_the_same_layers_give_the_same_tiles(tmp_path: Path):
    layers = {
        "land": frame([WEST_LAND]).assign(min_zoom=0),
        "places": frame(shapely.points([(-65, -5)]), name=["Ñaña"], min_zoom=[9]),
    }

    for name in ("one", "two"):
        tiles.write_tiles(layers, tmp_path / name, name="test", attribution="nobody")

    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_the_last_zoom_holds_what_is_drawn_deeper_and_the_others_do_not():
    place = frame(shapely.points([(-65, -5)]), min_zoom=[11])

    assert tiles.select_for_zoom(place, tiles.LAST_ZOOM - 1).empty
    assert len(tiles.select_for_zoom(place, tiles.LAST_ZOOM)) == 1


def test_a_package_with_other_bytes_is_refused(tmp_path: Path, monkeypatch):
    def download(_, *, cwd, check):
        assert check
        with zipfile.ZipFile(cwd / "a.whl", "w") as wheel:
            wheel.writestr("a.txt", "other")

    expected = hashlib.sha256(b"what it was").hexdigest()
    listed = [{"package": "a", "package_version": "1", "packager": "pip", "package_sha256": expected}]
    monkeypatch.setattr(packages, "list_packages", lambda: listed)
    monkeypatch.setattr(packages.subprocess, "run", download)

    with pytest.raises(packages.ChangedPackageError, match="a 1 has SHA-256"):
        packages.fetch_packages(tmp_path)

    assert not (tmp_path / "a.txt").exists()


def test_relief_keeps_light_and_shadow_of_the_land_and_no_colour_of_heights(tmp_path):
    wide, high = 720, 360
    image = np.full((high, wide), 90, dtype=np.uint8)
    image[:, wide // 4 :] = 180  # higher ground is lighter, and is no slope
    image[195:205:2, 212:220] += 40  # hills at 10° S, 72° W
    file = tmp_path / "world.png"
    Image.fromarray(image).save(file)
    land = gpd.GeoSeries([shapely.box(-80, -20, -60, 0)], crs=CRS)

    found = relief.build_relief_tiles(file, land)
    relief.write_relief(found, tmp_path / "relief.pmtiles", land, attribution="nobody")

    assert {zoom for zoom, _x, _y in found} == {3, 4, 5, 6}
    read = np.asarray(Image.open(io.BytesIO(found[6, 19, 33])))[..., 0]
    assert read.max() > relief.NEUTRAL + 20
    flat = np.asarray(Image.open(io.BytesIO(found[6, 20, 33])))[..., 0]
    assert abs(int(flat.max()) - relief.NEUTRAL) < 6
