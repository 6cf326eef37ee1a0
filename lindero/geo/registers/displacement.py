"""Detection of a constant displacement between two registers, as caused by a wrong datum.

A record of both registers should be at the same location in both. If most records are displaced by the same distance
and direction, one register was read in the wrong CRS, or drawn on a different base map.
"""

from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import shapely

from lindero.geo.geometry.crs import DEGREES, ELLIPSOID, degrees_transformer, find_old_systems, utm
from lindero.geo.geometry.projection import Floats, Ints
from lindero.geo.registers import name_matching

LEAST_M = 20.0  # registers of the same ground differ by up to this much because of limited accuracy
MIN_RECORDS = 5  # minimum records with the same code and the same displacement
FEWEST_ALIKE = 10  # minimum records of the same size and shape, where codes do not match

BOX = ["xmin", "ymin", "xmax", "ymax"]
_CONSTANT = 0.1  # share of the displacement: most records must agree to this if it is a single displacement
_ROUGH_SHARE = 0.3  # the same tolerance where a datum may explain it, because a datum shift varies over a country
_SLACK_M = 10.0  # uncertainty of operations between datums
_FIT_SHARE = 0.05  # share of the displacement that a datum may leave unexplained
_REACH_M = 900.0  # largest shift between two datums; grid offsets of a kilometre are larger
_SAME_SIZE_M = 1.0
_RECTANGLE_SHARE = 0.95  # share of its box: a shape that fills more is a rectangle, and registers have many of one size
_MOST = 5_000  # maximum records compared by shape
_SAMPLE = 200  # records on which a datum is tested


@dataclass(frozen=True)
class Displacement:
    """The median displacement of the records of one register from those of another, in metres to the east and north.

    `agreeing_rows` of the `matched_rows` records agree with it, with a median deviation of `scatter_m`. `is_by_code` is
    true if the records were matched by code, and false if they were matched by size and form.
    """

    east_m: float
    north_m: float
    scatter_m: float
    agreeing_rows: int
    matched_rows: int
    is_by_code: bool
    pairs: pd.DataFrame

    @property
    def metres(self) -> float:
        """The length in metres."""
        return float(np.hypot(self.east_m, self.north_m))

    @property
    def bearing(self) -> float:
        """The direction from the second register to the first, in degrees clockwise from north."""
        return float(np.degrees(np.arctan2(self.east_m, self.north_m)) % 360)


@dataclass(frozen=True)
class Explanation:
    """A CRS that explains a displacement: coordinates in it were read as coordinates in `read_as`.

    `is_of_first` is true if this concerns the first register, else the second. `left_m` is the remaining displacement
    in metres.
    """

    crs: str
    read_as: str
    is_of_first: bool
    left_m: float


class Records:
    """The records of a register that have a location, prepared for comparison with other registers.

    `frame`: `code`, `area_ha` (hectares; may be missing) and the bounding box in degrees on WGS 84: `xmin`, `ymin`,
    `xmax`, `ymax`.
    """

    def __init__(self, frame: pd.DataFrame) -> None:
        box = frame[BOX].to_numpy(dtype=float)
        placed = np.isfinite(box).all(axis=1)
        self._box = box[placed]
        self._codes, self._area_ha = frame["code"][placed], frame["area_ha"].to_numpy(dtype=float)[placed]
        self.middle = (self._box[:, :2] + self._box[:, 2:]) / 2  # (n, 2): degrees

    @cached_property
    def unique_codes(self) -> tuple[pd.Index, Ints]:
        """The keys of codes that occur once, and the positions of their records."""
        codes = name_matching.keys(self._codes)
        positions = np.flatnonzero(codes.notna() & ~codes.duplicated(keep=False))
        return pd.Index(codes.to_numpy()[positions], dtype=object), positions

    @cached_property
    def sizes(self) -> tuple[Floats, Ints]:
        """The sizes of records that are not rectangles, and the positions of these records.

        A size is width, height, and the side of a square of the same area, in metres.
        """
        (west, south, east, north), (lon, lat) = self._box.T, self.middle.T
        width_m = np.abs(ELLIPSOID.inv(west, lat, east, lat)[2])
        height_m = np.abs(ELLIPSOID.inv(lon, south, lon, north)[2])
        square_m = self._area_ha * 10_000
        positions = np.flatnonzero((square_m > 0) & (square_m < _RECTANGLE_SHARE * width_m * height_m))
        return np.column_stack((width_m, height_m, np.sqrt(np.maximum(square_m, 0))))[positions], positions


