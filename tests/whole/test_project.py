"""What must never be in the repository."""

import hashlib
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.code_text import without_docstrings
from tests.files import SHARED, shared

ROOT = Path(__file__).parents[2]
MACHINE = re.compile(
    rb"(?<![\w.])/(work|root|home)/[a-z]|[A-Z]:\\\\Users|(index-url|registry)\s*=\s*['\"]?https?:", re.IGNORECASE
)
TEXT_SUFFIXES = {".py", ".toml", ".md", ".txt", ".js", ".css", ".csv", ".geojson", ".json", ".cfg", ".po", ".pot", ""}


def committed():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode()
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def prose():
    return [path for path in committed() if path.suffix == ".md"]


def test_no_committed_file_names_a_path_of_a_machine_or_an_index():
    named = [
        path.relative_to(ROOT).as_posix()
        for path in committed()
        if path.suffix in TEXT_SUFFIXES and path != Path(__file__) and MACHINE.search(path.read_bytes())
    ]

    assert not named


def test_nothing_that_was_received_for_tests_is_committed():
    shared("peru-cajamarca/ANP.geojson")
    received = {hashlib.sha256(path.read_bytes()).digest() for path in SHARED.rglob("*") if path.is_file()}

    assert not [path for path in committed() if hashlib.sha256(path.read_bytes()).digest() in received]


def test_nothing_in_app_is_named_like_a_top_level_package():
    # Streamlit puts the folder of its script first on the path, so that such a name would shadow the package
    taken = {"app", "geo", "layers", "data", "tests"} | set(sys.stdlib_module_names)
    foreign = {"pages", "folium", "streamlit", "duckdb", "geopandas", "pandas", "shapely", "typer", "babel", "rich"}

    modules = [
        path for path in (ROOT / "lindero" / "app").glob("*") if path.suffix == ".py" or (path / "__init__.py").exists()
    ]

    assert not {path.stem for path in modules} & (taken | foreign)


def test_no_folder_of_tests_is_named_like_a_library_that_another_looks_for():
    # pytest puts the folder of a file of tests on the path, and numba uses coverage wherever it can import it
    assert not [path for path in committed() if "coverage" in path.parent.parts and path.name.startswith("test_")]


def test_links_in_the_root_lead_into_the_package():
    links = {path.name: path.readlink().as_posix() for path in ROOT.iterdir() if path.is_symlink()}

    assert links == {part: f"lindero/{part}" for part in ("app", "data", "geo", "layers")}
    assert all(ROOT.joinpath(name).is_dir() for name in links)
    banned = tomllib.loads(ROOT.joinpath("pyproject.toml").read_text())["tool"]["ruff"]["lint"]["flake8-tidy-imports"]
    assert set(links) <= set(banned["banned-api"])


def test_no_database_and_no_build_is_committed():
    assert not [
        path
        for path in committed()
        if path.suffix in {".duckdb", ".wal", ".pickle", ".pkl"} or "/build/" in str(path.relative_to(ROOT))
    ]


def test_databases_are_committed_in_what_earlier_versions_left_alone():
    for path in committed():
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                held = [name for name in archive.namelist() if name.endswith(".duckdb")]
            assert not held or path.is_relative_to(
                ROOT / "tests" / "releases"
            )  # all invented: tests/releases/README.md
            assert path.stat().st_size < 3_000_000


MOST_LINES = 400


def test_code_files_stay_small():
    code = [
        path
        for path in committed()
        if path.suffix == ".py"
        and path.relative_to(ROOT).parts[:2] in {("lindero", name) for name in ("app", "geo", "layers", "machine")}
    ]

    assert [
        path for path in code if len(without_docstrings(path.read_text(encoding="utf-8")).splitlines()) > MOST_LINES
    ] == []


def test_a_docstring_is_no_line_of_code():
    text = '"""A module."""\n\n\ndef one():\n    """\n    Return 1.\n    """\n    return 1\n'

    assert without_docstrings(text).split() == ["def", "one():", "return", "1"]


@pytest.mark.parametrize("path", prose(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_files_that_the_docs_link_to_are_there(path):
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))

    assert not [link for link in links if "://" not in link and not (path.parent / link).exists()]


def test_every_command_that_the_readme_shows_is_one():
    from lindero.app.commands.index import program

    known = {command.name or command.callback.__name__ for command in program.registered_commands}
    known |= {group.name for group in program.registered_groups}
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = set(re.findall(r"(?:^|\s|`)lindero ([a-z]+)", readme, flags=re.MULTILINE))

    assert shown <= known
    assert shown


def test_the_changelog_begins_with_this_version_or_with_what_comes_after_it():
    heads = re.findall(r"^## (\S+)", ROOT.joinpath("CHANGELOG.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    project = tomllib.loads(ROOT.joinpath("pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert next(head for head in heads if head != "Unreleased") == project["version"]


def test_the_changelog_has_at_most_40_lines_for_each_version():
    versions = ROOT.joinpath("CHANGELOG.md").read_text(encoding="utf-8").split("\n## ")[1:]
    lengths = {version.split()[0]: len(version.rstrip().splitlines()) for version in versions}

    assert lengths
    assert {version: length for version, length in lengths.items() if length > 40} == {}


def test_the_citation_has_the_version_and_licence_of_the_project_and_the_date_of_the_changelog():
    cited = dict(
        re.findall(
            r'^([a-z-]+): "?([^"\n]+)"?$', ROOT.joinpath("CITATION.cff").read_text(encoding="utf-8"), re.MULTILINE
        )
    )
    project = tomllib.loads(ROOT.joinpath("pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert cited["cff-version"] == "1.2.0"
    assert (cited["version"], cited["license"]) == (project["version"], project["license"])
    assert f"## {cited['version']} ({cited['date-released']})" in ROOT.joinpath("CHANGELOG.md").read_text("utf-8")


@pytest.mark.parametrize("path", sorted(ROOT.glob(".github/ISSUE_TEMPLATE/*.md")), ids=lambda path: path.stem)
def test_each_issue_template_has_a_name_and_asks_not_to_name_people_in_both_languages(path):
    told = path.read_text(encoding="utf-8")

    assert re.match(r"---\nname: .+\nabout: .+\nlabels: .+\n---\n", told)
    assert re.search("[Dd]o not name people|names of people", told)
    assert re.search("No nombre a personas|nombres de personas", told)


def test_a_concern_for_safety_is_told_in_private():
    (path,) = ROOT.glob(".github/ISSUE_TEMPLATE/*safety.md")

    assert "in private, as `SECURITY.md` describes" in path.read_text(encoding="utf-8")
