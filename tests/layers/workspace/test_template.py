"""What `lindero template` prints can be filled in and added without a mapping."""

import csv

import pytest

from lindero.app.answers.record.incidents import read_record
from lindero.layers.database import map_database
from lindero.layers.model.schema import LAYERS
from lindero.layers.model.vocabularies import VOCABULARIES
from lindero.layers.sources.template import build_template
from tests.built import build
from tests.files import text


def header(layer):
    return build_template(LAYERS[layer]).header.split(",")


def filled(layer, **values):
    return ",".join(header(layer)) + "\n" + ",".join(f'"{values.get(name, "")}"' for name in header(layer)) + "\n"


def test_the_template_of_incidents_has_the_columns_of_the_data_model_and_coordinates():
    own = [column.name for column in LAYERS["incidents"].own_columns]

    assert header("incidents") == ["id", *own, "latitude", "longitude"]


@pytest.mark.parametrize("layer", LAYERS)
def test_every_template_names_columns_of_its_layer_and_the_codes_that_they_take(layer):
    made = build_template(LAYERS[layer])

    assert set(made.header.split(",")) <= LAYERS[layer].names | {"latitude", "longitude"}
    assert set(made.codes.values()) <= set(VOCABULARIES.values())


def test_filled_templates_come_back_as_they_were_written(files):
    row = {
        "id": "h-1", "title": "Ataque en Mara", "occurred_on": "2024-05-01", "date_precision": "day", "place_text": "Mara",
        "region": "Apurímac", "country": "PE", "location_precision": "locality", "sector": "mining",
        "perpetrator_kind": "police", "visibility": "public_record", "sources": "Informe A", "latitude": "-14.1", "longitude": "-72.1",
    }  # fmt: skip
    files.add("incidents", filled("incidents", **row))
    files.add("acts", filled("acts", incident_id="h-1", type="threat"))
    files.add(
        "victims", filled("victims", incident_id="h-1", count="2", gender="woman", identity="indigenous;land_defender")
    )
    files.add("case_steps", filled("case_steps", incident_id="h-1", dated_on="2024-06-01", step="complaint"))
    files.add(
        "protection_measures",
        filled("protection_measures", incident_id="h-1", measure="Rondas", collective="true", status="refused"),
    )
    con = map_database.connect(build(files.space).path)
    told = read_record(con)
    con.close()
    back = told.incidents.iloc[0]

    for name in (
        "id",
        "title",
        "date_precision",
        "place_text",
        "region",
        "country",
        "location_precision",
        "sector",
        "perpetrator_kind",
        "sources",
    ):
        assert back[name] == row[name]
    assert (str(back["occurred_on"])[:10], back["ymin"], back["xmin"]) == ("2024-05-01", -14.1, -72.1)
    assert back["types"] == ["threat"]
    assert told.victims[["count", "gender"]].to_numpy().tolist() == [[2, "woman"]]
    assert list(told.victims["identity"].iloc[0]) == ["indigenous", "land_defender"]
    assert told.case_steps["step"].tolist() == ["complaint"]
    assert told.protection_measures[["collective", "status"]].to_numpy().tolist() == [[True, "refused"]]


def test_the_command_prints_the_header_alone_on_standard_output(typed, tmp_path):
    _code, out, err = typed("template", "incidents")

    assert next(csv.reader([out.strip()])) == header("incidents")
    assert "visibility: public_record | restricted | confidential" in err
    assert text(tmp_path / "a.csv", out).read_text().count("\n") == 1
