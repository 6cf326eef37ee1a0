"""The options of a source on the command line: a command declares that it takes them, and is given what was said."""

from collections.abc import Callable, Mapping
from functools import wraps
from inspect import Parameter, Signature, signature
from typing import Any, get_type_hints

import typer

from lindero.app.text.i18n import _
from lindero.layers.workspace.source_options import MAPPINGS, OF_ROWS, OPTIONS, SourceOptions

_ORDERS = {None: "", True: "day", False: "month"}


def takes_options(command: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return a decorator that gives a function the options of a source that `command` asks for, as `said` by name."""
    names = [one.name for one in OPTIONS if command in one.metadata["asked"].commands]

    def decorate(function: Callable[..., None]) -> Callable[..., None]:
        @wraps(function)
        def run(**given: Any) -> None:
            said = {name: _read(name, given.pop(name)) for name in names}
            function(**given, said=said)

        own = list(signature(function, eval_str=True).parameters.values())
        at = [parameter.name for parameter in own].index("said")
        parameters = [*own[:at], *map(_parameter, names), *own[at + 1 :]]
        parameters = [parameter.replace(kind=Parameter.KEYWORD_ONLY) for parameter in parameters]
        run.__signature__ = Signature(parameters)  # type: ignore[attr-defined]  # as `inspect` reads it
        run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        return run

    return decorate


def _parameter(name: str) -> Parameter:
    (option,) = (one for one in OPTIONS if one.name == name)
    kind, default = get_type_hints(SourceOptions)[name], option.default
    others = {**dict.fromkeys(MAPPINGS, list[str]), **dict.fromkeys(OF_ROWS, list[int]), "date_order": bool}
    if name in others:
        kind, default = others[name] | None, None
    asked = option.metadata["asked"]
    declared = typer.Option(default, *asked.flags, help=_(asked.help))
    return Parameter(name, Parameter.KEYWORD_ONLY, default=declared, annotation=kind)


def _read(name: str, given: Any) -> Any:
    """Return the value of an option as `SourceOptions` holds it."""
    match name:
        case "fields":
            return _pairs("--field", given)
        case "constants":
            return _pairs("--value", given)
        case "codes":
            return _codes(given)
        case "same" | "another":
            return tuple(given or ())
        case "date_order":
            return _ORDERS[given]
    return given


def _pairs(option: str, texts: list[str] | None) -> dict[str, str]:
    """Read the values of an option that says NAME=VALUE."""
    split = [item.partition("=") for item in texts or []]
    if wrong := [item for item, (_name, sign, _value) in zip(texts or [], split, strict=True) if not sign]:
        raise typer.BadParameter(_("{option} {given} lacks its equals sign").format(option=option, given=wrong[0]))
    return {name.strip(): value.strip() for name, _sign, value in split}


def _codes(texts: list[str] | None) -> Mapping[str, Mapping[str, str]]:
    codes: dict[str, dict[str, str]] = {}
    for received, meant in _pairs("--code", texts).items():
        column, sign, value = received.partition(":")
        if not sign:
            raise typer.BadParameter(_("{option} {given} lacks its colon").format(option="--code", given=received))
        codes.setdefault(column, {})[value] = meant
    return codes
