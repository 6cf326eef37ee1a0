"""The command line as a program: commands in groups, and options of one value that are given once."""

from collections.abc import Callable
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from lindero.app.text.i18n import _

GROUPS: dict[str, tuple[str, ...]] = {
    _("Data"): (
        "init", "add", "fetch", "sources", "template", "describe", "remove", "accept", "build", "report", "basemap",
        "rivers",
    ),
    _("Questions"): (
        "near", "overlaps", "exposure", "holders", "regions", "protection", "hotspots", "timing", "changes",
        "consultations", "duplicates",
    ),
    _("Products"): ("brief", "dossier", "verify", "export", "pack"),
    _("Sharing"): ("serve", "publish", "alerts", "vault", "withdraw", "keys"),
    _("Upkeep"): ("doctor", "backup", "restore"),
}  # fmt: skip
"""The commands, by the heading of `lindero --help` under which they stand."""


class Command(TyperCommand):
    """A command that refuses an option of one value that is given twice."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the arguments as typer does, but refuse an option of one value that is given twice."""
        _values, _rest, given = self.make_parser(ctx).parse_args(args=[*args])
        _refuse_repeats(given, ctx)
        return super().parse_args(ctx, args)


class Groups(TyperGroup):
    """All commands, listed in groups."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write a section of the help for each group."""
        for title, names in GROUPS.items():
            with formatter.section(title):
                commands = {name: self.get_command(ctx, name) for name in names}
                formatter.write_dl([(name, command.help) for name, command in commands.items() if command is not None])


class Program(typer.Typer):
    """A program, or a part of one, whose commands are of `Command`."""

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
