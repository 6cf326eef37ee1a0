"""
Where points are thick, as a picture: a kernel density surface, which tests nothing and proves nothing.

    f(s) = 1 / (2 π h² Σw) · Σ_i w_i exp(-|s - s_i|² / 2 h²)        Silverman 1986, equation 4.1

with the Gaussian kernel, whose product form makes the whole surface one product of matrices.
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

LEVELS = (0.1, 0.25, 0.5, 0.75)  # of the highest; what is thinner is not drawn
FLOOR_KM = 5.0  # of bandwidths: a finer picture would be one of single houses
REACH = 3.0  # bandwidths around what there is: beyond them a Gaussian is next to nothing
MOST_CELLS = 400  # along the longer side of the surface
FINE, COARSE = 8, 2  # cells to a bandwidth: at best, and at least, lest the cells be seen and not the surface
_AT_A_TIME = 20_000  # points, so that memory stays small
_NOTHING = N_("there is nothing here of which a density could be drawn")


@dataclass(frozen=True)
class Density:
    """
    A surface of kernel density over the cells of a grid.

    `relative` is (rows, columns), 0 to 1 with 1 the highest; `x_m` and `y_m` are the middles of columns and rows on the
    equal-area plane whose scale is true at the events' mean latitude: `stretch` times x, and y through `stretch`, of
    `geo.geometry.projection`.
    """

    bandwidth_km: float
    x_m: Floats
    y_m: Floats
    relative: Floats
    stretch: float

    def levels(self) -> gpd.GeoDataFrame:
        """
        Give the surface as filled steps that do not lie on each other, the highest first.

        Returns
        -------
        GeoDataFrame
            `low`, `high` (shares of the highest density), polygons along the cells in OGC:CRS84.
        """
        ends = (*LEVELS[1:], np.inf)
        steps = [(low, end) for low, end in zip(LEVELS, ends, strict=True)][::-1]
        shapes = [self._drawn((self.relative >= low) & (self.relative < end)) for low, end in steps]
        lows = [low for low, _end in steps]
        drawn = gpd.GeoDataFrame({"low": lows, "high": [min(end, 1.0) for _low, end in steps]}, geometry=shapes)
        return drawn.set_crs(DEGREES)[~drawn.is_empty.to_numpy()].reset_index(drop=True)

    def highest_in(self, areas: gpd.GeoSeries) -> "pd.Series[float]":
        """
        Tell how high the surface rises within each of some areas, by their index, as a share of its highest.

        Parameters
        ----------
        areas
            Polygons in OGC:CRS84. One that holds the middle of no drawn cell is left out.
        """
        row, column = np.nonzero(self.relative >= LEVELS[0])
        middles = shapely.points(self._degrees(np.column_stack((self.x_m[column], self.y_m[row]))))
        at, area = shapely.STRtree(areas.to_numpy()).query(middles, predicate="intersects")
        heights = pd.Series(self.relative[row[at], column[at]], index=areas.index[area], dtype=float)
        return heights.groupby(level=0).max()

    def _drawn(self, among: npt.NDArray[np.bool_]) -> shapely.Geometry:
        """Draw cells: one box for each run of them in a row, all joined, in degrees."""
        edges = np.diff(np.pad(among.astype(np.int8), ((0, 0), (1, 1))), axis=1)
        row, first = np.nonzero(edges == 1)
        end = np.nonzero(edges == -1)[1]
        half = (self.x_m[1] - self.x_m[0]) / 2
        west, east = self.x_m[first] - half, self.x_m[end - 1] + half
        joined = shapely.union_all(shapely.box(west, self.y_m[row] - half, east, self.y_m[row] + half))
        return shapely.transform(joined, self._degrees)

    def _degrees(self, metres: Floats) -> Floats:
        return unproject(metres / (self.stretch, 1 / self.stretch))


@dataclass(frozen=True)
class Placed:
    """
    Weighted points and areas on the plane, ready for a density of any bandwidth.

    `stretch` as in `Density`; `areas` are polygons over which their weight is spread evenly. If there is `within`,
    nothing outside of it counts.
    """

    points: Floats
    point_weights: Floats
    areas: Geometries
    area_weights: Floats
    within: shapely.Geometry | None
    stretch: float

    @property
    def least_km(self) -> float:
        """The smallest bandwidth that the grid can show, and no less than `FLOOR_KM`."""
        west, south, east, north = self._bounds()
        fits = max(east - west, north - south) / (MOST_CELLS / COARSE - 2 * REACH)
        return max(FLOOR_KM, float(fits) / M_PER_KM)

    @property
    def rule_km(self) -> float:
        """
        The bandwidth by Silverman's rule (1986, equation 4.14) for two dimensions, σ n^(-1/6), if not under `least_km`.

        σ² is the mean of the variances east and north, n = (Σw)² / Σw². An area counts by its middle.
        """
        places = np.concatenate((self.points, shapely.get_coordinates(shapely.centroid(self.areas))))
        weights = np.concatenate((self.point_weights, self.area_weights))
        share = weights / weights.sum()
        count = 1 / float((share**2).sum())
        if count <= 1 + 1e-9:  # a single event has no variance
            return self.least_km
        away = places - share @ places
        variance = float((share @ away**2).mean()) / (1 - 1 / count)
        return max(self.least_km, float(np.sqrt(variance) * count ** (-1 / 6)) / M_PER_KM)

    def density(self, *, bandwidth_km: float) -> Density:
        """
        Lay the surface.

        Raises
        ------
        FrameError
            If the bandwidth is under `least_km`, or nothing lies within. A `ValueError`.
        """
        if bandwidth_km < self.least_km * (1 - 1e-9):
            raise FrameError(
                N_("a bandwidth of {km} km is too small to be drawn over so wide an area: take {least} km or more"),
                km=f"{bandwidth_km:g}",
                least=f"{np.ceil(self.least_km):g}",
            )
        width = bandwidth_km * M_PER_KM
        x, y = self._grid(width)
        height = _thickness(self.points, self.point_weights, x, y, width)
        if len(self.areas):
            height += _kernel(y, y, width).T @ self._spread(x, y) @ _kernel(x, x, width)
        if not height.max() > 0:  # an area that meets `within` by less than a cell
            raise FrameError(_NOTHING)
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
        sides = np.array((east - west, north - south)) + 2 * REACH * width
        step = max(width / FINE, sides.max() / MOST_CELLS)
        columns, rows = np.ceil(sides / step).astype(int) // 2 * 2 + 1  # odd: a lone event is in the middle of a cell
        middle = np.array(((west + east) / 2, (south + north) / 2))
        return tuple(at + step * (np.arange(n) - (n - 1) / 2) for at, n in zip(middle, (columns, rows), strict=True))

    def _spread(self, x: Floats, y: Floats) -> Floats:
        """Spread the weight of areas evenly over the cells whose middle lies in them, (rows, columns)."""
        points = np.column_stack([each.ravel() for each in np.meshgrid(x, y)])
        mass = np.zeros(len(points))
        kept = np.ones(len(points), dtype=bool) if self.within is None else contains_points(self.within, points)
        for area, weight in zip(self.areas, self.area_weights, strict=True):
            cells = np.flatnonzero(contains_points(area, points))
            if not len(cells):  # smaller than a cell
                away = points - shapely.get_coordinates(area.centroid)
                cells = np.array([np.hypot(*away.T).argmin()])
            mass[cells] += weight / len(cells)
        return np.asarray(np.where(kept, mass, 0).reshape(len(y), len(x)))


def placed(supports: gpd.GeoSeries, weights: Floats, *, within: shapely.Geometry | None = None) -> Placed:
    """
    Put on the plane what a density is drawn of.

    Parameters
    ----------
    supports
        Points, and polygons for what is only known to lie in them (valid, in OGC:CRS84, not across the antimeridian);
        what is missing or empty does not count.
    weights
        What each counts for, 0 or more.
    within
        Polygons in degrees; what lies outside does not count, of an area that part that does.

    Raises
    ------
    FrameError
        If a geometry is neither point nor polygon, or there is nothing to draw. A `ValueError`.
    """
    shapes = supports.to_crs(DEGREES).to_numpy()
    usable = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes)) & (weights > 0)
    if within is not None:
        usable &= shapely.intersects(shapes, within)
    shapes, weights = shapes[usable], weights[usable]
    areal = is_polygonal(shapes)
    if (~areal & (shapely.get_type_id(shapes) != shapely.GeometryType.POINT)).any():
        raise FrameError(N_("the geometries are neither points nor polygons"))
    if not len(shapes):
        raise FrameError(_NOTHING)
    stretch = _stretch(float(np.average(shapely.get_y(shapely.point_on_surface(shapes)), weights=weights)))
    distinct = pd.Series(weights[areal]).groupby(shapely.to_wkb(shapes[areal]), sort=True).sum()
    areas = shapely.from_wkb(np.array(distinct.index, dtype=object))
    return Placed(
        project(shapely.get_coordinates(shapes[~areal])) * (stretch, 1 / stretch),
        weights[~areal],
        _laid(areas, stretch),
        distinct.to_numpy(dtype=float),
        None if within is None else _laid(np.array([within], dtype=object), stretch)[0],
        stretch,
    )


def _laid(areas: Geometries, stretch: float) -> Geometries:
    return np.asarray(shapely.transform(to_plane(areas), lambda metres: metres * (stretch, 1 / stretch)))


def _stretch(latitude: float) -> float:
    """Give what x is to be multiplied by, and y divided, for a scale true at a latitude (Snyder 1987, 10-13)."""
    sine = np.sin(np.radians(latitude))
    east_m = ELLIPSOID.a * np.cos(np.radians(latitude)) / np.sqrt(1 - ELLIPSOID.es * sine**2)
    return float(east_m / EQUATOR_M)


def _thickness(points: Floats, weights: Floats, x: Floats, y: Floats, width: float) -> Floats:
    """Add up the kernels of points at the crossings of x and y, (rows, columns), but for a constant factor."""
    height = np.zeros((len(y), len(x)))
    for first in range(0, len(points), _AT_A_TIME):
        some = slice(first, first + _AT_A_TIME)
        height += (_kernel(points[some, 1], y, width).T * weights[some]) @ _kernel(points[some, 0], x, width)
    return height


def _kernel(at: Floats, middles: Floats, width: float) -> Floats:
    """Give the kernel along one axis, (points, middles)."""
    return np.asarray(np.exp(-(((middles[None, :] - at[:, None]) / width) ** 2) / 2))
