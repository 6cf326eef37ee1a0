import csv
import io
import json
from functools import partial

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point

from lindero.app.media.files import plain as output
from lindero.app.media.files.export import export_layer, write_answer, write_batches
from lindero.app.media.files.files import to_records
from lindero.app.media.files.formats import KINDS, Format
from lindero.app.media.files.plain import to_json
from lindero.app.media.files.rounding import round_figures
from lindero.app.text.digits import round_value
from lindero.layers.errors import AnswerError
from lindero.layers.model.schema import CRS
from tests.files import concessions

FORMULAS = ["=1+1", "＝1+1", "＠SUM(A1)", "+51 999", "-1", "@SUM(A1)", "\tx", "\rx"]


@pytest.mark.parametrize("width", [240, 24], ids=["all fit", "some are cut"])
def test_a_table_is_as_wide_as_rich_measures_it(monkeypatch, capsys, width):
    rows = {
        "name": ["Peñón", "水俣 \t x", "two\nlines", ":cow:"],
        "area_ha": [1.5, None, 22.25, 3.0],
        "kind": ["a b c"] * 4,
    }
    monkeypatch.setattr(output, "_WIDTH", width)
    output.print_table(rows, 4)
    own = capsys.readouterr().out
    monkeypatch.setattr(output, "_column_widths", lambda columns, _width: [None] * len(columns))
    output.print_table(rows, 4)

    assert own == capsys.readouterr().out
    assert ":cow:" in own  # a name is no picture


