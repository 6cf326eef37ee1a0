"""A full disk, one that can only be read, little memory, cut power: a sentence with what to do, and nothing lost."""

import errno
import os
import shutil
from pathlib import Path

import duckdb
import pytest

from lindero.app import cli
from lindero.app.builder.build import build_map
from lindero.app.text.error_advice import error_text
from lindero.layers.database import machine_errors, map_database, map_writer
from lindero.layers.disk import builds
from lindero.layers.disk.builds import POINTER
from lindero.layers.errors import DamagedMapError, MachineError
from lindero.layers.workspace import manifest_file
from lindero.layers.workspace.manifest_file import MANIFEST
from tests.files import Files, concessions, geojson
from tests.once import made_once

CODES = [errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO]
ADDED = ("--id", "new", "--layer", "concessions", "--publisher", "P", "--yes")


@pytest.fixture
def folder(tmp_path_factory, tmp_path):
    """A workspace with its map, a copy of one that is built once."""
    return shutil.copytree(made_once(tmp_path_factory, "machine", built), tmp_path / "space")


def built(folder):
    files = Files(folder / "space")
    files.add("concessions", concessions(3))
    build_map(files.space)
    return files.folder


@pytest.fixture
def run(typed):
    """A command in this process: its exit code and what it said."""
    return lambda *words: typed(*words, key=None)[::2]


def contents(folder):
    """Every file of a workspace but locks, and those that a build is at work on or left for the next to clear."""
    return {
        path.relative_to(folder): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith(".")
    }


def new_file(tmp_path):
    return geojson(tmp_path / "new.geojson", concessions(5))


def refused_at(monkeypatch, code, number):
    """Let the n-th time that something is brought to the disk fail."""
    real, times = os.fsync, []

    def fsync(descriptor):
        times.append(descriptor)
        if len(times) == number:
            raise OSError(code, os.strerror(code))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)


@pytest.mark.parametrize("code", CODES)
def test_what_the_system_refuses_is_a_sentence(code):
    error = machine_errors.to_layer_error(OSError(code, os.strerror(code), "/mnt/usb/map"))

    assert isinstance(error, MachineError)
    assert "/mnt/usb/map" in error_text(error)
    assert "Nothing that existed before was lost" in error_text(error)


def test_what_is_no_refusal_stays_a_bug():
    assert machine_errors.to_layer_error(OSError(errno.ENOTSOCK, "x")) is None
    assert machine_errors.to_layer_error(ValueError("x")) is None
    assert isinstance(machine_errors.to_layer_error(MemoryError()), MachineError)
    assert isinstance(
        machine_errors.to_layer_error(OSError("Out of Memory Error: ArrowBuffer: failed to allocate")), MachineError
    )


def test_too_little_memory_to_load_a_library_is_a_sentence(run, monkeypatch):
    monkeypatch.setattr(cli, "_run_program", library_without_memory)

    assert run("report") == ("this computer does not have enough free memory for that; close other programs", "")


def library_without_memory():
    raise ImportError("x.so: failed to map segment from shared object")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('IO Error: Could not write file "a": No space left on device', MachineError),
        ('IO Error: Cannot open file "a": Read-only file system', MachineError),
        ("IO Error: Corrupt database file: computed checksum 1 does not match", DamagedMapError),
    ],
)
def test_what_the_database_says_of_the_disk_is_told_from_damage(text, kind):
    assert type(machine_errors.to_layer_error(duckdb.IOException(text))) is kind


@pytest.mark.parametrize("number", [1, 2, 3, 4])  # the fifth is after the manifest has its name
def test_an_add_that_the_disk_refuses_leaves_all_as_it_was(folder, tmp_path, run, monkeypatch, number):
    before = contents(folder)
    refused_at(monkeypatch, errno.ENOSPC, number)
    code, told = run("add", new_file(tmp_path), "--workspace", folder, *ADDED)
    monkeypatch.undo()

    assert code == 1
    assert "not enough space on the disk" in told
    assert "Traceback" not in told
    after = contents(folder)
    assert {path: after[path] for path in before} == before
    assert not list(folder.glob("files/lindero-*"))
    assert manifest_file.load_workspace(folder).sources


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_build_that_the_disk_refuses_leaves_the_last_map(folder, tmp_path, run, monkeypatch, number):
    assert run("add", new_file(tmp_path), "--workspace", folder, *ADDED)[0] == 0
    before = builds.current_map(folder / "build")
    digest = map_writer.compute_digest(map_database.connect(before))
    refused_at(monkeypatch, errno.ENOSPC, number)
    code, told = run("build", folder)
    monkeypatch.undo()

    assert code == 1
    assert "not enough space on the disk" in told
    assert "Traceback" not in told
    assert builds.current_map(folder / "build") == before
    assert map_writer.compute_digest(map_database.connect(before)) == digest
    assert build_map(manifest_file.load_workspace(folder)).changed  # with room again


