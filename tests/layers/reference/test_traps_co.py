"""Traps of the registers of Colombia: identity numbers, dates of several forms, a status that is not one."""

import datetime as dt
import json

import pytest

from lindero.app.builder.add.plan import plan_source
from lindero.layers.reference.packs import FOLDER
from lindero.layers.services.catalogue import find_entry, load_catalogue
from lindero.layers.sources import MAPPINGS_BY_NAME
from lindero.layers.workspace import manifest_file
from lindero.layers.workspace.source_options import SourceOptions

SAMPLES = FOLDER / "co" / "samples"


def read_concessions(tmp_path, name):
    space = manifest_file.create_workspace(tmp_path / "space", title="x", country="CO")
    options = SourceOptions(snapshot_on="2026-11-01")
    return plan_source(str(SAMPLES / name), options, space, today=dt.date(2026, 11, 30)).tables["concessions"]


def received(name):
    return [feature["properties"] for feature in json.loads((SAMPLES / name).read_text(encoding="utf-8"))["features"]]


@pytest.mark.parametrize("name", ["titulos.geojson", "solicitudes.geojson", "titulos-alojados.geojson"])
def test_numbers_of_identity_cards_are_left_out_of_holders(tmp_path, name):
    holders = read_concessions(tmp_path, name)["holder"]

    assert not holders.str.contains(r"\d").any()
    assert "EMPRESA EJEMPLO INVENTADO LTDA., MINERA IMAGINARIA S.A.S." in set(holders)


def test_fields_of_identity_numbers_fill_no_column():
    fields = {name for known in MAPPINGS_BY_NAME.values() for names in known.fields.values() for name in names}

    assert {"NUMERO_IDENTIFICACION", "TIPO_DE_IDENTIFICACION", "IDENTIFICACION_TITULARES"} & fields == set()


def test_dates_as_text_have_the_day_first(tmp_path):
    first = read_concessions(tmp_path, "titulos-wfs.geojson").iloc[0]

    assert received("titulos-wfs.geojson")[0]["FECHA_DE_INSCRIPCION"] == "13/09/2006 3:38:11 a.m."
    assert (str(first["granted_on"])[:10], str(first["expires_on"])[:10]) == ("2006-09-13", "2036-06-13")


def test_a_date_in_the_field_of_the_status_is_not_a_status(tmp_path):
    concessions = read_concessions(tmp_path, "titulos-mineros.geojson")
    dates = concessions[concessions["status_received"].str.contains("/")]

    assert len(dates) == 11
    assert set(dates["status"]) == {"unknown"}


def test_an_active_application_is_not_a_title(tmp_path):
    assert {row["STATUS"] for row in received("solicitudes.geojson")} == {"Activo"}
    assert set(read_concessions(tmp_path, "solicitudes.geojson")["status"]) == {"applied"}


@pytest.mark.parametrize("name", [name for name, entry in load_catalogue().items() if entry.country == "CO"])
def test_the_mining_registers_list_only_what_is_in_force(name):
    entry = find_entry(name)

    assert (entry.lists == "in_force") == (entry.layer == "concessions")
