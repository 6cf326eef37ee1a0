"""
Features cut into vector tiles: projected and clipped here, where a corner costs nanoseconds, encoded by the database.

Shapes are on Web Mercator as parts of the world: from 0 in the west and the north to 1 in the east and the south.
"""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely

from lindero.layers.database.map_database import Connection

EXTENT = 4096  # units along a tile's side, of the zooms before `FINE_ZOOM`
FINE_ZOOM = 12  # from here on tiles have finer units and nothing is simplified
MARGIN = 1 / 64  # of a tile's side around it, so that outlines do not end at its edge
MOST_NORTH = 85.051129
_FEWEST_OF_A_RING = 4  # the last is the first again
_LEAST_CORNERS = 8  # of what is worth simplifying: most titles are rectangles

Shapes = npt.NDArray[np.object_]
Whole = npt.NDArray[np.int64]
Placed = tuple[Whole, Whole, Whole]
"""Positions of shapes, and x and y of a tile for each."""
Tile = tuple[int, int, bytes]
"""x, y, and the tile's bytes, or a layer's part of them."""


def extent(z: int) -> int:
    """
    Units along a tile's side.

    A browser enlarges tiles of `FINE_ZOOM`, where a unit is 0.6 m, to the closest zoom that it shows.
    """
    return EXTENT if z < FINE_ZOOM else EXTENT * 4


def to_tile_plane(degrees: Shapes) -> Shapes:
    """Lay geometries in degrees on the map."""
    return np.asarray(shapely.transform(degrees, _on_the_map))


def drawn_at(shapes: Shapes, z: int) -> Shapes:
    """
    Leave of shapes the corners that a tile of zoom `z` can show: a quarter of a pixel matters.

    What would collapse stays as it is, for its tile to show it as a dot.
    """
    if z >= FINE_ZOOM:
        return shapes
    drawn = shapes.copy()
    some = shapely.get_num_coordinates(shapes) > _LEAST_CORNERS
    fewer = np.asarray(shapely.simplify(shapes[some], 2 / EXTENT / 2**z, preserve_topology=False))
    drawn[some] = np.where(shapely.is_empty(fewer), shapes[some], fewer)
    return drawn


def met(shapes: Shapes, z: int, columns: tuple[int, int]) -> Placed:
    """
    Pair shapes with the tiles that their boxes meet, in the columns from the first to the last.

    Returns
    -------
    tuple
        Positions of shapes, and x and y of tiles, ordered by tile and then by shape.
    """
    boxes = shapely.bounds(shapes) * 2**z
    first = np.floor(boxes[:, :2] - MARGIN)
    last = np.floor(boxes[:, 2:] + MARGIN)
    is_drawn = ~np.isnan(boxes[:, 0])
    low = np.where(is_drawn[:, None], np.maximum(first, (columns[0], 0)), 0).astype(np.int64)
    high = np.where(is_drawn[:, None], np.minimum(last, (columns[1], 2**z - 1)), -1).astype(np.int64)
    wide, tall = np.maximum(high - low + 1, 0).T
    counts = wide * tall
    position = np.repeat(np.arange(len(shapes)), counts)
    nth = np.arange(len(position)) - np.repeat(np.cumsum(counts) - counts, counts)
    x = low[position, 0] + nth // np.maximum(tall[position], 1)
    y = low[position, 1] + nth % np.maximum(tall[position], 1)
    order = np.lexsort((position, y, x))
    return position[order], x[order], y[order]


