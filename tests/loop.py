"""Coroutines run to their end by a test, also in a process in which Playwright has a loop of its own at work."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any


def run(work: Coroutine[Any, Any, Any]) -> Any:
    """Give what a coroutine gives, run in a thread that has no loop yet."""
    with ThreadPoolExecutor(1) as one:
        return one.submit(asyncio.run, work).result()
