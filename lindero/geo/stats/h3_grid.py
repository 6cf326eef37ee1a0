"""Hexagonal H3 cells over an area: places of the same size, independent of administrative boundaries."""

from collections.abc import Iterable

import geopandas as gpd
import h3
import numpy as np
import pandas as pd
import shapely

from lindero.geo.geometry.areas import area_ha
from lindero.geo.geometry.crs import DEGREES
from lindero.geo.geometry.prepared import prepared_copy
from lindero.geo.geometry.projection import Floats, Geometries, Ints, project, to_plane, unproject
from lindero.geo.geometry.units import KM2_PER_HA, M2_PER_HA

COARSEST, FINEST = 1, 8
CELLS = 6_000  # maximum at the default resolution; alternative resolutions may have twice as many
MOST_CELLS = 40_000
CELLS_FOR_EACH = 40  # maximum cells for each event
FEWEST_CELLS = 100
_FARTHEST = 3  # rings searched for the nearest cell of a point near the edge of the area


def choose_resolution(area_km2: float, *, cells: int) -> int:
    """Return the finest resolution at which an area has at most `cells` cells."""
    resolutions = (size for size in range(FINEST, COARSEST, -1) if area_km2 / h3.average_hexagon_area(size) <= cells)
    return next(resolutions, COARSEST)


def cell_km2(resolution: int) -> float:
    """
    Return the mean area of the cells of a resolution.

    Parameters
    ----------
    resolution
        H3 resolution, 0 to 15.

    Returns
    -------
    float
        Square kilometres.

    Examples
    --------
    >>> round(cell_km2(5)), round(cell_km2(3))
    (253, 12393)
    """
    return float(h3.average_hexagon_area(resolution, unit="km^2"))


def dissolve_containing(points: Geometries, shapes: Geometries) -> shapely.Geometry | None:
    """
    Dissolve the polygons that contain any of the points: the study area in which cells are compared.

    Parameters
    ----------
    points : array, (n,)
        Points in degrees (OGC:CRS84).
    shapes : array, (m,)
        Polygons in degrees.

    Returns
    -------
    geometry or None
        In degrees; None if no polygon contains a point.

    Examples
    --------
    >>> import numpy as np
    >>> from shapely import Point, box
    >>> squares = np.array([box(0, 0, 1, 1), box(1, 0, 2, 1), box(5, 5, 6, 6)])
    >>> dissolve_containing(np.array([Point(0.5, 0.5), Point(1.5, 0.5)]), squares).area
    2.0
    >>> dissolve_containing(np.array([Point(9, 9)]), squares) is None
    True
    """
    matching = np.unique(shapely.STRtree(list(points)).query(shapes, predicate="intersects")[0])
    return shapely.union_all(shapes[matching]) if len(matching) else None


def measure_area_km2(area: shapely.Geometry | None) -> float:
    """
    Compute the size of a study area.

    Parameters
    ----------
    area
        Polygons in degrees (OGC:CRS84), or None.

    Returns
    -------
    float
        Square kilometres on the ellipsoid; NaN for None.

    Examples
    --------
    >>> from shapely import box
    >>> round(measure_area_km2(box(0, 0, 1, 1)))
    12309
    >>> measure_area_km2(None)
    nan
    """
    return float(area_ha(gpd.GeoSeries(np.array([area], dtype=object), crs=DEGREES)).iloc[0]) * KM2_PER_HA


def default_resolution(area_km2: float, *, events: int) -> int:
    """
    Choose the default resolution for a number of events.

    Parameters
    ----------
    area_km2
        Size of the study area in square kilometres.
    events
        Number of events.

    Returns
    -------
    int
        The finest resolution with at most 40 cells per event. This limit is at least 100 and at most 6,000 cells.

    Examples
    --------
    >>> default_resolution(100_000, events=10), default_resolution(100_000, events=1_000)
    (5, 6)
    """
    return choose_resolution(area_km2, cells=min(CELLS, max(FEWEST_CELLS, CELLS_FOR_EACH * events)))


