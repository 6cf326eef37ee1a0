"""
What more cores would do for a build's overlaps and footprints, told by processor seconds on whatever machine there is.

    python -m bench cores [SIZE] [CORES ...]

The layers are prepared, laid over each other and their ground counted once, as a build does, on one thread. Of each
stretch that threads would share out the processor seconds of every chunk are noted. Then the chunks are given, in their
order, to the first of so many cores that is free; what nobody shares out is waited for by all. What cores take from one
another (memory, caches, the interpreter's lock between two calls) is not in it: it is the least that it would take.
"""

import heapq
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar
from unittest.mock import patch

from bench.generate import layers
from lindero.app.overlays.engine import Here
from lindero.geo import threads

SIZE, CORES = "S", (1, 2, 4, 8, 16)
FEW = "XS"  # to load what is compiled
Part = TypeVar("Part")


@dataclass
class Step:
    """Processor seconds of one step: all of them, and those of the chunks of each stretch that is shared out."""

    name: str
    all: float = 0.0
    stretches: list[list[float]] = field(default_factory=list)

    @property
    def alone(self) -> float:
        """What nothing shares out."""
        return self.all - sum(map(sum, self.stretches))

    def on(self, cores: int) -> float:
        """Give the seconds that it takes on so many cores."""
        return self.alone + sum(makespan(chunks, cores) for chunks in self.stretches)


def main(size: str = SIZE, *cores: str) -> None:
    """Print a row for each step, and one for all."""
    counts = tuple(map(int, cores)) or CORES
    steps = measured(size)
    print(f"size {size}, processor seconds on one thread, then the least that so many cores would take")
    print("| step | on one thread | nothing shares out | longest chunk |", " | ".join(map(str, counts)), "|")
    print("|---" * (4 + len(counts)) + "|")
    for step in steps:
        longest = max((max(chunks, default=0.0) for chunks in step.stretches), default=0.0)
        told = [step.all, step.alone, longest, *(step.on(count) for count in counts)]
        print(f"| {step.name} |", " | ".join(f"{seconds:.3f}" for seconds in told), "|")
    every, alone = sum(step.all for step in steps), sum(step.alone for step in steps)
    totals = [sum(step.on(count) for step in steps) for count in counts]
    print(f"| all | {every:.3f} | {alone:.3f} | |", " | ".join(f"{seconds:.3f}" for seconds in totals), "|")
    on_two = sum(step.on(2) for step in steps)
    told = (f"{count} cores {on_two / seconds:.2f}" for count, seconds in zip(counts, totals, strict=True))
    print("times as fast as two:", ", ".join(told))


def measured(size: str) -> list[Step]:
    """Give the steps of a build that lay two layers of a size over each other."""
    engine, land = Here(), layers(size)
    few = [engine.prepare(side) for side in layers(FEW)]
    engine.footprint(engine.overlap(*few, with_range=True), *few, by="right_id", with_range=True)
    steps: list[Step] = []

    def timed(name: str, work: Callable[[], Part]) -> Part:
        step = Step(name)
        steps.append(step)
        with patch.object(threads, "one_by_one", _noting(step)):
            began = time.thread_time()
            found = work()
            step.all = time.thread_time() - began
        return found

    sides = timed("layers on the plane, with their trees", lambda: [engine.prepare(side) for side in land])
    pairs = timed("pairs, shares and certainty, checked", lambda: engine.overlap(*sides, with_range=True))
    timed(
        "ground counted once",
        lambda: engine.footprint(pairs, *sides, by="right_id", with_range=True),
    )
    return steps


def _noting(step: Step) -> Callable[..., Iterator[object]]:
    def one_by_one(work: Callable[[slice], Part], count: int, *, chunk: int = threads.CHUNK) -> Iterator[Part]:
        seconds: list[float] = []
        for begin in range(0, count, chunk):
            before = time.thread_time()
            if threads._threads.get() == 1:  # noqa: SLF001  within a chunk that is shared out already
                found = work(slice(begin, min(begin + chunk, count)))
            else:
                with threads.on_one_core():
                    found = work(slice(begin, min(begin + chunk, count)))
                seconds.append(time.thread_time() - before)
            yield found
        step.stretches.append(seconds)

    return one_by_one


def makespan(chunks: list[float], cores: int) -> float:
    """Give when the last of some chunks ends, each taken in order by the first core that is free."""
    free = [0.0] * cores
    for seconds in chunks:
        heapq.heapreplace(free, free[0] + seconds)
    return max(free)


if __name__ == "__main__":
    main(*sys.argv[1:])
