"""What lies near a point, by geodesic distance to its edge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lindero.geo.errors import N_, FrameError, InvalidGeometryError
from lindero.geo.geometry.crs import DEGREES, ELLIPSOID
from lindero.geo.geometry.projection import PER_M, Floats, Ints, geocentric
from lindero.geo.geometry.units import M_PER_KM
from lindero.geo.near.edge_index import EdgeIndex, Flags, spread

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

DIRECTIONS = ("n", "ne", "e", "se", "s", "sw", "w", "nw")
HERE = "here"
SLACK_M = 1.0  # by which chords, and corners as they are kept, may lie farther away than the edges
EXACT_M = 0.01  # what comes closer than corners are kept is no distance


class Nearest(NamedTuple):
    """Features near a point, the nearest first."""

    at: Ints  # positions in the index
    distance_m: Floats
    bearing: Floats  # NaN where the distance is 0

    def directions(self) -> list[str]:
        """Give each bearing as one of `DIRECTIONS`; `HERE` where there is none."""
        sectors = np.round(np.nan_to_num(self.bearing) / 45).astype(int) % 8
        is_here = np.isnan(self.bearing)
        return [HERE if here else DIRECTIONS[at] for at, here in zip(sectors.tolist(), is_here.tolist(), strict=True)]


Chosen = Callable[[Ints], Flags]


def every(at: Ints) -> Flags:
    """Choose all features."""
    return np.ones(len(at), dtype=bool)


def near(
    lon: float,
    lat: float,
    features: gpd.GeoDataFrame,
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
        Points, lines or polygons with an `id`, in any CRS; rows without geometry are left out.
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
    FrameError
        If the CRS or `id` is missing.
    InvalidGeometryError
        If the point is not on Earth, a geometry lies outside the world or is a collection. Both are `ValueError`s.
    """
    import pandas as pd

    if features.crs is None or "id" not in features.columns:
        raise FrameError(N_("features need a coordinate reference system and a column `id`"))
    index = EdgeIndex.of(features.geometry.to_crs(DEGREES).to_numpy())
    index = replace(index, rank=np.argsort(features["id"].argsort().to_numpy()))
    found = nearest(lon, lat, index, within_km=within_km)
    table = pd.DataFrame(
        {
            "id": features["id"].iloc[found.at].array,
            "distance_m": found.distance_m,
            "bearing": found.bearing,
            "direction": pd.Series(found.directions(), dtype=str),
        }
    )
    return table.iloc[:limit]


def nearest(lon: float, lat: float, index: EdgeIndex, *, within_km: float, among: Chosen = every) -> Nearest:
    """
    List the features of an index within a geodesic distance of a point, nearest first; equally near ones by rank.

    Parameters
    ----------
    among
        Tells of positions which to look at.

    Raises
    ------
    InvalidGeometryError
        If the point is not on Earth. A `ValueError`.
    """
    if not (np.isfinite(lon) and abs(lat) <= 90):  # noqa: PLR2004  the poles
        raise InvalidGeometryError(N_("longitude {lon}, latitude {lat} is no place on Earth"), lon=lon, lat=lat)
    within_m = within_km * M_PER_KM
    at = index.bounds.within(lon, lat, within_m)
    at = at[among(at)]
    here = geocentric(np.array([[lon, lat]]))[0]
    inside = index.contains(at, lon, lat)
    feet = _nearest_feet(index, at, here, within_m + SLACK_M)
    close = np.flatnonzero(inside | (_length2(feet) <= (within_m + SLACK_M) ** 2))
    at, inside, places = at[close], inside[close], _above(feet[:, close] + here[:, None])

    bearing, _back, distance_m = ELLIPSOID.inv(np.full(len(at), lon), np.full(len(at), lat), *places)
    distance_m = np.where(inside | (distance_m < EXACT_M), 0.0, distance_m)
    bearing = np.where(distance_m > 0, np.mod(bearing, 360), np.nan)
    order = np.lexsort((index.rank[at], distance_m))
    order = order[distance_m[order] <= within_m]
    return Nearest(at[order], distance_m[order], bearing[order])


def _nearest_feet(index: EdgeIndex, at: Ints, point: Floats, within_m: float) -> Floats:
    """
    Give the place on each feature's chords that is nearest to a point in space, relative to that point: (3, len(at)).

    Of features that are farther than `within_m`, any place that is farther, too, or infinity.
    """
    feet = np.full((3, len(at)), np.inf)
    run, owner = index.runs(at)
    if not len(run):
        return feet
    *centre, radius = index.ball[run].T / PER_M
    away = np.sqrt(_length2(np.array(centre) - point[:, None]))
    no_farther = np.minimum.reduceat(away + radius, np.searchsorted(owner, np.arange(len(at))))[owner]
    met = away - radius <= np.minimum(no_farther, within_m)
    run, owner = run[met], owner[met]

    corner, of = spread(index.first_corner[run], index.first_corner[run + 1])
    places = index.corner[corner].T.astype(np.float64, order="C") / PER_M - point[:, None]
    first = np.flatnonzero(of[1:] == of[:-1])
    start = places[:, first]
    step = places[:, first + 1] - start
    length2 = _length2(step)
    along = -(start * step).sum(axis=0) / np.where(length2 > 0, length2, 1)
    foot = start + np.clip(along, 0, 1) * step
    distance2, feature = _length2(foot), owner[of[first]]
    begins = np.flatnonzero(np.diff(feature, prepend=-1))
    least = np.repeat(np.minimum.reduceat(distance2, begins), np.diff(begins, append=len(feature)))
    nearest = np.flatnonzero(distance2 == least)
    feet[:, feature[nearest]] = foot[:, nearest]
    return feet


def _length2(vectors: Floats) -> Floats:
    x, y, z = vectors
    return np.asarray(x * x + y * y + z * z)


def _above(places: Floats) -> Floats:
    """Give longitude and latitude of places in space that lie centimetres below the ground."""
    x, y, z = places
    latitude = np.arctan2(z, (1 - ELLIPSOID.es) * np.hypot(x, y))  # as on the ground itself
    return np.degrees((np.arctan2(y, x), latitude))
