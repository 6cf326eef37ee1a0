"""Ground that polygons cover, counted once and cut by places: on squares, and as plain geopandas would draw it."""

import geopandas as gpd
import numpy as np
import pytest
import shapely

from lindero.geo import area_ha, overlap
from lindero.geo.geometry.crs import EQUAL_AREA
from lindero.geo.overlay.footprint import dissolve, split_by_places
from tests.world import polygons, squares

STACKED = squares(a=(0, 0), b=(5_000, 0), c=(5_000, 0), far=(50_000, 0))  # 15 km by 10 km under three, and 10,000 ha


def hectares(pieces, column):
    return area_ha(pieces.geometry).groupby(pieces[column]).sum().to_dict()


def test_ground_under_several_counts_once_and_the_parts_share_none():
    parts = dissolve(STACKED)

    assert sorted(shapely.area(parts) / 10_000) == pytest.approx([10_000, 15_000])


def test_what_lies_on_a_border_is_cut_and_what_lies_in_no_place_is_left_out():
    places = polygons(west=shapely.box(0, 0, 6_000, 10_000), east=shapely.box(6_000, 0, 20_000, 5_000))

    assert hectares(split_by_places(dissolve(STACKED), places), "in_0") == pytest.approx({"west": 6_000, "east": 4_500})


def test_places_of_two_kinds_each_hold_all_of_it():
    halves = polygons(west=shapely.box(0, 0, 8_000, 10_000), east=shapely.box(8_000, 0, 70_000, 10_000))
    strips = polygons(south=shapely.box(0, 0, 70_000, 2_500), north=shapely.box(0, 2_500, 70_000, 10_000))

    pieces = split_by_places(dissolve(STACKED), halves, strips)

    assert pieces["id"].is_unique
    assert hectares(pieces, "in_0") == pytest.approx({"west": 8_000, "east": 17_000})
    assert hectares(pieces, "in_1") == pytest.approx({"south": 6_250, "north": 18_750}, rel=1e-5)  # 70 km straight


def test_places_that_lie_on_one_another_have_a_piece_each():
    places = squares(one=(0, 0), same=(0, 0))

    assert hectares(split_by_places(dissolve(STACKED), places), "in_0") == pytest.approx(
        {"one": 10_000, "same": 10_000}
    )


def test_places_that_it_only_touches_have_none_and_nothing_is_cut_into_nothing():
    touching, nothing = squares(beside=(60_000, 0)), dissolve(STACKED.iloc[:0])

    assert split_by_places(dissolve(STACKED), touching).empty
    assert not len(nothing)
    assert list(split_by_places(nothing, touching).columns) == ["in_0", "id", "geometry"]


def test_every_piece_is_fit_to_be_laid_over_others_however_crooked_they_lie():
    """Turned squares on one another: their edges meet in corners that are closer than degrees can tell apart."""
    rng = np.random.default_rng(3)
    box = shapely.box(0, 0, 10_000, 10_000)
    turned = {
        str(n): shapely.transform(
            box, lambda xy, a=angle, at=at: at + xy @ [[np.cos(a), np.sin(a)], [-np.sin(a), np.cos(a)]]
        )
        for n, (angle, at) in enumerate(zip(rng.uniform(0, 6, 300), rng.uniform(0, 60_000, (300, 2)), strict=True))
    }
    places = squares(**{f"{x} {y}": (x * 10_000.0, y * 10_000.0) for x in range(-2, 8) for y in range(-2, 8)})

    pieces = split_by_places(dissolve(polygons(**turned)), places)

    whole = shapely.area(shapely.union_all(polygons(**turned).to_crs(EQUAL_AREA).geometry.to_numpy())) / 10_000
    assert pieces.is_valid.all()
    assert overlap(pieces, places)["area_ha"].sum() == pytest.approx(whole, rel=1e-6)
    assert isinstance(pieces, gpd.GeoDataFrame)
