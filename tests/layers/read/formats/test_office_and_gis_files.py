"""Files of older spreadsheets and other GIS programs: GML, MapInfo, DXF, .xls, .ods, and KML with its fields as HTML."""

import shutil
import subprocess
import sys

import pytest

from lindero.app.builder.add.plan import ReceivedFile
from lindero.app.builder.add.proposals import describe_file
from lindero.layers.errors import SourceError
from lindero.layers.read.formats.vector.kml_description import parse_fields
from lindero.layers.read.reader import read
from lindero.layers.sources.field_proposals import propose_for_drawing
from lindero.layers.workspace.source_options import SourceOptions
from tests.files import concessions, text, zipped
from tests.old_workbook import old_workbook
from tests.open_document import ods

WRITTEN = [
    ("a.gml", "GML", 4326),
    ("utm.gml", "GML", 32717),
    ("a.tab", "MapInfo File", 32717),
    ("a.mif", "MapInfo File", 4326),
]
_WRITE = f"""
import sys
from pathlib import Path
import geopandas, pyogrio
folder = Path(sys.argv[1])
rows = geopandas.read_file(folder / "rows.geojson")
for name, driver, crs in {WRITTEN}:
    pyogrio.write_dataframe(rows.to_crs(crs), folder / name, driver=driver)
pyogrio.write_dataframe(rows[["geometry"]].to_crs(32717), folder / "a.dxf", driver="DXF")
"""
NAMES = ["Peñón Ñandú 1", "Peñón Ñandú 2", "Peñón Ñandú 3"]


@pytest.fixture(scope="module")
def of_programs(tmp_path_factory):
    """By a process of its own: here GDAL is to have no other drivers than those that layers need."""
    folder = tmp_path_factory.mktemp("written")
    (folder / "rows.geojson").write_text(concessions().to_json())
    subprocess.run([sys.executable, "-c", _WRITE, str(folder)], check=True)
    return folder


@pytest.fixture
def written(of_programs, tmp_path):
    """A folder in which a test may change what they wrote."""
    return shutil.copytree(of_programs, tmp_path / "written")


@pytest.mark.parametrize("name", [name for name, _driver, _crs in WRITTEN])
def test_what_gis_programs_write_is_read_row_for_row(written, name):
    received = read(written / name)

    assert received.rows["name"].tolist() == NAMES
    assert received.geometry.geom_type.isin(["Polygon", "MultiPolygon"]).all()
    placed = received.geometry.set_crs(received.crs).to_crs(4326)
    assert placed.total_bounds == pytest.approx([-78.5, -7.0, -78.47, -6.99], abs=1e-4)
    assert "files" in received.walls


def test_closed_lines_of_a_drawing_are_outlines(written):
    received = read(written / "a.dxf")

    assert received.geometry.geom_type.tolist() == ["Polygon"] * 3
    assert received.crs is None
    own = [(one.column, one.field) for one in propose_for_drawing(received) if one.is_sure]
    assert own == [("code", "EntityHandle")]
    assert "--field code=EntityHandle" in describe_file(ReceivedFile(written / "a.dxf"), SourceOptions())


TABLE = (".tab", ".dat", ".map", ".id")


def test_a_mapinfo_table_is_taken_out_of_an_archive_with_its_parts(written):
    path = zipped(written / "a.zip", **{f"capa/a{part}": written / f"a{part}" for part in TABLE})

    assert read(path).rows["name"].tolist() == read(written / "a.tab").rows["name"].tolist() == NAMES


def test_letters_that_a_mapinfo_table_does_not_tell_are_found_out(written):
    path = written / "a.mif"
    mid = path.with_suffix(".mid")
    mid.write_bytes("C1,Peñón,S\n".encode("cp1252"))
    head, _sign, data = path.read_text(encoding="latin_1").partition("Data\n")
    fields = 'Version 300\nCharset "Neutral"\nDelimiter ","\nColumns 3\n  code Char(9)\n  name Char(30)\n  holder Char(9)\nData\n'
    path.write_text(fields + "\n" + data.split("Region")[0] + "Region" + data.split("Region")[1], encoding="latin_1")

    assert read(path).rows["name"].tolist() == ["Peñón"]
    assert head


