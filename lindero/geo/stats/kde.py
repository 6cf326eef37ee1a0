"""Kernel density surfaces of points. They are pictures, not tests.

    f(s) = 1 / (2 π h² Σw) · Σ_i w_i exp(-|s - s_i|² / 2 h²)        Silverman 1986, equation 4.1

The kernel is Gaussian. Its product form makes the whole surface one product of matrices.
"""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from lindero.geo.errors import N_, FrameError
from lindero.geo.geometry.crs import DEGREES, ELLIPSOID
from lindero.geo.geometry.prepared import contains_points
from lindero.geo.geometry.projection import EQUATOR_M, Floats, Geometries, is_polygonal, project, to_plane, unproject
from lindero.geo.geometry.units import M_PER_KM

LEVELS = (0.1, 0.25, 0.5, 0.75)  # shares of the maximum; lower densities are not drawn
FLOOR_KM = 5.0  # minimum bandwidth: a finer map would show single houses
REACH_BANDWIDTHS = 3.0  # bandwidths around the events; a Gaussian is close to zero beyond
MOST_CELLS = 400  # maximum along the longer side of the grid
FINE, COARSE = 8, 2  # cells per bandwidth, preferred and minimum: with fewer, the cells would be visible
_CHUNK_POINTS = 20_000  # points, so that memory stays small
_NO_POINTS = N_("there is no data here for a density map")


@dataclass(frozen=True)
class Density:
    """A surface of kernel density over the cells of a grid.

    `relative` (rows, columns) is 0 to 1, relative to the highest value. `x_m` and `y_m` are the centres of the columns
    and rows, on an equal-area plane with true scale at the events' mean latitude. On this plane, x is the x of
    `geo.geometry.projection` times `stretch`, and y is its y divided by `stretch`.
    """

    bandwidth_km: float
    x_m: Floats
    y_m: Floats
    relative: Floats
    stretch: float

    def levels(self) -> gpd.GeoDataFrame:
        """Return the surface as filled steps that do not overlap, highest first.

        Returns: `low`, `high` (shares of the highest density), and polygons along the cells in OGC:CRS84.
        """
        ends = (*LEVELS[1:], np.inf)
        steps = [(low, end) for low, end in zip(LEVELS, ends, strict=True)][::-1]
        shapes = [self._build_polygon((self.relative >= low) & (self.relative < end)) for low, end in steps]
        lows = [low for low, _end in steps]
        frame = gpd.GeoDataFrame({"low": lows, "high": [min(end, 1.0) for _low, end in steps]}, geometry=shapes)
        return frame.set_crs(DEGREES)[~frame.is_empty.to_numpy()].reset_index(drop=True)

    def max_by_area(self, areas: gpd.GeoSeries) -> "pd.Series[float]":
        """Return the highest value of the surface within each area, as a share of its maximum.

        `areas`: polygons in OGC:CRS84. Returns: shares by the index of `areas`. Areas without the centre of a drawn
        cell are left out.
        """
        row, column = np.nonzero(self.relative >= LEVELS[0])
        centres = shapely.points(self._to_degrees(np.column_stack((self.x_m[column], self.y_m[row]))))
        cell_rows, area_rows = shapely.STRtree(areas.to_numpy()).query(centres, predicate="intersects")
        heights = pd.Series(self.relative[row[cell_rows], column[cell_rows]], index=areas.index[area_rows], dtype=float)
        return heights.groupby(level=0).max()

    def _build_polygon(self, mask: npt.NDArray[np.bool_]) -> shapely.Geometry:
        """Build the polygon of some cells in degrees: the union of one box for each run of cells in a row."""
        edges = np.diff(np.pad(mask.astype(np.int8), ((0, 0), (1, 1))), axis=1)
        row, first = np.nonzero(edges == 1)
        end = np.nonzero(edges == -1)[1]
        half = (self.x_m[1] - self.x_m[0]) / 2
        west, east = self.x_m[first] - half, self.x_m[end - 1] + half
        dissolved = shapely.union_all(shapely.box(west, self.y_m[row] - half, east, self.y_m[row] + half))
        return shapely.transform(dissolved, self._to_degrees)

    def _to_degrees(self, metres: Floats) -> Floats:
        return unproject(metres / (self.stretch, 1 / self.stretch))


