"""
The machine's network, which one test at a time may change, and none while a browser is at work.

Chromium gives up whatever it is fetching when an interface comes or goes (ERR_NETWORK_CHANGED), and the page complains.
Tests run in several processes, so what they agree by is a lock on a file.
"""

import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import gettempdir

LOCK = Path(gettempdir()) / "lindero-tests-network.lock"
SETTLED_S = 3.0  # Chromium tells itself of a change up to two seconds later


@contextmanager
def used() -> Generator[None]:
    """Have the network stay as it is."""
    from fcntl import LOCK_SH

    with _locked(LOCK_SH):
        yield


@contextmanager
def changed() -> Generator[None]:
    """Have nobody use the network who minds that it changes."""
    from fcntl import LOCK_EX

    with _locked(LOCK_EX):
        yield
        time.sleep(SETTLED_S)


@contextmanager
def _locked(kind: int) -> Generator[None]:
    from fcntl import flock

    with LOCK.open("a") as file:
        flock(file, kind)
        yield
