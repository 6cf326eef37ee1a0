import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from geo import compiled

if not compiled.AVAILABLE:
    pytest.fail("numba is not here") if "CI" in os.environ else pytest.skip(
        "numba is not here", allow_module_level=True
    )


@pytest.fixture
def package(tmp_path):
    """A package with two compiled functions, one of which calls the other, in a file of its own."""
    folder = tmp_path / "kernels"
    folder.mkdir()
    shutil.copy(Path(compiled.__file__), folder / "compiled.py")
    folder.joinpath("__init__.py").touch()
    head = "from kernels.compiled import compiled\n"
    folder.joinpath("inner.py").write_text(f"{head}\n\n@compiled\ndef inner(x):\n    return x + 1\n")
    folder.joinpath("outer.py").write_text(
        f"{head}from kernels.inner import inner\n\n\n@compiled\ndef outer(x):\n    return inner(x)\n"
    )
    return folder


def asked(package):
    """What the outer function gives for 1 in a new process, and whether it had to be compiled for it."""
    script = "from kernels.outer import outer; print(outer(1), sum(outer.stats.cache_misses.values()))"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=package.parent, check=True, capture_output=True, text=True
    )
    return tuple(map(int, done.stdout.split()))


def test_code_is_compiled_once(package):
    assert asked(package) == (2, 1)
    assert asked(package) == (2, 0)


def test_no_code_of_old_sources_is_run_when_what_it_calls_has_changed(package):
    asked(package)
    inner = package / "inner.py"
    inner.write_text(inner.read_text().replace("x + 1", "x + 10"))

    assert asked(package) == (11, 1)
    assert len(list((package / "__pycache__").glob("compiled-*"))) == 1
