"""Shared parts of the commands: the program, their options, the selected workspace, and output to the terminal."""

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from lindero.app.builder.derived.build_steps import step_name
from lindero.app.commands.program import Groups, Program
from lindero.app.media.files.formats import Format
from lindero.app.text.i18n import _, format_duration
from lindero.layers.errors import N_, AnswerError, WorkspaceError

if TYPE_CHECKING:
    from lindero.layers.database.map_database import Connection
    from lindero.layers.workspace.manifest_file import Workspace


program = Program(
    name="lindero",
    cls=Groups,
    help=_("A map of territory and environmental conflict that people run themselves."),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
LINE_SECONDS = 10  # between lines on one step of progress without a terminal, as in a log
STEP_SECONDS = 1  # between lines on different steps
messages = Console(stderr=True, soft_wrap=True, highlight=False, emoji=False)

WorkspaceOption = Annotated[
    Path | None,
    typer.Option("--workspace", envvar="LINDERO_WORKSPACE", help=_("The workspace (default: the current folder).")),
]
SchedulerOption = Annotated[
    str | None,
    typer.Option(help=_("Address of a Dask cluster that computes the overlays, such as tcp://host:8786.")),
]
# Options of answers.
TextFormatOption = Annotated[str, typer.Option("--format", help=_("Format of the answer: text or json."))]
LanguageOption = Annotated[
    str, typer.Option(help=_("Language of the document, such as es, en or pt (default: that of the program)."))
]
OutputFileOption = Annotated[Path, typer.Option("--output", "-o", help=_("Output file."))]
CountryOption = Annotated[
    str,
    typer.Option(
        help=_("Country of the regions and attacks: its two letters, or all (default: the country of the workspace).")
    ),
]
SnapshotOption = Annotated[str, typer.Option(help=_("Only this source or snapshot: ID or ID@YYYY-MM-DD."))]
WhereOption = Annotated[
    list[str] | None,
    typer.Option(
        help=_("Only rows with COLUMN=VALUE; other operators: != < <= > >= and ~ (contains). May be repeated.")
    ),
]
BoxOption = Annotated[
    str, typer.Option(help=_("Only features that intersect this bounding box: WEST,SOUTH,EAST,NORTH in degrees."))
]
WithoutDuplicatesOption = Annotated[
    bool,
    typer.Option(
        "--without-duplicates",
        help=_("Leave out rows with exactly the same polygon as another row of their layer; one of them stays."),
    ),
]
OutputOption = Annotated[Path | None, typer.Option("--output", "-o", help=_("Output file (default: standard output)."))]
FormatOption = Annotated[Format, typer.Option("--format", help=_("Format of the answer."))]

# Options of added files.
DryRunOption = Annotated[bool, typer.Option("--dry-run", help=_("Show what would change, but change nothing."))]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help=_("Go ahead without asking."))]
TitleIdOption = Annotated[str, typer.Option("--id", help=_("Its id (default: made from the title)."))]
AcceptOption = Annotated[bool, typer.Option("--accept", help=_("Accept the field proposals that are certain."))]

WorkspaceArgument = Annotated[
    Path | None, typer.Argument(envvar="LINDERO_WORKSPACE", help=_("The workspace (default: the current folder)."))
]


def _print_version(asked: bool) -> None:  # noqa: FBT001  as typer calls it
    if asked:
        from importlib.metadata import version

        typer.echo(f"lindero {version('lindero')}")
        raise typer.Exit


@program.callback()
def handle_global_options(
    *,
    version_: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help=_("Show the version and exit."))
    ] = False,
) -> None:
    """Handle the options that precede a command."""


def open_workspace(folder: Path | None) -> "Workspace":
    """Open the selected workspace: the folder, or the current folder if None."""
    from lindero.app.text.home_country import set_home_country
    from lindero.app.text.i18n import current_language, set_language
    from lindero.layers.workspace.manifest_file import MANIFEST, load_workspace

    if folder is None and not Path(MANIFEST).is_file():
        raise WorkspaceError(N_("the current folder is not a workspace: it does not contain lindero.toml"))
    space = load_workspace(folder or Path())
    set_home_country(space.country)
    set_language(current_language())  # in the country's locale for numbers and dates
    return space


