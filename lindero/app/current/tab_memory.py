"""
What was last asked in each tab of a browser, so that going back, reloading and coming back find it again.

In the memory of the server alone, and not for long: an address, and what a browser stores, would tell where somebody
looked. A tab is known by a token that it has drawn, which tells nothing.
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
MOST = 1_000


@dataclass(frozen=True)
class Question:
    """Where a reader asked about: words, with the choice among what they may mean, or a press on the map."""

    text: str = ""
    abroad: bool = False
    which: int | None = None
    press: tuple[float, float] | None = None
    by: str = ""


class Tabs:
    """The last question of each tab."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._last: OrderedDict[str, tuple[float, Question]] = OrderedDict()

    def keep(self, tab: str, question: Question) -> None:
        """Keep what was asked last, in place of what was asked before."""
        with self._lock:
            self._last.pop(tab, None)
            self._last[tab] = self._now() + KEPT_S, question
            self._clear()

    def last(self, tab: str) -> Question | None:
        """Give what was asked last; None if nothing was, or too long ago."""
        with self._lock:
            self._clear()
            return self._last[tab][1] if tab in self._last else None

    def forget(self, tab: str) -> None:
        """Keep nothing of a tab."""
        with self._lock:
            self._last.pop(tab, None)

    def _clear(self) -> None:
        """Let go of what is too old, and of the oldest of what is too much."""
        while self._last and (len(self._last) > MOST or next(iter(self._last.values()))[0] <= self._now()):
            self._last.popitem(last=False)


TABS = Tabs()