def table(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("cell", FORMULAS)
def test_a_cell_that_a_spreadsheet_would_compute_is_text(tmp_path, cell):
    export_layer(concessions(1, name=cell), "csv", tmp_path / "a.csv")

    assert table(tmp_path / "a.csv")[0]["name"] == "'" + cell.replace("\r", "\n")


def test_a_negative_number_stays_a_number(tmp_path):
    export_layer(concessions(1, area_ha=-1.5), "csv", tmp_path / "a.csv")

    assert table(tmp_path / "a.csv")[0]["area_ha"] == "-1.5"


@pytest.mark.parametrize("kind", KINDS)
def test_every_format_opens_again_with_the_same_rows(tmp_path, kind):
    frame = concessions(5)
    path = tmp_path / f"a.{'zip' if kind == 'shp' else kind}"

    assert export_layer(frame, kind, path) == 5
    if kind == "json":
        assert [row["name"] for row in json.loads(path.read_text())["rows"]] == frame["name"].tolist()
        return
    if kind in {"csv", "xlsx"}:
        opened = pd.read_csv(path) if kind == "csv" else pd.read_excel(path, engine="openpyxl")
        opened = gpd.GeoDataFrame(opened, geometry=gpd.GeoSeries.from_wkt(opened["geometry"]), crs=frame.crs)
    else:
        opened = gpd.read_parquet(path) if kind == "parquet" else gpd.read_file(path)
        opened = opened.rename(columns={"Name": "name"}).set_crs(frame.crs, allow_override=True)
    opened = opened.sort_values("code", ignore_index=True)
    assert opened["name"].tolist() == frame["name"].tolist()
    assert opened.normalize().geom_equals_exact(frame.normalize(), 1e-7).all()


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_layer_is_a_file_without_rows(tmp_path, kind):
    assert export_layer(concessions(1).iloc[:0], kind, tmp_path / f"a.{kind}") == 0
    assert (tmp_path / f"a.{kind}").exists()


def test_nothing_of_the_old_file_stays(tmp_path):
    path = tmp_path / "a.gpkg"
    concessions(9).to_file(path, layer="vieja", driver="GPKG")
    export_layer(concessions(2), "gpkg", path)

    assert b"vieja" not in path.read_bytes()


@pytest.mark.parametrize("kind", ["geojson", "gpkg", "fgb", "kml", "shp"])
def test_a_table_without_geometry_is_refused_where_it_needs_one(tmp_path, kind):
    with pytest.raises(AnswerError, match="no geometry to write"):
        export_layer(gpd.GeoDataFrame({"id": ["a"]}), kind, tmp_path / "a")


def test_a_table_without_geometry_is_written_as_csv(tmp_path):
    export_layer(gpd.GeoDataFrame({"id": ["a"], "type": ["threat"]}), "csv", tmp_path / "a.csv")

    assert table(tmp_path / "a.csv") == [{"id": "a", "type": "threat"}]


@pytest.mark.parametrize("kind", KINDS)
def test_a_folder_that_is_not_there_is_said(tmp_path, kind):
    with pytest.raises(AnswerError, match="cannot be written"):
        export_layer(concessions(1), kind, tmp_path / "nowhere" / f"a.{kind}")


@pytest.mark.parametrize("form", [Format.GPKG, Format.PARQUET])
def test_a_binary_form_needs_a_file(form):
    with pytest.raises(AnswerError, match="is written to a file; name it with --output"):
        write_answer(concessions(), form, None)


def test_json_on_standard_output_is_json_alone(capsys):
    write_answer(concessions(2), Format.JSON, None, head={"pairs": 2})
    given_out = capsys.readouterr()

    assert json.loads(given_out.out)["overlaps"][0]["name"] == "Peñón Ñandú 1"
    assert not given_out.err


def pairs(count):
    """Return rows as of an answer about overlaps, with a text that needs care and a column filled only at the end."""
    names = ["Peñón", "=1+1", None, 'a "b", c', "two\nlines", ""]
    texts = [names[n % len(names)] for n in range(count)]
    hectares = [n / 7 * 10 ** (n % 9 - 4) for n in range(count)]
    frame = pd.DataFrame({"left_id": [f"s/{n}" for n in range(count)], "left_name": texts, "area_ha": hectares})
    return frame.assign(left_name=frame["left_name"].astype("str"), point=pd.Series([*[None] * (count - 1), "left"]))


@pytest.mark.parametrize("form", [Format.TABLE, Format.CSV, Format.JSON])
@pytest.mark.parametrize("count", [1, 7, 60])
@pytest.mark.parametrize("invented", [False, True])
def test_an_answer_in_batches_is_written_as_in_one(form, count, invented, capsys, tmp_path):
    rows, head = pairs(count), {"pairs": count, "sources": [{"source_id": "s", "invented": invented}]}
    batches = [rows.iloc[begin : begin + 3] for begin in range(0, count, 3)]

    for file in (None, tmp_path / "a"):
        write_answer(rows, form, file, head=head)
        at_once = capsys.readouterr().out if file is None else file.read_bytes()
        write_batches(iter(batches), form, file, head=head, rows_key="overlaps")
        assert at_once == (capsys.readouterr().out if file is None else file.read_bytes())


@pytest.mark.parametrize("form", [Format.PARQUET, Format.XLSX])
def test_an_answer_in_batches_fills_the_same_tables(form, tmp_path):
    rows, file = pairs(7), tmp_path / f"a.{form}"
    write_batches(iter([rows.iloc[:3], rows.iloc[3:]]), form, file, head={}, rows_key="overlaps")
    read = pd.read_parquet if form is Format.PARQUET else partial(pd.read_excel, engine="openpyxl")
    table = read(file)
    write_answer(rows, form, file, head={})

    assert len(table) == 7
    assert table.equals(read(file))


@pytest.mark.parametrize("form", [Format.JSON, Format.CSV])
def test_an_answer_without_rows_has_its_head_or_columns(form, capsys):
    write_batches(iter([pairs(1).head(0)]), form, None, head={"pairs": 0}, rows_key="overlaps")

    assert (
        capsys.readouterr().out
        == {
            Format.JSON: '{\n "pairs": 0,\n "overlaps": []\n}\n',
            Format.CSV: "left_id,left_name,area_ha,point\n",
        }[form]
    )


def test_a_form_of_shapes_needs_shapes(tmp_path):
    with pytest.raises(AnswerError, match="no geometry to write"):
        write_answer(pairs(2), Format.GEOPARQUET, tmp_path / "a.parquet")
    write_answer(concessions(2), Format.GEOPARQUET, tmp_path / "a.parquet")

    assert len(gpd.read_parquet(tmp_path / "a.parquet")) == 2


numbers = st.one_of(st.floats(), st.decimals(-(10**9), 10**9, places=5).map(float), st.floats(-1e-3, 1e-3))


@given(numbers=st.lists(numbers, min_size=1, max_size=50), name=st.sampled_from(["area_ha", "share_of_left", "z"]))
def test_a_column_is_rounded_as_each_of_its_numbers(numbers, name):
    rounded = round_figures(pd.DataFrame({name: numbers}))[name].tolist()

    assert list(map(repr, rounded)) == [repr(round_value(name, number)) for number in numbers]


def test_a_long_table_says_how_much_it_leaves_out(capsys):
    write_answer(concessions(60), Format.TABLE, None)

    assert "… more rows: 10;" in capsys.readouterr().out


def test_a_wide_table_shows_the_columns_that_fit_and_names_the_others_geometry_among_them(capsys):
    columns = {f"column_{n}": ["x" * 30] for n in range(20)}
    rows = gpd.GeoDataFrame({"name": ["Yauri"], **columns}, geometry=[Point(-71.4, -14.8)], crs=CRS)

    write_answer(rows, Format.TABLE, None)
    table, told = capsys.readouterr().out.split("… more columns: ")

    assert "Yauri" in table
    assert "column_3" in table
    assert "column_19" not in table
    assert "POINT" not in table
    assert told.split(";")[0].split(", ")[-2:] == ["column_19", "geometry"]


values = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.dates(), st.text())


@given(rows=st.lists(st.fixed_dictionaries({"a": values, "b": values}), min_size=1, max_size=4))
def test_whatever_a_row_holds_is_valid_json(rows):
    frame = pd.DataFrame(rows, dtype=object).replace([float("inf"), float("-inf")], None)

    assert len(json.loads(to_json(to_records(frame)))) == len(rows)


@given(cells=st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\x00\r\n")), min_size=1, max_size=5))
def test_no_cell_of_a_csv_begins_a_formula(tmp_path_factory, cells):
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    export_layer(gpd.GeoDataFrame({"id": cells, "other": "x"}), "csv", path)

    for row in csv.reader(io.StringIO(path.read_text(encoding="utf-8"))):
        assert not row[0].startswith((*"=+-@＝＋－＠", "\t", "\r"))
