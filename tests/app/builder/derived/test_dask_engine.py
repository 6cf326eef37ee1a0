"""Overlaps on a real Dask cluster: processes of their own that share no memory with this one."""

import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from typer.testing import CliRunner

from lindero.app.answers.engine import Engine
from lindero.app.answers.hotspots.choices import CountedQuantity
from lindero.app.answers.hotspots.question import Question
from lindero.app.answers.hotspots.report import hotspot_report
from lindero.app.builder.build import build_map
from lindero.app.builder.derived import dask_engine
from lindero.app.builder.derived.dask_engine import Cluster
from lindero.app.commands.index import program
from lindero.geo import overlap
from lindero.layers.database import map_database
from lindero.layers.disk import builds
from lindero.layers.errors import ClusterError
from tests import forked, hot_map, network
from tests.files import concessions
from tests.patience import until

pytestmark = [
    pytest.mark.servers,
    pytest.mark.filterwarnings("ignore"),  # what Dask's own threads say at their end
]
ROOT = Path(__file__).parents[4]
ANEW = ("env",)  # a program before it, as `ip netns exec` is one
ENTER = "import ctypes, os; assert ctypes.CDLL(None).setns(os.open('/run/netns/{name}', os.O_RDONLY), 0x40000000) == 0"


def scattered(letter, count, *, size):
    """Many rough polygons over some degrees, many of them on top of each other."""
    rng = np.random.default_rng(count)
    middle = rng.uniform((-76, -10), (-73, -7), (count, 2))
    angle = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    reach = size * rng.uniform(0.4, 1, (count, 24, 1))
    vertices = middle[:, None] + reach * np.column_stack((np.cos(angle), np.sin(angle)))
    ids = [f"{letter}{number}" for number in range(count)]
    return gpd.GeoDataFrame({"id": ids}, geometry=shapely.polygons(vertices), crs="OGC:CRS84")


