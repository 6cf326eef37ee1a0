"""
The first use of the compiled functions, on a few squares: all of them are compiled, and kept for every later process.

    python -m lindero.geo.first_use

Installing ends with it, so that nobody who asks something waits for a compiler.
"""

import geopandas as gpd
import numpy as np
import shapely

from lindero.geo.geometry.crs import DEGREES
from lindero.geo.kernels import numba_jit
from lindero.geo.near.within_distance import counts_within
from lindero.geo.overlay.footprint import footprint, totals
from lindero.geo.overlay.overlap import overlap

SIDE = 0.02  # degrees: some 2 km
_NEAR_KM = 1.0  # so that boxes alone do not tell of squares that are apart
COARSE_M = 500.0  # an accuracy by which squares are certain, possible and slivers


def main() -> None:
    """Compile everything that is not kept yet; without numba there is nothing to compile."""
    if not numba_jit.AVAILABLE:
        return
    squares = _squares()
    pairs = overlap(squares, squares, with_range=True)
    footprint(pairs, squares, squares, with_range=True)
    totals(pairs, squares, squares, with_range=True)
    counts_within(squares, squares, within_km=(_NEAR_KM,))


def _squares() -> gpd.GeoDataFrame:
    """Draw squares that overlap, touch and are apart, each with a hole."""
    west, south = (each.ravel() * SIDE * 0.75 for each in np.meshgrid(np.arange(6), np.arange(6)))
    shells = shapely.box(west - 75, south - 10, west - 75 + SIDE, south - 10 + SIDE)
    holes = shapely.buffer(shapely.centroid(shells), SIDE / 8)
    squares = {"id": [str(at) for at in range(len(shells))], "boundary_accuracy_m": COARSE_M}
    return gpd.GeoDataFrame(squares, geometry=shapely.difference(shells, holes), crs=DEGREES)


if __name__ == "__main__":
    main()
