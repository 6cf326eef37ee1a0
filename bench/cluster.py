"""
Overlaps and footprints on a Dask cluster of one and of two workers on this machine, against this process.

    python -m bench cluster [XS|S|2S]

On the same invented data, each way gives the same rows to the bit, or the run fails. Times are wall clock, from frames
to the table of pairs and from there to the ground of every territory counted once, with code compiled and workers
ready; memory is the most that any worker had. This process has as many threads as there are cores, a worker has one.

Two workers, the scheduler and the building process are more than two cores. So each run is made again with workers that
run by turns, which leaves each half a core whether there is another or not, and the others a core of their own: as if
every worker were a machine of half the speed.
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
from lindero.app.overlays.dask_engine import Cluster
from lindero.app.overlays.engine import Engine, Here

TURNS = "--turns"
TURN_S = 0.005


def main(size: str = "S") -> None:
    land = layers(size)
    few = [side.head(300) for side in land]
    with TemporaryDirectory() as folder:
        answers = {"this process": _timed(Here(), few, land)}
        for by_turns, workers in itertools.product((False, True), (1, 2)):
            with _running(Path(folder), workers, by_turns=by_turns) as address, Cluster(address) as engine:
                engine.client.wait_for_workers(workers)
                name = f"{workers} worker{'s'[: workers - 1]}{' by turns' if by_turns else ''}"
                answers[name] = _timed(engine, few, land)
    here, *clusters = answers.values()
    print(f"{size}: {' × '.join(f'{len(side):,}' for side in land)}, {len(here.pairs):,} pairs")
    print("| way | overlaps, s | footprints, s | CPU, s | peak MB |\n|---|---|---|---|---|")
    for name, answer in answers.items():
        cpu = " + ".join(f"{seconds:.1f}" for seconds in answer.cpu_s)
        print(f"| {name} | {answer.overlap_s:.2f} | {answer.footprint_s:.2f} | {cpu} | {answer.peak_mb:,} |")
    for how, one, two in zip(("", " by turns"), clusters[::2], clusters[1::2], strict=True):
        print(f"two workers against one{how}, overlaps: {one.overlap_s / two.overlap_s:.2f} times")
        print(f"two workers against one{how}, footprints: {one.footprint_s / two.footprint_s:.2f} times")
    for answer in answers.values():
        pd.testing.assert_frame_equal(answer.pairs, here.pairs, check_exact=True)
        pd.testing.assert_frame_equal(answer.footprints, here.footprints, check_exact=True)
    print(f"peak of the scheduler: {clusters[1].scheduler_mb:,} MB; the same rows to the bit")


@dataclass(frozen=True)
class Answer:
    """What an engine gave, and what it took."""

    overlap_s: float
    footprint_s: float
    cpu_s: list[float]  # of each worker, then of this process
    peak_mb: int
    scheduler_mb: int
    pairs: pd.DataFrame
    footprints: pd.DataFrame


def _timed(engine: Engine, few: list, land: tuple) -> Answer:
    for _ in range(4):  # compiled on every worker
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
def _running(folder: Path, workers: int, *, by_turns: bool) -> Generator[str]:
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
    """Let the first of two processes run, then the other, and so on; one alone runs at every second turn."""
    for turn in itertools.cycle(range(2)):
        for number, process in enumerate(processes):
            os.kill(process, signal.SIGCONT if number == turn else signal.SIGSTOP)
        time.sleep(TURN_S)


if __name__ == "__main__":
    if sys.argv[1:2] == [TURNS]:
        _take_turns([int(process) for process in sys.argv[2:]])
    else:
        main(*sys.argv[1:])
