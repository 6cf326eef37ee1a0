"""
Processor seconds of each test, its set-up included: this process, those that it started, and those that they started.

Seconds of a clock say how busy a machine is; processor seconds say what a test costs. The slowest are listed after each
run, those of each file after them, and what is above `LIMIT_S` without the marker `slow` is named. Nothing fails by it.
"""

import os
import time
from collections import defaultdict
from collections.abc import Generator, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

LISTED = 30
LIMIT_S = 10.0
QUICK_S = 0.5  # by the clock, and of what has ended
LISTS = Path("/proc/thread-self/children")
KEY = "processor_s"
SLOW = "slow"


def own_s() -> tuple[float, float]:
    """Give the processor seconds of this process, and of what it started that has ended, and what that started."""
    now = os.times()
    return now.user + now.system, now.children_user + now.children_system


def descendants_s() -> float:
    """Add up the processor seconds of all that this process started and that lives, and of what that started."""
    return sum(map(_seconds, _descendants(os.getpid())))


def _descendants(pid: int) -> Iterator[int]:
    """Give all that a process started: read of these alone, as psutil reads of every process of the machine."""
    if not LISTS.exists():  # no Linux, or one that keeps no such lists
        yield from (child.pid for child in psutil.Process(pid).children(recursive=True))
        return
    for listed in Path("/proc", str(pid), "task").glob("*/children"):
        with suppress(OSError):  # the thread, or the process, has ended
            for child in map(int, listed.read_text().split()):
                yield child
                yield from _descendants(child)


def _seconds(pid: int) -> float:
    try:
        times = psutil.Process(pid).cpu_times()
    except psutil.NoSuchProcess:
        return 0.0  # counted by whoever started it, as soon as it has been waited for
    return float(times.user + times.system + times.children_user + times.children_system)


class Account:
    """What each test took, gathered where the run is reported."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self.slow: set[str] = set()
        self.began = 0.0, (0.0, 0.0)
        self.descendants = 0.0

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self) -> Generator[None, object, object]:
        """Measure one test from its set-up to its end, and leave the sum to its last report."""
        self.began = time.monotonic(), own_s()
        return (yield)

    def taken(self) -> float:
        """
        Give the processor seconds since the test began.

        To look at all threads of a browser takes longer than half of the tests, so that those that are quick, and in
        which little ended, are not asked for what runs beside them: it is counted with the next that is not.
        """
        clock, (here, ended) = self.began
        here_now, ended_now = own_s()
        took = here_now - here + ended_now - ended
        if time.monotonic() - clock < QUICK_S and ended_now - ended < QUICK_S:
            return took
        before, self.descendants = self.descendants, descendants_s()
        return max(0.0, took + self.descendants - before)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Write on the last report of a test what it took; a worker's reports reach the process that lists them."""
        report = yield
        if call.when == "teardown":
            report.user_properties = [(KEY, self.taken()), (SLOW, item.get_closest_marker(SLOW) is not None)]
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take up what a test took."""
        told = dict(report.user_properties)
        if report.when == "teardown" and KEY in told:
            self.seconds[report.nodeid] += float(told[KEY])
            if told[SLOW]:
                self.slow.add(report.nodeid)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """List the slowest tests, and name those that should be marked."""
        slowest = _by_seconds(self.seconds)
        if not slowest:
            return
        terminalreporter.section(f"slowest {min(LISTED, len(slowest))} in processor seconds")
        for name, took in slowest[:LISTED]:
            terminalreporter.line(f"{took:7.1f}  {name}")
        terminalreporter.line(f"{sum(self.seconds.values()):7.0f}  in all, of {len(slowest)} tests")
        for name, took in self._of_files()[:LISTED]:
            terminalreporter.line(f"{took:7.1f}  {name}")
        for name, took in slowest:
            if took > LIMIT_S and name not in self.slow:
                terminalreporter.line(f"above {LIMIT_S:.0f} s without the marker {SLOW}: {name}", yellow=True)

    def _of_files(self) -> list[tuple[str, float]]:
        files: defaultdict[str, float] = defaultdict(float)
        for name, took in self.seconds.items():
            files[name.split("::")[0]] += took
        return _by_seconds(files)


def _by_seconds(seconds: dict[str, float]) -> list[tuple[str, float]]:
    return sorted(seconds.items(), key=lambda each: -each[1])


def pytest_configure(config: pytest.Config) -> None:
    """Take part in every run, and make the marker known."""
    config.addinivalue_line("markers", f"{SLOW}: takes more than {LIMIT_S:.0f} processor seconds, and is worth it")
    config.pluginmanager.register(Account(), "processor-time")
