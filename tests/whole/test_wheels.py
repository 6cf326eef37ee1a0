"""Every package that Lindero runs with comes ready built for ARM64, Windows and the Pythons that are promised: from the lock."""

import csv
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.markers import Marker
from packaging.utils import canonicalize_name

from docs import wheels

ROOT = Path(__file__).parents[2]
ROWS = list(csv.DictReader((ROOT / "docs" / "wheels.csv").read_text(encoding="utf-8").splitlines()))
ENVIRONMENTS = {
    "linux-x86_64": {
        "sys_platform": "linux",
        "platform_system": "Linux",
        "os_name": "posix",
        "platform_machine": "x86_64",
    },
    "linux-aarch64": {
        "sys_platform": "linux",
        "platform_system": "Linux",
        "os_name": "posix",
        "platform_machine": "aarch64",
    },
    "windows-amd64": {
        "sys_platform": "win32",
        "platform_system": "Windows",
        "os_name": "nt",
        "platform_machine": "AMD64",
    },
    "macos-arm64": {
        "sys_platform": "darwin",
        "platform_system": "Darwin",
        "os_name": "posix",
        "platform_machine": "arm64",
    },
}

NEXT_PYTHON = "3.14"  # not named by the package before its tests were run on it
PLATFORMS = {  # pip takes the names of platforms as they stand, and infers no older ones
    "linux-x86_64": ("manylinux_2_28_x86_64", "manylinux_2_27_x86_64", "manylinux2014_x86_64"),
    "linux-aarch64": ("manylinux_2_28_aarch64", "manylinux_2_27_aarch64", "manylinux2014_aarch64"),
    "windows-amd64": ("win_amd64",),
    "macos-arm64": ("macosx_14_0_arm64",),
}


def pinned():
    found = re.findall(
        r"^([\w.-]+)==([^\s;\\]+)", (ROOT / "constraints-run.txt").read_text(encoding="utf-8"), re.MULTILINE
    )
    return {(canonicalize_name(name), version) for name, version in found}


def is_needed(row, machine, python):
    environment = ENVIRONMENTS[machine] | {"python_version": python, "python_full_version": f"{python}.9"}
    environment |= {"implementation_name": "cpython", "platform_python_implementation": "CPython"}
    return not row["marker"] or Marker(row["marker"]).evaluate(environment)


def test_the_table_is_of_the_lock():
    assert {(canonicalize_name(row["name"]), row["version"]) for row in ROWS} == pinned(), "run `make lock`"


@pytest.mark.parametrize("python", wheels.PYTHONS)
@pytest.mark.parametrize("machine", wheels.MACHINES)
def test_nothing_has_to_be_built(machine, python):
    needed = [row for row in ROWS if is_needed(row, machine, python)]

    assert len(needed) > 60
    assert not [row["name"] for row in needed if row[f"{machine} {python}"] != "yes"]


@pytest.mark.servers
@pytest.mark.slow
@pytest.mark.parametrize("machine", PLATFORMS)
def test_the_index_has_a_wheel_of_each_package_for_the_next_python(machine, tmp_path):
    asked = [f"--python-version={NEXT_PYTHON}", *(f"--platform={name}" for name in PLATFORMS[machine])]
    quietly = ["--dry-run", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:"]
    pins = ["--require-hashes", f"--requirement={ROOT / 'constraints-run.txt'}", f"--target={tmp_path}"]
    ended = subprocess.run(
        [sys.executable, "-m", "pip", "install", *quietly, *asked, *pins], capture_output=True, text=True, check=False
    )

    assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize("machine", wheels.MACHINES)
def test_each_python_gets_the_versions_that_are_tested_on_the_oldest(machine):
    oldest, *others = (
        {row["name"]: row["version"] for row in ROWS if is_needed(row, machine, python)} for python in wheels.PYTHONS
    )

    for other in others:
        assert {name: version for name, version in other.items() if oldest.get(name, version) != version} == {}


def test_the_pythons_are_those_that_the_package_names():
    named = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["classifiers"]

    assert [f"Programming Language :: Python :: {python}" for python in wheels.PYTHONS] == [
        one for one in named if re.fullmatch(r"Programming Language :: Python :: 3\.\d+", one)
    ]


@pytest.mark.parametrize(
    ("file", "fits"),
    [
        ("a-1-py3-none-any.whl", {"linux-aarch64 3.11", "windows-amd64 3.13"}),
        ("a-1-cp311-cp311-manylinux_2_28_aarch64.whl", {"linux-aarch64 3.11"}),
        ("a-1-cp39-abi3-manylinux2014_aarch64.whl", {"linux-aarch64 3.11", "linux-aarch64 3.12", "linux-aarch64 3.13"}),
        ("a-1-cp313-cp313t-win_amd64.whl", set()),
        ("a-1-cp312-cp312-macosx_11_0_universal2.whl", {"macos-arm64 3.12"}),
        ("a-1-cp311-cp311-musllinux_1_2_aarch64.whl", set()),
    ],
)
def test_a_wheel_is_for_the_machines_that_its_name_says(file, fits):
    locked = {
        "packages": [
            {"name": "a", "version": "1", "wheels": [{"url": f"https://example.org/{file}"}]},
            {"name": "lindero"},
        ]
    }
    (row,) = wheels.build_rows(locked)
    told = {name for name, answer in row.items() if answer == "yes"}

    assert told >= fits
    assert file.endswith("any.whl") or told == fits
