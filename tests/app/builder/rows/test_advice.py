"""What is refused says what to do."""

import re

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from lindero.app.builder.add.plan import plan_source, plan_text
from lindero.app.text.error_advice import error_text
from lindero.layers.check.incident_region import locate_incidents
from lindero.layers.errors import LayerError
from lindero.layers.workspace.source_options import SourceOptions
from tests.files import TODAY, Files, concessions, geojson, square, text, zipped

CURVE = "CURVEPOLYGON(CIRCULARSTRING(-78.5 -7,-78.4 -6.9,-78.5 -6.8,-78.6 -6.9,-78.5 -7))"


def without_shx(folder):
    concessions().to_file(folder / "capa.shp")
    return zipped(folder / "capa.zip", **{f"capa{suffix}": folder / f"capa{suffix}" for suffix in (".shp", ".dbf")})


def vertices(folder):
    shape = shapely.MultiPoint(square().exterior.coords)
    return geojson(folder / "a.geojson", gpd.GeoDataFrame({"name": ["A"]}, geometry=[shape], crs=4326))


def angles(folder):
    rows = ['A,public_record,"78°30\'00""","7°00\'00"""', 'B,public_record,"78°31\'00""","7°05\'00"""']
    return text(folder / "a.csv", "\n".join(["code,visibility,longitud,latitud", *rows]))


def access(kind):
    return lambda folder: text(folder / "a.mdb", f"\x00\x01\x00\x00Standard {kind} DB\x00abc")


KML = '<kml xmlns="http://www.opengis.net/kml/2.2"><Document/></kml>'
CASES = {
    "angles without hemisphere": ("incidents", angles, "S and W after the angles"),
    "a zip without .shx": ("concessions", without_shx, r"open the \.shp in QGIS"),
    "an empty KML": (
        "concessions",
        lambda folder: text(folder / "a.kml", KML),
        "it was saved empty, or the server had no data",
    ),
    "no header": (
        "communities",
        lambda folder: text(folder / "a.csv", "C1,A,-78.5,-7\nC2,B,-78,-7\n"),
        "line of names",
    ),
    "Access, old": ("concessions", access("Jet"), r"export the table as \.xlsx"),
    "Access": ("concessions", access("ACE"), r"export the table as \.xlsx"),
    "vertices": ("communities", vertices, "ask the sender for a polygon"),
    "a curve": ("communities", lambda folder: text(folder / "a.csv", f'name,wkt\nA,"{CURVE}"\n'), "Segmentize"),
}


@pytest.mark.parametrize("case", CASES)
def test_a_file_that_is_refused_says_what_to_do(tmp_path, case):
    layer, write, advice = CASES[case]
    space = Files(tmp_path / "space").space

    with pytest.raises(LayerError) as refused:
        plan_source(str(write(tmp_path)), SourceOptions(layer=layer, publisher="P"), space, today=TODAY)
    assert re.search(advice, error_text(refused.value))


def test_years_and_known_names_are_a_header(tmp_path):
    path = text(tmp_path / "a.csv", 'name,"1.5",wkt\nA,2,POINT(-78.5 -7)\n')

    taken = plan_source(
        str(path), SourceOptions(layer="communities", publisher="P"), Files(tmp_path / "w").space, today=TODAY
    )

    assert len(taken.tables["communities"]) == 1


@pytest.mark.parametrize(
    ("ubigeo", "region"),
    [
        ("060101", "Cajamarca"),
        ("60101", "Cajamarca"),  # as a spreadsheet leaves it
        ("0601", "Cajamarca"),
        ("601", "Cajamarca"),
        ("06", "Cajamarca"),
        ("6", "Cajamarca"),
        ("250301", "Ucayali"),
        ("12", "Junín"),
        ("07", "El Callao"),
        ("990101", None),
        ("000000", None),
    ],
)
def test_ubigeo_names_its_department(ubigeo, region):
    row = {"country": None, "region": ubigeo, "place_text": None, "location_precision": "country"}
    rows = pd.DataFrame([row], index=[1])
    unstated = pd.Series([True], index=[1])
    found = locate_incidents(rows, placed=~unstated, country="PE", unstated=unstated)

    assert found.rows["region"].tolist() == [region or ubigeo]
    assert found.rows["location_precision"].tolist() == ["region" if region else "country"]
    assert found.findings["finding"].tolist() == ([] if region else ["region_not_known"])
    assert locate_incidents(rows, placed=~unstated, country="CO").rows["region"].tolist() == [ubigeo]


def test_a_file_that_the_workspace_has_already_is_said(files, tmp_path):
    path = geojson(tmp_path / "a.geojson", concessions())
    files.add("concessions", path, id="first")

    told = plan_text(
        plan_source(str(path), SourceOptions(layer="concessions", publisher="P"), files.space, today=TODAY)
    )
    other = geojson(tmp_path / "b.geojson", concessions(2))
    of_other = plan_text(
        plan_source(str(other), SourceOptions(layer="concessions", publisher="P"), files.space, today=TODAY)
    )

    assert "the workspace already has this file: first@2026-01-01" in told
    assert "already" not in of_other


def test_regions_across_a_coarse_border_are_not_named_of_a_file_of_one_country(files, tmp_path):
    shapes = [shapely.Point(-79.2, -5.2), shapely.Point(-79.02, -4.97)]  # Piura, and by coarse borders Zamora
    border = gpd.GeoDataFrame({"code": ["A", "B"], "visibility": "public_record"}, geometry=shapes, crs=4326)
    far = pd.concat([border, border.set_geometry([shapely.Point(-78.5, -0.5)] * 2).assign(code=["C", "D"])])
    text_of = {}
    for name, frame in (("border", border), ("far", far)):
        path = geojson(tmp_path / f"{name}.geojson", frame)
        taken = plan_source(str(path), SourceOptions(layer="incidents", publisher="P"), files.space, today=TODAY)
        text_of[name] = plan_text(taken, country="PE")

    assert "Zamora" in plan_text(taken)
    assert "Zamora" not in text_of["border"]
    assert "Cotopaxi" in text_of["far"] or "Pichincha" in text_of["far"]


def test_a_column_of_positions_is_not_listed_where_the_geometry_is_used(files, tmp_path):
    path = geojson(tmp_path / "a.geojson", concessions(1, coordenada=["-78.4,-6.9"]))

    told = plan_text(
        plan_source(str(path), SourceOptions(layer="concessions", publisher="P"), files.space, today=TODAY)
    )

    assert "← coordenada" not in told
    assert "not used: coordenada" in told
