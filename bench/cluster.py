"""
Overlaps on a Dask cluster of one and of two workers on this machine, against this process, on the same invented data.

    python -m bench cluster [XS|S]

Each way gives the same rows to the bit, or the run fails. Times are wall clock, from frames to the pair table, with
code compiled and workers ready.
"""

import json
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from app.cluster import Cluster
from app.laying import Engine, Here
from bench.generate import layers


def main(size: str = "S") -> None:
    land = layers(size)
    few = [side.head(300) for side in land]
    with TemporaryDirectory() as folder:
        answers = {"this process": _timed(Here(), few, land)}
        for workers in (1, 2):
            with _running(Path(folder), workers) as address, Cluster(address) as engine:
                engine.client.wait_for_workers(workers)
                answers[f"{workers} worker{'s'[: workers - 1]}"] = _timed(engine, few, land)
    print(f"{size}: {' × '.join(f'{len(side):,}' for side in land)}, {len(answers['this process'][1]):,} pairs")
    print("| way | seconds |\n|---|---|")
    for name, (seconds, _pairs) in answers.items():
        print(f"| {name} | {seconds:.2f} |")
    print(f"two workers against one: {answers['1 worker'][0] / answers['2 workers'][0]:.2f} times")
    for _seconds, pairs in answers.values():
        pd.testing.assert_frame_equal(pairs, answers["this process"][1], check_exact=True)
    print("the same rows to the bit")


def _timed(engine: Engine, few: list, land: tuple) -> tuple[float, pd.DataFrame]:
    for _ in range(4):  # compiled on every worker
        engine.overlap(*map(engine.prepare, few))
    start = time.perf_counter()
    pairs = engine.overlap(*map(engine.prepare, land))
    return time.perf_counter() - start, pairs


@contextmanager
def _running(folder: Path, workers: int) -> Generator[str]:
    file = folder / f"{workers}.json"
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
        yield json.loads(file.read_text())["address"]
    finally:
        for process in started:
            process.kill()
            process.wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
