"""
What each kernel of `lindero/geo/kernels` gains over its plain twin, in the same call, on the same invented data.

    python -m bench kernels [1000] [50000] [500000]

The twin is what Lindero does where there is no numba: shapely's intersections, unions and buffers. The two
run by turns in one process, are held to the same answer, and are measured in processor seconds of all threads, which
other work on the machine disturbs least. Trees are built inside the clock. 500,000 takes some ten minutes.
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
from lindero.geo.overlay.intersection import Groups, candidates, covered_area_m2, shared_area_m2
from lindero.geo.overlay.outlines import DrawnOutlines
from lindero.geo.overlay.prepared_layer import Ground

FEATURES = {1_000: ("XS", 1_000), 50_000: ("S", None), 500_000: ("L", None)}
Answer = np.ndarray | tuple[np.ndarray, ...]


@dataclass(frozen=True)
class Step:
    """What a kernel is for: the kernel, what it does, the work, and how far the two answers may differ."""

    kernel: str
    work: Callable[[], Answer]
    tolerance: float = 0.0


@contextmanager
def plain() -> Generator[None]:
    """Work as where there is no numba."""
    numba_jit.AVAILABLE = False
    try:
        yield
    finally:
        numba_jit.AVAILABLE = True


def steps(titles: gpd.GeoDataFrame, lands: gpd.GeoDataFrame) -> list[Step]:
    """Give the steps of an overlay, each from drawn shapes on the plane."""
    left, right = Ground.of(titles), Ground.of(lands)
    at_left, at_right = candidates(left, right)
    area = shared_area_m2(left, right, at_left, at_right)
    is_pair = area > 1.0
    at_left, at_right, area = at_left[is_pair], at_right[is_pair], area[is_pair]
    groups = Groups.of(at_right, at_left, area)
    return [
        Step("chain_tree + shared_area", lambda: shared_area_m2(_anew(left), _anew(right), at_left, at_right), 1e-6),
        Step("sweep_line + union_area", lambda: covered_area_m2(_anew(right), _anew(left), groups), 1e-6),
        Step("inner_distance + perimeter", lambda: certainty(left, right, at_left, at_right, area)),
    ]


def _anew(ground: Ground) -> Ground:
    """Forget the trees of a layer."""
    return replace(ground, outlines=DrawnOutlines(ground.shapes))


def measured(step: Step) -> tuple[float, float]:
    """Time the kernel and its twin, in processor seconds, and hold them to the same answer."""
    start = time.process_time()
    ours = step.work()
    between = time.process_time()
    with plain():
        twin = step.work()
    end = time.process_time()
    if step.tolerance:
        np.testing.assert_allclose(ours, twin, rtol=step.tolerance, atol=1.0)  # 1 m²
    else:
        differ = np.mean(np.asarray(ours) != np.asarray(twin)) if np.shape(ours) == np.shape(twin) else 1.0
        assert differ < 1e-4, f"{step.kernel}: {differ:.2%} differ"  # GEOS's buffers lose a shape now and then
    return between - start, end - between


def main(*sizes: str) -> None:
    """Print a row for each kernel and number of features."""
    wanted = [int(size) for size in sizes] or [1_000, 50_000]
    if unknown := [size for size in wanted if size not in FEATURES]:
        sys.exit(f"There is no size {unknown[0]}; there are {', '.join(map(str, FEATURES))}")
    few = layers("XS")[0].head(50).assign(boundary_accuracy_m=5_000.0)  # so coarse that every grade is looked into
    for step in steps(few, few):
        step.work()  # compiled before the clock runs
    print(f"| {'kernel':28} | features | kernel (s) | twin (s) | gain |")
    print("|---|---|---|---|---|")
    for size in wanted:
        name, head = FEATURES[size]
        titles, lands = (layer.to_crs(DEGREES) for layer in layers(name))
        for step in steps(titles.head(head or len(titles)), lands):
            ours, twin = measured(step)
            print(f"| {step.kernel:28} | {size:,} | {ours:.3f} | {twin:.3f} | {twin / ours:.1f} |", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