@dataclass(frozen=True)
class KdeInput:
    """Weighted points and areas on the plane, ready for a density surface of any bandwidth.

    `stretch` is that of `Density`. `areas` are polygons over which their weight is spread evenly. If `within` is given,
    nothing outside it counts.
    """

    points: Floats
    point_weights: Floats
    areas: Geometries
    area_weights: Floats
    within: shapely.Geometry | None
    stretch: float

    @property
    def min_bandwidth_km(self) -> float:
        """The smallest bandwidth in kilometres that the grid can display, at least `FLOOR_KM`."""
        west, south, east, north = self._bounds()
        displayable_m = max(east - west, north - south) / (MOST_CELLS / COARSE - 2 * REACH_BANDWIDTHS)
        return max(FLOOR_KM, float(displayable_m) / M_PER_KM)

    @property
    def silverman_bandwidth_km(self) -> float:
        """The bandwidth in kilometres by Silverman's rule for two dimensions, σ n^(-1/6), but at least the minimum.

        σ² is the mean of the variances east and north, and n = (Σw)² / Σw². An area counts by its centroid (Silverman
        1986, equation 4.14).
        """
        places = np.concatenate((self.points, shapely.get_coordinates(shapely.centroid(self.areas))))
        weights = np.concatenate((self.point_weights, self.area_weights))
        shares = weights / weights.sum()
        effective_count = 1 / float((shares**2).sum())
        if effective_count <= 1 + 1e-9:  # a single event has no variance
            return self.min_bandwidth_km
        offsets = places - shares @ places
        variance = float((shares @ offsets**2).mean()) / (1 - 1 / effective_count)
        return max(self.min_bandwidth_km, float(np.sqrt(variance) * effective_count ** (-1 / 6)) / M_PER_KM)

    def density(self, *, bandwidth_km: float) -> Density:
        """Compute the density surface for a bandwidth."""
        if bandwidth_km < self.min_bandwidth_km * (1 - 1e-9):
            raise FrameError(
                N_("a bandwidth of {km} km is too small for so large an area; use at least {least} km"),
                km=f"{bandwidth_km:g}",
                least=f"{np.ceil(self.min_bandwidth_km):g}",
            )
        width = bandwidth_km * M_PER_KM
        x, y = self._grid(width)
        height = _sum_kernels(self.points, self.point_weights, x, y, width)
        if len(self.areas):
            height += _kernel(y, y, width).T @ self._rasterize_areas(x, y) @ _kernel(x, x, width)
        if not height.max() > 0:  # an area whose overlap with `within` is smaller than a cell
            raise FrameError(_NO_POINTS)
        return Density(bandwidth_km, x, y, height / height.max(), self.stretch)

    def _bounds(self) -> tuple[float, float, float, float]:
        shapes = [shapely.multipoints(self.points), *self.areas]
        west, south, east, north = shapely.total_bounds(np.array(shapes, dtype=object))
        if self.within is not None and len(self.areas):
            edges = shapely.bounds(self.within)
            return max(west, edges[0]), max(south, edges[1]), min(east, edges[2]), min(north, edges[3])
        return west, south, east, north

    def _grid(self, width: float) -> tuple[Floats, Floats]:
        west, south, east, north = self._bounds()
        sides = np.array((east - west, north - south)) + 2 * REACH_BANDWIDTHS * width
        step = max(width / FINE, sides.max() / MOST_CELLS)
        columns, rows = np.ceil(sides / step).astype(int) // 2 * 2 + 1  # odd: a lone event is in the middle of a cell
        centres = np.array(((west + east) / 2, (south + north) / 2))
        return tuple(
            centre + step * (np.arange(n) - (n - 1) / 2) for centre, n in zip(centres, (columns, rows), strict=True)
        )

    def _rasterize_areas(self, x: Floats, y: Floats) -> Floats:
        """Spread the weight of areas evenly over the cells with centres inside them, (rows, columns)."""
        points = np.column_stack([axis.ravel() for axis in np.meshgrid(x, y)])
        mass = np.zeros(len(points))
        is_inside = np.ones(len(points), dtype=bool) if self.within is None else contains_points(self.within, points)
        for area, weight in zip(self.areas, self.area_weights, strict=True):
            cells = np.flatnonzero(contains_points(area, points))
            if not len(cells):  # smaller than a cell
                offsets = points - shapely.get_coordinates(area.centroid)
                cells = np.array([np.hypot(*offsets.T).argmin()])
            mass[cells] += weight / len(cells)
        return np.asarray(np.where(is_inside, mass, 0).reshape(len(y), len(x)))


