"""A publication as it is written: of a map and a vault together, in files that other programs can read."""

import datetime as dt
import json

import geopandas as gpd
import pytest

from app.intake.build import build
from app.publication import publication_files
from app.publication.checking import check
from app.publication.publication_files import DESCRIPTION
from app.publication.publishing import publication
from tests.files import text
from tests.secret_files import Secret, csv_of, made, put

TODAY = dt.date(2026, 6, 30)


def public(number, **other):
    told = {"title": f"En la prensa {number}", "sources": f"La República {number}", "location_precision": "district"}
    return Secret(number, "public_record").row(**told | {"place_text": ""} | other)


@pytest.fixture
def both(files, tmp_path):
    """Public record on the map and in the vault."""
    files.add("incidents", csv_of([public(200), public(201)]))
    build(files.space)
    held = made(files.folder)
    put(held, files.space, text(tmp_path / "casos.csv", csv_of([public(300), Secret(1, "restricted").row()])))
    return files.space, held


def test_public_record_of_the_map_and_of_the_vault_is_published_together(both, tmp_path):
    space, held = both

    publication_files.write(publication(space, held, today=TODAY), tmp_path / "public", prove=lambda _new: None)

    shown = gpd.read_parquet(tmp_path / "public" / "layers" / "incidents.parquet")
    assert set(shown["title"]) == {"En la prensa 200", "En la prensa 201", "En la prensa 300"}
    assert check(tmp_path / "public", held).broken == []


def test_the_description_and_the_data_of_the_site_are_json(both, tmp_path):
    publication_files.write(publication(*both, today=TODAY), tmp_path / "public", prove=lambda _new: None)

    def refused(constant):
        pytest.fail(f"{constant} is no JSON")

    described = json.loads((tmp_path / "public" / DESCRIPTION).read_text("utf-8"), parse_constant=refused)
    data = (tmp_path / "public" / "site" / "data.js").read_text("utf-8")
    json.loads(data.removeprefix("window.LINDERO = ").rstrip(";\n"), parse_constant=refused)
    assert {"title", "publisher"} <= described["sources"][-1].keys()
