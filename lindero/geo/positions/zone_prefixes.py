"""Eastings with the zone number as prefix, as in many national grids: 2500000 is the centre of zone 2."""

from __future__ import annotations

import numpy as np
import pyproj
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from lindero.geo.geometry.crs import national_systems, utm

_PREFIX_M = 1_000_000
_ZONE_EASTINGS_M = (100_000, 900_000)  # eastings of a zone, with some overlap into its neighbours
_MOST = 0.95  # minimum share of the rows


def find_zone_prefixes(
    bounds: NDArray[np.float64], *, country: str = "", expected: BaseGeometry | None = None
) -> dict[int, tuple[int, str]]:
    """Find the zone numbers that precede eastings, as in 2500000 for zone 2, if a file contains several zones.

    `bounds`: west, south, east and north of each row in metres, as received. `expected`: the area where the rows should
    be, in degrees. UTM zones that intersect it are tried next. Returns: number of rows and newest CRS for each zone.
    Empty for a single zone, or if the numbers are not such eastings.
    """
    west, east = bounds[:, 0], bounds[:, 2]
    prefixes = west // _PREFIX_M
    low, high = _ZONE_EASTINGS_M
    has_prefix = (
        (prefixes >= 1) & (prefixes == east // _PREFIX_M) & (west % _PREFIX_M >= low) & (east % _PREFIX_M <= high)
    )
    zones, counts = np.unique(prefixes[has_prefix].astype(int), return_counts=True)
    if len(zones) < 2:  # noqa: PLR2004  several
        return {}
    for systems in (_national_zones(country), _utm_zones(expected)):
        rows = {int(zone): int(count) for zone, count in zip(zones, counts, strict=True) if zone in systems}
        if len(rows) > 1 and sum(rows.values()) >= _MOST * len(bounds):
            return {zone: (count, systems[zone]) for zone, count in rows.items()}
    return {}


def _false_easting(system: pyproj.CRS) -> float:
    """Return the false easting of a projected CRS in metres; 0 if it has none."""
    operation = system.coordinate_operation
    values = (
        [parameter.value for parameter in operation.params if parameter.name == "False easting"] if operation else []
    )
    return float(values[0]) if values else 0.0


def has_zone_prefix(system: pyproj.CRS) -> bool:
    """Return whether the eastings of a CRS start with the number of its zone.

    `system`: A projected CRS. Returns: True if the false easting is, for example, 2,500,000 m for zone 2.
    """
    middle = _false_easting(system)
    return middle > _PREFIX_M and middle % _PREFIX_M == _PREFIX_M / 2


def _national_zones(country: str) -> dict[int, str]:
    """Return the newest national CRS of a country for each zone prefix."""
    zones: dict[int, str] = {}
    for code in national_systems(country):
        system = pyproj.CRS(code)
        if has_zone_prefix(system):
            zones.setdefault(int(_false_easting(system) // _PREFIX_M), code)
    return zones


def _utm_zones(expected: BaseGeometry | None) -> dict[int, str]:
    """Return the UTM zones that an area intersects. The hemisphere is that of the area's centre."""
    if expected is None:
        return {}
    west, south, east, north = expected.bounds
    is_south = south + north < 0
    return {zone: utm(zone, south=is_south) for zone in range(int(west // 6) + 31, int(east // 6) + 32)}
