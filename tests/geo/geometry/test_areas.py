import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from lindero.geo import FrameError, area_ha
from lindero.geo.geometry.crs import DEGREES, ELLIPSOID
from tests.world import squares


def on_the_ellipsoid_ha(shape):
    """Karney's geodesic area, holes and all; rings may jump at the antimeridian."""
    m2 = 0
    for part in shapely.get_parts(shape):
        shell, *holes = (shapely.get_coordinates(ring) for ring in shapely.get_rings(part))
        m2 += abs(ELLIPSOID.polygon_area_perimeter(*shell.T)[0])
        m2 -= sum(abs(ELLIPSOID.polygon_area_perimeter(*hole.T)[0]) for hole in holes)
    return m2 / 10_000


def measured(shape):
    return area_ha(gpd.GeoSeries([shape], crs=DEGREES)).iloc[0]


def test_a_square_of_10_km_has_10_000_hectares():
    assert area_ha(squares(c1=(0, 0)).geometry).tolist() == pytest.approx([10_000])


@pytest.mark.parametrize("latitude", [0, 10, 45, 60, 80, -80])
@pytest.mark.parametrize("width", [0.01, 1, 20, 60])
def test_boxes_with_edges_of_any_length_are_true_on_the_ellipsoid(latitude, width):
    shape = shapely.box(30, latitude - 4, 30 + width, latitude + 4)

    assert measured(shape) == pytest.approx(on_the_ellipsoid_ha(shape), rel=1e-4)


@given(
    st.floats(-180, 100),
    st.floats(-82, 80),
    st.lists(st.tuples(st.floats(0, 40), st.floats(-5, 5)), min_size=3, max_size=3, unique=True),
)
def test_triangles_anywhere_are_true_on_the_ellipsoid(longitude, latitude, vertices):
    shape = shapely.Polygon([(longitude + x, latitude + y) for x, y in vertices])
    if shape.area < 0.01 or shape.area < 0.02 * shape.convex_hull.length**2 / 40:
        return  # thinner than any territory

    assert measured(shape) == pytest.approx(on_the_ellipsoid_ha(shape), rel=1e-3)


def test_a_hole_is_not_ground():
    whole, hole = shapely.box(-75, -12, -70, -5), shapely.box(-73, -10, -72, -8)
    shape = whole.difference(hole)

    assert measured(shape) == pytest.approx(on_the_ellipsoid_ha(shape), rel=1e-6)
    assert measured(shape) == pytest.approx(measured(whole) - measured(hole), rel=1e-12)


@pytest.mark.parametrize("latitude", [-17, 0, 65])
def test_the_antimeridian_makes_no_difference(latitude):
    here = shapely.box(10, latitude, 30, latitude + 3)
    running_on = shapely.box(170, latitude, 190, latitude + 3)
    jumping = shapely.transform(running_on, lambda xy: np.column_stack(((xy[:, 0] + 180) % 360 - 180, xy[:, 1])))
    parallels = [shapely.box(170, latitude, 180, latitude + 3), shapely.box(-180, latitude, -170, latitude + 3)]

    assert measured(running_on) == pytest.approx(measured(here), rel=1e-9)
    assert measured(jumping) == pytest.approx(measured(here), rel=1e-9)
    # the cut adds a vertex on the parallel, where the geodesic does not pass: the same as cutting the box elsewhere
    cut_elsewhere = shapely.MultiPolygon(
        [shapely.box(10, latitude, 20, latitude + 3), shapely.box(20, latitude, 30, latitude + 3)]
    )
    assert measured(shapely.MultiPolygon(parallels)) == pytest.approx(measured(cut_elsewhere), rel=1e-9)
    assert measured(shapely.MultiPolygon(parallels)) == pytest.approx(
        on_the_ellipsoid_ha(shapely.MultiPolygon(parallels)), rel=1e-4
    )


def test_points_have_no_area_and_absence_and_impossible_places_have_none_to_tell():
    shapes = [shapely.Point(-75, -10), None, shapely.Polygon(), shapely.box(500_000, 9_000_000, 501_000, 9_001_000)]

    areas = area_ha(gpd.GeoSeries(shapes, index=["point", "none", "empty", "metres"], crs=DEGREES))

    assert areas["point"] == 0
    assert areas["empty"] == 0
    assert np.isnan(areas["none"])
    assert np.isnan(areas["metres"])


def test_areas_need_a_reference_system():
    with pytest.raises(FrameError, match="no coordinate reference system"):
        area_ha(gpd.GeoSeries([shapely.box(0, 0, 1, 1)]))


def test_metres_in_another_projection_are_taken_back_to_the_ellipsoid():
    shape = squares(c1=(-8_000_000, -1_200_000)).geometry

    assert area_ha(shape.to_crs(shape.estimate_utm_crs())).tolist() == pytest.approx(area_ha(shape).tolist(), rel=1e-9)
