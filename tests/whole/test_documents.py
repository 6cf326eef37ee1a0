"""What the documents show to be typed is understood and does what is said: blocks of commands, examples in SQL."""

import re
import shlex
from pathlib import Path

import duckdb
import pytest
import typer.main
from openpyxl import Workbook

from lindero.app.commands.index import program
from lindero.layers.database import extensions
from lindero.layers.disk import builds
from tests.built import build
from tests.files import Files, concessions
from tests.layers.database.test_comments import served
from tests.secret_files import COLUMNS, Secret

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
KEY = "some words that are long"
EXTENSIONS = re.compile(r"\b(?:INSTALL|LOAD) (\w+)")


def blocks(language, pages=PAGES):
    """The blocks of a language with the page that each is on."""
    fenced = re.compile(rf"^```{language}\n(.*?)^```", flags=re.DOTALL | re.MULTILINE)
    return [(page.name, block) for page in pages for block in fenced.findall(page.read_text("utf-8"))]


def commands(block):
    """The lines of a block that call Lindero itself, as words."""
    lines = [line.strip() for line in block.splitlines()]
    return [shlex.split(line, comments=True)[1:] for line in lines if line.startswith("lindero ")]


def understood(words):
    """Whether a line has a command, and that the options and arguments."""
    command, name = typer.main.get_command(program), "lindero"
    context = None
    while hasattr(command, "list_commands"):
        if command.invoke_without_command and (not words or words[0].startswith("-")):
            break  # a group that does something by itself, such as `lindero watch --send`
        context = command.make_context(name, list(words), parent=context, resilient_parsing=True)
        name, words = words[0], words[1:]
        command = command.get_command(context, name)
        assert command is not None, name
    words = words[: words.index(">")] if ">" in words else words
    words = [str(ROOT) if word == "/media/usb" else word for word in words]  # a folder that has to be there
    command.make_context(name, list(words), parent=context)


LINES = [(page, words) for page, block in blocks("sh") for words in commands(block)]


@pytest.mark.parametrize("page", sorted({page for page, _ in LINES}))
def test_each_command_of_a_block_is_understood(page):
    for words in [words for name, words in LINES if name == page]:
        understood(words)


def test_an_option_that_is_none_is_not_understood():
    with pytest.raises(Exception, match="No such option"):
        understood(["backup", "x.zip", "--nowhere", "valley"])


def block_with(page, line):
    """The lines of the block of a page in which one begins so."""
    return next(
        commands(block) for name, block in blocks("sh") if name == page and re.search(f"^{line}", block, re.MULTILINE)
    )


def test_each_test_that_a_page_names_is_there():
    pages = [path for path in ROOT.rglob("*.md") if not {".venv", ".git"} & set(path.parts)]
    named = {
        (page.name, path) for page in pages for path in re.findall(r"`(tests/[\w/]+\.py)", page.read_text("utf-8"))
    }

    assert named
    assert {(page, path) for page, path in named if not ROOT.joinpath(path).exists()} == set()


def test_a_workspace_is_backed_up_put_back_and_looked_at_as_the_handbook_says(typed, tmp_path):
    files = Files(tmp_path / "valley")
    files.add("concessions", concessions(2))
    build(files.space)
    (tmp_path / "key.txt").write_text(KEY)
    (tmp_path / "key.txt").chmod(0o600)
    for words in block_with("operating.md", "lindero backup"):
        code, _, told = typed(*[word.replace("/media/usb/", f"{tmp_path}/") for word in words])
        assert code == 0, told
    assert list(tmp_path.glob("valley-before-*"))

    own, of_valley, served_there = block_with("operating.md", "lindero doctor")
    assert own == ["doctor"]
    assert served_there[:3] == ["doctor", "valley", "--address"]  # a machine elsewhere, which no test asks
    assert typed(*of_valley)[0] == 0


def test_a_vault_is_made_filled_and_read_as_the_page_on_safety_says(typed, tmp_path, monkeypatch):
    Files(tmp_path / "valley")
    monkeypatch.chdir(tmp_path / "valley")
    book = Workbook()
    book.active.append(COLUMNS)
    book.active.append([Secret(1, "restricted").row()[name] for name in COLUMNS])
    book.save("casos.xlsx")
    for name, told in (("old", KEY), ("new", f"other {KEY}")):
        Path(name).write_text(told)
        Path(name).chmod(0o600)
    lines = block_with("safety.md", "lindero vault init")
    key = "old"
    for words in lines:
        if words[0] == "serve":
            continue  # it goes on until it is stopped: tests/promises/test_vault_served.py
        more = {"add": ["--yes"], "rekey": ["--new-key-file", "new"]}.get(words[1], [])
        code, out, told = typed(*words, *more, "--key-file", key)
        assert code == 0, told
        key = "new" if words[1] == "rekey" else key
        if words[1:] == ["list", "--incidents"]:
            assert "caso-secreto-001" in out
    assert [words[1] for words in lines if words[0] == "vault"] == ["init", "add", "list", "rekey", "journal"]


@pytest.mark.parametrize("number", range(len(blocks("sql"))))
def test_each_example_in_sql_answers(number, demonstration):
    _, block = blocks("sql")[number]
    path = builds.current_map(demonstration[0] / "build")
    with served(path) as (address, asked):
        is_far = "https://example.org/map.duckdb" in block
        with duckdb.connect(":memory:" if is_far else str(path), read_only=not is_far) as con:
            extensions.load_extension(con, "spatial")
            for statement in block.replace("https://example.org/map.duckdb", address).split(";"):
                if extension := EXTENSIONS.search(statement):
                    extensions.load_extension(con, extension[1])  # which INSTALL would fetch
                elif statement.strip():
                    answer = con.execute(statement)
                    assert "ATTACH" in statement or answer.fetchall(), statement
        assert bool(asked) == is_far
