"""
The speed of each kernel of `lindero/geo/kernels` compared with its plain twin on the same invented data.

    python -m bench kernels [1000] [50000] [500000]

The twin is the code that Lindero runs without numba: shapely's intersections, unions and buffers. Both run alternately
in one process and must return the same answer. Times are processor seconds of all threads, which other work on the
machine affects least. The time to build trees is included. 500,000 takes some ten minutes.
"""

import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np

from bench.generate import layers
from lindero.geo.geometry.crs import DEGREES
from lindero.geo.kernels import numba_jit
from lindero.geo.overlay.certainty import certainty
from lindero.geo.overlay.intersection import Groups, covered_area_m2, find_candidates, shared_area_m2
from lindero.geo.overlay.outlines import Outlines
from lindero.geo.overlay.prepared_layer import PolygonLayer

FEATURES = {1_000: ("XS", 1_000), 50_000: ("S", None), 500_000: ("L", None)}
Answer = np.ndarray | tuple[np.ndarray, ...]


@dataclass(frozen=True)
class Step:
    """A task of a kernel: the kernel's name, the work, and the tolerance between the two answers."""

    kernel: str
    work: Callable[[], Answer]
    tolerance: float = 0.0


@contextmanager
def disable_numba() -> Generator[None]:
    """Run the context as if numba were not installed."""
    numba_jit.HAS_NUMBA = False
    try:
        yield
    finally:
        numba_jit.HAS_NUMBA = True


def steps(titles: gpd.GeoDataFrame, lands: gpd.GeoDataFrame) -> list[Step]:
    """Return the steps of an overlay, each from projected geometries."""
    left, right = PolygonLayer.from_frame(titles), PolygonLayer.from_frame(lands)
    at_left, at_right = find_candidates(left, right)
    area = shared_area_m2(left, right, at_left, at_right)
    is_pair = area > 1.0
    at_left, at_right, area = at_left[is_pair], at_right[is_pair], area[is_pair]
    groups = Groups.from_pairs(at_right, at_left, area)
    return [
        Step(
            "chain_tree + shared_area",
            lambda: shared_area_m2(_remove_trees(left), _remove_trees(right), at_left, at_right),
            1e-6,
        ),
        Step(
            "sweep_line + union_area", lambda: covered_area_m2(_remove_trees(right), _remove_trees(left), groups), 1e-6
        ),
        Step("inner_distance + perimeter", lambda: certainty(left, right, at_left, at_right, area)),
    ]


def _remove_trees(ground: PolygonLayer) -> PolygonLayer:
    """Remove the trees of a layer."""
    return replace(ground, outlines=Outlines(ground.shapes))


def compare_times(step: Step) -> tuple[float, float]:
    """Measure the kernel and its twin, in processor seconds, and check that their answers agree."""
    start = time.process_time()
    ours = step.work()
    between = time.process_time()
    with disable_numba():
        twin = step.work()
    end = time.process_time()
    if step.tolerance:
        np.testing.assert_allclose(ours, twin, rtol=step.tolerance, atol=1.0)  # 1 m²
    else:
        differ = np.mean(np.asarray(ours) != np.asarray(twin)) if np.shape(ours) == np.shape(twin) else 1.0
        assert differ < 1e-4, f"{step.kernel}: {differ:.2%} differ"  # GEOS sometimes loses a shape in a buffer
    return between - start, end - between


def main(*sizes: str) -> None:
    """Print a row for each kernel and number of features."""
    wanted = [int(size) for size in sizes] or [1_000, 50_000]
    if unknown := [size for size in wanted if size not in FEATURES]:
        sys.exit(f"There is no size {unknown[0]}; there are {', '.join(map(str, FEATURES))}")
    few = layers("XS")[0].head(50).assign(boundary_accuracy_m=5_000.0)  # so coarse that every grade is computed
    for step in steps(few, few):
        step.work()  # compiles before the clock starts
    print(f"| {'kernel':28} | features | kernel (s) | twin (s) | gain |")
    print("|---|---|---|---|---|")
    for size in wanted:
        name, head = FEATURES[size]
        titles, lands = (layer.to_crs(DEGREES) for layer in layers(name))
        for step in steps(titles.head(head or len(titles)), lands):
            ours, twin = compare_times(step)
            print(f"| {step.kernel:28} | {size:,} | {ours:.3f} | {twin:.3f} | {twin / ours:.1f} |", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
