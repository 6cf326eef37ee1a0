"""Geometry leaves the sandbox as coordinates, and is the same on the other side; what is malformed is refused."""

import numpy as np
import pyarrow as pa
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from lindero.layers.read.sandbox.shapes import SHAPE, decode, encode

SQUARE = "(0 0, 4 0, 4 4, 0 4, 0 0)"
WRITTEN = [
    "POINT (1 2)",
    "POINT EMPTY",
    "POINT Z (1 2 3)",
    "LINESTRING (0 0, 1 1)",
    "LINESTRING Z (0 0 1, 1 1 2)",
    f"POLYGON ({SQUARE}, (1 1, 2 1, 2 2, 1 1))",
    "POLYGON Z ((0 0 1, 1 0 2, 1 1 3, 0 0 1))",
    "POLYGON EMPTY",
    "MULTIPOINT ((1 1))",
    "MULTIPOINT ((1 1), (2 2))",
    "MULTILINESTRING ((0 0, 1 1), (2 2, 3 3))",
    f"MULTIPOLYGON (({SQUARE}), ((5 5, 6 5, 6 6, 5 5)))",
    "MULTIPOLYGON EMPTY",
    f"GEOMETRYCOLLECTION (POINT (9 9), LINESTRING (7 7, 8 8), POLYGON ({SQUARE}))",
    "GEOMETRYCOLLECTION EMPTY",
]


def shapes_of(written):
    return np.array([None if one is None else shapely.from_wkt(one) for one in written], dtype=object)


@given(written=st.lists(st.sampled_from([None, *WRITTEN]), max_size=8))
def test_what_is_written_is_read(written):
    shapes = shapes_of(written)

    column = encode(shapes)
    column.validate(full=True)

    assert [str(one) for one in decode(column)] == [str(one) for one in shapes]


def test_what_travels_as_json_is_read():
    column = encode(shapes_of(WRITTEN))

    again = pa.array(column.to_pylist(), type=SHAPE)

    assert [str(one) for one in decode(again)] == [str(one) for one in decode(column)]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("LINESTRING M (0 0 5, 1 1 6)", "LINESTRING Z (0 0 0, 1 1 0)"),  # its measures are dropped as heights are
        ("GEOMETRYCOLLECTION (GEOMETRYCOLLECTION (POINT (1 2)))", "GEOMETRYCOLLECTION (POINT (1 2))"),
        (f"POLYGON ({SQUARE}, EMPTY)", f"POLYGON ({SQUARE})"),
    ],
)
def test_what_no_layer_keeps_is_simplified(written, meant):
    assert str(decode(encode(shapes_of([written])))[0]) == str(shapely.from_wkt(meant))


def rows(**row):
    empty = {"kind": 3, "points": [], "lines": [], "polygons": [], "heights": None}
    return pa.array([empty | row], type=SHAPE)


@pytest.mark.parametrize(
    "row",
    [
        {"polygons": [[[[0, 0], [1, 0]]]]},
        {"kind": 6, "points": [[0, 0]]},
        {"polygons": [[[[0, 0], [1, 0], [1, 1], [0, 0]]]], "heights": [1]},
    ],
)
def test_what_is_no_geometry_is_refused(row):
    with pytest.raises((ValueError, TypeError, shapely.errors.ShapelyError)):
        decode(rows(**row))


@pytest.mark.parametrize("offsets", [[1, 4], [0, 2]])
def test_lists_that_reach_beyond_their_values_are_refused(offsets):
    pairs = pa.FixedSizeListArray.from_arrays(pa.array(np.arange(8.0)), 2)
    lines = pa.ListArray.from_arrays(
        pa.array([0, 1], pa.int32()), pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), pairs)
    )
    good = rows(kind=1)
    columns = [lines if name == "lines" else good.field(name) for name in SHAPE.names]

    with pytest.raises(ValueError, match=str(offsets[-1])):
        decode(pa.StructArray.from_arrays(columns, fields=list(SHAPE)))


def test_a_kind_that_there_is_not_draws_nothing():
    assert decode(rows(kind=99)).tolist() == [None]
