"""The options of a source on the command line. A decorator adds them to a command and parses their values."""

from collections.abc import Callable, Mapping
from functools import wraps
from inspect import Parameter, Signature, signature
from typing import Any, get_type_hints

import typer

from lindero.app.text.i18n import _
from lindero.layers.workspace.source_options import MAPPINGS, OPTIONS, ROW_DECISIONS, SourceOptions

_ORDERS = {None: "", True: "day", False: "month"}


def add_source_options(command: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return a decorator that adds the source options of `command` to a function.

    The function receives their values by name as the argument `said`.
    """
    names = [option.name for option in OPTIONS if command in option.metadata["asked"].commands]

    def decorate(function: Callable[..., None]) -> Callable[..., None]:
        @wraps(function)
        def run(**values: Any) -> None:
            said = {name: _parse_option(name, values.pop(name)) for name in names}
            function(**values, said=said)

        own_parameters = list(signature(function, eval_str=True).parameters.values())
        position = [parameter.name for parameter in own_parameters].index("said")
        parameters = [*own_parameters[:position], *map(_build_parameter, names), *own_parameters[position + 1 :]]
        parameters = [parameter.replace(kind=Parameter.KEYWORD_ONLY) for parameter in parameters]
        run.__signature__ = Signature(parameters)  # type: ignore[attr-defined]  # read by `inspect`
        run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        return run

    return decorate


def _build_parameter(name: str) -> Parameter:
    (option,) = (known_option for known_option in OPTIONS if known_option.name == name)
    kind, default = get_type_hints(SourceOptions)[name], option.default
    special_types = {
        **dict.fromkeys(MAPPINGS, list[str]),
        **dict.fromkeys(ROW_DECISIONS, list[int]),
        "date_order": bool,
    }
    if name in special_types:
        kind, default = special_types[name] | None, None
    prompt = option.metadata["asked"]
    declared = typer.Option(default, *prompt.flags, help=_(prompt.help))
    return Parameter(name, Parameter.KEYWORD_ONLY, default=declared, annotation=kind)


def _parse_option(name: str, value: Any) -> Any:
    """Parse the value of an option into the type that `SourceOptions` stores."""
    match name:
        case "fields":
            return _parse_pairs("--field", value)
        case "constants":
            return _parse_pairs("--value", value)
        case "codes":
            return _parse_codes(value)
        case "same" | "another":
            return tuple(value or ())
        case "date_order":
            return _ORDERS[value]
    return value


def _parse_pairs(option: str, texts: list[str] | None) -> dict[str, str]:
    """Parse the values of an option of the form NAME=VALUE."""
    split = [item.partition("=") for item in texts or []]
    if wrong := [item for item, (_name, sign, _value) in zip(texts or [], split, strict=True) if not sign]:
        raise typer.BadParameter(_("{option} '{given}' has no equals sign (=)").format(option=option, given=wrong[0]))
    return {name.strip(): value.strip() for name, _sign, value in split}


def _parse_codes(texts: list[str] | None) -> Mapping[str, Mapping[str, str]]:
    codes: dict[str, dict[str, str]] = {}
    for received, code in _parse_pairs("--code", texts).items():
        column, sign, value = received.partition(":")
        if not sign:
            raise typer.BadParameter(_("{option} '{given}' has no colon (:)").format(option="--code", given=received))
        codes.setdefault(column, {})[value] = code
    return codes
