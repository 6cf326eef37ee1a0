"""Base data that a server keeps in memory is the same that is read from its file."""

import pytest
import shapely

from lindero.layers.reference import base_data

COLUMNS = "name", "province", "region", "country", "geometry"


@pytest.mark.parametrize(
    "bounds", [(-77.5, -12.5, -76.5, -11.5), (-80.0, -20.0, -60.0, 0.0), (-150.0, -40.0, -149.0, -39.0)]
)
def test_places_in_a_box_are_the_same_from_memory(monkeypatch, bounds):
    monkeypatch.setattr(base_data, "_trees", {})
    from_file = base_data.read_columns("places", *COLUMNS, bounds=bounds)
    base_data.cache_places()
    monkeypatch.setattr(base_data, "_query_columns", None)  # the file is not read again

    assert base_data.read_columns("places", *COLUMNS, bounds=bounds) == from_file
    assert base_data.read_columns("places", "name", bounds=bounds) == {"name": from_file["name"]}


def test_columns_that_are_not_kept_are_read_from_the_file(monkeypatch):
    monkeypatch.setattr(base_data, "_trees", {})
    base_data.cache_places()

    assert len(base_data.read_columns("places", "population", bounds=(-77.5, -12.5, -76.5, -11.5))["population"]) > 0


@pytest.mark.parametrize(
    "bounds", [(-74.0, -5.0, -73.0, -4.0), (-80.0, -20.0, -60.0, 0.0), (-85.0, -10.0, -84.0, -9.0)]
)
def test_rivers_in_a_box_are_those_that_geopandas_clips(bounds):
    expected = base_data.load_rivers().clip(bounds).geometry.to_numpy()

    assert shapely.to_wkb(base_data.clip_rivers(bounds)).tolist() == shapely.to_wkb(expected).tolist()
