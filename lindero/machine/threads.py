"""Work on long arrays shared out over threads; what they run should let go of the GIL, as compiled code does."""

import itertools
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from lindero.machine.resources import machine

CHUNK = 4_096  # pairs that a thread takes at a time

Part = TypeVar("Part")
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_threads: ContextVar[int | None] = ContextVar("threads", default=None)  # where none are set, all cores


@contextmanager
def on_one_core() -> Generator[None]:
    """Share nothing out: for a process that has one core to itself beside others of its kind. Decorates functions."""
    before = _threads.set(1)
    try:
        yield
    finally:
        _threads.reset(before)


def cores() -> int:
    """Say over how many threads work is shared out here."""
    return _threads.get() or machine().cores


def shared_out(work: Callable[[slice], Part], count: int, *, chunk: int = CHUNK) -> list[Part]:
    """
    Let threads work on a range, chunk by chunk, and give what came of each, in order.

    What a thread works on it shares out no further.
    """
    return list(one_by_one(work, count, chunk=chunk))


def one_by_one(work: Callable[[slice], Part], count: int, *, chunk: int = CHUNK) -> Iterator[Part]:
    """As `shared_out`, but give what came of each chunk as soon as it and those before it are done."""
    chunks = [slice(begin, min(begin + chunk, count)) for begin in range(0, count, chunk)]
    threads = cores()
    if len(chunks) == 1 or threads == 1:
        yield from map(work, chunks)
        return
    with ThreadPoolExecutor(threads) as pool:
        yield from pool.map(on_one_core()(work), chunks)


def runs(weights: Ints, *, features: int, most: int) -> list[slice]:
    """
    Part features of such weights: their numbers of corners, say.

    A part has at most so many features; it weighs about as much as `most`, for no feature is cut.
    """
    number = np.arange(len(weights)) // features + np.cumsum(weights) // most
    begins = np.flatnonzero(np.diff(number, prepend=-1))
    return [slice(begin, end) for begin, end in itertools.pairwise([*begins, len(weights)])]


def shared_by_weight(work: Callable[[slice], Part], weights: Ints, *, features: int, most: int) -> list[Part]:
    """
    As `shared_out`, in runs of about the same weight (`runs`), of corners say.

    The heaviest go first, for no feature is cut: one that is begun last would be waited for by all.
    """
    chunks = runs(weights, features=features, most=most)
    order = np.argsort([-weights[chunk].sum() for chunk in chunks], kind="stable")
    found = shared_out(lambda turn: work(chunks[order[turn.start]]), len(chunks), chunk=1)
    return [found[turn] for turn in np.argsort(order)]


def in_threads(work: Callable[[slice, Floats], None], count: int, *, chunk: int = CHUNK) -> Floats:
    """Let threads fill an array of numbers, chunk by chunk; `work` gets a slice and the part of the array to fill."""
    numbers = np.empty(count)
    shared_out(lambda chunk: work(chunk, numbers[chunk]), count, chunk=chunk)
    return numbers
