import json
import subprocess
import sys

from lindero.geo.kernels import numba_jit
from tests.needed import missing

if not numba_jit.HAS_NUMBA:
    missing("numba is not here")

COUNT = """
import gc, json, sys
from numba.core.dispatcher import Dispatcher
def compiled():
    every = (each for each in gc.get_objects() if isinstance(each, Dispatcher))
    return {each.py_func.__qualname__: len(each.signatures) for each in every if each.__module__.startswith("lindero")}
"""
FIRST = """
from lindero.geo import first_use
first_use.main()
first, linear_algebra = compiled(), "scipy.linalg" in sys.modules
"""
THEN = """
import geopandas as gpd, numpy as np, shapely
from lindero.geo import PolygonLayer, footprint, overlap, totals
from lindero.geo.near.within_distance import count_within_distance
rng = np.random.default_rng(1)
west, south, size = rng.uniform(-76, -75, 60), rng.uniform(-9, -8, 60), rng.uniform(0.01, 0.3, 60)
frame = gpd.GeoDataFrame(
    {"id": [f"n{at}" for at in range(60)]}, geometry=shapely.box(west, south, west + size, south + size), crs="OGC:CRS84"
)
kept = PolygonLayer.from_frame(frame)
for left, right in ((frame, frame), (kept, kept), (kept, frame)):
    pairs = overlap(left, right, with_range=True, with_geometry=True, grown=True)
    footprint(pairs, left, right, with_range=True)
    totals(pairs, left, right, with_range=True)
count_within_distance(frame, frame, within_km=(1, 5))
print(json.dumps([first, compiled(), linear_algebra]))
"""


def test_after_the_first_use_no_other_overlap_or_distance_has_anything_to_compile():
    done = subprocess.run([sys.executable, "-c", COUNT + FIRST + THEN], capture_output=True, text=True, check=True)
    first, then, linear_algebra = json.loads(done.stdout)

    assert {"measure_pairs", "cut_trapezoids", "distances_m"} <= first.keys()
    assert then == first
    assert not linear_algebra, "scipy's linear algebra is loaded, which no kernel calls: a fifth of a second"
