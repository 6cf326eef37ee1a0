"""
What a command costs before it does anything: processor seconds and memory of help, usage errors and small questions.

    python -m bench start [WORKSPACE]

Each in a process of its own, the least of a few; without a workspace, on a copy of the demonstration's. With the
libraries that took longest to load.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

TRIES = 3
LISTED = 6  # of what took longest to load
DEMO = Path(__file__).parents[1] / "lindero" / "data" / "demo"
LOADED = re.compile(r"^import time: +\d+ \| +(\d+) \| {0,3}([a-z]\S*)$", re.MULTILINE)
OFFERED = (["--version"], ["--help"], ["vault", "--help"], ["no-such-command"], ["near"])
ASKED = (["near", "-12.409", "-70.39"], ["overlaps", "concessions", "communities"], ["report"])


def main(workspace: str = "") -> None:
    """Print a row for each command, then what a question loads."""
    with TemporaryDirectory() as folder:
        at = Path(workspace or shutil.copytree(DEMO, Path(folder) / "demo"))
        _run(["build"], at)  # in a process of its own: what this one holds would be counted with its children's
        print("| command | processor s | MB |\n|---|---|---|")
        for words in (*OFFERED, *ASKED):
            spent = min(_run(words, at) for _ in range(TRIES))
            print(f"| `lindero {' '.join(words)}` | {spent[0]:.2f} | {spent[1]:.0f} |", flush=True)
        print(f"\nOf `{' '.join(ASKED[0])}`, what took longest to load:")
        for seconds, name in _loaded(ASKED[0], at)[:LISTED]:
            print(f"  {seconds:.2f} s {name}")


def _run(words: list[str], workspace: Path) -> tuple[float, float]:
    """Give processor seconds, of all threads and children, and the most memory (MB) of a command."""
    started = subprocess.Popen(
        _command(words), env=_environment(workspace), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _pid, _state, used = os.wait4(started.pid, 0)
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def _loaded(words: list[str], workspace: Path) -> list[tuple[float, str]]:
    told = subprocess.run(
        _command(words, "-X", "importtime"), env=_environment(workspace), capture_output=True, text=True, check=True
    )
    return sorted(((int(spent) / 1e6, name) for spent, name in LOADED.findall(told.stderr)), reverse=True)


def _command(words: list[str], *options: str) -> list[str]:
    return [sys.executable, *options, "-m", "lindero.app.cli", *words]


def _environment(workspace: Path) -> dict[str, str]:
    """Give a reader's environment, who keeps bytecode: to compile the sources anew doubles what a command takes."""
    own = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return own | {"LINDERO_WORKSPACE": str(workspace), "LINDERO_LANG": "es"}


if __name__ == "__main__":
    main(*sys.argv[1:])
