"""Layers as files: whole or not at all, with their types and terms, and the same rows again when they are added."""

import datetime as dt
import json
import sqlite3
import zipfile
from contextlib import closing

import geopandas as gpd
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely

from lindero.app.builder.add.plan import plan_source
from lindero.app.media.files.files import count_losses, to_csv, write_file
from lindero.app.media.files.formats import KINDS
from lindero.layers.errors import AnswerError
from lindero.layers.model.schema import CRS, LAYERS
from lindero.layers.workspace.source_options import SourceOptions
from tests.files import TODAY, collection, concessions, feature, incidents, square, text

TERMS = ("Catastro. Ministerio de Energía, 2026-01-01. Licence: CC BY 4.0.",)
DRAWN = [kind for kind in KINDS if kind != "json"]
RING = square().difference(square(side=0.004))
RECEIVED = {
    "concessions": collection(
        [
            feature({"code": "Ñ1", "name": "Peñón, «Ñandú»", "granted_on": "2001-02-03", "status": "granted", "area_official_ha": 119.5}, RING),
            feature({"code": "Ñ2", "name": "=SUMA(1)", "granted_on": None, "status": "raro", "area_official_ha": None}, shapely.MultiPolygon([square(2), square(4)])),
        ]
    ),
    "communities": collection(
        [
            feature({"name": "A", "population": 12, "type": "native"}, square()),
            feature({"name": "B", "population": None, "type": "peasant"}, square(3).centroid),
        ]
    ),
    "incidents": incidents("A,2020-01-02,Aquí,public_record,-78.4,-7.1", "B,2021-03-04,Allá,public_record,,"),
}  # fmt: skip


def taken(path, layer, space, **wishes):
    wished = SourceOptions(layer=layer, publisher="P", snapshot_on="2026-01-01", crs="OGC:CRS84", **wishes)
    return plan_source(str(path), wished, space, today=TODAY).tables[layer]


@pytest.fixture
def rows_of(files, tmp_path):
    def rows(layer):
        name = f"{layer}.{'csv' if layer == 'incidents' else 'geojson'}"
        return taken(text(tmp_path / name, RECEIVED[layer]), layer, files.space)

    return rows


@pytest.mark.parametrize("layer", RECEIVED)
@pytest.mark.parametrize("kind", DRAWN)
def test_what_is_exported_and_added_is_the_same_again(rows_of, files, tmp_path, kind, layer):
    rows = rows_of(layer)
    path = tmp_path / f"salida.{'zip' if kind == 'shp' else kind}"
    write_file(rows, kind, path, layer=LAYERS[layer], terms=TERMS)

    parts = [""]
    if kind == "shp" and layer == "communities":
        parts = [f"{layer}_areas", f"{layer}_points"]
    again = [taken(path, layer, files.space, sublayer=part) for part in parts]

    key = "name" if layer == "communities" else "code"
    found = {row[key]: row for frame in again for row in frame.to_dict("records")}
    for row in rows.to_dict("records"):
        same = found.pop(row[key])
        same["name"] = same.get("name", "") if kind != "csv" else same.get("name", "").removeprefix("'")  # marks a text
        row.setdefault("name", "")
        for column in {"name", "granted_on", "status", "population", "occurred_on", "place_text", "type"} & {*row}:
            assert same[column] == row[column] or (same[column] != same[column] and row[column] != row[column])
        assert (same["geometry"] is None) == (row["geometry"] is None)
        if row.get("area_ha") == row.get("area_ha") and "area_ha" in row:
            assert same["area_ha"] == pytest.approx(row["area_ha"], rel=1e-6)
    assert not found


def test_an_earlier_file_stays_if_the_new_one_cannot_be_written(tmp_path, monkeypatch):
    path = text(tmp_path / "a.fgb", "antes")

    def broken(*_, **__):
        (tmp_path / "x").write_text("")
        raise pyogrio.errors.DataSourceError("roto")

    monkeypatch.setattr(pyogrio, "write_dataframe", broken)
    with pytest.raises(AnswerError, match="cannot be written: roto"):
        write_file(concessions(), "fgb", path)
    assert path.read_text() == "antes"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.fgb", "x"]


