"""The versions of the compared tools."""

import re
import subprocess
from importlib.metadata import PackageNotFoundError, version

import shapely

from bench.peers.postgres import find_programs
from bench.peers.result import AbsentError

PACKAGES = ("geopandas", "shapely", "duckdb", "numpy", "numba", "sedonadb", "esda")


def versions() -> list[str]:
    """List the name and version of every package and server in the table, or a note that it is not installed."""
    return [*map(_package, PACKAGES), f"GEOS {shapely.geos_version_string}", *_servers()]


def _package(name: str) -> str:
    try:
        return f"{name} {version(name)}"
    except PackageNotFoundError:
        return f"no {name}"


def _servers() -> list[str]:
    try:
        folder = find_programs()
    except AbsentError:
        return ["no PostGIS"]
    postgres = subprocess.run([folder / "postgres", "--version"], check=True, capture_output=True, text=True).stdout
    control = folder.parents[3] / "share/postgresql" / folder.parent.name / "extension/postgis.control"
    postgis = re.search(r"default_version = '(.+)'", control.read_text())
    return [f"PostgreSQL {postgres.split()[2]}", f"PostGIS {postgis.group(1)}"]
