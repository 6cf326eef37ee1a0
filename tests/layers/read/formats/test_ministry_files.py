"""Files as ministries and people send them, that once went wrong without a word."""

import json

import geopandas as gpd
import pytest
import shapely

from lindero.app.builder.add.plan import plan_source
from lindero.layers.errors import CRSError
from lindero.layers.read.formats.encodings import MIXED, detect_dbf_encoding
from lindero.layers.read.reader import read
from lindero.layers.workspace.source_options import SourceOptions
from tests.files import TODAY, Files, collection, feature, square, text, zipped


@pytest.fixture
def plan(files, tmp_path):
    def planned_as(name, content, layer="communities", **wishes):
        path = text(tmp_path / name, content)
        return plan_source(str(path), SourceOptions(layer=layer, publisher="P", **wishes), files.space, today=TODAY)

    return planned_as


def found(taken):
    return set(zip(taken.findings["finding"], taken.findings["column_name"], strict=True))


def test_outlines_without_attributes_are_taken(plan):
    sketch = collection([feature({}, square()), feature({}, square(1))])

    assert len(plan("sketch.geojson", sketch).tables["communities"]) == 2
    named = plan("sketch.geojson", sketch, constants={"name": "Foo"})
    assert named.tables["communities"]["name"].tolist() == ["Foo", "Foo"]


def test_thousands_are_told_from_decimals_by_the_other_columns(plan):
    rows = f'name;population;area_official_ha;wkt\nA;1.234;1.234;"{square()}"\nB;12;"1.234,56";"{square(1)}"\n'

    table = plan("t.csv", rows).tables["communities"]

    assert table["population"].tolist() == [1234, 12]
    assert table["area_official_ha"].tolist() == [1234.0, 1234.56]


def test_people_are_counted_whole_and_what_could_be_thousands_is_told(plan):
    rows = f'name;population;area_official_ha;wkt\nA;1.234;1.234;"{square()}"\nB;12;2.500;"{square(1)}"\n'

    taken = plan("t.csv", rows)

    assert taken.tables["communities"]["population"].tolist() == [1234, 12]
    assert ("thousands_or_decimals", "area_official_ha") in found(taken)


def test_people_with_a_comma_between_thousands_are_so_many(plan):
    rows = f'name;population;wkt\nA;3,200;"{square()}"\nB;950;"{square(1)}"\n'

    taken = plan("t.csv", rows)

    assert taken.tables["communities"]["population"].tolist() == [3200, 950]
    assert not len(taken.findings)


def test_degrees_among_metres_have_no_place_in_their_system(plan):
    metres = "POLYGON((770000 9230000, 771000 9230000, 771000 9231000, 770000 9231000, 770000 9230000))"
    rows = f'code,name,wkt\nA,A,"SRID=32717;{metres}"\nB,B,"SRID=32717;{metres}"\nC,C,"{square()}"\n'

    taken = plan("t.csv", rows, layer="concessions")

    assert taken.tables["concessions"]["code"].tolist() == ["A", "B"]
    assert ("degrees_among_metres", "geometry") in found(taken)


def test_a_name_with_nul_is_not_cut(tmp_path):
    path = text(tmp_path / "a.geojson", collection([feature({"name": "Uno\x00Dos", "code": "\\u0000"}, square())]))

    received = read(path)

    assert received.rows["name"].tolist() == ["Uno\ufffdDos"]
    assert received.rows["code"].tolist() == ["\\u0000"]
    assert received.account.findings["finding"].tolist() == ["garbled_letters"]


def topology(path, *geometries):
    ring = list(map(list, shapely.get_coordinates(square())))
    objects = [{**geometry, "properties": {"name": chr(65 + i)}} for i, geometry in enumerate(geometries)]
    layer = {"type": "GeometryCollection", "geometries": objects}
    return text(path, json.dumps({"type": "Topology", "objects": {"capa": layer}, "arcs": [ring]}))


def test_objects_of_a_topojson_without_geometry_are_rows(tmp_path):
    path = topology(tmp_path / "a.json", {"type": None}, {"type": "Polygon", "arcs": [[0]]}, {"type": None})

    received = read(path)

    assert received.rows["name"].tolist() == ["A", "B", "C"]
    assert received.geometry.isna().tolist() == [True, False, True]
    assert received.account.rejects.empty


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "Foo"},
        {"type": "Polygon"},
        {"type": "Point", "coordinates": None},
        {"type": "Polygon", "arcs": [[9]]},
        {"type": "GeometryCollection", "geometries": [{"type": "Polygon", "arcs": [[0]]}]},
    ],
)
def test_an_object_of_a_topojson_that_cannot_be_read_is_rejected_under_its_number(tmp_path, geometry):
    path = topology(tmp_path / "a.json", geometry, {"type": "Polygon", "arcs": [[0]]})

    received = read(path)

    assert received.rows.index.tolist() == [2]
    assert received.account.rejects[["row", "reason"]].to_numpy().tolist() == [[1, "unreadable_geometry"]]
    assert '"A"' in received.account.rejects["received"].iloc[0]


