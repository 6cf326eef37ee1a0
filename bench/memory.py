"""
The most memory that processes held.

Not by `getrusage`: there, a process that another one started begins with the peak of that one.
"""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

_EVERY_S = 0.2


def peak_mb(process: int | str = "self") -> int:
    """Give the most that a process of Linux held so far; 0 if it is gone."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    marks = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")]
    return int(marks[0]) // 1024 if marks else 0


@contextmanager
def watched() -> Generator[dict[int, int]]:
    """Note, for each process that this one starts, and those that they start, the most that it held (MB by its id)."""
    peaks: dict[int, int] = {}
    over = threading.Event()

    def watch() -> None:
        while not over.wait(_EVERY_S):
            for process in below("self"):
                peaks[process] = max(peaks.get(process, 0), peak_mb(process))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield peaks
    finally:
        over.set()
        watcher.join()


def below(process: int | str) -> Generator[int]:
    """Give the ids of the processes that a process started, and those that they started."""
    for listed in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            children = listed.read_text().split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        for child in map(int, children):
            yield child
            yield from below(child)
