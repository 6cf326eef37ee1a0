"""What is made once for all processes of a test run, and only read afterwards."""

from collections.abc import Callable
from fcntl import LOCK_EX, flock
from pathlib import Path

import pytest


def made_once(tmp_path_factory: pytest.TempPathFactory, name: str, make: Callable[[Path], Path]) -> Path:
    """
    Give what `make` has made in a folder of the run, whichever process came first; the others wait for it.

    `make` is given the empty folder, and gives the path of what it made; where it fails, the next to come begins anew.
    """
    base = tmp_path_factory.getbasetemp()
    run = base.parent if base.name.startswith("popen-") else base  # the processes of pytest-xdist have one each
    with (run / f"{name}.lock").open("a") as lock:
        flock(lock, LOCK_EX)
        whole = run / f"{name}.whole"
        if not whole.exists():
            whole.write_text(str(make(tmp_path_factory.mktemp(name))))
        return Path(whole.read_text())
