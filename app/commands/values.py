"""
What was typed, as the values that a command takes: words, numbers, paths and choices that are plain to read.

typer reads every value by pydantic, which takes as long to load as numpy. So what is plain is read here, to the same
value; all else, and all that is wrong, is left to typer, which says what is wrong with it.
"""

import os
import re
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import Any, get_args, get_origin

import typer
from typer.core import TyperCommand, TyperGroup

from lindero.app.text.i18n import _

NOT_PLAIN = object()
_PLAIN = {int: re.compile(r"[+-]?\d{1,15}"), float: re.compile(r"[+-]?\d{1,15}(\.\d{1,15})?")}
_OF_CHECKED_PATHS = ("exists", "writable", "resolve_path", "allow_dash", "path_type")


class Command(TyperCommand):
    """A command whose plain values are read without pydantic."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Give the parameters, as typer does, each with a reader of plain values."""
        return _with_readers(super().get_params(ctx))

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the arguments as typer does, but refuse an option of one value that is given twice."""
        _values, _rest, given = self.make_parser(ctx).parse_args(args=[*args])
        _refuse_repeats(given, ctx)
        return super().parse_args(ctx, args)


class Group(TyperGroup):
    """A group of commands whose own plain values are read without pydantic."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Give the parameters, as typer does, each with a reader of plain values."""
        return _with_readers(super().get_params(ctx))


class Program(typer.Typer):
    """A program, or a part of one, whose commands are of `Command`."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"cls": Group, **options})

    def command(self, name: str | None = None, **options: Any) -> Callable[[Any], Any]:
        """Declare a command, as typer does."""
        return super().command(name, **{"cls": Command, **options})


def _refuse_repeats(given: list[Any], ctx: Any) -> None:
    """
    Refuse options of one value that are given twice: the last one would win without a word.

    Raises
    ------
    UsageError
        If there is one. A flag that has no opposite, such as --yes, may be repeated.
    """
    single = [one for one in given if one.param_type_name == "option" and not one.multiple and not one.count]
    single = [one for one in single if not one.is_flag or one.secondary_opts]
    if repeated := next((one for at, one in enumerate(single) if one in single[:at]), None):
        names = "/".join([*repeated.opts[:1], *repeated.secondary_opts[:1]])
        ctx.fail(_("{option} is given twice, and takes one value: give it once").format(option=names))


def _with_readers(parameters: list[Any]) -> list[Any]:
    for parameter in parameters:
        if "get_runtime_param" not in vars(parameter):
            parameter.get_runtime_param = _Reader(parameter.get_runtime_param)
    return parameters


class _Reader:
    """Stands where typer asks a parameter for what reads its values, and for that itself."""

    def __init__(self, usual: Callable[[], Any]) -> None:
        self._usual = usual

    def __call__(self) -> "_Reader":
        return self

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        """Give a value as it is wanted: what is plain at once, else what typer makes of it."""
        if value is None:
            return () if param.multiple or param.nargs == -1 else None
        descriptor = param.type_descriptor
        found = plain(value, descriptor.annotation, descriptor.parameter_info)
        return self._usual().coerce(value, param=param, ctx=ctx) if found is NOT_PLAIN else found


def plain(value: Any, wanted: Any, info: Any) -> Any:
    """Give a value, or each of several, as what is wanted of it; `NOT_PLAIN` where that is not plain to see."""
    if get_origin(wanted) is list and isinstance(value, list | tuple):
        each = [plain(one, get_args(wanted)[0], info) for one in value]
        return NOT_PLAIN if any(one is NOT_PLAIN for one in each) else each
    if not isinstance(wanted, type) or info.parser is not None:
        return NOT_PLAIN
    if issubclass(wanted, Enum):
        return next((one for one in wanted if value in (one, one.value)), NOT_PLAIN)
    if wanted in _PLAIN:
        return _number(value, wanted, info)
    if wanted is Path:
        return _path(value, info)
    return value if wanted is str and type(value) is str else NOT_PLAIN


def _number(value: Any, wanted: type, info: Any) -> Any:
    if type(value) not in {wanted, int, str} or (isinstance(value, str) and not _PLAIN[wanted].fullmatch(value)):
        return NOT_PLAIN
    number = wanted(value)
    is_between = (info.min is None or number >= info.min) and (info.max is None or number <= info.max)
    return number if is_between else NOT_PLAIN


def _path(value: Any, info: Any) -> Any:
    is_any = info.file_okay and info.dir_okay and not any(getattr(info, name) for name in _OF_CHECKED_PATHS)
    if not (is_any and isinstance(value, str | Path) and str(value)):
        return NOT_PLAIN
    path = Path(value)
    return path if os.access(path, os.R_OK) or not path.exists() else NOT_PLAIN
