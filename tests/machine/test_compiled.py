import importlib
import multiprocessing
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lindero.geo.kernels import numba_jit
from lindero.machine import resources
from tests.needed import missing

if not numba_jit.HAS_NUMBA:
    missing("numba is not here")


FORK = multiprocessing.get_context("fork")  # to load numba takes longer than to compile these


@pytest.fixture(scope="module", autouse=True)
def _begun():
    """Have numba do here, once, what it does before it first compiles."""
    import numba

    assert numba.njit(lambda x: x + 1)(1) == 2


@pytest.fixture
def package(tmp_path):
    """A package with two compiled functions, one of which calls the other, in a file of its own."""
    folder = tmp_path / "geo" / "kernels"
    folder.mkdir(parents=True)
    shutil.copy(numba_jit.__file__, folder)
    folder.joinpath("__init__.py").touch()
    head = "from kernels.numba_jit import jit\n"
    folder.joinpath("inner.py").write_text(f"{head}\n\n@jit\ndef inner(x):\n    return x + 1\n")
    folder.joinpath("outer.py").write_text(
        f"{head}from kernels.inner import inner\n\n\n@jit\ndef outer(x):\n    return inner(x)\n"
    )
    return folder


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """The user's caches, of which this test has its own."""
    from lindero.machine import code_cache  # which needs numba

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(code_cache, "BESIDE", tmp_path / "beside")
    return tmp_path / "cache" / "lindero"


def asked(package, name="outer"):
    """What a function gives for 1 in a process that has loaded none of them, and whether it had to be compiled for it."""
    here, there = FORK.Pipe(duplex=False)
    process = FORK.Process(target=_told, args=(package.parent, name, there))
    process.start()
    there.close()
    try:
        return here.recv()
    finally:
        process.join()


def _told(folder, name, there):
    resources.cache_folder.cache_clear()  # what this process knows of the folder of before is not of a new one
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    function = getattr(importlib.import_module(f"kernels.{name}"), name)
    there.send((function(1), sum(function.stats.cache_misses.values())))


def asked_anew(package):
    """The same of the outer function, in a process that begins as the program does."""
    script = "from kernels.outer import outer; print(outer(1), sum(outer.stats.cache_misses.values()))"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=package.parent, check=True, capture_output=True, text=True
    )
    return tuple(map(int, done.stdout.split()))


def test_code_is_compiled_once(package):
    assert asked_anew(package) == (2, 1)
    assert asked_anew(package) == (2, 0)
    assert asked(package) == (2, 0)


def test_another_copy_of_the_program_finds_it_compiled(package, tmp_path):
    asked(package)
    (tmp_path / "clone" / "geo").mkdir(parents=True)
    copy = shutil.copytree(
        package, tmp_path / "clone" / "geo" / "kernels", ignore=shutil.ignore_patterns("__pycache__")
    )
    os.utime(copy / "outer.py", (0, 0))  # as a clone is of another day

    assert asked(copy) == (2, 0)


def test_a_cache_that_others_may_write_to_is_not_run(package, cache):
    cache.mkdir(parents=True)
    cache.chmod(0o777)

    assert asked(package) == (2, 1)
    assert list(cache.iterdir()) == []
    assert asked(package) == (2, 0)


def test_no_more_than_some_versions_are_retained(package, cache):
    for at in range(8):
        (cache / f"compiled-{at:016}").mkdir(parents=True)
    cache.chmod(0o700)
    asked(package)
    from lindero.machine import code_cache

    assert len(list(cache.glob("compiled-*"))) == code_cache.RETAINED


def test_no_code_of_old_sources_is_run_when_what_it_calls_has_changed(package):
    asked(package)
    inner = package / "inner.py"
    inner.write_text(inner.read_text().replace("x + 1", "x + 10"))

    assert asked(package) == (11, 1)


def test_every_function_that_a_kernel_calls_is_in_a_folder_that_is_hashed():
    """The hash is that of the kernels and of the geometry."""
    kernels = Path(numba_jit.__file__).parent
    imported = {
        module
        for path in kernels.glob("*.py")
        for module in re.findall(r"^ *from (lindero\.[\w.]+) import", path.read_text(), re.MULTILINE)
    }

    hashed = ("lindero.geo.geometry", "lindero.geo.kernels")
    assert "lindero.geo.kernels.chain_tree" in imported
    assert {module for module in imported if module.startswith(("lindero.geo", "lindero.layers", "lindero.app"))} == {
        module for module in imported if module.startswith(hashed)
    }
