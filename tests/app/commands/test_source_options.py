"""The options of a source are stated once: commands, manifest and forms follow from `SourceOptions`."""

import pytest
import typer

from lindero.app.commands.index import program
from lindero.layers.workspace.manifest_file import SourceEntry, manifest_values
from lindero.layers.workspace.source_options import (
    ADD,
    DESCRIBE,
    OPTIONS,
    RIVERS,
    ROW_DECISIONS,
    VAULT,
    SourceOptions,
)


def options_of(command):
    """Return the parameters of a command by name, such as of `vault add`."""
    found = typer.main.get_command(program)
    for word in command.split():
        found = found.commands[word]
    return {parameter.name: parameter for parameter in found.params}


@pytest.mark.parametrize("command", [ADD, VAULT, DESCRIBE, RIVERS])
def test_a_command_has_the_options_that_ask_for_it(command):
    asked = {one.name: one.metadata["asked"] for one in OPTIONS if command in one.metadata["asked"].commands}
    found = options_of(command)

    assert asked.keys() <= found.keys()
    assert "said" not in found
    for name, how in asked.items():
        assert found[name].help
        assert set("/".join(how.flags).split("/")) - {""} <= {*found[name].opts, *found[name].secondary_opts}


def test_the_manifest_holds_every_option_but_what_is_said_of_rows():
    values = {"boundary_accuracy_m": 5.0, "fields": {"a": "b"}, "constants": {"a": "b"}, "codes": {"a": {"b": "c"}}}
    said = SourceOptions(**{one.name: values.get(one.name, "x") for one in OPTIONS if one.name not in ROW_DECISIONS})

    told = manifest_values(SourceEntry(**said.__dict__))

    assert told.keys() == {one.name for one in OPTIONS} - {*ROW_DECISIONS}