def finest_resolution(area_km2: float) -> int:
    """
    Return the finest resolution that is allowed: at most 40,000 cells.

    Parameters
    ----------
    area_km2
        Size of the study area in square kilometres.

    Returns
    -------
    int
        H3 resolution.

    Examples
    --------
    >>> finest_resolution(100_000), finest_resolution(1_000_000)
    (7, 6)
    """
    return choose_resolution(area_km2, cells=MOST_CELLS)


def alternative_resolutions(resolution: int, area_km2: float) -> list[int]:
    """
    Return a resolution, followed by the next coarser and finer ones if their number of cells is acceptable.

    Parameters
    ----------
    resolution
        H3 resolution.
    area_km2
        Size of the study area in square kilometres.

    Returns
    -------
    list of int
        One to three resolutions.

    Examples
    --------
    >>> alternative_resolutions(5, 100_000)
    [5, 4, 6]
    """
    finest = choose_resolution(area_km2, cells=2 * CELLS)
    return [
        resolution,
        *(neighbour for neighbour in (resolution - 1, resolution + 1) if COARSEST <= neighbour <= finest),
    ]


def cells(area: shapely.Geometry, *, resolution: int) -> gpd.GeoDataFrame:
    """
    Return the H3 cells with centres inside an area.

    Parameters
    ----------
    area
        Polygons in degrees (OGC:CRS84), longitude first.
    resolution
        H3 resolution. A cell of resolution 3 has about 12,400 km², and one of the next finer resolution a seventh of
        that.

    Returns
    -------
    GeoDataFrame
        `id` (H3 index), `geometry` (hexagons, few pentagons) in OGC:CRS84, sorted by id.

    Examples
    --------
    >>> from shapely import box
    >>> frame = cells(box(-75, -10, -74, -9), resolution=4)
    >>> len(frame), frame.crs.to_string(), frame["id"].is_monotonic_increasing
    (7, 'OGC:CRS84', True)
    """
    return _build_frame(h3.geo_to_cells(area, resolution))


def covering_cells(ground: Geometries, *, resolution: int) -> gpd.GeoDataFrame:
    """
    Return the H3 cells that may contain polygons: all that intersect the bounding boxes of neighbouring polygons.

    Neighbours are those with the middle of their own bounding box in the same cell.

    Parameters
    ----------
    ground : array, (n,)
        Polygons on the equal-area plane.
    resolution
        H3 resolution.

    Returns
    -------
    GeoDataFrame
        `id` (H3 index), `geometry` in OGC:CRS84, sorted by id.

    Examples
    --------
    >>> import numpy as np
    >>> from shapely import box
    >>> square = box(-75.01, -10.01, -75, -10)
    >>> len(cells(square, resolution=4)), len(covering_cells(to_plane(np.array([square])), resolution=4))
    (0, 3)
    """
    vertices = unproject(shapely.bounds(ground).reshape(-1, 2))  # boxes on the plane are also boxes in degrees
    boxes = pd.DataFrame(vertices.reshape(-1, 4), columns=["west", "south", "east", "north"])
    middles = zip((boxes["south"] + boxes["north"]) / 2, (boxes["west"] + boxes["east"]) / 2, strict=True)
    middle_cells = np.array([h3.latlng_to_cell(*middle, resolution) for middle in middles], dtype=object)
    is_western = boxes["west"] < 0  # a cell at the antimeridian has polygons at both ends of the plane
    groups = boxes.groupby([middle_cells, is_western])
    merged = groups.agg({"west": "min", "south": "min", "east": "max", "north": "max"})
    ids: set[str] = set()
    for west, south, east, north in merged.to_numpy().tolist():
        rectangle = h3.LatLngPoly([(south, west), (south, east), (north, east), (north, west)])
        ids.update(h3.h3shape_to_cells_experimental(rectangle, resolution, contain="bbox_overlap"))
    return _build_frame(ids)