@pytest.mark.parametrize("command", ["build", "report"])
def test_little_memory_is_a_sentence(folder, run, monkeypatch, command):
    work = {
        "build": "lindero.app.builder.build.build_map",
        "report": "lindero.app.commands.workspace.workspace.open_map",
    }
    monkeypatch.setattr(work[command], out_of_memory)
    code, told = run(command, folder)

    assert code == 1
    assert "does not have enough free memory" in told


def out_of_memory(*_, **__):
    raise MemoryError


def test_a_map_on_a_medium_that_can_only_be_read_is_served_as_it_is(folder, monkeypatch):
    """Nothing is written, not even a lock: whoever opens a file to write, or makes a folder, is refused as there."""
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    real = Path.open

    def opened(path, mode="r", *arguments, **options):
        if set(mode) & set("wax+"):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))
        return real(path, mode, *arguments, **options)

    def made(path, **_):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))

    monkeypatch.setattr(Path, "open", opened)
    monkeypatch.setattr(Path, "mkdir", made)
    built = build_map(manifest_file.load_workspace(folder))
    con = map_database.connect(built.path)
    monkeypatch.undo()

    assert not built.changed
    assert map_database.count_rows(con)["concessions"] == 3
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


def trace(monkeypatch):
    """What is brought to the disk and what is renamed, in the order in which it happens."""
    told = []
    real_sync, real_replace, real_rename = builds.sync, Path.replace, Path.rename

    def sync(path):
        told.append(("sync", path.name))
        real_sync(path)

    def renamed(real):
        def called(self, target):
            told.append(("rename", Path(target).name))
            return real(self, target)

        return called

    for module in (builds, manifest_file):
        monkeypatch.setattr(module, "sync", sync)
    monkeypatch.setattr(Path, "replace", renamed(real_replace))
    monkeypatch.setattr(Path, "rename", renamed(real_rename))
    return told


def test_a_received_file_is_on_the_disk_before_the_manifest_names_it(tmp_path, monkeypatch):
    """What is named after a cut of power must be there: the file, its name, its folder's name, then the manifest."""
    files = Files(tmp_path / "space")
    told = trace(monkeypatch)
    entry = files.add("concessions", concessions())
    _, folder, name = entry.file.split("/")

    assert told == [
        ("sync", name),
        ("rename", name),
        ("sync", folder),
        ("sync", "files"),
        ("sync", f".{MANIFEST}.new"),
        ("rename", MANIFEST),
        ("sync", "space"),
    ]


def test_a_map_is_on_the_disk_before_its_name_and_that_before_the_pointer(files, monkeypatch):
    files.add("concessions", concessions())
    told = trace(monkeypatch)
    path = build_map(files.space).path
    steps = [step for step in told if not step[1].startswith("lindero-")]
    beside = [step for step in steps if step[1].startswith((".map-new", "map-"))]

    assert {step[1] for step in beside if step[0] == "rename"} == {path.name}
    for at in range(0, len(beside), 2):
        assert beside[at] == ("sync", f".map-new{Path(beside[at + 1][1]).suffix}")
        assert beside[at + 1][0] == "rename"
    assert beside[-1] == ("rename", path.name)
    assert steps[len(beside) :] == [
        ("sync", "build"),
        ("sync", f".{POINTER}.new"),
        ("rename", POINTER),
        ("sync", "build"),
    ]


def test_a_copy_without_room_names_where_there_is_none():
    fault = OSError(errno.ENOSPC, "No space left on device", "received.pmtiles", None, "space/basemap/own.pmtiles")

    assert "space/basemap/own.pmtiles" in error_text(machine_errors.to_layer_error(fault))
