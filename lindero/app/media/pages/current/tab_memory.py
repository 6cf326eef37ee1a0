"""The last question of each browser tab, which is restored when the reader goes back, reloads or returns.

Questions are kept for a short time in the memory of the server only. A URL or the browser's storage would disclose
where a reader looked. A tab is identified by a random token.
"""

import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

HEADER = "x-lindero-tab"
TOKEN = re.compile(r"[0-9a-f]{32}")
KEPT_S = 30 * 60
MAX_TABS = 1_000


@dataclass(frozen=True)
class Question:
    """A reader's question about a place: a text and the choice among its matches, or a press on the map."""

    text: str = ""
    abroad: bool = False
    which: int | None = None
    press: tuple[float, float] | None = None
    by: str = ""


class TabMemory:
    """The last question of each tab."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._last: OrderedDict[str, tuple[float, Question]] = OrderedDict()

    def store(self, tab: str, question: Question) -> None:
        """Store the last question of a tab, and replace the previous one."""
        with self._lock:
            self._last.pop(tab, None)
            self._last[tab] = self._now() + KEPT_S, question
            self._remove_old()

    def find_last(self, tab: str) -> Question | None:
        """Return the last question of a tab, or None if there is none or it has expired."""
        with self._lock:
            self._remove_old()
            return self._last[tab][1] if tab in self._last else None

    def delete(self, tab: str) -> None:
        """Delete the question of a tab."""
        with self._lock:
            self._last.pop(tab, None)

    def _remove_old(self) -> None:
        """Remove expired questions, and the oldest ones beyond the limit."""
        while self._last and (len(self._last) > MAX_TABS or next(iter(self._last.values()))[0] <= self._now()):
            self._last.popitem(last=False)


TABS = TabMemory()
