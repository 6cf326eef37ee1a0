"""
Whether a register lies beside another by one displacement, as numbers of one datum do that are read as another's.

A record of both lies in both where it lies. Where most lie so many metres off in one direction, one of the two was read
in another reference system than its own, or drawn on another base.
"""

from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import shapely

from lindero.geo.geometry.crs import DEGREES, ELLIPSOID, old_systems_at, to_degrees, utm
from lindero.geo.geometry.projection import Floats, Ints
from lindero.geo.registers import name_matching

LEAST_M = 20.0  # what registers of one ground are apart from one another for want of accuracy
FEWEST = 5  # records of the same code that must lie apart by the same metres
FEWEST_ALIKE = 10  # of the same size and form, where no code tells

BOX = ["xmin", "ymin", "xmax", "ymax"]
_CONSTANT = 0.1  # of the displacement: how far from it most records may be, if it is one displacement
_ROUGHLY = 0.3  # … that a datum may explain: what it differs by changes over a country
_SLACK_M = 10.0  # operations between datums leave so much open
_FITS = 0.05  # of the displacement, that a datum may leave unexplained
_REACH_M = 900.0  # no two datums are farther apart; grids of a kilometre are
_SAME_SIZE_M = 1.0
_FILLED = 0.95  # of its box: what fills it is a rectangle, of which a register has many of one size
_MOST = 5_000  # records that are compared by their form
_SAMPLE = 200  # records that a datum is tried on


@dataclass(frozen=True)
class Displacement:
    """
    By how much records of one register lie off those of another: metres to the east and north, as the median says.

    `rows` of `of` records that are in both say so, to `scatter_m`; `by_code` tells whether codes or forms match them.
    """

    east_m: float
    north_m: float
    scatter_m: float
    rows: int
    of: int
    by_code: bool
    pairs: pd.DataFrame

    @property
    def metres(self) -> float:
        """Length in metres."""
        return float(np.hypot(self.east_m, self.north_m))

    @property
    def bearing(self) -> float:
        """Direction in degrees clockwise from north in which the first register lies off the second."""
        return float(np.degrees(np.arctan2(self.east_m, self.north_m)) % 360)


@dataclass(frozen=True)
class Explanation:
    """
    A reference system whose coordinates, read as those of `read_as`, lie off by a displacement.

    `of_first` tells whether the first register's are, else the second's; `left_m` is what stays unexplained.
    """

    crs: str
    read_as: str
    of_first: bool
    left_m: float


class Records:
    """
    The records of a register that have a place, as `displacement` holds them against those of several others.

    Parameters
    ----------
    frame
        `code`, `area_ha` (hectares; may be missing) and the box in degrees on WGS 84, `xmin`, `ymin`, `xmax`, `ymax`.
    """

    def __init__(self, frame: pd.DataFrame) -> None:
        box = frame[BOX].to_numpy(dtype=float)
        placed = np.isfinite(box).all(axis=1)
        self._box = box[placed]
        self._codes, self._area_ha = frame["code"][placed], frame["area_ha"].to_numpy(dtype=float)[placed]
        self.middle = (self._box[:, :2] + self._box[:, 2:]) / 2  # (n, 2): degrees

    @cached_property
    def coded(self) -> tuple[pd.Index, Ints]:
        """Give the keys of codes that stand once, and the positions of their records."""
        codes = name_matching.keys(self._codes)
        at = np.flatnonzero(codes.notna() & ~codes.duplicated(keep=False))
        return pd.Index(codes.to_numpy()[at], dtype=object), at

    @cached_property
    def formed(self) -> tuple[Floats, Ints]:
        """Give width, height and the side of a square of the same ground, in metres, of what is no rectangle; where."""
        (west, south, east, north), (lon, lat) = self._box.T, self.middle.T
        wide = np.abs(ELLIPSOID.inv(west, lat, east, lat)[2])
        high = np.abs(ELLIPSOID.inv(lon, south, lon, north)[2])
        square_m = self._area_ha * 10_000
        at = np.flatnonzero((square_m > 0) & (square_m < _FILLED * wide * high))
        return np.column_stack((wide, high, np.sqrt(np.maximum(square_m, 0))))[at], at


def displacement(one: Records, other: Records) -> Displacement | None:
    """
    Find the displacement of one register against another; None where there is none of more than 20 m that most share.

    Records are matched by codes that stand once in each register, else by size and form within 900 m.

    Returns
    -------
    Displacement or None
        Half of all records that match must lie within three tenths of the displacement from it.
    """
    by_code = _by_code(one, other)
    pairs = by_code if len(by_code) >= FEWEST else _by_form(one, other)
    if len(pairs) < (FEWEST if pairs is by_code else FEWEST_ALIKE):
        return None
    vectors = pairs[["east_m", "north_m"]].to_numpy()
    median = np.median(vectors, axis=0)
    length = float(np.hypot(*median))
    off = np.hypot(*(vectors - median).T)
    agree = int((off <= _ROUGHLY * length).sum())
    if length < LEAST_M or agree * 2 < len(pairs) or agree < (FEWEST if pairs is by_code else FEWEST_ALIKE):
        return None
    east, north = map(float, median)
    return Displacement(east, north, float(np.median(off)), agree, len(pairs), pairs is by_code, pairs)


def is_constant(found: Displacement) -> bool:
    """Tell whether a displacement is the same all over: most records lie within a tenth of it."""
    return found.scatter_m <= max(_SAME_SIZE_M, _CONSTANT * found.metres)


