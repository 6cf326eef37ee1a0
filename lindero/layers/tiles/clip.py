"""Clipping of features to vector tiles.

Geometry is projected and clipped here, at nanoseconds per vertex, and encoded by the database. It is in Web Mercator as
fractions of the world: from 0 in the west and north to 1 in the east and south.
"""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from shapely import GeometryType

from lindero.layers.database.map_database import Connection

EXTENT = 4096  # units along a tile's side, for zooms before `FINE_ZOOM`
FINE_ZOOM = 12  # from this zoom on, tiles have finer units and nothing is simplified
MARGIN = 1 / 64  # of a tile's side: tiles extend beyond their edge, so that outlines do not end at it
MOST_NORTH = 85.051129
_FEWEST_OF_A_RING = 4  # vertices: the last repeats the first
_AREAS = (GeometryType.POLYGON, GeometryType.MULTIPOLYGON)
_LEAST_VERTICES = 8  # minimum vertices for a simplification: most concessions are rectangles

Shapes = npt.NDArray[np.object_]
GridValues = npt.NDArray[np.int64]
PlacedRings = tuple[GridValues, GridValues, GridValues]
"""Positions of shapes, and x and y of a tile for each."""
Tile = tuple[int, int, bytes]
"""x, y, and the tile's bytes, or a layer's part of them."""


def extent(z: int) -> int:
    """Return the number of units along a tile's side.

    Browsers enlarge tiles of `FINE_ZOOM`, with a unit of 0.6 m, up to the closest zoom that they show.
    """
    return EXTENT if z < FINE_ZOOM else EXTENT * 4


def project_to_plane(degrees: Shapes) -> Shapes:
    """Project geometry from degrees to Web Mercator fractions of the world.

    `degrees`: array of geometries in OGC:CRS84, shape (n,). Latitudes beyond ±85.051129 are moved to that limit.
    Returns: geometries of the same shape: x from 0 (west) to 1 (east), y from 0 (north) to 1 (south). None stays None.
    """
    return np.asarray(shapely.transform(degrees, _project_mercator))


def simplify_for_zoom(shapes: Shapes, z: int) -> Shapes:
    """Simplify geometry to the vertices that a tile of zoom `z` can show, with a tolerance of a quarter of a pixel.

    Geometry that would collapse stays unchanged, so that its tile shows it as a dot.
    """
    if z >= FINE_ZOOM:
        return shapes
    simplified = shapes.copy()
    is_detailed = shapely.get_num_coordinates(shapes) > _LEAST_VERTICES
    reduced = np.asarray(shapely.simplify(shapes[is_detailed], 2 / EXTENT / 2**z, preserve_topology=False))
    simplified[is_detailed] = np.where(shapely.is_empty(reduced), shapes[is_detailed], reduced)
    return simplified


def pair_with_tiles(shapes: Shapes, z: int, columns: tuple[int, int]) -> PlacedRings:
    """Pair geometries with the tiles that their bounding boxes intersect, in the columns from the first to the last."""
    boxes = shapely.bounds(shapes) * 2**z
    first = np.floor(boxes[:, :2] - MARGIN)
    last = np.floor(boxes[:, 2:] + MARGIN)
    has_bounds = ~np.isnan(boxes[:, 0])
    low = np.where(has_bounds[:, None], np.maximum(first, (columns[0], 0)), 0).astype(np.int64)
    high = np.where(has_bounds[:, None], np.minimum(last, (columns[1], 2**z - 1)), -1).astype(np.int64)
    wide, tall = np.maximum(high - low + 1, 0).T
    counts = wide * tall
    position = np.repeat(np.arange(len(shapes)), counts)
    nth = np.arange(len(position)) - np.repeat(np.cumsum(counts) - counts, counts)
    x = low[position, 0] + nth // np.maximum(tall[position], 1)
    y = low[position, 1] + nth % np.maximum(tall[position], 1)
    order = np.lexsort((position, y, x))
    return position[order], x[order], y[order]


def clip_to_tiles(shapes: Shapes, z: int, x: GridValues, y: GridValues) -> tuple[Shapes, npt.NDArray[np.bool_]]:
    """Clip each geometry to its tile, in the tile's units with rows from the north.

    The geometries of one tile must be adjacent.
    """
    side, units, tiles = 2**z, extent(z), np.column_stack((x, y))
    boxes = shapely.bounds(shapes) * side
    crosses_edge = ((boxes[:, :2] < tiles - MARGIN) | (boxes[:, 2:] > tiles + 1 + MARGIN)).any(axis=1)
    clipped = shapes.copy()
    crossing = np.flatnonzero(crosses_edge)
    begins = np.flatnonzero((np.diff(tiles[crossing], axis=0, prepend=-1) != 0).any(axis=1))
    ends = [*begins[1:], len(crossing)] if len(crossing) else []
    for begin, end in zip(begins, ends, strict=True):
        (west, north), of_tile = tiles[crossing[begin]], crossing[begin:end]
        window = [float(edge) / side for edge in (west - MARGIN, north - MARGIN, west + 1 + MARGIN, north + 1 + MARGIN)]
        clipped[of_tile] = shapely.clip_by_rect(shapes[of_tile], *window)
    vertices, owners = shapely.get_coordinates(clipped, return_index=True)
    rounded = np.rint((vertices * side - tiles[owners]) * units)
    pieces = _clean_areas(np.asarray(shapely.set_coordinates(clipped.copy(), rounded)), rounded, owners)
    too_small = shapely.is_empty(pieces) & ~shapely.is_empty(clipped)
    first = np.searchsorted(owners, np.flatnonzero(too_small))
    pieces[too_small] = shapely.points(rounded[first])
    pieces[shapely.is_empty(pieces)] = None
    return pieces, too_small


