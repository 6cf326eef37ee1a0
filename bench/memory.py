"""
The peak memory of processes.

`getrusage` is not used, because a child process starts with the peak of its parent there.
"""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

_EVERY_S = 0.2


def peak_mb(process: int | str = "self") -> int:
    """Return the peak memory of a Linux process so far in megabytes, or 0 if the process has ended."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    marks = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")]
    return int(marks[0]) // 1024 if marks else 0


@contextmanager
def watch_memory() -> Generator[dict[int, int]]:
    """Record the peak memory (MB, by process id) of all processes that this one and its children start."""
    peaks: dict[int, int] = {}
    over = threading.Event()

    def watch() -> None:
        while not over.wait(_EVERY_S):
            for process in iter_descendants("self"):
                peaks[process] = max(peaks.get(process, 0), peak_mb(process))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield peaks
    finally:
        over.set()
        watcher.join()


def iter_descendants(process: int | str) -> Generator[int]:
    """Yield the ids of all child processes of a process, including their children."""
    for listed in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            children = listed.read_text().split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        for child in map(int, children):
            yield child
            yield from iter_descendants(child)
