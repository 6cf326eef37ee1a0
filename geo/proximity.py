"""What lies near a point, by geodesic distance to its edge."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo import antimeridian, compiled
from geo.boxes import BoxIndex
from geo.crs import DEGREES, ELLIPSOID
from geo.errors import N_, FrameError, InvalidGeometryError
from geo.plane import Floats, Geometries, Ints, on_earth, with_geodesic_edges
from geo.window import WORLD

if TYPE_CHECKING:
    from geo.nearest_kernel import Runs

DIRECTIONS = np.array(["n", "ne", "e", "se", "s", "sw", "w", "nw"], dtype=object)
HERE = "here"

MAX_PIECE_M = 2_000.0  # a chord that long runs at most 8 cm below the ground


@dataclass(frozen=True)
class EdgeIndex:
    """
    The edges of many features as chords through the Earth, kept to be asked again and again.

    Chords of short edges are as good as the edges, need no map projection, and know neither poles nor antimeridian.
    """

    ids: pd.Series  # along a Hilbert curve, so that neighbours come together
    rank: Ints  # (n): the order of the ids
    shapes: Geometries  # degrees, with the corners that short edges need
    bounds: BoxIndex
    start: Floats  # (m, 3): metres from the centre of the Earth; the edges of a feature stand together
    step: Floats  # (m, 3): from the start of each edge to its end
    first_edge: Ints  # (n + 1): where in `start` each feature begins

    @classmethod
    def of(cls, features: gpd.GeoDataFrame) -> "EdgeIndex":
        """
        Index features (any CRS; points, lines, polygons; `id`); rows without geometry are left out.

        Raises
        ------
        FrameError
            If the CRS or `id` is missing.
        InvalidGeometryError
            If a geometry lies outside the world or is a collection.
        """
        if features.crs is None or "id" not in features.columns:
            raise FrameError(N_("features need a coordinate reference system and a column `id`"))
        shapes = features.geometry.to_crs(DEGREES).to_numpy()
        rows = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
        rows = rows[_along_a_curve(shapes[rows])]
        shapes = shapes[rows]
        if not on_earth(shapes).all() or (shapely.get_type_id(shapes) > shapely.GeometryType.MULTIPOLYGON).any():
            raise InvalidGeometryError(N_("a feature is a collection or lies outside the world: repair it"))
        shapes = _with_short_edges(shapes)
        start, end, owner = _edges(shapes)
        first_edge = np.searchsorted(owner, np.arange(len(shapes) + 1))
        ids = features["id"].iloc[rows].reset_index(drop=True)
        rank = np.argsort(ids.argsort().to_numpy())
        return cls(ids, rank, shapes, BoxIndex.of(shapely.bounds(shapes)), start, end - start, first_edge)

    @cached_property
    def runs(self) -> "Runs":
        """The edges in runs, each with a ball that holds it."""
        from geo.nearest_kernel import runs  # noqa: PLC0415  needs numba

        return runs(self.start, self.step, self.first_edge)


def near(
    lon: float,
    lat: float,
    features: gpd.GeoDataFrame | EdgeIndex,
    *,
    within_km: float,
    limit: int | None = None,
) -> pd.DataFrame:
    """
    List the features within a geodesic distance of a point, nearest first.

    Parameters
    ----------
    lon, lat
        The point, in degrees.
    features
        Points, lines or polygons with an `id`, in any CRS; or an `EdgeIndex` of them, where one asks more than once.
    within_km
        How far from the point, on the ellipsoid, to the nearest edge.
    limit
        How many to list at most.

    Returns
    -------
    DataFrame
        `id`; `distance_m` to the nearest edge, right to the metre, 0 inside a polygon; `bearing` of the nearest place
        on the edge, in degrees clockwise from north as seen from the point, NaN where the distance is 0; `direction`,
        the bearing as one of n, ne, e, se, s, sw, w, nw, or `here`. Equally near ones in the order of their ids.

    Raises
    ------
    GeoError
        If the point is not on Earth, or as `EdgeIndex.of`. A `ValueError`.
    """
    if not (np.isfinite(lon) and abs(lat) <= 90):  # noqa: PLR2004  the poles
        raise InvalidGeometryError(N_("longitude {lon}, latitude {lat} is no place on Earth"), lon=lon, lat=lat)
    kept = isinstance(features, EdgeIndex)
    index = features if isinstance(features, EdgeIndex) else EdgeIndex.of(features)
    at = index.bounds.within(lon, lat, within_km * 1000)
    here = _geocentric(np.array([[lon, lat]]))[0]
    feet = _nearest_feet(index, at, here, within_km * 1000, kept=kept)
    inside = _inside(index, at, lon, lat)
    close = np.flatnonzero(inside | (np.einsum("ij,ij->i", feet, feet) <= (within_km * 1000) ** 2))
    at, inside, places = at[close], inside[close], _above(feet[close] + here)

    bearing, _, distance_m = ELLIPSOID.inv(np.full(len(at), lon), np.full(len(at), lat), *places.T)
    distance_m = np.where(inside, 0.0, distance_m)
    bearing = np.where(distance_m > 0, np.mod(bearing, 360), np.nan)
    order = np.lexsort((index.rank[at], distance_m))
    order = order[distance_m[order] <= within_km * 1000][:limit]
    return pd.DataFrame(
        {
            "id": index.ids.iloc[at[order]].reset_index(drop=True),
            "distance_m": distance_m[order],
            "bearing": bearing[order],
            "direction": pd.Series(_direction(bearing[order]), dtype=str),
        }
    )


def _along_a_curve(shapes: Geometries) -> Ints:
    """Order shapes along a Hilbert curve over the world."""
    if not len(shapes):
        return np.empty(0, np.int64)
    west, south, east, north = shapely.bounds(shapes).T
    middles = gpd.GeoSeries(shapely.points((west + east) / 2, (south + north) / 2))
    return np.argsort(middles.hilbert_distance(total_bounds=WORLD).to_numpy(), kind="stable")


def _with_short_edges(shapes: Geometries) -> Geometries:
    """Cut at the antimeridian what crosses it, and add corners to long edges."""
    shapes = shapes.copy()
    areal, linear = (shapely.get_dimensions(shapes) == dimension for dimension in (2, 1))
    across = areal & antimeridian.crosses(shapes)
    shapes[across] = [antimeridian.split(antimeridian.run_on(shape)) for shape in shapes[across]]
    for some in (areal, linear):
        shapes[some] = with_geodesic_edges(shapes[some], max_piece_m=MAX_PIECE_M)
    return shapes


def _edges(shapes: Geometries) -> tuple[Floats, Floats, Ints]:
    """Give starts and ends (metres from the Earth's centre) and owners of edges; a point is an edge of no length."""
    outlines = np.where(shapely.get_dimensions(shapes) == 2, shapely.boundary(shapes), shapes)  # noqa: PLR2004  an area
    parts, owner = shapely.get_parts(outlines, return_index=True)
    corners, part = shapely.get_coordinates(parts, return_index=True)
    start = np.flatnonzero((part == np.append(part[1:], -1)) | (shapely.get_dimensions(parts) == 0)[part])
    end = start + (shapely.get_dimensions(parts) > 0)[part[start]]
    places = _geocentric(corners)
    return places[start], places[end], owner[part[start]]


def _geocentric(degrees: Floats) -> Floats:
    """Place longitudes and latitudes (n, 2) in space: (n, 3) metres from the centre of the Earth."""
    longitude, latitude = np.radians(degrees).T
    normal = ELLIPSOID.a / np.sqrt(1 - ELLIPSOID.es * np.sin(latitude) ** 2)
    flat = normal * np.cos(latitude)
    height = normal * (1 - ELLIPSOID.es) * np.sin(latitude)
    return np.column_stack((flat * np.cos(longitude), flat * np.sin(longitude), height))


def _inside(index: EdgeIndex, at: Ints, lon: float, lat: float) -> npt.NDArray[np.bool_]:
    """Tell which features the point lies in or on."""
    lon = (lon + 180) % 360 - 180
    west, south, east, north = index.bounds.boxes[:, at]
    boxed = np.flatnonzero((west <= lon) & (lon <= east) & (south <= lat) & (lat <= north))
    inside = np.zeros(len(at), dtype=bool)
    inside[boxed] = shapely.intersects_xy(index.shapes[at[boxed]], lon, lat)
    return inside


def _nearest_feet(index: EdgeIndex, at: Ints, point: Floats, within_m: float, *, kept: bool) -> Floats:
    """
    Give the place on each feature's chords that is nearest to a point in space, relative to that point.

    Of features that are farther than `within_m`, any place that is farther, too, or infinity.

    Loading compiled code takes longer than one answer without it, so only those who keep an index have it.
    """
    if not len(at):
        return np.empty((0, 3))
    if kept and compiled.AVAILABLE:
        from geo.nearest_kernel import nearest_feet  # noqa: PLC0415  needs numba

        return nearest_feet(index.start, index.step, index.runs, at, point, within_m)
    counts = index.first_edge[at + 1] - index.first_edge[at]
    begins = np.cumsum(counts) - counts
    edges = np.arange(counts.sum()) + np.repeat(index.first_edge[at] - begins, counts)
    start, step = index.start[edges] - point, index.step[edges]
    length2 = np.einsum("ij,ij->i", step, step)
    along = np.clip(-np.einsum("ij,ij->i", start, step) / np.where(length2 > 0, length2, 1), 0, 1)
    foot = start + along[:, None] * step
    distance2 = np.einsum("ij,ij->i", foot, foot)
    winners = np.flatnonzero(distance2 == np.repeat(np.minimum.reduceat(distance2, begins), counts))
    feature = np.repeat(np.arange(len(at)), counts)[winners]
    _, first = np.unique(feature, return_index=True)
    return np.asarray(foot[winners[first]])


def _above(places: Floats) -> Floats:
    """Give longitude and latitude of places in space that lie centimetres below the ground."""
    x, y, z = places.T
    latitude = np.arctan2(z, (1 - ELLIPSOID.es) * np.hypot(x, y))  # as on the ground itself
    return np.asarray(np.degrees(np.column_stack((np.arctan2(y, x), latitude))))


def _direction(bearing: Floats) -> npt.NDArray[np.object_]:
    """Put bearings into words: eight winds, or here."""
    sector = np.round(np.nan_to_num(bearing) / 45).astype(int) % 8
    return np.where(np.isnan(bearing), HERE, DIRECTIONS[sector])
