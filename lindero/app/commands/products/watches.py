"""Commands for the operator's watches: add, list, estimate, confirm, remove. The run itself is in `watch`."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from lindero.app.commands.options import (
    DryRunOption,
    WorkspaceOption,
    YesOption,
    messages,
    open_workspace,
    print_message,
    program,
    warn_if_behind,
)
from lindero.app.commands.program import Program
from lindero.app.commands.workspace.fetch import CaFile
from lindero.app.text import i18n
from lindero.app.text.i18n import _
from lindero.layers.errors import N_, WatchError
from lindero.machine.clock import local_now, local_today

watch_program = Program(help=_("Tell people what changed on their land, on the promised date."))
program.add_typer(watch_program, name="watch")
SourceArgument = Annotated[
    str, typer.Argument(metavar="SOURCE", help=_("The id of the source, as in `lindero sources`."))
]
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help=_("The name of the watch."))]


@watch_program.command(
    help=_("Add a watch, or change the watch of this name. Says first how many messages it would send.")
)
def add(
    name: NameArgument,
    area: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="AREA…",
            help=_("Communities, regions, protected areas or holders, by name or key (community/ID); or everything."),
        ),
    ] = None,
    kind: Annotated[
        list[str] | None,
        typer.Option(
            help=_(
                "Only these changes: new, holder, status, boundary, gone, renumbered, expired, case, deadline. May be "
                "repeated."
            )
        ),
    ] = None,
    frequency: Annotated[str, typer.Option(help=_("each_run, weekly or monthly."))] = "weekly",
    language: Annotated[
        str, typer.Option(help=_("Language of the messages: es, en, pt or fr (default: that of the program)."))
    ] = "",
    channel: Annotated[
        str,
        typer.Option(
            help=_(
                "Who is told: folder (files only), email:ADDRESS, or a URL of Apprise. Write a URL with a secret into "
                "watches.toml instead, where other users of this computer cannot read it."
            )
        ),
    ] = "folder",
    form: Annotated[str, typer.Option(help=_("full (e-mail, page, map, dates), text, or sms."))] = "full",
    polygon: Annotated[
        Path | None, typer.Option(help=_("A file with your own polygon, such as GeoJSON, KML or a Shapefile in a ZIP."))
    ] = None,
    workspace: WorkspaceOption = None,
    *,
    everything: Annotated[
        bool, typer.Option("--everything", help=_("Confirm that the watch is on everything on the map."))
    ] = False,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
) -> None:
    """Resolve the areas, show the estimate, ask on a terminal, and save."""
    from lindero.app.watch.watch_setup import draft_texts, draft_watch, list_areas, read_polygon, save_draft
    from lindero.layers.watch.watches_file import EVERYTHING, POLYGON, Watch

    space = open_workspace(workspace)
    warn_if_behind(space)
    today = local_today()
    areas = list_areas(space, area or [])
    keys = tuple(dict.fromkeys(key for found in areas for key in found.keys))
    keys += (POLYGON,) if polygon else ()
    if not keys:
        raise WatchError(N_("a watch needs an area: a name, a key, everything, or --polygon FILE"))
    outline = read_polygon(polygon) if polygon else ""
    language = language or i18n.current_language()
    watch = Watch(name.strip(), keys, outline, tuple(kind or ()), frequency, language, channel, form, today, today)
    draft = draft_watch(space, watch, today=today)
    for found in areas:
        print_message(found.name)
    for text in draft_texts(draft):
        print_message(text)
    if dry_run:
        return
    asks = messages.is_terminal and not yes
    if asks:
        typer.confirm(_("Save this watch?"), abort=True, err=True)
    if EVERYTHING in keys and not everything:
        if not asks:
            raise WatchError(
                N_("a watch on everything sends a lot to read; to save it without being asked, add --everything")
            )
        typer.confirm(_("It is on everything on the map. Is that what you want?"), abort=True, err=True)
    save_draft(space, draft)
    print_message(_("Saved: {name}.").format(name=watch.name))


@watch_program.command(
    help=_("Show the message of a watch as it would be today, with the last 12 months. Nothing is stored or sent.")
)
def preview(name: NameArgument, workspace: WorkspaceOption = None) -> None:
    """Print the message in the language of the watch."""
    from lindero.app.watch.due_messages import preview_message
    from lindero.app.watch.watch_run import copy_watch
    from lindero.layers.watch.watches_file import find_watch

    space = open_workspace(workspace)
    warn_if_behind(space)
    watch = find_watch(space.folder, name)
    with copy_watch(space) as trial:
        typer.echo(preview_message(trial, watch, local_now()).rstrip())


@watch_program.command("list", help=_("List the watches: name, areas, frequency, and who is told."))
def list_watches(workspace: WorkspaceOption = None) -> None:
    """Print a line for each watch."""
    from lindero.app.watch.watch_setup import channel_text
    from lindero.layers.watch.watches_file import needs_confirmation, read_watches

    watches = read_watches(open_workspace(workspace).folder)
    for watch in watches:
        areas, kinds = ", ".join(watch.areas), ", ".join(watch.kinds)
        typer.echo(
            "\t".join([watch.name, areas, kinds, watch.frequency, watch.language, watch.form, channel_text(watch)])
        )
    if not watches:
        print_message(_("There are no watches."))
    today = local_today()
    for watch in watches:
        if needs_confirmation(watch, today):
            text = _(
                "Is {name} still wanted? If so: lindero watch confirm '{name}'. If not: lindero watch remove '{name}'."
            )
            print_message(text.format(name=watch.name))


@watch_program.command(help=_("Say how many messages a watch would have sent in the last 12 months."))
def estimate(name: NameArgument, workspace: WorkspaceOption = None) -> None:
    """Print the estimate and its basis."""
    from lindero.app.watch.digest.estimate import estimate_text
    from lindero.app.watch.watch_setup import draft_watch
    from lindero.layers.watch.watches_file import find_watch

    space = open_workspace(workspace)
    watch = find_watch(space.folder, name)
    typer.echo(estimate_text(draft_watch(space, watch, today=local_today()).estimate))


@watch_program.command(help=_("Say that a watch is still wanted. Lindero asks once a year."))
def confirm(name: NameArgument, workspace: WorkspaceOption = None) -> None:
    """Store today as the date of the confirmation."""
    from lindero.layers.watch.watches_file import find_watch, save_watch

    folder = open_workspace(workspace).folder
    watch = find_watch(folder, name)
    save_watch(folder, replace(watch, confirmed_on=local_today()))
    print_message(_("Confirmed: {name}. Lindero asks again in a year.").format(name=watch.name))


@watch_program.command(help=_("Remove a watch. Its messages that are not sent yet are dropped."))
def remove(name: NameArgument, workspace: WorkspaceOption = None, *, yes: YesOption = False) -> None:
    """Confirm on a terminal, and remove."""
    from lindero.app.watch.watch_setup import remove_with_messages
    from lindero.layers.watch.watches_file import find_watch

    folder = open_workspace(workspace).folder
    watch = find_watch(folder, name)
    if messages.is_terminal and not yes:
        typer.confirm(_("Remove the watch {name}?").format(name=watch.name), abort=True, err=True)
    remove_with_messages(folder, watch)
    print_message(_("Removed: {name}.").format(name=watch.name))


@watch_program.command(help=_("List the messages: what waits, what is unsure, and what was sent to whom."))
def outbox(
    again: Annotated[
        str, typer.Option(metavar="ID", help=_("Send an unsure or given-up message again. It may arrive twice."))
    ] = "",
    drop: Annotated[str, typer.Option(metavar="ID", help=_("Do not send this message, and delete its texts."))] = "",
    workspace: WorkspaceOption = None,
    ca_file: CaFile = None,
) -> None:
    """Send or drop a message if asked, then list them all. The exit code is 1 if it was not sent."""
    from lindero.app.watch.digest.outbox_text import change_message, outbox_text
    from lindero.app.watch.operator_notices import damaged_notices
    from lindero.layers.watch.outbox import list_messages

    space = open_workspace(workspace)
    folder, is_done = space.folder, True
    if again or drop:
        is_done = change_message(folder, again or drop, local_now(), is_dropped=not again, ca_file=ca_file)
    if stored := list_messages(folder):
        typer.echo(outbox_text(stored))
    else:
        print_message(_("The outbox is empty."))
    for notice in damaged_notices(space):
        print_message(notice)
    raise typer.Exit(0 if is_done else 1)


@watch_program.command(help=_("Accept the data of a source that was put aside. The next build uses it."))
def accept(source: SourceArgument, workspace: WorkspaceOption = None) -> None:
    """Add the snapshot that was put aside."""
    from lindero.app.watch.collect.aside import accept_aside

    accept_aside(open_workspace(workspace), source)
    print_message(
        _("Accepted: {source}. Run `lindero build`, or wait for the next run of the watch.").format(source=source)
    )


@watch_program.command(help=_("Discard the data of a source that was put aside. The source stays as it is."))
def discard(source: SourceArgument, workspace: WorkspaceOption = None) -> None:
    """Delete the snapshot that was put aside."""
    from lindero.app.watch.collect.aside import discard_aside

    discard_aside(open_workspace(workspace), source)
    print_message(_("Discarded: {source}.").format(source=source))