def _build_frame(ids: Iterable[str]) -> gpd.GeoDataFrame:
    ordered = sorted(ids)
    outlines = [[(longitude, latitude) for latitude, longitude in h3.cell_to_boundary(cell)] for cell in ordered]
    shapes = [shapely.Polygon(outline) for outline in outlines]
    return gpd.GeoDataFrame({"id": ordered}, geometry=shapes, crs=DEGREES)


def find_cells(points: Floats, ids: list[str]) -> Ints:
    """
    Return the given cell that contains each point. Near the edge of the area it is the nearest cell.

    Parameters
    ----------
    points : array, (n, 2)
        x, y on the equal-area plane; NaN for an event without a place.
    ids
        H3 indexes of one resolution.

    Returns
    -------
    array of int, (n,)
        Positions in `ids`; -1 where there is no cell.

    Examples
    --------
    >>> import numpy as np
    >>> cell = h3.latlng_to_cell(-10, -75, 5)
    >>> find_cells(np.vstack([cell_centres([cell]), [[np.nan, np.nan]]]), [cell]).tolist()
    [0, -1]
    """
    positions = {cell: i for i, cell in enumerate(ids)}
    cell_positions = np.full(len(points), -1, dtype=np.int64)
    if not ids:
        return cell_positions
    resolution = h3.get_resolution(ids[0])
    located = np.flatnonzero(np.isfinite(points).all(axis=1))
    for i, (longitude, latitude) in zip(located, unproject(points[located]).tolist(), strict=True):
        cell_id = h3.latlng_to_cell(latitude, longitude, resolution)
        cell_positions[i] = positions[cell_id] if cell_id in positions else _nearest_cell(cell_id, positions)
    return cell_positions


def _nearest_cell(cell: str, positions: dict[str, int]) -> int:
    for ring in range(1, _FARTHEST):
        candidates = [candidate for candidate in h3.grid_disk(cell, ring) if candidate in positions]
        if candidates:
            middle = h3.cell_to_latlng(cell)
            return positions[
                min(
                    candidates,
                    key=lambda candidate: (h3.great_circle_distance(middle, h3.cell_to_latlng(candidate)), candidate),
                )
            ]
    return -1


def cell_centres(ids: list[str]) -> Floats:
    """
    Return the centres of cells.

    Parameters
    ----------
    ids
        H3 indexes of n cells.

    Returns
    -------
    array, (n, 2)
        x, y on the equal-area plane in metres.

    Examples
    --------
    >>> cells_here = [h3.latlng_to_cell(-10, -75, 5)]
    >>> unproject(cell_centres(cells_here)).round(1).tolist()
    [[-75.0, -9.9]]
    """
    latitudes_first = np.array([h3.cell_to_latlng(cell) for cell in ids]).reshape(-1, 2)
    return project(latitudes_first[:, ::-1])


def measure_cells_ha(frame: gpd.GeoDataFrame, area: shapely.Geometry) -> Floats:
    """
    Compute the area of each cell that is inside the study area.

    Parameters
    ----------
    frame
        Frame of n cells in OGC:CRS84.
    area
        The study area in degrees.

    Returns
    -------
    array, (n,)
        Hectares.

    Examples
    --------
    >>> import numpy as np
    >>> from shapely import box
    >>> square = box(-75.01, -10.01, -75, -10)
    >>> frame = covering_cells(to_plane(np.array([square])), resolution=6)
    >>> float(measure_cells_ha(frame, square).sum().round(1)), round(measure_area_km2(square) * 100, 1)
    (121.3, 121.3)
    """
    prepared_area = prepared_copy(to_plane(np.array([area], dtype=object)))
    cell_shapes: Geometries = to_plane(frame.geometry.to_numpy())
    crossing = ~shapely.contains(prepared_area[0], cell_shapes)
    cell_shapes[crossing] = shapely.intersection(cell_shapes[crossing], prepared_area[0])
    return np.asarray(shapely.area(cell_shapes) / M2_PER_HA)
