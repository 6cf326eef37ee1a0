"""
Answers of the current map, kept for as long as it is the current one.

What is kept is shared by all readers: nothing that tells where somebody looked is kept, and no page changes a frame.
"""

from collections.abc import Callable, Hashable
from functools import lru_cache
from typing import TypeVar

from lindero.app.current import open_map

_KEPT = 64
Answer = TypeVar("Answer")


def version() -> str:
    """Name of the current map."""
    return open_map.current().version


def last_zoom() -> int:
    """Closest zoom of the current map's tiles."""
    return open_map.current().last_zoom()


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
    return question(open_map.current().cursor(), *about)