def without_place(frame, path):
    """Write a frame whose second row has no geometry, in the format of the suffix."""
    match path.suffix:
        case ".csv":
            rows = frame.drop(columns="geometry").assign(wkt=[s and s.wkt for s in frame.geometry])
            return text(path, rows.to_csv(index=False))
        case ".json":
            shape = {"type": "Polygon", "arcs": [[0]]}
            return topology(path, *({"type": None} if s is None else shape for s in frame.geometry))
        case ".zip":
            frame.to_file(path.with_suffix(".shp"))
            parts = [path.with_suffix(suffix) for suffix in (".shp", ".shx", ".dbf", ".prj", ".cpg")]
            return zipped(path, **{part.name: part for part in parts})
        case ".parquet":
            frame.to_parquet(path)
        case suffix:
            drivers = {".gpkg": "GPKG", ".kml": "LIBKML", ".gml": "GML", ".fgb": "FlatGeobuf"}
            options = {"SPATIAL_INDEX": "NO"} if suffix == ".fgb" else {}
            frame.to_file(path, driver=drivers.get(suffix, "GeoJSON"), **options)
    return path


@pytest.mark.parametrize(
    "suffix", [".geojson", ".json", ".gpkg", ".zip", ".kml", ".gml", ".fgb", ".csv", ".parquet", ".geojsonl"]
)
def test_a_row_without_place_is_kept_under_its_number_in_every_format(files, tmp_path, suffix):
    shapes = [square(), None, square(2)]
    frame = gpd.GeoDataFrame({"name": ["A", "B", "C"]}, geometry=shapes, crs="OGC:CRS84")
    path = without_place(frame, tmp_path / f"capa{suffix}")

    taken = plan_source(str(path), SourceOptions(layer="communities", publisher="P"), files.space, today=TODAY)

    rows = taken.tables["communities"]
    assert rows.sort_values("row_number")[["row_number", "name"]].to_numpy().tolist() == [[1, "A"], [2, "B"], [3, "C"]]
    noticed = taken.findings.loc[taken.findings["finding"] == "no_place", "row_number"]
    assert noticed.tolist() == [2]


def test_what_the_stated_system_puts_on_another_continent_is_found(plan):
    ring = "POLYGON((-978000 4300000, -977000 4300000, -977000 4301000, -978000 4300000))"

    taken = plan("t.csv", f'name,wkt\nA,"{ring}"\n', crs="EPSG:3857")

    assert ("far_from_the_country", "geometry") in found(taken)


def test_metres_of_a_national_grid_are_named_with_what_else_they_may_be(tmp_path):
    files = Files(tmp_path / "space", country="CO")
    ring = "POLYGON((4880000 2070000, 4881000 2070000, 4881000 2071000, 4880000 2070000))"
    path = text(tmp_path / "t.csv", f'name,wkt\nA,"{ring}"\n')

    with pytest.raises(CRSError, match=r"MAGNA-SIRGAS 2018 / Origen-Nacional\. Add --crs EPSG:9377"):
        plan_source(str(path), SourceOptions(layer="communities", publisher="P"), files.space, today=TODAY)


@pytest.fixture
def shapefile_in_two_encodings(tmp_path):
    path = tmp_path / "capa.shp"
    names = ["Área de Proteção", "Estação", "Parque"]
    frame = gpd.GeoDataFrame({"name": names}, geometry=[square(), square(1), square(2)], crs="EPSG:4326")
    frame.to_file(path, encoding="utf-8")
    table = path.with_suffix(".dbf").read_bytes()
    row = "Estação".encode()
    assert table.count(row) == 1
    path.with_suffix(".dbf").write_bytes(table.replace(row, "Estação".encode("latin-1").ljust(len(row))))
    return path, names


def test_a_table_that_states_utf_8_may_have_rows_in_latin_1(shapefile_in_two_encodings):
    path, names = shapefile_in_two_encodings

    received = read(path)

    assert received.rows["name"].tolist() == names
    assert received.account.findings["detail"].tolist() == [f"utf-8 → {MIXED}"]
    assert received.account.repairs["row"].tolist() == [1]


def test_latin_1_is_read_by_whichever_of_its_names(shapefile_in_two_encodings):
    path, names = shapefile_in_two_encodings

    for name in ("latin_1", "latin-1", "ISO-8859-1"):  # GDAL does not know the first one
        assert read(path, encoding=name).rows["name"].tolist()[1:] == names[1:]


@pytest.mark.parametrize(
    ("texts", "encodings", "stated", "mixed"),
    [
        (["Área", "Estação"], ["utf-8", "latin-1"], "utf-8", True),
        (["Área", "Estação"], ["utf-8", "latin-1"], "cp1252", False),
        (["Área de Proteção", "Estação"], ["latin-1", "latin-1"], "utf-8", False),
        (["Área", "Estação"], ["utf-8", "utf-8"], "utf-8", False),
    ],
)
def test_only_a_table_that_states_utf_8_is_mixed(texts, encodings, stated, mixed):
    cells = [text.encode(encoding) for text, encoding in zip(texts, encodings, strict=True)]

    assert (detect_dbf_encoding(cells, stated) == MIXED) is mixed
