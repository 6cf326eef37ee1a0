"""
Answers of the current map, kept for as long as it is the current one.

What is kept is shared by all readers: nothing that tells where somebody looked is kept, and no page changes a frame.
"""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Concatenate, ParamSpec, TypeVar

from lindero.app.current import open_map
from lindero.layers.database.map_database import Connection

LOOKED = "it tells where somebody looked"
NOWHERE: dict[str, str] = {}  # what is kept nowhere, by module and name, and why
_KEPT = 128
Told = ParamSpec("Told")
Answer = TypeVar("Answer")


def version() -> str:
    """Name of the current map."""
    return open_map.current().version


def cached(*, nowhere: str = "") -> Callable[[Callable[Concatenate[Connection, Told], Answer]], Callable[Told, Answer]]:
    """
    Ask the current map, or give what it answered before.

    Parameters
    ----------
    nowhere
        Why an answer is not kept: it is asked for anew each time, and listed in `NOWHERE`.

    Returns
    -------
    Callable
        Of a question that takes a connection to the map and what it is about, one that takes only what it is about,
        each a thing that can be hashed if the answer is kept.
    """

    def of_question(question: Callable[Concatenate[Connection, Told], Answer]) -> Callable[Told, Answer]:
        if nowhere:
            NOWHERE[f"{question.__module__}.{question.__name__}"] = nowhere

        @wraps(question)
        def asked(*about: Told.args, **more: Told.kwargs) -> Answer:
            if nowhere:
                return question(open_map.current().cursor(), *about, **more)
            answer: Answer = _kept(version(), question, *about, **more)  # type: ignore[assignment,arg-type]  # as asked
            return answer

        return asked

    return of_question


@lru_cache(maxsize=_KEPT)
def _kept(_version: str, question: Callable[..., object], *about: object, **more: object) -> object:
    return question(open_map.current().cursor(), *about, **more)
