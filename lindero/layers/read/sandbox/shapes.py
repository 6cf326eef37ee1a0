"""Encoding of geometry as coordinate arrays, in which it leaves the sandbox. The receiving process parses no WKB.

For each row, an Arrow column stores the geometry type (shapely's number; -1: none) and its simple parts. The
coordinates of points, lines and polygons are listed as in GeoArrow. The nesting of collections is lost.
"""

import warnings
from collections.abc import Callable
from contextlib import suppress
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely
from shapely import GeometryType

Geometries = npt.NDArray[np.object_]
Numbers = npt.NDArray[np.int64]
_XY = pa.list_(pa.float64(), 2)
_LINES = pa.list_(pa.list_(_XY))
SHAPE = pa.struct(
    {
        "kind": pa.int8(),
        "points": pa.list_(_XY),
        "lines": _LINES,
        "polygons": pa.list_(_LINES),
        "heights": pa.list_(pa.float64()),  # of each vertex; null if there are none
    }
)
_NOT_SIMPLE = GeometryType.MULTIPOINT  # the first kind that has parts
_EMPTY = (
    *(shapely.Point(), shapely.LineString(), shapely.LinearRing(), shapely.Polygon()),
    *(shapely.MultiPoint(), shapely.MultiLineString(), shapely.MultiPolygon(), shapely.GeometryCollection()),
)
_COLLECTORS: dict[int, Callable[..., Geometries]] = {
    GeometryType.MULTIPOINT: shapely.multipoints,
    GeometryType.MULTILINESTRING: shapely.multilinestrings,
    GeometryType.MULTIPOLYGON: shapely.multipolygons,
    GeometryType.GEOMETRYCOLLECTION: shapely.geometrycollections,
}
EMPTY_WKB_BYTES = 9  # byte order, type, no parts


