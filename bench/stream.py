"""
Overlaps of the layers of a continent in bounded memory, and the growth of their time.

    python -m bench stream [S L ...]

Concessions stay in memory. Territories are read from a GeoParquet file in neighbourhoods (along a Hilbert curve),
prepared, overlaid on the concessions, and released. Each size runs in its own process, with code compiled. Times are
wall clock and the processor seconds of all cores, which other work on the machine affects less. `areas` is trees, join
and areas, as `bench overlap` measures its kernel. `table` is the pair table with shares and certainty, on the same
trees.

`build_s` is the step of a build, in another process: from the rows of a map to its tables of pairs and of footprints,
both ways, including the sample that is checked against GEOS. It is the sum of `build_…_s`. These are not comparable
between sizes: trees are built while a large layer is prepared, but while a smaller layer is first overlaid on another.
"""

import datetime as dt
import itertools
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from bench.generate import layers
from bench.memory import peak_mb
from lindero.app.answers.engine import LOCAL_ENGINE
from lindero.app.builder.derived.layer_overlaps import compute_overlaps
from lindero.geo import PolygonLayer, overlap
from lindero.geo.overlay.intersection import ROUNDING_M2, find_candidates, shared_area_m2
from lindero.layers.database import map_database, map_writer
from lindero.layers.model.schema import LAYERS

ROWS = 1_024  # territories read at a time
SIDES = {"concessions": "left", "communities": "right"}
DAY = dt.date(2026, 6, 30)
LEAST_M2 = 100.0
LIMIT_MB = 3_000
LIMIT_GROWTH = 1.3


def main(*sizes: str) -> None:
    """Print a row for each size, and the growth in time relative to the growth in pairs."""
    rows = {}
    for size in sizes or ("S", "L"):
        with TemporaryDirectory() as folder:
            _write(size, Path(folder))
            streamed, built = (_run_in_process(f"--{way}", folder) for way in ("alone", "build"))
            assert streamed["pairs"] == built["pairs"]
            rows[size] = streamed | built
    names = list(next(iter(rows.values())))
    print("| size |", " | ".join(names), "|")
    print("|---" * (len(names) + 1) + "|")
    for size, row in rows.items():
        print(
            f"| {size} |", " | ".join(f"{value:,.2f}" if value % 1 else f"{value:,.0f}" for value in row.values()), "|"
        )
    for before, after in itertools.pairwise(rows):
        times = {name: rows[after][name] / rows[before][name] for name in names}
        grown = ", ".join(f"{name} {times[name] / times['pairs']:.2f}" for name in names if name.endswith("_s"))
        print(f"growth in time by growth in pairs, {before} to {after}: {grown} (promised: at most {LIMIT_GROWTH})")
    print(f"(promised: at most {LIMIT_MB:,} MB)")


def _run_in_process(way: str, folder: str) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.stream", way, folder]
    return dict(json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout))


def _write(size: str, folder: Path) -> None:
    for side, frame in zip(("left", "right"), layers(size), strict=True):
        neighbours = frame.iloc[np.argsort(frame.geometry.hilbert_distance(), kind="stable")]
        neighbours.to_parquet(folder / f"{side}.parquet", row_group_size=ROWS)


def _rows(file: Path, count: int = ROWS) -> Iterator[gpd.GeoDataFrame]:
    for batch in pq.ParquetFile(file, pre_buffer=False).iter_batches(batch_size=count):
        yield gpd.GeoDataFrame.from_arrow(pa.table(batch))


def _measure_stream(folder: Path) -> dict[str, float]:
    left = gpd.read_parquet(folder / "left.parquet")
    few = left.head(50)
    overlap(few, few)
    cpu = time.process_time()
    spent = dict.fromkeys(("prepare_s", "areas_s", "table_s"), 0.0)
    clock = _Clock(spent)
    titles = PolygonLayer.from_frame(left)
    del left
    clock.record("prepare_s")
    _ = titles.trees, titles.outlines.box_tree
    clock.record("areas_s")
    pairs, hectares, graded = 0, 0.0, 0
    for part in _rows(folder / "right.parquet"):
        lands = PolygonLayer.from_frame(part)
        clock.record("prepare_s")
        area = shared_area_m2(titles, lands, *find_candidates(titles, lands))
        area = area[area >= max(LEAST_M2, ROUNDING_M2)]
        pairs, hectares = pairs + len(area), hectares + float(area.sum()) / 10_000
        clock.record("areas_s")
        graded += len(overlap(titles, lands))
        clock.record("table_s")
    assert graded == pairs
    return {"pairs": pairs, "ha": hectares, **spent, "cpu_s": time.process_time() - cpu, "peak_mb": peak_mb()}


def _measure_build(folder: Path) -> dict[str, float]:
    con = map_writer.create_map(folder / ".map-new.duckdb")
    for layer, side in SIDES.items():
        _fill(con, layer, folder / f"{side}.parquet")
    few = LOCAL_ENGINE.prepare(next(_rows(folder / "left.parquet", 50)))
    LOCAL_ENGINE.footprint(LOCAL_ENGINE.overlap(few, few), few, few, by="left_id")  # compiles the kernels
    moments = [time.perf_counter()]

    def record_step(_step: str, done: int, _of: int) -> None:
        if not done:
            moments.append(time.perf_counter())

    compute_overlaps(con, LOCAL_ENGINE, record_step)
    moments.append(time.perf_counter())
    spent = [after - before for before, after in itertools.pairwise(moments)]
    names = ("build_prepare_s", "build_overlap_s", "build_footprint_s")
    peak = peak_mb()  # before the pairs are counted
    pairs = len(map_database.read_overlaps(con, *SIDES))
    return {**dict(zip(names, spent, strict=True)), "build_s": sum(spent), "build_peak_mb": peak, "pairs": pairs}


def _fill(con: map_database.Connection, layer: str, file: Path) -> None:
    """Write a layer into a map in chunks, as one source."""
    keys = {"source_id": layer, "snapshot_on": DAY}
    for rows in _rows(file, 16 * ROWS):
        map_writer.write_layer(con, LAYERS[layer], rows.assign(row_number=range(len(rows)), **keys))
    about = {"fingerprint": layer, "layer": layer, "publisher": "bench", "is_current": True}
    map_writer.write_table(con, "sources", pd.DataFrame([{**keys, **about}]))


class _Clock:
    """A clock that adds the time since its last call to a named total."""

    def __init__(self, spent: dict[str, float]) -> None:
        self.spent, self.since = spent, time.perf_counter()

    def record(self, name: str) -> None:
        now = time.perf_counter()
        self.spent[name] += now - self.since
        self.since = now


if __name__ == "__main__":
    ways = {"--alone": _measure_stream, "--build": _measure_build}
    if way := ways.get("".join(sys.argv[1:2])):
        print(json.dumps(way(Path(sys.argv[2]))))
    else:
        main(*sys.argv[1:])
