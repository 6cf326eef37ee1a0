"""
An estimate of the gain of more cores for a build's overlaps and footprints, from processor seconds.

    python -m bench cores [SIZE] [CORES ...]

The layers are prepared, overlaid and their footprints computed, as in a build, but on one thread, in the chunks for the
largest of these numbers of cores. For each stretch that threads would divide, the processor seconds of every chunk are
recorded. A clock that is loaded before Python, and needs a C compiler, measures which of them were spent without the
interpreter's lock (the GIL).

The chunks are then assigned, in their order, to the first free core of a given number of cores. Work that is not
divided delays all cores. Work that holds the lock is done by one thread at a time, so a stretch takes at least that
long. Other effects (memory, caches, waiting for the lock when others need it) are not included: the estimate is a lower
bound.
"""

import ctypes
import heapq
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar, cast
from unittest.mock import patch

from bench.generate import layers
from lindero.app.answers.engine import Engine
from lindero.geo.overlay import overlap
from lindero.machine import threads

SIZE, CORES = "S", (1, 2, 4, 8, 16)
FEW = "XS"  # a small size, to load the compiled code
CLOCK = Path(__file__).with_name("without_lock.c")
Part = TypeVar("Part")


@dataclass(frozen=True)
class Stretch:
    """Processor seconds of work that threads divide: of each chunk, and of all work under the interpreter's lock."""

    chunks: list[float]
    locked: float = 0.0

    def estimate_seconds(self, cores: int) -> float:
        """Estimate the seconds on a number of cores."""
        return max(makespan(self.chunks, cores), self.locked)


@dataclass
class Step:
    """Processor seconds of one step: the total, and those of each stretch that threads divide."""

    name: str
    all: float = 0.0
    stretches: list[Stretch] = field(default_factory=list)

    @property
    def undivided_seconds(self) -> float:
        """The seconds of work that is not divided."""
        return self.all - sum(sum(stretch.chunks) for stretch in self.stretches)

    @property
    def locked_seconds(self) -> float:
        """The seconds of divided work that holds the lock."""
        return sum(stretch.locked for stretch in self.stretches)

    @property
    def longest(self) -> float:
        """The seconds of the longest chunk."""
        return max((seconds for stretch in self.stretches for seconds in stretch.chunks), default=0.0)

    def estimate_seconds(self, cores: int) -> float:
        """Estimate the seconds on a number of cores."""
        return self.undivided_seconds + sum(stretch.estimate_seconds(cores) for stretch in self.stretches)


def main(*words: str) -> None:
    """Measure in a separate process that loads the clock of the lock."""
    with TemporaryDirectory() as folder:
        clock = Path(folder, "without_lock.so")
        subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", clock, CLOCK, "-ldl"], check=True)
        command = [sys.executable, "-m", "bench.cores", *words]
        subprocess.run(command, check=True, env=os.environ | {"LD_PRELOAD": str(clock)})


def print_table(size: str = SIZE, *cores: str) -> None:
    """Print a row for each step and one for all, then the speed relative to one core and to two."""
    counts = tuple(map(int, cores)) or CORES
    steps = measure_steps(size, max(counts))
    print(f"size {size}, processor seconds on one thread, then the least that so many cores would take")
    head = "step", "on one thread", "nothing shares out", "shared out, holding the lock", "longest chunk"
    print("|", " | ".join([*head, *map(str, counts)]), "|\n" + "|---" * (len(head) + len(counts)) + "|")
    for step in steps:
        _row(
            step.name,
            step.all,
            step.undivided_seconds,
            step.locked_seconds,
            step.longest,
            *map(step.estimate_seconds, counts),
        )
    totals = [sum(step.estimate_seconds(count) for step in steps) for count in counts]
    alone, locked = sum(step.undivided_seconds for step in steps), sum(step.locked_seconds for step in steps)
    _row("all", sum(step.all for step in steps), alone, locked, max(step.longest for step in steps), *totals)
    for few in (1, 2):
        on_few = sum(step.estimate_seconds(few) for step in steps)
        ratios = (
            f"{on_few / total:.2f} ({count / few:g}) on {count}" for count, total in zip(counts, totals, strict=True)
        )
        print(f"times as fast as on {few} (and if all were shared out evenly):", ", ".join(ratios))


def _row(name: str, *seconds: float) -> None:
    print(f"| {name} |", " | ".join(f"{each:.3f}" for each in seconds), "|")


def measure_steps(size: str, most_cores: int) -> list[Step]:
    """Measure the steps of a build that overlay two layers of a size, in the chunks for a number of cores."""
    engine, land = Engine(), layers(size)
    few = [engine.prepare(side) for side in layers(FEW)]
    engine.footprint(engine.overlap(*few, with_range=True), *few, by="right_id", with_range=True)
    steps: list[Step] = []

    def time_step(name: str, work: Callable[[], Part]) -> Part:
        step = Step(name)
        steps.append(step)
        with patch.object(threads, "iter_chunk_results", _record_stretches(step, _load_lock_clock())):
            began = time.thread_time()
            found = work()
            step.all = time.thread_time() - began
        return found

    with patch.object(overlap, "cores", lambda: most_cores):
        sides = time_step("layers on the plane, with their trees", lambda: [engine.prepare(side) for side in land])
        pairs = time_step("pairs, shares and certainty, checked", lambda: engine.overlap(*sides, with_range=True))
        time_step(
            "ground counted once",
            lambda: engine.footprint(pairs, *sides, by="right_id", with_range=True),
        )
    return steps


def _record_stretches(step: Step, free_ns: Callable[[], int]) -> Callable[..., Iterator[object]]:
    """
    Return a replacement of `iter_chunk_results` that uses one thread and records each stretch.

    `free_ns` returns the time without the lock.
    """

    def one_by_one(work: Callable[[slice], Part], count: int, *, chunk: int = threads.CHUNK) -> Iterator[Part]:
        if threads.cores() == 1:  # inside a chunk that is already parallel
            yield from (work(slice(begin, min(begin + chunk, count))) for begin in range(0, count, chunk))
            return
        seconds, locked = list[float](), 0.0
        for begin in range(0, count, chunk):
            before, free = time.thread_time(), free_ns()
            with threads.use_one_core():
                found = work(slice(begin, min(begin + chunk, count)))
            seconds.append(time.thread_time() - before)
            locked += seconds[-1] - (free_ns() - free) / 1e9
            yield found
        step.stretches.append(Stretch(seconds, locked))

    return one_by_one


def makespan(chunks: list[float], cores: int) -> float:
    """Return when the last chunk ends, if each chunk in order goes to the first free core."""
    free = [0.0] * cores
    for seconds in chunks:
        heapq.heapreplace(free, free[0] + seconds)
    return max(free)


def _load_lock_clock() -> Callable[[], int]:
    """Return a function that returns the processor time (ns) of this process without the interpreter's lock."""
    clock = ctypes.CDLL(None).without_lock_ns
    clock.restype = ctypes.c_longlong
    return cast("Callable[[], int]", clock)


if __name__ == "__main__":
    print_table(*sys.argv[1:])
