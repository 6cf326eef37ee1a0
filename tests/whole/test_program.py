"""Commands stand in groups, and an option of one value is given once."""

from enum import Enum
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from lindero.app.commands import index
from lindero.app.commands.program import GROUPS, Program


class Form(Enum):
    TABLE = "table"
    JSON = "json"


def told(*words):
    """Run a command, and return how it ended and what it said."""
    program = Program(rich_markup_mode=None)

    @program.command()
    def ask(
        place: list[str],
        km: Annotated[float, typer.Option(min=0, max=1000)] = 25,
        layer: Annotated[list[str] | None, typer.Option()] = None,
        form: Annotated[Form, typer.Option("--format")] = Form.TABLE,
        *,
        abroad: Annotated[bool, typer.Option("--abroad")] = False,
    ) -> None:
        typer.echo(repr((place, km, layer, form, abroad)))

    ended = CliRunner().invoke(program, words, prog_name="told")
    return ended.exit_code, ended.output


def test_every_command_stands_in_one_group_of_the_help():
    listed = [name for names in GROUPS.values() for name in names]

    assert sorted(listed) == sorted(typer.main.get_command(index.program).commands)
    said = CliRunner().invoke(index.program, ["--help"]).output
    assert all(f"\n{title}:" in said for title in GROUPS)
    assert max(map(len, said.splitlines())) <= 80


@pytest.mark.parametrize(
    ("words", "option"),
    [(["--km", "1", "--km", "2"], "--km"), (["--format", "json", "--format=table"], "--format")],
)
def test_an_option_of_one_value_that_is_given_twice_is_refused(words, option):
    code, output = told("here", *words)

    assert code == 2
    assert f"{option} is given twice" in output


def test_two_opposite_flags_are_refused_and_what_may_be_repeated_is_taken():
    assert told("here", "--layer", "a", "--layer", "b", "--abroad", "--abroad")[0] == 0
    ended = CliRunner().invoke(index.program, ["add", "a.csv", "--day-first", "--month-first", "--yes", "--yes"])
    assert "--day-first/--month-first is given twice" in ended.output


@pytest.mark.parametrize("option", ["--left-source", "--right-source", "--bbox", "--min-ha", "--output"])
def test_overlaps_takes_each_side_s_source_once(option):
    ended = CliRunner().invoke(index.program, ["overlaps", "a", "b", option, "1", option, "2"])

    assert ended.exit_code == 2
    assert f"{option} is given twice" in ended.output
