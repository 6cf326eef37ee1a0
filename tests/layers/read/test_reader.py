import json

import geopandas as gpd
import numpy as np
import pytest
import shapely

from lindero.layers.errors import SourceError
from lindero.layers.read.reader import read
from tests.files import collection, concessions, feature, geojson, square, text, zipped

UTM_17S = "EPSG:32717"


def written(folder, form, frame):
    path = folder / f"capa.{form}"
    match form:
        case "shp":
            frame.to_file(path, driver="ESRI Shapefile", encoding="utf-8")
        case "parquet":
            frame.to_parquet(path)
        case "zip":
            written(folder, "shp", frame)
            parts = {f"capa.{suffix}": folder / f"capa.{suffix}" for suffix in ("shp", "dbf", "shx", "prj", "cpg")}
            return zipped(path, **parts)
        case "kmz":
            return zipped(path, **{"doc.kml": written(folder, "kml", frame)})
        case _:
            frame.to_file(path, driver={"geojson": "GeoJSON", "gpkg": "GPKG", "fgb": "FlatGeobuf", "kml": "KML"}[form])
    return path


def by_name(received):
    name = next(field for field in ("name", "Name") if field in received.rows)
    return dict(zip(received.rows[name], received.geometry, strict=True))


@pytest.mark.parametrize("form", ["geojson", "shp", "zip", "gpkg", "fgb", "parquet", "kml", "kmz"])
def test_rows_letters_and_geometry_come_through_every_format(tmp_path, form):
    frame = concessions(4)
    received = read(written(tmp_path, form, frame))

    assert received.row_count == 4
    found = by_name(received)
    assert found.keys() == set(frame["name"])
    for name, shape in zip(frame["name"], frame.geometry, strict=True):
        assert shapely.equals(shapely.force_2d(found[name]), shape) or found[name].equals_exact(
            shape, 1e-7, normalize=True
        )


@pytest.mark.parametrize("form", ["shp", "zip", "gpkg", "fgb", "parquet"])
def test_the_stated_crs_comes_with_the_file(tmp_path, form):
    received = read(written(tmp_path, form, concessions().to_crs(UTM_17S)))

    assert received.crs.equals(UTM_17S)
    assert received.geometry.total_bounds[0] > 180


def test_geojson_that_says_nothing_states_no_crs(tmp_path):
    assert read(geojson(tmp_path / "a.geojson", concessions())).crs is None


def test_geojson_may_state_a_crs_by_name(tmp_path):
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32717"}}

    assert read(geojson(tmp_path / "a.geojson", concessions().to_crs(UTM_17S), crs=crs)).crs.to_epsg() == 32717


def test_open_rings_are_closed_and_reported(tmp_path):
    ring = list(square().exterior.coords)
    unclosed = feature({"name": "abierta"}, {"type": "Polygon", "coordinates": [ring[:-1]]})
    received = read(text(tmp_path / "a.geojson", collection([feature({"name": "cerrada"}, square(1)), unclosed])))

    assert received.account.repairs[["row", "repair"]].to_numpy().tolist() == [[2, "ring_closed"]]
    assert received.geometry.loc[2].equals(square())


def test_a_whole_number_stays_one_where_others_are_missing(tmp_path):
    rows = [feature({"code": 10_001}, square()), feature({"code": None}, square(1))]

    assert read(text(tmp_path / "a.geojson", collection(rows))).rows["code"].tolist() == [10_001, None]


def test_several_layers_of_a_geopackage_need_a_name(tmp_path):
    path = tmp_path / "a.gpkg"
    concessions(2).to_file(path, layer="norte", driver="GPKG")
    concessions(3).to_file(path, layer="sur", driver="GPKG")

    with pytest.raises(SourceError, match="2 layers: norte, sur; choose one with --sublayer"):
        read(path)
    assert read(path, sublayer="sur").row_count == 3
    with pytest.raises(SourceError, match="does not have the layer 'este'"):
        read(path, sublayer="este")


def test_a_list_is_text_with_semicolons(tmp_path):
    rows = [feature({"who": ["a", "b"]}, square()), feature({"who": None}, square(1))]

    assert read(text(tmp_path / "a.geojson", collection(rows))).rows["who"].fillna("–").tolist() == ["a;b", "–"]


def test_shapes_that_arrive_in_several_batches_stay_with_their_rows(tmp_path):
    xy = np.arange(70_000) / 1_000  # more than the 65,536 rows of a batch
    shapes = shapely.box(xy, 0, xy + 0.001, 0.001)
    gpd.GeoDataFrame({"number": np.arange(len(xy))}, geometry=shapes, crs=4326).to_file(tmp_path / "many.gpkg")
    received = read(tmp_path / "many.gpkg")

    assert received.geometry is not None
    assert received.rows["number"].astype(int).tolist() == list(range(70_000))
    assert shapely.equals_exact(received.geometry.to_numpy(), shapes, normalize=True).all()


@pytest.mark.parametrize("form", ["geojson", "csv", "gpkg"])
def test_control_characters_are_dropped_and_counted(tmp_path, form):
    name = "El \u0007Tin\ufffego \u202eoro"
    frame = gpd.GeoDataFrame(
        {"name": [name, "Tingo"], "tags": ["a", "b\ufffe"]}, geometry=[square(), square(1)], crs="OGC:CRS84"
    )
    path = tmp_path / f"names.{form}"
    if form == "csv":
        text(path, f"name,tags\n{name},a\nTingo,b\ufffe\n")
    elif form == "gpkg":
        frame.to_file(path, driver="GPKG")
    else:
        geojson(path, frame)

    received = read(path)

    assert received.rows[["name", "tags"]].to_numpy().tolist() == [["El Tingo oro", "a"], ["Tingo", "b"]]
    repairs = received.account.repairs
    dropped = repairs[repairs["repair"] == "control_characters_dropped"]
    assert dropped[["row", "detail"]].to_numpy().tolist() == [[1, "name"], [2, "tags"]]


def test_control_characters_in_lists_and_lone_surrogates_are_dropped(tmp_path):
    features = [feature({"tags": ["a\u0007", "b"], "name": "x\ud800y"}, square())]
    path = tmp_path / "lists.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="ascii")

    rows = read(path).rows

    assert rows["tags"].tolist() == ["a;b"]
    assert "\ud800" not in rows["name"].item()
