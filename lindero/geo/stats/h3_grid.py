"""Hexagonal cells of H3 over an area: places of one size to compare, whatever boundaries states have drawn."""

from collections.abc import Iterable

import geopandas as gpd
import h3
import numpy as np
import shapely

from lindero.geo.geometry.areas import area_ha
from lindero.geo.geometry.crs import DEGREES
from lindero.geo.geometry.prepared import prepared_copy
from lindero.geo.geometry.projection import Floats, Geometries, Ints, project, to_plane, unproject
from lindero.geo.geometry.units import KM2_PER_HA, M2_PER_HA

COARSEST, FINEST = 1, 8
CELLS = 6_000  # no more at the resolution that is chosen where none is said, nor twice as many in another way to ask
MOST_CELLS = 40_000
CELLS_FOR_EACH = 40  # nor more than so many for each event
FEWEST_CELLS = 100
_FARTHEST = 3  # rings in which a point near the edge of the area looks for its nearest cell


def resolution_for(area_km2: float, *, cells: int) -> int:
    """Give the finest resolution at which an area has at most so many cells."""
    fits = (size for size in range(FINEST, COARSEST, -1) if area_km2 / h3.average_hexagon_area(size) <= cells)
    return next(fits, COARSEST)


def cell_km2(resolution: int) -> float:
    """Give the mean area of the cells of a resolution."""
    return float(h3.average_hexagon_area(resolution, unit="km^2"))


def area_holding(points: Geometries, shapes: Geometries) -> shapely.Geometry | None:
    """Unite those of some polygons that hold any of the points: the area of which cells are compared."""
    met = np.unique(shapely.STRtree(list(points)).query(shapes, predicate="intersects")[0])
    return shapely.union_all(shapes[met]) if len(met) else None


def area_in_km2(area: shapely.Geometry | None) -> float:
    """Measure an area (in degrees) that cells are to cover; not a number if there is none."""
    return float(area_ha(gpd.GeoSeries(np.array([area], dtype=object), crs=DEGREES)).iloc[0]) * KM2_PER_HA


def usual_resolution(area_km2: float, *, events: int) -> int:
    """Choose the resolution at which so many events are compared where none is said."""
    return resolution_for(area_km2, cells=min(CELLS, max(FEWEST_CELLS, CELLS_FOR_EACH * events)))


def finest_resolution(area_km2: float) -> int:
    """Give the finest resolution that may be asked for."""
    return resolution_for(area_km2, cells=MOST_CELLS)


def resolutions_about(resolution: int, area_km2: float) -> list[int]:
    """Give a resolution and then the next coarser and finer, if these cells are neither too many nor too few."""
    finest = resolution_for(area_km2, cells=2 * CELLS)
    return [resolution, *(other for other in (resolution - 1, resolution + 1) if COARSEST <= other <= finest)]


def cells(area: shapely.Geometry, *, resolution: int) -> gpd.GeoDataFrame:
    """
    Cover an area with the cells whose middle lies in it.

    Parameters
    ----------
    area
        Polygons in degrees, longitude first.
    resolution
        Of H3: 3 is some 12,400 km² a cell, each finer one a seventh of that.

    Returns
    -------
    GeoDataFrame
        `id` (H3 index), `geometry` (hexagons, few pentagons) in OGC:CRS84, by id.
    """
    return _drawn(h3.geo_to_cells(area, resolution))


def cells_about(ground: Geometries, *, resolution: int) -> gpd.GeoDataFrame:
    """Give, as `cells` does, those that polygons on the equal-area plane may lie in: all that their boxes meet."""
    ids: set[str] = set()
    corners = unproject(shapely.bounds(ground).reshape(-1, 2))  # upright boxes are such in degrees, too
    for west, south, east, north in corners.reshape(-1, 4).tolist():
        box = h3.LatLngPoly([(south, west), (south, east), (north, east), (north, west)])
        ids.update(h3.h3shape_to_cells_experimental(box, resolution, contain="bbox_overlap"))
    return _drawn(ids)


def _drawn(ids: Iterable[str]) -> gpd.GeoDataFrame:
    ordered = sorted(ids)
    outlines = [[(longitude, latitude) for latitude, longitude in h3.cell_to_boundary(cell)] for cell in ordered]
    shapes = [shapely.Polygon(outline) for outline in outlines]
    return gpd.GeoDataFrame({"id": ordered}, geometry=shapes, crs=DEGREES)


def cell_at(points: Floats, ids: list[str]) -> Ints:
    """
    Tell in which of the given cells points lie; near the edge of the area, the nearest one counts.

    Parameters
    ----------
    points
        (n, 2): x, y on the equal-area plane; not a number for an event without a place.
    ids
        H3 indexes of one resolution.

    Returns
    -------
    ndarray
        Position in `ids`, -1 where there is none.
    """
    at = {cell: i for i, cell in enumerate(ids)}
    found = np.full(len(points), -1, dtype=np.int64)
    if not ids:
        return found
    resolution = h3.get_resolution(ids[0])
    located = np.flatnonzero(np.isfinite(points).all(axis=1))
    for i, (longitude, latitude) in zip(located, unproject(points[located]).tolist(), strict=True):
        own = h3.latlng_to_cell(latitude, longitude, resolution)
        found[i] = at[own] if own in at else _nearest(own, at)
    return found


def _nearest(cell: str, at: dict[str, int]) -> int:
    for ring in range(1, _FARTHEST):
        near = [other for other in h3.grid_disk(cell, ring) if other in at]
        if near:
            middle = h3.cell_to_latlng(cell)
            return at[min(near, key=lambda other: (h3.great_circle_distance(middle, h3.cell_to_latlng(other)), other))]
    return -1


def middles(ids: list[str]) -> Floats:
    """Give the middles of cells on the equal-area plane, (n, 2)."""
    latitudes_first = np.array([h3.cell_to_latlng(cell) for cell in ids]).reshape(-1, 2)
    return project(latitudes_first[:, ::-1])


def area_in_ha(frame: gpd.GeoDataFrame, area: shapely.Geometry) -> Floats:
    """Measure what of each cell lies in the area, in hectares."""
    whole = prepared_copy(to_plane(np.array([area], dtype=object)))
    drawn: Geometries = to_plane(frame.geometry.to_numpy())
    crossing = ~shapely.contains(whole[0], drawn)
    drawn[crossing] = shapely.intersection(drawn[crossing], whole[0])
    return np.asarray(shapely.area(drawn) / M2_PER_HA)
