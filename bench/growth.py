"""
Growth of the time of a build's overlaps and footprints with the size of the layers, in this process.

    python -m bench growth [S 2S 4S ...]

Each size runs in its own process, with code compiled, from frames in degrees to the tables, including the sample that
is checked against GEOS. Times are wall clock and the processor seconds of all cores, which other work on the machine
affects less. An exponent of 1 means growth in proportion to the pairs.
"""

import itertools
import json
import math
import subprocess
import sys
import time

import shapely

from bench.generate import layers
from bench.memory import peak_mb
from lindero.app.answers.engine import Engine


def main(*sizes: str) -> None:
    """Print a row for each size."""
    grown = [_run_in_process(size) for size in sizes or ("S", "2S", "4S")]
    names = ("size", "features", "corners", "pairs", "prepare_s", "overlap_s", "footprint_s", "cpu_s", "peak_mb")
    print("|", " | ".join(names), "|")
    print("|---" * len(names) + "|")
    for row in grown:
        print("|", " | ".join(_format_value(row[name]) for name in names), "|")
    for before, after in itertools.pairwise(grown):
        pairs = math.log(after["pairs"] / before["pairs"])
        told = [f"{name} {math.log(after[name] / before[name]) / pairs:.2f}" for name in names[4:]]
        print(f"exponents from {before['size']} to {after['size']}: {', '.join(told)}")


def _run_in_process(size: str) -> dict:
    command = [sys.executable, "-m", "bench.growth", "--alone", size]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def _measure_size(size: str) -> dict:
    engine, land = Engine(), layers(size)
    few = [engine.prepare(side.head(300)) for side in land]
    engine.footprint(engine.overlap(*few), *few, by="right_id")
    cpu, moments = time.process_time(), [time.perf_counter()]
    sides = [engine.prepare(side) for side in land]
    moments.append(time.perf_counter())
    pairs = engine.overlap(*sides)
    moments.append(time.perf_counter())
    engine.footprint(pairs, *sides, by="right_id")
    moments.append(time.perf_counter())
    spent = [after - before for before, after in itertools.pairwise(moments)]
    return {
        "size": size,
        "features": sum(map(len, land)),
        "corners": int(sum(shapely.get_num_coordinates(side.geometry).sum() for side in land)),
        "pairs": len(pairs),
        **dict(zip(("prepare_s", "overlap_s", "footprint_s"), spent, strict=True)),
        "cpu_s": time.process_time() - cpu,
        "peak_mb": peak_mb(),
    }


def _format_value(value: float | str) -> str:
    return f"{value:.2f}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else value


if __name__ == "__main__":
    if sys.argv[1:2] == ["--alone"]:
        print(json.dumps(_measure_size(sys.argv[2])))
    else:
        main(*sys.argv[1:])
