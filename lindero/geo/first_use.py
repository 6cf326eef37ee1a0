"""Compilation of all numba functions ahead of their first use.

The functions run on a few squares, and the compiled code is cached on disk.

    python -m lindero.geo.first_use

The installation ends with this command, so that no user waits for the compiler.
"""

import geopandas as gpd
import numpy as np
import shapely

from lindero.geo.geometry.crs import DEGREES
from lindero.geo.kernels import numba_jit
from lindero.geo.near.within_distance import count_within_distance
from lindero.geo.overlay.footprint import footprint, totals
from lindero.geo.overlay.overlap import overlap

SIDE = 0.02  # degrees, about 2 km
_NEAR_KM = 1.0  # chosen so that bounding boxes alone do not decide every pair, and the distance kernel is compiled
COARSE_M = 500.0  # makes some overlaps certain, some possible and some slivers


def main() -> None:
    """Compile all functions that are not yet in the cache. Without numba the command does nothing."""
    if not numba_jit.HAS_NUMBA:
        return
    squares = _make_squares()
    pairs = overlap(squares, squares, with_range=True)
    footprint(pairs, squares, squares, with_range=True)
    totals(pairs, squares, squares, with_range=True)
    count_within_distance(squares, squares, within_km=(_NEAR_KM,))


def _make_squares() -> gpd.GeoDataFrame:
    """Build squares with a hole each: some overlap, some touch, some are apart."""
    west, south = (axis.ravel() * SIDE * 0.75 for axis in np.meshgrid(np.arange(6), np.arange(6)))
    shells = shapely.box(west - 75, south - 10, west - 75 + SIDE, south - 10 + SIDE)
    holes = shapely.buffer(shapely.centroid(shells), SIDE / 8)
    squares = {"id": [str(number) for number in range(len(shells))], "boundary_accuracy_m": COARSE_M}
    return gpd.GeoDataFrame(squares, geometry=shapely.difference(shells, holes), crs=DEGREES)


if __name__ == "__main__":
    main()