def prepare_kde(supports: gpd.GeoSeries, weights: Floats, *, within: shapely.Geometry | None = None) -> KdeInput:
    """Project weighted points and areas to the plane, ready for a density surface.

    `supports`: points, and valid polygons for events with an uncertain place, in OGC:CRS84, not across the
    antimeridian. Missing and empty ones are ignored. `weights`: weights of 0 or more. `within`: polygons in degrees.
    Points outside are ignored, and areas are limited to the part inside. Returns: points and areas on the plane, in
    metres.

    Silverman (1986), *Density Estimation for Statistics and Data Analysis*, equations 4.1 and 4.14.
    """
    shapes = supports.to_crs(DEGREES).to_numpy()
    usable = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes)) & (weights > 0)
    if within is not None:
        usable &= shapely.intersects(shapes, within)
    shapes, weights = shapes[usable], weights[usable]
    areal = is_polygonal(shapes)
    if (~areal & (shapely.get_type_id(shapes) != shapely.GeometryType.POINT)).any():
        raise FrameError(N_("some geometries are neither points nor polygons"))
    if not len(shapes):
        raise FrameError(_NO_POINTS)
    stretch = _stretch(float(np.average(shapely.get_y(shapely.point_on_surface(shapes)), weights=weights)))
    distinct = pd.Series(weights[areal]).groupby(shapely.to_wkb(shapes[areal]), sort=True).sum()
    areas = shapely.from_wkb(np.array(distinct.index, dtype=object))
    return KdeInput(
        project(shapely.get_coordinates(shapes[~areal])) * (stretch, 1 / stretch),
        weights[~areal],
        _project_areas(areas, stretch),
        distinct.to_numpy(dtype=float),
        None if within is None else _project_areas(np.array([within], dtype=object), stretch)[0],
        stretch,
    )


def _project_areas(areas: Geometries, stretch: float) -> Geometries:
    return np.asarray(shapely.transform(to_plane(areas), lambda metres: metres * (stretch, 1 / stretch)))


def _stretch(latitude: float) -> float:
    """Return the factor for x, and divisor for y, that makes the scale true at a latitude (Snyder 1987, 10-13)."""
    sine = np.sin(np.radians(latitude))
    east_m = ELLIPSOID.a * np.cos(np.radians(latitude)) / np.sqrt(1 - ELLIPSOID.es * sine**2)
    return float(east_m / EQUATOR_M)


def _sum_kernels(points: Floats, weights: Floats, x: Floats, y: Floats, width: float) -> Floats:
    """Sum the kernels of points at the grid nodes (rows, columns), except for a constant factor."""
    height = np.zeros((len(y), len(x)))
    for first in range(0, len(points), _CHUNK_POINTS):
        chunk = slice(first, first + _CHUNK_POINTS)
        height += (_kernel(points[chunk, 1], y, width).T * weights[chunk]) @ _kernel(points[chunk, 0], x, width)
    return height


def _kernel(coordinates: Floats, centres: Floats, width: float) -> Floats:
    """Compute the kernel along one axis, (points, centres)."""
    return np.asarray(np.exp(-(((centres[None, :] - coordinates[:, None]) / width) ** 2) / 2))
