"""The cases on the public record: cited, without names or points, and whole."""

import csv
import hashlib
from pathlib import Path

import pytest

from lindero.layers.model.schema import LAYERS
from lindero.layers.model.vocabularies import VOCABULARIES
from lindero.layers.workspace import manifest_file

FOLDER = Path(__file__).parents[2] / "lindero" / "data" / "public_record"
STATEMENT = "AMR 46/0358/2019"


def rows(layer):
    with FOLDER.joinpath("files", f"{layer}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def record():
    return manifest_file.load_workspace(FOLDER)


def test_every_file_is_the_one_that_the_manifest_describes(record):
    for source in record.sources:
        assert hashlib.sha256(FOLDER.joinpath(source.file).read_bytes()).hexdigest() == source.sha256
        assert not source.invented
        assert source.url


def test_the_three_cases_of_the_statement_are_there():
    assert [row["title"] for row in rows("incidents")] == [
        "Criminalización de personas defensoras en Espinar, Cusco",
        "Cargos contra 16 personas defensoras en Cajamarca por participar en protestas",
        "Caso de Máxima Acuña",
    ]


def test_every_incident_cites_the_statement():
    assert all(STATEMENT in row["sources"] for row in rows("incidents"))


def test_every_incident_is_public_and_no_finer_than_its_province():
    for row in rows("incidents"):
        assert row["visibility"] == "public_record"
        assert row["location_precision"] in {"province", "region"}
        assert not {"latitude", "longitude", "geometry", "wkt"} & row.keys()


def test_a_date_that_no_source_gives_to_the_day_says_so():
    for row in rows("incidents"):
        assert (row["date_precision"] == "unknown") == (not row["occurred_on"])
        assert row["date_precision"] != "day"


def test_sixteen_defenders_were_charged_in_cajamarca():
    assert [row["count"] for row in rows("victims") if "CAJAMARCA" in row["incident_id"]] == ["16"]


@pytest.mark.parametrize("layer", ["incidents", "acts", "victims", "case_steps"])
def test_every_column_and_code_is_one_of_the_schema(layer):
    columns = {column.name: column for column in LAYERS[layer].columns}
    for row in rows(layer):
        assert row.keys() <= columns.keys()
        for name, value in row.items():
            if (vocabulary := columns[name].vocabulary) and value:
                assert set(value.split(";")) <= set(VOCABULARIES[vocabulary])


@pytest.mark.parametrize("layer", ["acts", "victims", "case_steps"])
def test_every_row_belongs_to_an_incident(record, layer):
    incidents = next(source for source in record.sources if source.layer == "incidents")
    ids = {f"{incidents.id}/{incidents.snapshot_on}/{row['code']}" for row in rows("incidents")}

    assert {row["incident_id"] for row in rows(layer)} <= ids


def test_the_readme_says_what_was_not_verified():
    readme = FOLDER.joinpath("README.md").read_text(encoding="utf-8")

    assert STATEMENT in readme
    assert "## What was not verified" in readme
