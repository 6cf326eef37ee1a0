"""The provenance in the JSON of every answer: method, parameters, sources, and the command as typed."""

import shlex
from collections.abc import Iterable

import typer

from lindero.app.answers.overlap.row_selection import Side
from lindero.app.answers.provenance import Provenance
from lindero.app.builder.freshness import is_up_to_date
from lindero.app.commands.options import open_workspace
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Connection, Source
from lindero.layers.model.layer import Layer

_DEFAULT = "DEFAULT"
_MACHINE_OPTIONS = frozenset(  # options that describe the machine and the output, not the question
    {"workspace", "output", "form", "what", "key_file", "ca_file", "token_file"}
)


def provenance(
    context: typer.Context, con: Connection, method: str, about: Iterable[Layer | Side]
) -> dict[str, object]:
    """Return the provenance of the command that runs: method, parameters, sources and command line."""
    parameters = _read_parameters(context)
    typed = _command_words(context, parameters)
    record = Provenance(method, parameters, list_sources(con, about), typed, seed=context.params.get("seed"))
    space = open_workspace(context.params.get("workspace"))
    return {**record.to_dict(), "workspace_changed_since_build": not is_up_to_date(space)}


def command_record(context: typer.Context) -> dict[str, object]:
    """Return the provenance of a command that uses no map: its name, its parameters and the command as typed."""
    parameters = _read_parameters(context)
    return {
        "method": context.info_name,
        "parameters": parameters,
        "command": shlex.join(_command_words(context, parameters)),
    }


def _read_parameters(context: typer.Context) -> dict[str, object]:
    return {
        parameter.name: context.params[parameter.name]
        for parameter in context.command.params
        if parameter.name
        and parameter.name not in _MACHINE_OPTIONS
        and str(getattr(context.get_parameter_source(parameter.name), "name", _DEFAULT)) != _DEFAULT
    }


def _command_words(context: typer.Context, parameters: dict[str, object]) -> list[str]:
    parameters_by_name = {str(parameter.name): parameter for parameter in context.command.params}
    form = ["--format", "json"] if "form" in parameters_by_name else []
    file = (
        ["--output", context.params["output"].name]
        if "output" in parameters_by_name and parameters_by_name["output"].required
        else []
    )
    return ["lindero", str(context.info_name), *_typed_words(context, parameters), *form, *file]


def list_sources(con: Connection, about: Iterable[Layer | Side]) -> list[Source]:
    """List the source snapshots used by an answer about layers, or about sides of an overlap."""
    sides = [subject if isinstance(subject, Side) else Side(subject) for subject in about]
    return [
        source for source in map_database.read_sources(con) if any(_belongs_to_side(source, side) for side in sides)
    ]


def _belongs_to_side(source: Source, side: Side) -> bool:
    has_date = source.snapshot_on == side.snapshot_on if side.snapshot_on else source.is_current
    has_source = side.source_id in {"", source.source_id} and side.includes_source(source.source_id)
    return source.layer == side.layer.name and has_source and has_date


def _typed_words(context: typer.Context, parameters: dict[str, object]) -> list[str]:
    words: list[str] = []
    for parameter in context.command.params:
        if parameter.name not in parameters:
            continue
        value = parameters[parameter.name]
        values = [value] if not isinstance(value, list | tuple) else list(value)
        if parameter.param_type_name == "argument":
            words += map(str, values)
        elif isinstance(value, bool):
            words.append(parameter.opts[0] if value else (parameter.secondary_opts or parameter.opts)[0])
        else:
            words += [part for item in values for part in (parameter.opts[0], str(item))]
    return words