def parse_wkb(column: pa.Array) -> tuple[Geometries, Numbers, Numbers]:
    """Parse a column of WKB. Call it only in the sandbox."""
    is_shape = column.is_valid().to_numpy(zero_copy_only=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # for coordinates that are not numbers; repair finds them
        shapes = _parse_geometries(column, "ignore")
        is_open = is_shape & (shapes == None)  # noqa: E711  element by element
        shapes[is_open] = _parse_geometries(column.filter(pa.array(is_open)), "fix")
    is_lost = is_shape & (shapes == None)  # noqa: E711
    return shapes, np.flatnonzero(is_open & ~is_lost), np.flatnonzero(is_lost)


def _parse_geometries(column: pa.Array, on_invalid: Literal["ignore", "fix"]) -> Geometries:
    """Parse WKB; return None for geometry types that shapely does not read, such as arcs in a GeoParquet file."""
    wkb = column.to_numpy(zero_copy_only=False)
    try:
        return np.asarray(shapely.from_wkb(wkb, on_invalid=on_invalid), dtype=object)
    except NotImplementedError:
        shapes: Geometries = np.full(len(wkb), None, dtype=object)
        for i, geometry in enumerate(wkb):
            with suppress(NotImplementedError):
                shapes[i] = shapely.from_wkb(geometry, on_invalid=on_invalid)
        return shapes


def encode(shapes: Geometries) -> pa.StructArray:
    """Convert geometry to a column of `SHAPE`."""
    count, parts, rows = len(shapes), shapes, np.arange(len(shapes))
    while (shapely.get_type_id(parts) >= _NOT_SIMPLE).any():
        parts, parents = shapely.get_parts(parts, return_index=True)
        rows = rows[parents]
    is_drawn = ~(shapely.is_empty(parts) | shapely.is_missing(parts))
    parts, rows = parts[is_drawn], rows[is_drawn]
    kinds = shapely.get_type_id(parts)
    is_point, is_area = kinds == GeometryType.POINT, kinds == GeometryType.POLYGON
    is_line = ~(is_point | is_area)

    points, (lines, of_line) = parts[is_point], _coordinates(parts[is_line])
    rings, of_polygon = shapely.get_rings(parts[is_area], return_index=True)
    rings, of_polygon = rings[~shapely.is_empty(rings)], of_polygon[~shapely.is_empty(rings)]
    areas, of_ring = _coordinates(rings)
    of_points = shapely.get_coordinates(points, include_z=True)
    columns = {
        "kind": pa.array(shapely.get_type_id(shapes), pa.int8()),
        "points": _build_lists(rows[is_point], count, _build_pairs(of_points)),
        "lines": _build_lists(rows[is_line], count, _build_lists(of_line, is_line.sum(), _build_pairs(lines))),
        "polygons": _build_lists(
            rows[is_area],
            count,
            _build_lists(of_polygon, is_area.sum(), _build_lists(of_ring, len(rings), _build_pairs(areas))),
        ),
    }
    of_row = np.concatenate([rows[is_point], rows[is_line][of_line], rows[is_area][of_polygon][of_ring]])
    columns["heights"] = _build_heights(shapes, of_row, np.concatenate([of_points[:, 2], lines[:, 2], areas[:, 2]]))
    return pa.StructArray.from_arrays(list(columns.values()), fields=list(SHAPE))


def _coordinates(shapes: Geometries) -> tuple[npt.NDArray[np.float64], Numbers]:
    return shapely.get_coordinates(shapes, include_z=True, return_index=True)


def _build_pairs(coordinates: npt.NDArray[np.float64]) -> pa.FixedSizeListArray:
    return pa.FixedSizeListArray.from_arrays(pa.array(coordinates[:, :2].ravel()), 2)


def _build_lists(owners: Numbers, count: int, values: pa.Array, mask: pa.Array | None = None) -> pa.ListArray:
    """Build a list array for `count` owners; `owners` is the sorted owner index of each value."""
    ends = np.cumsum(np.bincount(owners, minlength=count))
    return pa.ListArray.from_arrays(pa.array(np.concatenate([[0], ends]), pa.int32()), values, mask=mask)


def _build_heights(shapes: Geometries, of_row: Numbers, heights: npt.NDArray[np.float64]) -> pa.ListArray:
    """Build the heights of each row that has Z or M coordinates, and null for the others.

    Rows that have measures (M) only get heights of 0.
    """
    has_heights = shapely.has_z(shapes)
    has_any = has_heights | shapely.has_m(shapes)
    if not has_any.any():
        return pa.nulls(len(shapes), SHAPE.field("heights").type)
    order = np.argsort(of_row, kind="stable")
    of_row, heights = of_row[order], np.where(has_heights[of_row], heights, 0.0)[order]
    has_value = has_any[of_row]
    return _build_lists(of_row[has_value], len(shapes), pa.array(heights[has_value]), pa.array(~has_any))


def decode(column: pa.Array) -> Geometries:
    """Build the geometry of each row from a column of `SHAPE`; None where there is none."""
    count, kinds = len(column), column.field("kind").to_numpy(zero_copy_only=False)
    points, lines, polygons = (column.field(name) for name in ("points", "lines", "polygons"))
    parts = np.concatenate(
        [
            np.asarray(shapely.points(_positions(points.values)), dtype=object),
            shapely.from_ragged_array(
                GeometryType.LINESTRING, _positions(lines.values.values), (_offsets(lines.values),)
            ),
            shapely.from_ragged_array(
                GeometryType.POLYGON,
                _positions(polygons.values.values.values),
                (_offsets(polygons.values.values), _offsets(polygons.values)),
            ),
        ]
    )
    rows = np.concatenate(
        [np.repeat(np.arange(count), np.diff(_offsets(part_lists))) for part_lists in (points, lines, polygons)]
    )
    order = np.argsort(rows, kind="stable")
    parts, rows = parts[order], rows[order]
    shapes: Geometries = np.full(count, None, dtype=object)
    has_none = np.bincount(rows, minlength=count) == 0
    for kind, empty in enumerate(_EMPTY):
        shapes[has_none & (kinds == kind)] = empty
        is_kind = kinds[rows] == kind
        if kind in _COLLECTORS and is_kind.any():
            group_rows, groups = np.unique(rows[is_kind], return_inverse=True)
            shapes[group_rows] = _COLLECTORS[kind](parts[is_kind], indices=groups)
        else:
            shapes[rows[is_kind]] = parts[is_kind]
    heights = column.field("heights")
    has_height = heights.is_valid().to_numpy(zero_copy_only=False) & (kinds >= 0)
    if has_height.any():
        flat_coordinates = shapely.get_coordinates(shapes[has_height])
        coordinates = np.column_stack(
            [flat_coordinates, heights.filter(pa.array(has_height)).flatten().to_numpy(zero_copy_only=False)]
        )
        shapes[has_height] = shapely.set_coordinates(shapely.force_3d(shapes[has_height]), coordinates)
    return shapes


def _positions(pairs: pa.FixedSizeListArray) -> npt.NDArray[np.float64]:
    return np.asarray(pairs.values.to_numpy(zero_copy_only=False), dtype=float).reshape(-1, 2)


def _offsets(lists: pa.ListArray) -> Numbers:
    """Return the start of each list; raise ValueError if the offsets are invalid.

    The code that uses them does not check them again.
    """
    offsets: Numbers = lists.offsets.to_numpy().astype(np.int64)
    if offsets[0] != 0 or (np.diff(offsets) < 0).any() or offsets[-1] != len(lists.values):
        raise ValueError(offsets)
    return offsets


def clear_empty_geometries(batch: pa.RecordBatch, geometry: str) -> pa.RecordBatch:
    """Return a batch with null in place of empty geometries."""
    import pyarrow.compute as pc  # not needed for tables

    geometry_index = batch.schema.get_field_index(geometry)
    wkb = batch.column(geometry_index)
    filled = pc.if_else(pc.greater(pc.binary_length(wkb), EMPTY_WKB_BYTES), wkb, pa.scalar(None, wkb.type))
    return batch.set_column(geometry_index, batch.schema.field(geometry_index), filled)