def resolve_country(value: str, space: "Workspace") -> str:
    """Return the country selected by `--country`: a code (ISO 3166-1 alpha-2), or empty for all."""
    from lindero.app.answers.record.incidents import find_country

    try:
        return find_country(value, space.country)
    except AnswerError as error:
        raise typer.BadParameter(_(error.template).format(**error.params)) from error


def confirm_removal(source: str, *, yes: bool) -> None:
    """Confirm on a terminal that a source may be removed from the workspace with its file.

    A no ends the command.
    """
    if messages.is_terminal and not yes:
        question = _("Remove {source} and its file from the workspace?").format(source=source)
        typer.confirm(question, abort=True, err=True)


def open_map(folder: Path | None) -> "Connection":
    """Open the map of the workspace in a folder, and warn if the workspace has changed since the map was built."""
    return open_workspace_map(open_workspace(folder))


def open_workspace_map(space: "Workspace") -> "Connection":
    """Open the map of a workspace. Warn if the workspace has changed since the map was built, and of invented data."""
    from lindero.app.answers.invented import invented_data_text
    from lindero.layers.database import map_database
    from lindero.layers.disk import builds

    con = map_database.connect(builds.current_map(space.build_folder))
    warn_if_behind(space)
    if warning := invented_data_text(con):
        print_message(warning)
    return con


def warn_if_behind(space: "Workspace") -> None:
    """Warn if a workspace has changed since its map was built."""
    from lindero.app.builder.freshness import is_up_to_date

    if not is_up_to_date(space):
        print_message(
            _("This answer is from an old map: the workspace has changed since it was built. Run: lindero build")
        )


@contextmanager
def progress_bar(title: str) -> Generator[Callable[[str, int, int], None]]:
    """Show the progress of a long command: a bar on a terminal, otherwise lines on standard error."""
    if not messages.is_terminal:
        yield ProgressLines(title)
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"))
    with Progress(*columns, TimeElapsedColumn(), console=messages) as bar:
        task = bar.add_task(title, total=None)
        yield lambda name, done, total: bar.update(
            task, description=f"{title}: {step_name(name)}", completed=done, total=total
        )


class ProgressLines:
    """A callable that writes progress as lines: one for each step, and one every `LINE_SECONDS` of a long step.

    Lines are at least `STEP_SECONDS` apart. The first comes after `LINE_SECONDS`, so a short command writes none.
    """

    def __init__(self, title: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._title, self._clock = title, clock
        self._written_at = self._begun_at = clock()
        self._step = ""
        self._written_step: str | None = None

    def __call__(self, name: str, done: int, total: int) -> None:
        """Write the step (translated), its finished parts and all of them, and the time left for it."""
        now = self._clock()
        if name != self._step:
            self._step, self._begun_at = name, now
        is_next_step = self._written_step not in {None, name}
        if now - self._written_at < (STEP_SECONDS if is_next_step else LINE_SECONDS):
            return
        self._written_step, self._written_at = name, now
        text, elapsed = f"{self._title}: {step_name(name)} {done}/{total}", now - self._begun_at
        if 0 < done < total and elapsed >= STEP_SECONDS:
            left = format_duration(elapsed * (total - done) / done)
            text = _("{progress}, about {left} left").format(progress=text, left=left)
        print_message(text)


def print_message(text: str) -> None:
    """Write a message to standard error, as plain text."""
    messages.print(text, markup=False)


def print_sentence(sentence: str) -> None:
    """Write a sentence of an answer, in the Markdown of the pages, to standard error as plain text."""
    from lindero.app.text.escape import remove_markup

    print_message(remove_markup(sentence))


def warn_if_slow() -> None:
    """Warn that overlaps take longer without numba, and say how to install it."""
    from lindero.geo.kernels import numba_jit

    if not numba_jit.HAS_NUMBA:
        print_message(
            _(
                "numba is not installed, so shapely measures the overlaps: the numbers are the same, but "
                "it takes longer. Where numba is available, `pip install numba` installs it."
            )
        )


def start_reader() -> None:
    """Start the process that reads received files, so that it loads while this process loads, too."""
    from lindero.layers.read.sandbox import client

    client.start_worker()