def cut(shapes: Shapes, z: int, x: Whole, y: Whole) -> tuple[Shapes, npt.NDArray[np.bool_]]:
    """
    Cut each shape for its tile, in the tile's units with rows from the north; shapes of one tile stand together.

    Returns
    -------
    tuple
        What is to be drawn, None where nothing of a shape lies in its tile; and which of it is a dot that stands for
        ground too small to draw.
    """
    side, units, tiles = 2**z, extent(z), np.column_stack((x, y))
    boxes = shapely.bounds(shapes) * side
    juts = ((boxes[:, :2] < tiles - MARGIN) | (boxes[:, 2:] > tiles + 1 + MARGIN)).any(axis=1)
    inside = shapes.copy()
    some = np.flatnonzero(juts)
    begins = np.flatnonzero((np.diff(tiles[some], axis=0, prepend=-1) != 0).any(axis=1))
    ends = [*begins[1:], len(some)] if len(some) else []
    for begin, end in zip(begins, ends, strict=True):
        (west, north), of_tile = tiles[some[begin]], some[begin:end]
        window = [float(edge) / side for edge in (west - MARGIN, north - MARGIN, west + 1 + MARGIN, north + 1 + MARGIN)]
        inside[of_tile] = shapely.clip_by_rect(shapes[of_tile], *window)
    corners, of = shapely.get_coordinates(inside, return_index=True)
    rounded = np.rint((corners * side - tiles[of]) * units)
    drawn = _on_grid(np.asarray(shapely.set_coordinates(inside.copy(), rounded)))
    too_small = shapely.is_empty(drawn) & ~shapely.is_empty(inside)
    first = np.searchsorted(of, np.flatnonzero(too_small))
    drawn[too_small] = shapely.points(rounded[first])
    drawn[shapely.is_empty(drawn)] = None
    return drawn, too_small


def encode(con: Connection, layer: str, pieces: pa.Table, z: int) -> list[Tile]:
    """
    Encode what was cut, as one layer of each tile: its x, y and bytes.

    Parameters
    ----------
    pieces
        `x`, `y`, `id`, the attributes to tell, and `geometry` as WKB in units of the tile.
    """
    attributes = ", ".join(
        f'"{name}" := ' + ("ST_GeomFromWKB(geometry)" if name == "geometry" else f'"{name}"')
        for name in pieces.column_names
        if name not in {"x", "y"}
    )
    con.register("pieces", pieces)
    try:
        return con.execute(f"""
            SELECT x, y, ST_AsMVT(struct_pack({attributes}), '{layer}', {extent(z)}, 'geometry' ORDER BY id)
            FROM pieces GROUP BY x, y
        """).fetchall()
    finally:
        con.unregister("pieces")


def _on_grid(rounded: Shapes) -> Shapes:
    """Leave of rounded shapes what has ground or is a point, with shells clockwise on a screen, where y goes down."""
    drawn = rounded.copy()
    areas = np.flatnonzero(shapely.get_dimensions(rounded) == 2)  # noqa: PLR2004
    parts, owner = shapely.get_parts(rounded[areas], return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    corners, ring = shapely.get_coordinates(rings, return_index=True)
    is_new = np.ones(len(ring), dtype=bool)
    is_new[1:] = (ring[1:] != ring[:-1]) | (corners[1:] != corners[:-1]).any(axis=1)
    corners, ring = corners[is_new], ring[is_new]
    has_ground = np.bincount(ring, minlength=len(rings)) >= _FEWEST_OF_A_RING
    is_shell = np.ones(len(part), dtype=bool)
    is_shell[1:] = part[1:] != part[:-1]
    shell_stands = np.zeros(len(parts), dtype=bool)
    shell_stands[part[is_shell & has_ground]] = True
    kept = has_ground & shell_stands[part]
    number = np.cumsum(kept) - 1
    drawn[areas] = shapely.MultiPolygon()
    if kept.any():
        whole = np.asarray(shapely.linearrings(corners[kept[ring]], indices=number[ring[kept[ring]]]))
        standing, of = np.unique(part[kept], return_inverse=True)
        shells = np.asarray(shapely.orient_polygons(shapely.polygons(whole, indices=of), exterior_cw=False))
        owners, of = np.unique(owner[standing], return_inverse=True)
        areal = np.asarray(shapely.multipolygons(shells, indices=of))
        has_area = shapely.area(areal) > 0
        drawn[areas[owners[has_area]]] = areal[has_area]
    return drawn


def _on_the_map(degrees: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    latitude = np.radians(np.clip(degrees[:, 1], -MOST_NORTH, MOST_NORTH))
    return np.column_stack(((degrees[:, 0] + 180) / 360, (1 - np.arcsinh(np.tan(latitude)) / np.pi) / 2))
