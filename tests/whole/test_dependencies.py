"""What can be known of the packages that we lean on without asking any machine: hashes, origins, licences, pins."""

import ast
import re
import tomllib
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, metadata, packages_distributions, version
from pathlib import Path

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCKS = sorted(path.name for path in ROOT.glob("constraints*.txt"))
LICENCES = tomllib.loads((ROOT / "docs" / "licences.toml").read_text(encoding="utf-8"))
PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)(?:\s*;\s*([^\\]+?))?\s*\\?$")
WITH_AGPL = {  # what may be linked into a work under AGPL-3.0-or-later
    *(
        "0BSD",
        "Apache-2.0",
        "Apache-2.0 WITH LLVM-exception",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "CC0-1.0",
        "ISC",
        "MIT",
        "MIT-0",
        "MIT-CMU",
        "MPL-2.0",
    ),
    *("PSF-2.0", "Zlib"),
}
LOADED_BY_NAME = {  # by `layers.database.extensions`, which makes the name of the module from that of the extension
    "duckdb-extension-httpfs",
    "duckdb-extension-spatial",
}
FAMILIES = {"apache": "Apache", "bsd": "BSD", "mit": "MIT", "mpl": "MPL|Mozilla", "psf": "PSF|Python", "isc": "ISC"}


def entries(lock):
    """The lines of a lock by package: what it says of each, with its hashes."""
    found = {}
    for line in (ROOT / lock).read_text(encoding="utf-8").splitlines():
        if line.startswith("#") or not line.strip():
            continue
        if not line.startswith(" "):
            at = line
            found[at] = []
        elif "--hash" in line:
            found[at].append(line.strip().removesuffix("\\").strip())
    return found


def pinned(lock):
    return [(canonicalize_name(told[1]), told[2], told[3]) for told in map(PIN.match, entries(lock)) if told]


def holds(condition):
    return condition is None or Marker(condition).evaluate()


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_is_pinned_to_one_version_with_hashes_and_comes_from_no_address(lock):
    for line, hashes in entries(lock).items():
        assert PIN.match(line), line
        assert hashes, line
        assert all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", one) for one in hashes), line
        assert len(hashes) == len(set(hashes)), line


def test_where_two_versions_are_pinned_their_conditions_tell_which():
    by_name = {}
    for name, exact, condition in pinned("constraints-run.txt"):
        by_name.setdefault(name, []).append((exact, condition))

    assert [
        name for name, pins in by_name.items() if len(pins) > 1 and not all(condition for _, condition in pins)
    ] == []
    assert [name for name, pins in by_name.items() if sum(holds(condition) for _, condition in pins) > 1] == []


def test_all_that_is_declared_is_pinned():
    names = {name for name, *_ in pinned("constraints-run.txt")}

    assert {canonicalize_name(Requirement(one).name) for one in PROJECT["dependencies"]} - names == set()


def imported():
    """The top level modules that the program imports anywhere."""
    found = set()
    for path in (path for path in ROOT.joinpath("lindero").rglob("*.py") if path.relative_to(ROOT).parts[1] != "data"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module.partition(".")[0])
    return found


def test_all_that_is_declared_is_imported():
    declared = {canonicalize_name(Requirement(one).name) for one in PROJECT["dependencies"]}
    owners = packages_distributions()
    used = {canonicalize_name(owner) for module in imported() for owner in owners.get(module, [])}

    assert declared - used == LOADED_BY_NAME


def test_the_locks_pin_the_same_versions():
    everything = {name: set() for name, *_ in pinned("constraints.txt")}
    for name, exact, _condition in pinned("constraints.txt"):
        everything[name].add(exact)

    assert [one for one in pinned("constraints-run.txt") if one[1] not in everything.get(one[0], {one[1]})] == []


def test_the_licence_of_every_package_is_known_and_may_be_joined_with_ours():
    assert {canonicalize_name(name) for name in LICENCES} == {name for name, *_ in pinned("constraints-run.txt")}
    for name, licence in LICENCES.items():
        alternatives = [set(re.split(r" AND ", one.strip("() "))) for one in licence.split(" OR ")]
        assert any(one <= WITH_AGPL for one in alternatives), f"{name}: {licence}"


@pytest.mark.parametrize("name", sorted(LICENCES))
def test_what_is_installed_states_the_licence_that_we_know_of_it(name):
    try:
        told = metadata(name)
    except PackageNotFoundError:
        return  # of another system, or not set up yet: it states nothing
    stated = " ".join(
        [told.get("License-Expression") or "", (told.get("License") or "")[:200]]
        + [one for one in told.get_all("Classifier") or [] if one.startswith("License")]
    )
    words = [words for known, words in FAMILIES.items() if known in LICENCES[name].lower()]
    assert not re.search("GPL|proprietary", stated.replace("LGPL", "")) or "GPL" in LICENCES[name]
    assert not re.search("[A-Z]{2}", stated) or any(re.search(each, stated, re.IGNORECASE) for each in words)


def test_what_is_installed_is_what_is_pinned():
    here = {name: exact for name, exact, condition in pinned("constraints-run.txt") if holds(condition)}
    wrong = []
    for name, exact in here.items():
        with suppress(PackageNotFoundError):  # not set up yet: what needs it says so
            wrong += [(name, exact, version(name))] * (version(name) != exact)
    assert wrong == []
