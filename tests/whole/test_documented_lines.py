"""
Every line that the documents give to be typed is typed by a test, or it is said here why none can.

What a test types whole (README's questions, the ten lines of the page of commands, the first steps) is known by its page or its first
line; each other line of a block of `sh` by how it begins. Lines inside of sentences name options that there are.
"""

import re
from pathlib import Path

import geopandas as gpd
import typer.main
from shapely import LineString

from lindero.app.commands.index import program
from tests import background_files
from tests.promises.test_sentences import every_test
from tests.whole.test_documents import block_with

ROOT = Path(__file__).parents[2]
PAGES = [
    *(
        ROOT / name
        for name in (
            "README.md",
            "CONTRIBUTING.md",
            "GOVERNANCE.md",
            "SECURITY.md",
            "lindero/data/README.md",
            "bench/README.md",
        )
    ),
    *sorted((ROOT / "docs").glob("*.md")),
]
_INSTALLING = "tests/whole/test_installing.py::"
OWN_TESTS = {  # of a block that is typed whole
    "rm -rf dist\npip wheel --no-deps --wheel-dir dist .\ncp": f"{_INSTALLING}test_without_a_clone",
    "folder=/opt/lindero": f"{_INSTALLING}test_without_a_clone",
    "useradd": f"{_INSTALLING}test_as_a_service",
    "runuser -u lindero": f"{_INSTALLING}test_as_a_service",
    "lindero init valley": "tests/whole/test_readme.py::test_your_own_data_takes_ten_lines_that_work",
    "cp -r lindero/data/demo": "tests/whole/test_readme.py::test_three_questions_are_answered_as_the_readme_shows",
    "first-steps.md": "tests/whole/test_first_steps.py::test_the_first_steps_lead_to_a_map_a_brief_and_a_publication",
    **dict.fromkeys(
        ("first-steps-co.md", "first-steps-br.md", "first-steps-cd.md"),
        "tests/whole/test_first_steps_countries.py::test_the_first_steps_of_a_country_answer_what_the_page_quotes",
    ),
    "how-to.md": "tests/whole/test_guides.py::test_the_commands_of_the_guides_work",
    "guias.md": "tests/whole/test_guides.py::test_the_commands_of_the_guides_work",
    "primeros-pasos.md": "tests/whole/test_first_steps.py::test_the_first_steps_lead_to_a_map_a_brief_and_a_publication",
}
_DOCUMENTS = "tests/whole/test_documents.py::"
_HANDBOOK = f"{_DOCUMENTS}test_a_workspace_is_backed_up_put_back_and_looked_at_as_the_handbook_says"
_VAULT = f"{_DOCUMENTS}test_a_vault_is_made_filled_and_read_as_the_page_on_safety_says"
_FETCHING = "tests/app/builder/test_fetching.py::"
_CLUSTER = "tests/app/builder/derived/test_dask_engine.py::"
_RIVERS = "tests/whole/test_documented_lines.py::test_rivers_are_added_listed_and_taken_out_as_the_handbook_says"
_BASEMAP = "tests/whole/test_documented_lines.py::test_a_background_is_added_listed_and_taken_out_as_the_handbook_says"
TYPED = {
    "lindero doctor valley --address": "tests/app/builder/test_doctor.py::test_a_map_that_lindero_serves_is_well",
    "lindero doctor": _HANDBOOK,
    "lindero backup": _HANDBOOK,
    "lindero restore": _HANDBOOK,
    "lindero build": _HANDBOOK,
    "lindero sources check": f"{_FETCHING}test_the_catalogue_is_checked_without_failing_as_a_whole",
    "lindero sources": f"{_FETCHING}test_the_catalogue_is_listed_in_words_and_for_programs",
    "lindero fetch ingemmet-catastro": f"{_FETCHING}test_a_service_of_the_catalogue_becomes_a_snapshot_kept_as_received",
    "lindero add https://": f"{_FETCHING}test_the_same_again_adds_nothing_and_a_change_adds_a_snapshot",
    "lindero demo": "tests/data/test_demo_of_a_country.py::test_one_command_writes_and_builds_a_demonstration_of_a_country",
    "lindero basemap": _BASEMAP,
    "lindero rivers": _RIVERS,
    "lindero vault": _VAULT,
    "lindero watch": "tests/app/watch/test_watch_run.py::test_the_files_of_a_stick_are_read_instead_of_the_network",
    "lindero watch add": "tests/app/watch/test_watch_setup.py::test_the_commands_ask_twice_for_everything_and_say_what_they_did",
    "lindero watch --dry-run": "tests/app/commands/test_watch_command.py::test_the_demonstration_has_a_watch_that_a_dry_run_shows",
    "lindero serve": "tests/whole/test_wheel.py::test_it_serves_the_demonstration",
    "lindero serve --vault": "tests/app/media/site/test_publish_command.py::test_a_vault_is_not_served_to_other_machines",
    "lindero build --scheduler": f"{_CLUSTER}test_the_command_builds_the_same_map",
    "lindero hotspots --of overlap-ha --scheduler": f"{_CLUSTER}test_hotspots_of_shared_ground_are_the_same_to_the_bit",
    "dask scheduler": f"{_CLUSTER}test_two_workers_give_the_same_rows_to_the_bit",
    "dask worker": f"{_CLUSTER}test_two_workers_give_the_same_rows_to_the_bit",
    "pip wheel": "tests/whole/test_wheel.py::test_it_claims_one_name",
    "python packaging/windows.py": "tests/whole/test_windows_zip.py::test_it_holds_python_the_packages_and_what_starts_them",
}
BY_HAND = {  # and why
    "git clone": "copies this repository from wherever it is",
    "make setup-tests": "asks the package index for all that tests need; .ci/run does the same step by step",
    ".venv/bin/python -m pytest": "is what runs this",
    "make run": "asks the package index for all that there is; .ci/run does the same step by step",
    "make test": "is what runs this",
    "make setup && du": "weighs an installation: docs/speed.md says when it was done",
    "pip install '.[cluster]'": "asks the package index; the packages are those of the lock, which the tests run on",
    "python -m bench": "measures for minutes, on a machine that does nothing else; tests/bench holds that it runs",
    "echo LINDERO_HOST": "is for compose.yaml, which tests/whole/test_packaging.py holds",
    "install --directory --owner=10001": "is for compose.yaml, which tests/whole/test_packaging.py holds",
    "install --owner=10001": "is for compose.yaml, which tests/whole/test_packaging.py holds",
    "podman": "no engine of containers runs in CI; docs/screenshots/container.jpg shows one by hand",
}


