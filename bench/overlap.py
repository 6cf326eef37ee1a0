"""
Overlaps by Lindero and by other tools, side by side on the same invented data.

    python -m bench.overlap [XS|S|L] [way ...]

Every method starts from the same polygons on the equal-area plane, in the row order of a map, in its own process. It
must find the same pairs and the same hectares. Data that a method keeps between calls is built before its clock starts.
Times are wall clock of one run, or the median of three if a run takes less than `QUICK_S`. Each method may take
`LIMIT_S`, and memory is that of its largest process. PostGIS and SedonaDB are not dependencies of the project; `make
bench-peers` installs them. A method that could not be run or did not end says so in its row.
"""

import json
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from operator import itemgetter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from bench import beside
from bench.generate import layers
from bench.memory import peak_mb, watch_memory
from bench.peers import PEERS
from bench.peers.result import LIMIT_S, AbsentError, OvertimeError, Result, build_result
from bench.peers.versions import versions
from lindero.geo import footprint, overlap
from lindero.geo.geometry.crs import DEGREES, EQUAL_AREA
from lindero.geo.geometry.units import M2_PER_HA, MIN_HA
from lindero.geo.overlay.intersection import find_candidates, shared_area_m2
from lindero.geo.overlay.prepared_layer import PolygonLayer


