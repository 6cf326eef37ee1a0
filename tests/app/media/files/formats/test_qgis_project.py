"""
A project for QGIS: its groups, its layers as on our map, its background, and whose they are.

QGIS itself (3.40, Debian's) was asked by hand to open one and draw it: docs/screenshots/qgis-project.jpg. Here its
structure is held to what QGIS writes and reads.
"""

import zipfile
from xml.etree import ElementTree as ET

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest

from lindero.app.media.files.formats import qgis_project
from lindero.app.text import i18n
from lindero.geo.geometry.crs import WEB_MERCATOR
from lindero.layers.errors import AnswerError
from lindero.layers.model.schema import CRS, LAYERS
from lindero.layers.reference import base_data
from tests.files import square

TERMS = {"concessions": ["Catastro «A & B» <1>. Ministerio. Licence: CC BY 4.0."], "communities": ["Otro. Editora."]}


def rows(layer, shape=None, **told):
    known = {"id": f"{layer}/1", "source_id": layer, "snapshot_on": pd.Timestamp("2026-01-01"), "row_number": 1, **told}
    columns = {column: [known.get(column)] for column in (each.name for each in LAYERS[layer].columns)}
    return gpd.GeoDataFrame(columns, geometry=[square() if shape is None else shape], crs=CRS)


@pytest.fixture
def project(tmp_path):
    i18n.set_language("es")
    layers = {"concessions": rows("concessions", kind="mining", name="Ñandú"), "communities": rows("communities")}
    beside = qgis_project.write_project(layers, tmp_path / "mapa.qgz", title="Mapa", terms=TERMS)
    assert beside == tmp_path / "mapa.gpkg"
    with zipfile.ZipFile(tmp_path / "mapa.qgz") as archive:
        (name,) = archive.namelist()
        assert name.endswith(".qgs")
        return ET.fromstring(archive.read(name))


def test_groups_hold_the_layers_in_the_order_of_the_map_over_the_background(project):
    own, below = project.findall("layer-tree-group/layer-tree-group")

    assert [layer.get("name") for layer in own] == ["Concesiones", "Comunidades"]
    assert below.get("name") == "Mapa de fondo"
    assert [layer.get("id") for layer in below][-1] == "ground_regions"


def test_each_layer_is_one_of_the_geopackage_beside_it(project, tmp_path):
    held = {name for name, _kind in pyogrio.list_layers(tmp_path / "mapa.gpkg")}
    listed = [layer.get("id") for layer in project.iter("layer-tree-layer")]

    for layer in project.findall("projectlayers/maplayer"):
        file, _, table = layer.findtext("datasource").partition("|layername=")
        assert (file, table in held) == ("./mapa.gpkg", True)
        assert layer.findtext("id") in listed
        assert layer.findtext("srs/spatialrefsys/authid") == CRS
        assert layer.find("renderer-v2/symbols/symbol") is not None
    assert len(listed) == len(project.findall("projectlayers/maplayer"))


def test_layers_are_drawn_as_on_the_map_with_codes_in_words(project):
    layers = {layer.findtext("id"): layer for layer in project.findall("projectlayers/maplayer")}
    categories = layers["concessions"].findall("renderer-v2/categories/category")

    assert "minería" in {category.get("label").lower() for category in categories}
    assert layers["communities"].find("renderer-v2").get("type") == "singleSymbol"
    assert {alias.get("field"): alias.get("name") for alias in layers["concessions"].iter("alias")}[
        "holder"
    ] == "Titular"


def test_it_says_whose_all_of_it_is(project):
    layers = {layer.findtext("id"): layer for layer in project.findall("projectlayers/maplayer")}
    shown = project.findtext("properties/CopyrightLabel/Label")

    assert layers["concessions"].findtext("attribution") == TERMS["concessions"][0]
    assert layers["ground_regions"].findtext("attribution") == base_data.CREDIT
    assert set(shown.splitlines()) == {*TERMS["communities"], *TERMS["concessions"], base_data.CREDIT}


def test_it_opens_where_its_layers_are_and_names_no_path(project):
    extent = {tag: float(project.findtext(f"mapcanvas/extent/{tag}")) for tag in ("xmin", "ymin", "xmax", "ymax")}
    west, south, east, north = gpd.GeoSeries([square()], crs=CRS).to_crs(WEB_MERCATOR).total_bounds

    assert extent["xmin"] < west < east < extent["xmax"]
    assert extent["ymin"] < south < north < extent["ymax"]
    assert project.findtext("projectCrs/spatialrefsys/authid") == WEB_MERCATOR
    assert project.findtext("properties/Paths/Absolute") == "false"


def test_the_same_rows_give_the_same_project(tmp_path):
    layers = {"concessions": rows("concessions", kind="mining")}
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        qgis_project.write_project(layers, tmp_path / name / "mapa.qgz", title="Mapa", terms=TERMS)

    assert (tmp_path / "a/mapa.qgz").read_bytes() == (tmp_path / "b/mapa.qgz").read_bytes()


def test_what_has_no_place_is_refused(tmp_path):
    empty = rows("incidents").iloc[:0]

    with pytest.raises(AnswerError, match="these rows have no geometry"):
        qgis_project.write_project({"incidents": empty}, tmp_path / "mapa.qgz", title="Mapa", terms={})
    assert not list(tmp_path.iterdir())


def test_a_geopackage_of_another_origin_is_not_written_over(tmp_path):
    other = tmp_path / "mapa.gpkg"
    other.write_bytes(b"somebody's own")
    layers = {"concessions": rows("concessions", kind="mining")}

    with pytest.raises(AnswerError, match="already"):
        qgis_project.write_project(layers, tmp_path / "mapa.qgz", title="Mapa", terms=TERMS)
    assert other.read_bytes() == b"somebody's own"
    assert list(tmp_path.iterdir()) == [other]
    qgis_project.write_project(layers, tmp_path / "otro.qgz", title="Mapa", terms=TERMS)
    qgis_project.write_project(layers, tmp_path / "otro.qgz", title="Mapa", terms=TERMS)  # its own, anew
