import numpy as np
import pytest
import shapely

from lindero.geo.geometry import projection

HOLED = shapely.Polygon([(0, 0), (9, 0), (9, 9), (0, 9)], [[(1, 1), (2, 1), (2, 2)], [(4, 4), (5, 4), (5, 5)]])


@pytest.mark.parametrize(
    "shapes",
    [
        [HOLED, shapely.box(10, 10, 11, 11)],
        [shapely.MultiPolygon([HOLED, shapely.box(20, 0, 21, 1)]), HOLED, shapely.box(0, 50, 1, 51)],
        [shapely.force_3d(HOLED, 5.0)],
        [shapely.Polygon(), HOLED],
        [shapely.LineString([(0, 0), (1, 1)]), shapely.MultiLineString([[(0, 0), (1, 1)], [(2, 2), (3, 3)]])],
    ],
    ids=["polygons", "multipolygons", "heights", "empty", "lines"],
)
def test_corners_are_taken_out_as_shapely_takes_them_out(shapes):
    shapes = np.array(shapes, dtype=object)
    kind, vertices, offsets = projection.to_ragged(shapes)
    told_kind, told_vertices, told_offsets = shapely.to_ragged_array(shapes, include_z=False)

    assert kind == told_kind
    assert np.array_equal(vertices, told_vertices)
    assert len(offsets) == len(told_offsets)
    assert all(np.array_equal(own, told) for own, told in zip(offsets, told_offsets, strict=True))
