"""A GeoPackage opens in QGIS drawn as on our map, its columns and codes in the reader's language, with its terms."""

import sqlite3
from contextlib import closing
from xml.etree import ElementTree as ET

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely

from lindero.app.media.files.files import to_csv, write_file
from lindero.app.media.files.formats.qgis import column_title
from lindero.app.media.symbols import STYLES
from lindero.app.text import i18n
from lindero.layers.model.schema import CRS, LAYERS
from lindero.layers.model.vocabularies import VOCABULARIES
from lindero.layers.read import reader
from tests.built import build
from tests.files import Files, concessions, square

TERMS = ("Catastro «A & B» <1>. Ministerio, 2026-01-01. Licence: CC BY 4.0.", "Otro\x0b. Editora.")


def rows(name="concessions", shape=None):
    layer = LAYERS[name]
    told = {column.name: None for column in layer.columns}
    told |= {"id": "a/1", "source_id": "a", "snapshot_on": pd.Timestamp("2026-01-01"), "row_number": 1, "name": "Ñandú"}
    told = {column: told.get(column) for column in told if column in layer.names}
    kinds = {"kind": ["mining"], "status": ["granted"]} if name == "concessions" else {}
    frame = pd.DataFrame([told]).assign(**kinds)
    return gpd.GeoDataFrame(frame, geometry=[shape or square()], crs=CRS)


def written(tmp_path, name="concessions", shape=None, language="es"):
    i18n.set_language(language)
    path = tmp_path / f"{name}.gpkg"
    write_file(rows(name, shape), "gpkg", path, layer=LAYERS[name], terms=TERMS)
    return path


def asked(path, query, *values):
    with closing(sqlite3.connect(path)) as con:
        return con.execute(query, values).fetchall()


def style_of(path):
    [(qml,)] = asked(path, "SELECT styleQML FROM layer_styles")
    return ET.fromstring(qml)


def option(layer, name):
    return layer.find(f"Option/Option[@name='{name}']").get("value")


def test_gdal_reads_the_layer_and_the_table_of_styles_where_qgis_looks_for_it(tmp_path):
    path = written(tmp_path)

    assert [tuple(one) for one in pyogrio.list_layers(path)] == [("concessions", "Polygon"), ("layer_styles", None)]
    found = pyogrio.read_dataframe(path, layer="layer_styles").to_dict("records")[0]
    assert (found["f_table_catalog"], found["f_table_schema"], found["f_table_name"]) == ("", "", "concessions")
    assert (found["f_geometry_column"], found["useAsDefault"], found["styleName"]) == ("geom", True, "Concesiones")
    assert pyogrio.read_dataframe(path, layer="concessions")["name"].tolist() == ["Ñandú"]


def test_concessions_are_drawn_by_kind_in_the_colours_and_hatchings_of_the_map(tmp_path):
    root = style_of(written(tmp_path))
    renderer = root.find("renderer-v2")
    categories = renderer.findall("categories/category")
    symbols = {symbol.get("name"): symbol for symbol in renderer.findall("symbols/symbol")}

    assert (renderer.get("type"), renderer.get("attr")) == ("categorizedSymbol", "kind")
    assert {one.get("value") for one in categories} == {*VOCABULARIES["concession_kind"], ""}
    of_kind = {one.get("value"): (one.get("label"), symbols[one.get("symbol")]) for one in categories}
    name, mining = of_kind["mining"]
    assert name == "Minería"
    drawn = next(style for style in STYLES if style.code == "mining")
    red, green, blue = bytes.fromhex(drawn.color[1:])
    fill, hatching = mining.findall("layer")
    assert option(fill, "outline_color") == f"{red},{green},{blue},255"
    assert option(hatching, "style") == "b_diagonal"
    assert len({option(symbol.findall("layer")[0], "color") for _, symbol in of_kind.values()}) > 5


@pytest.mark.parametrize(
    ("name", "shape", "kind", "drawn"),
    [
        ("communities", square(), "fill", "SimpleFill"),
        ("communities", square().centroid, "marker", "SimpleMarker"),
        ("incidents", square().centroid, "marker", "SimpleMarker"),
        ("regions", square(), "fill", "SimpleFill"),
        ("mining_scars", shapely.MultiPolygon([square()]), "fill", "SimpleFill"),
    ],
    ids=["areas", "points", "incidents", "regions", "scars"],
)
def test_areas_are_filled_and_points_are_spots(tmp_path, name, shape, kind, drawn):
    root = style_of(written(tmp_path, name, shape))

    assert root.find("renderer-v2").get("type") == "singleSymbol"
    assert root.find("renderer-v2/symbols/symbol").get("type") == kind
    assert root.find("renderer-v2/symbols/symbol/layer").get("class") == drawn
    assert root.find("layerGeometryType").text == {"fill": "2", "marker": "0"}[kind]


