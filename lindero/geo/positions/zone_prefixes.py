"""Eastings that begin with the number of their zone, as in many national grids: 2500000 is the middle of zone 2."""

from __future__ import annotations

import numpy as np
import pyproj
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from lindero.geo.geometry.crs import national, utm

_PREFIX_M = 1_000_000
_IN_A_ZONE_M = (100_000, 900_000)  # what a zone reaches, with some overlap into its neighbours
_MOST = 0.95  # of the rows


def zones_of_eastings(
    bounds: NDArray[np.float64], *, country: str = "", expected: BaseGeometry | None = None
) -> dict[int, tuple[int, str]]:
    """
    Return the zones that eastings carry in front, as in 2500000 of zone 2, if a file holds several of them.

    Parameters
    ----------
    bounds
        West, south, east and north of each row in metres, as received.
    country, expected
        As for `likely_crs`. A zone is one of the country's own grids, or a UTM zone that meets `expected`.

    Returns
    -------
    dict
        For each zone how many rows it has, and its newest system. Empty for a single zone, or where the numbers are
        not such eastings.
    """
    west, east = bounds[:, 0], bounds[:, 2]
    prefix = west // _PREFIX_M
    low, high = _IN_A_ZONE_M
    fits = (prefix >= 1) & (prefix == east // _PREFIX_M) & (west % _PREFIX_M >= low) & (east % _PREFIX_M <= high)
    zones, counts = np.unique(prefix[fits].astype(int), return_counts=True)
    if len(zones) < 2:  # noqa: PLR2004  several
        return {}
    for systems in (_own_zones(country), _utm_zones(expected)):
        rows = {int(zone): int(count) for zone, count in zip(zones, counts, strict=True) if zone in systems}
        if len(rows) > 1 and sum(rows.values()) >= _MOST * len(bounds):
            return {zone: (count, systems[zone]) for zone, count in rows.items()}
    return {}


def _false_easting(system: pyproj.CRS) -> float:
    """Return the easting of a projected system's middle in metres; 0 where it states none."""
    operation = system.coordinate_operation
    values = [one.value for one in operation.params if one.name == "False easting"] if operation else []
    return float(values[0]) if values else 0.0


def has_zone_in_front(system: pyproj.CRS) -> bool:
    """Return whether the eastings of a system begin with the number of its zone."""
    middle = _false_easting(system)
    return middle > _PREFIX_M and middle % _PREFIX_M == _PREFIX_M / 2


def _own_zones(country: str) -> dict[int, str]:
    """Return the newest of a country's own systems for each zone that their eastings begin with."""
    zones: dict[int, str] = {}
    for code in national(country):
        system = pyproj.CRS(code)
        if has_zone_in_front(system):
            zones.setdefault(int(_false_easting(system) // _PREFIX_M), code)
    return zones


def _utm_zones(expected: BaseGeometry | None) -> dict[int, str]:
    """Return the UTM zones that a place meets; north or south of the equator as its middle is."""
    if expected is None:
        return {}
    west, south, east, north = expected.bounds
    is_south = south + north < 0
    return {zone: utm(zone, south=is_south) for zone in range(int(west // 6) + 31, int(east // 6) + 32)}
