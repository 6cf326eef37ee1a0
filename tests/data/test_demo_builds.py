"""The embedded workspaces build, and every row of theirs is accounted for."""

import shutil
from collections import Counter
from pathlib import Path

import pytest

from lindero.app.builder.build import build_map
from lindero.layers.database import map_database
from lindero.layers.workspace import manifest_file
from tests.demo_files import features

DATA = Path(__file__).parents[2] / "lindero" / "data"


@pytest.fixture(scope="module")
def public_record(tmp_path_factory):
    folder = tmp_path_factory.mktemp("workspace") / "public_record"
    shutil.copytree(DATA / "public_record", folder, ignore=shutil.ignore_patterns("build"))
    with map_database.connect(build_map(manifest_file.load_workspace(folder)).path) as con:
        yield folder, con


@pytest.fixture(params=["demo", "public_record"])
def built(request, demonstration, public_record):
    return request.param, (demonstration if request.param == "demo" else public_record)[1]


def test_every_row_is_kept_but_the_incidents_that_need_the_vault(built):
    name, con = built
    withheld = Counter(incident["visibility"] for incident in features("incidents"))
    expected = withheld.total() - withheld["public_record"] if name == "demo" else 0
    rejects = map_database.read_table(con, "rejects")
    sources = map_database.read_table(con, "sources")

    assert (rejects["source_id"] == "demo-incidents").sum() == expected
    assert (sources["rows_read"] == sources["rows_kept"] + sources["rows_rejected"]).all()
    assert set(rejects["reason"]) <= {"needs_the_vault", "incident_not_on_the_map"}


def test_nothing_had_to_be_repaired_or_could_not_be_read(built):
    _, con = built
    findings = map_database.read_table(con, "findings")

    assert map_database.read_table(con, "repairs").empty
    assert set(findings["finding"]) <= {"duplicate_geometry", "hectares_differ"}  # as in real registers


def test_overlaps_of_the_demonstration_are_certain_and_slivers(built):
    name, con = built
    overlaps = map_database.read_overlaps(con, "concessions", "communities")

    assert overlaps.empty if name == "public_record" else {"certain", "sliver"} <= set(overlaps["certainty"])