def encode(con: Connection, layer: str, pieces: pa.Table, z: int) -> list[Tile]:
    """Encode clipped features as one layer of each tile; return x, y and bytes of each tile.

    `pieces`: `x`, `y`, `id`, the attributes to include, and `geometry` as WKB in tile units.
    """
    attributes = ", ".join(
        f'"{name}" := ' + ("ST_GeomFromWKB(geometry)" if name == "geometry" else f'"{name}"')
        for name in pieces.column_names
        if name not in {"x", "y"}
    )
    # The database sorts numbers in less time than ids.
    con.register("pieces", pieces.append_column("place_in_tile", pc.rank(pieces["id"])))
    try:
        return con.execute(f"""
            SELECT x, y, ST_AsMVT(struct_pack({attributes}), '{layer}', {extent(z)}, 'geometry' ORDER BY place_in_tile)
            FROM pieces GROUP BY x, y
        """).fetchall()
    finally:
        con.unregister("pieces")


def _clean_areas(rounded: Shapes, vertices: npt.NDArray[np.float64], owners: GridValues) -> Shapes:
    """Return rounded geometry with areas that are drawable: without collapsed rings, and with shells in order.

    Shells are clockwise on a screen, where y points down. An area that does not remain is empty. Points and lines stay.

    `vertices`, `owners`: all vertices of `rounded`, and the position of the geometry of each.
    """
    cleaned = rounded.copy()
    is_repeated = (owners[1:] == owners[:-1]) & (vertices[1:] == vertices[:-1]).all(axis=1)
    may_collapse = np.zeros(len(rounded), dtype=bool)
    may_collapse[owners[1:][is_repeated]] = True
    is_area = shapely.get_dimensions(rounded) == 2  # noqa: PLR2004
    is_rebuilt = is_area & (may_collapse | ~np.isin(shapely.get_type_id(rounded), _AREAS))
    cleaned[is_rebuilt] = _remove_collapsed_rings(rounded[is_rebuilt])
    areas = np.flatnonzero(is_area)
    cleaned[areas] = shapely.orient_polygons(cleaned[areas], exterior_cw=False)
    cleaned[areas[shapely.area(cleaned[areas]) == 0]] = shapely.MultiPolygon()
    return cleaned


def _remove_collapsed_rings(areas: Shapes) -> Shapes:
    """Remove rings that collapsed by rounding, and shells with all their holes; what does not remain is empty."""
    parts, owner = shapely.get_parts(areas, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    vertices, ring = shapely.get_coordinates(rings, return_index=True)
    is_new = np.ones(len(ring), dtype=bool)
    is_new[1:] = (ring[1:] != ring[:-1]) | (vertices[1:] != vertices[:-1]).any(axis=1)
    vertices, ring = vertices[is_new], ring[is_new]
    is_ring = np.bincount(ring, minlength=len(rings)) >= _FEWEST_OF_A_RING
    is_shell = np.ones(len(part), dtype=bool)
    is_shell[1:] = part[1:] != part[:-1]
    has_shell = np.zeros(len(parts), dtype=bool)
    has_shell[part[is_shell & is_ring]] = True
    is_kept = is_ring & has_shell[part]
    number = np.cumsum(is_kept) - 1
    remaining_areas: Shapes = np.full(len(areas), shapely.MultiPolygon(), dtype=object)
    if is_kept.any():
        valid_rings = np.asarray(shapely.linearrings(vertices[is_kept[ring]], indices=number[ring[is_kept[ring]]]))
        remaining, groups = np.unique(part[is_kept], return_inverse=True)
        shells = np.asarray(shapely.polygons(valid_rings, indices=groups))
        owners, groups = np.unique(owner[remaining], return_inverse=True)
        remaining_areas[owners] = shapely.multipolygons(shells, indices=groups)
    return remaining_areas


def _project_mercator(degrees: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    latitude = np.radians(np.clip(degrees[:, 1], -MOST_NORTH, MOST_NORTH))
    return np.column_stack(((degrees[:, 0] + 180) / 360, (1 - np.arcsinh(np.tan(latitude)) / np.pi) / 2))
