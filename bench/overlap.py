"""
Overlaps by Lindero and by its peers, side by side on the same invented data.

    python -m bench.overlap [XS|S|L] [way ...]

Every way starts from the same polygons on the equal-area plane, in a process of its own, and must find the same pairs
and the same hectares. Times are wall clock. PostGIS and SedonaDB need a server and a package that the project does not
carry.
"""

import json
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import duckdb_extension_spatial
import geopandas as gpd
import numpy as np
import shapely

from bench.generate import layers
from geo import compiled, footprint, overlap
from geo.crs import DEGREES, EQUAL_AREA
from geo.ground import Ground
from geo.shared import candidates, shared_area_m2
from geo.trust import distrust

LEAST_M2 = 100.0
Result = tuple[float, int, float]  # seconds, pairs, hectares


def _of_pieces(seconds: float, area_m2: np.ndarray) -> Result:
    kept = area_m2[area_m2 >= LEAST_M2]
    return seconds, len(kept), float(kept.sum()) / 10_000


def overlay(left: gpd.GeoDataFrame, right: gpd.GeoDataFrame) -> Result:
    """geopandas.overlay."""
    start = time.perf_counter()
    area = gpd.overlay(left, right.rename(columns={"id": "right_id"}), keep_geom_type=True).area.to_numpy()
    return _of_pieces(time.perf_counter() - start, area)


def sjoin(left: gpd.GeoDataFrame, right: gpd.GeoDataFrame) -> Result:
    """Geopandas sjoin + intersection."""
    start = time.perf_counter()
    pairs = gpd.sjoin(left, right)
    other = right.geometry.to_numpy()[pairs["index_right"]]
    area = shapely.area(shapely.intersection(pairs.geometry.to_numpy(), other))
    return _of_pieces(time.perf_counter() - start, area)


def _tree(left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    at_left, at_right = shapely.STRtree(right).query(left)
    order = np.argsort(at_right, kind="stable")
    return at_left[order], at_right[order]


def prepared(left: gpd.GeoDataFrame, right: gpd.GeoDataFrame) -> Result:
    """Shapely STRtree, prepared, covers shortcut, 1 thread."""
    small, large = left.geometry.to_numpy(), right.geometry.to_numpy()
    start = time.perf_counter()
    at_small, at_large = _tree(small, large)
    shapely.prepare(large)
    one, other = small[at_small], large[at_large]
    area = shapely.area(one)
    crossing = np.flatnonzero(~shapely.covers(other, one))
    crossing_meets = shapely.intersects(other[crossing], one[crossing])
    area[crossing[~crossing_meets]] = 0
    meets = crossing[crossing_meets]
    area[meets] = shapely.area(shapely.intersection(one[meets], other[meets]))
    return _of_pieces(time.perf_counter() - start, area)


def clipped(left: gpd.GeoDataFrame, right: gpd.GeoDataFrame) -> Result:
    """Shapely STRtree, clip to the box, then intersect, 2 threads."""
    small, large = left.geometry.to_numpy(), right.geometry.to_numpy()
    start = time.perf_counter()
    at_small, at_large = _tree(small, large)
    bounds = shapely.bounds(small)
    area = np.empty(len(at_small))

    def measure(half: slice) -> None:
        for i in range(len(area))[half]:
            title, land = small[at_small[i]], large[at_large[i]]
            area[i] = shapely.clip_by_rect(land, *bounds[at_small[i]]).intersection(title).area

    middle = len(area) // 2
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(measure, (slice(0, middle), slice(middle, None))))
    return _of_pieces(time.perf_counter() - start, area)


def _duckdb(left: gpd.GeoDataFrame, right: gpd.GeoDataFrame, area: str) -> Result:
    with TemporaryDirectory() as folder:
        con = duckdb.connect(str(Path(folder) / "bench.duckdb"))
        extension = next(Path(str(duckdb_extension_spatial.__file__)).parent.rglob("spatial.duckdb_extension"))
        con.execute(f"LOAD '{extension}'; SET threads = 2; SET enable_progress_bar = false")
        for name, frame in (("l", left), ("r", right)):
            wkb = frame.geometry.to_wkb().rename("wkb").to_frame()  # noqa: F841  read by the next statement
            con.execute(f"CREATE TABLE {name} AS SELECT ST_GeomFromWKB(wkb) AS g FROM wkb")
        start = time.perf_counter()
        rows = con.sql(f"SELECT {area} AS m2 FROM l JOIN r ON ST_Intersects(l.g, r.g)").fetchnumpy()
        return _of_pieces(time.perf_counter() - start, rows["m2"])


