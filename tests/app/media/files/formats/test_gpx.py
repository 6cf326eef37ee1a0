"""GPX is read back by GDAL, and by a reader of XML that is not GDAL."""

from xml.etree import ElementTree as ET

import geopandas as gpd
import pytest
import shapely

from lindero.app.media.files.files import write_file, write_layers
from lindero.app.media.files.formats.gpx import NAMESPACE
from tests.files import concessions
from tests.promises.conftest import PAYLOADS

IN = {"g": NAMESPACE}


def test_outlines_are_tracks_for_both_readers(tmp_path):
    frame = concessions(3)
    hole = frame.geometry[0].difference(frame.geometry[0].centroid.buffer(0.001))
    frame = frame.assign(geometry=[hole, frame.geometry[1], frame.geometry[2].centroid])
    write_file(frame, "gpx", tmp_path / "a.gpx", terms=["Whose it is"])
    tree = ET.parse(tmp_path / "a.gpx")
    tracks = gpd.read_file(tmp_path / "a.gpx", layer="tracks")

    assert tracks["name"].tolist() == frame["name"].tolist()[:2]
    assert [len(track.findall("g:trkseg", IN)) for track in tree.findall("g:trk", IN)] == [2, 1]
    assert [name.text for name in tree.findall("g:wpt/g:name", IN)] == frame["name"].tolist()[2:]
    assert tree.findtext("g:metadata/g:desc", namespaces=IN) == "Whose it is"
    back = shapely.polygonize(list(shapely.get_parts(tracks.geometry[1])))
    assert shapely.area(back) == pytest.approx(shapely.area(frame.geometry[1]))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_text_of_strangers_is_text(tmp_path, payload):
    write_file(concessions(1, name=payload + "\x0b"), "gpx", tmp_path / "a.gpx")
    tree = ET.parse(tmp_path / "a.gpx")

    assert tree.findtext("g:trk/g:name", namespaces=IN) == payload + "\ufffd"
    assert {each.tag.partition("}")[2] for each in tree.iter()} == {"gpx", "trk", "name", "trkseg", "trkpt"}


def test_each_track_and_waypoint_of_several_layers_says_of_which_it_is(tmp_path):
    places = concessions(1, row=1).assign(geometry=lambda rows: rows.geometry.to_crs(6933).centroid.to_crs("OGC:CRS84"))
    write_layers({"concessions": concessions(2), "places": places}, "gpx", tmp_path / "a.gpx")
    tree = ET.parse(tmp_path / "a.gpx")

    assert len({each.text for each in tree.iterfind("g:trk/g:type", IN)}) == 1
    assert len(tree.findall("g:trk/g:type", IN)) == len(gpd.read_file(tmp_path / "a.gpx", layer="tracks")) == 2
    assert len(tree.findall("g:wpt/g:type", IN)) == len(gpd.read_file(tmp_path / "a.gpx", layer="waypoints")) == 1
    assert tree.findtext("g:trk/g:type", namespaces=IN) != tree.findtext("g:wpt/g:type", namespaces=IN)
