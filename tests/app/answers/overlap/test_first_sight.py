"""What a map shows before anything is asked: the overlaps where most of them lie, and a sentence that counts them."""

from dataclasses import replace

import geopandas as gpd
import pandas as pd
import pytest
from shapely import box

from lindero.app.answers.overlap import overlaps
from lindero.app.answers.overlap.first_sight import _most_covered_communities, find_densest_bounds, first_sight
from lindero.app.media.pages.current import open_map
from lindero.layers.database import map_database
from tests import small_map


@pytest.fixture
def con(tmp_path):
    small_map.publish(tmp_path / "build")
    open_map.use_folder(tmp_path / "build")
    return open_map.current_map().open_cursor()


def test_the_window_is_where_most_hectares_lie_and_not_where_most_shapes_do():
    shapes = gpd.GeoDataFrame(
        {"area_ha": [900.0, 300.0, 300.0, 300.0]},
        geometry=[box(-70.3, -12.4, -70.2, -12.3), *(box(-75 + x, -10.4, -74.99 + x, -10.3) for x in (0.1, 0.2, 0.3))],
        crs="OGC:CRS84",
    )
    assert find_densest_bounds(shapes) == pytest.approx(
        (-70.3, -12.4, -70.2, -12.3)
    )  # 900 ha each: the first of the two

    shapes.loc[0, "area_ha"] = 899.0
    assert find_densest_bounds(shapes) == pytest.approx((-74.9, -10.4, -74.69, -10.3))


def test_what_is_seen_is_counted_and_the_largest_is_named(con):
    sight = first_sight(con)

    assert sight.sentence() == "1 recorded concession is on the land of 1 of the 1 communities on this map."
    assert sight.bounds == pytest.approx((-74.95, -10.0, -74.90, -9.90), abs=1e-4)
    assert f"{sight.shapes['area_ha'].iloc[0]:,.0f} ha." in sight.largest_text()


def test_concessions_that_only_touch_a_boundary_are_told(con):
    sight = replace(first_sight(con), sliver_concessions=10)

    assert "Not counted" not in sight.sentence()
    assert sight.slivers_text() == "Not counted: 10 concessions that only cross a boundary by less than its accuracy."


def test_slivers_are_not_counted_but_told(con, monkeypatch):
    pairs, counted = overlaps.find_pairs(con, "concessions", "communities")
    slivers = pd.concat([pairs, pairs.assign(left_id="concessions/edge", certainty="sliver")], ignore_index=True)
    monkeypatch.setattr(overlaps, "find_pairs", lambda *_: (slivers, counted))
    sight = first_sight(con)

    assert (sight.concessions, sight.sliver_concessions) == (1, 1)


def test_where_nothing_lies_on_anybody_s_land_nothing_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(small_map, "SHAPES", {"communities": small_map.SHAPES["communities"]})
    small_map.publish(tmp_path / "build")
    open_map.use_folder(tmp_path / "build")

    sight = first_sight(open_map.current_map().open_cursor())

    assert (sight.sentence(), sight.largest_text(), sight.bounds) == ("", "", None)


def test_the_communities_with_most_land_under_concession_are_named():
    hectares = {f"c{number}": number for number in range(5)}
    con = map_database.open_in_memory()
    con.execute(
        "CREATE TABLE footprints (id VARCHAR, layer VARCHAR, covered_by VARCHAR, gross_ha DOUBLE,"
        " footprint_ha DOUBLE, certain_ha DOUBLE, possible_ha DOUBLE, share DOUBLE)"
    )
    for id_, ha in hectares.items():
        con.execute(
            "INSERT INTO footprints VALUES (?, 'communities', 'concessions', ?, ?, ?, ?, 0.5)", [id_] + [ha] * 4
        )
    named = pd.DataFrame({"id": ["c0", "c1", "c2", "c3"], "name": ["Nothing", "One", "Two", "Three"]})

    assert _most_covered_communities(con, named)["name"].tolist() == ["Three", "Two", "One"]
    assert _most_covered_communities(con, named[:1]).empty
