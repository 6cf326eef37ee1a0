"""Hectares of titles on community land by cell: what a build counts, when it does, and that nothing else comes out."""

import duckdb
import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from lindero.app.answers.hotspots.choices import CountedQuantity
from lindero.app.answers.hotspots.events import read_events
from lindero.app.answers.hotspots.question import Inquiry, Question, question_area
from lindero.app.answers.hotspots.report import hotspot_report
from lindero.app.builder.derived import hotspot_inputs as building
from lindero.geo import area_ha
from lindero.geo.geometry.crs import DEGREES, EQUAL_AREA
from lindero.geo.geometry.projection import to_plane
from lindero.geo.stats.h3_grid import (
    alternative_resolutions,
    cells,
    choose_resolution,
    covering_cells,
    default_resolution,
    dissolve_containing,
    finest_resolution,
    measure_area_km2,
)
from lindero.layers.database import map_database
from lindero.layers.database.queries import derived_queries
from lindero.layers.disk import builds
from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS
from tests import hot_map
from tests.built import build
from tests.files import concessions

TITLES, LAND = CONCESSIONS.name, COMMUNITIES.name


def by_cell(path, resolution):
    with map_database.connect(path) as con:
        return derived_queries.read_cells(con, LAND, covered_by=TITLES, resolution=resolution)


def sizes(path):
    with map_database.connect(path) as con:
        return sorted(map_database.read_table(con, "cells")["resolution"].unique().tolist())


def territory(count=2):
    frame = concessions(count).drop(columns=["holder", "status"])
    return frame.assign(code=[f"K{n}" for n in range(count)]).set_geometry(frame.translate(0.005, 0.005))


@pytest.fixture
def land(files):
    files.add("concessions", concessions(4))
    files.add("concessions", concessions(4), id="encima")  # the same ground twice
    files.add("communities", territory())
    return files


@pytest.fixture(scope="module")
def hot(tmp_path_factory):
    return hot_map.publish(tmp_path_factory.mktemp("cells") / "build")


def by_plain_geopandas(path, drawn):
    """Overlay titles with land, dissolve what they share, and cut it by cells."""
    with map_database.connect(path) as con:
        titles, lands = (
            map_database.read_layer(con, layer)[["id", "geometry"]] for layer in (CONCESSIONS, COMMUNITIES)
        )
    frames = [
        frame.set_geometry(to_plane(frame.geometry.to_numpy()), crs=EQUAL_AREA) for frame in (titles, lands, drawn)
    ]
    ground = gpd.overlay(*frames[:2], keep_geom_type=True).dissolve()[["geometry"]]
    pieces = gpd.overlay(frames[2], ground, keep_geom_type=True)
    return pieces.dissolve("id").area / 10_000


@pytest.mark.parametrize("resolution", [4, 5])
def test_cells_hold_what_plain_geopandas_draws_and_dissolves(hot, resolution):
    found = by_cell(hot, resolution)
    expected = by_plain_geopandas(hot, cells(shapely.box(-81, -9, -76, -4), resolution=resolution))

    assert len(found) >= 5
    assert sorted(found.index) == sorted(expected.index)
    assert found.to_dict() == pytest.approx(expected[found.index].to_dict(), rel=1e-6)


def test_cells_of_every_size_add_up_to_the_ground_that_titles_cover_counted_once(land):
    path = build(land.space).path
    with map_database.connect(path) as con:
        covered = map_database.read_footprints(con, LAND, covered_by=TITLES)

    assert covered["footprint_ha"].sum() == pytest.approx(covered["gross_ha"].sum() / 2)
    assert len(sizes(path)) > 1
    for resolution in sizes(path):
        assert by_cell(path, resolution).sum() == pytest.approx(covered["footprint_ha"].sum(), rel=1e-6)


def test_the_sizes_are_those_that_a_question_tries_which_names_none(hot):
    question = Question(CountedQuantity.OVERLAP_HA)
    with map_database.connect(hot) as con:
        events = read_events(con, CountedQuantity.OVERLAP_HA, None, None)
        asked = Inquiry(con, question, events, question_area(question, events), None, lambda *_: None)
        places = asked.build_places()
        tried = alternative_resolutions(places.resolution, measure_area_km2(asked.area))

    assert sorted(tried) == sizes(hot)