@pytest.mark.parametrize("kind", ["xls", "ods"])
def test_other_workbooks_are_read_as_xlsx_is(tmp_path, kind):
    rows = [["code", "name", "longitude", "latitude"], [7, "Ñandú", -78.5, -7], ["C2", "Peñón", -78.4, -7.25]]
    path = tmp_path / f"a.{kind}"
    if kind == "ods":
        ods(path, Hoja1=rows)
    else:
        path.write_bytes(old_workbook(Hoja1=rows))

    table = read(path).rows

    assert table.values.tolist() == rows[1:]
    assert list(table) == rows[0]


def test_sheets_of_an_old_workbook_are_named(tmp_path):
    path = tmp_path / "a.xls"
    path.write_bytes(old_workbook(Uno=[["a"], [1]], Vacía=[], Dos=[["b"], [2]]))

    with pytest.raises(SourceError, match="2 sheets with rows: Uno, Dos"):
        read(path)
    assert read(path, sublayer="Dos").rows["b"].tolist() == [2]


def test_an_old_workbook_is_known_by_its_content(tmp_path):
    path = tmp_path / "a.xlsx"
    path.write_bytes(old_workbook(Uno=[["a"], [1]]))

    assert read(path).rows["a"].tolist() == [1]


def place(description, name="A"):
    ring = "-78.5,-7 -78.49,-7 -78.49,-6.99 -78.5,-7"
    return f"<Placemark><name>{name}</name><description><![CDATA[{description}]]></description><Polygon><outerBoundaryIs><LinearRing><coordinates>{ring}</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>"


def kml(path, *places):
    return text(path, f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{"".join(places)}</Document></kml>')


ARCGIS = '<html><body style="margin:0"><table><tr style="text-align:center"><td>{0}</td></tr><tr><td><table border="1"><tr bgcolor="#D4E4F3"><td>EXPEDIENTE</td><td>{0}</td></tr><tr><td>TITULAR</td><td>Minera Peñón &amp; Cía</td></tr><tr><td>OBS</td><td>&lt;Null&gt;</td></tr></table></td></tr></table></body></html>'


def test_fields_in_a_table_of_html_become_fields(tmp_path):
    received = read(kml(tmp_path / "a.kml", place(ARCGIS.format("100-A")), place(ARCGIS.format("100-B"))))

    assert received.rows["EXPEDIENTE"].tolist() == ["100-A", "100-B"]
    assert received.rows["TITULAR"].tolist() == ["Minera Peñón & Cía"] * 2
    assert ("fields_in_description", "EXPEDIENTE, TITULAR, OBS") in set(
        zip(received.account.findings["finding"], received.account.findings["detail"], strict=True)
    )


@pytest.mark.parametrize(
    ("description", "fields"),
    [
        ("<b>Código:</b> 12<br><b>Etapa:</b> Explotación<br>", {"Código": "12", "Etapa": "Explotación"}),
        ("Código = 12\nEtapa = Explotación", {"Código": "12", "Etapa": "Explotación"}),
        ("<table><tr><th>A</th><th>B</th><th>C</th></tr><tr><td>1</td><td>2</td><td>3</td></tr></table>", {"A": "1", "B": "2", "C": "3"}),
        ("<ul><li>A: 1</li><li>B: 2</li></ul>", {"A": "1", "B": "2"}),
        ("Una comunidad: la más antigua", {}),
        ("Ver https://ejemplo.org\nhttps://ejemplo.org", {}),
        ("<table><tr><td>A<td>1<tr><td>B<td>2</table>", {"A": "1", "B": "2"}),
    ],
    ids=["br", "lines", "transposed", "list", "sentence", "links", "unclosed"],
)  # fmt: skip
def test_fields_are_told_from_sentences(description, fields):
    assert dict(sorted(parse_fields(description).items())) == fields


def test_descriptions_of_sentences_add_no_field(tmp_path):
    received = read(kml(tmp_path / "a.kml", place("Comunidad de los Andes"), place("Nota: sin título")))

    assert not set(received.account.findings["finding"])
