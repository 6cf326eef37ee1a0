"""The known traps of the mining cadastres that run on Landfolio."""

import datetime as dt

import pandas as pd
import pytest

from lindero.app.answers.registers import entries, find_repeating_sources
from lindero.app.builder.add.plan import plan_source
from lindero.layers.reference import packs
from lindero.layers.workspace import manifest_file
from lindero.layers.workspace.source_options import SourceOptions

FILES = {"CD": "recherche.geojson", "KE": "cadastre.geojson", "ZM": "licences.geojson"}


def plan(tmp_path, country):
    space = manifest_file.create_workspace(tmp_path / "space", title="x", country=country)
    file = packs.FOLDER / country.lower() / "samples" / FILES[country]
    return plan_source(str(file), SourceOptions(snapshot_on="2026-11-01"), space, today=dt.date(2026, 11, 30))


@pytest.mark.parametrize("country", FILES)
def test_shares_are_no_part_of_a_holders_name_and_milliseconds_are_dates(tmp_path, country):
    taken = plan(tmp_path, country)
    rows = taken.tables["concessions"]

    assert taken.received.rows["Parties"].str.contains("%").any()
    assert not rows["holder"].str.contains(r"[%()\d]").any()
    assert rows["holder"].str.contains(", ").any()
    assert pd.to_datetime(rows["applied_on"]).dt.year.between(2010, 2020).all()


@pytest.mark.parametrize("country", FILES)
def test_both_parts_of_a_permit_with_one_code_are_kept_and_said(tmp_path, country):
    taken = plan(tmp_path, country)
    rows = taken.tables["concessions"]

    assert rows["code"].duplicated().sum() == 1
    assert "duplicate_code" in set(taken.findings["finding"])


def test_squares_of_the_grid_are_hectares_and_an_area_without_a_unit_is_unknown(tmp_path):
    rows = plan(tmp_path, "CD").tables["concessions"].set_index("code")

    assert float(rows.loc["90000", "area_official_ha"]) == pytest.approx(6 * 84.955)
    assert pd.isna(rows.loc["90004", "area_official_ha"])


def test_a_layer_that_repeats_the_others_is_noticed(tmp_path):
    rows = plan(tmp_path, "CD").tables["concessions"]
    exploration, exploitation = rows.iloc[:14], rows.iloc[14:]
    repeated = [
        part.assign(source_id=source)
        for source, part in {"exploration": exploration, "exploitation": exploitation, "ActiveLicenses": rows}.items()
    ]
    left_out = find_repeating_sources(entries(pd.concat(repeated, ignore_index=True)))

    assert left_out == {"exploration": "ActiveLicenses", "exploitation": "ActiveLicenses"}
