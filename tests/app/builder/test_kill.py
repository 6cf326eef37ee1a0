"""A build may die at any moment: who reads afterwards sees the map before or the map after, whole."""

import random
import signal
import time
from functools import partial

import pytest

from lindero.app.builder.build import build_map
from lindero.layers.disk import builds
from lindero.layers.errors import NotBuiltError
from lindero.layers.workspace import manifest_file
from lindero.layers.workspace.manifest_file import MANIFEST
from tests import forked
from tests.amount import amount
from tests.built import digest
from tests.files import concessions

pytestmark = pytest.mark.kills

KILLS = amount(8, 500)


def current(folder):
    return digest(builds.current_map(folder / "build"))


@pytest.fixture
def states(files):
    """A built workspace; the manifest of each of its two states by the digest of its map; how long a build takes."""
    files.add("communities", concessions(2).drop(columns=["holder", "status"]).assign(code=["K1", "K2"]))
    files.add("concessions", concessions(3))
    manifests = [(files.folder / MANIFEST).read_text(encoding="utf-8")]
    files.add("concessions", concessions(4, row=1), id="otra")
    manifests.append((files.folder / MANIFEST).read_text(encoding="utf-8"))
    known, took = {}, 0.0
    for manifest in manifests * 2:
        builds.write_atomically(files.folder / MANIFEST, manifest)
        started = time.monotonic()
        known[digest(build_map(manifest_file.load_workspace(files.folder)).path)] = manifest
        took = time.monotonic() - started
    assert len(known) == 2
    return files.folder, known, took


def building(folder, started):
    space = manifest_file.load_workspace(folder)
    started.send("begun")
    build_map(space)


@pytest.fixture(scope="module")
def child():
    """Start a build in a process of its own."""
    return partial(forked.begun, forked.context(), building)


def killed(process):
    """End a build by kill -9; tells whether it was still at work."""
    process.kill()
    process.join()
    return process.exitcode == -signal.SIGKILL


@pytest.mark.slow
def test_killed_builds_leave_the_map_before_or_the_map_after(states, child):
    folder, known, took = states
    moments = random.Random(20_261_124)
    cut_short, new = 0, 0
    left = current(folder)
    for _ in range(KILLS):
        before = left
        after = next(other for other in known if other != before)
        builds.write_atomically(folder / MANIFEST, known[after])
        process = child(folder)
        time.sleep(moments.uniform(0, 1.2 * took))
        cut_short += killed(process)
        left = current(folder)
        assert left in {before, after}
        new += left == after

    forked.tell("build", KILLS, cut_short, new)
    assert cut_short >= KILLS / 4
    for other, manifest in known.items():
        builds.write_atomically(folder / MANIFEST, manifest)
        assert digest(build_map(manifest_file.load_workspace(folder)).path) == other
    assert not list((folder / "build").glob(".map-*"))


def test_a_first_build_that_is_killed_leaves_no_map(files, child):
    files.add("concessions", concessions(3))

    assert killed(child(files.folder))
    with pytest.raises(NotBuiltError):
        builds.current_map(files.folder / "build")
    assert build_map(files.space).changed
