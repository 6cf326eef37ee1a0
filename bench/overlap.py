"""
Overlaps by Lindero and by its peers, side by side on the same invented data.

    python -m bench.overlap [XS|S|L] [way ...]

Every way starts from the same polygons on the equal-area plane, in a process of its own, and must find the same pairs
and the same hectares; what a way keeps from call to call it makes before its clock runs. Times are wall clock, each way
is given `LIMIT_S`, and memory is that of its largest process. PostGIS and SedonaDB, which the project does not carry,
are installed by `make bench-peers`; a way that could not be run or did not end says so in its row.
"""

import json
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import geopandas as gpd
import shapely

from bench.generate import layers
from bench.memory import peak_mb, watched
from bench.peers import PEERS
from bench.peers.result import LIMIT_S, AbsentError, OvertimeError, Result, of_pieces
from bench.peers.versions import versions
from geo import footprint, overlap
from geo.crs import DEGREES, EQUAL_AREA
from geo.ground import Ground
from geo.shared import candidates, shared_area_m2
from geo.trust import distrust


def _grounds(left: gpd.GeoDataFrame, right: gpd.GeoDataFrame) -> tuple[Ground, Ground]:
    """Prepare as a build does, and have the code compiled, both before the clock runs."""
    few = left.head(50).to_crs(DEGREES)
    overlap(few, few)
    return Ground.of(left.to_crs(DEGREES)), Ground.of(right.to_crs(DEGREES))


def kernel(left: gpd.GeoDataFrame, right: gpd.GeoDataFrame) -> Result:
    """Lindero, areas, trees built in the call."""
    sides = _grounds(left, right)
    start = time.perf_counter()
    area = shared_area_m2(*sides, *candidates(*sides))
    return of_pieces(time.perf_counter() - start, area)


def kept(left: gpd.GeoDataFrame, right: gpd.GeoDataFrame) -> Result:
    """Lindero, areas, trees kept."""
    sides = _grounds(left, right)
    _ = sides[0].trees, sides[1].trees
    start = time.perf_counter()
    area = shared_area_m2(*sides, *candidates(*sides))
    result = of_pieces(time.perf_counter() - start, area)
    wrong = distrust(*sides)
    assert wrong.empty, f"GEOS disagrees on {len(wrong)} of 1,000 pairs"
    return result


def graded(left: gpd.GeoDataFrame, right: gpd.GeoDataFrame) -> Result:
    """Lindero, the pair table with shares and certainty, trees kept."""
    sides = _grounds(left, right)
    _ = sides[0].walked, sides[1].walked
    start = time.perf_counter()
    pairs = overlap(*sides)
    return time.perf_counter() - start, len(pairs), float(pairs["area_ha"].sum())


def footprints(left: gpd.GeoDataFrame, right: gpd.GeoDataFrame) -> Result:
    """Lindero, footprint of every territory (hectares of ground, not gross), after the pair table."""
    sides = _grounds(left, right)
    pairs = overlap(*sides)
    start = time.perf_counter()
    by_land = footprint(pairs, *sides)
    return time.perf_counter() - start, len(pairs), float(by_land["footprint_ha"].sum())


GETTING_READY_S = 180  # for what a way does before its clock runs
WAYS: dict[str, Callable[[gpd.GeoDataFrame, gpd.GeoDataFrame], Result]] = {
    way.__name__: way for way in (*PEERS, kernel, kept, graded, footprints)
}


def _alone(name: str, folder: Path) -> None:
    """Run one way in this process and print what came of it as JSON."""
    frames = [gpd.read_parquet(folder / f"{side}.parquet") for side in ("left", "right")]
    try:
        with watched() as peaks:
            seconds, pairs, hectares = WAYS[name](*frames)
    except (AbsentError, OvertimeError) as error:
        print(json.dumps({"failed": str(error)}))
        return
    peak = max(peak_mb(), *peaks.values(), 0)
    print(json.dumps({"seconds": seconds, "pairs": pairs, "hectares": hectares, "peak_mb": peak}))


def main(size: str = "S", *names: str) -> None:
    with TemporaryDirectory() as folder:
        for side, frame in zip(("left", "right"), layers(size), strict=True):
            ground = Ground.of(frame)
            plane = gpd.GeoDataFrame({"id": ground.ids}, geometry=ground.shapes, crs=EQUAL_AREA)
            plane.to_parquet(Path(folder) / f"{side}.parquet")
            print(f"{side}: {len(plane):,} polygons, {shapely.get_num_coordinates(ground.shapes).sum():,} corners")
        results = {name: _bounded(name, folder) for name in names or WAYS}
    _print_table(results)


def _bounded(name: str, folder: str) -> dict[str, Any]:
    """Run one way in a process of its own; one that counts its own seconds, as a server does, ends by itself."""
    command = [sys.executable, "-m", "bench.overlap", "--alone", name, folder]
    try:
        done = subprocess.run(
            command, check=False, stdout=subprocess.PIPE, text=True, timeout=LIMIT_S + GETTING_READY_S
        )
    except subprocess.TimeoutExpired:
        return {"failed": str(OvertimeError())}
    return json.loads(done.stdout) if done.returncode == 0 else {"failed": "it failed, as told above", "broken": True}


def _print_table(results: dict[str, dict[str, Any]]) -> None:
    print(platform.python_version(), *versions())
    ended = {name: result for name, result in results.items() if "failed" not in result}
    best = min((result["seconds"] for name, result in ended.items() if name != "footprints"), default=None)
    print("| way | seconds | against the best | peak MB | pairs | ha |\n|---|---|---|---|---|---|")
    for name, result in results.items():
        told = [result["failed"], *["–"] * 4] if "failed" in result else _figures(result, best)
        print("|", " | ".join((WAYS[name].__doc__.rstrip("."), *told)), "|")
    gross = [result["hectares"] for name, result in ended.items() if name != "footprints"]
    agree = not gross or max(gross) - min(gross) <= 1e-6 * max(gross)
    print("all agree to 1e-6" if agree else "THEY DO NOT AGREE")
    if not agree or any("broken" in result for result in results.values()):
        sys.exit(1)


def _figures(result: dict[str, Any], best: float | None) -> list[str]:
    times = f"{result['seconds'] / best:.1f}×" if best else "–"
    counts = f"{result['peak_mb']:,}", f"{result['pairs']:,}", f"{result['hectares']:,.1f}"
    return [f"{result['seconds']:.3f}", times, *counts]


if __name__ == "__main__":
    if sys.argv[1:2] == ["--alone"]:
        _alone(sys.argv[2], Path(sys.argv[3]))
    else:
        main(*sys.argv[1:])
