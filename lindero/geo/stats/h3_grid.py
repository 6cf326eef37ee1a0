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
    """Return the mean area of the cells of a resolution.

    `resolution`: H3 resolution, 0 to 15.
    """
    return float(h3.average_hexagon_area(resolution, unit="km^2"))


def dissolve_containing(points: Geometries, shapes: Geometries) -> shapely.Geometry | None:
    """Dissolve the polygons that contain any of the points: the study area in which cells are compared.

    `points`: points in degrees (OGC:CRS84). `shapes`: polygons in degrees. Returns: in degrees; None if no polygon
    contains a point.
    """
    matching = np.unique(shapely.STRtree(list(points)).query(shapes, predicate="intersects")[0])
    return shapely.union_all(shapes[matching]) if len(matching) else None


def measure_area_km2(area: shapely.Geometry | None) -> float:
    """Compute the size of a study area.

    `area`: polygons in degrees (OGC:CRS84), or None.
    """
    return float(area_ha(gpd.GeoSeries(np.array([area], dtype=object), crs=DEGREES)).iloc[0]) * KM2_PER_HA


def default_resolution(area_km2: float, *, events: int) -> int:
    """Choose the default resolution for a number of events.

    Returns: the finest resolution with at most 40 cells per event. This limit is at least 100 and at most 6,000 cells.
    """
    return choose_resolution(area_km2, cells=min(CELLS, max(FEWEST_CELLS, CELLS_FOR_EACH * events)))


def finest_resolution(area_km2: float) -> int:
    """Return the finest resolution that is allowed: at most 40,000 cells.

    Returns: H3 resolution.
    """
    return choose_resolution(area_km2, cells=MOST_CELLS)


def alternative_resolutions(resolution: int, area_km2: float) -> list[int]:
    """Return a resolution, followed by the next coarser and finer ones if their number of cells is acceptable.

    `resolution`: H3 resolution.
    """
    finest = choose_resolution(area_km2, cells=2 * CELLS)
    return [
        resolution,
        *(neighbour for neighbour in (resolution - 1, resolution + 1) if COARSEST <= neighbour <= finest),
    ]


def cells(area: shapely.Geometry, *, resolution: int) -> gpd.GeoDataFrame:
    """Return the H3 cells with centres inside an area.

    `area`: polygons in degrees (OGC:CRS84), longitude first. `resolution`: H3 resolution. A cell of resolution 3 has
    about 12,400 km², and one of the next finer resolution a seventh of that. Returns: `id` (H3 index), `geometry`
    (hexagons, few pentagons) in OGC:CRS84, sorted by id.
    """
    return _build_frame(h3.geo_to_cells(area, resolution))


def covering_cells(ground: Geometries, *, resolution: int) -> gpd.GeoDataFrame:
    """Return the H3 cells that may contain polygons: all that intersect the bounding boxes of neighbouring polygons.

    Neighbours are those with the middle of their own bounding box in the same cell.

    `resolution`: H3 resolution. Returns: `id` (H3 index), `geometry` in OGC:CRS84, sorted by id.
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
    """Return the given cell that contains each point. Near the edge of the area it is the nearest cell.

    `ids`: H3 indexes of one resolution. Returns: positions in `ids`; -1 where there is no cell.
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
    """Return the centres of cells.

    `ids`: H3 indexes of n cells. Returns: x, y on the equal-area plane in metres.
    """
    latitudes_first = np.array([h3.cell_to_latlng(cell) for cell in ids]).reshape(-1, 2)
    return project(latitudes_first[:, ::-1])


def measure_cells_ha(frame: gpd.GeoDataFrame, area: shapely.Geometry) -> Floats:
    """Compute the area of each cell that is inside the study area.

    `frame`: frame of n cells in OGC:CRS84. `area`: the study area in degrees.
    """
    prepared_area = prepared_copy(to_plane(np.array([area], dtype=object)))
    cell_shapes: Geometries = to_plane(frame.geometry.to_numpy())
    crossing = ~shapely.contains(prepared_area[0], cell_shapes)
    cell_shapes[crossing] = shapely.intersection(cell_shapes[crossing], prepared_area[0])
    return np.asarray(shapely.area(cell_shapes) / M2_PER_HA)
