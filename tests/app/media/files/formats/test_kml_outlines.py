"""KML holds each outline as an area, as lines and as a labelled point, for GDAL and for a reader that is not GDAL."""

import zipfile
from xml.etree import ElementTree as ET

import geopandas as gpd
import pyogrio
import pytest

from lindero.app.media.files.files import write_file, write_layers
from lindero.app.media.files.formats.kml_outlines import NAMESPACE
from lindero.app.media.symbols import STYLES
from lindero.app.text import i18n
from lindero.app.text.codes import class_label
from tests.files import concessions
from tests.promises.conftest import PAYLOADS

IN = {"k": NAMESPACE}


def test_each_area_is_a_line_and_a_label_too(tmp_path):
    frame = concessions(len(PAYLOADS), name=list(PAYLOADS))
    write_file(frame, "kml-phone", tmp_path / "a.kml")
    lines, labels = (gpd.read_file(tmp_path / "a.kml", layer=f"a_{each}") for each in ("lines", "labels"))
    tree = ET.parse(tmp_path / "a.kml")
    folders = {each.findtext("k:name", namespaces=IN): each for each in tree.iterfind(".//k:Folder", IN)}

    assert set(lines.geometry.geom_type) <= {"LineString", "MultiLineString", "GeometryCollection"}
    assert labels.geometry.to_crs(frame.crs).within(frame.geometry).all()
    assert [each.text for each in folders["a_labels"].iterfind("k:Placemark/k:name", IN)] == list(PAYLOADS)
    assert len(list(tree.iterfind(".//k:styleUrl", IN))) == 3 * len(PAYLOADS)
    assert "script" not in {each.tag.partition("}")[2] for each in tree.iter()}


@pytest.mark.parametrize("kind", ["kml-phone", "kmz"])
def test_several_layers_are_a_folder_each_in_their_colours_for_both_readers(tmp_path, kind):
    i18n.set_language("es")
    titles = concessions(3, kind=["mining", "forestry", "unheard of"])
    lands = concessions(2, row=1).drop(columns=["holder", "status"])
    file = tmp_path / f"a.{kind[:3]}"
    write_layers({"communities": lands, "concessions": titles}, kind, file, terms=["De quién es"])
    tree = ET.fromstring(zipfile.ZipFile(file).read("doc.kml") if kind == "kmz" else file.read_bytes())
    folders = tree.findall("k:Document/k:Folder", IN)

    assert [each.findtext("k:name", namespaces=IN) for each in folders] == [
        class_label("communities"),
        class_label("concessions"),
    ]
    for folder, rows in zip(folders, (lands, titles), strict=True):
        areas, lines, labels = folder.findall("k:Folder", IN)
        assert len(areas.findall("k:Placemark/k:Polygon", IN)) == len(rows)
        assert len(lines.findall(".//k:LineString", IN)) == len(rows)
        assert [each.text for each in labels.iterfind("k:Placemark/k:name", IN)] == rows["name"].tolist()
        assert len(labels.findall("k:Placemark/k:Point", IN)) == len(rows)
    colours = {
        style.get("id"): style.findtext("k:LineStyle/k:color", namespaces=IN)
        for style in tree.iterfind("k:Document/k:Style", IN)
    }
    drawn = [url.text.removeprefix("#") for url in folders[1].iterfind("k:Folder/k:Placemark/k:styleUrl", IN)]
    assert drawn == ["concessions-mining", "concessions-forestry", "concessions-other"] * 3
    mining = next(one.color for one in STYLES if one.code == "mining")
    assert colours["concessions-mining"] == f"ff{mining[5:7]}{mining[3:5]}{mining[1:3]}"

    known = set(pyogrio.list_layers(file)[:, 0])
    assert {f"{name}{part}" for name in ("communities", "concessions") for part in ("_lines", "_labels")} <= known
    back = gpd.read_file(file, layer="concessions")
    assert sorted(back["Name"]) == titles["name"].tolist()
    assert back.to_crs(6933).area.sum() == pytest.approx(titles.to_crs(6933).area.sum(), rel=1e-6)