def test_of_points_and_areas_together_those_are_drawn_that_are_more(tmp_path):
    both = [rows("incidents", square(number).centroid) for number in range(2)] + [rows("incidents", square())]
    write_file(pd.concat(both), "gpkg", tmp_path / "a.gpkg", layer=LAYERS["incidents"])

    assert style_of(tmp_path / "a.gpkg").find("layerGeometryType").text == "0"


@pytest.mark.parametrize(("language", "words"), [("es", ("Titular", "otorgado")), ("en", ("Holder", "granted"))])
def test_columns_and_codes_are_in_the_language_of_the_reader(tmp_path, language, words):
    path = written(tmp_path, language=language)
    root = style_of(path)
    aliases = {one.get("field"): one.get("name") for one in root.findall("aliases/alias")}
    titles = dict(asked(path, "SELECT column_name, title FROM gpkg_data_columns WHERE table_name = 'concessions'"))

    columns = set(pyogrio.read_info(path, layer="concessions")["fields"])
    assert aliases == titles
    assert columns == titles.keys()
    assert titles["holder"] == words[0]
    assert titles["status_received"].startswith(titles["status"])
    listed = root.findall("fieldConfiguration/field[@name='status']/editWidget/config/Option/Option/Option/Option")
    assert {one.get("value"): one.get("name") for one in listed}.keys() == set(VOCABULARIES["concession_status"])
    enum = "SELECT description FROM gpkg_data_column_constraints WHERE constraint_name = 'concessions_status' AND value = 'granted'"
    [(said,)] = asked(path, enum)
    assert said == {one.get("value"): one.get("name") for one in listed}["granted"]
    assert said.startswith(words[1][:6])


def test_the_terms_of_the_sources_stand_in_the_metadata_whatever_letters_they_hold(tmp_path):
    path = written(tmp_path)
    query = (
        "SELECT m.metadata, m.mime_type, m.md_standard_uri FROM gpkg_metadata m "
        "JOIN gpkg_metadata_reference r ON r.md_file_id = m.id WHERE r.table_name = 'concessions'"
    )
    [(text, mime, standard)] = asked(path, query)
    told = ET.fromstring(text)

    assert (mime, standard) == ("text/xml", "http://mrcc.com/qgis.dtd")
    assert [one.text for one in told.findall("license")] == [TERMS[0], "Otro. Editora."]
    assert style_of(path).find("resourceMetadata/title").text == "Concesiones" == told.find("title").text
    [(identifier, description)] = asked(
        path, "SELECT identifier, description FROM gpkg_contents WHERE table_name = 'concessions'"
    )
    assert identifier == "Concesiones"
    assert "CC BY 4.0" in description


def test_tables_of_extensions_are_registered_as_the_standard_wants(tmp_path):
    path = written(tmp_path)
    named = {row[0] for row in asked(path, "SELECT table_name FROM gpkg_extensions WHERE column_name IS NULL")}

    assert {"gpkg_data_columns", "gpkg_data_column_constraints", "gpkg_metadata", "gpkg_metadata_reference"} <= named
    assert asked(path, "PRAGMA foreign_key_check") == []
    assert asked(path, "PRAGMA integrity_check") == [("ok",)]


def test_every_column_of_every_layer_has_words_in_every_language():
    for language in i18n.languages():
        i18n.set_language(language)
        bare = {
            column.name
            for layer in LAYERS.values()
            for column in layer.columns
            if column_title(column.name) == column.name
        }
        assert not bare


def test_an_export_with_its_styles_and_coverage_is_added_again(typed, tmp_path):
    held = Files(tmp_path / "space")
    held.add("concessions", concessions(2))
    build(held.space)
    assert typed("export", "concessions", "-o", "c.gpkg", "--workspace", held.folder)[0] == 0
    assert {name for name, _ in pyogrio.list_layers("c.gpkg")} == {"concessions", "coverage", "layer_styles"}

    assert typed("init", "again", "--country", "PE")[0] == 0
    code, _, told = typed(
        "add", "c.gpkg", "--layer", "concessions", "--publisher", "P", "--yes", "--workspace", "again"
    )
    assert (code, "2 received = 2 kept" in told) == (0, True)


def test_what_qgis_keeps_beside_layers_is_no_layer(tmp_path):
    path = written(tmp_path, "communities")
    received = reader.read(path)

    assert len(received.rows) == 1
    assert to_csv(received.rows).count("\n") == 2
