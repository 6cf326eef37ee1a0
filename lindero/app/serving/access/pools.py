"""Bounded queues, so that many slow requests of one kind block neither each other nor the rest of the server.

A request that finds its queue full is told when to come again. A client that has left is taken out of the queue.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import Any, TypeVar

import anyio
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from lindero.layers.errors import N_, LayerError

LONGEST_WAIT_S = 30.0
SOONEST_S, LATEST_S = 5, 20  # to come again: spread, so that not everybody comes again at one instant
Answer = TypeVar("Answer")


class PoolBusyError(LayerError):
    """The queue of a pool is full, or no thread became free in time."""


class ClientLeftError(Exception):
    """The client closed its connection while its request waited."""


class Pool:
    """A pool of `threads` threads, for which at most `waiting` requests wait.

    Starlette has one pool of 40 threads for everything, which slow requests of one kind would fill.
    """

    def __init__(self, threads: int, *, waiting: int) -> None:
        self._limiter = anyio.CapacityLimiter(threads)
        self._turns = asyncio.Semaphore(threads)
        self._waiting, self._most_waiting = 0, waiting

    async def run(self, request: Request, function: Callable[[], Answer]) -> Answer:
        """Run `function` in a thread of the pool and return its result."""
        await self._wait_for_turn(request)
        try:
            return await to_thread.run_sync(function, limiter=self._limiter)
        finally:
            self._turns.release()

    def wrap_endpoint(self, answer: Callable[[Request], Response]) -> Callable[[Request], Awaitable[Response]]:
        """Wrap an endpoint to be answered by this pool."""

        async def endpoint(request: Request) -> Response:
            return await self.run(request, partial(answer, request))

        return endpoint

    async def _wait_for_turn(self, request: Request) -> None:
        if not self._turns.locked():
            await self._turns.acquire()
            return
        if self._waiting >= self._most_waiting:
            raise _busy_error()
        self._waiting += 1
        try:
            if not await wait_turn(self._turns.acquire(), _watch_client(request), LONGEST_WAIT_S):
                raise _busy_error()
        finally:
            self._waiting -= 1


def _busy_error() -> PoolBusyError:
    return PoolBusyError(N_("too many questions at once; ask again in a minute"))


async def wait_turn(
    turn: Coroutine[Any, Any, object], leaving: Coroutine[Any, Any, object], seconds: float | None = None
) -> bool:
    """Wait for a turn, at most for some seconds. Return whether it came."""
    tasks = waiting, left = asyncio.create_task(turn), asyncio.create_task(leaving)
    try:
        await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if left.done() and not waiting.done():
            raise ClientLeftError
        return waiting.done()
    finally:
        for task in tasks:
            task.cancel()


async def _watch_client(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def retry_header() -> dict[str, str]:
    """Return the header that says in how many seconds to come again."""
    return {"retry-after": str(SOONEST_S + secrets.randbelow(LATEST_S - SOONEST_S))}


def answer_busy(_request: Request, _error: Exception) -> Response:
    """Answer a request for which there was no room, or whose client has left."""
    return Response(status_code=503, headers=retry_header())
