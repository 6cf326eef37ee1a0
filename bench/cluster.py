"""
Overlaps and footprints on a Dask cluster of one, two and four local workers, compared with this process.

    python -m bench cluster [XS|S|2S]

On the same invented data, every run must return identical rows, or the comparison fails. Times are wall clock: from
frames to the table of pairs, and from there to the footprint of every territory. Code is compiled and workers are
ready. Memory is the peak of any worker. This process has one thread per core, a worker has one thread.

Several workers, the scheduler and the building process need more than two cores. Each run is therefore repeated with
workers that take turns. Each worker then has a quarter of a core, however many there are, and the scheduler and the
building process have their own core. This simulates a separate machine of a quarter of the speed for every worker.
"""

import itertools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from bench.generate import layers
from bench.memory import peak_mb
from lindero.app.answers.engine import Engine
from lindero.app.builder.derived.dask_engine import Cluster

WORKERS = (1, 2, 4)
TURNS = "--turns"
TURN_S = 0.005


def main(size: str = "S") -> None:
    land = layers(size)
    few = [side.head(300) for side in land]
    with TemporaryDirectory() as folder:
        answers = {"this process": _measure_engine(Engine(), few, land)}
        for by_turns, workers in itertools.product((False, True), WORKERS):
            with _start_cluster(Path(folder), workers, by_turns=by_turns) as address, Cluster(address) as engine:
                engine.client.wait_for_workers(workers)
                name = f"{workers} worker{'s'[: workers - 1]}{' by turns' if by_turns else ''}"
                answers[name] = _measure_engine(engine, few, land)
    here = answers["this process"]
    print(f"{size}: {' × '.join(f'{len(side):,}' for side in land)}, {len(here.pairs):,} pairs")
    print("| way | overlaps, s | footprints, s | CPU, s | peak MB |\n|---|---|---|---|---|")
    for name, answer in answers.items():
        cpu = " + ".join(f"{seconds:.1f}" for seconds in answer.cpu_s)
        print(f"| {name} | {answer.overlap_s:.2f} | {answer.footprint_s:.2f} | {cpu} | {answer.peak_mb:,} |")
    for name, answer in list(answers.items())[1:]:
        one = answers["1 worker by turns" if name.endswith("by turns") else "1 worker"]
        overlaps, footprints = one.overlap_s / answer.overlap_s, one.footprint_s / answer.footprint_s
        if answer is not one:
            print(f"{name} against one: overlaps {overlaps:.2f} times, footprints {footprints:.2f} times as fast")
    for answer in answers.values():
        pd.testing.assert_frame_equal(answer.pairs, here.pairs, check_exact=True)
        pd.testing.assert_frame_equal(answer.footprints, here.footprints, check_exact=True)
    scheduler_mb = max(answer.scheduler_mb for answer in answers.values())
    print(f"peak of the scheduler: {scheduler_mb:,} MB; the same rows to the bit")


@dataclass(frozen=True)
class Answer:
    """The results of an engine, with times and memory."""

    overlap_s: float
    footprint_s: float
    cpu_s: list[float]  # of each worker, then of this process
    peak_mb: int
    scheduler_mb: int
    pairs: pd.DataFrame
    footprints: pd.DataFrame


def _measure_engine(engine: Engine, few: list, land: tuple) -> Answer:
    for _ in range(4):  # compiles the kernels on every worker
        sides = [engine.prepare(side) for side in few]
        engine.footprint(engine.overlap(*sides), *sides, by="right_id")
    start, cpu_before = time.perf_counter(), _cpu_s(engine)
    sides = [engine.prepare(side) for side in land]
    pairs = engine.overlap(*sides)
    between = time.perf_counter()
    footprints = engine.footprint(pairs, *sides, by="right_id")
    end = time.perf_counter()
    cpu = [after - before for before, after in zip(cpu_before, _cpu_s(engine), strict=True)]
    times = between - start, end - between, cpu
    if not isinstance(engine, Cluster):
        return Answer(*times, peak_mb(), 0, pairs, footprints)
    peaks = engine.client.run(peak_mb), engine.client.run_on_scheduler(peak_mb)
    return Answer(*times, max(peaks[0].values()), peaks[1], pairs, footprints)


def _cpu_s(engine: Engine) -> list[float]:
    workers = engine.client.run(time.process_time) if isinstance(engine, Cluster) else {}
    return [*(seconds for _worker, seconds in sorted(workers.items())), time.process_time()]


@contextmanager
def _start_cluster(folder: Path, workers: int, *, by_turns: bool) -> Generator[str]:
    file = folder / f"{workers}-{by_turns}.json"
    dask = [sys.executable, "-m"]
    scheduler = [*dask, "distributed.cli.dask_scheduler", "--no-dashboard", "--host", "127.0.0.1", "--port", "0"]
    worker = [*dask, "distributed.cli.dask_worker", "--no-dashboard", "--nthreads", "1", "--no-nanny"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    started = [subprocess.Popen([*scheduler, "--scheduler-file", str(file)], **quiet)]
    try:
        while not (file.exists() and file.read_text().endswith("}")):
            time.sleep(0.1)
        own = ["--scheduler-file", str(file), "--local-directory", str(folder)]
        started += [subprocess.Popen([*worker, *own], **quiet) for _ in range(workers)]
        if by_turns:
            turns = [sys.executable, "-m", "bench.cluster", TURNS, *(str(process.pid) for process in started[1:])]
            started.insert(0, subprocess.Popen(turns))
        yield json.loads(file.read_text())["address"]
    finally:
        for process in started:
            process.kill()
            process.wait()


def _take_turns(processes: list[int]) -> None:
    """Run one process after the other. A single process runs at every fourth turn, as one of four does."""
    for turn in itertools.cycle(range(WORKERS[-1])):
        for number, process in enumerate(processes):
            os.kill(process, signal.SIGCONT if number == turn else signal.SIGSTOP)
        time.sleep(TURN_S)


if __name__ == "__main__":
    if sys.argv[1:2] == [TURNS]:
        _take_turns([int(process) for process in sys.argv[2:]])
    else:
        main(*sys.argv[1:])
