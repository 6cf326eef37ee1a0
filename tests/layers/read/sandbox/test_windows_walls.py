"""Reading as on Windows, by a stand-in for it: no fork, none of POSIX's modules, and the walls that there are."""

import ctypes
import sys

import pytest

from lindero.app.builder.doctor import installation
from lindero.app.builder.doctor.finding import State
from lindero.layers.errors import SourceError
from lindero.layers.read.reader import read
from lindero.layers.read.sandbox import client, restrictions
from tests.files import concessions, geojson

# In the reader's process: what it needs is loaded, then the system is Windows, as far as Python tells.
STAND_IN = """
import sys; sys.path.insert(0, sys.argv[1])
from lindero.layers.read.sandbox import restrictions, worker
sys.meta_path.insert(0, worker._ImportBlocker()); worker._preload_libraries(); sys.meta_path.pop(0)
import os
for name in ("fcntl", "resource", "pwd", "grp"): sys.modules[name] = None
del os.fork, os.getuid
class Kernel:
    def __getattr__(self, name):
        def call(*given): return 1
        return call
restrictions.join_job_object.__kwdefaults__["kernel32"] = Kernel()
sys.platform, worker._CAN_FORK = "win32", False
worker.main()
"""


@pytest.fixture
def windows(monkeypatch):
    """The reader's process as on Windows; the one that other tests have asked is left alone."""
    monkeypatch.setattr(client, "_WORKER_CODE", STAND_IN)
    monkeypatch.setattr(sys, "platform", "win32")
    keeper = client._Worker()
    monkeypatch.setattr(client, "_get_worker", lambda: keeper)
    yield keeper
    keeper.stop()


def test_files_are_read_one_process_each_and_the_walls_that_stand_are_told(windows, tmp_path):
    file = geojson(tmp_path / "a.geojson", concessions(3))

    first, second = read(file), read(file)

    assert (len(first.rows), len(second.rows)) == (3, 3)
    assert windows.process is None  # it has answered once, and is gone
    assert set(first.walls) == {"memory", "time", "programs", "python"}


def test_a_file_that_is_none_is_refused_in_a_sentence(windows, tmp_path):
    file = tmp_path / "a.geojson"
    file.write_text('{"type": "FeatureCollection", "features": [')

    with pytest.raises(SourceError):
        read(file)
    assert windows.process is None


def test_what_does_not_stand_is_told_by_the_doctor(windows):
    told = installation._check_reader()

    assert told.state is State.NOTE
    assert "(not restricted: size of written files, other files, the network)" in told.text
    assert windows.process is None


class Kernel:
    """Windows' own library as a stand-in that notes what it is told."""

    def __init__(self, *, refuses=""):
        self.told, self.refuses = {}, refuses
        self.CreateJobObjectW = self._answer("CreateJobObjectW", 7)
        self.GetCurrentProcess = self._answer("GetCurrentProcess", 2**64 - 1)
        self.SetInformationJobObject = self._answer("SetInformationJobObject", 1)
        self.AssignProcessToJobObject = self._answer("AssignProcessToJobObject", 1)

    def _answer(self, name, value):
        def call(*given):
            self.told[name] = given
            return 0 if name == self.refuses else value

        return call


def test_a_job_bounds_memory_time_and_programs():
    kernel = Kernel()

    assert restrictions.join_job_object(3 * 1024**3, 300, kernel32=kernel) == ("memory", "time", "programs")

    job, number, limits, size = kernel.told["SetInformationJobObject"]
    told = limits._obj
    assert (job.value, number, size, ctypes.sizeof(told)) == (7, 9, 144, 144)  # as winnt.h has it, on 64 bits
    assert (told.process_memory, told.basic.process_time, told.basic.processes) == (3 * 1024**3, 3_000_000_000, 1)
    assert told.basic.flags == 0x2 | 0x8 | 0x100 | 0x400
    assert [one.value for one in kernel.told["AssignProcessToJobObject"]] == [7, 2**64 - 1]


@pytest.mark.parametrize("name", ["CreateJobObjectW", "SetInformationJobObject", "AssignProcessToJobObject"])
def test_where_windows_refuses_no_wall_is_said_to_stand(name):
    assert restrictions.join_job_object(1, 1, kernel32=Kernel(refuses=name)) == ()
