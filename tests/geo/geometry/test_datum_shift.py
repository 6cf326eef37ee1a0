import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely

from lindero.geo.geometry.crs import DEGREES, datum_shift, reproject_shapes


@pytest.mark.parametrize(
    ("code", "at", "operation", "accuracy_m"),
    [
        (24877, (500_000, 9_200_000), "PSAD56 to WGS 84 (8)", 16),
        (24880, (500_000, 8_100_000), "PSAD56 to WGS 84 (2)", 19),
        (4618, (-52, -6), "SAD69 to WGS 84 (16)", 5),
        (9377, (5_000_000, 2_200_000), "MAGNA-SIRGAS 2018 to WGS 84 (1)", 1),
        (32717, (500_000, 9_200_000), "Inverse of UTM zone 17S", 0),
        (4326, (-75, -12), "", 0),
    ],
    ids=str,
)
def test_the_operation_and_its_accuracy_are_those_of_the_place(code, at, operation, accuracy_m):
    shift = datum_shift(pyproj.CRS(code), shapely.points([at, (np.nan, np.nan)]))

    assert operation in shift.operation
    assert shift.accuracy_m == accuracy_m
    assert shift.is_known


def test_a_datum_that_nothing_brings_onto_wgs_84_is_told():
    shift = datum_shift(
        pyproj.CRS(
            'GEOGCS["?",DATUM["Unknown 1920",SPHEROID["International 1924",6378388,297]],'
            'PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]]'
        ),
        shapely.points([(-75.0, 6.0)]),
    )

    assert not shift.is_known


def test_of_no_corner_nothing_is_told():
    assert datum_shift(pyproj.CRS(24877), shapely.points(np.empty((0, 2)))) is None


def test_shapes_are_brought_where_geopandas_brings_them_with_their_heights():
    shapes = np.array([shapely.Point(500_000, 9_200_000, 3_850), None, shapely.box(5e5, 9.2e6, 5.1e5, 9.21e6)])
    there = reproject_shapes(shapes, pyproj.CRS(24877))

    assert shapely.has_z(there).tolist() == [True, False, False]
    expected = gpd.GeoSeries(shapes, crs=24877).to_crs(DEGREES).to_numpy()
    assert shapely.to_wkb(there).tolist() == shapely.to_wkb(expected).tolist()
    assert reproject_shapes(shapes[:0], pyproj.CRS(24877)).tolist() == []