def test_a_flatgeobuf_holds_all_rows_also_those_without_a_place(tmp_path, rows_of):
    write_file(rows_of("incidents"), "fgb", tmp_path / "a.fgb", layer=LAYERS["incidents"])

    assert len(gpd.read_file(tmp_path / "a.fgb")) == 2


@pytest.mark.parametrize("kind", ["gpkg", "parquet", "shp"])  # FlatGeobuf has no days
def test_days_are_days_and_counts_are_whole(tmp_path, rows_of, kind):
    path = tmp_path / f"a.{'zip' if kind == 'shp' else kind}"
    for layer, column, wanted in (
        ("concessions", "granted_on", pa.date32()),
        ("communities", "population", pa.int32()),
    ):
        rows = rows_of(layer)
        rows = rows[rows.geometry.geom_type != "Point"]
        write_file(rows, kind, path, layer=LAYERS[layer])
        if kind == "parquet":
            schema = pq.read_schema(path)
        else:
            named = {"layer": layer} if kind == "gpkg" else {}  # where its style lies beside it
            schema = pyogrio.read_arrow(f"/vsizip/{path}" if kind == "shp" else path, **named)[1].schema
        assert schema.field(column).type in ({wanted, pa.int64()} if column == "population" else {wanted})


def test_the_terms_are_inside(tmp_path):
    frame = concessions()
    for kind in KINDS:
        write_file(frame, kind, tmp_path / f"a.{kind}", layer=LAYERS["concessions"], terms=TERMS)

    assert TERMS[0] in json.loads((tmp_path / "a.geojson").read_text())["description"]
    assert json.loads((tmp_path / "a.json").read_text())["terms"] == [*TERMS]
    with closing(sqlite3.connect(tmp_path / "a.gpkg")) as con:
        assert con.execute("SELECT description FROM gpkg_contents").fetchone() == TERMS
    assert TERMS[0].encode() in (tmp_path / "a.fgb").read_bytes()
    assert pq.read_schema(tmp_path / "a.parquet").metadata[b"terms"].decode() == TERMS[0]
    assert (tmp_path / "a-LICENCE.txt").read_text().strip() == TERMS[0]
    assert openpyxl.load_workbook(tmp_path / "a.xlsx").properties.description == TERMS[0]
    assert TERMS[0] in (tmp_path / "a.kml").read_text()
    with zipfile.ZipFile(tmp_path / "a.shp") as archive:
        assert archive.read("LICENCE.txt").decode().strip() == TERMS[0]
        assert "holder,holder" in archive.read("fields.txt").decode()


def test_a_csv_opens_in_a_spreadsheet_with_its_letters(tmp_path):
    write_file(concessions(), "csv", tmp_path / "a.csv")

    assert (tmp_path / "a.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_a_workbook_computes_nothing_and_has_days(tmp_path, rows_of):
    write_file(rows_of("concessions"), "xlsx", tmp_path / "a.xlsx", layer=LAYERS["concessions"])

    head, *rows = openpyxl.load_workbook(tmp_path / "a.xlsx").active.iter_rows()
    names = [cell.value for cell in head]
    assert {row[names.index("name")].data_type for row in rows} == {"s"}
    assert rows[0][names.index("granted_on")].value == dt.datetime(2001, 2, 3)  # noqa: DTZ001  as workbooks have them


def test_a_table_without_places_goes_into_parquet(tmp_path):
    write_file(gpd.GeoDataFrame({"id": ["a"], "n": [1]}), "parquet", tmp_path / "a.parquet")

    assert pq.read_table(tmp_path / "a.parquet").to_pylist() == [{"id": "a", "n": 1}]


def test_what_a_format_cannot_hold_is_counted():
    many = shapely.Point(-78, -7).buffer(0.1, quad_segs=1000)
    frame = gpd.GeoDataFrame({"name": ["x" * 300]}, geometry=[many], crs=CRS)

    assert count_losses(frame, "xlsx") == {"boundaries_too_long": 1}
    assert count_losses(frame, "shp") == {"texts_cut": 1}
    assert not count_losses(frame, "gpkg")
    assert not count_losses(concessions(), "xlsx")


def test_rows_without_columns_are_an_empty_csv():
    assert to_csv(pd.DataFrame([])).strip() == ""