def explanations(found: Displacement, *, first: str, second: str) -> list[Explanation]:
    """
    Name the reference systems in use at a place that would explain a displacement, the best first.

    Parameters
    ----------
    found
        What `displacement` gave.
    first, second
        The systems as which the coordinates of the two registers were read.

    Returns
    -------
    list of Explanation
        Coordinates read as degrees are tried also as those of the place's zone that were made degrees, as files often
        are on their way.
    """
    pairs = found.pairs.iloc[:: max(1, len(found.pairs) // _SAMPLE)]
    least = max(_SLACK_M, _FITS * found.metres)
    fitting = []
    for of_first, label, side in ((True, first, "one"), (False, second, "other")):
        seen = pairs[["east_m", "north_m"]].to_numpy() * (1 if of_first else -1)
        at = pairs[[f"{side}_lon", f"{side}_lat"]].to_numpy()
        for read_as, crs in _readings(label, *np.median(at, axis=0)):
            left = np.hypot(*(seen - _apart(at, read_as, crs)).T)
            if float(np.median(left)) <= least and (left <= 2 * least).mean() >= 0.5:  # noqa: PLR2004  most
                fitting.append((read_as != label, Explanation(crs, read_as, of_first, float(np.median(left)))))
    return [each for _, each in sorted(fitting, key=lambda one: (round(one[1].left_m), one[0], one[1].crs))]


def _by_code(one: Records, other: Records) -> pd.DataFrame:
    (codes, at), (others, there) = one.coded, other.coded
    found = others.get_indexer(codes)
    return _pairs(one.middle[at[found >= 0]], other.middle[there[found[found >= 0]]])


def _by_form(one: Records, other: Records) -> pd.DataFrame:
    """Match what is of one size and form, no rectangle, and has one such neighbour only."""
    (sizes, own), (others, there) = one.formed, other.formed
    thinned = slice(None, None, max(1, len(own) // _MOST))
    sizes, own = sizes[thinned], own[thinned]
    here, beside = one.middle[own], other.middle[there]
    reach = _REACH_M / 100_000 / np.maximum(np.cos(np.radians(np.abs(here[:, 1]))), 0.05)
    at, near = shapely.STRtree(np.asarray(shapely.points(beside))).query(
        shapely.points(here), predicate="dwithin", distance=reach
    )
    alike = (np.abs(sizes[at] - others[near]) <= _SAME_SIZE_M + 1e-3 * others[near]).all(axis=1)
    at, near = at[alike], near[alike]
    once = (np.bincount(at, minlength=len(own))[at] == 1) & (np.bincount(near, minlength=len(there))[near] == 1)
    return _pairs(here[at[once]], beside[near[once]])


def _pairs(one: Floats, other: Floats) -> pd.DataFrame:
    """Give places (n, 2) in degrees of one register and of the other, and how far apart they lie."""
    columns = ["one_lon", "one_lat", "other_lon", "other_lat", "east_m", "north_m"]
    return pd.DataFrame(np.column_stack((one, other, _vectors(one, other))), columns=columns)


def _vectors(one: Floats, other: Floats) -> Floats:
    """Measure from places (n, 2) in degrees to others, in metres to the east and to the north."""
    azimuth, _, metres = ELLIPSOID.inv(other[:, 0], other[:, 1], one[:, 0], one[:, 1])
    turn = np.radians(azimuth)
    return np.column_stack((metres * np.sin(turn), metres * np.cos(turn)))


def _readings(label: str, lon: float, lat: float) -> list[tuple[str, str]]:
    """Pair the systems that a place's numbers may have been read as with those that they may be in."""
    zone = utm(int((lon + 180) // 6) % 60 + 1, south=lat < 0)
    ways = dict.fromkeys((label, DEGREES, zone))
    systems = (DEGREES, zone, *old_systems_at(round(lon, 1), round(lat, 1)))
    return [(way, crs) for way in ways for crs in systems if crs != way and _is_near(way, crs, lon, lat)]


def _is_near(read_as: str, crs: str, lon: float, lat: float) -> bool:
    """Tell whether the numbers of a place in one system are numbers of about that place in the other, too."""
    if _is_degrees(read_as) != _is_degrees(crs):
        return False
    if _is_degrees(crs):
        return True
    x, y = to_degrees(read_as).transform(lon, lat, direction="INVERSE")
    try:
        own_lon, own_lat = _own_degrees(crs).transform(x, y)
    except pyproj.exceptions.ProjError:  # a grid of many zones, which is no one system
        return False
    return bool(np.hypot(own_lon - lon, own_lat - lat) < 2 * _REACH_M / 100_000)


@cache
def _is_degrees(crs: str) -> bool:
    return bool(pyproj.CRS(crs).is_geographic)


@cache
def _own_degrees(crs: str) -> pyproj.Transformer:
    """Give what brings a system onto degrees of its own datum, which costs no search for an operation."""
    own = pyproj.CRS(crs)
    return pyproj.Transformer.from_crs(own, own.geodetic_crs, always_xy=True)


def _apart(at: Floats, read_as: str, crs: str) -> npt.NDArray[np.float64]:
    """Tell how far places lie off where they are, if their numbers in `read_as` are those of `crs`."""
    numbers = to_degrees(read_as).transform(at[:, 0], at[:, 1], direction="INVERSE")
    return _vectors(at, np.column_stack(to_degrees(crs).transform(*numbers)))
