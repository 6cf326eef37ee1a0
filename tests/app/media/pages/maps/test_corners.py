import json

import geopandas as gpd
import numpy as np
import pytest
from shapely import GeometryCollection, LineString, MultiPolygon, Point, Polygon, box
from shapely.geometry import mapping

from lindero.app.media.pages.maps import vertices
from lindero.app.media.pages.maps.vertices import FINE_DETAIL, LIGHT

HOLED = box(-75.1, -10.2, -75.0, -10.0).difference(box(-75.08, -10.15, -75.02, -10.05))
PARTS = MultiPolygon([box(-80, -5, -79.5, -4.5), box(-70.00001, 0.5, -69.5, 1)])


def walked(steps: list[int], scale: int) -> np.ndarray:
    return np.array(steps).reshape(-1, 2).cumsum(axis=0) / scale


def drawn(shape, detail) -> dict:
    return next(vertices.encode_shapes(gpd.GeoSeries([shape], crs="OGC:CRS84"), detail))


@pytest.mark.parametrize("detail", [FINE_DETAIL, LIGHT], ids=["fine", "light"])
@pytest.mark.parametrize("shape", [HOLED, PARTS], ids=["holed", "parts"])
def test_polygons_come_back_with_their_holes_as_near_as_they_are_rounded(shape, detail):
    rings = drawn(shape, detail)["rings"]
    again = MultiPolygon(
        [Polygon(walked(outer, detail.scale), [walked(one, detail.scale) for one in holes]) for outer, *holes in rings]
    )

    assert again.hausdorff_distance(shape) <= 1 / detail.scale
    assert again.symmetric_difference(shape).area < 0.01 * shape.area


def test_lines_and_points_come_back_and_of_a_collection_what_has_ground():
    line, point = LineString([(-75, -10), (-74, -9.5)]), Point(-75.12345, -9.5)

    assert walked(drawn(line, FINE_DETAIL)["lines"][0], FINE_DETAIL.scale).tolist() == [[-75, -10], [-74, -9.5]]
    assert walked(drawn(point, FINE_DETAIL)["points"], FINE_DETAIL.scale).tolist() == [[-75.12345, -9.5]]
    assert set(drawn(GeometryCollection([point, line, HOLED]), FINE_DETAIL)) == {"rings"}


def test_it_takes_less_than_half_of_what_geojson_takes():
    round_one = Point(-75.123456789, -9.987654321).buffer(0.05, quad_segs=64)
    rounded = mapping(gpd.GeoSeries([round_one]).simplify(FINE_DETAIL.coarse_degrees).set_precision(1e-5).iloc[0])

    assert len(json.dumps(drawn(round_one, FINE_DETAIL))) < len(json.dumps(rounded)) / 2