def test_a_report_reads_what_the_build_counted_and_counts_the_rest_itself(hot, monkeypatch):
    measured = []
    hectares = building.ConcessionFootprint.covered_area_ha
    monkeypatch.setattr(
        building.ConcessionFootprint, "covered_area_ha", lambda self, *k: measured.append(len(k)) or hectares(self, *k)
    )
    with map_database.connect(hot) as con:
        read = hotspot_report(con, Question(CountedQuantity.OVERLAP_HA)).rows
        assert not measured
        every_year = hotspot_report(
            con, Question(CountedQuantity.OVERLAP_HA, since=pd.Timestamp(2000, 1, 1).date())
        ).rows

    assert measured
    assert read["count"].sum() > 0
    assert read["count"].tolist() == pytest.approx(every_year["count"].tolist(), rel=1e-7)


def test_a_map_without_stored_cells_is_answered(hot, tmp_path):
    cluster_built = tmp_path / hot.name
    cluster_built.write_bytes(hot.read_bytes())
    with duckdb.connect(str(cluster_built)) as con:
        con.execute("DELETE FROM cells")
    question = Question(CountedQuantity.OVERLAP_HA)

    with map_database.connect(hot) as con, map_database.connect(cluster_built) as without:
        expected, found = (hotspot_report(each, question).rows["count"].tolist() for each in (con, without))
        assert map_database.count_rows(without)["cells"] == 0

    assert found == pytest.approx(expected, rel=1e-7)


def test_cells_stay_where_titles_and_land_show_what_they_showed(land):
    first = build(land.space).path
    counts = by_cell(first, sizes(first)[0])
    land.add("protected_areas", territory(3), id="parque")
    second = build(land.space).path
    land.add("communities", territory(1), snapshot_on="2026-02-01")
    third = build(land.space).path

    assert by_cell(second, sizes(second)[0]).equals(counts)
    assert by_cell(third, sizes(third)[0]).sum() < counts.sum()  # of the snapshot that is shown


def test_where_nothing_is_shared_or_no_region_is_known_there_are_none(files):
    files.add("concessions", concessions(2))
    files.add("communities", territory(1).set_geometry(territory(1).translate(1, 0)))
    path = build(files.space).path

    assert sizes(path) == []
    assert builds.current_map(files.space.build_folder) == path


def test_all_cells_that_polygons_may_lie_in_are_found():
    polygons = gpd.GeoSeries([shapely.box(-78, -7, -77.5, -6.9), shapely.Point(-70, -1).buffer(1e-5)], crs=DEGREES)
    some = cells(shapely.box(-80, -9, -68, 1), resolution=5)
    meeting = some[some.intersects(polygons.union_all())]

    found = covering_cells(to_plane(polygons.to_numpy()), resolution=5)

    assert set(meeting["id"]) <= set(found["id"])
    assert len(found) < 3 * len(meeting)
    assert list(covering_cells(to_plane(polygons.to_numpy()[:0]), resolution=5).columns) == ["id", "geometry"]


def test_neighbours_at_the_antimeridian_do_not_span_the_world():
    sides = np.array([shapely.box(179.95, 0, 180, 0.05), shapely.box(-180, 0, -179.95, 0.05)])

    assert 1 < len(covering_cells(to_plane(sides), resolution=4)) < 20


def test_the_area_is_that_of_the_regions_that_hold_anything():
    regions = gpd.GeoSeries([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1), shapely.box(5, 0, 6, 1)], crs=DEGREES)
    area = dissolve_containing(shapely.points([(0.5, 0.5), (1.5, 0.5), (1.6, 0.5)]), regions.to_numpy())

    assert area.equals(shapely.box(0, 0, 2, 1))
    assert measure_area_km2(area) == pytest.approx(area_ha(regions.iloc[:2]).sum() / 100)
    assert dissolve_containing(shapely.points([(9, 9)]), regions.to_numpy()) is None


def test_few_events_are_compared_over_few_cells_and_no_other_size_has_too_many():
    peru_km2 = 1_285_000

    assert default_resolution(peru_km2, events=100_000) == choose_resolution(peru_km2, cells=6_000) == 5
    assert default_resolution(peru_km2, events=3) == choose_resolution(peru_km2, cells=120) == 3
    assert alternative_resolutions(5, peru_km2) == [5, 4]
    assert alternative_resolutions(3, peru_km2) == [3, 2, 4]
    assert alternative_resolutions(1, peru_km2) == [1, 2]
    assert finest_resolution(peru_km2) == 6
