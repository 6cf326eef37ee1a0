"""Thread pools for one kind of request each, so that many slow requests do not block the others."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

import anyio
from anyio import to_thread

from lindero.layers.errors import N_, LayerError

LONGEST_WAIT_S = 60.0
Answer = TypeVar("Answer")


class PoolBusyError(LayerError):
    """No thread of the pool became free in time."""


class Pool:
    """
    A pool of `threads` threads.

    Starlette has one pool of 40 threads for everything, which slow requests of one kind would fill.
    """

    def __init__(self, threads: int) -> None:
        self._limiter = anyio.CapacityLimiter(threads)
        self._turns = asyncio.Semaphore(threads)

    async def run(self, function: Callable[[], Answer]) -> Answer:
        """
        Run `function` in a thread of the pool and return its result.

        Raises
        ------
        PoolBusyError
            If no thread became free in `LONGEST_WAIT_S`.
        """
        try:
            async with asyncio.timeout(LONGEST_WAIT_S):
                await self._turns.acquire()
        except TimeoutError as error:
            raise PoolBusyError(N_("too many questions at once; ask again in a minute")) from error
        try:
            return await to_thread.run_sync(function, limiter=self._limiter)
        finally:
            self._turns.release()
