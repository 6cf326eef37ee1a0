"""Rows that cover exactly the ground of another row of their layer are said, and left out where that is asked for."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from lindero.app.answers.overlap.overlaps import overlap_report
from lindero.app.answers.overlap.row_selection import Side
from lindero.app.answers.ranking.exposure import measure_exposure
from lindero.app.answers.ranking.exposure_report import command
from lindero.app.answers.repeated_ground import find_repeated_ids
from lindero.layers.database import map_database
from lindero.layers.disk import builds
from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS, INCIDENTS
from tests.answered import at_page
from tests.built import build
from tests.files import Files, concessions

ALL = "id!=nobody"  # a condition that every row meets


@pytest.fixture(scope="module")
def space(tmp_path_factory):
    files = Files(tmp_path_factory.mktemp("repeated") / "space")
    titles = concessions(3)
    again = titles.iloc[[1]].assign(code="Z9", name="Another name")
    files.add("concessions", pd.concat([titles, again], ignore_index=True), id="titles", coverage="PE-CAJ")
    lands = concessions(3).drop(columns=["holder", "status"])
    files.add("communities", pd.concat([lands, lands.iloc[[2]].assign(code="Z8")], ignore_index=True), id="lands")
    build(files.space)
    return files.space


@pytest.fixture(scope="module")
def world(space):
    with map_database.connect(builds.current_map(space.build_folder)) as con:
        yield con


def text_of(page):
    assert not page.exception
    return "\n".join(part.value for part in page.markdown).replace("\\", "")


def sides(test=""):
    return tuple(Side.from_options(layer, "", [test] if test else []) for layer in (CONCESSIONS, COMMUNITIES))


def test_the_row_with_the_least_id_stands_for_the_same_ground_however_it_is_drawn():
    square = shapely.box(0, 0, 1, 1)
    turned = shapely.Polygon([(1, 1), (0, 1), (0, 0), (1, 0)])
    shapes = np.array([turned, square, shapely.box(0, 0, 1, 1.0001), shapely.Point(0, 0), shapely.Point(0, 0), None])

    rows = gpd.GeoDataFrame({"id": ["b", "a", "c", "d", "e", "f"]}, geometry=shapes)

    assert find_repeated_ids(CONCESSIONS, rows) == {"b"}
    assert find_repeated_ids(INCIDENTS, rows) == frozenset()


@pytest.mark.parametrize("test", ["", ALL])  # from the stored pairs, and from frames
def test_both_gross_figures_are_stated(world, test):
    every = overlap_report(world, *sides(test), registers="refuse")
    once = overlap_report(world, *sides(test), registers="refuse", without_duplicates=True)
    gross = every.totals.gross_ha

    assert every.totals.pairs == 5  # three squares, one twice as concession and one twice as land
    assert once.totals.pairs == 3
    assert once.totals.gross_ha == pytest.approx(gross * 3 / 5, rel=0.01)
    assert once.totals.footprint_ha == pytest.approx(every.totals.footprint_ha, rel=1e-9)
    assert every.head()["repeated_ground"] == {
        "rows": 2,
        "left_out": False,
        "gross_ha_with": round(gross, 4),
        "gross_ha_without": round(once.totals.gross_ha, 4),
    }
    assert once.head()["repeated_ground"] == every.head()["repeated_ground"] | {"left_out": True}
    assert (
        f"2 rows have the same polygon as another row. Without them, the gross area is {once.totals.gross_ha:,.1f}"
        in (every.repeats.sentence())
    )
    assert f"are left out. With them, the gross area is {gross:,.1f} ha" in once.repeats.sentence()
    assert not set(once.pairs["left_id"]) & {"titles/Z9"}


def test_the_pages_state_it_beside_their_figures(space):
    overlaps = text_of(at_page(space.build_folder, "overlaps", left="concessions", right="communities"))
    repeated = text_of(at_page(space.build_folder, "community", id="lands/C2"))
    single = text_of(at_page(space.build_folder, "community", id="lands/C1"))

    assert "2 rows have the same polygon as another row. Without them, the gross area is" in overlaps
    assert "1 row has the same polygon as another row. Without it, the gross area is" in repeated
    assert "as another row" not in single


def test_a_layer_over_itself_has_no_pairs_of_repeated_rows(world):
    side = Side(CONCESSIONS)

    assert len(overlap_report(world, side, side).pairs) == 1
    assert overlap_report(world, side, side, without_duplicates=True).pairs.empty


def test_a_shared_out_column_counts_each_ground_once(files):
    lands = concessions(2).drop(columns=["holder", "status"]).assign(population=[10, 20])
    files.add("communities", pd.concat([lands, lands.iloc[[1]].assign(code="Z9")], ignore_index=True), id="lands")
    files.add("concessions", concessions(2), id="titles")
    with map_database.connect(build(files.space).path) as con:
        found = [
            overlap_report(con, Side(COMMUNITIES), Side(CONCESSIONS), column="population", without_duplicates=once)
            for once in (False, True)
        ]

    assert [one.apportioned.total for one in found] == [50, 30]


def test_exposure_ranks_each_ground_once(world):
    every = measure_exposure(world).rank_communities(draws=10)
    once = measure_exposure(world, without_duplicates=True).rank_communities(draws=10)

    assert (len(every.rows), len(once.rows)) == (4, 3)
    assert sorted(every.rows["titles"]) == [1, 1, 1, 2]
    assert set(once.rows["titles"]) == {1}
    assert "same polygon as another row: 1 of concessions, 1 of communities. All are counted." in " ".join(
        every.list_caveats()
    )
    assert "They are left out." in " ".join(once.list_caveats())
    assert "--without-duplicates" in command(once.settings)
    assert "--without-duplicates" not in command(every.settings)


def test_nothing_is_said_where_no_row_repeats_another(files):
    files.add("concessions", concessions(2), id="titles")
    files.add("communities", gpd.GeoDataFrame(concessions(2).drop(columns=["holder", "status"])), id="lands")
    with map_database.connect(build(files.space).path) as con:
        report = overlap_report(con, *sides())
        assert "same polygon" not in report.repeats.sentence()
        assert report.head()["repeated_ground"]["rows"] == 0
        assert "same polygon" not in " ".join(measure_exposure(con).rank_communities(draws=5).list_caveats()).lower()
