"""`lindero.open`: the examples of its docstrings run, and its answers are those of the commands."""

import doctest
import inspect
import json
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.responses import FileResponse
from starlette.routing import Route

import lindero
from lindero.app import library
from lindero.layers.disk.builds import current_map
from lindero.layers.errors import AnswerError, DamagedMapError, NotBuiltError
from tests import small_map

PUBLIC = [library.open_map, *(each for name, each in vars(library.Map).items() if not name.startswith("_"))]


@pytest.fixture
def opened(demonstration):
    folder, _ = demonstration
    with lindero.open(folder) as held:
        yield held


@contextmanager
def served(path):
    port = small_map.free_port()
    app = Starlette(routes=[Route("/map.duckdb", lambda _request: FileResponse(path))])
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}/map.duckdb"
    finally:
        server.should_exit = True
        thread.join()


@pytest.mark.parametrize("each", [library.open_map, library.Map], ids=["open", "Map"])
def test_examples_run(each, demonstration, opened):
    folder, _ = demonstration
    names = {"workspace": folder, "map": opened}
    found = doctest.DocTestFinder(recurse=True).find(each, globs=names)
    runner = doctest.DocTestRunner()

    for example in found:
        runner.run(example)
    assert runner.summarize(verbose=False).failed == 0
    assert runner.tries > 0


def test_every_public_name_has_an_example():
    without = [getattr(each, "__name__", each) for each in PUBLIC if ">>>" not in (inspect.getdoc(each) or "")]

    assert without == ["close"]


def test_it_answers_as_the_commands_do(opened, demonstration, typed):
    folder, _ = demonstration
    told = json.loads(typed("near", "-12.409", "-70.39", "--km", "10", "--format", "json", "--workspace", folder)[1])
    pairs = json.loads(typed("overlaps", "concessions", "communities", "--format", "json", "--workspace", folder)[1])

    assert [each["id"] for each in told["near"]] == opened.near(-12.409, -70.39, km=10)["id"].tolist()
    areas = [each["area_ha"] for each in pairs["overlaps"] if each["area_ha"] is not None]  # points have none
    assert areas == pytest.approx(opened.overlaps("concessions", "communities")["area_ha"].tolist(), abs=1e-4)


def test_a_map_is_opened_by_its_folder_its_file_and_its_address(opened, demonstration):
    folder, _con = demonstration
    file = current_map(folder / "build")
    with lindero.open(folder / "build") as by_folder, lindero.open(file) as by_file, served(file) as address:
        with lindero.open(address) as by_address:
            assert by_address.sql("FROM communities ORDER BY id").equals(opened.sql("FROM communities ORDER BY id"))
            assert len(by_address.near(-12.409, -70.39, km=10)) == len(opened.near(-12.409, -70.39, km=10))
        assert by_folder.layers == by_file.layers == opened.layers


def test_what_cannot_be_opened_is_a_sentence(tmp_path):
    (tmp_path / "notes.txt").write_text("no map", encoding="utf-8")
    with pytest.raises(NotBuiltError):
        lindero.open(tmp_path / "nothing.duckdb")
    with pytest.raises(NotBuiltError):
        lindero.open(tmp_path)
    with pytest.raises(DamagedMapError):
        lindero.open(tmp_path / "notes.txt")
    with pytest.raises(DamagedMapError):
        lindero.open("http://127.0.0.1:9/map.duckdb")


def test_a_place_that_is_not_known_and_a_layer_that_is_not_there_are_sentences(opened):
    with pytest.raises(AnswerError, match="'Nowhere at all' does not identify a single place"):
        opened.near("Nowhere at all")
    with pytest.raises(AnswerError, match="a latitude and a longitude"):
        opened.near(1.0)
    with pytest.raises(AnswerError, match="there is no layer"):
        opened.read("rivers")


def test_nothing_can_be_written(opened, tmp_path):
    import duckdb

    with pytest.raises(duckdb.Error):
        opened.sql("DELETE FROM communities")
    with pytest.raises(duckdb.Error):
        opened.sql(f"COPY communities TO '{tmp_path / 'x.csv'}'")
    assert list(Path(tmp_path).iterdir()) == []


def test_the_page_of_the_docs_runs(demonstration):
    folder, _ = demonstration
    page = Path(library.__file__).parents[2] / "docs" / "python.md"

    done = doctest.testfile(str(page), module_relative=False, globs={"workspace": folder}, encoding="utf-8")

    assert done.failed == 0
    assert done.attempted > 10
