"""The compiled projection returns the rings of the plain one, however the polygons are divided among threads."""

import numpy as np
import pytest
import shapely
from shapely import MultiPolygon, Polygon, box

from lindero.geo.geometry.projection import project_to_ragged
from lindero.geo.geometry.rings import Rings
from lindero.geo.kernels import numba_jit
from tests.needed import missing

if not numba_jit.HAS_NUMBA:
    missing("numba is not here")

from lindero.geo.kernels import ring_projection
from lindero.geo.kernels.ring_projection import project_rings

HOLE = Polygon(box(-75, -10, -74, -9).exterior, [box(-74.8, -9.8, -74.2, -9.2).exterior.coords[::-1]])


def assert_same_rings(polygons):
    plain = Rings.from_ragged(*project_to_ragged(polygons)[1:])

    rings = project_rings(polygons)

    for array, plain_array in zip(rings, plain, strict=True):
        np.testing.assert_array_equal(array, plain_array)


@pytest.mark.parametrize(
    "polygon",
    [
        box(-75, -10, -74.999, -9.999),
        HOLE,
        MultiPolygon([HOLE, box(-60, 40, -20, 60)]),
        box(-20, 80, 20, 90),
        box(0, -90, 1, -89),
        box(179, -1, 181, 1),
        Polygon([(179, 0), (-179, 0), (-179, 1), (179, 1)]),
        box(-180, -90, 180, 90),
    ],
    ids=["small", "hole", "parts", "north pole", "south pole", "beyond 180", "jump", "world"],
)
def test_rings_are_those_of_the_plain_projection(polygon):
    assert_same_rings(np.array([box(1, 1, 1.001, 1.001), polygon, box(2, 2, 2.5, 2.5)], dtype=object))


def test_layers_of_several_parts_are_projected_as_one(monkeypatch):
    monkeypatch.setattr(ring_projection, "_VERTICES", 50)
    rng = np.random.default_rng(1)
    centres = np.column_stack([rng.uniform(-179, 179, 200), rng.uniform(-85, 85, 200)])
    polygons = shapely.buffer(shapely.points(centres), rng.uniform(0.0001, 3, 200))
    polygons[::7] = shapely.difference(polygons[::7], shapely.buffer(shapely.points(centres[::7]), 0.00005))
    polygons[::5] = [MultiPolygon([polygon, box(200, 0, 200.1, 0.1)]) for polygon in polygons[::5]]

    assert_same_rings(shapely.intersection(polygons, box(-540, -90, 540, 90)))
