"""A cache of answers of the current map. Its entries are used until another map becomes current.

All readers share the cache. Answers that disclose the place a reader looked at are never cached, and no page modifies a
cached frame.
"""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Concatenate, ParamSpec, TypeVar

from lindero.app.media.pages.current import open_map
from lindero.layers.database.map_database import Connection

POSITION_PRIVACY = "it tells where somebody looked"
UNCACHED_REASONS: dict[str, str] = {}  # questions without a cache: module and name, and the reason
_MAX_ENTRIES = 128
Params = ParamSpec("Params")
Answer = TypeVar("Answer")


def map_version() -> str:
    """Return the name of the current map."""
    return open_map.current_map().version


def cache_answer(
    *, uncached_because: str = ""
) -> Callable[[Callable[Concatenate[Connection, Params], Answer]], Callable[Params, Answer]]:
    """Return a decorator that runs a question on the current map and caches its answer.

    `uncached_because`: the reason why answers are not cached. The question is then computed for each call, and listed
    in `UNCACHED_REASONS`.
    """

    def decorate(question: Callable[Concatenate[Connection, Params], Answer]) -> Callable[Params, Answer]:
        if uncached_because:
            UNCACHED_REASONS[f"{question.__module__}.{question.__name__}"] = uncached_because

        @wraps(question)
        def ask(*about: Params.args, **more: Params.kwargs) -> Answer:
            if uncached_because:
                return question(open_map.answer_cursor(), *about, **more)
            answer: Answer = _cached_answer(map_version(), question, *about, **more)  # type: ignore[assignment,arg-type]  # as asked
            return answer

        return ask

    return decorate


@lru_cache(maxsize=_MAX_ENTRIES)
def _cached_answer(_version: str, question: Callable[..., object], *about: object, **more: object) -> object:
    return question(open_map.current_map().open_cursor(), *about, **more)
