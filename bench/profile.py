"""
Where the processor time of a whole command goes: a table whose rows add up to all of it.

    python -m bench profile [build|exposure|…] [XS|S]

A row is a function of Lindero that takes at most a tenth, or one that calls no other function that takes
`LEAST`. Time is the processor time of all threads while the main thread is in the function: threads that it waits
for, and a thread that reads the next source meanwhile. Child processes (the sandbox that reads files) have a row.
"""

import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from types import CodeType, FrameType

TENTH, LEAST, NEARLY_ALL = 0.1, 0.03, 0.7
LINDERO = str(Path(__file__).parents[1] / "lindero")
IMPORTS = "imports"
HELPERS = ("/machine", "/geo/geometry/prepared.py")  # they only run the work of their callers


@dataclass
class Node:
    """A function, called from the functions above it: seconds of processor time, including its children."""

    name: str
    seconds: float = 0.0
    children: dict[str, "Node"] = field(default_factory=dict)


def main(command: str = "build", size: str = "S") -> None:
    """Print the profile of a command, such as `build` or `exposure`, on a map of the invented country."""
    from bench import commands  # here, because the process that is measured imports this module

    with TemporaryDirectory() as folder:
        space = str(Path(folder) / "space")
        steps = [commands.init(Path(space), size)]
        for layer, path in zip(("concessions", "communities"), commands.write_files(size, Path(folder)), strict=False):
            steps.append(commands.add(layer, path, commands.SNAPSHOTS[0], Path(space), size))
        steps += [] if command == "build" else [commands.lindero("build", space)]
        for step in steps:
            subprocess.run(step, check=True, capture_output=True)
        words = (command, space) if command == "build" else (command, "--workspace", space)
        subprocess.run([sys.executable, "-m", "bench.profile", *words], check=True, stdout=subprocess.DEVNULL)


class Tracer:
    """
    A tree of the functions of Lindero that run in this process.

    A function of the main thread is given the processor time of all threads. A function of another thread is given its
    own, beneath the function that the main thread waits in. If the main thread does not wait for it, it has no row.
    """

    def __init__(self) -> None:
        self.root = Node("lindero")
        self._names: dict[CodeType, str | None] = {}
        self._main = [(self.root, 0.0)]
        self._threads = threading.local()
        self._lock = threading.Lock()

    @contextmanager
    def trace(self) -> Generator[None]:
        """Record the functions that are called in this context."""
        threading.setprofile(partial(self._trace, own=True))
        sys.setprofile(partial(self._trace, own=False))
        try:
            yield
        finally:
            sys.setprofile(None)
            threading.setprofile(None)
            self.root.seconds = time.process_time()

    def _trace(self, frame: FrameType, event: str, _arg: object, *, own: bool) -> None:
        if event not in {"call", "return"} or (name := self._function_name(frame.f_code)) is None:
            return
        stack, clock = self._main, time.process_time
        if own:
            clock = time.thread_time
            if not hasattr(self._threads, "stack"):
                self._threads.stack = [(self._main[-1][0], 0.0)]
            stack = self._threads.stack
        if event == "call":
            stack.append((stack[-1][0].children.setdefault(name, Node(name)), clock()))
        elif len(stack) > 1:
            node, start = stack.pop()
            if not own or self._main[-1][0] is stack[0][0]:
                with self._lock:
                    node.seconds += clock() - start

    def _function_name(self, code: CodeType) -> str | None:
        if code not in self._names:
            module = code.co_filename.removeprefix(LINDERO)
            left_out = module == code.co_filename or module.startswith(HELPERS) or code.co_name.startswith("<")
            name = IMPORTS if code.co_name == "_find_and_load" else None
            self._names[code] = name if left_out else f"{Path(module).stem}.{code.co_qualname}"
        return self._names[code]


def _profile_here(words: list[str]) -> None:
    """Run a command in this process, and print its table to standard error."""
    from lindero.app import cli

    sys.argv[1:] = words
    tracer = Tracer()
    with tracer.trace(), suppress(SystemExit):
        cli.main()
    root = tracer.root
    child = Node("child processes", sum(os.times()[2:4]) + sum(_running_children()))
    root.children[child.name] = child
    root.seconds += child.seconds
    print(format_profile(root), file=sys.stderr)


def _running_children() -> Iterator[float]:
    """Yield the processor seconds of each child process that has not ended."""
    from bench.memory import iter_descendants

    for process in iter_descendants("self"):
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        yield (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def format_profile(root: Node) -> str:
    """Format the rows of a profile as a table, with their shares of all processor time."""
    seconds: Counter[str] = Counter()
    for path, own_seconds in _iter_rows(root, root.seconds):
        shown = path[-1:] if path[-1] == IMPORTS else path if len(path) < 3 else (path[0], "…", path[-1])
        seconds[" › ".join(shown)] += own_seconds
    rows = [row for row in seconds.most_common() if row[1] >= LEAST * root.seconds]
    rows.append(("all else", root.seconds - sum(own_seconds for _, own_seconds in rows)))
    lines = [f"| {name} | {own_seconds:.1f} | {own_seconds / root.seconds:.0%} |" for name, own_seconds in rows]
    return "\n".join(["| function | processor s | share |", "|---|---|---|", *lines, f"| all | {root.seconds:.1f} | |"])


def _iter_rows(node: Node, total: float, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], float]]:
    """Yield a row for a small node, or the rows of its children and the rest of it. Begin paths where time divides."""
    most = node.seconds > NEARLY_ALL * total
    path = (node.name,) if most else (*path, node.name)
    large = [child for child in node.children.values() if child.seconds >= LEAST * total]
    if node.seconds <= TENTH * total or not large or node.name == IMPORTS:
        yield path, node.seconds
        return
    for child in large:
        yield from _iter_rows(child, total, () if most else path)
    yield (*path[:-1], f"{path[-1]}, the rest"), node.seconds - sum(child.seconds for child in large)


if __name__ == "__main__":
    _profile_here(sys.argv[1:])
