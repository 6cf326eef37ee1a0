import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from lindero.machine import threads
from lindero.machine.resources import Machine, machine

MB = 1024**2


@pytest.fixture
def root(tmp_path):
    """A machine that sets no limit, whose process lies in the group of a service."""
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/self/cgroup").write_text("0::/system.slice/lindero.service\n")
    group = tmp_path / "sys/fs/cgroup/system.slice/lindero.service"
    group.mkdir(parents=True)
    group.joinpath("cpu.max").write_text("max 100000\n")
    group.joinpath("memory.max").write_text("max\n")
    return tmp_path


def test_without_limits_it_is_the_whole_machine(root):
    here = Machine.from_system(root, {})

    assert here.cores == len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    assert here.memory_bytes > 100 * MB


def test_the_limits_of_a_group_and_of_those_round_it_hold(root):
    slice_ = root / "sys/fs/cgroup/system.slice"
    slice_.joinpath("cpu.max").write_text("50000 100000\n")  # half a core is one
    slice_.joinpath("memory.max").write_text(f"{700 * MB}\n")
    slice_.joinpath("lindero.service/memory.max").write_text(f"{600 * MB}\n")

    assert Machine.from_system(root, {}) == Machine(1, 600 * MB)


def test_the_older_groups_are_understood(root):
    for name, value in (("cpu/cpu.cfs_quota_us", 100_000), ("cpu/cpu.cfs_period_us", 100_000)):
        file = root / "sys/fs/cgroup" / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"{value}\n")
    memory = root / "sys/fs/cgroup/memory"
    memory.mkdir()
    memory.joinpath("memory.limit_in_bytes").write_text(f"{500 * MB}\n")

    assert Machine.from_system(root, {}) == Machine(1, 500 * MB)
    memory.joinpath("memory.limit_in_bytes").write_text("9223372036854771712\n")
    assert Machine.from_system(root, {}).memory_bytes > 500 * MB


def test_settings_say_less_and_never_more(root):
    whole = Machine.from_system(root, {})

    assert Machine.from_system(root, {"LINDERO_CORES": "1", "LINDERO_MEMORY_MB": "300"}) == Machine(1, 300 * MB)
    assert Machine.from_system(root, {"LINDERO_CORES": "100000", "LINDERO_MEMORY_MB": "1000000000"}) == whole
    assert Machine.from_system(root, {"LINDERO_CORES": "many", "LINDERO_MEMORY_MB": "0"}) == whole


def test_the_database_has_its_part_within_bounds():
    assert [Machine(1, gb * 1024 * MB).database_mb for gb in (1, 24, 96, 1024)] == [256, 256, 1024, 4096]


def test_no_other_file_asks_how_many_cores_there_are():
    root = Path(__file__).parents[2]
    asked = re.compile(r"cpu_count|sched_getaffinity|SC_PHYS_PAGES")
    files = [
        file for folder in ("app", "geo", "layers", "machine") for file in (root / "lindero" / folder).rglob("*.py")
    ]

    assert [file.name for file in files if asked.search(file.read_text(encoding="utf-8"))] == ["resources.py"]


def test_work_is_shared_out_over_all_cores(monkeypatch):
    asked = []
    pool = threads.ThreadPoolExecutor
    monkeypatch.setattr(threads, "machine", lambda: Machine(16, 1))
    monkeypatch.setattr(threads, "ThreadPoolExecutor", lambda count: asked.append(count) or pool(count))

    assert threads.map_chunks(lambda some: some.start, 40, chunk=1) == list(range(40))
    assert asked == [16]


def test_a_setting_holds_for_a_process():
    told = subprocess.run(
        [sys.executable, "-c", "from lindero.machine.resources import machine; print(machine().cores)"],
        env={**os.environ, "LINDERO_CORES": "1"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert told.stdout.split() == ["1"]
    assert machine().cores >= 1


def test_a_process_may_open_as_many_files_as_the_system_allows():
    code = (
        "import resource; from lindero.machine.resources import raise_file_limit; "
        "resource.setrlimit(resource.RLIMIT_NOFILE, (100, 400)); raise_file_limit(); "
        "print(*resource.getrlimit(resource.RLIMIT_NOFILE))"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout == "400 400\n"
    )