def duckdb_plain(left: gpd.GeoDataFrame, right: gpd.GeoDataFrame) -> Result:
    """DuckDB spatial join + ST_Intersection."""
    return _duckdb(left, right, "ST_Area(ST_Intersection(l.g, r.g))")


def duckdb_covers(left: gpd.GeoDataFrame, right: gpd.GeoDataFrame) -> Result:
    """DuckDB spatial join, covers shortcut."""
    return _duckdb(
        left, right, "CASE WHEN ST_Covers(r.g, l.g) THEN ST_Area(l.g) ELSE ST_Area(ST_Intersection(l.g, r.g)) END"
    )


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
    return _of_pieces(time.perf_counter() - start, area)


def kept(left: gpd.GeoDataFrame, right: gpd.GeoDataFrame) -> Result:
    """Lindero, areas, trees kept."""
    sides = _grounds(left, right)
    _ = sides[0].trees, sides[1].trees
    start = time.perf_counter()
    area = shared_area_m2(*sides, *candidates(*sides))
    result = _of_pieces(time.perf_counter() - start, area)
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


WAYS: dict[str, Callable[[gpd.GeoDataFrame, gpd.GeoDataFrame], Result]] = {
    way.__name__: way
    for way in (overlay, duckdb_plain, sjoin, duckdb_covers, prepared, clipped, kernel, kept, graded, footprints)
}


def _alone(name: str, folder: Path) -> None:
    """Run one way in this process and print what came of it as JSON."""
    frames = [gpd.read_parquet(folder / f"{side}.parquet") for side in ("left", "right")]
    seconds, pairs, hectares = WAYS[name](*frames)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"seconds": seconds, "pairs": pairs, "hectares": hectares, "peak_mb": peak}))


def main(size: str = "S", *names: str) -> None:
    with TemporaryDirectory() as folder:
        for side, frame in zip(("left", "right"), layers(size), strict=True):
            ground = Ground.of(frame)
            plane = gpd.GeoDataFrame({"id": ground.ids}, geometry=ground.shapes, crs=EQUAL_AREA)
            plane.to_parquet(Path(folder) / f"{side}.parquet")
            print(f"{side}: {len(plane):,} polygons, {shapely.get_num_coordinates(ground.shapes).sum():,} corners")
        results = {}
        for name in names or WAYS:
            command = [sys.executable, "-m", "bench.overlap", "--alone", name, folder]
            results[name] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    _print_table(results)


def _print_table(results: dict[str, dict[str, float]]) -> None:
    packages = ("geopandas", "shapely", "duckdb", "numpy", *(["numba"] if compiled.AVAILABLE else []))
    print(platform.python_version(), *(f"{package} {version(package)}" for package in packages), shapely.geos_version)
    best = min(result["seconds"] for name, result in results.items() if name != "footprints")
    print("| way | seconds | against the best | peak MB | pairs | ha |\n|---|---|---|---|---|---|")
    for name, result in results.items():
        row = (
            WAYS[name].__doc__,
            f"{result['seconds']:.3f}",
            f"{result['seconds'] / best:.1f}×",
            f"{result['peak_mb']:,}",
        )
        print("|", " | ".join((*row, f"{result['pairs']:,}", f"{result['hectares']:,.1f}")), "|")
    gross = [result["hectares"] for name, result in results.items() if name != "footprints"]
    agree = max(gross) - min(gross) <= 1e-6 * max(gross)
    print("all agree to 1e-6" if agree else "THEY DO NOT AGREE")
    if not agree:
        sys.exit(1)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--alone"]:
        _alone(sys.argv[2], Path(sys.argv[3]))
    else:
        main(*sys.argv[1:])