def lines():
    """Each line of the blocks of commands that no test types whole, without what it says of itself."""
    for page in PAGES:
        for block in re.findall(
            r"^```(?:sh|bash|shell|console)\n(.*?)^```", page.read_text("utf-8"), re.DOTALL | re.MULTILINE
        ):
            if page.name in OWN_TESTS or any(block.startswith(begin) for begin in OWN_TESTS):
                continue
            yield from (line.split("  #")[0].strip() for line in block.splitlines() if line.strip())


def meant(line):
    """Give the longest beginning that is known of a line."""
    return max((known for known in (*TYPED, *BY_HAND) if line.startswith(known)), key=len, default=None)


def test_every_line_is_typed_by_a_test_or_it_is_said_why_not():
    told = {line: meant(line) for line in lines()}

    assert len(told) > 40
    assert [line for line, known in told.items() if known is None] == []
    assert {*TYPED, *BY_HAND} - {*told.values()} == set()


def test_a_line_that_no_test_types_is_found():
    assert meant("lindero everything --at-once") is None


def test_the_tests_that_type_them_are_there():
    assert {*TYPED.values(), *OWN_TESTS.values()} - every_test() == set()


def test_options_inside_of_sentences_are_options_of_their_command():
    strange, seen = [], 0
    for page in [*PAGES, ROOT / "CHANGELOG.md"]:
        for code in re.findall(r"`lindero ([a-z][^`]+)`", page.read_text("utf-8")):
            command, words = typer.main.get_command(program), code.split()
            while words and words[0] in getattr(command, "commands", {}):
                command = command.commands[words.pop(0)]
            known = {name for one in command.params for name in (*one.opts, *one.secondary_opts)} | {"--help"}
            named = set(re.findall(r"(?<!\w)--[a-z][a-z-]*", code))
            seen += len(named)
            strange += [f"{page.name}: {code}"] if named - known else []

    assert strange == []
    assert seen > 30


def test_a_background_is_added_listed_and_taken_out_as_the_handbook_says(typed, tmp_path):
    background_files.mbtiles(tmp_path / "peru-satellite.mbtiles")
    assert typed("init", "my-map", "--country", "PE")[0] == 0

    for words in block_with("operating.md", "lindero basemap"):
        code, _, told = typed(*words)
        assert code == 0, told
    assert not list(tmp_path.glob("my-map/basemap/*"))


def test_rivers_are_added_listed_and_taken_out_as_the_handbook_says(typed, tmp_path):
    river = gpd.GeoDataFrame(geometry=[LineString([(-76, -4.5), (-75, -4.5)])], crs="OGC:CRS84")
    river.to_file(tmp_path / "red-hidrica.gpkg")
    assert typed("init", "my-map", "--country", "PE")[0] == 0

    for words in block_with("operating.md", "lindero rivers"):
        code, _, told = typed(*words)
        assert code == 0, told
    assert not list(tmp_path.glob("my-map/rivers/*"))
