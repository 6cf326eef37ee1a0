"""The command line program.

It shows commands in groups, and rejects options of one value that are given twice.
"""

from collections.abc import Callable
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from lindero.app.answers.declared_answers import DECLARED
from lindero.app.text.i18n import _

GROUPS: dict[str, tuple[str, ...]] = {
    _("Data"): (
        "init", "add", "fetch", "sources", "template", "describe", "remove", "accept", "build", "report", "basemap",
        "rivers", "demo",
    ),
    _("Questions"): (
        "near", "overlaps", "exposure", "holders", "regions", "protection", "hotspots", "timing", "changes",
        "consultations", "duplicates", *DECLARED,
    ),
    _("Products"): ("brief", "dossier", "verify", "export", "pack"),
    _("Sharing"): ("serve", "publish", "watch", "vault", "withdraw", "keys"),
    _("Maintenance"): ("doctor", "backup", "restore"),
}  # fmt: skip
"""The commands, by the heading of `lindero --help` under which they stand."""


class Command(TyperCommand):
    """A command that rejects an option of one value that is given twice."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the arguments as typer does, but reject an option of one value that is given twice."""
        _values, _rest, parameters = self.make_parser(ctx).parse_args(args=[*args])
        _refuse_repeats(parameters, ctx)
        return super().parse_args(ctx, args)


class Groups(TyperGroup):
    """A group of all commands that lists them by topic."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write a help section for each topic."""
        for title, names in GROUPS.items():
            with formatter.section(title):
                commands = {name: self.get_command(ctx, name) for name in names}
                formatter.write_dl([(name, command.help) for name, command in commands.items() if command is not None])


class Program(typer.Typer):
    """A program, or a part of one, that creates commands of the class `Command`."""

    def command(self, name: str | None = None, **options: Any) -> Callable[[Any], Any]:
        """Register a command, as typer does."""
        return super().command(name, **{"cls": Command, **options})


def _refuse_repeats(parameters: list[Any], ctx: Any) -> None:
    """Reject options of one value that are given twice, because the last value would silently win.

    A flag without an opposite, such as --yes, may be repeated.
    """
    single = [
        option
        for option in parameters
        if option.param_type_name == "option" and not option.multiple and not option.count
    ]
    single = [option for option in single if not option.is_flag or option.secondary_opts]
    if repeated := next((option for position, option in enumerate(single) if option in single[:position]), None):
        names = "/".join([*repeated.opts[:1], *repeated.secondary_opts[:1]])
        ctx.fail(_("{option} is given twice, but takes only one value; give it once").format(option=names))