def _warm_up(left: gpd.GeoDataFrame, right: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Compile all code before the clock starts, and return the layers in degrees, as a map stores them."""
    few = left.head(50).to_crs(DEGREES).assign(boundary_accuracy_m=5_000.0)  # so coarse that every grade is computed
    footprint(overlap(few, few), few, few)
    return left.to_crs(DEGREES), right.to_crs(DEGREES)


def _prepare_layers(left: gpd.GeoDataFrame, right: gpd.GeoDataFrame) -> tuple[PolygonLayer, PolygonLayer]:
    """Prepare the layers as a build does, before the clock starts."""
    first, second = _warm_up(left, right)
    return PolygonLayer.from_frame(first), PolygonLayer.from_frame(second)


def whole(left: gpd.GeoDataFrame, right: gpd.GeoDataFrame) -> Result:
    """Lindero, areas, from layers in degrees: checked, laid on the plane, trees built."""
    layers_in_degrees = _warm_up(left, right)
    start = time.perf_counter()
    sides = [PolygonLayer.from_frame(layer) for layer in layers_in_degrees]
    area = shared_area_m2(*sides, *find_candidates(*sides))
    return build_result(time.perf_counter() - start, area)


def kernel(left: gpd.GeoDataFrame, right: gpd.GeoDataFrame) -> Result:
    """Lindero, areas, from prepared layers, trees built in the call."""
    sides = _prepare_layers(left, right)
    start = time.perf_counter()
    area = shared_area_m2(*sides, *find_candidates(*sides))
    return build_result(time.perf_counter() - start, area)


def graded(left: gpd.GeoDataFrame, right: gpd.GeoDataFrame) -> Result:
    """Lindero, the pair table with shares and certainty, from prepared layers."""
    sides = _prepare_layers(left, right)
    start = time.perf_counter()
    pairs = overlap(*sides)
    return build_result(time.perf_counter() - start, pairs["area_ha"].to_numpy() * M2_PER_HA)


def footprints(left: gpd.GeoDataFrame, right: gpd.GeoDataFrame) -> Result:
    """Lindero, that table and the footprint of every territory (hectares of ground, not gross)."""
    sides = _prepare_layers(left, right)
    start = time.perf_counter()
    by_land = _table_and_footprints(*sides)
    return build_result(time.perf_counter() - start, by_land["footprint_ha"].to_numpy() * M2_PER_HA)


def _hectares_and_footprints(left: PolygonLayer, right: PolygonLayer) -> pd.DataFrame:
    at_left, at_right = find_candidates(left, right)
    area_ha = shared_area_m2(left, right, at_left, at_right) / M2_PER_HA
    kept = area_ha >= MIN_HA
    ids = {"left_id": left.ids.iloc[at_left[kept]].array, "right_id": right.ids.iloc[at_right[kept]].array}
    return footprint(pd.DataFrame({**ids, "area_ha": area_ha[kept]}), left, right)


def _table_and_footprints(left: PolygonLayer, right: PolygonLayer) -> pd.DataFrame:
    return footprint(overlap(left, right), left, right)


MAX_ERRORS = 1e-4  # of the pairs
QUICK_S = 2.0
TURNS = 7
GETTING_READY_S = 180  # for the preparation, which is not timed
WAYS: dict[str, Callable[[gpd.GeoDataFrame, gpd.GeoDataFrame], Result]] = {
    way.__name__: way for way in (*PEERS, whole, kernel, graded, footprints)
}


def _run_here(name: str, folder: Path) -> None:
    """Run one method in this process and print its result as JSON."""
    frames = [gpd.read_parquet(folder / f"{side}.parquet") for side in ("left", "right")]
    try:
        with watch_memory() as peaks:
            result = _run(WAYS[name], *frames)
    except (AbsentError, OvertimeError) as error:
        print(json.dumps({"failed": str(error)}))
        return
    peak = max(peak_mb(), *peaks.values(), 0)
    np.save(folder / f"{name}.npy", result.area_m2)
    print(json.dumps({"seconds": result.seconds, "peak_mb": peak}))


def _run(way: Callable[..., Result], *frames: gpd.GeoDataFrame) -> Result:
    """Run a method. If it takes less than `QUICK_S`, run it twice more and return the median run."""
    first = way(*frames)
    return first if first.seconds > QUICK_S else sorted([first, way(*frames), way(*frames)], key=itemgetter(0))[1]


def main(size: str = "S", *names: str) -> None:
    with TemporaryDirectory() as folder:
        for side, frame in zip(("left", "right"), layers(size), strict=True):
            ground = PolygonLayer.from_frame(frame)
            plane = gpd.GeoDataFrame({"id": ground.ids}, geometry=ground.shapes, crs=EQUAL_AREA)
            plane.to_parquet(Path(folder) / f"{side}.parquet")
            print(f"{side}: {len(plane):,} polygons, {shapely.get_num_coordinates(ground.shapes).sum():,} corners")
        results = {name: _run_in_process(name, folder) for name in names or WAYS}
        found = {name: np.load(file) for name in results if (file := Path(folder) / f"{name}.npy").exists()}
        _print_beside_reading(Path(folder))
    _print_table(results, found)


def _print_beside_reading(folder: Path) -> None:
    """
    Print the time of the pair table with footprints, and of its limit: reading both layers into frames.

    They run alternately in one process, because the speed of a machine changes from minute to minute.
    """
    sides = "left", "right"
    frames = [gpd.read_parquet(folder / f"{side}.parquet") for side in sides]
    for side, frame in zip(sides, frames, strict=True):
        frame.to_file(folder / f"{side}.gpkg")
    grounds = _prepare_layers(*frames)
    works: dict[str, Callable[[], object]] = {
        "pyarrow (GeoParquet)": lambda: [gpd.read_parquet(folder / f"{side}.parquet") for side in sides],
        "pyogrio (GeoPackage)": lambda: [pyogrio.read_dataframe(folder / f"{side}.gpkg") for side in sides],
        "pairs, their hectares, and footprints": lambda: _hectares_and_footprints(*grounds),
        "the same with shares, certainty and order": lambda: _table_and_footprints(*grounds),
    }
    seconds = {name: statistics.median(taken) for name, taken in _run_alternately(works).items()}
    *readers, short, whole = seconds
    print("merely to read both layers:", ", ".join(f"{name} {seconds[name]:.2f} s" for name in readers))
    for own in (short, whole):
        ratios = " and ".join(f"{seconds[own] / seconds[name]:.2f}" for name in readers)
        print(f"{own}, by turns with it: {seconds[own]:.2f} s, {ratios} times as long")


def _run_alternately(works: dict[str, Callable[[], object]]) -> dict[str, list[float]]:
    taken: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(TURNS):
        for name, work in works.items():
            start = time.perf_counter()
            result = work()
            taken[name].append(time.perf_counter() - start)
            del result  # the time to free it is not counted
    return taken


def _run_in_process(name: str, folder: str) -> dict[str, Any]:
    """
    Run one method in its own process, with a time limit.

    A method that counts its own seconds, as a server does, ends by itself.
    """
    command = [sys.executable, "-m", "bench.overlap", "--alone", name, folder]
    try:
        done = subprocess.run(
            command, check=False, stdout=subprocess.PIPE, text=True, timeout=LIMIT_S + GETTING_READY_S
        )
    except subprocess.TimeoutExpired:
        return {"failed": str(OvertimeError())}
    return json.loads(done.stdout) if done.returncode == 0 else {"failed": "it failed, as told above", "broken": True}


def _print_table(results: dict[str, dict[str, Any]], found: dict[str, np.ndarray]) -> None:
    print(platform.python_version(), *versions())
    ended = {name: result for name, result in results.items() if "failed" not in result}
    if "kernel" in ended:
        peers = {WAYS[way.__name__].__doc__: ended[way.__name__]["seconds"] for way in PEERS if way.__name__ in ended}
        beside.add_measurement("layers on the plane to the areas of their pairs", ended["kernel"]["seconds"], peers)
    best = min((result["seconds"] for name, result in ended.items() if name != "footprints"), default=None)
    print("| way | seconds | against the best | peak MB | areas | ha |\n|---|---|---|---|---|---|")
    for name, result in results.items():
        told = [result["failed"], *["–"] * 4] if "failed" in result else _figures(result, best, found[name])
        print("|", " | ".join((WAYS[name].__doc__.rstrip("."), *told)), "|")
    if not _agree({name: area for name, area in found.items() if name != "footprints"}):
        sys.exit(1)
    if any("broken" in result for result in results.values()):
        sys.exit(1)


def _figures(result: dict[str, Any], best: float | None, area_m2: np.ndarray) -> list[str]:
    times = f"{result['seconds'] / best:.1f}×" if best else "–"
    counts = f"{result['peak_mb']:,}", f"{len(area_m2):,}", f"{area_m2.sum() / M2_PER_HA:,.1f}"
    return [f"{result['seconds']:.3f}", times, *counts]


def _agree(found: dict[str, np.ndarray]) -> bool:
    """
    Return whether all methods found the same areas, each pair to 1e-6 or 1e-8 ha, and the total to 1e-6.

    Areas are compared in the order of their size. GEOS, which the other tools use, is wrong by a whole lobe for about
    one pair in 30,000. A few pairs may therefore differ, and are counted, but the number of pairs and their sum must
    agree.
    """
    if not found:
        return True
    (first, expected), *others = found.items()
    agree = True
    for name, area in others:
        if len(area) != len(expected):
            print(f"{name} finds {len(area):,} pairs, {first} {len(expected):,}")
            agree = False
            continue
        differ = int((np.abs(area - expected) > np.maximum(1e-6 * expected, 1e-4)).sum())
        if differ:
            print(f"{name} and {first} differ on {differ} of {len(expected):,} pairs")
        agree &= differ <= MAX_ERRORS * len(expected) and abs(area.sum() - expected.sum()) <= 1e-6 * expected.sum()
    print("every pair agrees to 1e-6, or as told above" if agree else "THEY DO NOT AGREE")
    return agree


if __name__ == "__main__":
    if sys.argv[1:2] == ["--alone"]:
        _run_here(sys.argv[2], Path(sys.argv[3]))
    else:
        main(*sys.argv[1:])
