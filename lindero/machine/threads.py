"""Work on long arrays, divided among threads. The work should release the GIL, as compiled code does."""

import itertools
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from lindero.machine.resources import machine

CHUNK = 4_096  # pairs per thread task

Part = TypeVar("Part")
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_threads: ContextVar[int | None] = ContextVar("threads", default=None)  # None: all cores


@contextmanager
def use_one_core() -> Generator[None]:
    """Run the work of a context in a single thread, for a process that has one core to itself.

    The context manager can also be used as a decorator of functions.
    """
    before = _threads.set(1)
    try:
        yield
    finally:
        _threads.reset(before)


def cores() -> int:
    """Return the number of threads among which work is divided in this context."""
    return _threads.get() or machine().cores


def map_chunks(work: Callable[[slice], Part], count: int, *, chunk: int = CHUNK) -> list[Part]:
    """Run `work` on the chunks of a range in threads, and return the results in the order of the chunks.

    Calls within `work` run in the same thread: work is not divided a second time.
    """
    return list(iter_chunk_results(work, count, chunk=chunk))


def iter_chunk_results(work: Callable[[slice], Part], count: int, *, chunk: int = CHUNK) -> Iterator[Part]:
    """Run `work` on the chunks of a range in threads, and yield the results in the order of the chunks.

    Each result is yielded as soon as it and all results before it are ready.
    """
    chunks = [slice(begin, min(begin + chunk, count)) for begin in range(0, count, chunk)]
    threads = cores()
    if len(chunks) == 1 or threads == 1:
        yield from map(work, chunks)
        return
    with ThreadPoolExecutor(threads) as pool:
        yield from pool.map(use_one_core()(work), chunks)


def split_by_weight(weights: Ints, *, max_features: int, max_weight: int) -> list[slice]:
    """Split consecutive features into slices of about the same total weight, for example by number of vertices.

    A slice has at most `max_features` features. Its weight is about `max_weight`, because features are not cut.
    """
    number = np.arange(len(weights)) // max_features + np.cumsum(weights) // max_weight
    begins = np.flatnonzero(np.diff(number, prepend=-1))
    return [slice(begin, end) for begin, end in itertools.pairwise([*begins, len(weights)])]


def map_weighted_chunks(
    work: Callable[[slice], Part], weights: Ints, *, max_features: int, max_weight: int
) -> list[Part]:
    """Run `work` in threads on slices of about the same weight, and return the results in the order of the slices.

    The heaviest slices run first: features are not cut, and a heavy slice that starts last would delay all threads.
    """
    chunks = split_by_weight(weights, max_features=max_features, max_weight=max_weight)
    order = np.argsort([-weights[chunk].sum() for chunk in chunks], kind="stable")
    results = map_chunks(lambda turn: work(chunks[order[turn.start]]), len(chunks), chunk=1)
    return [results[turn] for turn in np.argsort(order)]


def fill_array(work: Callable[[slice, Floats], None], count: int, *, chunk: int = CHUNK) -> Floats:
    """Fill an array of floats in threads, chunk by chunk. `work` receives a slice and the view of the array to fill."""
    numbers = np.empty(count)
    map_chunks(lambda chunk: work(chunk, numbers[chunk]), count, chunk=chunk)
    return numbers
