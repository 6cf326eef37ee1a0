"""
What more cores would do for a build's overlaps and footprints, told by processor seconds on whatever machine there is.

    python -m bench cores [SIZE] [CORES ...]

The layers are prepared, laid over each other and their ground counted once, as a build does, on one thread, in the
chunks that the largest of these numbers of cores would take. Of each stretch that threads would share out the processor
seconds of every chunk are noted, and which of them it worked without the interpreter's lock (the GIL), by a clock that
is loaded before Python; it needs a C compiler. Then the chunks are given, in their order, to the first of so many cores
that is free; what nobody shares out is waited for by all, and what holds the lock is done by one thread at a time, so
that a stretch takes that long at least. What cores take from one another besides (memory, caches, waiting for the lock
while others need it more often than it is there) is not in it: it is the least that it would take.
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
from lindero.app.derived.engine import Engine
from lindero.geo.overlay import overlap
from lindero.machine import threads

SIZE, CORES = "S", (1, 2, 4, 8, 16)
FEW = "XS"  # to load what is compiled
CLOCK = Path(__file__).with_name("without_lock.c")
Part = TypeVar("Part")


@dataclass(frozen=True)
class Stretch:
    """Processor seconds of what threads share out: of each chunk, and of all that hold the interpreter's lock."""

    chunks: list[float]
    locked: float = 0.0

    def on(self, cores: int) -> float:
        """Give the seconds that it takes on so many cores."""
        return max(makespan(self.chunks, cores), self.locked)


@dataclass
class Step:
    """Processor seconds of one step: all of them, and those of each stretch that is shared out."""

    name: str
    all: float = 0.0
    stretches: list[Stretch] = field(default_factory=list)

    @property
    def alone(self) -> float:
        """What nothing shares out."""
        return self.all - sum(sum(stretch.chunks) for stretch in self.stretches)

    @property
    def locked(self) -> float:
        """What is shared out, and yet done by one thread at a time."""
        return sum(stretch.locked for stretch in self.stretches)

    @property
    def longest(self) -> float:
        """The longest chunk."""
        return max((seconds for stretch in self.stretches for seconds in stretch.chunks), default=0.0)

    def on(self, cores: int) -> float:
        """Give the seconds that it takes on so many cores."""
        return self.alone + sum(stretch.on(cores) for stretch in self.stretches)


def main(*words: str) -> None:
    """Measure in a process of its own, into which the clock of the lock is loaded."""
    with TemporaryDirectory() as folder:
        clock = Path(folder, "without_lock.so")
        subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", clock, CLOCK, "-ldl"], check=True)
        command = [sys.executable, "-m", "bench.cores", *words]
        subprocess.run(command, check=True, env=os.environ | {"LD_PRELOAD": str(clock)})


def tell(size: str = SIZE, *cores: str) -> None:
    """Print a row for each step, and one for all; then how many times as fast as one core, and as two."""
    counts = tuple(map(int, cores)) or CORES
    steps = measured(size, max(counts))
    print(f"size {size}, processor seconds on one thread, then the least that so many cores would take")
    head = "step", "on one thread", "nothing shares out", "shared out, holding the lock", "longest chunk"
    print("|", " | ".join([*head, *map(str, counts)]), "|\n" + "|---" * (len(head) + len(counts)) + "|")
    for step in steps:
        _row(step.name, step.all, step.alone, step.locked, step.longest, *map(step.on, counts))
    totals = [sum(step.on(count) for step in steps) for count in counts]
    alone, locked = sum(step.alone for step in steps), sum(step.locked for step in steps)
    _row("all", sum(step.all for step in steps), alone, locked, max(step.longest for step in steps), *totals)
    for few in (1, 2):
        on_few = sum(step.on(few) for step in steps)
        told = (
            f"{on_few / total:.2f} ({count / few:g}) on {count}" for count, total in zip(counts, totals, strict=True)
        )
        print(f"times as fast as on {few} (and if all were shared out evenly):", ", ".join(told))


def _row(name: str, *seconds: float) -> None:
    print(f"| {name} |", " | ".join(f"{each:.3f}" for each in seconds), "|")


def measured(size: str, most_cores: int) -> list[Step]:
    """Give the steps of a build that lay two layers of a size over each other, in the chunks of so many cores."""
    engine, land = Engine(), layers(size)
    few = [engine.prepare(side) for side in layers(FEW)]
    engine.footprint(engine.overlap(*few, with_range=True), *few, by="right_id", with_range=True)
    steps: list[Step] = []

    def timed(name: str, work: Callable[[], Part]) -> Part:
        step = Step(name)
        steps.append(step)
        with patch.object(threads, "one_by_one", _noting(step, _without_lock())):
            began = time.thread_time()
            found = work()
            step.all = time.thread_time() - began
        return found

    with patch.object(overlap, "cores", lambda: most_cores):
        sides = timed("layers on the plane, with their trees", lambda: [engine.prepare(side) for side in land])
        pairs = timed("pairs, shares and certainty, checked", lambda: engine.overlap(*sides, with_range=True))
        timed(
            "ground counted once",
            lambda: engine.footprint(pairs, *sides, by="right_id", with_range=True),
        )
    return steps


def _noting(step: Step, free_ns: Callable[[], int]) -> Callable[..., Iterator[object]]:
    """Do as `one_by_one` does on one thread, and note each stretch; `free_ns` tells the time without the lock."""

    def one_by_one(work: Callable[[slice], Part], count: int, *, chunk: int = threads.CHUNK) -> Iterator[Part]:
        if threads.cores() == 1:  # within a chunk that is shared out already
            yield from (work(slice(begin, min(begin + chunk, count))) for begin in range(0, count, chunk))
            return
        seconds, locked = list[float](), 0.0
        for begin in range(0, count, chunk):
            before, free = time.thread_time(), free_ns()
            with threads.on_one_core():
                found = work(slice(begin, min(begin + chunk, count)))
            seconds.append(time.thread_time() - before)
            locked += seconds[-1] - (free_ns() - free) / 1e9
            yield found
        step.stretches.append(Stretch(seconds, locked))

    return one_by_one


def makespan(chunks: list[float], cores: int) -> float:
    """Give when the last of some chunks ends, each taken in order by the first core that is free."""
    free = [0.0] * cores
    for seconds in chunks:
        heapq.heapreplace(free, free[0] + seconds)
    return max(free)


def _without_lock() -> Callable[[], int]:
    """Give what tells for how many ns of processor time this process has worked without the interpreter's lock."""
    told = ctypes.CDLL(None).without_lock_ns
    told.restype = ctypes.c_longlong
    return cast("Callable[[], int]", told)


if __name__ == "__main__":
    tell(*sys.argv[1:])
