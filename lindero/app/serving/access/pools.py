"""Threads of one kind of answer: however many ask for it, other answers never wait for its threads."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

import anyio
from anyio import to_thread

from lindero.layers.errors import N_, LayerError

LONGEST_WAIT_S = 60.0
Answer = TypeVar("Answer")


class PoolBusyError(LayerError):
    """All threads of a pool were at work for as long as somebody may wait."""


class Pool:
    """
    A pool of `threads` threads.

    Starlette has one pool of 40 for all: as many slow answers of one kind would hold up every other.
    """

    def __init__(self, threads: int) -> None:
        self._limiter = anyio.CapacityLimiter(threads)
        self._turns = asyncio.Semaphore(threads)

    async def run(self, function: Callable[[], Answer]) -> Answer:
        """
        Return what `function` returns in a thread of the pool.

        Raises
        ------
        PoolBusyError
            If no thread became free in `LONGEST_WAIT_S`.
        """
        try:
            async with asyncio.timeout(LONGEST_WAIT_S):
                await self._turns.acquire()
        except TimeoutError as error:
            raise PoolBusyError(N_("too many are asking at once: ask again in a minute")) from error
        try:
            return await to_thread.run_sync(function, limiter=self._limiter)
        finally:
            self._turns.release()
