"""Traps of the mining register of Ecuador: two datums in one answer, and a status that hides several."""

import csv
import datetime as dt

import pytest
from pyproj import Geod, Transformer

from lindero.app.builder.add.plan import plan_source
from lindero.layers.errors import CRSError
from lindero.layers.reference.packs import FOLDER
from lindero.layers.sources import MAPPINGS_BY_NAME
from lindero.layers.workspace import manifest_file
from lindero.layers.workspace.source_options import SourceOptions

SAMPLE = FOLDER / "ec" / "samples" / "catastro.csv"


def read(tmp_path, path=SAMPLE, **options):
    space = manifest_file.create_workspace(tmp_path / "space", title="x", country="EC")
    return plan_source(
        str(path), SourceOptions(snapshot_on="2026-11-01", **options), space, today=dt.date(2026, 11, 30)
    )


def received():
    with SAMPLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def move_rows(path, zones):
    rows = received()
    for row, zone in zip(rows, zones, strict=False):
        row["coordenadasWGS84.zona"] = zone
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_of_two_datums_in_one_answer_wgs_84_is_read_without_a_word(tmp_path):
    plan = read(tmp_path)
    point = plan.tables["concessions"].geometry.iloc[0]
    row = received()[0]
    to_degrees = Transformer.from_crs("EPSG:32717", "OGC:CRS84", always_xy=True)
    away = [
        Geod(ellps="WGS84").inv(point.x, point.y, *to_degrees.transform(row[f"{x}.utmEste"], row[f"{x}.utmNorte"]))[2]
        for x in ("coordenadasWGS84", "coordenadasPSAD56")
    ]

    assert list(row).index("coordenadasPSAD56.utmEste") < list(row).index("coordenadasWGS84.utmEste")
    assert plan.received.crs.to_epsg() == 32717
    assert away[0] < 0.01
    assert away[1] > 100


def test_rows_in_two_zones_are_refused(tmp_path):
    with pytest.raises(CRSError, match="several UTM zones"):
        read(tmp_path, move_rows(tmp_path / "two.csv", ["17", "18"]))


def test_a_table_in_the_other_zone_lies_there(tmp_path):
    moved = read(tmp_path, move_rows(tmp_path / "other.csv", ["18"] * 24), crs="EPSG:32718").tables["concessions"]
    same = read(tmp_path / "again", move_rows(tmp_path / "same.csv", ["18"] * 24), crs="").tables["concessions"]

    assert moved.geometry.geom_equals(same.geometry).all()


def test_an_archived_concession_may_be_suspended_or_ended_or_never_granted(tmp_path):
    concessions = read(tmp_path).tables["concessions"]

    assert set(concessions.loc[concessions["status_received"] == "ARCHIVADA", "status"]) == {"unknown"}


def test_documents_of_persons_and_old_coordinates_fill_no_column():
    fields = {name for names in MAPPINGS_BY_NAME["arcom"].fields.values() for name in names}

    assert not [name for name in fields if "PSAD56" in name or "Documento" in name or "representante" in name]
