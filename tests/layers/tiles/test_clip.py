import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import MultiPolygon, Point, Polygon, box

from lindero.layers.tiles import clip
from lindero.layers.tiles.clip import EXTENT, FINE_ZOOM, MARGIN

Z = 6
SIDE = 2**Z
TILE = 20, 30


def one(shape) -> tuple[object, bool]:
    """Cut a shape, given in tiles of zoom `Z` from the corner of `TILE`, for that tile."""
    world = shapely.transform(np.array([shape], dtype=object), lambda vertices: (vertices + TILE) / SIDE)
    drawn, is_dot = clip.clip_to_tiles(world, Z, *(np.array([number]) for number in TILE))
    return drawn[0], bool(is_dot[0])


def test_what_lies_inside_keeps_its_place_and_ground():
    drawn, is_dot = one(box(0.25, 0.5, 0.5, 1))

    assert drawn.equals(box(EXTENT / 4, EXTENT / 2, EXTENT / 2, EXTENT))
    assert not is_dot


def test_what_juts_out_ends_in_the_margin():
    assert one(box(-5, -5, 5, 5))[0].bounds == (-MARGIN * EXTENT, -MARGIN * EXTENT, *2 * [(1 + MARGIN) * EXTENT])


def test_a_hole_stays_a_hole():
    drawn, _ = one(box(-2, -2, 2, 2).difference(box(0.25, 0.25, 0.75, 0.75)))

    assert not drawn.contains(Point(EXTENT / 2, EXTENT / 2))
    assert drawn.contains(Point(EXTENT / 8, EXTENT / 8))


def test_parts_too_small_to_draw_are_left_out_beside_larger_ones():
    speck = box(0.9, 0.9, 0.90001, 0.90001)

    drawn, is_dot = one(MultiPolygon([box(0.1, 0.1, 0.5, 0.5), speck]))

    assert shapely.get_num_geometries(drawn) == 1
    assert not is_dot


@pytest.mark.parametrize("shape", [box(0.5, 0.5, 0.50001, 0.50001), box(0.1, 0.3, 0.9, 0.300001)])
def test_ground_too_small_to_draw_is_a_dot_where_it_lies(shape):
    drawn, is_dot = one(shape)

    assert is_dot
    assert drawn.distance(shapely.transform(shape, lambda vertices: vertices * EXTENT)) <= 1


def test_what_only_bends_around_the_tile_is_not_in_it():
    around = box(-2, -2, 3, 3).difference(box(-1, -1, 2, 2))

    assert one(around) == (None, False)


def test_a_point_is_drawn_as_itself():
    assert one(Point(0.5, 0.25)) == (Point(EXTENT / 2, EXTENT / 4), False)


def test_nothing_stays_nothing():
    assert one(None) == (None, False)
    assert one(Polygon()) == (None, False)


def test_shells_turn_as_the_format_asks():
    drawn, _ = one(box(0.1, 0.1, 0.9, 0.9))

    # where y goes down, what looks clockwise has a positive area by the surveyor's formula
    assert shapely.get_parts(drawn)[0].exterior.is_ccw


@given(
    west=st.floats(0, 0.99), north=st.floats(0, 0.99), wide=st.floats(1e-9, 0.3), tall=st.floats(1e-9, 0.3),
    z=st.integers(0, 14),
)  # fmt: skip
def test_every_shape_is_drawn_in_the_tiles_that_it_meets_and_nowhere_twice(west, north, wide, tall, z):
    shape = np.array([box(west, north, min(west + wide, 1), min(north + tall, 1))], dtype=object)
    z = min(z, int(-np.log2(max(wide, tall))) + 4) if max(wide, tall) > 1e-4 else z

    position, x, y = clip.pair_with_tiles(shape, z, (0, 2**z - 1))
    drawn, _ = clip.clip_to_tiles(shape[position], z, x, y)

    assert len(set(zip(x.tolist(), y.tolist(), strict=True))) == len(x)
    middle = np.array(shape[0].centroid.coords[0])
    own = np.minimum((middle * 2**z).astype(int), 2**z - 1).tolist()
    at = [i for i, tile in enumerate(zip(x.tolist(), y.tolist(), strict=True)) if list(tile) == own]
    assert len(at) == 1
    assert drawn[at[0]] is not None


def test_only_the_columns_asked_for_are_met():
    wide = np.array([box(0.1, 0.5, 0.9, 0.51)], dtype=object)

    _, x, _ = clip.pair_with_tiles(wide, 4, (3, 5))

    assert set(x.tolist()) == {3, 4, 5}


def test_a_shape_keeps_its_corners_within_a_quarter_of_a_pixel():
    angle = np.linspace(0, 2 * np.pi, 5_000)
    round_ = np.array([Polygon(np.column_stack((0.5 + np.cos(angle) / 50, 0.5 + np.sin(angle) / 50)))], dtype=object)

    fewer = clip.simplify_for_zoom(round_, Z)

    assert shapely.get_num_coordinates(fewer[0]) < 200
    assert shapely.hausdorff_distance(round_[0], fewer[0]) <= 2 / EXTENT / SIDE
    assert clip.simplify_for_zoom(round_, FINE_ZOOM)[0] is round_[0]


def test_what_would_collapse_when_simplified_is_kept():
    speck = np.array([Point(0.5, 0.5).buffer(1e-9)], dtype=object)

    assert not shapely.is_empty(clip.simplify_for_zoom(speck, Z)[0])
