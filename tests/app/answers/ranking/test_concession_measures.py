"""Measures of concessions that an answer stores beside the map, and what later answers take from them."""

import logging

import pandas as pd
import pytest

from lindero.app.answers.ranking import concession_measures
from lindero.app.answers.ranking.along_rivers import BASE
from lindero.app.answers.ranking.exposure import measure_exposure
from lindero.app.derived import damage, stored_measures
from lindero.app.pipeline.build import build_map
from lindero.layers.database import map_database
from lindero.layers.disk import builds
from lindero.layers.model.schema import COMMUNITIES, CONCESSIONS
from tests.app.answers.ranking.test_own_rivers import BROOK, network
from tests.files import Files, concessions


@pytest.fixture
def files(tmp_path):
    files = Files(tmp_path / "space")
    files.add("concessions", concessions(6, status=["granted", "applied", "expired"] * 2))
    files.add("communities", concessions(4).drop(columns=["holder", "status"]), id="comunidades")
    build_map(files.space)
    return files


@pytest.fixture
def con(files):
    with map_database.connect(builds.current_map(files.space.build_folder)) as con:
        yield con


@pytest.fixture
def measured(monkeypatch):
    """The numbers of concessions of each measurement, of maps of any size."""
    counts, measure = [], concession_measures._measure
    monkeypatch.setattr(concession_measures, "FEWEST_STORED", 1)
    monkeypatch.setattr(
        concession_measures,
        "_measure",
        lambda land, titles, *rest: counts.append(len(titles)) or measure(land, titles, *rest),
    )
    return counts


def stored(files):
    return sorted(files.space.build_folder.glob(f"*{builds.MEASURES}"))


def measure(con, *, rivers=(), is_filtered=False, **columns):
    land, titles = (map_database.read_layer(con, layer) for layer in (COMMUNITIES, CONCESSIONS))
    return concession_measures.measure_concessions(
        con, land, titles.assign(**columns), rivers, progress=lambda *_: None, is_filtered=is_filtered
    )


def assert_same(first, second):
    for before, after in zip(first, second, strict=True):
        pd.testing.assert_frame_equal(before, after, check_exact=True)


def test_a_second_answer_reads_the_tables_of_the_first(files, con, measured):
    first, second = measure(con), measure(con)

    assert measured == [6]
    assert len(stored(files)) == 1
    assert_same(first, second)
    assert (second.conceded["share"] > 0).all()
    assert second.parts["title_ha"].sum() > 0


def test_exposure_is_the_same_from_stored_tables(con, measured):
    first, second = measure_exposure(con), measure_exposure(con)

    assert measured == [4]  # without the expired ones
    pd.testing.assert_frame_equal(first.table, second.table, check_exact=True)
    pd.testing.assert_frame_equal(
        first.rank_communities(draws=20).rows, second.rank_communities(draws=20).rows, check_exact=True
    )


def test_filtered_concessions_and_small_maps_are_not_stored(files, con, measured, monkeypatch):
    measure(con, is_filtered=True)
    measure_exposure(con, ["granted"])
    measure_exposure(con, without_duplicates=True)
    monkeypatch.setattr(concession_measures, "FEWEST_STORED", 1_000)
    measure(con)

    assert len(measured) == 4
    assert stored(files) == []


@pytest.mark.parametrize(
    "change", [{"boundary_accuracy_m": 77.0}, {"kind": "forestry"}, {"status": "applied"}, {"rivers": [network(BROOK)]}]
)
def test_other_rows_or_rivers_are_measured_again(files, con, measured, change):
    first = measure(con)
    other = measure(con, **change)

    assert len(measured) == 2
    assert_same(other, measure(con, **change))
    assert len(measured) == 2
    assert_same(first, measure(con))
    assert first.along_rivers["by"].unique().tolist() == [BASE]
    assert len(stored(files)) == 1


def test_other_code_measures_again(con, measured, monkeypatch):
    measure(con)
    monkeypatch.setattr(stored_measures, "computation_versions", lambda: "another GEOS")
    measure(con)

    assert len(measured) == 2


def test_a_damaged_file_is_logged_and_measured_again(files, con, measured, caplog):
    first = measure(con)
    damage._reported_files.clear()
    (file,) = stored(files)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)

    with caplog.at_level(logging.WARNING):
        assert_same(first, measure(con))
    assert [file.name in record.getMessage() for record in caplog.records] == [True]
    assert_same(first, measure(con))
    assert len(measured) == 2


def test_a_folder_that_cannot_be_written_costs_time_only(files, con, measured, monkeypatch):
    def refuse(*_):
        raise OSError

    monkeypatch.setattr(builds, "replace_file", refuse)
    assert_same(measure(con), measure(con))
    assert len(measured) == 2
    assert not [path for path in files.space.build_folder.iterdir() if "measures" in path.name]


@pytest.mark.usefixtures("measured")
def test_stored_tables_are_deleted_with_their_map(files, con):
    measure(con)
    for number in (2, 3):
        files.add("concessions", concessions(number, row=number), id=f"c{number}")
        build_map(files.space)

    assert stored(files) == []


@pytest.mark.usefixtures("measured")
def test_nothing_is_stored_beside_a_published_map(files, tmp_path):
    public = tmp_path / "map.duckdb"
    public.write_bytes(builds.current_map(files.space.build_folder).read_bytes())
    with map_database.connect(public) as con:
        measure(con)

    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["map.duckdb"]