def displacement(first: Records, second: Records) -> Displacement | None:
    """Find the displacement of one register from another, if most records share one of more than 20 m.

    Records are matched by codes that occur once in each register, or else by size and form within 900 m.

    Returns: None if no displacement is found. Half of all matched records must be within 30 % of the displacement from
    it.
    """
    by_code = _match_by_code(first, second)
    pairs = by_code if len(by_code) >= MIN_RECORDS else _match_by_size(first, second)
    if len(pairs) < (MIN_RECORDS if pairs is by_code else FEWEST_ALIKE):
        return None
    vectors = pairs[["east_m", "north_m"]].to_numpy()
    median = np.median(vectors, axis=0)
    length = float(np.hypot(*median))
    deviations = np.hypot(*(vectors - median).T)
    agreeing = int((deviations <= _ROUGH_SHARE * length).sum())
    if length < LEAST_M or agreeing * 2 < len(pairs) or agreeing < (MIN_RECORDS if pairs is by_code else FEWEST_ALIKE):
        return None
    east, north = map(float, median)
    return Displacement(east, north, float(np.median(deviations)), agreeing, len(pairs), pairs is by_code, pairs)


def is_constant(shift: Displacement) -> bool:
    """Return whether a displacement is constant: most records deviate from it by at most a tenth.

    `shift`: A displacement that `displacement` found. Returns: True if the median deviation is at most 10 % of the
    displacement, or 1 m.
    """
    return shift.scatter_m <= max(_SAME_SIZE_M, _CONSTANT * shift.metres)


