"""
The zip for Windows holds the locked packages where an embedded Python finds them.

Python's embeddable package cannot be had on every machine: a stand-in of its three files takes its place here, and small
wheels that of the libraries; so no test shows that the zip starts on Windows. Which wheels there are for Windows is held
by `test_wheels.py`.
"""

import csv
import hashlib
import runpy
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from tests.whole.test_wheels import is_needed

ROOT = Path(__file__).parents[2]
MADE = runpy.run_path(str(ROOT / "packaging" / "windows.py"), run_name="windows")
LOCK = (ROOT / "constraints-run.txt").read_text(encoding="utf-8")


def packed(path, files):
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


@pytest.fixture
def python(tmp_path):
    """A stand-in of Python's embeddable package."""
    files = {"python.exe": "MZ", "python312.zip": "PK", "python312._pth": "python312.zip\n.\n#import site\n"}
    return packed(tmp_path / "python-3.12.10-embed-amd64.zip", files)


@pytest.fixture
def wheels(tmp_path):
    """Two wheels: one with files that go elsewhere, and Lindero's."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    own = {"lindero/__init__.py": "", "lindero/app/__init__.py": "", "lindero/app/cli.py": "print('a map')"}
    packed(tmp_path / "lindero-0.1.0-py3-none-any.whl", own)
    odd = {
        "odd/__init__.py": "HERE = True",
        "odd-1.data/platlib/odd_native.pyd": "MZ",
        "odd-1.data/data/share/odd.txt": "x",
        "odd-1.data/scripts/odd.exe": "MZ",
    }
    packed(folder / "odd-1-cp312-cp312-win_amd64.whl", odd)
    return folder


def made(tmp_path, python, wheels, **other):
    told = {"--python": python, "--python-sha256": hashlib.sha256(python.read_bytes()).hexdigest()}
    told |= {"--wheel": tmp_path / "lindero-0.1.0-py3-none-any.whl", "--wheels": wheels, **other}
    words = [str(word) for pair in told.items() for word in pair]
    output = tmp_path / f"{len(list(tmp_path.glob('out-*')))}.zip"
    run = [sys.executable, ROOT / "packaging" / "windows.py", *words, output]
    done = subprocess.run(run, capture_output=True, text=True, check=False)
    return done, output


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
def test_what_is_fetched_is_what_windows_needs_of_the_lock_each_with_its_hashes(python):
    told = MADE["list_requirements"](LOCK, python)
    rows = csv.DictReader((ROOT / "docs" / "wheels.csv").read_text(encoding="utf-8").splitlines())
    needed = {
        (canonicalize_name(row["name"]), row["version"]) for row in rows if is_needed(row, "windows-amd64", python)
    }
    found = [tuple(one.split(" --hash=")[0].split("==")) for one in told]

    assert {(canonicalize_name(name), version) for name, version in found} == needed
    assert len(found) == len(needed)
    assert "colorama" in dict(found)
    assert all("--hash=sha256:" in one and "\\" not in one for one in told)


def test_it_holds_python_the_packages_and_what_starts_them(tmp_path, python, wheels):
    done, output = made(tmp_path, python, wheels)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[0] == hashlib.sha256(output.read_bytes()).hexdigest()
    with zipfile.ZipFile(output) as archive:
        names = set(archive.namelist())
        paths = archive.read("lindero/python/python312._pth").decode().split("\r\n")
        start = archive.read("lindero/lindero.bat").decode()
        archive.extractall(tmp_path / "unpacked")

    assert paths == ["python312.zip", ".", "Lib\\site-packages", ""]
    assert '"%~dp0python\\python.exe"' in start
    packages = "lindero/python/Lib/site-packages"
    assert {f"{packages}/odd_native.pyd", "lindero/python/share/odd.txt", "lindero/python/python.exe"} <= names
    assert not [name for name in names if "scripts" in name or ".data/" in name]
    run = f"import sys, runpy; sys.path[:] = [{str(tmp_path / 'unpacked' / packages)!r}, *sys.path]; "
    run += "runpy.run_module('lindero.app.cli', run_name='__main__')"
    said = subprocess.run([sys.executable, "-I", "-S", "-c", run], capture_output=True, text=True, check=True)
    assert said.stdout == "a map\n"


def test_the_same_parts_give_the_same_zip(tmp_path, python, wheels):
    one, output = made(tmp_path, python, wheels)
    output.unlink()

    assert made(tmp_path, python, wheels)[0].stdout == one.stdout


@pytest.mark.parametrize("name", ["../out.py", "/out.py", "C:/out.py", "..\\out.py"])
def test_a_wheel_that_leads_outside_is_refused(tmp_path, python, wheels, name):
    packed(wheels / "bad-1-py3-none-any.whl", {name: "x"})
    done, _ = made(tmp_path, python, wheels)

    assert done.returncode == 1
    assert "outside" in done.stderr


def test_another_python_than_the_hash_says_or_none_is_refused(tmp_path, python, wheels):
    assert "not what its hash says" in made(tmp_path, python, wheels, **{"--python-sha256": "0" * 64})[0].stderr
    other = packed(tmp_path / "other.zip", {"python.exe": "MZ"})
    assert "no embeddable package" in made(tmp_path, other, wheels)[0].stderr


def test_two_packages_with_one_file_are_refused(tmp_path, python, wheels):
    packed(wheels / "two-1-py3-none-any.whl", {"ODD/__init__.py": "HERE = False"})

    assert "two packages hold" in made(tmp_path, python, wheels)[0].stderr


def test_pip_fetches_wheels_of_windows_and_holds_them_to_the_lock(tmp_path, monkeypatch):
    shelf, fetched = tmp_path / "shelf", tmp_path / "fetched"
    shelf.mkdir()
    fetched.mkdir()
    name = "odd-1-cp312-cp312-win_amd64.whl"
    info = {"odd-1.dist-info/METADATA": "Metadata-Version: 2.1\nName: odd\nVersion: 1\n"}
    wheel = packed(shelf / name, {"odd/__init__.py": "", **info, "odd-1.dist-info/WHEEL": "Wheel-Version: 1.0\n"})
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(shelf))
    lock = "odd==1 ; sys_platform == 'win32' \\\n    --hash=sha256:{}\n    # via lindero\n"

    MADE["download_wheels"](lock.format(hashlib.sha256(wheel.read_bytes()).hexdigest()), "3.12", fetched)
    assert [path.name for path in fetched.iterdir()] == [name]
    with pytest.raises(subprocess.CalledProcessError):
        MADE["download_wheels"](lock.format("0" * 64), "3.12", fetched)
