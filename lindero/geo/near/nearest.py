"""Features near a point, by geodesic distance to their edges."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lindero.geo.errors import N_, FrameError, InvalidGeometryError
from lindero.geo.geometry.crs import DEGREES, ELLIPSOID
from lindero.geo.geometry.projection import PER_M, Floats, Ints, to_geocentric
from lindero.geo.geometry.units import M_PER_KM
from lindero.geo.near.edge_index import EdgeIndex, expand_ranges

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

DIRECTIONS = ("n", "ne", "e", "se", "s", "sw", "w", "nw")
AT_POINT = "here"
SLACK_M = 1.0  # metres by which chords and rounded vertices may be farther away than the edges
EXACT_M = 0.01  # metres; smaller distances are below the resolution of the vertices, and count as 0


class Nearest(NamedTuple):
    """Features near a point, nearest first."""

    positions: Ints  # positions in the index
    distance_m: Floats
    bearing: Floats  # NaN where the distance is 0

    def directions(self) -> list[str]:
        """Return each bearing as one of `DIRECTIONS`, or `AT_POINT` if there is none."""
        sectors = np.round(np.nan_to_num(self.bearing) / 45).astype(int) % 8
        is_here = np.isnan(self.bearing)
        return [
            AT_POINT if is_at_point else DIRECTIONS[sector]
            for sector, is_at_point in zip(sectors.tolist(), is_here.tolist(), strict=True)
        ]


def find_nearby(
    lon: float,
    lat: float,
    features: gpd.GeoDataFrame,
    *,
    within_km: float,
    limit: int | None = None,
) -> pd.DataFrame:
    """Find the features within a geodesic distance of a point, nearest first.

    Parameters
    ----------
    lon, lat
        The point, in degrees on WGS 84.
    features
        Frame of points, lines or polygons with an `id`, in any CRS. Rows without geometry are ignored.
    within_km
        Maximum distance on the ellipsoid from the point to the nearest edge, in kilometres.
    limit
        Maximum number of features.

    Returns
    -------
    DataFrame
        `id`; `distance_m` to the nearest edge, exact to the metre, 0 inside a polygon; `bearing` of the nearest point
        of the edge in degrees clockwise from north, NaN where the distance is 0; `direction`, the bearing as one of n,
        ne, e, se, s, sw, w, nw, or `here`. Features at the same distance are sorted by id.

    Raises
    ------
    FrameError
        If the CRS or `id` is missing. A `ValueError`.
    InvalidGeometryError
        If the point is not on Earth, or a geometry is outside the possible range of coordinates or a collection. A
        `ValueError`.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import Point
    >>> from lindero.geo import find_nearby
    >>> towns = gpd.GeoDataFrame({"id": ["n", "e"]}, geometry=[Point(0, 1), Point(2, 0)], crs="OGC:CRS84")
    >>> found = find_nearby(0, 0, towns, within_km=300)
    >>> found[["id", "direction"]].to_numpy().tolist()
    [['n', 'n'], ['e', 'e']]
    >>> found["distance_m"].round(-3).tolist()
    [111000.0, 223000.0]
    """
    import pandas as pd

    if features.crs is None or "id" not in features.columns:
        raise FrameError(N_("features need a coordinate reference system and a column `id`"))
    features = features.sort_values("id", kind="stable")
    index = EdgeIndex.from_shapes(features.geometry.to_crs(DEGREES).to_numpy())
    nearby = find_nearest(lon, lat, index, within_km=within_km)
    table = pd.DataFrame(
        {
            "id": features["id"].iloc[nearby.positions].array,
            "distance_m": nearby.distance_m,
            "bearing": nearby.bearing,
            "direction": pd.Series(nearby.directions(), dtype=str),
        }
    )
    return table.iloc[:limit]


def find_nearest(lon: float, lat: float, index: EdgeIndex, *, within_km: float) -> Nearest:
    """Find the features of an index within a geodesic distance of a point, nearest first.

    `lon`, `lat`: the point, in degrees on WGS 84. Returns: positions, distances in metres and bearings in degrees.
    Features at the same distance keep their order.
    """
    if not (np.isfinite(lon) and abs(lat) <= 90):  # noqa: PLR2004  the poles
        raise InvalidGeometryError(N_("longitude {lon}, latitude {lat} is not a place on Earth"), lon=lon, lat=lat)
    within_m = within_km * M_PER_KM
    positions = index.query(lon, lat, within_m)
    point = to_geocentric(np.array([[lon, lat]]))[0]
    inside = index.contains(positions, lon, lat)
    offsets = _nearest_offsets(index, positions, point, within_m + SLACK_M)
    is_close = np.flatnonzero(inside | (_squared_length(offsets) <= (within_m + SLACK_M) ** 2))
    positions, inside, points = (
        positions[is_close],
        inside[is_close],
        _to_lon_lat(offsets[:, is_close] + point[:, None]),
    )

    bearing, _back, distance_m = ELLIPSOID.inv(np.full(len(positions), lon), np.full(len(positions), lat), *points)
    distance_m = np.where(inside | (distance_m < EXACT_M), 0.0, distance_m)
    bearing = np.where(distance_m > 0, np.mod(bearing, 360), np.nan)
    order = np.lexsort((positions, distance_m))
    order = order[distance_m[order] <= within_m]
    return Nearest(positions[order], distance_m[order], bearing[order])


def _nearest_offsets(index: EdgeIndex, positions: Ints, point: Floats, within_m: float) -> Floats:
    """Return the nearest point on each feature's chords, relative to a point in space: (3, len(positions)).

    For features farther than `within_m`, the result is any point that is farther, too, or infinity.
    """
    feet = np.full((3, len(positions)), np.inf)
    run, owner = index.find_runs(positions)
    if not len(run):
        return feet
    *centre, radius = index.ball[run].T / PER_M
    distance = np.sqrt(_squared_length(np.array(centre) - point[:, None]))
    upper_bound = np.minimum.reduceat(distance + radius, np.searchsorted(owner, np.arange(len(positions))))[owner]
    is_near = distance - radius <= np.minimum(upper_bound, within_m)
    run, owner = run[is_near], owner[is_near]

    vertices, run_of_vertex = expand_ranges(index.first_vertex[run], index.first_vertex[run + 1])
    places = index.vertex[vertices].T.astype(np.float64, order="C") / PER_M - point[:, None]
    first = np.flatnonzero(run_of_vertex[1:] == run_of_vertex[:-1])
    start = places[:, first]
    step = places[:, first + 1] - start
    length2 = _squared_length(step)
    along = -(start * step).sum(axis=0) / np.where(length2 > 0, length2, 1)
    foot = start + np.clip(along, 0, 1) * step
    distance2, feature = _squared_length(foot), owner[run_of_vertex[first]]
    begins = np.flatnonzero(np.diff(feature, prepend=-1))
    least = np.repeat(np.minimum.reduceat(distance2, begins), np.diff(begins, append=len(feature)))
    nearest = np.flatnonzero(distance2 == least)
    feet[:, feature[nearest]] = foot[:, nearest]
    return feet


def _squared_length(vectors: Floats) -> Floats:
    x, y, z = vectors
    return np.asarray(x * x + y * y + z * z)


def _to_lon_lat(places: Floats) -> Floats:
    """Return longitude and latitude of points in space that are centimetres below the ground."""
    x, y, z = places
    latitude = np.arctan2(z, (1 - ELLIPSOID.es) * np.hypot(x, y))  # the formula for points on the ellipsoid
    return np.degrees((np.arctan2(y, x), latitude))