def explanations(shift: Displacement, *, first: str, second: str) -> list[Explanation]:
    """List the coordinate reference systems that explain a displacement, best first.

    `shift`: A displacement that `displacement` found. Returns: for coordinates in degrees, the CRS of the UTM zone is
    tried as well, because files are often converted to degrees on their way.
    """
    pairs = shift.pairs.iloc[:: max(1, len(shift.pairs) // _SAMPLE)]
    max_remaining_m = max(_SLACK_M, _FIT_SHARE * shift.metres)
    fitting = []
    for of_first, label, side in ((True, first, "one"), (False, second, "other")):
        observed = pairs[["east_m", "north_m"]].to_numpy() * (1 if of_first else -1)
        places = pairs[[f"{side}_lon", f"{side}_lat"]].to_numpy()
        for read_as, crs in _candidate_readings(label, *np.median(places, axis=0)):
            remaining_m = np.hypot(*(observed - _shift_vectors(places, read_as, crs)).T)
            if float(np.median(remaining_m)) <= max_remaining_m and (remaining_m <= 2 * max_remaining_m).mean() >= 0.5:  # noqa: PLR2004  most
                fitting.append((read_as != label, Explanation(crs, read_as, of_first, float(np.median(remaining_m)))))
    return [
        explanation
        for _, explanation in sorted(fitting, key=lambda item: (round(item[1].left_m), item[0], item[1].crs))
    ]


def _match_by_code(first: Records, second: Records) -> pd.DataFrame:
    (codes, first_positions), (second_codes, second_positions) = first.unique_codes, second.unique_codes
    matches = second_codes.get_indexer(codes)
    return _pair_table(
        first.middle[first_positions[matches >= 0]], second.middle[second_positions[matches[matches >= 0]]]
    )


def _match_by_size(first: Records, second: Records) -> pd.DataFrame:
    """Match records of the same size and form that are not rectangles, and have only one similar neighbour."""
    (sizes, first_positions), (second_sizes, second_positions) = first.sizes, second.sizes
    sample = slice(None, None, max(1, len(first_positions) // _MOST))
    sizes, first_positions = sizes[sample], first_positions[sample]
    first_places, second_places = first.middle[first_positions], second.middle[second_positions]
    reach = _REACH_M / 100_000 / np.maximum(np.cos(np.radians(np.abs(first_places[:, 1]))), 0.05)
    first_rows, second_rows = shapely.STRtree(np.asarray(shapely.points(second_places))).query(
        shapely.points(first_places), predicate="dwithin", distance=reach
    )
    is_similar = (
        np.abs(sizes[first_rows] - second_sizes[second_rows]) <= _SAME_SIZE_M + 1e-3 * second_sizes[second_rows]
    ).all(axis=1)
    first_rows, second_rows = first_rows[is_similar], second_rows[is_similar]
    is_unique = (np.bincount(first_rows, minlength=len(first_positions))[first_rows] == 1) & (
        np.bincount(second_rows, minlength=len(second_positions))[second_rows] == 1
    )
    return _pair_table(first_places[first_rows[is_unique]], second_places[second_rows[is_unique]])


def _pair_table(first: Floats, second: Floats) -> pd.DataFrame:
    """Build the table of matched places (n, 2) in degrees of both registers, with the metres between them."""
    columns = ["one_lon", "one_lat", "other_lon", "other_lat", "east_m", "north_m"]
    return pd.DataFrame(np.column_stack((first, second, _vectors(first, second))), columns=columns)


def _vectors(first: Floats, second: Floats) -> Floats:
    """Compute the vectors from places (n, 2) in degrees of the second array to the first, in metres east and north."""
    azimuth, _, metres = ELLIPSOID.inv(second[:, 0], second[:, 1], first[:, 0], first[:, 1])
    direction = np.radians(azimuth)
    return np.column_stack((metres * np.sin(direction), metres * np.cos(direction)))


def _candidate_readings(label: str, lon: float, lat: float) -> list[tuple[str, str]]:
    """List pairs of the CRS in which the numbers of a place may have been read and the CRS in which they may be."""
    zone = utm(int((lon + 180) // 6) % 60 + 1, south=lat < 0)
    labels = dict.fromkeys((label, DEGREES, zone))
    systems = (DEGREES, zone, *find_old_systems(round(lon, 1), round(lat, 1)))
    return [
        (read_as, crs) for read_as in labels for crs in systems if crs != read_as and _is_near(read_as, crs, lon, lat)
    ]


def _is_near(read_as: str, crs: str, lon: float, lat: float) -> bool:
    """Return whether the numbers of a place in one CRS are those of about the same place in another CRS."""
    if _is_degrees(read_as) != _is_degrees(crs):
        return False
    if _is_degrees(crs):
        return True
    x, y = degrees_transformer(read_as).transform(lon, lat, direction="INVERSE")
    try:
        own_lon, own_lat = _geodetic_transformer(crs).transform(x, y)
    except pyproj.exceptions.ProjError:  # a grid of many zones, which is not a single CRS
        return False
    return bool(np.hypot(own_lon - lon, own_lat - lat) < 2 * _REACH_M / 100_000)


@cache
def _is_degrees(crs: str) -> bool:
    return bool(pyproj.CRS(crs).is_geographic)


@cache
def _geodetic_transformer(crs: str) -> pyproj.Transformer:
    """Return the transformer from a CRS to degrees on its own datum, which needs no search for an operation."""
    system = pyproj.CRS(crs)
    return pyproj.Transformer.from_crs(system, system.geodetic_crs, always_xy=True)


def _shift_vectors(places: Floats, read_as: str, crs: str) -> npt.NDArray[np.float64]:
    """Compute the displacement of places in metres if their numbers in `read_as` are numbers in `crs`."""
    numbers = degrees_transformer(read_as).transform(places[:, 0], places[:, 1], direction="INVERSE")
    return _vectors(places, np.column_stack(degrees_transformer(crs).transform(*numbers)))
