import pytest

from lindero.layers.errors import SourceError
from lindero.layers.read.formats.detect import Format, detect_format, read_crs_name
from tests.files import collection, concessions, feature, geojson, square, text, zipped

KML = '<?xml version="1.0"?>\n<kml xmlns="http://www.opengis.net/kml/2.2"><Document/></kml>'


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.txt", collection([]), Format.GEOJSON),
        ("a.csv", KML, Format.KML),
        ("a.kml", '<?xml version="1.0"?><k:kml xmlns:k="http://www.opengis.net/kml/2.2"></k:kml>', Format.KML),
        ("a.geojson", "code,name\n1,Ñandú\n", Format.CSV),
        ("a.json", "\ufeff" + collection([feature({}, square())]), Format.GEOJSON),
    ],
)
def test_the_content_tells_the_format_not_the_name(tmp_path, name, content, expected):
    assert detect_format(text(tmp_path / name, content)) is expected


def test_binary_formats_are_known_by_their_first_bytes(tmp_path):
    frame = concessions()
    for name, driver, expected in (
        ("a.gpkg", "GPKG", Format.GEOPACKAGE),
        ("a.fgb", "FlatGeobuf", Format.FLATGEOBUF),
        ("a.shp", "ESRI Shapefile", Format.SHAPEFILE),
    ):
        frame.to_file(tmp_path / name, driver=driver)
        assert detect_format(tmp_path / name) is expected
    frame.to_parquet(tmp_path / "a.parquet")
    assert detect_format(tmp_path / "a.parquet") is Format.GEOPARQUET
    assert detect_format(zipped(tmp_path / "a.zip", a__csv="a,b\n")) is Format.ZIP


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("<html><body>404</body></html>", "is a web page .*, not a layer"),
        ("<OGRVRTDataSource><!-- <kml --></OGRVRTDataSource>", "XML or HTML, but not KML"),
        ("<OGRVRTDataSource><kml/></OGRVRTDataSource>", "XML or HTML, but not KML"),
        ('{"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline", "coordinates": 1}', "commands"),
        ("\x01\x00\x02", "Lindero does not read the format of"),
    ],
)
def test_what_is_no_layer_is_refused_and_said_so(tmp_path, content, said):
    with pytest.raises(SourceError, match=said):
        detect_format(text(tmp_path / "a.geojson", content))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(SourceError, match=r"the file .*nowhere\.csv does not exist"):
        detect_format(tmp_path / "nowhere.csv")


@pytest.mark.parametrize("at_the_end", [False, True])
def test_a_stated_crs_is_found_wherever_it_stands(tmp_path, at_the_end):
    frame = concessions(800)
    named = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32717"}}
    path = geojson(tmp_path / "a.geojson", frame, crs=named)
    if at_the_end:
        plain = geojson(tmp_path / "b.geojson", frame).read_text(encoding="utf-8")
        path = text(path, plain[:-1] + ', "crs": {"type": "name", "properties": {"name": "EPSG:32717"}}}')

    assert read_crs_name(path).endswith("32717")


@pytest.mark.parametrize("crs", [None, {}, "EPSG:4326"])
def test_no_crs_is_stated_by_an_empty_one(tmp_path, crs):
    assert not read_crs_name(geojson(tmp_path / "a.geojson", concessions(), crs=crs))


def test_a_property_named_crs_states_nothing(tmp_path):
    assert not read_crs_name(geojson(tmp_path / "a.geojson", concessions(crs="WGS 84")))
