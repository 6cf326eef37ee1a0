"""
The machines for which each dependency of Lindero has binary wheels: `docs/wheels.csv`, by `make lock`.

    uv pip compile … --format pylock.toml | python -m docs.wheels

The input lists the file names of all wheels. Only machines and Python versions are kept from these names.
"""

import csv
import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from packaging.tags import Tag
from packaging.utils import parse_wheel_filename

TABLE = Path(__file__).with_name("wheels.csv")
MACHINES = {
    "linux-x86_64": ("manylinux", "x86_64"),
    "linux-aarch64": ("manylinux", "aarch64"),
    "windows-amd64": ("win_amd64", ""),
    "macos-arm64": ("macosx", "arm64"),
}
"""Machines by how the names of their wheels begin and end."""

PYTHONS = ("3.11", "3.12", "3.13")
FIELDS = ("name", "version", "marker", *(f"{machine} {python}" for machine in MACHINES for python in PYTHONS))


def build_rows(locked: dict[str, Any]) -> Iterator[dict[str, str]]:
    """Build a row for each package of a lock file (PEP 751): `yes` for each machine and Python with a wheel."""
    for package in locked["packages"]:
        if "version" not in package:
            continue  # Lindero itself
        wheels = [unquote(one.get("name") or one["url"].rpartition("/")[2]) for one in package.get("wheels", [])]
        tags = {tag for name in wheels for tag in parse_wheel_filename(name)[3]}
        fits = {
            f"{machine} {python}": "yes" if _fits(tags, machine, python) else "no"
            for machine in MACHINES
            for python in PYTHONS
        }
        yield {field: str(package.get(field, "")) for field in ("name", "version", "marker")} | fits


def _fits(tags: Iterable[Tag], machine: str, python: str) -> bool:
    begin, end = MACHINES[machine]
    return any(
        _runs(tag, python) and (tag.platform == "any" or (tag.platform.startswith(begin) and _ends(tag.platform, end)))
        for tag in tags
    )


def _ends(platform: str, end: str) -> bool:
    return platform.endswith(end) or (platform.startswith("macosx") and platform.endswith("universal2"))


def _runs(tag: Tag, python: str) -> bool:
    """
    Return whether a wheel runs on a CPython version.

    It is for that version, for any Python 3, or for the stable interface of an earlier version.
    """
    number = int(python.partition(".")[2])
    if tag.interpreter in {"py3", "py2.py3"}:
        return True
    if not tag.interpreter.startswith("cp3") or not tag.interpreter[3:].isdigit():
        return False
    made_for = int(tag.interpreter[3:])
    return (made_for == number and tag.abi == f"cp3{number}") or (tag.abi == "abi3" and made_for <= number)


def main() -> None:
    """Write the table of the lock file on standard input."""
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, FIELDS, lineterminator="\n")
        table.writeheader()
        table.writerows(build_rows(tomllib.loads(sys.stdin.read())))


if __name__ == "__main__":
    main()
