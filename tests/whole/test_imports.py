"""What is imported is declared, and what is declared is pinned."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOLD = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT, PEERS = TOLD["project"], TOLD["dependency-groups"]["peers"]
DEBIANS = {"qgis"}  # of the system's Python, which runs tests/qgis_reads.py
OWN = {"lindero", "data", "tests", "bench", "docs"}
LOCKS = ("constraints.txt", "constraints-run.txt", "constraints-peers.txt", "constraints-docs.txt")
PINNED = re.compile(r"^([a-z0-9][a-z0-9._-]*)==([^ ;\\]+)", re.IGNORECASE | re.MULTILINE)
NAMED = {"duckdb_extension_spatial", "duckdb_extension_httpfs"}  # imported by name in layers.database.map_database


def plain(requirement):
    return re.split(r"[\s<>=!~;\[]", requirement, maxsplit=1)[0].replace("_", "-").lower()


def declared(*extras):
    groups = PROJECT["optional-dependencies"]
    return {plain(one) for one in (*PROJECT["dependencies"], *(one for extra in extras for one in groups[extra]))}


def imported(folder):
    found = set()
    for path in (ROOT / "lindero" / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {name.name.partition(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                found.add(node.module.partition(".")[0])
    return found - OWN - DEBIANS - sys.stdlib_module_names - {"__future__"}


@pytest.mark.parametrize("folder", ["app", "geo", "layers", "machine", "data", "tests", "bench"])
def test_what_is_imported_is_declared(folder):
    distributions = packages_distributions()
    allowed = declared(*PROJECT["optional-dependencies"]) | {plain(peer) for peer in PEERS if folder == "bench"}
    undeclared = {
        name for name in imported(folder) if not {plain(d) for d in distributions.get(name, [name])} & allowed
    }

    assert not undeclared


def pins(lock):
    return {name.lower(): version for name, version in PINNED.findall((ROOT / lock).read_text(encoding="utf-8"))}


def test_every_dependency_is_pinned():
    assert declared(*PROJECT["optional-dependencies"]) <= pins("constraints.txt").keys()
    assert declared("setup") <= pins("constraints-run.txt").keys()
    assert {plain(peer) for peer in PEERS} <= pins("constraints-peers.txt").keys()
    assert {plain(one) for one in TOLD["dependency-groups"]["docs"]} <= pins("constraints-docs.txt").keys()


def test_the_locks_agree():
    everything, run, *others = (pins(lock) for lock in LOCKS)

    assert run.items() <= everything.items()
    for other in others:
        assert all(everything.get(name, version) == version for name, version in other.items())


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_hashes_and_no_address(lock):
    text = (ROOT / lock).read_text(encoding="utf-8")
    blocks = [block for block in re.split(r"\n(?=[a-z0-9])", text, flags=re.IGNORECASE) if PINNED.match(block)]

    assert len(blocks) == len(PINNED.findall(text)) > 0
    assert all("--hash=sha256:" in block for block in blocks)
    assert "://" not in text
    assert "index-url" not in text


def test_the_database_and_its_extensions_are_of_one_version():
    versions = {name: version for name, version in pins("constraints.txt").items() if name.startswith("duckdb")}

    assert len(versions) == 3
    assert len(set(versions.values())) == 1
    assert {name.replace("-", "_") for name in versions} - {"duckdb"} == NAMED
