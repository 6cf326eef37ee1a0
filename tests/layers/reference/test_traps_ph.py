"""What could go wrong with the Philippines' tenements and ancestral domains."""

import datetime as dt

import geopandas as gpd
import pytest
from pyproj import Geod

from lindero.app.builder.add.plan import plan_source
from lindero.layers.reference import packs
from lindero.layers.workspace import manifest_file
from lindero.layers.workspace.source_options import SourceOptions


def taken(folder, name):
    space = manifest_file.create_workspace(folder / "space", title="x", country="PH")
    path = packs.find_files(f"samples/{name}")["PH"]
    return path, plan_source(str(path), SourceOptions(snapshot_on="2026-11-01"), space, today=dt.date(2026, 11, 30))


def test_prs92_is_moved_to_wgs_84(tmp_path):
    path, plan = taken(tmp_path, "tenements.zip")
    before = gpd.read_file(path)
    one, other = before.geometry.iloc[0].centroid, plan.tables["concessions"].geometry.iloc[0].centroid
    metres = Geod(ellps="WGS84").inv(one.x, one.y, other.x, other.y)[2]

    assert before.crs.to_epsg() == 4683
    assert metres == pytest.approx(195, abs=5)


def test_a_tenement_in_two_domains_is_kept_twice(tmp_path):
    _, plan = taken(tmp_path, "tenements.zip")
    kept = plan.tables["concessions"]

    assert kept["code"].value_counts().to_list()[:2] == [2, 1]
    assert len(plan.rejects) == 0


def test_hectares_with_a_comma_for_thousands_are_not_cut_short(tmp_path):
    path, plan = taken(tmp_path, "cadt.geojson")
    kept = plan.tables["communities"]
    written = gpd.read_file(path)["Area"]

    assert written.str.contains(",").all()
    assert kept["area_official_ha"].tolist() == [float(text.replace(",", "")) for text in written]
    assert (kept["area_official_ha"] > 1_000).all()
