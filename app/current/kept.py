"""
Answers of the current map, kept for as long as it is the current one.

What is kept is shared by all readers: nothing that tells where somebody looked is kept, and no page changes a frame.
"""

from collections.abc import Callable, Hashable
from functools import lru_cache
from typing import TypeVar

from app.current import served

_KEPT = 64
Answer = TypeVar("Answer")


def version() -> str:
    """Name of the current map."""
    return served.current().version


def last_zoom() -> int:
    """Closest zoom of the current map's tiles."""
    return served.current().last_zoom()


def asked(question: Callable[..., Answer], *about: Hashable) -> Answer:
    """
    Ask the current map, or give what it answered before.

    Parameters
    ----------
    question
        Takes a connection to the map, then `about`.
    """
    answer: Answer = _kept(version(), question, *about)  # type: ignore[assignment]  # what the question gives
    return answer


@lru_cache(maxsize=_KEPT)
def _kept(_version: str, question: Callable[..., object], *about: Hashable) -> object:
    return question(served.current().cursor(), *about)
