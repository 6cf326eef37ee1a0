"""The README and the page of commands: each command does what they say, and answers what they show."""

import re
import shutil
from pathlib import Path

import geopandas as gpd
import pytest
from shapely import box

ROOT = Path(__file__).parents[2]
README = ROOT.joinpath("README.md").read_text(encoding="utf-8")
COMMANDS = ROOT.joinpath("docs", "commands.md").read_text(encoding="utf-8")


def find_block(page: str, line: str) -> list[str]:
    """Return the lines of the shell block of a page that contains a text."""
    blocks = re.findall(r"```sh\n(.*?)```", page, flags=re.DOTALL)
    return next(block for block in blocks if line in block).strip().splitlines()


def join_lines(text: str) -> str:
    return " ".join(text.split())


def read_answers() -> list[list[str]]:
    """Return the quoted answers of the README, each split where it is shortened."""
    quotes = re.findall(r"(?:^   > .*\n)+", README, flags=re.MULTILINE)
    answers = [join_lines(re.sub(r"^   > ", "", quote, flags=re.MULTILINE)) for quote in quotes]
    return [[part.strip() for part in answer.split("…") if part.strip()] for answer in answers]


@pytest.fixture
def received(tmp_path):
    """Files as the ten lines of the page of commands name them, around the point that the last but one line asks about."""
    titles = {"CODE": ["1", "2"], "OWNER": ["Minera A", "Minera B"]}
    land = {"NAME": ["Comunidad X"]}
    boxes = [box(-78.62, -6.77, -78.58, -6.73), box(-78.5, -6.7, -78.4, -6.6)]
    gpd.GeoDataFrame(titles, geometry=boxes, crs="OGC:CRS84").to_file(tmp_path / "cadastre.geojson")
    gpd.GeoDataFrame(land, geometry=[box(-78.6, -6.8, -78.5, -6.7)], crs="OGC:CRS84").to_file(
        tmp_path / "communities.geojson"
    )
    return tmp_path


@pytest.mark.slow
def test_your_own_data_takes_ten_lines_that_work(received, shell):
    commands = find_block(COMMANDS, "lindero init")
    said = shell("\n".join(commands), received)

    assert len(commands) == 10
    assert "2 received = 2 kept + 0 rejected" in said
    assert "Number of overlaps: 1 between 1 and 1 features" in said
    assert "Comunidad X" in received.joinpath("valley", "overlaps.csv").read_text(encoding="utf-8")
    assert gpd.read_file(received / "valley" / "communities.gpkg", layer="communities")["name"].tolist() == [
        "Comunidad X"
    ]


@pytest.mark.slow
def test_three_questions_are_answered_as_the_readme_shows(tmp_path, shell):
    shutil.copytree(
        ROOT / "lindero" / "data" / "demo",
        tmp_path / "clone" / "lindero" / "data" / "demo",
        ignore=shutil.ignore_patterns("build"),
    )
    prepare, *questions = find_block(README, "cp -r lindero/data/demo")
    shell(prepare, tmp_path / "clone")
    answers = read_answers()

    assert len(questions) == len(answers) == 3
    for question, parts in zip(questions, answers, strict=True):
        said = join_lines(shell(question, tmp_path / "demo"))
        assert [part for part in parts if part not in said] == [], question


def test_the_readme_stays_short():
    assert len(README.splitlines()) <= 80


def test_every_make_target_that_the_readme_names_exists():
    targets = set(re.findall(r"^(\w+):", ROOT.joinpath("Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))

    named = set(re.findall(r"make (\w+)", README)) - {"and"}

    assert named
    assert named <= targets


def test_every_command_that_the_documents_name_exists():
    from lindero.app.commands.index import program

    known = {command.name or command.callback.__name__ for command in program.registered_commands}
    known |= {group.name for group in program.registered_groups}
    documents = [README, *(path.read_text(encoding="utf-8") for path in ROOT.joinpath("docs").glob("*.md"))]

    named = {name for text in documents for name in re.findall(r"(?:`|^)lindero ([a-z]+)", text, flags=re.MULTILINE)}

    assert {"init", "add", "build", "report", "overlaps", "near", "export", "serve"} <= known
    assert named <= known


def test_every_file_that_the_readme_names_is_there():
    paths = re.findall(r"`((?:docs|lindero|bench)/[\w./-]*)`", README)
    pictures = re.findall(r"!\[[^]]+\]\(([^)]+)\)", README)

    assert paths
    assert pictures
    assert [path for path in (*paths, *pictures) if not ROOT.joinpath(path).exists()] == []


def test_the_data_model_names_every_table_column_and_vocabulary():
    from lindero.layers.model.schema import LAYERS, TABLES
    from lindero.layers.model.vocabularies import VOCABULARIES

    text = ROOT.joinpath("docs", "data-model.md").read_text(encoding="utf-8")
    names = {*LAYERS, *TABLES, *VOCABULARIES}
    names |= {column.name for layer in LAYERS.values() for column in layer.own_columns}
    names |= {column.name for table in TABLES.values() for column in table}
    names |= {code for codes in VOCABULARIES.values() for code in codes}

    assert [name for name in sorted(names) if f"`{name}`" not in text] == []


def test_the_data_model_names_the_layers_that_a_build_lays():
    from lindero.layers.model.schema import OVERLAP_PAIRS

    text = " ".join(ROOT.joinpath("docs", "data-model.md").read_text(encoding="utf-8").split())
    told = text[text.index("`overlap_pairs` holds") :].split(". ")[0]

    assert tuple(re.findall(r"`(\w+)` × `(\w+)`", told)) == OVERLAP_PAIRS


def test_the_page_of_commands_names_every_format_of_an_export():
    from lindero.app.media.files import formats

    table = COMMANDS.split("## Formats that `lindero export` writes")[1]

    assert {name for name in {*formats.EVERY_KIND, *formats.MULTI_LAYER_FORMATS} if f"`{name}`" not in table} == set()


def test_the_page_of_commands_names_the_options_of_add_and_overlaps_that_exist():
    import typer.main

    from lindero.app.commands.index import program

    commands = typer.main.get_command(program).commands
    known = {name for command in ("add", "overlaps", "export") for one in commands[command].params for name in one.opts}
    known |= {
        name for command in ("add", "overlaps") for one in commands[command].params for name in one.secondary_opts
    }
    named = set(re.findall(r"(?<!\w)`?(--[a-z][a-z-]*)", COMMANDS)) - {"--help"}

    assert named - known == {"--country", "--km"}  # of `lindero init` and `lindero near`
