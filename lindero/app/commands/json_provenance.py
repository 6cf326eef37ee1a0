"""What the JSON of every answer says of how it was made: method, parameters, sources, and the command as typed."""

import shlex
from collections.abc import Iterable

import typer

from lindero.app.answers.overlap.row_selection import Side
from lindero.app.commands.options import workspace_at
from lindero.app.output.provenance import Made
from lindero.app.pipeline.freshness import is_of_today
from lindero.layers.database import map_database
from lindero.layers.database.map_database import Connection, Source
from lindero.layers.model.layer import Layer

_DEFAULT = "DEFAULT"
_OF_THE_MACHINE = frozenset(  # where it is asked and written, not what
    {"workspace", "output", "form", "what", "key_file", "ca_file", "token_file"}
)


def provenance(
    context: typer.Context, con: Connection, method: str, about: Iterable[Layer | Side]
) -> dict[str, object]:
    """Give the record of the command that runs, as `app.output.provenance.Made` holds it."""
    parameters = _parameters(context)
    typed = _command(context, parameters)
    made = Made(method, parameters, sources(con, about), typed, seed=context.params.get("seed"))
    space = workspace_at(context.params.get("workspace"))
    return {**made.as_dict(), "workspace_changed_since_build": not is_of_today(space)}


def asked_for(context: typer.Context) -> dict[str, object]:
    """Give the record of a command that answers from no map: its name, what was asked, and the command as typed."""
    parameters = _parameters(context)
    return {"method": context.info_name, "parameters": parameters, "command": shlex.join(_command(context, parameters))}


def _parameters(context: typer.Context) -> dict[str, object]:
    return {
        parameter.name: context.params[parameter.name]
        for parameter in context.command.params
        if parameter.name
        and parameter.name not in _OF_THE_MACHINE
        and str(getattr(context.get_parameter_source(parameter.name), "name", _DEFAULT)) != _DEFAULT
    }


def _command(context: typer.Context, parameters: dict[str, object]) -> list[str]:
    ways = {str(parameter.name): parameter for parameter in context.command.params}
    form = ["--format", "json"] if "form" in ways else []
    file = ["--output", context.params["output"].name] if "output" in ways and ways["output"].required else []
    return ["lindero", str(context.info_name), *_typed(context, parameters), *form, *file]


def sources(con: Connection, about: Iterable[Layer | Side]) -> list[Source]:
    """Give the snapshots of sources that an answer about layers, or sides of an overlap, rests on."""
    sides = [one if isinstance(one, Side) else Side(one) for one in about]
    return [each for each in map_database.read_sources(con) if any(_is_of(each, side) for side in sides)]


def _is_of(source: Source, side: Side) -> bool:
    of_day = source.snapshot_on == side.snapshot_on if side.snapshot_on else source.is_current
    is_meant = side.source_id in {"", source.source_id} and side.takes_source(source.source_id)
    return source.layer == side.layer.name and is_meant and of_day


def _typed(context: typer.Context, parameters: dict[str, object]) -> list[str]:
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
            words += [part for one in values for part in (parameter.opts[0], str(one))]
    return words
