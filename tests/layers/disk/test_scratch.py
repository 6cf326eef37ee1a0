"""Folders for a moment: nothing of what was looked at stays, however the process that looked ended."""

import os
import signal
import subprocess
import sys
import time

import pytest

from lindero.layers.disk import scratch
from lindero.layers.read.sandbox import client

HOUR_S = 3_600
KILLED = """
import sys, time
from pathlib import Path
from lindero.layers.disk.scratch import temporary_folder
with temporary_folder(Path(sys.argv[1])) as folder:
    folder.joinpath("casos.csv").write_text("who told")
    print(folder, flush=True)
    time.sleep(600)
"""


@pytest.fixture
def parent(tmp_path, monkeypatch):
    """The system's folder for such, of its own for this test."""
    monkeypatch.setattr(scratch, "gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr(scratch, "MEMORY", tmp_path / "no such folder")
    return tmp_path


def begun(parent):
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(parent)], stdout=subprocess.PIPE, text=True)
    folder = parent / process.stdout.readline().strip()
    assert folder.joinpath("casos.csv").exists()
    aged(folder)
    return process, folder


def killed(process):
    process.send_signal(signal.SIGKILL)
    process.communicate()


def aged(folder):
    """As if it had been made an hour ago."""
    for path in folder.iterdir():
        os.utime(path, (time.time() - HOUR_S,) * 2)


def test_nothing_stays_of_a_folder_that_is_given_back(tmp_path):
    with scratch.temporary_folder(tmp_path) as folder:
        folder.joinpath("casos.csv").write_text("who told")

    assert not any(tmp_path.iterdir())


def test_what_a_killed_process_left_is_cleared_away(parent):
    process, folder = begun(parent)
    killed(process)
    assert folder.joinpath("casos.csv").exists(), "it was killed before it could clear up"

    scratch.delete_abandoned_folders()

    assert not folder.exists()


def test_a_folder_that_is_held_or_has_just_been_made_stays(parent):
    process, held = begun(parent)
    other, young = begun(parent)
    killed(other)
    os.utime(young / scratch._LOCK)

    scratch.delete_abandoned_folders()

    assert held.joinpath("casos.csv").exists()
    assert young.exists()
    killed(process)


def test_what_is_not_ours_stays(parent):
    elsewhere = parent / "mine"
    for folder in (elsewhere, parent / "lindero-main"):  # somebody's copy of the project, say
        folder.mkdir()
        folder.joinpath("casos.csv").write_text("mine")
    elsewhere.joinpath(scratch._LOCK).touch()
    parent.joinpath("lindero-linked").symlink_to(elsewhere)
    trap = parent / "lindero-trap"
    trap.mkdir()
    trap.joinpath(scratch._LOCK).symlink_to(elsewhere / scratch._LOCK)
    for folder in (elsewhere, parent / "lindero-main"):
        aged(folder)

    scratch.delete_abandoned_folders()

    assert elsewhere.joinpath("casos.csv").exists()
    assert parent.joinpath("lindero-main", "casos.csv").exists()
    assert trap.is_dir()


def test_the_next_file_that_is_read_clears_it_away(parent, tmp_path_factory):
    process, folder = begun(parent)
    killed(process)
    scratch._clear_once.cache_clear()
    table = tmp_path_factory.mktemp("files") / "casos.csv"
    table.write_text("id,name\n1,a\n", encoding="utf-8")

    assert client.read_response(table, encoding=None, sublayer=None).rows.num_rows == 1
    assert not folder.exists()
