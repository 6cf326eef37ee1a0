"""
The cost of starting a command: processor seconds and memory of help, usage errors and small queries.

    python -m bench start [WORKSPACE]

Each command runs in its own process; the figures are the minimum of a few runs. Without a workspace, a copy of the
demonstration is used. The libraries that take longest to load are listed, too.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

TRIES = 3
LISTED = 6  # slowest imports that are listed
DEMO = Path(__file__).parents[1] / "lindero" / "data" / "demo"
LOADED = re.compile(r"^import time: +\d+ \| +(\d+) \| {0,3}([a-z]\S*)$", re.MULTILINE)
OFFERED = (["--version"], ["--help"], ["vault", "--help"], ["no-such-command"], ["near"])
ASKED = (["near", "-12.409", "-70.39"], ["overlaps", "concessions", "communities"], ["report"])


def main(workspace: str = "") -> None:
    """Print a row for each command, then the slowest imports of a query."""
    with TemporaryDirectory() as folder:
        folder_used = Path(workspace or shutil.copytree(DEMO, Path(folder) / "demo"))
        _run(
            ["build"], folder_used
        )  # in a process of its own: this process's memory would be counted with that of its children
        print("| command | processor s | MB |\n|---|---|---|")
        for words in (*OFFERED, *ASKED):
            spent = min(_run(words, folder_used) for _ in range(TRIES))
            print(f"| `lindero {' '.join(words)}` | {spent[0]:.2f} | {spent[1]:.0f} |", flush=True)
        print(f"\nOf `{' '.join(ASKED[0])}`, what took longest to load:")
        for seconds, name in _time_imports(ASKED[0], folder_used)[:LISTED]:
            print(f"  {seconds:.2f} s {name}")


def _run(words: list[str], workspace: Path) -> tuple[float, float]:
    """Return the processor seconds of a command, with all threads and children, and its peak memory (MB)."""
    started = subprocess.Popen(
        _command(words), env=_environment(workspace), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _pid, _state, used = os.wait4(started.pid, 0)
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def _time_imports(words: list[str], workspace: Path) -> list[tuple[float, str]]:
    completed = subprocess.run(
        _command(words, "-X", "importtime"), env=_environment(workspace), capture_output=True, text=True, check=True
    )
    return sorted(((int(spent) / 1e6, name) for spent, name in LOADED.findall(completed.stderr)), reverse=True)


def _command(words: list[str], *options: str) -> list[str]:
    return [sys.executable, *options, "-m", "lindero.app.cli", *words]


def _environment(workspace: Path) -> dict[str, str]:
    """
    Return the environment of a reader, in which bytecode is cached.

    Without the cache a command takes twice as long.
    """
    variables = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return variables | {"LINDERO_WORKSPACE": str(workspace), "LINDERO_LANG": "es"}


if __name__ == "__main__":
    main(*sys.argv[1:])
