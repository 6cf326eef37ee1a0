"""KML holds each outline as an area, as lines and as a labelled point, for GDAL and for a reader that is not GDAL."""

from xml.etree import ElementTree as ET

import geopandas as gpd

from lindero.app.output.files import write_file
from lindero.app.output.kml_outlines import NAMESPACE
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