def start(program, *arguments, prefix=()):
    """
    Start one as an operator does where something stands before it; else fork what has all loaded: it takes a second.

    What is forked enters the network namespace that is named instead of words before it.
    """
    if isinstance(prefix, str) or not prefix:
        code = f"from distributed.cli.dask_{program} import main; main()"
        code = f"{ENTER.format(name=prefix)}; {code}" if prefix else code
        return forked.program(code, ["--no-dashboard", *arguments], Path(os.devnull))
    command = [*prefix, sys.executable, "-m", f"distributed.cli.dask_{program}", "--no-dashboard", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def end_of(process):
    """How a program has ended: 0 is well."""
    if isinstance(process, subprocess.Popen):
        return process.wait()
    process.join()
    return process.exitcode


@contextmanager
def running(folder, *, prefixes=((), ()), host="127.0.0.1"):
    """A scheduler and a worker for each prefix: its address, the workers."""
    file = folder / "scheduler.json"
    processes = [start("scheduler", "--host", host, "--port", "0", "--scheduler-file", str(file))]
    try:
        until(lambda: file.exists() and file.read_text().endswith("}"))
        address = json.loads(file.read_text())["address"]
        for prefix in prefixes:
            own = ["--nthreads", "1", "--no-nanny", "--local-directory", str(folder)]
            processes.append(start("worker", address, *own, prefix=prefix))
        if prefixes:
            with Cluster(address) as ready:
                ready.client.wait_for_workers(len(prefixes), timeout=120)
        yield address, processes[1:]
    finally:
        for process in processes:
            process.kill()
            end_of(process)


@pytest.fixture(scope="module")
def land():
    return scattered("t", 1_200, size=0.03), scattered("l", 300, size=0.12)


@pytest.fixture(scope="module")
def here(land):
    engine = Engine()
    return engine.overlap(*map(engine.prepare, land))


@pytest.fixture(scope="module")
def two_workers(tmp_path_factory):
    with running(tmp_path_factory.mktemp("dask")) as (address, _workers):
        yield address


@pytest.fixture
def small_parts(monkeypatch):
    monkeypatch.setattr(dask_engine, "FEATURES", 150)


@contextmanager
def namespaces():
    """
    Two network namespaces joined by a bridge: how workers start in them, the last as an operator's, this side's address.

    Where the machine does not allow it, no namespace, and the loopback address.
    """
    names, bridge = ["lindero-a", "lindero-b"], "lindero-br"

    def ip(*words):
        return subprocess.run(["ip", *words], capture_output=True, check=False).returncode == 0

    def undo():
        for name in names:
            ip("netns", "del", name)
        ip("link", "del", bridge)

    undo()
    try:
        made = ip("link", "add", bridge, "type", "bridge") and ip("addr", "add", "10.213.7.1/24", "dev", bridge)
        made = made and ip("link", "set", bridge, "up")
        for number, name in enumerate(names, 2):
            made = made and ip("netns", "add", name)
            made = made and ip("link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", name)
            made = made and ip("link", "set", name, "master", bridge, "up")
            made = made and ip("-n", name, "addr", "add", f"10.213.7.{number}/24", "dev", "eth0")
            made = made and ip("-n", name, "link", "set", "eth0", "up") and ip("-n", name, "link", "set", "lo", "up")
        if made:
            yield [names[0], ("ip", "netns", "exec", names[1])], "10.213.7.1"
        else:
            yield [(), ANEW], "127.0.0.1"
    finally:
        undo()


@pytest.mark.usefixtures("small_parts")
def test_two_workers_give_the_same_rows_to_the_bit(land, here, two_workers):
    with Cluster(two_workers) as engine:
        sides = [engine.prepare(side) for side in land]
        found = engine.overlap(*sides)

    assert min(map(len, sides)) > 1  # there are borders between parts to get wrong
    pd.testing.assert_frame_equal(found, here, check_exact=True)


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("by", ["left_id", "right_id"])
def test_ground_is_counted_once_the_same_to_the_bit(land, here, two_workers, by):
    engine = Engine()
    alone = engine.footprint(here, *map(engine.prepare, land), by=by)
    with Cluster(two_workers) as engine:
        found = engine.footprint(here, *map(engine.prepare, land), by=by)

    assert (alone["footprint_ha"] < alone["gross_ha"] * 0.99).any()  # some of it lies under several
    pd.testing.assert_frame_equal(found, alone, check_exact=True)


def test_hotspots_of_shared_ground_are_the_same_to_the_bit(two_workers, tmp_path):
    con = map_database.connect(hot_map.publish(tmp_path / "build"))
    question = Question(CountedQuantity.OVERLAP_HA, within="PE-CAJ", resolution=5, since=hot_map.DAY.replace(year=2000))
    with Cluster(two_workers) as engine:
        found = hotspot_report(con, question, engine=engine).rows
    here = hotspot_report(con, question).rows
    con.close()

    assert found["observed"].sum() > 0
    assert found.to_wkb().equals(here.to_wkb())


@pytest.mark.usefixtures("small_parts")
def test_every_pair_belongs_to_exactly_one_pair_of_parts(land, here):
    titles, lands = (dask_engine._split_layer(side) for side in land)

    pairs = pd.concat([overlap(one, other) for one in titles for other in lands])

    both = ["left_id", "right_id"]
    assert sorted(map(tuple, pairs[both].to_numpy())) == sorted(map(tuple, here[both].to_numpy()))


@pytest.mark.usefixtures("small_parts")
def test_the_parts_do_not_depend_on_the_workers(land):
    parts = dask_engine._split_layer(land[0])

    assert sorted(pd.concat(parts)["id"]) == sorted(land[0]["id"])
    assert max(map(len, parts)) <= 150


def test_layers_without_land_have_no_pairs(land, two_workers):
    points = land[0].set_geometry(land[0].representative_point())
    with Cluster(two_workers) as engine:
        sides = engine.prepare(points), engine.prepare(land[1].iloc[:0])
        found = engine.overlap(*sides)
        ground = engine.footprint(found, *sides, by="right_id")

    assert found.empty
    assert "area_ha" in found
    assert ground.empty
    assert "footprint_ha" in ground


@pytest.mark.usefixtures("small_parts")
def test_a_worker_killed_half_way_costs_time_only(land, here, tmp_path):
    with (
        network.changed(),
        namespaces() as (prefixes, host),
        running(tmp_path, prefixes=prefixes, host=host) as (address, workers),
    ):
        with Cluster(address) as engine:
            lie_in = {urlsplit(worker).hostname for worker in engine.client.nthreads()}
            assert len(lie_in) == 2 or host == "127.0.0.1"  # each in its own namespace
            grounds = [engine.prepare(side) for side in land]
            laid = [part.ground for side in grounds for part in side]
            until(lambda: sum(part.status == "finished" for part in laid) > len(laid) // 2)
            workers[0].kill()  # with what it holds of the layers
            found = engine.overlap(*grounds)
        assert end_of(workers[0]) != 0

    pd.testing.assert_frame_equal(found, here, check_exact=True)


@pytest.mark.usefixtures("small_parts")
def test_a_worker_killed_while_pairs_are_measured_costs_time_only(land, here, tmp_path, monkeypatch):
    with running(tmp_path) as (address, workers):
        with Cluster(address) as engine:
            sides = [engine.prepare(side) for side in land]
            gathered, answers = engine._gather, iter(range(100))

            def and_kill(task):
                if next(answers) == 1:  # the first pairs of parts have been measured
                    workers[0].kill()
                return gathered(task)

            monkeypatch.setattr(engine, "_gather", and_kill)
            found = engine.overlap(*sides)
            ground = engine.footprint(found, *sides, by="right_id")
        assert end_of(workers[0]) != 0

    alone = Engine()
    pd.testing.assert_frame_equal(found, here, check_exact=True)
    expected = alone.footprint(here, *map(alone.prepare, land), by="right_id")
    pd.testing.assert_frame_equal(ground, expected, check_exact=True)


def test_the_command_builds_the_same_map(files, two_workers):
    files.add("concessions", concessions(6))
    files.add(
        "communities",
        concessions(4)
        .drop(columns=["holder", "status"])
        .translate(0.004, 0.004)
        .to_frame("geometry")
        .assign(code=list("abcd")),
    )
    alone = build_map(files.space).path.name
    for made in files.space.build_folder.iterdir():
        made.unlink()

    result = CliRunner().invoke(program, ["build", str(files.space.folder), "--scheduler", two_workers])

    assert result.exit_code == 0, result.output
    con = map_database.connect(builds.current_map(files.space.build_folder))
    assert map_database.count_rows(con)["overlap_pairs"] > 0
    assert map_database.count_rows(con)["footprints"] > 0
    assert map_database.count_rows(con)["cells"] > 0  # what hotspots of shared ground are made from
    assert builds.current_map(files.space.build_folder).name == alone  # which holds the digest of all tables


def test_a_scheduler_that_does_not_answer_is_an_error_with_its_address(monkeypatch):
    monkeypatch.setattr(dask_engine, "WAIT_S", 1)

    with pytest.raises(ClusterError, match=r"127\.0\.0\.1:9"):
        Cluster("tcp://127.0.0.1:9")


def test_a_scheduler_without_workers_is_an_error(tmp_path, monkeypatch):
    monkeypatch.setattr(dask_engine, "WAIT_S", 1)

    with running(tmp_path, prefixes=()) as (address, _workers), pytest.raises(ClusterError, match="no workers"):
        Cluster(address)


def test_a_worker_of_other_versions_is_refused(two_workers, monkeypatch):
    monkeypatch.setattr(dask_engine, "_DECISIVE", ("numpy",))

    with pytest.raises(ClusterError, match="has other versions"):
        Cluster(two_workers)


@pytest.mark.usefixtures("small_parts")
def test_a_scheduler_that_ends_half_way_is_an_error(land, tmp_path):
    with running(tmp_path) as (address, _workers), Cluster(address) as engine:
        sides = [engine.prepare(side) for side in land]
        os.kill(engine.client.run_on_scheduler(os.getpid), signal.SIGKILL)

        with pytest.raises(ClusterError, match="abandoned the task"):
            engine.overlap(*sides)
