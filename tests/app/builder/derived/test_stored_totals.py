"""What all pairs of two layers come to stands in the map, to the last digit, and is read by whole questions."""

import shutil

import duckdb
import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from lindero import geo
from lindero.app.answers.overlap import land, overlaps
from lindero.app.answers.overlap.pair_filter import PairFilter
from lindero.app.answers.overlap.report import footprint_range_text
from lindero.app.answers.overlap.row_selection import Side
from lindero.app.answers.ranking import exposure as ranking_exposure
from lindero.app.builder.build import build_map
from lindero.app.builder.derived import layer_overlaps
from lindero.geo import Totals, area_ha
from lindero.geo.overlay import footprint as geo_footprint
from lindero.geo.stats.exposure import exposure as measure
from lindero.layers.database import map_database
from lindero.layers.database.queries import derived_queries
from lindero.layers.model.schema import LAYERS
from tests.built import build as first_build  # where nothing is asked of how it is made
from tests.files import Files, concessions

PAIR = "concessions", "communities"


def lands(count, *, row=0):
    return concessions(count, row=row).drop(columns=["holder", "status"]).assign(code=[f"K{n}" for n in range(count)])


@pytest.fixture
def files(tmp_path):
    files = Files(tmp_path / "space")
    files.add("concessions", concessions(4), id="titles")
    files.add("communities", lands(2), id="lands")
    return files


@pytest.fixture
def counted(monkeypatch):
    """How many pairs were added up, each time."""
    asked = []

    def counting(of):
        return lambda pairs, *sides, **how: (asked.append(len(pairs)), of(pairs, *sides, **how))[1]

    for module in (layer_overlaps, geo):
        monkeypatch.setitem(vars(module), "totals", counting(module.totals))
    return asked


def report(path, *, source="", **asked):
    left, right = (LAYERS[name] for name in PAIR)
    con = map_database.connect(path)
    return overlaps.overlap_report(con, Side.from_options(left, source, []), Side(right), **asked)


def stored(path):
    return Totals(*derived_queries.read_totals(map_database.connect(path), *PAIR))


def without_totals(path):
    """Copy a map without its totals, as a cluster builds it."""
    copy = shutil.copy(path, path.with_name("cluster.duckdb"))
    with duckdb.connect(copy) as con:
        con.execute("DELETE FROM overlap_totals")
    return copy


def test_a_whole_question_is_told_what_the_build_added_up(files, counted):
    path = build_map(files.space).path
    assert len(counted) == 1
    told = report(path)
    assert len(counted) == 1

    again = report(without_totals(path))
    assert len(counted) == 2
    assert told.totals == again.totals
    assert told.totals.pairs == len(told.pairs) > 0
    assert told.head() == again.head()
    assert footprint_range_text(told.totals) == footprint_range_text(again.totals)


@pytest.mark.parametrize("sides", [PAIR, PAIR[::-1]], ids=["built", "swapped"])
def test_a_page_is_told_what_the_build_added_up_and_some_pairs_by_themselves(files, counted, sides):
    path = first_build(files.space).path
    con = map_database.connect(path)
    pairs, _counted = overlaps.find_pairs(con, *sides)
    counted.clear()
    told = overlaps.compute_pair_totals(con, *sides, pairs)
    assert counted == []

    some = overlaps.compute_pair_totals(con, *sides, pairs.iloc[:1])
    assert counted == [1]
    assert some.pairs == 1
    assert overlaps.compute_pair_totals(map_database.connect(without_totals(path)), *sides, pairs) == told
    assert (told.left_features, told.right_features) == tuple(
        pairs[f"{side}_id"].nunique() for side in ("left", "right")
    )


@pytest.mark.parametrize(
    "asked",
    [{"pair_filter": PairFilter(contains="Ñandú 2")}, {"min_ha": 1e4}, {"grown": True}, {"source": "titles"}],
    ids=["share", "hectares", "grown", "source"],
)
def test_any_other_question_is_added_up_by_itself(files, counted, asked):
    files.add("concessions", concessions(2, row=1), id="more")
    files.add("communities", lands(3, row=1).assign(code=["M1", "M2", "M3"]), id="others")
    path = first_build(files.space).path
    counted.clear()
    told = report(path, **asked)

    assert counted == [len(told.pairs)]
    assert told.totals != report(path).totals or asked == {"grown": True}


@pytest.mark.slow
def test_a_build_adds_up_however_many_pairs_there_are(tmp_path, monkeypatch):
    files = Files(tmp_path / "space")
    vertices = np.array([(i % 145, i // 145) for i in range(20_500)]) * 1e-3 + (-78.5, -7.5)
    shapes = shapely.box(*vertices.T, *(vertices + 1.2e-3).T)  # each shares ground with its neighbours
    files.add("concessions", gpd.GeoDataFrame({"code": np.arange(20_500)}, geometry=shapes, crs="OGC:CRS84"), id="t")
    land = gpd.GeoDataFrame({"code": ["K"]}, geometry=[shapely.box(-78.6, -7.6, -78.3, -7.3)], crs="OGC:CRS84")
    files.add("communities", land, id="lands")
    path = build_map(files.space).path
    for module in (geo, geo_footprint):  # whatever lays layers over each other
        monkeypatch.setitem(vars(module), "totals", None)
    told = report(path).totals

    assert (told.pairs, told.left_features, told.right_features) == (20_500, 20_500, 1)
    assert told.footprint_ha == pytest.approx(area_ha(gpd.GeoSeries([shapely.union_all(shapes)], crs="OGC:CRS84"))[0])
    assert told.certain_ha < told.footprint_ha < told.possible_ha


def test_a_whole_land_is_read_of_the_build_and_a_part_is_computed(files, monkeypatch):
    path = first_build(files.space).path
    con = map_database.connect(path)
    pairs, _counted = overlaps.find_pairs(con, *PAIR)
    ids = [*dict.fromkeys(pairs["right_id"])]
    whole, part = (land.measure_community_lands(con, ids, rows) for rows in (pairs, pairs.iloc[1:]))
    monkeypatch.setattr(land, "footprint", None)

    assert land.measure_community_lands(con, ids, pairs) == whole
    assert part != whole


def test_the_build_stores_what_exposure_measures(files, monkeypatch):
    files.add("concessions", concessions(2, row=1).assign(status=["expired", "granted"]), id="more")
    con = map_database.connect(first_build(files.space).path)
    stored = ranking_exposure.measure_exposure(con)
    monkeypatch.setattr(derived_queries, "read_exposure", lambda _con: None)
    measured = ranking_exposure.measure_exposure(con)

    pd.testing.assert_frame_equal(stored.table, measured.table)
    parts = [each.parts.sort_values(["by", "code", "id"], ignore_index=True) for each in (stored, measured)]
    pd.testing.assert_frame_equal(*parts, check_dtype=False)
    assert (stored.table["titles"] > 0).any()


def test_exposure_is_read_only_where_it_answers_the_question(files, monkeypatch):
    con = map_database.connect(first_build(files.space).path)
    asked = []
    monkeypatch.setattr(
        ranking_exposure, "exposure", lambda *sides, **how: (asked.append(1), measure(*sides, **how))[1]
    )
    ranking_exposure.measure_exposure(con)
    assert asked == []

    ranking_exposure.measure_exposure(con, ("granted",))
    ranking_exposure.measure_exposure(con, without_duplicates=True)
    assert asked == [1, 1]
