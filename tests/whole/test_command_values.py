"""What was typed is read without pydantic to the same value, and what is wrong is said as before."""

from enum import Enum
from pathlib import Path
from typing import Annotated

import pytest
import typer
from typer.core import TyperCommand, TyperGroup
from typer.testing import CliRunner

from lindero.app.commands import index
from lindero.app.commands.values import Program


class Form(Enum):
    TABLE = "table"
    JSON = "json"


def told(*words, own):
    """Run a command of ours, or the same of typer, and give how it ended and what it said."""
    program = Program(rich_markup_mode=None) if own else typer.Typer(cls=TyperGroup, rich_markup_mode=None)

    def ask(
        place: list[str],
        km: Annotated[float, typer.Option(min=0, max=1000)] = 25,
        limit: Annotated[int | None, typer.Option(min=1)] = None,
        layer: Annotated[list[str] | None, typer.Option()] = None,
        rows: Annotated[list[int] | None, typer.Option()] = None,
        form: Annotated[Form, typer.Option("--format")] = Form.TABLE,
        output: Annotated[Path | None, typer.Option("-o", envvar="TOLD_AT")] = None,
        *,
        abroad: Annotated[bool, typer.Option("--abroad")] = False,
    ) -> None:
        typer.echo(repr((place, km, limit, layer, rows, form, output, abroad)))

    program.command(**({} if own else {"cls": TyperCommand}))(ask)
    ended = CliRunner().invoke(program, words, prog_name="told")
    return ended.exit_code, ended.output


@pytest.mark.parametrize(
    "words",
    [
        "a",
        "",
        "a b --km 50 --limit 3 --layer x --layer y --format json -o file.csv --abroad",
        "a --km 1e2",
        "a --km -1",
        "a --km 1001",
        "a --km many",
        "a --km nan",
        "a --limit 0",
        "a --limit 2.5",
        "a --limit 1_000",
        "a --rows 1 --rows 2",
        "a --rows 1 --rows two",
        "a --format nothing",
        "a --format JSON",
        "a -o .",
        "a -o nowhere/file",
        "--help",
        "a --nothing",
    ],
)
def test_a_value_is_read_as_typer_reads_it(words):
    assert told(*words.split(), own=True) == told(*words.split(), own=False)


@pytest.mark.parametrize(
    ("words", "option"),
    [(["--km", "1", "--km", "2"], "--km"), (["--format", "json", "--format=table"], "--format")],
)
def test_an_option_of_one_value_that_is_given_twice_is_refused(words, option):
    code, output = told("here", *words, own=True)

    assert code == 2
    assert f"{option} is given twice" in output


def test_two_opposite_flags_are_refused_and_what_may_be_repeated_is_taken():
    assert told("here", "--layer", "a", "--layer", "b", "--abroad", "--abroad", own=True)[0] == 0
    ended = CliRunner().invoke(index.program, ["add", "a.csv", "--day-first", "--month-first", "--yes", "--yes"])
    assert "--day-first/--month-first is given twice" in ended.output


@pytest.mark.parametrize("option", ["--left-source", "--right-source", "--bbox", "--min-ha", "--output"])
def test_overlaps_takes_each_side_s_source_once(option):
    ended = CliRunner().invoke(index.program, ["overlaps", "a", "b", option, "1", option, "2"])

    assert ended.exit_code == 2
    assert f"{option} is given twice" in ended.output
